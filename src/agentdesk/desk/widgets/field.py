"""Fields to type in: no blinking, nothing selected that the next letter would replace, no border.

What is pasted comes from anywhere: it is cleaned as all texts from outside are, before the field draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Input, TextArea

from agentdesk.domain.language.text import clean, shown

LONGEST = 8_000
"""Characters that a field takes, typed or pasted."""


class Field(Input):
    """One line of text."""

    DEFAULT_CSS = """
    Field { border: none; height: 1; padding: 0 1; background: $boost; color: $strong; }
    Field:focus { border: none; background: $boost; }
    """

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, select_on_focus=False, compact=True, **options)
        self.cursor_blink = False

    @property
    def cursor_screen_offset(self) -> Offset:
        """Return where the next letter goes; behind the last one Textual's own says a cell too far."""
        return super().cursor_screen_offset - Offset(1 if self.cursor_at_end else 0, 0)

    def validate_value(self, value: str) -> str:
        """Return what the field may hold, wherever it comes from."""
        return shown(value, LONGEST)

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(clean(event.text, LONGEST), *self.selection)


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
        super().__init__(_lines(text), compact=True, show_line_numbers=False, tab_behavior="focus", **options)
        self.cursor_blink = False

    def load_text(self, text: str) -> None:
        """Put a text in the place of what is there."""
        super().load_text(_lines(text))

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if not self.read_only:
            words = clean(event.text, LONGEST, multiline=True)
            self.move_cursor(self.replace(words, *self.selection, maintain_selection_offset=False).end_location)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Done(self))
            return
        await super()._on_key(event)


def _lines(text: str) -> str:
    return "\n".join(shown(line, LONGEST) for line in text[: 4 * LONGEST].split("\n"))
