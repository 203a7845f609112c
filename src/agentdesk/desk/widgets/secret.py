"""A field for what nobody shall see: nothing of it is drawn, copied, or kept once it was taken."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from agentdesk.desk.widgets.field import Field

MOST = 128
DRAWN = 3
"""So many marks at most: how long it is shows nobody."""


class Secret(Field):
    """One line that is typed unseen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(password=True, max_length=MOST, **options)

    def validate_value(self, value: str) -> str:
        # what can't be typed again is refused where a password is chosen, not changed here behind anybody's back
        return value[:MOST]

    def take(self) -> str:
        """Return what was typed, and forget it."""
        typed = self.value
        self.value = ""
        return typed

    def render_line(self, y: int) -> Strip:
        marks = "•" * min(len(self.value), DRAWN)
        width = self.size.width
        return Strip([Segment(f"{marks}{' ' * max(width - len(marks), 0)}", self.rich_style)], width)

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(event.text.split("\n", 1)[0][:MOST], *self.selection)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""
