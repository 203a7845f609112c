"""Help and palette, both from the registry of actions: every key, where it works, and the way to do it by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.actions import Action, Place, bindings_of, hint_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import Column, Row, joined, row, table
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.keys import Works
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.language.text import clean


class HelpScreen(Dialog[str]):
    """All actions; those that work now stand in front and can be done from here."""

    place = "help"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("help")

    def __init__(self, place: Place, works: Works) -> None:
        super().__init__()
        self._registry = place.actions
        self._works = works
        self._typed = ""
        self._cursor = 0
        self._top = 0

    @property
    def actions(self) -> list[Action]:
        """Return the actions that fit what is typed, those that work now in front."""
        words = self._typed.lower().split()
        fitting = [a for a in self._registry if all(w in f"{a.id} {_(a.word)} {_(a.sentence)}".lower() for w in words)]
        return sorted(fitting, key=lambda a: not self._works(a))

    def body(self, width: int) -> Sequence[Row]:
        columns = (Column(6), Column(0))
        room = max(4, self.app.size.height - 14)
        self._top = max(min(self._top, self._cursor), self._cursor - room + 1)
        lines = [
            table(columns, (row((a.shown, "key" if self._works(a) else "quiet")), self._words(a)), width)
            for a in self.actions[self._top : self._top + room]
        ]
        return [row((_("keys"), "strong"), "  ", ("^v" if len(self.actions) > room else "", "quiet")), *lines]

    def _words(self, action: Action) -> Row:
        return row((_(action.sentence), "" if self._works(action) else "quiet"))

    def fields(self) -> Sequence[Widget]:
        return (Field(id="query"),)

    def keys(self) -> Row:
        return joined([hint_of("go", _("do it")), hint_of("back")])

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self.action_move, 0)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._typed = clean(event.value, 40)
        self._cursor = self._top = 0
        self.action_move(0)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def action_move(self, by: int) -> None:
        self._cursor = (self._cursor + by) % max(1, len(self.actions))
        self.paint()
        self.text.select(self._cursor - self._top + 1)

    def action_go(self) -> None:
        found = self.actions
        if found and self._works(found[self._cursor]) and not found[self._cursor].series:
            self.dismiss(found[self._cursor].does)

    def action_palette(self) -> None:
        self.dismiss(None)
