"""The jump: letters beside everything that can be opened; typing one goes there, any other key takes them away."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from agentdesk.desk.actions import plain_key
from agentdesk.desk.pointing.targets import Target

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""The letters that lie nearest to the fingers first."""


def labels(count: int) -> list[str]:
    """Return so many labels, all of one letter where that is enough, else all of two."""
    if count <= len(LETTERS):
        return list(LETTERS[:count])
    return ["".join(pair) for pair in product(LETTERS, repeat=2)][:count]


class Jump:
    """The letters that stand on a screen now, and what was typed of one."""

    def __init__(self, screen: Screen[object], targets: Sequence[Target]) -> None:
        self.screen = screen
        self._targets = dict(zip(labels(len(targets)), targets, strict=False))
        self._typed = ""
        self._show()

    def take(self, event: events.Key) -> bool:
        """Take a key; False when the jump is over."""
        letter = plain_key(event.character) or event.character or ""
        typed = self._typed + letter
        if letter and typed in self._targets:
            target = self._targets[typed]
            self.end()
            target.point()
            target.go()
            return False
        if letter and any(label.startswith(typed) for label in self._targets):
            self._typed = typed
            self._show()
            return True
        self.end()
        return False

    def end(self) -> None:
        """Take the letters away."""
        self._targets, self._typed, before = {}, "", self._targets
        for lines in {target.lines for target in before.values()}:
            lines.label({})

    def _show(self) -> None:
        for lines in {target.lines for target in self._targets.values()}:
            lines.label(
                {
                    target.row: label[len(self._typed) :]
                    for label, target in self._targets.items()
                    if target.lines is lines and label.startswith(self._typed)
                }
            )
