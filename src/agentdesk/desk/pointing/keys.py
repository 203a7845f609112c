"""Each key, before any screen has it: one may come too early, pick a jump's letter, or do a macro."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.widgets import Input, TextArea

from agentdesk.desk.actions.pressed import macro_of, meant, plain

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen

    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.pointing.jump import Jump
    from agentdesk.desk.pointing.targets import Target


class Keys:
    """Takes the keys of a desk."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._jump: Jump | None = None

    def jump_on(self, screen: Screen[Any], targets: Sequence[Target]) -> None:
        """Put letters beside what can be opened; the next key goes there."""
        from agentdesk.desk.pointing.jump import Jump

        if targets:
            self._jump = Jump(screen, targets)

    def let_go(self) -> None:
        """Forget a jump that was begun."""
        if self._jump is not None:
            self._jump.end()
            self._jump = None

    def take(self, event: events.Key) -> events.Key | None:
        """Return a key as the screen on top knows it; None where it is done with, or means nothing.

        The first on a card is noted, full-width ones work like their plain twins, and Enter reaches no screen, and no
        field on it, that has only just come up.
        """
        app, top = self._app, self._app.top
        if event.key == "enter" and top is not None and not app.doze.over(top):
            return None
        if app.begun:
            app.flow.key_pressed()
        if self._jump is not None:
            jump, self._jump = self._jump, None
            if jump.screen is top:
                self._jump = jump if jump.take(event) else None
                return None
            jump.end()
        typing = isinstance(app.focused, Input | TextArea)
        event = plain(event, typing)
        macro = macro_of(event, top)
        if macro:
            app.deal.macro(macro)
            return None
        return meant(event, top, typing)
