"""Which keys say something of somebody: what is typed into fields for words and numbers, and to verify a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

POLICY = frozenset({"flows", "flow", "services", "help", "ordering", "choose", "promising"})
"""Screens whose fields take amounts, and look in what the policy says."""

STAY = 4
"""So many digits of a number that is typed stay: amounts and days mean what they meant, nobody is known by them."""

SHORTEST = 3
"""Digits of the shortest group behind which a number goes on."""

BURST_MS = 20
"""No hand is so quick: digits that follow a key within this time are a number that was pasted or read from a card."""


class Typing:
    """What is typed, key by key; what the screen has of it yet isn't relied on: keys may come faster than it paints."""

    def __init__(self) -> None:
        self._digits = 0
        self._group = ""
        self._last_ms = -BURST_MS

    def is_private(self, desk: DeskApp, character: str, at_ms: int) -> bool:
        """Tell whether a character that is typed now, ms of a clock that never goes back, is written as another one."""
        burst = at_ms - self._last_ms < BURST_MS
        self._last_ms = at_ms
        self._count(character)
        if not character or ord(character[0]) > 0x2E7F:
            return bool(character)
        top = desk.screen_stack[-1] if desk.screen_stack else None
        place = getattr(top, "place", "")
        typing = isinstance(desk.focused, Input | TextArea)
        if place in POLICY and typing:
            return False
        if character.isdigit():
            # what begins another group may be a figure of its own
            more = self._digits > STAY and len(self._group) > 1
            return place == "verifying" or more or (burst and not typing)
        if place == "pick":
            # a part of a colleague's name, where it isn't one of the policy's words
            return typing and str(getattr(getattr(top, "_find", None), "__module__", "")).endswith("colleague")
        return typing and character.isalnum()

    def _count(self, character: str) -> None:
        """Count the digits of a number; it goes on behind a space or hyphen, where a day, of short groups, doesn't."""
        if character.isdigit():
            self._digits += 1
            self._group += character
            return
        is_year = character == "-" and len(self._group) == len("2026") and self._group.startswith("20")
        if character not in (" ", "-") or len(self._group) < SHORTEST or is_year:
            self._digits = 0
        self._group = ""
