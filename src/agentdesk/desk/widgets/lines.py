"""Lines of text in tones; the one widget that nearly every pane of the desk is made of.

What is painted is compared with what is shown: a clock's tick repaints the one line whose text it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from agentdesk.desk.actions.pressed import printed
from agentdesk.desk.models.rows import EMPTY, Row, cut
from agentdesk.desk.widgets.tones import tones
from agentdesk.domain.language.text import shown

Paint = Callable[[int, int], Sequence[Row]]
"""Returns the lines for a width and a height in cells."""

MANY = 400
"""The height that a widget is measured with when its own is what is asked for."""


class Lines(Widget):
    """Shows the rows that its painter returns; texts are plain, markup means nothing.

    It is the one place where the desk draws texts that it was given: whatever a row went through before, nothing of it
    is left here that a terminal obeys.
    """

    can_focus = False

    DEFAULT_CSS = "Lines { height: auto; }"

    def __init__(self, paint: Paint | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._paint: Paint = paint or (lambda _width, _height: ())
        self._rows: tuple[Row, ...] = ()
        self._selected: int | None = None
        self._labels: dict[int, str] = {}
        self._styles: dict[bool, tuple[Style, Mapping[str, Style]]] = {}
        self._fits = Size()

    @property
    def selected(self) -> int | None:
        """The row that the cursor is on."""
        return self._selected

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown now."""
        return self._rows

    def paint_with(self, paint: Paint) -> None:
        """Paint with another painter from now on."""
        self._paint = paint
        self.repaint()

    def show(self, rows: Sequence[Row]) -> None:
        """Show rows as they are, whatever the width."""
        fixed = tuple(rows)
        self.paint_with(lambda _width, _height: fixed)

    @property
    def labelled(self) -> Mapping[int, str]:
        """The letters that stand at the beginning of rows."""
        return self._labels

    def label(self, labels: Mapping[int, str]) -> None:
        """Put letters at the beginning of rows, in the place of those that stand there."""
        before, self._labels = self._labels, dict(labels)
        for index in before.keys() | self._labels.keys():
            self._refresh_row(index)

    def on_click(self, event: events.Click) -> None:
        from agentdesk.desk.pointing import mouse

        mouse.clicked(self, event)

    def on_mouse_scroll_down(self) -> None:
        from agentdesk.desk.pointing import mouse

        mouse.wheel(self, 1)

    def on_mouse_scroll_up(self) -> None:
        from agentdesk.desk.pointing import mouse

        mouse.wheel(self, -1)

    def select(self, index: int | None) -> None:
        """Put the cursor on a row; the rows themselves stay."""
        before, self._selected = self._selected, index
        if before == index:
            return
        for row in {before, index} - {None}:
            self._refresh_row(row or 0)

    def repaint(self) -> None:
        """Paint anew, and refresh only the lines whose text differs."""
        if not self.is_attached or not self.size.width:
            self._fits = Size()
            return
        before, after = self._rows, self._painted(self.size.width, self.size.height)
        if before == after:
            return
        self._rows = after
        height = self.styles.height
        if len(before) != len(after) and height is not None and height.is_auto:
            self.refresh(layout=True)
            return
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else EMPTY
            new = after[index] if index < len(after) else EMPTY
            if old != new:
                self._refresh_row(index)

    def _painted(self, width: int, height: int) -> tuple[Row, ...]:
        self._fits = Size(width, height)
        return printed(self._paint(width, height or MANY), self.screen)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Paint for a new size before it is drawn.

        Textual tells a widget of its size by a message, after the screen was drawn with it: a card would come up empty
        and be laid out and drawn a second time, which on a ring is half of what the agent waits for.
        """
        updated = super()._size_updated(size, virtual_size, container_size, layout)
        if self.size.width and self.size != self._fits:
            self._rows = self._painted(self.size.width, self.size.height)
        return updated

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, index, self.size.width, 1))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take all the width there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take as many lines as there are rows."""
        if width and width == self.size.width and self._rows:
            # a repaint asked for this layout: its rows are the ones
            return len(self._rows)
        return len(self._paint(width, MANY)) if width else 0

    def notify_style_update(self) -> None:
        """Forget the styles that lines stand on."""
        self._styles = {}
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Return one line of the widget."""
        width = self.size.width
        base, styles = self._styles_of(self._selected == y)
        segments: list[Segment] = []
        cells = 0
        for text, tone in cut(self._rows[y], width) if y < len(self._rows) else EMPTY:
            safe = shown(text)
            segments.append(Segment(safe, styles.get(tone, base)))
            cells += cell_len(safe)
        if cells < width:
            segments.append(Segment(" " * (width - cells), base))
        # one strip, and not one for each step on its way: each makes half a dozen caches of its own
        strip = Strip(Segment.simplify(segments), max(cells, width))
        if cells > width:
            strip = strip.crop(0, width)
        if y in self._labels:
            letters = Strip([Segment(self._labels[y], styles["next"])])
            strip = Strip.join([letters, strip.crop(letters.cell_length, width)])
        return strip

    def _styles_of(self, selected: bool) -> tuple[Style, Mapping[str, Style]]:
        """Return the style that a line stands on, and those of the tones on it."""
        if selected not in self._styles:
            found = tones(self.app.current_theme)
            base = self.rich_style + found["selected"] if selected else self.rich_style
            self._styles[selected] = base, {tone: base + style for tone, style in found.items()}
        return self._styles[selected]
