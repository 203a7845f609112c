"""The worklist: one's own open work, or all of the site's, late first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from agentdesk.desk import queries
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import Row, hints, row
from agentdesk.desk.models.work import WorkLine, open_lines, work_row
from agentdesk.desk.queries import OpenWork
from agentdesk.desk.screens.page import Page


class WorklistScreen(Page):
    """Open tickets and promises; Enter opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "other", show=False), Binding("l", "back", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._all = False
        self._work: OpenWork | None = None
        self._lines: tuple[WorkLine, ...] = ()

    async def load(self) -> None:
        agent = self.desk.settings.agent.id
        if self._all:
            self._work = await self.desk.backend.run(queries.whole_worklist)
        else:
            self._work = await self.desk.backend.run(lambda site: queries.open_work(site, agent))
        documents = self._work.mine
        self._lines = open_lines(
            documents, self._work.places, self.desk.deeds.catalogue, agent, names=self._work.names, most=200, begin=99
        )
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        word = _("open work of the site") if self._all else _("my open work")
        return [row((f"{word} {len(self._lines)}", "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        at = self.desk.at()
        return [work_row(line, at, width) for line in self._lines]

    def head(self, width: int) -> Sequence[Row]:
        return () if self._lines or self._work is None else (row((_("nothing is open"), "quiet")),)

    def keys(self) -> Row:
        other = _("mine only") if self._all else _("all of the site")
        return hints(("Enter", _("open")), ("Tab", other), ("Esc", _("back")))

    def action_other(self) -> None:
        self._all = not self._all
        self.cursor = 0
        self.desk.spawn(self.load())

    def chosen(self, index: int) -> None:
        self.desk.deal.open_document(self._lines[index].document)
