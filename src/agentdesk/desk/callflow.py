"""What happens when: from the ring to the wrap-up. Holds no widget; tells its listener when something changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agentdesk.desk import queries
from agentdesk.desk.backend import Backend
from agentdesk.desk.calling import Calling
from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Lookup
from agentdesk.desk.models.offers import Board, ranked, refreshed, settled
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.rows import safe
from agentdesk.desk.queries.group import concerned
from agentdesk.desk.ringing_back import broke_off
from agentdesk.desk.session import Contact, Matter, begin
from agentdesk.desk.settings import DeskSettings
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import level_of
from agentdesk.domain.kinds.situating import warm
from agentdesk.telephony.book import CallBook
from agentdesk.telephony.model import Call, CallEvent, CallMoment, CallState
from agentdesk.telephony.source import Command, Link, Notice, Order, SourceState, TelephonyError
from agentdesk.telephony.switchboard import Switchboard

_RINGS = frozenset({CallState.OFFERED, CallState.RINGING})
_RECORDED = {
    CallMoment.HELD: "held",
    CallMoment.RETRIEVED: "retrieved",
    CallMoment.TRANSFER_STARTED: "transfer_started",
    CallMoment.TRANSFERRED: "transferred",
    CallMoment.ABANDONED: "abandoned",
    CallMoment.ENDED: "ended",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A line for the agent: `good`, `warn` or `late` is its tone."""

    words: str
    tone: str = "warn"


@dataclass(frozen=True, slots=True)
class Interval:
    """A state of the agent that has ended; ms of the wall clock."""

    state: str
    begun: int
    ended: int
    reason: str | None


class CallFlow:
    """The contact on the screen, the calls that wait behind it, and the state of the agent."""

    def __init__(self, settings: DeskSettings, backend: Backend, deeds: Deeds, since: int) -> None:
        self._settings = settings
        self._backend = backend
        self.deeds = deeds
        self._changed: Callable[[], None] = lambda: None
        self._rang: Callable[[], None] = lambda: None
        self.switchboard: Switchboard | None = None
        self.book = CallBook()
        self.contact: Contact | None = None
        self.queue: list[str] = []
        self.state = "ready"
        self.since = since
        self.reason: str | None = None
        self.message: Message | None = None
        self.trouble: dict[str, str] = {}

    def act_as(self, settings: DeskSettings) -> None:
        """Let somebody else work at this desk from now on."""
        self._settings = settings

    def listen(self, changed: Callable[[], None], rang: Callable[[], None]) -> None:
        """Call `changed` whenever the screen may differ, and `rang` when a call begins to ring."""
        self._changed, self._rang = changed, rang

    def say(self, words: str, tone: str = "warn") -> None:
        """Show a message until the next key."""
        self.message = Message(words, tone)
        self._changed()

    def report(self, done: Done) -> bool:
        """Show what went wrong, if something did; True when it went well."""
        if not done.ok:
            self.say(done.problem, "late")
        return done.ok

    # what a switch tells

    async def take(self, notice: Notice) -> None:
        """Take in a notice of the switchboard."""
        if isinstance(notice, SourceState):
            self._source(notice)
        elif isinstance(notice, CallEvent):
            change = self.book.fold(notice)
            if change is None:
                return
            if self.contact is not None and self.contact.call_id == notice.call_id:
                self.contact.call = change.after
                for event in change.news:
                    await self._moved(self.contact, event)
            elif self._rings_here(change.after):
                await self._ring(change.after)
            elif change.after.call_id in self.queue and not self._rings_here(change.after):
                self.queue.remove(change.after.call_id)
            if any(event.kind is CallMoment.ABANDONED for event in change.news):
                self.report(await Calling(self.deeds).gave_up(change.after))
        self._changed()

    def _source(self, notice: SourceState) -> None:
        if notice.link in (Link.RECONNECTING, Link.FAILED):
            words = _("phone {source}: {what}").format(source=notice.source, what=notice.text(self.deeds.now()))
            self.trouble[notice.source] = safe(words, 60)
        else:
            self.trouble.pop(notice.source, None)

    def _rings_here(self, call: Call) -> bool:
        mine = self._settings.agent.extension
        if call.state not in _RINGS:
            return False
        if not call.legs:
            return call.state is CallState.RINGING
        return any(leg.active and leg.agent in (None, mine) for leg in call.legs) or mine is None

    async def _ring(self, call: Call) -> None:
        if self.contact is not None or self.state == "not_ready":
            if call.call_id not in self.queue:
                self.queue.append(call.call_id)
            return
        lookup = await self.look_up(call.caller or "")
        if self.contact is not None:
            # another call was quicker while the look-up ran
            self.queue.append(call.call_id)
            return
        latest = self.book.get(call.call_id) or call
        if not self._rings_here(latest):
            return
        moments = {"ringing": self.deeds.now()}
        if latest.offered_at is not None:
            moments["offered"] = latest.offered_at
        self.contact = self.begun(lookup, latest, moments=moments)
        interval = self._shift("reserved")
        # the card first: what is written down meanwhile waits behind it
        await self.refresh()
        self._rang()
        await self._record(interval)

    async def look_up(self, raw: str) -> Lookup:
        """Return who can be reached under a number."""
        language = self._settings.language
        return await self._backend.run(lambda site: queries.look_up(site, raw, language))

    def begun(
        self,
        lookup: Lookup,
        call: Call | None = None,
        channel: str = "phone",
        moments: dict[str, int] | None = None,
    ) -> Contact:
        """Return a new contact, turned to the customer where there is only one whom it can be about."""
        contact = begin(self.deeds.new_id(), self.deeds.by.region, lookup, call, channel, self._by_menu(call))
        contact.moments.update(moments or {})
        contact.clock = self.deeds.now
        contact.advance(Step.RECEIVE)
        return contact

    async def put_up(self, contact: Contact) -> None:
        """Put a contact on the screen."""
        self.contact = contact
        await self.refresh()
        self._rang()

    def _by_menu(self, call: Call | None) -> str:
        """Return the reason of a call that the path through the voice menu says."""
        catalogue = self.deeds.catalogue
        path = call.ivr_path if call else None
        reason = catalogue.customers.reason_by_ivr(path) if catalogue and path else None
        return reason.id if reason else ""

    async def painted(self) -> None:
        """Note that the card stands on the screen, and write down the contact and the offers on it."""
        contact = self.contact
        if contact is None or contact.channel == "desk":
            return
        contact.moments.setdefault("popped", self.deeds.now())
        if self.report(await self.deeds.open(contact)):
            self.report(await self.deeds.painted(contact))
            await self.refresh()
            await self._carry(contact)

    def key_pressed(self) -> None:
        """Note the first key on a card, and take away what the agent has seen: the message, the marks of changes."""
        if self.contact is not None and self.contact.channel != "desk":
            self.contact.moments.setdefault("first_key", self.deeds.now())
        self.seen()
        if self.message is not None:
            self.message = None
            self._changed()

    async def _moved(self, contact: Contact, event: CallEvent) -> None:
        if event.kind is CallMoment.ANSWERED and contact.answered_at is None:
            contact.moments["answered"] = event.at
            contact.answering = False
            contact.advance(Step.LISTEN)
            await self.enter("talking")
            self.report(await self.deeds.answered(contact))
            return
        name = _RECORDED.get(event.kind)
        if name is None:
            return
        contact.moments[name] = event.at
        ended = event.kind in (CallMoment.ENDED, CallMoment.TRANSFERRED) and contact.answered_at is not None
        # the state changes at once: what is written down meanwhile may take its time
        if ended:
            contact.dropped_by = event.reason
            if broke_off(self, contact):
                self.say(_("the call broke off: ring back at once, twice if need be: C"), "late")
            else:
                self.say(_("the call has ended: wrap up with w"), "accent")
            await self.enter("wrap_up")
        elif event.kind is CallMoment.HELD:
            await self.enter("hold")
        elif event.kind is CallMoment.RETRIEVED:
            await self.enter("talking")
        self.report(
            await self.deeds.moment(
                contact, name, event.at, reason=event.reason, target=event.target, transfer=event.transfer
            )
        )
        if event.kind is CallMoment.ABANDONED or (event.kind is CallMoment.ENDED and contact.answered_at is None):
            await self._gave_up(contact)

    async def _gave_up(self, contact: Contact) -> None:
        if self.contact is contact:
            self.contact = None
            await self.enter("ready")
            self.say(_("the caller gave up before you answered"), "quiet")
            await self.next_call()

    # what the agent does with the call

    async def order(self, command: Command, **more: object) -> bool:
        """Send an order to the source of the call; what it can't do is said."""
        if self.switchboard is None:
            self.say(_("no phone is connected: use the telephone itself"))
            return False
        call_id = self.contact.call_id if self.contact and self.contact.call else ""
        extension = self._settings.agent.extension
        order = Order(command, call_id, extension, **more)  # type: ignore[arg-type]
        try:
            await self.switchboard.do(order)
        except TelephonyError as error:
            self.say(safe(error, 120))
            return False
        return True

    async def answer(self) -> None:
        """Answer the call that rings."""
        contact = self.contact
        if contact is None or not contact.ringing or contact.answering:
            return
        contact.answering = True
        if not await self.order(Command.ANSWER):
            contact.answering = False

    async def hold(self) -> None:
        """Hold the call, or take it back."""
        await self.order(Command.RETRIEVE if self.state == "hold" else Command.HOLD)

    async def toggle_ready(self, reason: str | None = None) -> None:
        """Become ready, or not ready with a reason."""
        if self.contact is not None:
            self.say(_("finish this contact first"))
            return
        if self.state == "not_ready":
            await self.enter("ready")
            await self._tell_sources(Command.READY, None)
            await self.next_call()
        else:
            await self.enter("not_ready", reason)
            await self._tell_sources(Command.NOT_READY, reason)

    async def _tell_sources(self, command: Command, reason: str | None) -> None:
        if self.switchboard is not None and self.switchboard.can(command):
            await self.order(command, reason=reason)

    async def wrap_up(self, matters: list[Matter], summary: str) -> bool:
        """Write the wrap-up down, hang up if the caller is still there, and take the next call."""
        contact = self.contact
        if contact is None:
            return True
        if contact.call is not None and contact.answered_at is not None and not contact.ended:
            contact.dropped_by = "agent"
            await self.order(Command.HANGUP)
        contact.moments.setdefault("wrap_up", self.deeds.now())
        if not self.report(await self.deeds.wrapped_up(contact, matters, summary)):
            return False
        await self.leave()
        return True

    async def leave(self) -> None:
        """Put the contact away and take the next call."""
        self.contact = None
        await self.enter("ready")
        await self.next_call()
        self._changed()

    async def next_call(self) -> None:
        """Show the next call that still rings."""
        while self.queue and self.contact is None:
            call = self.book.get(self.queue.pop(0))
            if call is not None and self._rings_here(call):
                await self._ring(call)

    async def enter(self, state: str, reason: str | None = None) -> None:
        """Enter a state of the agent; the one before is recorded as an interval."""
        await self._record(self._shift(state, reason))

    def _shift(self, state: str, reason: str | None = None) -> Interval | None:
        """Change the agent's state at once; return the interval that has ended, to be recorded."""
        if state == self.state:
            return None
        now = self.deeds.now()
        ended = Interval(self.state, self.since, max(self.since, now), self.reason)
        self.state, self.since, self.reason = state, now, reason
        self._changed()
        return ended

    async def _record(self, ended: Interval | None) -> None:
        if ended is not None:
            self.report(await self.deeds.interval(ended.state, ended.begun, ended.ended, ended.reason))

    # whom it is about

    async def begin(self, customer: Document, line: str | None = None) -> None:
        """Open a customer who was found by hand; on a call it turns to him."""
        if self.contact is not None:
            await self.choose(customer, line)
            return
        lookup = Lookup("", None, None, ())
        contact = self.begun(lookup, channel="desk")
        contact.scope = customer.scope
        contact.target = replace(contact.target, contact_scope=customer.scope)
        contact.about(customer, line)
        contact.advance(Step.LISTEN)
        await self.put_up(contact)

    async def choose(self, customer: Document, line: str | None) -> None:
        """Turn the contact to a customer and one of his lines."""
        contact = self.contact
        if contact is None:
            return
        contact.about(customer, line)
        contact.misses.clear()
        if contact.channel != "desk" or contact.opened:
            self.report(await self.deeds.turned(contact))
        await self.refresh()
        if contact.channel != "desk":
            self.report(await self.deeds.painted(contact))

    async def name_matter(self, contact: Contact, matter: str, source: str = "agent") -> None:
        """Take in what a call is about, and rank what is offered for it anew."""
        from agentdesk.desk.deeds.customer import CustomerDeeds

        if self.report(await CustomerDeeds(self.deeds).matter(contact, matter, source)):
            contact.target = replace(contact.target, matter=matter)
            contact.recorded.discard((contact.board.customer, contact.board.line))
            contact.board = Board("", None, ())
            await self.refresh()
            self.report(await self.deeds.painted(contact))

    async def _carry(self, contact: Contact) -> None:
        """Take over the level that another agent verified before a warm transfer, where there was one."""
        from agentdesk.desk.deeds.customer import CustomerDeeds

        facts = contact.facts
        if facts is None or facts.customer is None or facts.level > 1:
            return
        who = facts.customer.document.id
        for before in facts.earlier[:3]:
            mine = before.data.get("agent") == self.deeds.by.agent
            if not mine and warm(before) and level_of(before, who) and before.data.get("caller") == facts.caller:
                if (await CustomerDeeds(self.deeds).carry(contact, before)).ok:
                    await self.refresh()
                return

    async def refresh(self) -> None:
        """Ask again what is known about the contact; rows change where they stand."""
        contact = self.contact
        if contact is None:
            return
        target, agent = contact.target, self._settings.agent
        facts = await self._backend.run(lambda site: concerned(site, queries.facts(site, target, agent.id, agent.role)))
        if self.contact is not contact or contact.target is not target:
            return
        contact.facts = facts
        contact.board = refreshed(contact.board, facts) if contact.board.lines else ranked(facts)
        self._changed()

    def seen(self) -> None:
        """Take the marks off offers that changed: the agent has seen them."""
        if self.contact is not None and any(line.changed for line in self.contact.board.lines):
            self.contact.board = settled(self.contact.board)
            self._changed()
