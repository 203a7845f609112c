"""What every screen of the desk is: it has its place in the registry, and may lie beneath another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.screen import Screen

if TYPE_CHECKING:
    from agentdesk.desk.actions import Action
    from agentdesk.desk.app import DeskApp

T = TypeVar("T")


class Layer(Screen[T]):
    """A screen that draws nothing while a page covers it, and only its changed lines while a dialog does.

    Textual draws the whole terminal anew for each line that changes beneath another screen, and from the first such
    time on with every further one: a clock that ticks would cost some 12 kB a second over SSH.
    """

    place: ClassVar[str]

    @property
    def desk(self) -> DeskApp:
        return self.app  # type: ignore[return-value]

    def works(self, action: Action) -> bool:
        """Tell whether an action of this screen can be done now."""
        return True

    async def news(self) -> None:
        """Read again what sync or another desk may have changed, while this is on top; most have nothing to read."""

    def say(self, problem: str) -> None:
        """Show what is wrong, or why something isn't done."""
        self.desk.flow.say(problem)

    def action_help(self) -> None:
        self.desk.deal.help_here(self)

    def action_palette(self) -> None:
        self.desk.deal.palette(self)

    def action_lock(self) -> None:
        self.desk.lock.close()

    def action_cut(self) -> None:
        self.desk.spawn(self.desk.news.cut_line())

    def _compositor_refresh(self) -> None:
        top = self.app.screen
        changed = self._compositor._dirty_regions
        if self is top:
            # an input method shows its candidates at the terminal's cursor: where the text will go, typed or not yet
            where = getattr(self.focused, "cursor_screen_offset", None)
            self.app.cursor_position = where if where is not None else self.app.cursor_position
        if self is top or self.app.is_inline or not changed:
            super()._compositor_refresh()
            return
        regions = tuple(changed)
        changed.clear()
        self._dirty_widgets.clear()
        # what is on top comes back whole once this is on top again
        if top.styles.background.a < 1:
            top.refresh(*regions)
