"""Signing in: a small application of its own before the desk, as until then nothing of the site can be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from agentdesk.desk import glyphs, i18n
from agentdesk.desk.actions import bindings_of
from agentdesk.desk.models.rows import Row
from agentdesk.desk.models.sign_in import sign_in_rows
from agentdesk.desk.screens.gate import Gate
from agentdesk.desk.themes import THEMES

if TYPE_CHECKING:
    from agentdesk.sync.entering import Door, Entered


class SignInScreen(Gate):
    """Who comes to this desk."""

    place: ClassVar[str] = "sign_in"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("sign_in")

    def body(self, width: int) -> Sequence[Row]:
        return sign_in_rows(self.number, self.stage)

    def keys(self) -> Row:
        return self.hints("sign_in.go", *(["sign_in.back"] if self.stage != "number" else []), "sign_in.leave")

    def opened(self, entered: Entered) -> None:
        self.app.exit(entered)

    def action_leave(self) -> None:
        self.app.exit(None)


class SignInApp(App["Entered | None"]):
    """The door of the desk; it ends with who came in, or with None."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS_PATH: ClassVar[list[str | PurePath]] = ["gate.tcss"]

    def __init__(self, door: Door, number: str, language: str, theme: str, wide: bool) -> None:
        super().__init__()
        i18n.use(language)
        glyphs.use(wide)
        for one in THEMES.values():
            self.register_theme(one)
        self.theme = THEMES.get(theme, THEMES["dark"]).name
        self._first = SignInScreen(door, number)

    def get_default_screen(self) -> Screen[Any]:
        return self._first

    async def action_quit(self) -> None:
        self.exit(None)

    def action_help_quit(self) -> None:
        """Let Ctrl-C be pressed by mistake."""
