"""What an agent does, done: drafts are committed in the store's thread, and only then the screen says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agentdesk.desk import drafts, wording
from agentdesk.desk.backend import Backend
from agentdesk.desk.drafts import By
from agentdesk.desk.drafts.group import unhappy
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.offers import OfferLine, shown
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.rows import safe
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.receiving import with_receipt
from agentdesk.desk.session import Contact, Matter
from agentdesk.desk.settings import DeskSettings
from agentdesk.domain.access import not_allowed
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.ids import new_id
from agentdesk.domain.offering.offers import Offer
from agentdesk.domain.operation import Draft
from agentdesk.store.committing import Committed, Refused
from agentdesk.store.errors import DiskFull, StoreError
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.desk.drafts.revealing import Reveal
    from agentdesk.desk.models.approvals import Approving
    from agentdesk.domain.case import Customer
    from agentdesk.domain.policy import Catalogue

Build = Callable[[Site], Sequence[Draft]]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a deed: what is on disk, or why nothing is, in words for the agent."""

    committed: tuple[Committed, ...] = ()
    problem: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem

    @property
    def document(self) -> Document:
        """Return the first document as it now stands here."""
        return self.committed[0].documents[0]


class Deeds:
    """Commits what an agent does; one operation or several, all of them or none."""

    def __init__(self, backend: Backend, settings: DeskSettings) -> None:
        self._backend = backend
        self._settings = settings
        self.by = By(settings.agent.id, settings.agent.role, "")
        self.catalogue: Catalogue | None = None

    def signed(self, region: str, catalogue: Catalogue) -> None:
        """Take in the site's region and the catalogue that everything is done under from now on."""
        self.catalogue = catalogue
        self.by = replace(self.by, region=region, catalogue=catalogue.version)

    def act_as(self, settings: DeskSettings) -> None:
        """Let somebody else be the author of what is done from now on."""
        self._settings = settings
        self.by = replace(self.by, agent=settings.agent.id, role=settings.agent.role)

    def new_id(self) -> str:
        """Return a new id for a document."""
        return new_id(self._settings.clock.wall_ms, self._settings.entropy.token_bytes)

    def now(self) -> int:
        """Return the wall clock, ms UTC."""
        return self._settings.clock.wall_ms()

    def _may(self, kind: str) -> bool:
        return self.catalogue is None or not_allowed(self.catalogue, self.by.role, kind) is None

    async def commit(self, build: Build) -> Done:
        """Commit drafts that are built in the store's thread; never raises for what a person can mend."""
        return await self._try(lambda site: site.commit_all(build(site)))

    async def about(self, deed: Callable[[Site, str, str], Committed]) -> Done:
        """Do something about an operation that was made before; it is given who does it, and in which role."""
        agent = self._settings.agent
        return await self._try(lambda site: (deed(site, agent.id, agent.role),))

    async def _try(self, deed: Callable[[Site], tuple[Committed, ...]]) -> Done:
        try:
            return Done(await self._backend.run(deed))
        except Refused as refused:
            return Done(problem=wording.say_all(refused.reasons, self.catalogue))
        except DiskFull:
            return Done(problem=_("the disk is full: nothing was recorded, nothing is promised; free some space"))
        except StoreError as error:
            return Done(problem=safe(error, 160))

    async def open(self, contact: Contact) -> Done:
        """Write the contact down if it isn't yet; everything done in it depends on that."""
        # the card's painting and the agent's first key may both ask for it at once: it is written down by one of them
        async with contact.opening_gate:
            if contact.opened:
                return Done()
            draft = drafts.contact_opened(self.by, contact.scope, contact.id, contact.opening(), contact.moments)
            done = await self.commit(lambda site: (draft,))
            contact.opened = done.ok
        if done.ok and contact.channel == "desk":
            # nobody rang: what was on offer is written down with the first thing that is done
            await self.painted(contact)
        return done

    async def open_for(self, contact: Contact | None, facts: Facts) -> tuple[Customer | None, Done]:
        """Write the contact down for a deed about its customer; returns him, or None and why it can't be done."""
        if facts.customer is None:
            return None, Done(problem=_("choose the customer first: press Tab"))
        opened = await self.open(contact) if contact is not None else Done()
        return facts.customer if opened.ok else None, opened

    async def on_contact(self, contact: Contact, *more: Draft) -> Done:
        """Commit drafts that belong to a contact, after its opening."""
        opened = await self.open(contact)
        return opened if not opened.ok else await self.commit(lambda site: more)

    # the contact

    async def answered(self, contact: Contact) -> Done:
        """Write down that the call was answered, with the first key's moment."""
        moments = {name: at for name, at in contact.moments.items() if name in ("first_key", "answered")}
        return await self.on_contact(contact, drafts.contact_answered(self.by, contact.scope, contact.id, moments))

    async def moment(self, contact: Contact, moment: str, at: int, **details: Any) -> Done:
        """Write down a moment of the call."""
        given = {name: value for name, value in details.items() if value is not None}
        return await self.on_contact(
            contact, drafts.contact_moment(self.by, contact.scope, contact.id, moment, at, given)
        )

    async def resumed(self, contact: Contact, at: int, why: str) -> Done:
        """Write down that a conversation which was over goes on: a transfer came back, who was cut off is there."""
        by, scope, document = self.by, contact.scope, contact.id
        back = drafts.contact_moment(by, scope, document, "retrieved", at, {"again": why})
        return await self.on_contact(contact, back, drafts.contact_answered(by, scope, document, {}))

    async def turned(self, contact: Contact) -> Done:
        """Write down to whom the contact turned."""
        target = contact.target
        return await self.on_contact(
            contact,
            drafts.contact_turned(self.by, contact.scope, contact.id, target.customer or None, target.line),
        )

    async def painted(self, contact: Contact) -> Done:
        """Write down the offers that were painted, once for each list."""
        board = contact.board
        key = (board.customer, board.line)
        if not board.lines or key in contact.recorded:
            return Done()
        contact.recorded.add(key)
        return await self.on_contact(
            contact, drafts.offers_shown(self.by, contact.scope, contact.id, self.now(), shown(board))
        )

    async def wrapped_up(self, contact: Contact, matters: Sequence[Matter], summary: str) -> Done:
        """Wrap the contact up."""
        draft = drafts.wrapped_up(
            self.by,
            contact.scope,
            contact.id,
            [matter.data() for matter in matters],
            summary,
            contact.moments.get("wrap_up", self.now()),
            contact.dropped_by,
            contact.steps,
        )
        return await self.on_contact(contact, draft)

    # promises

    async def promise(
        self,
        contact: Contact,
        facts: Facts,
        line: OfferLine,
        offer: Offer,
        asked_s: int | None,
        reason: str | None,
        approving: Approving | None = None,
    ) -> Done:
        """Make a promise; when this returns well it is on disk, and only then it may be called promised."""
        from agentdesk.desk.deeds.promises import make

        hotline = self._settings.hotline
        return await make(self, contact, facts, line, offer, asked_s, reason, hotline, approving)

    async def _number(self, numbers: list[str]) -> Done:
        """Take the next number of a ticket or promise."""
        try:
            numbers.append(await self._backend.run(lambda site: site.next_number()))
        except DiskFull:
            return Done(problem=_("the disk is full: nothing was recorded, nothing is promised; free some space"))
        except StoreError as error:
            return Done(problem=safe(error, 160))
        return Done()

    async def spoken(self, contact: Contact | None, promise: Document, operation: str = "", instead: str = "") -> Done:
        """Mark the words to tell as spoken, with the seconds into the call; or what was said `instead` of them."""
        seconds = contact.seconds(self.now()) if contact else None
        draft = drafts.commitment_spoken(self.by, promise, seconds, (operation,) if operation else (), instead)
        who, line = promise.data.get("customer"), promise.data.get("subscription")
        done = await self.commit(lambda site: (with_receipt(site, draft, who, line),))
        if done.ok and contact is not None:
            contact.told(promise.id)
            contact.advance(Step.FOLLOW_UP)
        return done

    async def voided(self, contact: Contact | None, promise: Document, reason: str, operation: str = "") -> Done:
        """Void a mis-key, with a reason; it stays visible."""
        draft = drafts.commitment_voided(self.by, promise, reason, (operation,) if operation else ())
        done = await self.commit(lambda site: (draft,))
        if done.ok and contact is not None:
            contact.matters = [m for m in contact.matters if m.title != title_of(promise)]
        return done

    async def on_promise(self, promise: Document, move: str, text: str, answer: str | None = None) -> Done:
        """Keep a promise (`fulfilled`, with the proof) or withdraw it for the customer (`withdrawn`)."""
        if move == "fulfilled":
            draft = drafts.commitment_fulfilled(self.by, promise, text, answer)
        else:
            draft = drafts.commitment_withdrawn(self.by, promise, text)
        return await self.commit(lambda site: (draft,))

    # notes and tickets

    async def note(self, contact: Contact | None, text: str, customer: Document | None, about: str | None) -> Done:
        """Add a note to a customer or to a contact whose caller isn't known.

        Who may write no contact down notes what he has to say all the same, of a customer whom he has looked up.
        """
        if contact is not None and customer is not None and not contact.opened and not self._may("contact.opened"):
            contact = None
        scope = customer.scope if customer else contact.scope if contact else self.by.region
        draft = drafts.note_added(
            self.by,
            scope,
            self.new_id(),
            text,
            customer.id if customer else None,
            contact.id if contact else None,
            about,
        )
        if contact is None:
            return await self.commit(lambda site: (draft,))
        done = await self.on_contact(contact, draft)
        if done.ok:
            contact.advance(Step.CONFIRM)
        return done

    async def revealed(self, customer: Document, reveal: Reveal) -> Done:
        """Write down that a customer's data is looked at unmasked, and why; before it is shown."""
        draft = reveal.draft(self.by, customer, self.new_id())
        return await self.commit(lambda site: (draft,))

    async def ticket(self, contact: Contact | None, customer: Document, new: drafts.NewTicket) -> Done:
        """Open a ticket."""
        if contact is not None and not (opened := await self.open(contact)).ok:
            return opened
        numbers: list[str] = []
        numbered = await self._number(numbers)
        if not numbered.ok:
            return numbered
        document = self.new_id()
        draft = drafts.ticket_opened(self.by, customer.scope, document, replace(new, number=numbers[0]))
        done = await self.commit(lambda site: (with_receipt(site, draft, customer.id, new.line),))
        if done.ok and contact is not None:
            contact.matters.append(Matter(new.title, new.symptom or new.kind, "ticket", False))
            contact.advance(Step.AGREE)
        return done

    async def chase(self, contact: Contact | None, ticket: Document, text: str) -> Done:
        """Chase a ticket (催单)."""
        draft = drafts.ticket_chased(self.by, ticket, text, contact.id if contact else None)
        done = await self.commit(lambda site: (draft,))
        if done.ok and contact is not None:
            contact.matters.append(Matter(title_of(ticket), str(ticket.data.get("symptom") or ""), "chased", False))
            contact.advance(Step.PROPOSE)
        return done

    async def move(self, ticket: Document, move: str, body: dict[str, Any]) -> Done:
        """Move a ticket on."""
        more = unhappy(self.by, ticket, move, body)
        return await self.commit(lambda site: (drafts.ticket_moved(self.by, ticket, move, body), *more))

    async def interval(self, state: str, start: int, end: int, reason: str | None) -> Done:
        """Record a state of the agent that has ended."""
        draft = drafts.agent_interval(self.by, self.new_id(), state, start, end, reason)
        return await self.commit(lambda site: (draft,))
