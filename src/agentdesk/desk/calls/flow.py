"""What happens when: from the ring to the wrap-up. Holds no widget; tells its listener when something changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agentdesk.desk.backend import Backend
from agentdesk.desk.calling import Calling
from agentdesk.desk.calls import keeping, moments, states, wrapping
from agentdesk.desk.calls.contacts import Contacts
from agentdesk.desk.calls.states import Interval, Said
from agentdesk.desk.deeds import Deeds
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Lookup
from agentdesk.desk.models.rows import safe
from agentdesk.desk.session import Contact, Matter
from agentdesk.desk.settings import DeskSettings
from agentdesk.telephony.book import CallBook, CallChange
from agentdesk.telephony.model import Call, CallEvent, CallMoment, CallState
from agentdesk.telephony.source import Command, Link, Notice, Order, SourceState, TelephonyError
from agentdesk.telephony.switchboard import Switchboard

if TYPE_CHECKING:
    pass

_RINGS = frozenset({CallState.OFFERED, CallState.RINGING})


class CallFlow(Contacts):
    """The calls of the desk, those that wait behind the contacts, and the state of the agent."""

    def __init__(self, settings: DeskSettings, backend: Backend, deeds: Deeds, since: int) -> None:
        super().__init__(settings, backend, deeds)
        self.switchboard: Switchboard | None = None
        self.book = CallBook()
        self.queue: list[str] = []
        self.lookups: dict[str, Lookup] = {}
        self.said = Said()
        self.state = "ready"
        self.since = since
        self.reason: str | None = None
        self.trouble: dict[str, str] = {}
        self._ended: list[Interval] = []
        self._recording = asyncio.Lock()
        self._told: tuple[Command, str | None] = (Command.READY, None)

    @property
    def extension(self) -> str | None:
        """The agent's telephone; None where the desk needs no name."""
        return self._settings.agent.extension

    @property
    def shown_since(self) -> int:
        """Since when the agent does what he does; who is spoken to, since he was answered, however often held."""
        spoken = self.stack.spoken
        return spoken.answered_at or self.since if self.state == "talking" and spoken is not None else self.since

    @property
    def left(self) -> int | None:
        """What is left of the wrap-up that runs, ms; None where none runs."""
        found = (wrapping.left_ms(self, contact) for contact in self.stack if not contact.over)
        return next((left for left in found if left is not None), None)

    # what a switch tells

    async def take(self, notice: Notice) -> None:
        """Take in a notice of the switchboard."""
        if isinstance(notice, SourceState):
            self._source(notice)
        elif isinstance(notice, CallEvent):
            change = self.book.fold(notice)
            if change is None:
                return
            await self._moved(change)
        self._changed()

    async def _moved(self, change: CallChange) -> None:
        call = change.after
        contact = self.stack.of_call(call.call_id) or await moments.rejoined(self, call)
        if contact is not None:
            contact.call = call
            for event in change.news:
                await moments.moved(self, contact, event)
        elif self.rings_here(call):
            await self._ring(call)
        elif call.call_id in self.queue:
            self.unqueue(call.call_id)
            if self._picked_up(call):
                await self._begin_answered(call)
        if any(event.kind is CallMoment.ABANDONED for event in change.news):
            self.report(await Calling(self.deeds).gave_up(call))

    def _source(self, notice: SourceState) -> None:
        if notice.link in (Link.RECONNECTING, Link.FAILED):
            words = _("phone {source}: {what}").format(source=notice.source, what=notice.text(self.deeds.now()))
            self.trouble[notice.source] = safe(words, 60)
        else:
            self.trouble.pop(notice.source, None)

    def rings_here(self, call: Call) -> bool:
        """Tell whether a call rings at this agent's telephone."""
        mine = self.extension
        if call.state not in _RINGS:
            return False
        if not call.legs:
            return call.state is CallState.RINGING
        return any(leg.active and leg.agent in (None, mine) for leg in call.legs) or mine is None

    def concerns(self, event: CallEvent) -> bool:
        """Tell whether an event is about this agent's part in a call, or about the whole call."""
        return event.agent in (None, self.extension) or self.extension is None

    def _picked_up(self, call: Call) -> bool:
        leg = call.leg(self.extension) or call.leg(None)
        return leg is not None and leg.active and leg.answered_at is not None

    async def _ring(self, call: Call) -> None:
        if call.call_id in self.queue:
            return
        if self.contact is not None or self.said.state == "not_ready":
            self.queue.append(call.call_id)
            self._changed()
            self.lookups[call.call_id] = await self.look_up(call.caller or "")
            return
        lookup = await self.look_up(call.caller or "")
        if self.contact is not None:
            # another call was quicker while the look-up ran
            self.queue.append(call.call_id)
            self.lookups[call.call_id] = lookup
            return
        latest = self.book.get(call.call_id) or call
        if not self.rings_here(latest):
            return
        self.stack.put(self._begun_by(latest, lookup))
        # the card first, and whole: what is written down meanwhile waits behind it
        try:
            await self.refresh()
        finally:
            self.shift()
        self._rang()
        await self.record()

    def _begun_by(self, call: Call, lookup: Lookup) -> Contact:
        times = {"ringing": self.deeds.now()}
        if call.offered_at is not None:
            times["offered"] = call.offered_at
        return self.begun(lookup, call, moments=times)

    async def _begin_answered(self, call: Call) -> None:
        """Take up a call that was answered on the telephone itself while it waited behind another contact."""
        contact = self._begun_by(call, await self.look_up(call.caller or ""))
        self.stack.put(contact)
        for event in call.moments:
            if event.kind is CallMoment.ANSWERED:
                await moments.moved(self, contact, event)
        await self.refresh()

    def unqueue(self, call_id: str) -> None:
        """Forget a call that waits: it doesn't any more."""
        self.queue = [one for one in self.queue if one != call_id]
        self.lookups.pop(call_id, None)

    # what the agent does with the call

    async def order(self, command: Command, contact: Contact | None = None, **more: object) -> bool:
        """Send an order to the source of a contact's call, of the one on top as a rule; what it can't do is said."""
        contact = contact or self.contact
        call_id = contact.call_id if contact and contact.call else ""
        return await self.send(Order(command, call_id, self.extension, **more))  # type: ignore[arg-type]

    async def send(self, order: Order) -> bool:
        """Send an order; what can't be done is said."""
        if self.switchboard is None:
            self.say(_("no phone is connected: use the telephone itself"))
            return False
        try:
            await self.switchboard.do(order)
        except TelephonyError as error:
            self.say(safe(error, 120))
            return False
        return True

    def can(self, command: Command, contact: Contact | None = None) -> bool:
        """Tell whether a command makes sense for a contact's call, or at all."""
        call_id = contact.call_id if contact is not None else ""
        return self.switchboard is not None and self.switchboard.can(command, call_id)

    async def answer(self) -> None:
        """Answer the call that rings."""
        contact = self.contact
        if contact is None or not contact.ringing or contact.answering or contact.again == "back":
            return
        contact.answering = True
        if not await self.order(Command.ANSWER):
            contact.answering = False

    async def toggle_ready(self, reason: str | None = None) -> None:
        """Become ready, or not ready with a reason; during a contact it holds from its end."""
        if self.said.state == "not_ready":
            self.said = Said()
            await self.settle()
            await self.next_call()
        else:
            self.said = Said("not_ready", reason)
            if self.contact is not None:
                self.say(_("not ready when this contact is over"), "quiet")
            await self.settle()

    async def _tell_sources(self) -> None:
        """Tell the sources whether calls may come; a switch that can't be told now is told by the next change."""
        if self.said.state == "not_ready":
            now: tuple[Command, str | None] = (Command.NOT_READY, self.said.reason)
        elif self.state == "wrap_up":
            now = (Command.NOT_READY, states.WRAPPING)
        elif self.state == "ready":
            now = (Command.READY, None)
        else:
            return
        if now == self._told or self.switchboard is None or not self.switchboard.can(now[0]):
            return
        self._told = now
        try:
            await self.switchboard.do(Order(now[0], "", self.extension, reason=now[1]))
        except TelephonyError as error:
            self._told = (Command.READY, "")
            if self.said.state == "not_ready":
                self.say(safe(error, 120))

    async def wrap_up(self, matters: list[Matter], summary: str, contact: Contact | None = None) -> bool:
        """Write the wrap-up down, hang up if the caller is still there, and take the next call."""
        contact = contact or self.contact
        if contact is None:
            return True
        # what was said of this contact meanwhile is over with it: nobody is asked for what he is doing
        self.message, contact.wrapping = None, True
        if contact.call is not None and contact.live:
            contact.dropped_by = "agent"
            await self.order(Command.HANGUP, contact)
        contact.moments.setdefault("wrap_up", self.deeds.now())
        if not self.report(await self.deeds.wrapped_up(contact, matters, summary)):
            contact.wrapping = False
            return False
        await self.leave(contact)
        return True

    async def leave(self, contact: Contact | None = None) -> None:
        """Put a contact away; the one parked last comes up, else the next call."""
        contact = contact or self.contact
        if contact is not None:
            self.stack.drop(contact)
            if contact.call is not None and self.rings_here(contact.call):
                # he came back while he was put away: a call is never lost
                self.queue.append(contact.call_id)
        await self.settle()
        await self.refresh()
        await self.next_call()
        self._changed()

    async def put_away(self) -> None:
        """Keep all contacts as they are for him whose they are, and clear the desk for somebody else.

        What rings on goes on ringing, for whoever sits here then.
        """
        await self.keep()
        for contact in tuple(self.stack):
            self.stack.drop(contact)
            if contact.call is not None and self.rings_here(contact.call):
                self.queue.append(contact.call_id)
        self._kept = ""
        self._changed()

    async def next_call(self) -> None:
        """Show the next call that still rings."""
        while self.queue and self.contact is None and self.said.state != "not_ready":
            call_id = self.queue[0]
            self.unqueue(call_id)
            call = self.book.get(call_id)
            if call is not None and self.rings_here(call):
                await self._ring(call)

    async def waiting(self) -> Contact | None:
        """Make a contact of the call that waits longest behind the others; None where nobody waits."""
        while self.queue:
            call_id = self.queue[0]
            call, lookup = self.book.get(call_id), self.lookups.get(call_id)
            self.unqueue(call_id)
            if call is not None and self.rings_here(call):
                contact = self._begun_by(call, lookup or await self.look_up(call.caller or ""))
                contact.call = self.book.get(call_id) or call
                return contact
        return None

    # the agent's state

    async def enter(self, state: str, reason: str | None = None) -> None:
        """Say of the agent that he is ready, not ready or signed off; the state before is recorded as an interval."""
        self.said = Said(state, reason)
        self.shift()
        await self.record()

    async def settle(self) -> None:
        """Take in what the contacts say of the agent's state, record the one that has ended, and tell the switch."""
        self.shift()
        await self.record()
        await self._tell_sources()

    def shift(self) -> None:
        """Change the agent's state at once; the interval that has ended is still to be recorded."""
        state, reason = states.present(self.stack, self.said)
        if (state, reason) == (self.state, self.reason):
            return
        if state != self.state:
            now = max(self.since, self.deeds.now())
            self._ended.append(Interval(self.state, self.since, now, self.reason))
            self.since = now
        # a reason that is said later belongs to the state that goes on
        self.state, self.reason = state, reason
        self._changed()

    async def record(self) -> None:
        """Write down the intervals that have ended, in their order."""
        async with self._recording:
            while self._ended:
                ended = self._ended.pop(0)
                self.report(await self.deeds.interval(ended.state, ended.begun, ended.ended, ended.reason))

    def tick(self) -> bool:
        """Take in that time has passed; True where the state may have changed."""
        return wrapping.lapsed(self) or moments.unheard(self)

    async def restore(self) -> None:
        """Take up the contacts again in which the program was ended."""
        key = keeping.draft_key(self._settings.agent.id)
        text = await self._backend.run(lambda site: site.draft(key))
        if text:
            self._kept = text
            await keeping.restore(self, text)
