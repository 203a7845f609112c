"""A note: kept as a draft at every pause, so that no end of the program loses a word."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import TextArea

from agentdesk.desk.actions import hint_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.names import name_of
from agentdesk.desk.models.rows import Row, joined, row
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.desk.settings import Pause
from agentdesk.desk.widgets.field import Words
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.note import LONGEST_NOTE
from agentdesk.domain.language.text import clean

PAUSE_S = 0.3
"""A pause in typing after which the draft is kept."""


def draft_key(contact: Contact | None, customer: Document | None) -> str:
    """Return under which name a draft is kept: one for each customer, or for a contact with nobody known."""
    if customer is not None:
        return f"note/{customer.scope}/{customer.id}"
    return f"note/contact/{contact.lookup.raw or contact.id}" if contact else "note"


class NoteDialog(Dialog[None]):
    """Writes a note about a customer, or about a caller whom nobody knows."""

    place = "note"

    def __init__(self, contact: Contact | None, customer: Document | None) -> None:
        super().__init__()
        self._contact = contact
        self._customer = customer
        self._key = draft_key(contact, customer)
        self._pause: Pause | None = None
        self._kept = ""
        self._written = False
        self._busy = False
        self._words = Words(id="note")

    def on_mount(self) -> None:
        super().on_mount()
        self.desk.spawn(self._load())

    def body(self, width: int) -> Sequence[Row]:
        about = name_of(self._customer) if self._customer else _("unknown caller")
        return [row((_("note"), "strong"), "  ", (about, "quiet"))]

    def fields(self) -> Sequence[Widget]:
        return (self._words,)

    def keys(self) -> Row:
        return joined([hint_of("note.go"), hint_of("back", _("back; the draft is kept"))])

    async def _load(self) -> None:
        key = self._key
        draft = await self.desk.backend.run(lambda site: site.draft(key))
        words = self._words
        if draft and not words.text:
            self._kept = draft
            words.text = draft
            words.move_cursor(words.document.end)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.desk.after(self, PAUSE_S, self._keep)

    def _keep(self) -> None:
        text = self._words.text
        if text != self._kept and not self._written:
            self._kept = text
            self.desk.spawn(self.desk.keep_draft(self._key, text))

    def on_descendant_blur(self) -> None:
        self._keep()

    def action_back(self) -> None:
        self._keep()
        self.dismiss(None)

    @on(Words.Done)
    def _done(self) -> None:
        if not self._busy:
            self._busy = True
            self.desk.spawn(self._write())

    async def _write(self) -> None:
        text = clean(self._words.text, LONGEST_NOTE, multiline=True)
        done = await self.desk.deeds.note(self._contact, text, self._customer, None)
        self._busy = False
        if not done.ok:
            self.say(done.problem)
            return
        self._written = True
        await self.desk.keep_draft(self._key, "")
        self.dismiss(None)
        self.desk.flow.say(_("the note is written down"), "good")
        await self.desk.flow.refresh()
