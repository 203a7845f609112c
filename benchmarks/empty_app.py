"""The floor of the first frame: a Textual application with one line of text."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """Nothing but one line."""

    def compose(self) -> ComposeResult:
        yield Static("EMPTY-APP-READY")


if __name__ == "__main__":
    Empty().run()
