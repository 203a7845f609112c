"""A new ticket in three small steps: what kind, which symptom, the customer's words.

The customer's own open tickets stand in front: one key chases one of them instead. What counts for the clock, whether
the same came before and what the customer is told are shown before anything is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from agentdesk.desk import i18n, terms
from agentdesk.desk.actions import bindings_of, hint_of
from agentdesk.desk.drafts import NewTicket
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import spoken as say
from agentdesk.desk.models import times
from agentdesk.desk.models.card import line_words
from agentdesk.desk.models.classes import found, path_of
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.group import announced_words
from agentdesk.desk.models.promise import labelled, said
from agentdesk.desk.models.rows import EMPTY, Row, ends, joined, row, safe
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.work import tail
from agentdesk.desk.screens.ask import AskDialog, Pick, PickDialog
from agentdesk.desk.screens.choose import KEYS, ChooseDialog
from agentdesk.desk.screens.tell import ChaseDialog
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document, index_of
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.times.clocks import APPEAL, Deadlines, clock_named, deadlines
from agentdesk.domain.work.repeats import handler_of, repeated

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

Choice = str | Document


def new_ticket(app: DeskApp, contact: Contact, facts: Facts) -> None:
    """Ask for kind, symptom and words, one after the other, and open the ticket; or chase one that is open."""

    def kind_chosen(choice: Choice | None) -> None:
        if isinstance(choice, Document):
            app.push_screen(ChaseDialog(contact, choice))
        elif choice is not None:
            app.push_screen(_symptom_dialog(facts, choice), lambda symptom: symptom_chosen(choice, symptom))

    def symptom_chosen(kind: str, symptom: str | None) -> None:
        if symptom is not None:
            app.push_screen(TicketWords(contact, facts, kind, symptom or None))

    app.push_screen(_kind_dialog(facts), kind_chosen)


def _kind_dialog(facts: Facts) -> ChooseDialog[Choice]:
    kinds = list(terms.TICKETS)
    own = [d for d in facts.work if d.type == "ticket" and index_of(d).open]
    own = sorted(own, key=lambda d: -int(d.data.get("at") or 0))[: len(KEYS) - 9]
    choices: list[Choice] = [*own, *kinds]
    keys = KEYS[9 : 9 + len(own)] + KEYS[: len(kinds)]

    def words(choice: Choice, width: int) -> Row:
        if isinstance(choice, str):
            return row(terms.term(terms.TICKETS, choice))
        left, late = times.left(choice.data.get("due"), facts.at)
        what = row((_("open already: chase it"), "warn"), "  ", title_of(choice))
        return ends(
            what, row((tail(choice.data.get("number")), "quiet"), "  ", (left, "late" if late else "quiet")), width
        )

    return ChooseDialog(_("what kind of ticket?"), choices, words, len(own), keys)


def _symptom_dialog(facts: Facts, kind: str) -> PickDialog[str]:
    catalogue = facts.catalogue

    def find(typed: str) -> list[Pick[str]]:
        nodes = found(catalogue, "symptom", kind, typed)
        return [
            *(Pick(row(path_of(node.code, catalogue)), node.code) for node in nodes),
            Pick(row((_("none of these"), "quiet")), ""),
        ]

    return PickDialog(_("which symptom? type a part of it, or its initials"), find)


class TicketWords(AskDialog):
    """The last step: the customer's words; shows the deadline, the same matter before, and what to tell."""

    place = "new_ticket"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("new_ticket")

    def __init__(self, contact: Contact, facts: Facts, kind: str, symptom: str | None) -> None:
        super().__init__(self._rows, self._open, _("open the ticket"))
        self._contact = contact
        self._facts = facts
        self._kind = kind
        self._symptom = symptom
        self._special = False
        """Outside towns for a fault, an appeal for a complaint: another clock counts."""

    @property
    def _rural(self) -> bool:
        return self._special and self._kind == "fault"

    @property
    def _origin(self) -> str:
        if self._special and self._kind == "complaint":
            return APPEAL
        return {"hall": "branch", "phone": "hotline", "desk": "branch"}.get(
            self._contact.channel, self._contact.channel
        )

    @property
    def _before(self) -> Document | None:
        """Return the ticket that this one repeats."""
        facts, line = self._facts, self._facts.line.id if self._facts.line else None
        return repeated(self._kind, self._symptom, line, facts.work, self.desk.at(), facts.catalogue)

    @property
    def _ends(self) -> Deadlines:
        before, facts = self._before, self._facts
        level = (before.data.get("level") or 0) + 1 if before is not None and self._kind == "complaint" else 0
        clock = clock_named(self._kind, self._symptom, facts.catalogue, self._origin, self._rural, level)
        return deadlines(clock, facts.tier, self.desk.at(), facts.catalogue)

    def keys(self) -> Row:
        other = {"fault": _("in town or outside"), "complaint": _("complaint or appeal")}.get(self._kind)
        first = [hint_of("new_ticket.other_clock", other)] if other else []
        return joined([hint_of("new_ticket.go"), *first, hint_of("back")])

    def action_other_clock(self) -> None:
        if self._kind in ("fault", "complaint"):
            self._special = not self._special
            self.paint()

    def _rows(self, width: int) -> list[Row]:
        at, ends, facts = self.desk.at(), self._ends, self._facts
        path = path_of(self._symptom, facts.catalogue) if self._symptom else ""
        lines = [row((terms.term(terms.TICKETS, self._kind), "strong"), "  ", path), EMPTY]
        if facts.line is not None:
            lines.append(labelled(_("line"), row(line_words(facts.line, not facts.verified))))
        if self._special:
            words = _("outside towns: the law gives more time") if self._rural else _("appeal: the highest clock")
            lines.append(labelled("", row((words, "warn"))))
        if ends.due is not None:
            left = times.left(ends.due, at)[0]
            moment = times.moment(ends.due, at)
            law = ""
            if ends.law is not None and ends.law != ends.due:
                law = _("the law: {moment}").format(moment=times.moment(ends.law, at))
            lines.append(
                labelled(_("deadline"), row((moment, "strong"), "   ", (left, "quiet"), "   ", (law, "quiet")))
            )
        lines += self._repeat_rows(at)
        lines += [row((words, "warn")) for words in announced_words(facts, self._kind)]
        told = facts.catalogue.rules.tickets.words.get(self._kind)
        if told is not None and ends.due is not None:
            text = say.filled(told.due, {"due": times.moment(ends.due, at)})
            lines += said(_("tell them"), text, width)
        return [*lines, EMPTY, row((_("what happened, in the customer's words"), "strong"))]

    def _repeat_rows(self, at: int) -> list[Row]:
        before = self._before
        if before is None:
            return []
        number, days = spoken(safe(before.data.get("number"), 24)), self._facts.catalogue.rules.repeat_days
        if index_of(before).open:
            words = _("open already: {title} {number}; Esc, and chase it instead").format(
                title=title_of(before), number=number
            )
        else:
            words = ngettext("repeat within {n} day: {number}", "repeat within {n} days: {number}", days[self._kind])
            words = words.format(n=days[self._kind], number=number)
        raised = "  " + _("raised by one level") if self._kind == "complaint" else ""
        who = "  " + _("handled by {who}").format(who=safe(handler_of(before) or "", 16))
        return [row((words + raised + who, "warn"))]

    async def _open(self, words: str) -> str:
        facts, customer = self._facts, self._facts.customer
        if customer is None:
            return _("choose the customer first: press Tab")
        if not words and not self._symptom:
            return _("write what happened")
        node = facts.catalogue.classes.get(self._symptom or "")
        title = node.name.say(i18n.language()) if node else words[:40]
        address = customer.document.data.get("address")
        new = NewTicket(
            number="",
            kind=self._kind,
            symptom=self._symptom,
            title=title,
            words=words,
            customer=customer.document.id,
            line=facts.line.id if facts.line else None,
            contact=self._contact.id,
            due=self._ends.due,
            person={"number": facts.caller} if facts.caller else {},
            origin=self._origin,
            place=address if self._kind == "fault" and isinstance(address, str) else None,
            rural=self._rural,
        )
        done = await self.desk.deeds.ticket(self._contact, customer.document, new)
        if done.ok:
            number = spoken(str(done.document.data.get("number")))
            self.desk.flow.say(_("the ticket is open: {number}; tell the customer").format(number=number), "good")
            await self.desk.reload()
        return done.problem
