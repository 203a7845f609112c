"""A promise that the customer remembers and nobody recorded: looked for first, then written down, then decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk import i18n
from agentdesk.desk.actions import hint_of
from agentdesk.desk.deeds import promises as deeds_promises
from agentdesk.desk.drafts.promises import Disputed, Honoured
from agentdesk.desk.i18n import _
from agentdesk.desk.models import disputes
from agentdesk.desk.models.approvals import Superior
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.promise import read_amount, said
from agentdesk.desk.models.rows import EMPTY, Row, joined, row
from agentdesk.desk.models.work import department
from agentdesk.desk.queries import promises as queries_promises
from agentdesk.desk.queries.promises import Evidence
from agentdesk.desk.screens.approval import SignDialog, approving_roles
from agentdesk.desk.screens.ask import Pick, PickDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.documents import Document
from agentdesk.domain.language.text import clean

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.domain.policy import Catalogue

LONGEST = 400


class DisputeDialog(Dialog[bool]):
    """Number and day first: what the records have is shown before anything is written down."""

    place = "disputing"

    def __init__(self, contact: Contact, facts: Facts) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._stage = "look"
        self._day: int | None = None
        self._typed_day = ""
        self._phone = ""
        self._remembered = ""
        self._found: Evidence | None = None
        self._number = ""
        self._words = Field(id="words")

    def body(self, width: int) -> Sequence[Row]:
        at = self.desk.at()
        lines = [row((_("you promised me..."), "strong")), EMPTY]
        if self._stage == "look":
            lines.append(row(_("when was it, on which number, and who was it? for example: 9-1 10010 Zhang")))
            lines.append(row((_("a part is enough; Enter alone looks through all days"), "quiet")))
            return lines
        if self._found is not None:
            lines += disputes.found_rows(self._found, at, width)
        if self._stage == "words":
            lines += [EMPTY, row((_("if it isn't there: what was promised, in the customer's words"), "strong"))]
        else:
            text, _due = disputes.taken_words(self._facts.catalogue, self._facts.tier, at, self._number)
            lines += [EMPTY, *said(_("tell"), text, width)]
        return lines

    def fields(self) -> Sequence[Widget]:
        return (self._words,)

    def keys(self) -> Row:
        verbs = {"look": _("look for it"), "words": _("write it down"), "tell": _("told the customer")}
        return joined([hint_of("disputing.go", verbs[self._stage]), hint_of("back")])

    def action_go(self) -> None:
        if self._stage == "tell":
            self.dismiss(True)

    @on(Input.Submitted, "#words")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        text = clean(event.value, LONGEST).strip()
        if self._stage == "look":
            self._read(text)
            self.desk.spawn(self._look())
        elif not text:
            self.say(_("write something"))
        else:
            self.desk.spawn(self._open(text))

    def _read(self, text: str) -> None:
        rest = []
        for word in text.split():
            day = disputes.read_day(word, self.desk.at())
            if day is not None and self._day is None:
                self._day, self._typed_day = day, word
            elif word.strip("+-").replace("-", "").isdigit() and not self._phone:
                self._phone = word
            else:
                rest.append(word)
        self._remembered = " ".join(rest)

    async def _look(self) -> None:
        customer = self._facts.customer
        if customer is None:
            return
        phone, day = self._phone, self._day
        self._found = await self.desk.backend.run(
            lambda site: queries_promises.evidence(site, customer.document, phone, day)
        )
        self._stage = "words"
        self._words.value = ""
        self.doze()
        self.say("")

    async def _open(self, words: str) -> None:
        customer, found = self._facts.customer, self._found
        if customer is None or found is None:
            return
        _text, due = disputes.taken_words(self._facts.catalogue, self._facts.tier, self.desk.at(), "")
        new = Disputed(
            number="",
            customer=customer.document.id,
            line=self._facts.line.id if self._facts.line else None,
            contact_scope=self._contact.scope,
            contact=self._contact.id,
            words=words,
            day=self._typed_day or None,
            phone=self._phone or None,
            remembered=self._remembered or None,
            contacts=[d.id for d in found.contacts[:20]],
            promises=[d.id for d in found.promises[:20]],
            due=due,
        )
        done = await deeds_promises.dispute(self.desk.deeds, self._contact, customer.document, new)
        if not done.ok:
            self.say(done.problem)
            return
        self._number = str(done.document.data.get("number"))
        self._stage = "tell"
        self._words.display = False
        self.set_focus(None)
        self.doze()
        self.say("")
        await self.desk.reload()


class Deciding:
    """Deciding a dispute, step by step: which promise it is, to whom it is booked, then the superior's words."""

    def __init__(self, app: DeskApp, dispute: Document, after: Callable[[bool | None], None]) -> None:
        self._app = app
        self._dispute = dispute
        self._after = after
        self._honoured: Honoured | None = None
        self._chosen = ""

    @property
    def _catalogue(self) -> Catalogue | None:
        return self._app.deeds.catalogue

    def honour(self) -> None:
        """Ask which promise it is, then to whom it is booked."""
        catalogue = self._catalogue
        if catalogue is None:
            return

        def find(typed: str) -> list[Pick[str]]:
            fitting = disputes.promisable(catalogue, typed)
            return [Pick(row((t.code, "quiet"), "  ", t.name.say(i18n.language())), t.code) for t in fitting]

        self._app.push_screen(PickDialog(_("which promise is it? type a part of its name"), find), self._picked)

    def _picked(self, code: str | None) -> None:
        catalogue = self._catalogue
        if code is None or catalogue is None:
            return
        self._chosen = catalogue.templates[code].name.say(i18n.language())
        self._honoured = Honoured(code, "", 0, None, None)
        units = list(catalogue.departments)[:20]
        dialog = ChooseDialog(_("whose fault is it? booked to"), units, lambda u, _w: row(department(u, catalogue)))
        self._app.push_screen(dialog, self._booked)

    def _booked(self, unit: str | None) -> None:
        if unit is not None and self._honoured is not None:
            self._honoured = replace(self._honoured, unit=unit)
            self.sign(_("honour it"))

    def sign(self, verb: str) -> None:
        """Ask for the superior's words, and decide."""
        roles = approving_roles(self._catalogue)
        self._app.push_screen(SignDialog(self._rows, self._decide, verb, roles), self._after)

    def _rows(self, width: int) -> Sequence[Row]:
        catalogue = self._catalogue
        lines = disputes.dispute_rows(self._dispute, catalogue, self._app.at(), width)
        honoured = self._honoured
        if honoured is None:
            return lines
        unit = _("booked to {unit}").format(unit=department(honoured.unit, catalogue))
        lines += [EMPTY, row((self._chosen, "strong"), "   ", (unit, "quiet"))]
        if self._gives_money(honoured):
            lines.append(row((_("begin your reason with the amount: 36.50 it is on the recording"), "quiet")))
        return lines

    def _gives_money(self, honoured: Honoured) -> bool:
        catalogue = self._catalogue
        return catalogue is not None and catalogue.templates[honoured.template].money is not None

    async def _decide(self, superior: Superior | None, reason: str) -> str:
        honoured, catalogue = self._honoured, self._catalogue
        if honoured is not None and catalogue is not None and self._gives_money(honoured):
            rule = catalogue.templates[honoured.template].money
            first, _space, reason = reason.partition(" ")
            amount, problem = read_amount(first)
            if amount is None or not reason.strip():
                return problem or _("write something")
            leases = await self._app.backend.run(lambda site: site.allowances())
            lease = leases.get(rule.kind) if rule else None
            honoured = replace(honoured, amount=amount, allowance=lease.id if lease else None)
        done = await deeds_promises.decide(self._app.deeds, self._dispute, reason.strip(), honoured, superior)
        return done.problem
