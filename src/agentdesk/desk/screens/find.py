"""Find anyone or anything: a number in any form, the beginning of a name, a ticket's or promise's number."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk import queries
from agentdesk.desk.actions import hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.find import find_rows
from agentdesk.desk.models.rows import Row, row
from agentdesk.desk.queries import Found
from agentdesk.desk.screens.page import Page
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.language.text import clean


class FindScreen(Page):
    """Results come while typing; Enter opens the one under the cursor."""

    place = "find"

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[Found, ...] = ()
        self._asked = ""
        self._query = Field(id="query")

    def title_rows(self, width: int) -> Sequence[Row]:
        return [row((_("find"), "strong"), "  ", (_("number, name, ticket or promise"), "quiet"))]

    def fields(self) -> Sequence[Widget]:
        return (self._query,)

    def items(self, width: int) -> Sequence[Row]:
        return find_rows(self._found, self.desk.deeds.catalogue, self.desk.at(), width)

    def head(self, width: int) -> Sequence[Row]:
        if self._asked and not self._found:
            return [row((_("nothing is found here for that"), "quiet"))]
        return ()

    def keys(self) -> Row:
        return hints_of("find.go", "back")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.desk.spawn(self._look(clean(event.value, 60)))

    async def _look(self, words: str) -> None:
        found = await self.desk.backend.run(lambda site: queries.find(site, words)) if words else ()
        if clean(self._query.value, 60) == words:
            self._found, self._asked, self.cursor = found, words, 0
            self.paint()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def chosen(self, index: int) -> None:
        found = self._found[index]
        if found.document.type == "customer":
            self.dismiss(None)
            self.desk.spawn(self.desk.flow.begin(found.document, found.line))
        elif found.document.type == "outlet":
            from agentdesk.desk.screens.outlets import OutletsPage

            contact = self.desk.contact
            self.desk.push_screen(OutletsPage(contact.facts if contact else None))
        else:
            self.desk.deal.open_document(found.document)
