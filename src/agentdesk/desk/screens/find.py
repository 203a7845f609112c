"""Find anyone or anything: a number in any form, a name written or spoken, words in work and in what agents know."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.actions import hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.find import find_rows, left_row
from agentdesk.desk.models.rows import Row, row
from agentdesk.desk.queries import finding
from agentdesk.desk.queries.finding import Finding, Findings
from agentdesk.desk.screens.page import Page
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.documents import Document
from agentdesk.domain.guidance.knowledge import Flow
from agentdesk.domain.language.text import clean

LONGEST = 60


class FindScreen(Page):
    """Results come while typing; Enter opens the one under the cursor.

    One question is under way at a time: what was typed meanwhile is asked next, and what was typed before that never.
    """

    place = "find"

    def __init__(self) -> None:
        super().__init__()
        self._findings = Findings()
        self._looking = False
        self._query = Field(id="query")

    def title_rows(self, width: int) -> Sequence[Row]:
        return [
            row((_("find"), "strong"), "  ", (_("number, name or its sounds, words in tickets and flows"), "quiet"))
        ]

    def fields(self) -> Sequence[Widget]:
        return (self._query,)

    @property
    def count(self) -> int:
        return len(self._findings.found)

    def items(self, width: int) -> Sequence[Row]:
        return find_rows(self._findings.found, self.desk.deeds.catalogue, self.desk.at(), width)

    def head(self, width: int) -> Sequence[Row]:
        if not self._findings.words:
            return ()
        lines = [left_row(self._findings)] if self._findings.left else []
        if not self._findings.found:
            lines.append(row((_("nothing is found here for that"), "quiet")))
        return lines

    def keys(self) -> Row:
        return hints_of("find.go", "back")

    async def load(self) -> None:
        """Look again: while another page was open something may have changed."""
        await self._look(again=True)

    async def news(self) -> None:
        """Leave what was found as it is while the agent reads it: each page of a long sync would ask anew."""

    def subjects(self) -> Sequence[Hashable]:
        return [one.key for one in self._findings.found]

    @on(Input.Changed)
    def _typed(self) -> None:
        self.desk.spawn(self._look())

    @property
    def _words(self) -> str:
        return clean(self._query.value, LONGEST)

    async def _look(self, again: bool = False) -> None:
        """Ask for what is typed now, until that is what is shown; keys are never waited for, nor kept waiting."""
        if self._looking:
            return
        self._looking = True
        try:
            while again or self._words != self._findings.words:
                again, words = False, self._words
                found = await self.desk.backend.run(partial(finding.search, words=words))
                if words == self._words:
                    self._show(found)
        finally:
            self._looking = False

    def _show(self, found: Findings) -> None:
        """Show what was found; the cursor stays on what it is on, as long as the words are the same."""
        if self._findings.words != found.words:
            self.cursor = 0
        self._findings = found
        self.paint()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def chosen(self, index: int) -> None:
        one = self._findings.found[index]
        if one.document is not None:
            self._open(one.document, one)
        elif isinstance(one.article, Flow):
            from agentdesk.desk.screens.flows import WalkPage

            self.desk.push_screen(WalkPage(self.desk.contact, one.article))
        elif one.article is not None:
            from agentdesk.desk.screens.scripts import ScriptsDialog

            self.desk.push_screen(ScriptsDialog(self.desk.contact, one.article.code))

    def _open(self, document: Document, one: Finding) -> None:
        if document.type == "customer":
            self.home()
            self.desk.spawn(self.desk.flow.begin(document, one.line))
        elif document.type == "note":
            self.desk.spawn(self._begin_with(document))
        elif document.type == "outlet":
            from agentdesk.desk.screens.outlets import OutletsPage

            contact = self.desk.contact
            self.desk.push_screen(OutletsPage(contact.facts if contact else None))
        else:
            self.desk.deal.open_document(document)

    async def _begin_with(self, note: Document) -> None:
        """Go to the customer whom a note is about."""
        scope, customer = note.scope, str(note.data.get("customer") or "")
        found = await self.desk.backend.run(lambda site: site.view.document(scope, customer))
        if found is not None:
            self.home()
            await self.desk.flow.begin(found, None)
