"""A new ticket in three small steps: what kind, which symptom, the customer's words; the deadline is shown before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.drafts import NewTicket
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.card import line_words
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.promise import labelled
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.tickets import class_path, symptoms
from agentdesk.desk.screens.ask import AskDialog, Pick, PickDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.session import Contact
from agentdesk.domain.clocks import ticket_due
from agentdesk.domain.documents import index_of
from agentdesk.domain.ids import spoken

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp


def new_ticket(app: DeskApp, contact: Contact, facts: Facts) -> None:
    """Ask for kind, symptom and words, one after the other, and open the ticket."""

    def kind_chosen(kind: str | None) -> None:
        if kind is not None:
            app.push_screen(_symptom_dialog(facts, kind), lambda symptom: symptom_chosen(kind, symptom))

    def symptom_chosen(kind: str, symptom: str | None) -> None:
        if symptom is not None:
            app.push_screen(TicketWords(contact, facts, kind, symptom or None))

    kinds = list(terms.TICKETS)
    app.push_screen(
        ChooseDialog(_("what kind of ticket?"), kinds, lambda kind, _width: row(terms.term(terms.TICKETS, kind))),
        kind_chosen,
    )


def _symptom_dialog(facts: Facts, kind: str) -> PickDialog[str]:
    catalogue = facts.catalogue

    def find(typed: str) -> list[Pick[str]]:
        found = [Pick(row(class_path(node.code, catalogue)), node.code) for node in symptoms(catalogue, kind, typed, 8)]
        return [*found, Pick(row((_("none of these"), "quiet")), "")]

    return PickDialog(_("which symptom? type a part of it"), find)


class TicketWords(AskDialog):
    """The last step: the customer's words; shows the deadline, and open tickets about the same."""

    def __init__(self, contact: Contact, facts: Facts, kind: str, symptom: str | None) -> None:
        super().__init__(self._rows, self._open, _("open the ticket"))
        self._contact = contact
        self._facts = facts
        self._kind = kind
        self._symptom = symptom

    @property
    def _due(self) -> int | None:
        return ticket_due(self._kind, self._symptom, self._facts.tier, self.desk.at(), self._facts.catalogue)[0]

    def _rows(self, width: int) -> list[Row]:
        at, due = self.desk.at(), self._due
        path = class_path(self._symptom, self._facts.catalogue) if self._symptom else ""
        lines = [row((terms.term(terms.TICKETS, self._kind), "strong"), "  ", path), EMPTY]
        if self._facts.line is not None:
            lines.append(labelled(_("line"), row(line_words(self._facts.line, not self._facts.verified))))
        if due is not None:
            left = times.left(due, at)[0]
            lines.append(labelled(_("deadline"), row((times.moment(due, at), "strong"), "   ", (left, "quiet"))))
        same = [
            d
            for d in self._facts.work
            if d.type == "ticket" and index_of(d).open and self._symptom and d.data.get("symptom") == self._symptom
        ]
        for ticket in same:
            words = _("open already: {title} {number}; chase it instead").format(
                title=title_of(ticket), number=spoken(str(ticket.data.get("number")))
            )
            lines.append(row((words, "warn")))
        return [*lines, EMPTY, row((_("what happened, in the customer's words"), "strong"))]

    async def _open(self, words: str) -> str:
        facts, customer = self._facts, self._facts.customer
        if customer is None:
            return _("choose the customer first: press Tab")
        if not words and not self._symptom:
            return _("write what happened")
        catalogue = facts.catalogue
        node = catalogue.classes.get(self._symptom or "")
        from agentdesk.desk import i18n

        title = node.name.say(i18n.language()) if node else words[:40]
        new = NewTicket(
            "",
            self._kind,
            self._symptom,
            title,
            words,
            customer.document.id,
            facts.line.id if facts.line else None,
            self._contact.id,
            self._due,
            {"number": facts.caller} if facts.caller else {},
        )
        done = await self.desk.deeds.ticket(self._contact, customer.document, new)
        if done.ok:
            number = spoken(str(done.document.data.get("number")))
            self.desk.flow.say(_("the ticket is open: {number}; tell the customer").format(number=number), "good")
            await self.desk.reload()
        return done.problem
