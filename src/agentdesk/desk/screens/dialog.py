"""What all dialogs share: the card stays in sight above them, Enter is dead for a moment, Esc goes one step back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from agentdesk.desk.actions import bindings_of
from agentdesk.desk.models.rows import EMPTY, Row, folded, wrap, wrapped
from agentdesk.desk.pointing.copying import numbers_in
from agentdesk.desk.widgets.layer import Layer
from agentdesk.desk.widgets.lines import Lines

if TYPE_CHECKING:
    pass

T = TypeVar("T")


class Dialog(Layer[T], ModalScreen[T]):
    """A dialog: lines to read, fields to type in, the keys that work; subclasses say which."""

    place: ClassVar[str] = "dialog"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("dialog")
    AUTO_FOCUS = "Field, Words"

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""
        # held, not looked up: what was asked for may come after the agent has gone back
        self.text = Lines(lambda width, _height: self._whole(width), id="text")

    @property
    def awake(self) -> bool:
        """Tell whether the dialog has been there for a moment; Enter doesn't come before, other keys may ask."""
        return self.desk.doze.over(self)

    def doze(self) -> None:
        """Keep Enter dead for a moment from now on."""
        self.desk.doze.begin(self)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield self.text
            yield from self.fields()
            yield Lines(self._problem, id="problem")
            yield Lines(lambda width, _height: folded(self.keys(), width), id="hints")

    def on_mount(self) -> None:
        self.doze()

    def body(self, width: int) -> Sequence[Row]:
        """Return the lines of the dialog."""
        return ()

    def _whole(self, width: int) -> list[Row]:
        """Return the lines of the dialog, those that are too long in several."""
        return [part for line in self.body(width) for part in wrapped(line, width)]

    def fields(self) -> Sequence[Widget]:
        """Return the fields to type in."""
        return ()

    def keys(self) -> Row:
        """Return the keys that work."""
        return EMPTY

    def _problem(self, width: int, _height: int) -> list[Row]:
        lines = wrap(self.problem, width, "late", most=3) if self.problem else []
        return [*self.desk.companion.rows(self, width), *lines]

    def say(self, problem: str) -> None:
        """Show what is wrong, or nothing."""
        self.problem = problem
        self.paint()

    def paint(self) -> None:
        """Repaint the lines that changed."""
        for lines in self.query(Lines):
            lines.repaint()

    def tick(self) -> None:
        """Repaint what a second changes."""
        self.paint()

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close the dialog, unless it isn't on top any more: what was begun in it may end after the agent went back."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def action_copy(self) -> None:
        self.desk.copying.copy(numbers_in(self.text.rows), self.desk.say_quietly)

    def action_back(self) -> None:
        self.dismiss(None)

    def action_go(self) -> None:
        """Do what Enter does; a subclass says what."""
