"""Asking for one line of text, or for one of many by typing a part of its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.actions import bindings_of, hint_of, hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, joined, row
from agentdesk.desk.pointing.targets import Target
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.widgets.field import Field
from agentdesk.desk.widgets.lines import Lines
from agentdesk.domain.language.text import clean

LONGEST = 1000
T = TypeVar("T")
Submit = Callable[[str], Awaitable[str]]
"""Does something with what was typed; returns what is wrong, or an empty text when it is done."""


class AskDialog(Dialog[bool]):
    """One line to type, or none and only Enter (`typed`); stays open while there is something wrong with it."""

    place = "ask"

    def __init__(
        self, lines: Callable[[int], Sequence[Row]], submit: Submit, verb: str, value: str = "", typed: bool = True
    ) -> None:
        super().__init__()
        self._typed = typed
        self._lines = lines
        self._submit = submit
        self._verb = verb
        self._value = value
        self._busy = False

    def body(self, width: int) -> Sequence[Row]:
        return self._lines(width)

    def fields(self) -> Sequence[Widget]:
        return (Field(self._value, id="words"),) if self._typed else ()

    def action_go(self) -> None:
        if not self._typed:
            self._begin("")

    def keys(self) -> Row:
        return joined([hint_of("ask.go", self._verb), hint_of("back")])

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._begin(clean(event.value, LONGEST))

    def _begin(self, words: str) -> None:
        if not self._busy:
            self._busy = True
            self.desk.spawn(self._do(words))

    async def _do(self, words: str) -> None:
        problem = await self._submit(words)
        self._busy = False
        if problem:
            self.say(problem)
        else:
            self.dismiss(True)


@dataclass(frozen=True, slots=True)
class Pick(Generic[T]):
    """One of many: what is shown, and what it stands for."""

    line: Row
    value: T


class PickDialog(Dialog[T], Generic[T]):
    """Type a part of a name; Enter takes the line under the cursor."""

    place = "pick"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("pick")

    def __init__(self, title: str, find: Callable[[str], Sequence[Pick[T]]]) -> None:
        super().__init__()
        self._title = title
        self._find = find
        self._found: Sequence[Pick[T]] = ()
        self._cursor = 0
        self._list = Lines(lambda _width, _height: [EMPTY, *self.compose_rows()], id="found")

    def compose_rows(self) -> list[Row]:
        """Return the lines that fit what is typed."""
        lines = [pick.line for pick in self._found]
        return lines or [row((_("nothing fits: type less"), "quiet"))]

    def body(self, width: int) -> Sequence[Row]:
        return [row((self._title, "strong"))]

    def fields(self) -> Sequence[Widget]:
        return (Field(id="words"), self._list)

    def keys(self) -> Row:
        return hints_of("pick.go", "back")

    def on_mount(self) -> None:
        super().on_mount()
        self._look("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._look(event.value)

    def _look(self, typed: str) -> None:
        self._found = self._find(clean(typed, 80))
        self._cursor = 0
        self.paint()
        self._mark()

    def targets(self) -> Sequence[Target]:
        """Return the lines that fit what is typed."""
        return [
            Target(
                self._list,
                index + 1,
                partial(self.dismiss, pick.value),
                partial(self._point, index),
                partial(self._pointed, index),
            )
            for index, pick in enumerate(self._found)
        ]

    def _point(self, index: int) -> None:
        self._cursor = index
        self._mark()

    def _pointed(self, index: int) -> bool:
        return self._cursor == index

    def _mark(self) -> None:
        self._list.select(self._cursor + 1 if self._found else None)

    def action_move(self, by: int) -> None:
        self._cursor = (self._cursor + by) % max(1, len(self._found))
        self._mark()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._found:
            self.dismiss(self._found[self._cursor].value)
