"""A screen that may lie beneath another: what changes on it costs only what can be seen of it."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import Screen

T = TypeVar("T")


class Layer(Screen[T]):
    """A screen that draws nothing while a page covers it, and only its changed lines while a dialog does.

    Textual draws the whole terminal anew for each line that changes beneath another screen, and from the first such
    time on with every further one: a clock that ticks would cost some 12 kB a second over SSH.
    """

    def _compositor_refresh(self) -> None:
        top = self.app.screen
        changed = self._compositor._dirty_regions
        if self is top or self.app.is_inline or not changed:
            super()._compositor_refresh()
            return
        regions = tuple(changed)
        changed.clear()
        self._dirty_widgets.clear()
        # what is on top comes back whole once this is on top again
        if top.styles.background.a < 1:
            top.refresh(*regions)
