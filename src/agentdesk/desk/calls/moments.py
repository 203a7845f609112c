"""News of calls: what a moment that a switch tells means for a contact, also for one that was over already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.calls.ringing_back import ANSWER_MS, ENDED_BY, broke_off, ended_by, not_reached, same_number
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rail import Step
from agentdesk.desk.session import Handing
from agentdesk.telephony.model import CallMoment, Direction, TransferKind
from agentdesk.telephony.story import HANDED_OVER

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.session import Contact
    from agentdesk.telephony.model import Call, CallEvent

RECORDED = {
    CallMoment.HELD: "held",
    CallMoment.RETRIEVED: "retrieved",
    CallMoment.TRANSFER_STARTED: "transfer_started",
    CallMoment.TRANSFERRED: "transferred",
    CallMoment.ABANDONED: "abandoned",
    CallMoment.ENDED: "ended",
}
OVER = frozenset({CallMoment.ENDED, CallMoment.TRANSFERRED, CallMoment.ABANDONED})


async def rejoined(flow: CallFlow, call: Call) -> Contact | None:
    """Return the contact that a new call goes on with: we ring who was cut off, or he rings himself."""
    if not flow.rings_here(call):
        return None
    ours = call.direction is Direction.OUTBOUND
    for contact in flow.stack:
        if contact.again and contact.call is not None and flow.rings_here(contact.call):
            continue  # it rings with another call already
        cut_off = contact.again == "back" or (contact.to_wrap and (ours or broke_off(flow, contact)))
        if cut_off and await same_number(flow, contact, call.caller or ""):
            contact.call_id = call.call_id
            contact.again_since = flow.deeds.now()
            if contact.again != "back":
                contact.again = "back" if ours else "caller"
                await _announced(flow, contact)
            return contact
    return None


async def _announced(flow: CallFlow, contact: Contact) -> None:
    """Show that a contact which was over rings once more."""
    if contact is flow.contact:
        flow.rang()
    words = {
        "transfer": _("the transfer failed: the call is back, and rings"),
        "caller": _("who was cut off rings again: the dialog goes on"),
    }
    if contact.again in words:
        flow.say(words[contact.again], "accent")
    await flow.settle()


async def moved(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    """Take in what happened in a contact's call; what other agents do in it after a transfer isn't this desk's."""
    kind, mine = event.kind, flow.concerns(event)
    if kind is CallMoment.RINGING:
        if mine and contact.to_wrap:
            contact.again, contact.again_since = "transfer", event.at
            await _announced(flow, contact)
    elif kind is CallMoment.ANSWERED:
        if mine and contact.again:
            await _goes_on(flow, contact, event)
        elif mine and contact.answered_at is None:
            await _answered(flow, contact, event)
    elif contact.again and (kind in OVER or (kind is CallMoment.MISSED and mine)):
        await _not_answered(flow, contact, event)
    elif kind is CallMoment.MISSED:
        if mine and contact.answered_at is None:
            await _missed(flow, contact, event)
    elif kind is CallMoment.WRAP_UP:
        # the agent's part is over, though the caller may stay in the call: with a survey, with somebody else
        if mine and contact.live and contact.answered_at is not None:
            contact.moments["ended"] = event.at
            _over(flow, contact, event)
            await flow.settle()
    elif kind in OVER or (mine and kind in RECORDED):
        await _went_on(flow, contact, event)


async def _answered(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    contact.moments["answered"] = event.at
    contact.answering = False
    contact.advance(Step.LISTEN)
    _speak_to(flow, contact, event.at)
    await flow.settle()
    flow.report(await flow.deeds.answered(contact))


def _speak_to(flow: CallFlow, contact: Contact, at: int) -> None:
    """Put who is spoken to on top; a telephone that speaks to him holds everybody else."""
    for other in flow.stack:
        if other is not contact and other.spoken and other.call is not None:
            other.held_since, other.set_aside = at, True
    contact.held_since, contact.set_aside = None, False
    if all(one is not contact for one in flow.stack) or contact is not flow.contact:
        flow.stack.put(contact)
        flow.rang()


async def _goes_on(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    """Go on with a dialog that was over: the same contact, with all that was said, verified and promised in it."""
    why = contact.again
    contact.resume()
    contact.answering = False
    _speak_to(flow, contact, event.at)
    flow.say(_("he is there again: the dialog goes on"), "good")
    await flow.settle()
    await flow.refresh()
    if why == "back":
        contact.rung_back += 1
        await _rung_back(flow, contact, "reached")
    flow.report(await flow.deeds.resumed(contact, event.at, why))


async def _rung_back(flow: CallFlow, contact: Contact, result: str) -> None:
    from agentdesk.desk.calling import Calling

    flow.report(await Calling(flow.deeds).rung_back(contact.scope, contact.id, result))


async def _not_answered(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    """Note that a call that went on with a contact came to nothing; the contact is over as it was."""
    why, contact.again, contact.answering = contact.again, "", False
    await flow.settle()
    if why == "back":
        await not_reached(flow, contact, "busy" if event.reason == "busy" else "no_answer")
    else:
        flow.say(_("he rang off before you answered: wrap up with w"), "warn")


async def _missed(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    """Put away a call that rang here, wasn't answered, and went on to somebody else."""
    flow.stack.drop(contact)
    await flow.settle()
    flow.say(_("not answered here: the call rings somewhere else"), "quiet")
    flow.report(await flow.deeds.moment(contact, "ended", event.at, reason="missed"))
    await flow.refresh()
    await flow.next_call()


async def _went_on(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    name, again = RECORDED[event.kind], contact.ended
    contact.moments[name] = event.at
    handing = contact.handing
    # the state changes at once: what is written down meanwhile may take its time
    if event.kind in OVER and contact.answered_at is not None:
        cut_off = event.kind is CallMoment.ENDED and contact.dropped_by == "caller"
        if not again or (cut_off and ended_by(contact.call, event.reason) not in ENDED_BY):
            _over(flow, contact, event)
        contact.handing = None
    elif event.kind is CallMoment.HELD:
        contact.held_since = event.at
    elif event.kind is CallMoment.RETRIEVED:
        _retrieved(flow, contact, event)
    elif event.kind is CallMoment.TRANSFER_STARTED and handing is None:
        contact.handing = Handing(event.target or "", event.transfer is not TransferKind.BLIND)
    await flow.settle()
    note = handing.note if handing is not None and event.kind in _HANDED else None
    details = {"reason": event.reason, "target": event.target, "transfer": event.transfer, "note": note or None}
    flow.report(await flow.deeds.moment(contact, name, event.at, **details))
    if event.kind is CallMoment.ABANDONED or (event.kind is CallMoment.ENDED and contact.answered_at is None):
        await _gave_up(flow, contact)


_HANDED = frozenset({CallMoment.TRANSFER_STARTED, CallMoment.TRANSFERRED})


def _over(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    # who wraps up hangs up by that, and knows it, however many times the switch says so
    known = contact.dropped_by == "agent" or contact.wrapping
    handed = event.kind is CallMoment.TRANSFERRED or event.reason == HANDED_OVER
    contact.dropped_by = HANDED_OVER if handed else ended_by(contact.call, event.reason)
    contact.held_since, contact.over = None, False
    if event.kind is CallMoment.TRANSFERRED:
        flow.say(_("handed over to {target}: wrap up with w").format(target=event.target or ""), "accent")
    elif not known and broke_off(flow, contact):
        flow.say(_("the call broke off: ring back at once, twice if need be: C"), "late")
    elif not known:
        flow.say(_("the call has ended: wrap up with w"), "accent")


def _retrieved(flow: CallFlow, contact: Contact, event: CallEvent) -> None:
    handing, contact.handing = contact.handing, None
    _speak_to(flow, contact, event.at)
    if handing is not None and handing.warm and not handing.taken_back:
        words = _("{target} doesn't take the call: the caller is back with you")
        flow.say(words.format(target=handing.target or event.target or ""), "late")


async def _gave_up(flow: CallFlow, contact: Contact) -> None:
    if any(one is contact for one in flow.stack):
        flow.stack.drop(contact)
        await flow.settle()
        flow.say(_("the caller gave up before you answered"), "quiet")
        await flow.refresh()
        await flow.next_call()


def unheard(flow: CallFlow) -> bool:
    """Give up waiting for a switch that says nothing of a call that it was asked to make; True where it was so."""
    now, found = flow.deeds.now(), False
    for contact in flow.stack:
        silent = contact.call is None or contact.call.over
        if contact.again == "back" and silent and now - contact.again_since > ANSWER_MS:
            contact.again, found = "", True
            flow.say(_("the switch doesn't ring him: dial on your telephone, or try C again"), "warn")
    return found
