"""Turning from one caller to another: hold and retrieve, take the call that rings, go back to who was parked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.telephony.source import Command

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.session import Contact


async def hold(flow: CallFlow) -> None:
    """Hold the call on top, or take it back; who is spoken to meanwhile is held first."""
    contact = flow.contact
    if contact is None:
        return
    if not contact.held:
        contact.set_aside = False
        await flow.order(Command.HOLD)
    elif await _set_aside(flow, contact):
        if contact.handing is not None:
            contact.handing.taken_back = True
        await flow.order(Command.RETRIEVE)


async def take_call(flow: CallFlow) -> None:
    """Answer the call that rings behind the contact on top: who is spoken to is held, nothing is lost."""
    parked = [one for one in flow.stack.parked if one.ringing and one.again != "back"]
    if not parked and not flow.queue:
        flow.say(_("nobody else rings"))
        return
    if not await _set_aside(flow, parked[0] if parked else None):
        return
    contact = parked[0] if parked and parked[0].ringing else await flow.waiting()
    if contact is None:
        flow.say(_("the caller gave up before you answered"), "quiet")
        return
    flow.stack.put(contact)
    flow.shift()
    await flow.refresh()
    flow.rang()
    await flow.record()
    if not flow.can(Command.ANSWER, contact):
        flow.say(_("answer it on your telephone"), "accent")
        return
    contact.answering = True
    if not await flow.order(Command.ANSWER, contact):
        contact.answering = False


async def turn_back(flow: CallFlow) -> None:
    """Put the contact that was parked last on top; a caller who was set aside for another is spoken to again."""
    if not flow.stack.parked:
        flow.say(_("no other contact is open"))
        return
    contact = flow.stack.parked[0]
    speak = contact.held and contact.set_aside
    if speak and not await _set_aside(flow, contact):
        return
    if all(one is not contact for one in flow.stack.parked):
        return  # he rang off meanwhile
    if contact is flow.stack.parked[0]:
        flow.stack.turn()
    else:
        flow.stack.put(contact)
    await flow.settle()
    await flow.refresh()
    if contact.ringing:
        flow.rang()
    if speak and contact.held:
        await flow.order(Command.RETRIEVE, contact)


async def _set_aside(flow: CallFlow, other: Contact | None) -> bool:
    """Hold who is spoken to, so that another can be; a telephone that the desk can't ask does it by itself."""
    spoken = flow.stack.spoken
    if spoken is None or spoken is other or spoken.call is None or not flow.can(Command.HOLD, spoken):
        return True
    spoken.set_aside = True
    if await flow.order(Command.HOLD, spoken):
        return True
    spoken.set_aside = False
    return False
