"""All keys of the desk at one look; each can be done from here, and says in a sentence what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from agentdesk.desk.actions import Action
from agentdesk.desk.i18n import _
from agentdesk.desk.models.help import Sheet, sheet, sheet_rows
from agentdesk.desk.models.rows import EMPTY, Row, hints, wrap
from agentdesk.desk.screens.dialog import Dialog

AROUND = 7
"""Lines that the keys leave to the frame, the hints, and the sentence on the selected one."""


class KeysScreen(Dialog[str]):
    """Every action with its key, grouped; what doesn't fit the height moves with the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("left", "beside(-1)", show=False),
        Binding("right", "beside(1)", show=False),
        Binding("question_mark", "back", show=False),
    ]

    def __init__(self, state: str) -> None:
        super().__init__()
        self._state = state
        self._sheet: Sheet | None = None
        self._cursor = 0
        self._top = 0

    @property
    def _action(self) -> Action | None:
        return self._sheet.actions[self._cursor] if self._sheet else None

    def body(self, width: int) -> Sequence[Row]:
        if self._sheet is None:
            self._sheet = sheet(width)
        room = max(4, self.app.size.height - AROUND)
        line = self._sheet.spot(self._cursor)[1]
        self._top = max(0, min(self._top, line - 1), line - room + 1)
        lines = sheet_rows(self._sheet, self._state, self._cursor, width)[self._top : self._top + room]
        action = self._sheet.actions[self._cursor]
        tone = "" if self._state in action.where else "quiet"
        return [*lines, EMPTY, *wrap(_(action.help), width, tone, most=1)]

    def keys(self) -> Row:
        return hints(("Enter", _("do it")), ("^p", _("by name")), ("Esc", _("back")))

    def action_move(self, by: int) -> None:
        if self._sheet is not None:
            self._cursor = (self._cursor + by) % len(self._sheet.actions)
            self.paint()

    def action_beside(self, by: int) -> None:
        if self._sheet is not None:
            self._cursor = self._sheet.beside(self._cursor, by)
            self.paint()

    def action_go(self) -> None:
        action = self._action
        if self.awake and action is not None and self._state in action.where and action.id not in ("offer", "work"):
            self.dismiss(action.id)
