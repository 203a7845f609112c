"""One line of words that are kept as a draft at every pause: whatever ends the dialog, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.widgets import Input

from agentdesk.desk.actions import hint_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import Row, joined
from agentdesk.desk.screens.ask import AskDialog, Submit
from agentdesk.desk.screens.note import PAUSE_S
from agentdesk.desk.settings import Pause


class DraftAsk(AskDialog):
    """Asks for words under a key; what was typed before under that key stands there again."""

    def __init__(self, key: str, lines: Callable[[int], Sequence[Row]], submit: Submit, verb: str) -> None:
        super().__init__(lines, self._done, verb)
        self._key = key
        self._then = submit
        self._word = verb
        self._pause: Pause | None = None
        self._written = False

    def on_mount(self) -> None:
        super().on_mount()
        self.desk.spawn(self._load())

    def keys(self) -> Row:
        return joined([hint_of("ask.go", self._word), hint_of("back", _("back; the draft is kept"))])

    async def _load(self) -> None:
        key = self._key
        draft = await self.desk.backend.run(lambda site: site.draft(key))
        field = self.query_one(Input)
        if draft and not field.value:
            field.value = draft
            field.cursor_position = len(draft)

    @on(Input.Changed)
    def _typed_more(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.desk.after(self, PAUSE_S, self._keep)

    def _keep(self) -> None:
        if not self._written:
            self.desk.spawn(self.desk.keep_draft(self._key, self.query_one(Input).value))

    def action_back(self) -> None:
        self._keep()
        self.dismiss(None)

    async def _done(self, words: str) -> str:
        problem = await self._then(words)
        if not problem:
            self._written = True
            await self.desk.keep_draft(self._key, "")
        return problem
