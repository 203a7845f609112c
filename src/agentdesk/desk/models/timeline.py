"""Earlier contacts (接触记录): what happened with this customer, newest first, over all channels."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import Column, Row, row, safe, table
from agentdesk.desk.models.sorts import name_of_sort, state_of, title_of
from agentdesk.domain.documents import Document


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that happened."""

    at: int
    what: str
    words: str
    outcome: str


def timeline(facts: Facts) -> tuple[Past, ...]:
    """Return what happened with a customer before this contact, newest first."""
    current = facts.contact.id if facts.contact else None
    return tuple(
        _past(d) for d in facts.timeline if d.id != current and (not current or d.data.get("contact") != current)
    )


def _past(document: Document) -> Past:
    data = document.data
    at = int(data.get("at") or 0)
    if document.type == "contact":
        matters = data.get("matters") or ()
        subjects = _(", ").join(safe(m.get("title") or m.get("class") or "", 40) for m in matters)
        words = safe(data.get("summary") or "", 80) or subjects or _("no wrap-up")
        outcome = terms.term(terms.OUTCOMES, matters[0].get("outcome")) if matters else ""
        channel = "phone" if data.get("channel") in (None, "phone", "voice") else data.get("channel")
        return Past(at, terms.term(terms.CHANNELS, channel), words, outcome)
    if document.type == "note":
        return Past(at, _("note"), safe(data.get("text"), 80), "")
    name = terms.term(terms.TICKETS, data.get("kind")) if document.type == "ticket" else name_of_sort(document)
    return Past(at, name, title_of(document), state_of(document))


def timeline_rows(past: tuple[Past, ...], at: int, width: int, most: int) -> list[Row]:
    """Return the lines of the timeline, at most so many."""
    columns = (Column(11), Column(9), Column(0), Column(14))
    return [
        table(
            columns,
            (
                row((times.ago(item.at, at), "quiet")),
                row((item.what, "quiet")),
                row(item.words),
                row((item.outcome, "quiet")),
            ),
            width,
        )
        for item in past[:most]
    ]
