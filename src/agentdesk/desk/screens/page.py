"""What all full screens share: status line, a list with a cursor, the keys that work, and Esc back to the contact."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.widget import Widget

from agentdesk.desk.actions import bindings_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import Row, ends, folded, row, wrap, wrapped
from agentdesk.desk.models.rows import width as cells
from agentdesk.desk.models.status import status_row
from agentdesk.desk.pointing.copying import numbers_in
from agentdesk.desk.pointing.targets import Target
from agentdesk.desk.queries.people import staff_of
from agentdesk.desk.widgets.layer import Layer
from agentdesk.desk.widgets.lines import Lines

if TYPE_CHECKING:
    from agentdesk.domain.documents import Document


WHATEVER = object()
"""What the cursor stands on where the agent has just put it: whatever line is there when the page is painted."""


def whole(lines: Sequence[Row], width: int) -> list[Row]:
    """Return lines, those that are too long in several."""
    return [part for line in lines for part in wrapped(line, width)]


class Page(Layer[None]):
    """A full screen; a subclass gives title, lines and keys, and says what Enter does with the nth line."""

    place: ClassVar[str] = "page"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("page")
    AUTO_FOCUS = "Field, Words"

    def __init__(self) -> None:
        super().__init__()
        self._cursor = 0
        self._on: Hashable = WHATEVER
        self.top = 0
        self.problem = ""
        self.told = ""
        self.staff: Mapping[str, str] = {}
        """The names of those who did what the page lists, by id."""
        self._drawn: tuple[int, Sequence[Row]] | None = None
        self._shown = 0
        self._above = 0
        # held, not looked up: what was asked for may come after the agent has gone back
        self._list = Lines(self._body, id="page-body")
        self._below = 0

    def compose(self) -> ComposeResult:
        yield Lines(lambda width, _height: [status_row(self.desk.news.status(), width)], id="page-status")
        yield Lines(lambda width, _height: whole(self.title_rows(width), width), id="page-title")
        yield from self.fields()
        yield self._list
        yield Lines(lambda width, _height: self._problem(width), id="page-problem")
        yield Lines(lambda width, _height: self._foot(width), id="page-keys")

    def on_mount(self) -> None:
        self.desk.doze.begin(self)

    async def load(self) -> None:
        """Read what the screen shows; a subclass does it in the store's thread."""

    async def news(self) -> None:
        await self.load()

    async def know(self, *documents: Document) -> None:
        """Read the names of the staff that documents name."""
        self.staff = await self.desk.backend.run(lambda site: staff_of(site, *documents))

    def title_rows(self, width: int) -> Sequence[Row]:
        """Return the lines at the top."""
        return ()

    def fields(self) -> Sequence[Widget]:
        """Return the fields to type in."""
        return ()

    def head(self, width: int) -> Sequence[Row]:
        """Return the lines above the list, which the cursor never reaches."""
        return ()

    def items(self, width: int) -> Sequence[Row]:
        """Return the lines of the list."""
        return ()

    def keys(self) -> Row:
        """Return the keys that work."""
        return ()

    def foot(self, width: int) -> Sequence[Row]:
        """Return the lines of keys at the foot: one, or as many as hold them whole."""
        return folded(self.keys(), width)

    @property
    def count(self) -> int:
        """Return how many lines the list has."""
        return len(self.items(200))

    def subjects(self) -> Sequence[Hashable]:
        """Return what each line is about, where lines come and go by themselves: the cursor stays on its own."""
        return ()

    @property
    def cursor(self) -> int:
        """Which line is chosen, from 0."""
        return self._cursor

    @cursor.setter
    def cursor(self, index: int) -> None:
        self._cursor, self._on = index, WHATEVER

    def _follow(self) -> None:
        """Keep the cursor on its line; where that is gone Enter, meant for it, sleeps for a moment."""
        there = list(self.subjects())
        if self._on is not WHATEVER and self._on not in there[self._cursor : self._cursor + 1]:
            if self._on in there:
                self._cursor = there.index(self._on)
            elif there:
                self.desk.doze.begin(self)
        self._cursor = max(0, min(self._cursor, len(there) - 1)) if there else self._cursor
        self._on = there[self._cursor] if there else None

    def chosen(self, index: int) -> None:
        """Do what Enter does with the nth line."""

    def _body(self, width: int, height: int) -> list[Row]:
        head = whole(self.head(width), width)
        if self._drawn is None or self._drawn[0] != width:
            self._drawn = width, self.items(width)
        items = self._drawn[1]
        room = max(1, height - len(head))
        self._cursor = max(0, min(self._cursor, len(items) - 1))
        self.top = max(min(self.top, self.cursor), self.cursor - room + 1, 0)
        shown = items[self.top : self.top + room]
        self._above, self._shown = len(head), len(shown)
        self._below = len(items) - self.top - len(shown)
        return [*head, *shown]

    def _foot(self, width: int) -> list[Row]:
        """Return the keys, set in by a cell, and how many lines of the list lie below the last one in sight."""
        lines = [row(" ", line) for line in self.foot(width - 2)]
        more = row((_("{n} more below").format(n=self._below), "quiet"), " ") if self._below else ()
        if more and lines and cells(lines[-1]) + 2 + cells(more) <= width:
            lines[-1] = ends(lines[-1], more, width)
        return lines

    def _problem(self, width: int) -> list[Row]:
        lines = wrap(self.problem, width, "late", most=2) if self.problem else []
        message = self.desk.flow.message if self.desk.begun else None
        if message is not None and not lines:
            # the desk's own line for it lies under the page
            lines = wrap(message.words, width, message.tone, most=2)
        if self.told:
            lines += wrap(self.told, width, "good", most=1)
        return [*self.desk.companion.rows(self, width), *lines]

    def say(self, problem: str) -> None:
        """Show what is wrong, or nothing."""
        self.problem, self.told = problem, ""
        self.paint()

    def paint(self) -> None:
        """Repaint the lines that changed, and put the cursor where it is."""
        self._drawn = None
        self._paint()

    def _paint(self) -> None:
        """Repaint what goes by the cursor: where only that has moved the list's lines are as they were."""
        self._follow()
        for lines in self.query(Lines):
            lines.repaint()
        if self._list.is_attached:
            self._list.select(self._above + self.cursor - self.top if self._shown else None)

    def tick(self) -> None:
        """Repaint what a second changes."""
        self.paint()

    def on_resize(self) -> None:
        self.call_after_refresh(self.paint)

    def on_screen_resume(self) -> None:
        self.desk.spawn(self.load())

    def action_move(self, by: int) -> None:
        self.told = ""
        self.cursor = max(0, min(self.top + self._shown + self._below - 1, self.cursor + by))
        self._paint()

    def targets(self) -> Sequence[Target]:
        """Return the lines in sight; those of a page that opens none only take the cursor."""
        opens = type(self).chosen is not Page.chosen
        found = []
        for index in range(self.top, self.top + self._shown):
            point = partial(self._point, index)
            go = partial(self.chosen, index) if opens else point
            found.append(Target(self._list, self._above + index - self.top, go, point, partial(self._at, index)))
        return found

    def _point(self, index: int) -> None:
        self.cursor = index
        self._paint()

    def _at(self, index: int) -> bool:
        return self.cursor == index

    def copyable(self) -> Sequence[str]:
        """Return the numbers that can be copied, the one that is meant first."""
        document = self.under_cursor() or getattr(self, "document", None)
        number = document.data.get("number") if document is not None else None
        if isinstance(number, str) and number and document is not None and document.type != "customer":
            return [number]
        row = self._list.selected
        return numbers_in([] if row is None else self._list.rows[row : row + 1]) or numbers_in(self._list.rows)

    def under_cursor(self) -> Document | None:
        """Return the document whose line the cursor is on, where the page knows it."""
        return None

    def action_reveal(self) -> None:
        self.desk.deal.reveal(self.under_cursor() or getattr(self, "document", None), self.say)

    def action_copy(self) -> None:
        self.desk.copying.copy(self.copyable(), self.tell)

    def action_jump(self) -> None:
        self.desk.keys.jump_on(self, self.targets())

    def tell(self, words: str) -> None:
        """Show what was done, until the next thing is."""
        self.told = words
        self.paint()

    def action_go(self) -> None:
        if 0 <= self.cursor < self.count:
            self.chosen(self.cursor)

    def action_theme(self) -> None:
        self.desk.other_theme()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close the page, unless it isn't on top any more: what was begun on it may end after the agent went back."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def home(self) -> None:
        """Go to the desk itself, from however many pages, unless something was opened over this one meanwhile."""
        if self.is_active:
            while self.desk.screen is not self.desk.desk_screen:
                self.desk.pop_screen()

    def action_back(self) -> None:
        self.dismiss(None)
