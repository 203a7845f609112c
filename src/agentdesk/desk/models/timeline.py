"""Earlier contacts (接触记录): what happened with this customer, newest first, over all channels."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Column, Row, row, safe, table, wrap
from agentdesk.desk.models.rows import width as cells
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
    """Return the lines of the timeline, at most so many; where there is height, words that are long have two."""
    shown = past[:most]
    if not shown:
        return []
    when, what, outcome = (
        max(cells(row(word)) for word in words)
        for words in zip(*((times.ago(item.at, at), item.what, item.outcome) for item in shown), strict=True)
    )
    # kinds stand whole; how it ended gives way before what it was about does
    room = width - when - what - 4
    outcome = min(outcome, max(room // 3, min(16, room - 16))) if outcome else 0
    columns = (Column(when), Column(what), Column(0), *((Column(outcome),) if outcome else ()))
    rest = room - (outcome + 2 if outcome else 0)
    blocks = [wrap(item.words, rest, most=2) or [EMPTY] for item in shown]
    if sum(map(len, blocks)) > most:
        blocks = [wrap(item.words, rest, most=1) or [EMPTY] for item in shown]
    lines: list[Row] = []
    for item, block in zip(shown, blocks, strict=True):
        parts = (row((times.ago(item.at, at), "quiet")), row((item.what, "quiet")), block[0])
        last = (row((item.outcome, "quiet")),) if outcome else ()
        lines.append(table(columns, (*parts, *last), width))
        lines += [row(" " * (when + what + 4), line) for line in block[1:]]
    return lines
