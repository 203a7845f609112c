"""Accepted pictures: one SVG file each, kept beside what made it; a new one is looked at, then accepted."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agentdesk.qa import svg

State = Literal["same", "changed", "new"]

MOST_LINES = 24
"""How much of a difference a message says."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A picture, and the accepted one, if there is one; `accepted` says that it has taken its place now."""

    name: str
    path: Path
    before: str | None
    after: str
    accepted: bool = False

    @property
    def state(self) -> State:
        """Say what a picture is beside the accepted one."""
        return "new" if self.before is None else "same" if self.before == self.after else "changed"

    @property
    def fine(self) -> bool:
        """Tell whether nobody has to look at it."""
        return self.accepted or self.state == "same"

    def message(self) -> str:
        """Say what is wrong, and what to do."""
        if self.state == "new":
            return f"the picture {self.path.name} isn't accepted yet; look at it, then run with --accept-pictures"
        changes = difference(self.before or "", self.after)
        more = [f"… and {len(changes) - MOST_LINES} more lines"] if len(changes) > MOST_LINES else []
        head = f"the picture {self.path.name} isn't the accepted one:"
        return "\n".join([head, *(f"  {line}" for line in changes[:MOST_LINES]), *more])


def compare(name: str, path: Path, after: str, accept: bool) -> Compared:
    """Compare a picture with the accepted one, and let it take its place if it may."""
    before = path.read_text(encoding="utf-8") if path.is_file() else None
    if accept and before != after:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(after, encoding="utf-8")
        beside.replace(path)
    return Compared(name, path, before, after, accept)


def difference(before: str, after: str) -> list[str]:
    """Return which lines of the screen say something else, old above new; colours alone are said in one sentence."""
    old, new = svg.lines(before), svg.lines(after)
    changes: list[str] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            changes += [f"{n + 1:>3} - {old[n]}" for n in range(i1, i2)]
            changes += [f"{n + 1:>3} + {new[n]}" for n in range(j1, j2)]
    if not changes and before != after:
        return ["the words are the same; colours or places differ"]
    return changes
