"""The outbox and the inbox: what waits, what was sent, what the centre answered and why; the life of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import terms, wording
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.promise import LABEL, labelled
from agentdesk.desk.models.rows import EMPTY, Column, Row, row, safe, table, wrap
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
    columns = (Column(5), Column(17), Column(18), Column(0))
    cells = (
        row((times.clock(entry.at), "quiet")),
        row(terms.term(terms.KINDS, entry.kind)),
        row((words, tone)),
        row((why, "" if entry.verdict in NEEDS_A_PERSON else "quiet")),
    )
    return table(columns, cells, width)


def life_rows(entry: Entry, catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return the whole life of an operation, line by line."""
    lines = [row((terms.term(terms.KINDS, entry.kind), "strong"), "  ", (f"{entry.lineage[:8]} {entry.seq}", "quiet"))]
    lines.append(EMPTY)
    lines.append(labelled(_("made"), row(f"{times.moment(entry.at, at)}  ", (safe(entry.actor, 16), "quiet"))))
    if entry.amount:
        lines.append(labelled(_("amount"), row(wording.money(entry.amount))))
    number = safe((entry.body or {}).get("number") or "", 24)
    if number:
        lines.append(labelled(_("number"), row(number)))
    if entry.tries:
        tries = ngettext("sent {n} time", "sent {n} times", entry.tries).format(n=entry.tries)
        last = times.moment(entry.last_sent_at, at) if entry.last_sent_at else ""
        lines.append(labelled(_("sent"), row(tries, "  ", (last, "quiet"))))
    else:
        lines.append(labelled(_("sent"), row((_("not yet: it is safe here"), "quiet"))))
    if entry.problem:
        lines += [labelled("", line) for line in wrap(safe(entry.problem, 160), width - LABEL, "warn")]
    words, tone = verdict_words(entry)
    if entry.verdict is not None:
        when = times.moment(entry.answered_at, at) if entry.answered_at else ""
        lines.append(labelled(_("verdict"), row((words, tone), "  ", (when, "quiet"))))
        for reason in entry.reasons:
            lines += [labelled("", line) for line in wrap(wording.say(reason, catalogue), width - LABEL)]
        back = _("seen back from the centre") if entry.state == "centre" else _("not yet seen back from the centre")
        lines.append(labelled("", row((back, "quiet"))))
    else:
        lines.append(labelled(_("verdict"), row((_("none yet"), "quiet"))))
    return lines
