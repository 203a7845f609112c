"""The outbox: what needs a person, what waits for the centre, and all that was done; each way out is one key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries, terms, wording
from agentdesk.desk.actions import bindings_of, hint_of, hints_of
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.inbox import FIELDS, PANES, Pane, entries_of, entry_keys, life_rows
from agentdesk.desk.models.outbox import entry_row
from agentdesk.desk.models.rows import EMPTY, Row, joined, row
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import Document
from agentdesk.store.amending import Deed, amend, retry, why_not, withdraw
from agentdesk.store.committing import Committed
from agentdesk.store.outbox import Entry
from agentdesk.store.site import Site
from agentdesk.store.verdicts import Life

NOTHING = {
    "inbox": N_("nothing needs you"),
    "waiting": N_("nothing waits: all that was done is at the centre"),
    "all": N_("nothing was sent yet"),
}


class OutboxScreen(Page):
    """Three lists, Tab goes on to the next: what needs a person, what waits, all."""

    place = "outbox"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("outbox")

    def __init__(self) -> None:
        super().__init__()
        self._found = queries.OutboxFound()
        self._pane: Pane = "inbox"
        self._loaded = False

    async def load(self) -> None:
        self._found = await self.desk.backend.run(queries.outbox)
        if not self._loaded and not self._found.inbox:
            self._pane = "waiting" if self._found.waiting else "all"
        self._loaded = True
        self.paint()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the entries of the list that is shown."""
        return entries_of(self._found, self._pane)

    @property
    def entry(self) -> Entry | None:
        """Return the entry under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def title_rows(self, width: int) -> Sequence[Row]:
        waiting = self.desk.pulse.waiting if self.desk.pulse else 0
        counts = {"inbox": len(self._found.inbox), "waiting": waiting, "all": None}
        parts = []
        for pane, word in PANES.items():
            count = counts[pane]
            words = _(word) if count is None else f"{_(word)} {count}"
            tone = "strong" if pane == self._pane else "quiet"
            if pane == "inbox" and count:
                tone = "warn"
            parts.append(row((f"[{words}]" if pane == self._pane else f" {words} ", tone)))
        return [joined(parts)]

    def head(self, width: int) -> Sequence[Row]:
        return (row((_(NOTHING[self._pane]), "quiet")),) if self._loaded and not self.entries else ()

    def items(self, width: int) -> Sequence[Row]:
        catalogue, at = self.desk.deeds.catalogue, self.desk.at()
        return [entry_row(entry, catalogue, at, width) for entry in self.entries]

    def subjects(self) -> Sequence[Hashable]:
        return [entry.id for entry in self.entries]

    def keys(self) -> Row:
        ways = entry_keys(self.entry, self._pane == "inbox") if self.entry else []
        first = [hint_of("outbox.go")] if self.entry else []
        return joined([*first, *ways, hints_of("outbox.other", "back")])

    def chosen(self, index: int) -> None:
        self.desk.spawn(self._open(self.entries[index]))

    async def _open(self, entry: Entry) -> None:
        def read(site: Site) -> tuple[Entry, Life, bool, Document | None]:
            document = site.view.document(entry.scope, entry.document)
            waits = site.outbox.is_in_inbox(entry.id)
            return site.outbox.entry(entry.id) or entry, site.outbox.life(entry.id), waits, document

        self.desk.push_screen(LifeDialog(*await self.desk.backend.run(read), self.do))

    def action_other(self, by: int) -> None:
        panes = list(PANES)
        self._pane = panes[(panes.index(self._pane) + by) % len(panes)]
        self.cursor = self.top = 0
        self.say("")

    def action_retry(self) -> None:
        self._on_entry("retry")

    def action_amend(self) -> None:
        self._on_entry("amend")

    def action_withdraw(self) -> None:
        self._on_entry("withdraw")

    def action_seen(self) -> None:
        self._on_entry("seen")

    def _on_entry(self, action: str) -> None:
        if self.entry is not None:
            self.do(action, self.entry)

    def do(self, action: str, entry: Entry) -> None:
        """Do something about an entry, or say why that can't be."""
        if action == "seen":
            self.desk.spawn(self._seen_to(entry))
            return
        deed: Deed = "retry" if action == "retry" else "amend" if action == "amend" else "withdraw"
        reason = why_not(entry, deed)
        if reason is not None:
            self.say(wording.say(reason, self.desk.deeds.catalogue))
        elif deed == "amend":
            self.desk.spawn(self._amend(entry))
        elif deed == "withdraw":
            self.desk.push_screen(self._sure(entry))
        else:
            self.desk.spawn(self._done(lambda site, by, role: retry(site, entry.id, by, role)))

    def _sure(self, entry: Entry) -> AskDialog:
        """Ask once more: what is withdrawn doesn't come back."""

        async def submit(_words: str) -> str:
            return await self._done(lambda site, by, role: withdraw(site, entry.id, by, role))

        def lines(_width: int) -> list[Row]:
            what = terms.term(terms.KINDS, entry.kind)
            return [
                row((_("withdraw it?"), "strong"), "  ", what),
                row((_("it leaves this screen at once; who did it stays known"), "quiet")),
            ]

        return AskDialog(lines, submit, _("withdraw"), typed=False)

    async def _amend(self, entry: Entry) -> None:
        whole = await self.desk.backend.run(lambda site: site.outbox.entry(entry.id))
        name = FIELDS.get(entry.kind)
        body = (whole.body if whole is not None else None) or {}
        if name is None or not isinstance(body.get(name), str):
            words = _("correct this one on the command line: agentdesk outbox amend {id} --set FIELD=VALUE")
            self.say(words.format(id=entry.id[:13]))
            return

        async def submit(words: str) -> str:
            if not words:
                return _("write something")
            return await self._done(lambda site, by, role: amend(site, entry.id, {name: words}, by, role))

        def lines(_width: int) -> list[Row]:
            return [
                row((_("correct it"), "strong"), "  ", terms.term(terms.KINDS, entry.kind)),
                row((_("the old one is withdrawn, and this one goes in its place"), "quiet")),
            ]

        self.desk.push_screen(AskDialog(lines, submit, _("correct it"), str(body[name])))

    async def _done(self, deed: Callable[[Site, str, str], Committed]) -> str:
        done = await self.desk.deeds.about(deed)
        self.say(done.problem)
        await self.desk.reload()
        return done.problem

    async def _seen_to(self, entry: Entry) -> None:
        agent = self.desk.settings.agent.id
        await self.desk.backend.run(lambda site: site.outbox.done(entry.id, agent, site.now()))
        await self.load()


class LifeDialog(Dialog[None]):
    """What happened to one operation, why, its whole life, and the ways out of it."""

    place = "entry"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("entry")

    def __init__(
        self, entry: Entry, life: Life, waits: bool, document: Document | None, do: Callable[[str, Entry], None]
    ) -> None:
        super().__init__()
        self._entry = entry
        self._life = life
        self._waits = waits
        self._document = document if document is not None and document.type in ("ticket", "commitment") else None
        self._do = do
        self._top = 0

    def body(self, width: int) -> Sequence[Row]:
        catalogue = self.desk.deeds.catalogue
        lines = life_rows(self._entry, self._life, self._waits, catalogue, self.desk.at(), width)
        room = max(6, self.app.size.height - 12)
        self._top = max(0, min(self._top, len(lines) - room))
        return [*lines[self._top : self._top + room], EMPTY]

    def keys(self) -> Row:
        opens = [hint_of("entry.go")] if self._document is not None else []
        return joined([*opens, *entry_keys(self._entry, self._waits), hint_of("back")])

    def action_scroll(self, by: int) -> None:
        self._top += 4 * by
        self.paint()

    def action_do(self, action: str) -> None:
        self.dismiss(None)
        self._do(action, self._entry)

    def action_go(self) -> None:
        document = self._document
        self.dismiss(None)
        if document is not None:
            self.desk.deal.open_document(document)
