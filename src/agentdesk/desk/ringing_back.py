"""Ringing back: who gave up waiting, and whose call broke off, is rung by the agent (policy §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rail import Step
from agentdesk.telephony.source import Command
from agentdesk.telephony.story import HANDED_OVER

if TYPE_CHECKING:
    from agentdesk.desk.callflow import CallFlow
    from agentdesk.desk.session import Contact
    from agentdesk.domain.documents import Document

ENDED_BY = frozenset({"caller", "agent", HANDED_OVER})
"""Who ends a call on purpose; a switch that names anything else says why it broke off."""


async def dial(flow: CallFlow, number: str) -> bool:
    """Have the switch ring the agent and then a number; False: he dials by hand."""
    if flow.switchboard is None or not flow.switchboard.can(Command.CALL_BACK):
        return False
    return await flow.order(Command.CALL_BACK, target=number)


def broke_off(flow: CallFlow, contact: Contact) -> bool:
    """Tell whether a dialog broke off that nobody ended, so lately that the agent rings back."""
    catalogue, ended = flow.deeds.catalogue, contact.moments.get("ended")
    if catalogue is None or ended is None or contact.answered_at is None or contact.back is not None:
        return False
    lately = flow.deeds.now() - ended <= catalogue.rules.ring_back_s * 1_000
    return lately and contact.dropped_by not in ENDED_BY and contact.rung_back < catalogue.rules.ring_back_tries


async def reached(flow: CallFlow, call_back: Document) -> str | None:
    """Open the contact of a call-back whose caller was reached, with what he waited for; returns its id."""
    if flow.contact is not None:
        flow.say(_("finish this contact first"))
        return None
    lookup = await flow.look_up(str(call_back.data.get("caller") or ""))
    now = flow.deeds.now()
    contact = flow.begun(lookup, moments={"ringing": now, "answered": now})
    contact.back = call_back
    contact.advance(Step.LISTEN)
    # written down first: a card that is painted would do it, too
    if not flow.report(await flow.deeds.open(contact)):
        return None
    flow.report(await flow.deeds.answered(contact))
    await flow.put_up(contact)
    await flow.enter("talking")
    return contact.id
