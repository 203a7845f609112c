"""Fields to type in: no blinking, nothing selected that the next letter would replace, no border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message
from textual.widgets import Input, TextArea


class Field(Input):
    """One line of text."""

    DEFAULT_CSS = """
    Field { border: none; height: 1; padding: 0 1; background: $boost; color: $strong; }
    Field:focus { border: none; background: $boost; }
    """

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, select_on_focus=False, compact=True, **options)
        self.cursor_blink = False


class Words(TextArea):
    """Several lines of text; Enter is done, a line break comes in by pasting only."""

    @dataclass
    class Done(Message):
        """The agent has finished writing."""

        words: Words

        @property
        def control(self) -> Words:
            return self.words

    DEFAULT_CSS = """
    Words { border: none; padding: 0 1; background: $boost; color: $strong; scrollbar-size: 0 0; }
    Words:focus { border: none; background: $boost; }
    Words .text-area--cursor-line { background: $boost; }
    """

    def __init__(self, text: str = "", **options: Any) -> None:
        super().__init__(text, compact=True, show_line_numbers=False, tab_behavior="focus", **options)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Done(self))
            return
        await super()._on_key(event)
