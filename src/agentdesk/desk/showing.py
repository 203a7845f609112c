"""When the desk is painted: at once, or soon where it has just been; a ring brings a dozen changes."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

WHOLE_TICKS = 5
"""After how many ticks all of the desk is painted, not only what counts seconds."""


class Showing:
    """Lets changes gather between two paintings; what a key or a ring changes never waits."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._asked = False
        self._gathering = False
        self._shown_at = 0.0
        self._ticks = 0

    def hurry(self) -> None:
        """Show the next change at once."""
        self._shown_at = 0.0

    def changed(self) -> None:
        """Show what the flow holds now: at once, or soon where something has just been shown."""
        if self._asked or not self._app.desk_screen.is_mounted:
            return
        wait = self._shown_at + self._app.settings.gather_s - monotonic()
        if wait <= 0:
            self._asked = True
            self._app.call_next(self.show)
        elif not self._gathering:
            self._gathering = True
            self._app.spawn(self._show_in(wait))

    def tick(self) -> None:
        """Paint what a second changes, and now and then all of it."""
        self._ticks += 1
        self._app.desk_screen.tick(whole=self._ticks % WHOLE_TICKS == 0)
        self.tick_dialog()

    def tick_dialog(self) -> None:
        """Repaint what stands over the desk."""
        top = self._app.top
        tick = getattr(top, "tick", None)
        if tick is not None and top is not self._app.desk_screen:
            tick()

    async def _show_in(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._gathering:
            self.show()

    def show(self) -> None:
        """Show what the flow holds now, on the desk and in the dialog over it."""
        self._asked = self._gathering = False
        app = self._app
        if not app.screen_stack:
            return
        contact = app.contact
        if contact is None:
            app.news.at_rest()
        app.desk_screen.show_all()
        self._shown_at = monotonic()
        changed = getattr(app.top, "facts_changed", None)
        if changed is not None and contact is not None and contact.facts is not None:
            changed(contact.facts)
        else:
            self.tick_dialog()
