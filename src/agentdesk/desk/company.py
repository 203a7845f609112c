"""Who else is in the ticket or promise on the screen, and what changed in it while the agent writes.

It warns and never blocks: nothing here touches what was typed, or keeps anybody from saving.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from agentdesk.desk.models.changes import change_rows
from agentdesk.desk.models.group import company_words
from agentdesk.desk.models.rows import Row, cut, row
from agentdesk.desk.queries.group import Company, company
from agentdesk.domain.documents import Document, Key
from agentdesk.store.presence import SAY_MS, Presence, Present

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

TYPES = frozenset({"ticket", "commitment", "management", "dispute", "approval"})


class Companion:
    """Says where this desk is, and keeps who else is there; looks with each beat of the desk."""

    def __init__(self, desk: DeskApp) -> None:
        self._desk = desk
        agent = desk.settings.agent
        self._presence = Presence(desk.settings.folder, f"{agent.id}-{os.getpid()}")
        self._said: Present | None = None
        self._said_at = 0
        self._found = Company()
        self._before: Document | None = None

    async def look(self) -> bool:
        """Look who is in the document that is open; True when there is something else to show."""
        document, writing = self._open()
        if document is None:
            return await self._leave()
        agent = self._desk.settings.agent
        here = Present(document.scope, document.id, agent.id, agent.name, writing)
        now = self._desk.settings.clock.wall_ms()
        say = here != self._said or now - self._said_at >= SAY_MS
        if say:
            self._said, self._said_at = here, now
        before = self._found
        self._found = await self._desk.backend.run(lambda site: company(site, self._presence, here, say))
        if not writing:
            self._before = None
        elif self._before is None or self._before.key != document.key:
            self._before = document
        return self._found != before

    async def _leave(self) -> bool:
        shown = self._found != Company()
        self._found, self._before = Company(), None
        if self._said is not None:
            self._said = None
            await self._desk.backend.run(lambda _site: self._presence.say(None, 0))
        return shown

    def gone(self) -> None:
        """Say that this desk is nowhere any more: it ends."""
        if self._said is not None:
            self._presence.say(None, 0)

    def _open(self) -> tuple[Document | None, bool]:
        """Return the document of the page that is open, and whether a dialog to write in stands over it."""
        stack = self._desk.screen_stack
        for place in range(len(stack) - 1, -1, -1):
            found = getattr(stack[place], "document", None)
            if isinstance(found, Document) and found.type in TYPES:
                return found, place < len(stack) - 1
        return None, False

    def rows(self, screen: Screen[Any], width: int) -> list[Row]:
        """Return the quiet line about who else is here and, under a draft, what changed meanwhile."""
        document, writing = self._open()
        if document is None or (self._said is not None and self._said.key != Key(document.scope, document.id)):
            return []
        lines: list[Row] = []
        top = self._desk.screen_stack[-1]
        if self._found.people and screen is top:
            lines.append(cut(row((company_words(self._found.people), "quiet")), width))
        if writing and screen is top and self._before is not None and self._found.document is not None:
            catalogue, at = self._desk.catalogue, self._desk.at()
            lines += [cut(one, width) for one in change_rows(self._before, self._found.document, catalogue, at)]
        return lines
