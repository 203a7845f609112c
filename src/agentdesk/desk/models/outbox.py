"""The outbox: what waits, what was sent, what the centre answered and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import terms, wording
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import Column, Row, row, safe, table
from agentdesk.store.outbox import NEEDS_A_PERSON, Entry

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


def verdict_words(entry: Entry) -> tuple[str, str]:
    """Return what became of an operation, and its tone."""
    if entry.verdict is None:
        return terms.term(terms.OUTBOX_STATES, entry.state), "quiet"
    tone = "warn" if entry.verdict in NEEDS_A_PERSON else "good"
    return terms.term(terms.VERDICTS, entry.verdict.value), tone


def entry_row(entry: Entry, catalogue: Catalogue | None, at: int, width: int) -> Row:
    """Return one operation in a line: when, what, where it is, and why if something is the matter."""
    words, tone = verdict_words(entry)
    why = wording.say_all(entry.reasons, catalogue) if entry.reasons else safe(entry.problem or "", 80)
    columns = (Column(5), Column(20), Column(18), Column(0))
    cells = (
        row((times.clock(entry.at), "quiet")),
        row(terms.term(terms.KINDS, entry.kind)),
        row((words, tone)),
        row((why, "" if entry.verdict in NEEDS_A_PERSON else "quiet")),
    )
    return table(columns, cells, width)
