"""A ticket in full: where it stands, its clocks, what it belongs together with, what the customer is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import spoken as say
from agentdesk.desk.models import times
from agentdesk.desk.models.classes import path_of
from agentdesk.desk.models.group import common_rows
from agentdesk.desk.models.promise import LABEL, labelled
from agentdesk.desk.models.promise_life import progress_rows
from agentdesk.desk.models.rows import EMPTY, Row, ends, joined, row, safe, text, wrap
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.telling import mark
from agentdesk.desk.models.work import department, where_of
from agentdesk.desk.terms import tickets as terms_tickets
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.tickets.states import late_minutes
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.timers import passed

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with what is known around it: the customer's other tickets, the names of agents by their id."""

    ticket: Document
    others: tuple[Document, ...] = ()
    agents: Mapping[str, str] = field(default_factory=dict)
    drafts: frozenset[str] = frozenset()
    """The moves for which unsent words are kept."""
    customer: str = ""
    """Whose it is, masked: a ticket is opened from lists as well as beside his card."""

    def agent(self, agent_id: object) -> str:
        """Return an agent's name; his id where it isn't known here."""
        known = str(agent_id or "")
        return safe(self.agents.get(known) or known, 16)


def page_rows(
    view: TicketView, catalogue: Catalogue | None, agent: str, at: int, width: int, facts: Facts | None = None
) -> list[Row]:
    """Return a ticket's lines, the most important first; what there is nothing to say of takes no line.

    `facts` are those of a contact with its customer, who may not be verified enough to hear all of it.
    """
    return [
        ends(_title(view.ticket), row((view.customer, "quiet")), width),
        EMPTY,
        *_standing(view, catalogue, agent, at, facts),
        *common_rows(view.ticket, width),
        *_clocks(view.ticket, catalogue, at),
        *_classes(view.ticket, catalogue),
        *_before(view, at),
        *_words(view.ticket, catalogue, at, width),
    ]


def _title(ticket: Document) -> Row:
    data = ticket.data
    signs: list[Row] = []
    if data.get("level"):
        signs.append(row((_("level {n}").format(n=data["level"]), "late")))
    if data.get("origin") == "appeal":
        signs.append(row((_("appeal"), "late")))
    if data.get("repeat_of"):
        signs.append(row((_("repeat"), "warn")))
    chases = int(data.get("chases") or 0)
    if chases:
        signs.append(row((ngettext("chased {n} time", "chased {n} times", chases).format(n=chases), "warn")))
    kind = terms.term(terms.TICKETS, data.get("kind"))
    return joined(
        [
            row((title_of(ticket), "strong")),
            row((kind, "quiet")),
            row((spoken(safe(data.get("number"), 24)), "strong")),
            *signs,
        ]
    )


def _standing(view: TicketView, catalogue: Catalogue | None, agent: str, at: int, facts: Facts | None) -> Iterator[Row]:
    data = view.ticket.data
    state = row((terms.term(terms.TICKET_STATES, data.get("state")), "strong"))
    where = where_of(view.ticket, catalogue, agent)
    owner = view.agent(data.get("owner")) if data.get("owner") else _("nobody yet")
    said = row(where) if where and where not in text(state) else EMPTY
    yield labelled(_("state"), joined([state, said, row((owner, "quiet")), mark("progress", facts)]))
    first = view.agent(data.get("first_responsible"))
    yield labelled(_("first asked"), row(first, ("  " + _("stays responsible to the end"), "quiet")))
    if data.get("state") == "merged":
        yield labelled(_("merged into"), row((spoken(safe(data.get("merged_number"), 24)), "strong")))
    engineer = data.get("engineer") or {}
    if engineer:
        name = safe(engineer.get("name") or "", 24)
        number = display(safe(engineer.get("number") or "", 24), masked=False)
        yield labelled(_("engineer"), joined([row((name, "strong"), "  ", number), mark("engineer", facts)]))
    yield from progress_rows(view.ticket, at)


def _clocks(ticket: Document, catalogue: Catalogue | None, at: int) -> Iterator[Row]:
    data = ticket.data
    state, due = data.get("state"), data.get("due")
    if due is not None:
        words, late = times.left(due, at)
        shown = row(times.moment(due, at), "   ", (words, "late" if late else "strong"))
        if state in ("archived", "replied", "followed_up", "merged"):
            shown = row((times.moment(due, at), "quiet"))
        law = data.get("law_due")
        by_law = (_("the law: {moment}").format(moment=times.moment(law, at)), "quiet") if law is not None else ""
        yield labelled(_("deadline"), row(shown, "   ", by_law))
    if data.get("station_due") is not None and state not in ("archived", "followed_up", "merged", "paused"):
        here, over = times.left(data["station_due"], at)
        minutes = late_minutes(ticket, at, catalogue) if catalogue else 0
        spent = times.span(minutes * times.MINUTE_MS)
        charged = (_("{span} charged to it so far").format(span=spent), "late") if minutes else ""
        station = row(times.moment(data["station_due"], at), "   ", (here, "late" if over else "quiet"), "   ", charged)
        yield labelled(_("station"), station)
    pause = data.get("paused") or {}
    if state == "paused" and pause:
        reason = _pause_name(pause.get("reason"), catalogue)
        until = _("until {moment}").format(moment=times.moment(int(pause.get("until") or 0), at))
        yield labelled(_("paused"), row((reason, "warn"), "  ", until, ("  " + _("the law's clock goes on"), "quiet")))
    rung = _rung(ticket, catalogue, at)
    if rung:
        yield labelled(_("told"), rung)


def _rung(ticket: Document, catalogue: Catalogue | None, at: int) -> Row:
    """Return to whom an overdue ticket has climbed, and what this desk's own clock says is due beyond that."""
    told = ticket.data.get("rung")
    parts = [row((terms.term(terms_tickets.RUNGS, told), "late"))] if told else []
    due = [step for step in passed(ticket, catalogue, at) if step.kind != "ticket.pause_over"] if catalogue else []
    if due:
        name = terms.term(terms_tickets.RUNGS, due[-1].rung)
        parts.append(row((_("due by the clock here: {role}").format(role=name), "warn")))
    return joined(parts)


def _pause_name(reason: object, catalogue: Catalogue | None) -> str:
    rule = catalogue.rules.tickets.pauses.get(str(reason)) if catalogue else None
    return rule.name.say(i18n.language()) if rule else safe(reason or "", 40)


def _classes(ticket: Document, catalogue: Catalogue | None) -> Iterator[Row]:
    data = ticket.data
    if data.get("symptom"):
        yield labelled(_("symptom"), row(path_of(str(data["symptom"]), catalogue)))
    if data.get("cause"):
        minutes = int(data.get("minutes") or 0)
        worked = _("{n} min of work").format(n=minutes) if minutes else ""
        yield labelled(_("cause"), row(path_of(str(data["cause"]), catalogue), "  ", (worked, "quiet")))
    seat = data.get("expert") or {}
    if seat.get("minutes") is not None:
        yield labelled(_("expert seat"), row(_("{n} min of work").format(n=seat["minutes"])))
    blame = data.get("liability") or {}
    if blame:
        unit = department(blame.get("department"), catalogue)
        state = terms.term(terms_tickets.LIABILITIES, blame.get("state"))
        worked = _("{n} min of work").format(n=int(blame.get("minutes") or 0))
        yield labelled(_("responsible"), row(unit, "  ", (state, "warn"), "  ", (worked, "quiet")))


def _before(view: TicketView, at: int) -> Iterator[Row]:
    """Yield what a ticket belongs together with: the one it repeats, those merged into it, those it is linked to."""
    data = view.ticket.data
    for link in data.get("links") or ():
        relation = terms.term(terms_tickets.LINKS, link.get("relation"))
        number = spoken(safe(link.get("number"), 24))
        line = row((relation, "warn" if link.get("relation") == "repeat" else ""), "  ", number)
        title = (safe(link.get("title") or "", 40), "quiet")
        if link.get("relation") == "repeat" and data.get("previous_handler"):
            who = _("handled by {who}").format(who=view.agent(data["previous_handler"]))
            yield labelled("", row(line, "  ", title, "  ", (who, "strong")))
        else:
            yield labelled("", row(line, "  ", title))
    for part in data.get("merged") or ():
        number = spoken(safe(part.get("number"), 24))
        title = (safe(part.get("title") or "", 40), "quiet")
        yield labelled("", row(_("with it"), "  ", number, "  ", title))
    asked = data.get("satisfaction") or {}
    if asked:
        answer = terms.term(terms.ANSWERS, asked.get("answer"))
        score = f"  {asked['score']}/5" if asked.get("score") is not None else ""
        yield labelled(_("follow-up"), row(answer + score, "  ", (times.ago(int(asked.get("at") or at), at), "quiet")))


def _words(ticket: Document, catalogue: Catalogue | None, at: int, width: int) -> Iterator[Row]:
    data = ticket.data
    for index, line in enumerate(wrap(safe(data.get("words"), 400), width - LABEL, most=2)):
        yield labelled(_("words") if index == 0 else "", line)
    for index, line in enumerate(wrap(told_words(ticket, catalogue, at), width - LABEL, "say", most=3)):
        yield labelled(_("tell them") if index == 0 else "", line)


def told_words(ticket: Document, catalogue: Catalogue | None, at: int) -> str:
    """Return what the customer is told of the deadline; once it has passed, the way on as well (申诉途径)."""
    data = ticket.data
    words = catalogue.rules.tickets.words.get(str(data.get("kind"))) if catalogue else None
    due = data.get("due")
    if words is None or due is None or data.get("state") in ("archived", "merged", "followed_up", "replied"):
        return ""
    if due < at:
        return words.overdue.say(i18n.language())
    return say.filled(words.due, {"due": times.moment(due, at)})
