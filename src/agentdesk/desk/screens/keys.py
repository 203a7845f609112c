"""All keys of the desk at one look; each can be done from here, and says in a sentence what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import Action, Place, bindings_of, hint_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.help import Sheet, groups_of, sheet, sheet_rows
from agentdesk.desk.models.rows import EMPTY, Row, joined, row, wrap
from agentdesk.desk.screens.dialog import Dialog

Works = Callable[[Action], bool]
"""Tells whether an action works now."""
PALETTE = "palette"

AROUND = 7
"""Lines that the keys leave to the frame, the hints, and the sentence on the selected one."""


class KeysScreen(Dialog[str]):
    """Every action with its key, grouped; what doesn't fit the height moves with the cursor."""

    place = "keys"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("keys")

    def __init__(self, place: Place, works: Works) -> None:
        super().__init__()
        self._groups = groups_of(place)
        self._works = works
        self._sheet: Sheet | None = None
        self._cursor = 0
        self._top = 0
        self._below = 0

    @property
    def _action(self) -> Action | None:
        return self._sheet.actions[self._cursor] if self._sheet else None

    def body(self, width: int) -> Sequence[Row]:
        if self._sheet is None:
            self._sheet = sheet(width, self._groups)
        room = max(4, self.app.size.height - AROUND)
        line = self._sheet.spot(self._cursor)[1]
        self._top = max(0, min(self._top, line - 1), line - room + 1)
        self._below = max(0, self._sheet.height - self._top - room)
        lines = sheet_rows(self._sheet, self._works, self._cursor, width)[self._top : self._top + room]
        action = self._sheet.actions[self._cursor]
        tone = "" if self._works(action) else "quiet"
        return [*lines, EMPTY, *wrap(_(action.sentence), width, tone, most=1)]

    def keys(self) -> Row:
        more = row((_("{n} more below").format(n=self._below), "quiet")) if self._below else EMPTY
        return joined([hint_of("go", _("do it")), hint_of("palette", _("by name")), hint_of("back"), more])

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
        if action is not None and self._works(action) and not action.series:
            self.dismiss(action.does)

    def action_help(self) -> None:
        self.dismiss(None)

    def action_palette(self) -> None:
        self.dismiss(PALETTE)
