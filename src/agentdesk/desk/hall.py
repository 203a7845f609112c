"""What happens in a branch hall: who waits, who is received, what is booked, the slip, and the end of a shift."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.drafts import hall as drafts
from agentdesk.desk.drafts.hall import Booking
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Lookup
from agentdesk.desk.queries import Target
from agentdesk.desk.session import Contact
from agentdesk.desk.terms.hall import WHY
from agentdesk.domain.documents import Document
from agentdesk.domain.language.text import clean
from agentdesk.store.small_files import write_whole

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow

SLIPS = "slips"
"""The folder of a site's files in which printed slips lie."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody with a queue number (叫号); `since` is ms of the wall clock."""

    number: str
    since: int


class HallQueue:
    """Who waits in this hall. Lossy: it is gone when the program ends, and in no log."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self._last = 0

    def take(self, now: int) -> Waiting:
        """Give somebody the next number."""
        self._last += 1
        waiting = Waiting(f"A{self._last:03d}", now)
        self.waiting.append(waiting)
        return waiting

    def call(self, number: str = "") -> Waiting | None:
        """Call a number, or the one that waits longest; None where nobody has it."""
        wanted = number.upper().lstrip("A").lstrip("0")
        for waiting in self.waiting:
            if not number or waiting.number.lstrip("A").lstrip("0") == wanted:
                self.waiting.remove(waiting)
                return waiting
        return None

    def longest(self, now: int) -> int:
        """Return how long somebody has waited at most, ms."""
        return max((now - waiting.since for waiting in self.waiting), default=0)


class Hall:
    """The hall of a desk: its queue, the visit at the counter, and what is done about both."""

    def __init__(self, deeds: Deeds, folder: Path, printer: str = "") -> None:
        self.queue = HallQueue()
        self.called: Waiting | None = None
        self.visit: Document | None = None
        self._deeds = deeds
        self._folder = folder
        self._printer = printer

    # receiving somebody

    async def receive(
        self, flow: CallFlow, customer: Document, line: str | None, how: str, appointment: Document | None = None
    ) -> Contact | None:
        """Begin a contact at the counter, and the visit that gathers what is done in it."""
        if flow.contact is not None:
            flow.say(_("finish this contact first"))
            return None
        document, now = self._deeds.new_id(), self._deeds.now()
        target = Target(customer.scope, document, customer.scope, customer.id, line)
        lookup = Lookup("", None, None, ())
        contact = Contact(document, customer.scope, document, "hall", lookup, target, moments={"answered": now})
        flow.stack.put(contact)
        await flow.settle()
        await flow.refresh()
        if not flow.report(await self._deeds.open(contact)):
            return contact
        flow.report(await self._deeds.painted(contact))
        called, self.called = self.called, None
        by, visit = self._deeds.by, self._deeds.new_id()
        body = {
            "how": how,
            "queue": called.number if called else None,
            "waited": max(0, now - called.since) if called else None,
            "customer": customer.id,
            "contact": contact.id,
            "appointment": appointment.id if appointment else None,
        }
        started = await self._deeds.commit(
            lambda site: (drafts.visit_started(by, customer.scope, visit, {**body, "number": site.next_number()}),)
        )
        if flow.report(started):
            self.visit = started.document
        await flow.refresh()
        return contact

    # the slip

    async def receipt(self, number: str, what: str = "") -> Done:
        """Enter the number of a receipt into the visit."""
        if self.visit is None:
            return Done(problem=_("no visit is open: receive somebody first"))
        draft = drafts.receipted(self._deeds.by, self.visit, number, what)
        done = await self._deeds.commit(lambda site: (draft,))
        if done.ok:
            self.visit = done.document
        return done

    async def close(self, slip: str, items: Sequence[Mapping[str, str]], way: str, to: str | None) -> Done:
        """Give the slip and close the visit."""
        visit = self.visit
        if visit is None:
            return Done(problem=_("no visit is open: receive somebody first"))
        if way == "print" and (problem := self.print_slip(str(visit.data.get("number")), slip)):
            return Done(problem=problem)
        draft = drafts.visit_closed(self._deeds.by, visit, slip, items, way, to)
        done = await self._deeds.commit(lambda site: (draft,))
        if done.ok:
            self.visit = None
        return done

    def print_slip(self, number: str, slip: str) -> str:
        """Write a slip as a file, and hand it to the printer's command if there is one; returns what went wrong."""
        import subprocess

        from agentdesk.domain.kinds.visit import LONGEST_SLIP

        # a visit comes from the centre, too: its number is no path
        path = self._folder / SLIPS / f"{re.sub('[^0-9A-Za-z-]', '', number)[:64] or 'slip'}.txt"
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            # nothing that a printer obeys
            write_whole(path, clean(slip, LONGEST_SLIP, multiline=True) + "\n")
            if self._printer:
                subprocess.run([*self._printer.split(), str(path)], timeout=20, check=True, capture_output=True)
        except (OSError, subprocess.SubprocessError) as error:
            return _("the slip can't be printed: {what}").format(what=type(error).__name__)
        return ""

    # appointments

    async def book(self, booking: Booking) -> Done:
        """Book a slot; the first document is the appointment."""
        by, document = self._deeds.by, self._deeds.new_id()
        return await self._deeds.commit(lambda site: (drafts.booked(by, document, site.next_number(), booking),))

    async def move(self, appointment: Document, booking: Booking, reason: str = "") -> Done:
        """Move an appointment to another slot."""
        draft = drafts.moved(self._deeds.by, appointment, booking.where, booking.place, booking.slot, reason)
        return await self._deeds.commit(lambda site: (draft,))

    async def cancel(self, appointment: Document, reason: str) -> Done:
        """Cancel an appointment."""
        draft = drafts.cancelled(self._deeds.by, appointment, reason)
        return await self._deeds.commit(lambda site: (draft,))

    async def came(self, appointment: Document) -> Done:
        """Note that the customer is here."""
        return await self._deeds.commit(lambda site: (drafts.arrived(self._deeds.by, appointment),))

    async def serve(self, appointment: Document) -> Done:
        """Note that the customer is served."""
        return await self._deeds.commit(lambda site: (drafts.served(self._deeds.by, appointment),))

    # the end of a shift

    async def hand_over(
        self, agent: str, documents: Sequence[Document], to: str, why: str, kept: Sequence[Document]
    ) -> Done:
        """Hand work over in one go, all of it or none, and write the end of the shift down."""
        by = self._deeds.by
        note = _("handed over at the end of the shift") if why == "end" else terms.term(WHY, why)
        moved = [drafts.handed_over(by, document, to, note) for document in documents]
        items = [{"document": d.id, "to": to, "type": d.type} for d in documents]
        ended = drafts.shift_ended(by, self._deeds.new_id(), agent, why, items, [d.id for d in kept])
        return await self._deeds.commit(lambda site: (*moved, ended))
