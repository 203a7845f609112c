"""Help and palette, both from the registry of actions: every key, where it works, and the way to do it by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.actions import DESK, Action
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import Column, Row, hints, row, table
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.language.text import clean


class HelpScreen(Dialog[str]):
    """All actions; those that work now stand in front and can be done from here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
    ]

    def __init__(self, state: str, find: bool, registry: Sequence[Action] = DESK) -> None:
        super().__init__()
        self._registry = registry
        self._state = state
        self._by_name = find
        self._typed = ""
        self._cursor = 0
        self._top = 0

    @property
    def actions(self) -> list[Action]:
        """Return the actions that fit what is typed, those that work now in front."""
        words = self._typed.lower().split()
        fitting = [a for a in self._registry if all(w in f"{a.id} {_(a.word)} {_(a.help)}".lower() for w in words)]
        return sorted(fitting, key=lambda a: self._state not in a.where)

    def body(self, width: int) -> Sequence[Row]:
        columns = (Column(6), Column(0))
        room = max(4, self.app.size.height - 14)
        self._top = max(min(self._top, self._cursor), self._cursor - room + 1)
        lines = [
            table(columns, (row((a.shown, "key" if self._now(a) else "quiet")), self._words(a)), width)
            for a in self.actions[self._top : self._top + room]
        ]
        return [row((_("keys"), "strong"), "  ", ("^v" if len(self.actions) > room else "", "quiet")), *lines]

    def _now(self, action: Action) -> bool:
        return self._state in action.where

    def _words(self, action: Action) -> Row:
        return row((_(action.help), "" if self._now(action) else "quiet"))

    def fields(self) -> Sequence[Widget]:
        return (Field(id="query"),) if self._by_name else ()

    def keys(self) -> Row:
        return hints(("Enter", _("do it")), ("Esc", _("back")))

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
        if self.awake and found and self._now(found[self._cursor]) and found[self._cursor].id not in ("offer", "work"):
            self.dismiss(found[self._cursor].id.rpartition(".")[2])
