"""The worklist: one's own work, what lies at one's station, with one's department, or anywhere at the site."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of
from agentdesk.desk.answers import roles
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.queue import queue_row, title_cells
from agentdesk.desk.models.rows import Row, joined, row
from agentdesk.desk.models.work import WorkLine, open_lines
from agentdesk.desk.queries import OpenWork
from agentdesk.desk.queries import tickets as queries_tickets
from agentdesk.desk.queries.tickets import Pane
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import Document

PANES: dict[Pane, str] = {
    "mine": N_("mine"),
    "station": N_("my station"),
    "department": N_("my department"),
    "site": N_("the whole site"),
}


class WorklistScreen(Page):
    """Open work, late first; Enter opens a line, u chases its ticket."""

    place = "worklist"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("worklist")

    def __init__(self) -> None:
        super().__init__()
        self._pane: Pane = "mine"
        self._listed: Pane = self._pane
        self._work: OpenWork | None = None
        self._lines: tuple[WorkLine, ...] = ()

    async def load(self) -> None:
        agent, pane = self.desk.settings.agent, self._pane
        work = await self.desk.backend.run(lambda site: queries_tickets.queue(site, agent.id, agent.role, pane))
        if pane != self._pane:
            return  # the agent has gone on to another list meanwhile
        if pane != self._listed:
            self._listed, self.cursor = pane, 0
        self._work = work
        order = [document.id for document in work.mine]
        self._lines = open_lines(
            work.mine,
            work.places,
            self.desk.deeds.catalogue,
            agent.id,
            first=order,
            names=work.names,
            most=queries_tickets.MOST,
            begin=99,
        )
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        parts = []
        for pane, word in PANES.items():
            here = pane == self._pane
            count = f" {len(self._lines)}" if here else ""
            parts.append(row((f"[{_(word)}{count}]" if here else f" {_(word)} ", "strong" if here else "quiet")))
        return [joined(parts)]

    def items(self, width: int) -> Sequence[Row]:
        catalogue, at = self.desk.deeds.catalogue, self.desk.at()
        return [queue_row(line, catalogue, at, width) for line in self._lines]

    @property
    def count(self) -> int:
        return len(self._lines)

    def head(self, width: int) -> Sequence[Row]:
        if self._lines or self._work is None:
            return (title_cells(width),)
        return (row((_("nothing is open"), "quiet")),)

    def keys(self) -> Row:
        return roles.hints(self.desk, "worklist.go", "worklist.chase", "worklist.other", "back")

    def subjects(self) -> Sequence[Hashable]:
        return [line.document.key for line in self._lines]

    def under_cursor(self) -> Document | None:
        return self._lines[self.cursor].document if 0 <= self.cursor < self.count else None

    def action_other(self, by: int) -> None:
        panes = list(PANES)
        self._pane = panes[(panes.index(self._pane) + by) % len(panes)]
        self.cursor = self.top = 0
        self.say("")
        self.desk.spawn(self.load())

    def action_chase(self) -> None:
        """Chase the ticket under the cursor, with the sentence to say."""
        from agentdesk.desk.screens.tell import ChaseDialog

        if not 0 <= self.cursor < self.count:
            return
        ticket = self._lines[self.cursor].document
        if ticket.type != "ticket":
            self.say(_("a ticket is chased; open the promise with Enter"))
            return
        self.desk.push_screen(ChaseDialog(self.desk.flow.contact, ticket))

    def chosen(self, index: int) -> None:
        self.desk.deal.open_document(self._lines[index].document)
