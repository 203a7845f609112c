"""Handing a caller to somebody else, with what he should know; one who doesn't come gives the caller back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.desk.session import Handing
from agentdesk.telephony.source import Command

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.session import Contact


async def hand_over(flow: CallFlow, contact: Contact, target: str, warm: bool, note: str) -> bool:
    """Transfer a contact's call, at once or after talking to the other one first; what he should know goes along."""
    if not contact.live:
        flow.say(_("the call has ended: wrap up with w"))
        return False
    contact.handing = Handing(target, warm, note)
    if await flow.order(Command.TRANSFER, contact, target=target, warm=warm):
        return True
    contact.handing = None
    return False


async def finish(flow: CallFlow, contact: Contact) -> bool:
    """Give the caller to who was talked to."""
    return await flow.order(Command.FINISH_TRANSFER, contact)


async def take_back(flow: CallFlow, contact: Contact) -> bool:
    """Take the caller back instead of handing him over."""
    if contact.handing is not None:
        contact.handing.taken_back = True
    if await flow.order(Command.CANCEL_TRANSFER, contact):
        return True
    if contact.handing is not None:
        contact.handing.taken_back = False
    return False


def begun(contact: Contact) -> bool:
    """Tell whether a transfer has begun that is neither done nor taken back."""
    last = contact.call.transfers[-1] if contact.call and contact.call.transfers else None
    if last is not None and last.done_at is None and last.cancelled_at is None:
        return True
    # a switch may tell of it only when the other one has come to the telephone
    return contact.handing is not None and contact.handing.warm and contact.held
