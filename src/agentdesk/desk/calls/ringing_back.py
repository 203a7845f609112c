"""Ringing back: who gave up waiting, and whose call broke off, is rung by the agent (policy §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rail import Step
from agentdesk.desk.terms.clocks import RESULTS
from agentdesk.telephony.model import Direction
from agentdesk.telephony.source import Command, Order
from agentdesk.telephony.story import HANDED_OVER

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.session import Contact
    from agentdesk.domain.documents import Document
    from agentdesk.telephony.model import Call

ENDED_BY = frozenset({"caller", "agent", HANDED_OVER})
"""Who ends a call on purpose; a switch that names anything else says why it broke off."""

NORMAL = frozenset({"normal clearing", "normal, unspecified", "unknown"})
"""What switches say of a call that somebody ended, without saying who."""

ANSWER_MS = 60_000
"""How long a switch may take until it says something of a call that it was asked to make, ms."""


async def dial(flow: CallFlow, number: str) -> bool:
    """Have the switch ring the agent and then a number; False: he dials by hand."""
    if not flow.can(Command.CALL_BACK) or not number:
        return False
    return await flow.send(Order(Command.CALL_BACK, "", flow.extension, target=number))


def ended_by(call: Call | None, reason: str | None) -> str:
    """Return who ended a call, else why it broke off: a switch tells the one, the other, or both."""
    who = call.reason if call is not None else None
    if reason is None or reason.casefold() in NORMAL:
        return who if who in ENDED_BY else "caller"
    return reason


def broke_off(flow: CallFlow, contact: Contact) -> bool:
    """Tell whether a dialog broke off that nobody ended, so lately that the agent rings back."""
    catalogue, ended = flow.deeds.catalogue, contact.moments.get("ended")
    if catalogue is None or ended is None or contact.answered_at is None or contact.back is not None:
        return False
    lately = flow.deeds.now() - ended <= catalogue.rules.ring_back_s * 1_000
    return lately and contact.dropped_by not in ENDED_BY and contact.rung_back < catalogue.rules.ring_back_tries


async def ring_back(flow: CallFlow, contact: Contact) -> bool:
    """Ring who was cut off, in one key: the dialog goes on when he answers. False where the agent dials by hand."""
    if contact.again or not flow.can(Command.CALL_BACK):
        return False
    contact.again, contact.again_since = "back", flow.deeds.now()
    if not await dial(flow, contact.lookup.number or contact.lookup.raw):
        contact.again = ""
        return False
    flow.say(_("your telephone rings first, then his: the dialog is kept"), "accent")
    await flow.settle()
    return True


async def reached_by_hand(flow: CallFlow, contact: Contact) -> None:
    """Go on with the dialog of who was cut off, and whom the agent has rung on the telephone itself."""
    contact.resume()
    contact.call = None
    flow.stack.put(contact)
    flow.say(_("he is there again: the dialog goes on"), "good")
    await flow.settle()
    flow.report(await flow.deeds.resumed(contact, flow.deeds.now(), "back"))
    await flow.refresh()


async def not_reached(flow: CallFlow, contact: Contact, result: str) -> None:
    """Note that who was cut off wasn't reached, and say what to do."""
    from agentdesk.desk.calling import Calling

    contact.rung_back += 1
    flow.report(await Calling(flow.deeds).rung_back(contact.scope, contact.id, result))
    more = broke_off(flow, contact)
    words = _("{result}: C rings once more, w wraps up") if more else _("{result}: wrap up with w")
    flow.say(words.format(result=terms.term(RESULTS, result)), "warn")


async def same_number(flow: CallFlow, contact: Contact, raw: str) -> bool:
    """Tell whether a call is from, or to, the number of a contact."""
    known = contact.lookup.number
    return bool(raw) and (
        raw == contact.lookup.raw or (known is not None and (await flow.look_up(raw)).number == known)
    )


def _outgoing(flow: CallFlow, raw: str) -> Call | None:
    """Return the call that the switch makes for us to a number."""
    live = [call for call in flow.book.live() if call.direction is Direction.OUTBOUND]
    return next((call for call in reversed(live) if call.caller == raw), None)


async def reached(flow: CallFlow, call_back: Document) -> str | None:
    """Open the contact of a call-back whose caller was reached, with what he waited for; returns its id."""
    if flow.contact is not None:
        flow.say(_("finish this contact first"))
        return None
    raw = str(call_back.data.get("caller") or "")
    lookup = await flow.look_up(raw)
    now = flow.deeds.now()
    contact = flow.begun(lookup, _outgoing(flow, raw), moments={"ringing": now, "answered": now})
    contact.back = call_back
    contact.advance(Step.LISTEN)
    # written down first: a card that is painted would do it, too
    if not flow.report(await flow.deeds.open(contact)):
        return None
    flow.report(await flow.deeds.answered(contact))
    await flow.put_up(contact)
    await flow.settle()
    return contact.id
