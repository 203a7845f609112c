"""Chasing a ticket: the sentence to say, and what the customer says."""

from __future__ import annotations

from collections.abc import Sequence

from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.promise import said
from agentdesk.desk.models.promise_life import progress_rows
from agentdesk.desk.models.rows import EMPTY, Row, row, wrap
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.ticket_page import told_words
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.ids import spoken


class ChaseDialog(AskDialog):
    """Chases a ticket (催单); the words are optional."""

    def __init__(self, contact: Contact | None, ticket: Document) -> None:
        super().__init__(self._rows, self._chase, _("chase it"))
        self._contact = contact
        self._ticket = ticket

    def _rows(self, width: int) -> Sequence[Row]:
        data = self._ticket.data
        at = self.desk.at()
        due = data.get("due")
        words, late = times.left(due, at)
        catalogue = self.desk.deeds.catalogue
        third = catalogue is not None and (data.get("chases") or 0) + 1 == catalogue.rules.chase_raises_at
        if due is None:
            sentence = _("Say: I press them on your ticket now and they ring you.")
        elif late:
            sentence = _("Say: it is {late}, I am sorry. I press them now, and it is raised by one level.")
        elif third:
            sentence = _("Say: it is due {moment}, {left}. You have asked three times: I raise it by one level now.")
        else:
            sentence = _("Say: it is due {moment}, {left}. I press them all the same.")
        moment = times.moment(due, at) if due is not None else ""
        text = sentence.format(late=words, left=words, moment=moment)
        head = row(
            (_("chase"), "strong"), "  ", title_of(self._ticket), "  ", (spoken(str(data.get("number"))), "quiet")
        )
        way_on = told_words(self._ticket, catalogue, at) if late else ""
        return [
            head,
            EMPTY,
            *progress_rows(self._ticket, at),
            *said("", text, width),
            *(wrap(way_on, width, "quiet") if way_on else ()),
            EMPTY,
            row((_("what the customer says, if anything"), "quiet")),
        ]

    async def _chase(self, words: str) -> str:
        done = await self.desk.deeds.chase(self._contact, self._ticket, words)
        if done.ok:
            raised = bool((done.document.data.get("moves") or [{}])[-1].get("raised"))
            told = _("chased, and raised by one level") if raised else _("chased")
            self.desk.flow.say(told, "good")
            await self.desk.reload()
        return done.problem
