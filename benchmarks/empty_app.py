"""The floor of the desk: a Textual application with a list of lines, another screen, and a door to ring at.

`python benchmarks/empty_app.py [--door FILE]`; the address stands in FILE once it listens.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import OptionList, Static

LINES = [f"line {n:02} of a list that is about as wide as the desk's own list of all that is open" for n in range(60)]


class Other(Screen[None]):
    """A screen to go to and back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.pop_screen")]

    def compose(self) -> ComposeResult:
        yield OptionList(*LINES)


class Empty(App[None]):
    """Nothing but one line and a list."""

    CSS = "OptionList { height: 1fr }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("l", "other", priority=True)]

    def __init__(self, door: Path | None) -> None:
        super().__init__()
        self._door = door
        self._server: asyncio.Server | None = None

    def compose(self) -> ComposeResult:
        yield Static("EMPTY-APP-READY", id="line")
        yield OptionList(*LINES)

    async def on_mount(self) -> None:
        if self._door is not None:
            self._server = await asyncio.start_server(self._ring, "127.0.0.1", 0)
            self._door.write_text(str(self._server.sockets[0].getsockname()[1]))

    async def _ring(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Show what is said at the door."""
        said = (await reader.readline()).decode().strip()
        self.query_one("#line", Static).update(said)
        writer.close()

    def action_other(self) -> None:
        self.push_screen(Other())


if __name__ == "__main__":
    Empty(Path(sys.argv[2]) if sys.argv[1:2] == ["--door"] else None).run()
