"""Enter is dead for a moment on a screen that has just come up: it may have been meant for what was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from textual.screen import Screen

    from agentdesk.domain.operation import Clock

DEAD_MS = 400
"""How long Enter does nothing after a ring, or after a dialog or a page has come up."""


class Doze:
    """Which screens doze still; the application lets no Enter through to one that does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: WeakKeyDictionary[Screen[Any], int] = WeakKeyDictionary()

    def begin(self, screen: Screen[Any]) -> None:
        """Keep Enter dead on a screen for a moment from now on."""
        self._since[screen] = self._clock.mono_ms()

    def over(self, screen: Screen[Any]) -> bool:
        """Tell whether Enter counts on a screen."""
        since = self._since.get(screen)
        return since is None or self._clock.mono_ms() - since >= DEAD_MS
