"""The branch hall: who waits, who is expected; a card, a number or the next in the queue begins a visit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from agentdesk.desk.actions import bindings_of
from agentdesk.desk.answers import roles
from agentdesk.desk.i18n import _
from agentdesk.desk.models.hall import (
    Expected,
    appointment_rows,
    expected_rows,
    gathered,
    plain,
    queue_row,
    slip_items,
    slip_text,
)
from agentdesk.desk.models.names import name_of
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.queries import finding
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.booking import BookingTalk
from agentdesk.desk.screens.page import Page
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import card_matches
from agentdesk.domain.language.text import clean
from agentdesk.domain.outlet.hall import day_of
from agentdesk.domain.profile.idcard import IdCard, read_card
from agentdesk.domain.work.notices import mobile_of
from agentdesk.store.site import Site

LONGEST = 200


class HallPage(Page):
    """Digits, or what a reader types, go into the field; letters are keys."""

    place = "hall"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("hall")
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self._entry = Field(id="query")
        self._expected: tuple[Expected, ...] = ()
        self._news = ""

    async def load(self) -> None:
        at = self.desk.at()
        contact = self.desk.contact
        own = contact.facts.work if contact is not None and contact.facts is not None else ()

        def read(site: Site) -> list[Expected]:
            found = {d.key: d for d in (*site.view.open_work(None, 200), *own) if d.type == "appointment"}
            today = [d for d in found.values() if day_of(int(d.data.get("slot") or 0)) == day_of(at) or d in own]
            today.sort(key=lambda d: int(d.data.get("slot") or 0))
            return [Expected(d, name_of(site.view.document(d.scope, str(d.data.get("customer"))))) for d in today]

        self._expected = tuple(await self.desk.backend.run(read))
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        queue = self.desk.hall.queue
        ask = row((_("ID card, phone number, appointment or queue number"), "quiet"))
        return [queue_row(queue, self.desk.settings.clock.wall_ms(), width), ask]

    def fields(self) -> Sequence[Widget]:
        return (self._entry,)

    def head(self, width: int) -> Sequence[Row]:
        hall, lines = self.desk.hall, []
        if self._news:
            lines.append(row((self._news, "good")))
        if hall.called is not None:
            lines.append(row((_("called: {number}").format(number=hall.called.number), "next")))
        if hall.visit is not None:
            words = _("a visit is open: p prints its slip, s sends it, k enters a receipt's number")
            lines.append(row((words, "accent")))
        title = _("appointments today {n}").format(n=len(self._expected))
        return [*lines, EMPTY, row((title, "strong"))] if lines else [row((title, "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        return expected_rows(self._expected, self.desk.at(), width)

    def keys(self) -> Row:
        visit = ("hall.slip", "hall.slip_sms", "hall.receipt") if self.desk.hall.visit is not None else ()
        return roles.hints(self.desk, "hall.take", "hall.call_next", "hall.book", *visit, "hall.clerk", "back")

    def on_key(self, event: events.Key) -> None:
        """Take what a reader types, card number or name first; once it has begun, letters are no keys any more.

        The field takes no focus: a reader types faster than a focus moves, and keys would come in two orders.
        """
        typed, character = self._entry.value, event.character or ""
        if character.isdigit() or (character.isalpha() and not character.isascii()) or (typed and event.is_printable):
            event.stop()
            self._entry.value = typed + character
        elif typed and event.key == "backspace":
            event.stop()
            self._entry.value = typed[:-1]

    def action_back(self) -> None:
        if self._entry.value:
            self._entry.value = ""
        else:
            self.dismiss(None)

    def action_go(self) -> None:
        typed, self._entry.value = clean(self._entry.value, LONGEST), ""
        if typed:
            self.desk.spawn(self._receive(typed))
        else:
            super().action_go()

    def chosen(self, index: int) -> None:
        self.desk.push_screen(AppointmentPage(self._expected[index].document))

    # who is received

    async def _receive(self, typed: str) -> None:
        """Begin with what was typed: a card, a number of the queue, of an appointment, or of a telephone."""
        card = read_card(typed)
        if card is not None:
            await self._by_card(card)
            return
        digits = typed.upper().lstrip("A")
        if digits.isdigit() and len(digits) <= 4:
            self._called(typed)
            return
        found = await self.desk.backend.run(lambda site: finding.meant(site, typed))
        booked = next((d for one in found if (d := one.document) is not None and d.type == "appointment"), None)
        if booked is not None:
            self.desk.push_screen(AppointmentPage(booked))
            return
        who = [(d, one.line) for one in found if (d := one.document) is not None and d.type == "customer"]
        if not who:
            self.say(_("nobody is found for that: look with / on the desk"))
        elif len(who) > 1:
            self.say(_("{n} customers have this number: read the ID card, or find the one with /").format(n=len(who)))
        else:
            await self._begin(*who[0], "number")

    async def _by_card(self, card: IdCard) -> None:
        if not card.name:
            self.say(_("the reader gives no name: type the phone number, then verify with v"))
            return
        named = await self.desk.backend.run(lambda site: site.view.named(card.name, 20))
        mine = [d for d in named if d.data.get("name") == card.name and card_matches(d.data, card.number)]
        if len(mine) != 1:
            self.say(_("no customer here has this card: find him by his number"))
            return
        await self._begin(mine[0], None, "card")
        contact = self.desk.contact
        if contact is not None and contact.facts is not None:
            done, match = await self.desk.customers.verify(contact, contact.facts, "id_card", card.number, "owner", {})
            if self.desk.flow.report(done) and match:
                self.desk.flow.say(_("match: the caller is verified"), "good")
            await self.desk.flow.refresh()

    def _called(self, number: str = "") -> None:
        hall = self.desk.hall
        hall.called = hall.queue.call(number)
        if hall.called is None:
            self.say(_("nobody waits with that number") if number else _("nobody waits"))
        else:
            self.say("")

    async def _begin(self, customer: Document, line: str | None, how: str) -> None:
        if self.desk.contact is not None:
            self.say(_("finish this contact first"))
            return
        if problem := roles.refusal(self.desk, "visit.started"):
            self.say(problem)
            return
        self.home()
        beginning = "queue" if self.desk.hall.called is not None and how == "number" else how
        await self.desk.hall.receive(self.desk.flow, customer, line, beginning)

    # keys

    def action_take(self) -> None:
        taken = self.desk.hall.queue.take(self.desk.settings.clock.wall_ms())
        self._news = _("queue number {number}").format(number=taken.number)
        self.say("")

    def action_call_next(self) -> None:
        self._called()

    def action_book(self) -> None:
        contact = self.desk.contact
        if contact is None or contact.facts is None or contact.facts.customer is None:
            self.say(_("receive the customer first, or find him with /"))
            return
        BookingTalk(self.desk, contact.facts, contact.id if contact.opened else None).begin()

    def action_slip(self) -> None:
        self.desk.spawn(self._give("print"))

    def action_slip_sms(self) -> None:
        self.desk.spawn(self._give("sms"))

    async def _give(self, way: str) -> None:
        """Give the one slip of the visit, made of what was done."""
        hall, contact = self.desk.hall, self.desk.contact
        if hall.visit is None or contact is None or contact.facts is None or contact.facts.customer is None:
            self.say(_("no visit is open: receive somebody first"))
            return
        await self.desk.flow.refresh()
        facts = contact.facts
        to = mobile_of(facts.customer, facts.line) if facts.customer is not None else None
        if way == "sms" and to is None:
            self.say(_("the customer has no mobile number: print the slip"))
            return
        settings = self.desk.settings
        slip = slip_text(facts, hall.visit, contact.id, settings.agent.name, settings.hotline)
        slip = plain(slip) if way == "sms" else slip
        done = await hall.close(slip, slip_items(gathered(facts, contact.id)), way, to)
        self.say(done.problem)
        if done.ok:
            words = (
                _("the slip is printed: w wraps up") if way == "print" else _("the slip goes out by SMS: w wraps up")
            )
            self.desk.flow.say(words, "good")
            self.dismiss(None)

    def action_receipt(self) -> None:
        def lines(_width: int) -> list[Row]:
            return [row((_("number of the receipt, then what it is for; no cash is taken here"), "strong")), EMPTY]

        async def enter(words: str) -> str:
            number, _space, what = words.partition(" ")
            return (await self.desk.hall.receipt(number, what)).problem

        self.desk.push_screen(AskDialog(lines, enter, _("enter it")))

    def action_clerk(self) -> None:
        def lines(_width: int) -> list[Row]:
            return [row((_("staff number of who works at this desk from now on"), "strong")), EMPTY]

        self.desk.push_screen(AskDialog(lines, self._clerk, _("take over")))

    async def _clerk(self, typed: str) -> str:
        """Let another clerk work here: what is done from now on is his."""
        if self.desk.contact is not None:
            return _("finish this contact first")
        region = self.desk.deeds.by.region.rpartition("/")[2]

        def read(site: Site) -> Document | None:
            return site.view.document(ORG, typed) or site.view.document(ORG, f"{region}{typed}")

        agent = await self.desk.backend.run(read) if typed else None
        if agent is None or agent.type != "agent" or agent.data.get("dismissed_at") is not None:
            return _("nobody with that number works here")
        await self.desk.manner.take_over(agent)
        return ""


class AppointmentPage(Page):
    """One appointment; its customer came, was served, wants another time, or doesn't come."""

    place = "appointment"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("appointment")

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document

    async def load(self) -> None:
        scope, name = self.document.scope, self.document.id
        found = await self.desk.backend.run(lambda site: site.view.document(scope, name))
        self.document = found or self.document
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        return [row((_("appointment"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        return appointment_rows(self.document, self.desk.at(), width)

    def keys(self) -> Row:
        state = self.document.data.get("state")
        keys = []
        if state in ("booked", "missed"):
            keys += ["appointment.came", "appointment.move_it"]
        if state == "arrived":
            keys.append("appointment.serve")
        if state in ("booked", "arrived"):
            keys.append("appointment.cancel")
        return roles.hints(self.desk, *keys, "back")

    def action_came(self) -> None:
        self.desk.spawn(self._came())

    async def _came(self) -> None:
        """Note the arrival, and receive the customer at the counter where nobody else is."""
        done = await self.desk.hall.came(self.document)
        self.say(done.problem)
        if not done.ok:
            return
        await self.load()
        if self.desk.contact is None and self.document.data.get("where") != "home":
            scope, name = self.document.scope, str(self.document.data.get("customer"))
            customer = await self.desk.backend.run(lambda site: site.view.document(scope, name))
            if customer is not None:
                line = self.document.data.get("subscription")
                await self.desk.hall.receive(
                    self.desk.flow, customer, str(line) if line else None, "appointment", self.document
                )
        await self.desk.reload()

    def action_serve(self) -> None:
        self.desk.spawn(self._serve())

    async def _serve(self) -> None:
        done = await self.desk.hall.serve(self.document)
        self.say(done.problem)
        await self.desk.reload()

    def action_move_it(self) -> None:
        contact = self.desk.contact
        facts = contact.facts if contact is not None else None
        if facts is None or facts.customer is None or facts.customer.document.id != self.document.data.get("customer"):
            self.say(_("call the customer up first: press / on the desk"))
            return
        BookingTalk(self.desk, facts, None, appointment=self.document).begin()

    def action_cancel(self) -> None:
        def lines(_width: int) -> list[Row]:
            return [row((_("why is it cancelled?"), "strong")), EMPTY]

        async def cancel(words: str) -> str:
            if not words:
                return _("say why")
            done = await self.desk.hall.cancel(self.document, words)
            await self.load()
            return done.problem

        self.desk.push_screen(AskDialog(lines, cancel, _("cancel it")))
