"""The contacts of a desk: whom each is about, what was painted of it, what is shown, and what outlives the program."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from agentdesk.desk import queries
from agentdesk.desk.backend import Backend
from agentdesk.desk.calls import keeping
from agentdesk.desk.calls.stack import Stack
from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.models.facts import Lookup
from agentdesk.desk.models.offers import Board, ranked, refreshed, settled
from agentdesk.desk.models.rail import Step
from agentdesk.desk.queries.group import concerned
from agentdesk.desk.session import Contact, begin
from agentdesk.desk.settings import DeskSettings
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import level_of
from agentdesk.domain.kinds.situating import warm
from agentdesk.telephony.model import Call

if TYPE_CHECKING:
    from agentdesk.store.site import Site

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Message:
    """A line for the agent: `good`, `warn` or `late` is its tone."""

    words: str
    tone: str = "warn"


class Contacts:
    """The contacts that aren't put away, one on top, and the message on the screen. Holds no widget."""

    def __init__(self, settings: DeskSettings, backend: Backend, deeds: Deeds) -> None:
        self._settings = settings
        self._backend = backend
        self.deeds = deeds
        self._changed: Callable[[], None] = lambda: None
        self._rang: Callable[[], None] = lambda: None
        self.stack = Stack()
        self.message: Message | None = None
        self._kept = ""

    @property
    def contact(self) -> Contact | None:
        """The contact on top, which the screen shows."""
        return self.stack.top

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

    def rang(self) -> None:
        """Tell the screen that something begins to ring on it."""
        self._rang()

    async def read(self, ask: Callable[[Site], T]) -> T:
        """Ask the site's files."""
        return await self._backend.run(ask)

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
        self.stack.put(contact)
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
        first = "popped" not in contact.moments
        contact.moments.setdefault("popped", self.deeds.now())
        if self.report(await self.deeds.open(contact)):
            self.report(await self.deeds.painted(contact))
            await self.refresh()
            if first:
                await self._carry(contact)

    def key_pressed(self) -> None:
        """Note the first key on a card, and take away what the agent has seen: the message, the marks of changes."""
        if self.contact is not None and self.contact.channel != "desk":
            self.contact.moments.setdefault("first_key", self.deeds.now())
        self.seen()
        if self.message is not None:
            self.message = None
            self._changed()

    async def refresh(self) -> None:
        """Ask again what is known about the contact; rows change where they stand."""
        contact = self.contact
        if contact is None:
            return
        target, agent = contact.target, self._settings.agent
        facts = await self._backend.run(lambda site: concerned(site, queries.facts(site, target, agent.id, agent.role)))
        if all(one is not contact for one in self.stack) or contact.target is not target:
            return
        contact.facts = facts
        contact.board = refreshed(contact.board, facts) if contact.board.lines else ranked(facts)
        self._changed()

    def seen(self) -> None:
        """Take the marks off offers that changed: the agent has seen them."""
        if self.contact is not None and any(line.changed for line in self.contact.board.lines):
            self.contact.board = settled(self.contact.board)
            self._changed()

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

        if self.report(await CustomerDeeds(self.deeds, self._backend).matter(contact, matter, source)):
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
                if (await CustomerDeeds(self.deeds, self._backend).carry(contact, before)).ok:
                    await self.refresh()
                return

    @property
    def unkept(self) -> bool:
        """Tell whether the contacts differ from what is kept of them."""
        return bool(self._kept or len(self.stack)) and keeping.packed(self.stack) != self._kept

    def keep(self) -> Coroutine[Any, Any, None]:
        """Keep the contacts that aren't wrapped up on disk, as they are when this is called."""
        # noted now and not when it is awaited: the next second must not keep the same again
        key, self._kept = keeping.draft_key(self._settings.agent.id), keeping.packed(self.stack)
        text = self._kept
        return self._backend.run(lambda site: site.keep_draft(key, text))
