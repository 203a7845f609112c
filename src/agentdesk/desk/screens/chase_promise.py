"""Chasing a promise (催单): how far it is, the sentence to say, and what the customer says."""

from __future__ import annotations

from collections.abc import Sequence

from agentdesk.desk.deeds import promises as deeds_promises
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.promise import said
from agentdesk.desk.models.promise_life import progress_rows
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.ids import spoken


class ChasePromiseDialog(AskDialog):
    """Chases a promise; the words are optional."""

    def __init__(self, contact: Contact | None, promise: Document) -> None:
        super().__init__(self._rows, self._chase, _("chase it"))
        self._contact = contact
        self._promise = promise

    def _rows(self, width: int) -> Sequence[Row]:
        data, at = self._promise.data, self.desk.at()
        due = data.get("due")
        words, late = times.left(due, at)
        if due is None or late:
            sentence = _("Say: it is {late}, I am sorry. I press them now, and it is raised by one level.")
        else:
            sentence = _("Say: it is due {moment}, {left}. I press them all the same.")
        moment = times.moment(due, at) if due is not None else ""
        text = sentence.format(late=words, left=words, moment=moment)
        number = (spoken(str(data.get("number"))), "quiet")
        head = row((_("chase"), "strong"), "  ", title_of(self._promise), "  ", number)
        asks = row((_("what the customer says, if anything"), "quiet"))
        return [head, EMPTY, *progress_rows(self._promise, at), *said("", text, width), EMPTY, asks]

    async def _chase(self, words: str) -> str:
        done = await deeds_promises.chase(self.desk.deeds, self._contact, self._promise, words)
        if done.ok:
            raised = bool((done.document.data.get("moves") or [{}])[-1].get("raised"))
            self.desk.flow.say(_("chased, and raised by one level") if raised else _("chased"), "good")
            await self.desk.reload()
        return done.problem
