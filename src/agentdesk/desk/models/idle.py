"""The desk at rest: all that the first frame shows."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.rows import EMPTY, Row, hint, row
from agentdesk.desk.models.work import WorkLine, work_rows

WIDE = 110
"""Columns from which two blocks stand side by side."""

MOST = 110
"""Cells that a list takes at most: what belongs together stands together."""

PANES = ("all", "offers", "work", "past")
"""What stands in the middle while there is room for one block only."""


@dataclass(frozen=True, slots=True)
class IdleView:
    """What stands on the desk while nobody is there; `inbox` counts entries that need a person."""

    mine: tuple[WorkLine, ...]
    late: tuple[WorkLine, ...]
    at: int
    loaded: bool
    ready: bool
    inbox: int = 0


def idle_rows(view: IdleView, width: int, height: int) -> list[Row]:
    """Return the desk at rest: this agent's open work, what is late at the site, and that calls ring by themselves."""
    room = max(2, height - 6)
    late_room = min(len(view.late), max(2, room // 3)) if view.late else 0
    mine = view.mine[: max(1, room - late_room)]
    if not view.loaded:
        return [EMPTY, row("    ", (_("reading the files"), "quiet"))]
    lines: list[Row] = [EMPTY]
    lines.append(block_head(_("my open work"), len(view.mine), hint("a-f", _("open")) if mine else EMPTY))
    # both lists in the same columns, near enough together to be read across
    found = (*mine, *view.late[:late_room])
    rows = work_rows(found, view.at, min(width, MOST), len(found))
    lines += rows[: len(mine)]
    if not view.mine:
        lines.append(row("    ", (_("nothing is open"), "quiet")))
    if view.late:
        lines += [EMPTY, block_head(_("late at this site"), len(view.late), EMPTY)]
        lines += rows[len(mine) :]
    if view.inbox and len(lines) + 2 < height:
        words = ngettext("{n} entry needs you", "{n} entries need you", view.inbox).format(n=view.inbox)
        lines += [EMPTY, row("    ", words, "   ", hint("o", _("outbox")))]
    waits = _("waiting for a call; it rings by itself") if view.ready else _("not ready: no calls; r to be ready again")
    rest = height - len(lines) - 1
    if rest >= 1:
        lines += [EMPTY] * min(rest, 2)
        lines.append(row("    ", (waits, "quiet")))
    return lines[:height]


def block_head(word: str, count: int, keys: Row) -> Row:
    """Return the line above a block: what it is, how many, and its keys."""
    return row((f"{word} {count}", "strong"), "   " if keys else "", keys)
