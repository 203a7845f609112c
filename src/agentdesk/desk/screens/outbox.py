"""The outbox: what waits for a person first, then every operation, newest first; Enter explains a whole life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from agentdesk.desk import queries
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.outbox import entry_row, life_rows
from agentdesk.desk.models.rows import EMPTY, Row, hints, row
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import Document
from agentdesk.store.outbox import Entry


class OutboxScreen(Page):
    """What waits, what was sent, what was answered."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "done", show=False), Binding("o", "back", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._inbox: tuple[Entry, ...] = ()
        self._entries: tuple[Entry, ...] = ()
        self._loaded = False

    async def load(self) -> None:
        _at, self._inbox, entries = await self.desk.backend.run(queries.outbox)
        known = {entry.id for entry in self._inbox}
        self._entries = (*self._inbox, *(entry for entry in entries if entry.id not in known))
        self._loaded = True
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        waiting = self.desk.pulse.waiting if self.desk.pulse else 0
        words = ngettext("{n} waits", "{n} wait", waiting).format(n=waiting)
        title = row((_("outbox"), "strong"), "  ", words)
        if self._inbox:
            needs = ngettext("{n} needs you", "{n} need you", len(self._inbox)).format(n=len(self._inbox))
            title = row(title, "  ", (needs, "warn"))
        return [title]

    def head(self, width: int) -> Sequence[Row]:
        return (row((_("nothing was sent yet"), "quiet")),) if self._loaded and not self._entries else ()

    def items(self, width: int) -> Sequence[Row]:
        catalogue, at = self.desk.deeds.catalogue, self.desk.at()
        return [entry_row(entry, catalogue, at, width) for entry in self._entries]

    def keys(self) -> Row:
        return hints(("Enter", _("its whole life")), ("d", _("seen to")), ("Esc", _("back")))

    def chosen(self, index: int) -> None:
        self.desk.spawn(self._explain(self._entries[index]))

    async def _explain(self, entry: Entry) -> None:
        whole = await self.desk.backend.run(lambda site: site.outbox.entry(entry.id))
        document = await self.desk.backend.run(lambda site: site.view.document(entry.scope, entry.document))
        self.desk.push_screen(LifeDialog(whole or entry, document))

    def action_done(self) -> None:
        if self.cursor < len(self._inbox):
            self.desk.spawn(self._seen_to(self._inbox[self.cursor]))

    async def _seen_to(self, entry: Entry) -> None:
        agent = self.desk.settings.agent.id
        await self.desk.backend.run(lambda site: site.outbox.done(entry.id, agent, site.now()))
        await self.load()


class LifeDialog(Dialog[None]):
    """The whole life of one operation, and the way to what it is about."""

    def __init__(self, entry: Entry, document: Document | None) -> None:
        super().__init__()
        self._entry = entry
        self._document = document if document is not None and document.type in ("ticket", "commitment") else None

    def body(self, width: int) -> Sequence[Row]:
        return [*life_rows(self._entry, self.desk.deeds.catalogue, self.desk.at(), width), EMPTY]

    def keys(self) -> Row:
        if self._document is not None:
            return hints(("Enter", _("open it")), ("Esc", _("back")))
        return hints(("Esc", _("back")))

    def action_go(self) -> None:
        if self.awake:
            document = self._document
            self.dismiss(None)
            if document is not None:
                self.desk.deal.open_document(document)
