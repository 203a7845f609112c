"""Booking an appointment in three choices: what for, where, and when; the same again moves one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agentdesk.desk import i18n, terms
from agentdesk.desk.answers import roles
from agentdesk.desk.drafts.hall import Booking
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.hall import slot_row
from agentdesk.desk.models.outlets import distance
from agentdesk.desk.models.rows import Row, row, safe
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.session import Matter
from agentdesk.desk.terms.hall import PURPOSES
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.outlet.hall import HOME, Slot, day_of, slots_id, slots_of
from agentdesk.domain.outlet.outlets import Near, nearest, place_of
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

AT_HOME = frozenset({"install", "repair"})
MOST = 18


class BookingTalk:
    """Asks what for, where and when, one dialog after the other, and books; or moves `appointment`."""

    def __init__(
        self,
        app: DeskApp,
        facts: Facts,
        contact: str | None,
        promise: str | None = None,
        appointment: Document | None = None,
    ) -> None:
        self._app = app
        self._facts = facts
        self._contact = contact
        self._promise = promise
        self._appointment = appointment
        self._purpose = str(appointment.data.get("purpose")) if appointment else ""
        self._where = HOME
        self._place = ""

    def begin(self) -> None:
        """Ask the first question, unless it isn't his to book: the customer agrees to a time before it is done."""
        moves = self._appointment is not None
        if problem := roles.refusal(self._app, "appointment.moved" if moves else "appointment.booked"):
            self._app.flow.say(problem)
            return
        if self._appointment is not None:
            self._app.spawn(self._choose_place())
            return
        purposes = list(PURPOSES)
        dialog = ChooseDialog(_("what is the appointment for?"), purposes, lambda p, _w: row(terms.term(PURPOSES, p)))
        self._app.push_screen(dialog, self._for)

    def _for(self, purpose: str | None) -> None:
        if purpose is not None:
            self._purpose = purpose
            self._app.spawn(self._choose_place())

    async def _choose_place(self) -> None:
        if self._purpose in AT_HOME:
            await self._choose_time(None)
            return
        app, region = self._app, self._app.deeds.by.region
        outlets = await app.backend.run(lambda site: site.view.of_type(ORG, "outlet"))
        customer, catalogue = self._facts.customer, app.deeds.catalogue
        if catalogue is None or customer is None:
            return
        mine = [d for d in outlets if d.data.get("region") in (None, region)]
        near = nearest(mine, place_of(customer.document.data), app.at(), catalogue, most=9)
        if not near:
            app.flow.say(_("no outlet is known here"))
            return

        def words(one: Near, _width: int) -> Row:
            return row((safe(one.outlet.data.get("name"), 30), "strong"), "  ", distance(one))

        app.push_screen(ChooseDialog(_("at which outlet?"), near, words), self._at)

    def _at(self, near: Near | None) -> None:
        if near is not None:
            self._app.spawn(self._choose_time(near.outlet))

    async def _choose_time(self, outlet: Document | None) -> None:
        app, facts = self._app, self._facts
        catalogue, customer = app.deeds.catalogue, facts.customer
        if catalogue is None or customer is None:
            return
        self._where = outlet.id if outlet is not None else HOME
        self._place = safe(outlet.data.get("name"), 40) if outlet is not None else _("your home")
        scope, where, at = customer.document.scope, self._where, app.at()

        def read(site: Site) -> list[Slot]:
            found: list[Slot] = []
            for ahead in range(14):
                day = day_of(at) + timedelta(days=ahead)
                document = site.view.document(scope, slots_id(where, day))
                found += slots_of(where, day, outlet, document, at, catalogue)
                if len(found) >= MOST:
                    break
            return found[:MOST]

        slots = await app.backend.run(read)
        if not slots:
            app.flow.say(_("no time can be booked there in the next days"))
            return
        app.push_screen(ChooseDialog(_("when?"), slots, lambda s, _w: slot_row(s, at)), self._when)

    def _when(self, slot: Slot | None) -> None:
        if slot is not None:
            self._app.spawn(self._book(slot))

    async def _book(self, slot: Slot) -> None:
        app, facts, customer = self._app, self._facts, self._facts.customer
        if customer is None:
            return
        booking = Booking(
            customer.document,
            self._where,
            self._place,
            slot.at,
            self._purpose,
            facts.line.id if facts.line else None,
            self._contact,
            self._promise,
            i18n.language(),
        )
        if self._appointment is not None:
            done = await app.hall.move(self._appointment, booking)
        else:
            done = await app.hall.book(booking)
        if app.flow.report(done):
            self._note()
            number = str(done.document.data.get("number") or "")
            words = _("booked: tell the customer the time and number {number}; a text goes to him")
            app.flow.say(words.format(number=spoken(safe(number, 24))), "good")
            await app.reload()

    def _note(self) -> None:
        """Let the contact know what it was about: its wrap-up has it then."""
        contact, customer = self._app.flow.contact, self._facts.customer
        facts = contact.facts if contact is not None and contact.opened else None
        if contact is None or facts is None or facts.customer is None or customer is None:
            return
        if facts.customer.document.id == customer.document.id:
            title = _("appointment: {what}").format(what=terms.term(PURPOSES, self._purpose))
            contact.matters.append(Matter(title, f"appointment.{self._purpose}", "booked", True))
