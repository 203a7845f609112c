"""The worklist's lines: what lies with whom, how long the station and the customer still have, whom it climbed to."""

from __future__ import annotations

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import Column, Row, ends, row, table
from agentdesk.desk.models.rows import width as cells
from agentdesk.desk.models.work import WorkLine
from agentdesk.desk.terms import tickets as terms_tickets
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.timers import passed


def queue_row(line: WorkLine, catalogue: Catalogue | None, at: int, width: int) -> Row:
    """Return one line: number, what and whose, with whom, the station's clock, the deadline."""
    data = line.document.data
    columns = _columns(width)
    rest = width - sum(column.cells for column in columns) - 2 * (len(columns) - 1)
    whole = row(line.title, "  ", (line.customer, "quiet"))
    # what a line is about stands before what makes it stand out
    signs = _signs(line, catalogue, at)
    while signs and cells(row(" ".join(signs))) + 2 + min(cells(whole), rest * 3 // 5) > rest:
        signs = signs[:-1]
    title = ends(whole, row((" ".join(signs), "warn")), rest)
    station = ("", "")
    until = data.get("station_due")
    if line.document.type == "ticket" and until is not None and data.get("state") not in ("paused", "followed_up"):
        words, over = times.left(until, at)
        station = (words, "late" if over else "quiet")
    words, late = times.left(line.due, at)
    if data.get("state") == "paused":
        words, late = _("paused"), False
    elif data.get("state") in ("replied", "followed_up"):
        words, late = "", False
    where = row((line.where, "quiet"))
    deadline = row(words) if not late else row((words, "late"))
    return table(columns, (row((line.number, "quiet")), title, where, row(station), deadline), width)


def title_cells(width: int) -> Row:
    """Return the heads of the columns."""
    heads = (_("no."), _("what"), _("lies with"), _("station"), _("deadline"))
    return table(_columns(width), tuple(row((head, "quiet")) for head in heads), width)


def _signs(line: WorkLine, catalogue: Catalogue | None, at: int) -> list[str]:
    """Return what makes a line stand out: the rung that the clock says, its level, how often it was chased."""
    data = line.document.data
    parts: list[str] = []
    if line.document.type == "ticket":
        if data.get("level"):
            parts.append(_("level {n}").format(n=data["level"]))
        if data.get("chases"):
            parts.append(_("chased {n}").format(n=data["chases"]))
        due = [step for step in passed(line.document, catalogue, at) if step.rung != "until"] if catalogue else []
        rung = due[-1].rung if due else data.get("rung")
        if rung and rung != "owner":
            parts.insert(0, terms.term(terms_tickets.RUNGS, rung))
    return parts


def _columns(width: int) -> tuple[Column, ...]:
    where = 12 if width < 100 else 24
    clock = 12
    return (Column(5), Column(0), Column(where), Column(clock), Column(clock))
