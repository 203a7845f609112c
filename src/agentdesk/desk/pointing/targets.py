"""Lines that can be opened: where they stand on a screen, and what opens them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from agentdesk.desk.models.rows import Row

if TYPE_CHECKING:
    from agentdesk.desk.widgets.lines import Lines


@dataclass(frozen=True)
class Target:
    """A line that can be opened: the widget and the row that it stands in; `point` only puts the cursor there."""

    lines: Lines
    row: int
    go: Callable[[], object]
    point: Callable[[], object]
    pointed: Callable[[], bool]
    """Tells whether the cursor is there already."""


@runtime_checkable
class Targeted(Protocol):
    """A screen whose lines can be opened by a letter or by the mouse."""

    def targets(self) -> Sequence[Target]:
        """Return the lines in sight that can be opened."""


def key_at(line: Row, cell: int) -> str:
    """Return the key that is printed at a cell of a line, or whose word stands there; empty where there is none."""
    from agentdesk.desk import glyphs

    begin, last, gap = 0, "", False
    for span in line:
        end = begin + glyphs.width(span.text)
        if span.tone in ("key", "next"):
            last, gap = span.text.strip(), False
        elif span.text == " " and not gap:
            gap = True
        elif not (gap and span.tone in ("quiet", "strong")):
            last, gap = "", False
        if begin <= cell < end:
            return last
        if span.tone in ("quiet", "strong") and gap:
            # the word is over: what follows is another thing
            last, gap = "", False
        begin = end
    return ""
