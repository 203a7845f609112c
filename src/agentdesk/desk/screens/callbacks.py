"""Call-backs: who gave up waiting, by time left; one key dials, one says what came of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import i18n, terms
from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.answers import roles
from agentdesk.desk.calling import CallBackList, open_call_backs
from agentdesk.desk.calls.ringing_back import dial, reached, reached_by_hand
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.callbacks import call_back_row, call_back_rows
from agentdesk.desk.models.rows import EMPTY, Row, row, safe
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.colleague import pick_colleague
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact
from agentdesk.desk.terms.clocks import RESULTS
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.numbers import display

ANSWERS = ("reached", "no_answer", "busy", "refused")


class CallBacksPage(Page):
    """The open call-backs of the region, what is due first in front; Enter rings one."""

    place = "call_backs"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("call_backs")

    def __init__(self) -> None:
        super().__init__()
        self._found = CallBackList()

    async def load(self) -> None:
        self._found = await self.desk.backend.run(open_call_backs)
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        count = self.count
        words = ngettext("{n} call-back", "{n} call-backs", count).format(n=count)
        return [row((words, "strong"))]

    def head(self, width: int) -> Sequence[Row]:
        if self._found.documents:
            return ()
        return [row((_("nobody waits for a call"), "quiet"))]

    def items(self, width: int) -> Sequence[Row]:
        agent, at = self.desk.settings.agent.id, self.desk.at()
        catalogue, names = self.desk.deeds.catalogue, self._found.names or {}
        tiers = {str(t): r.name.say(i18n.language()) for t, r in catalogue.tiers.items()} if catalogue else {}
        return [call_back_row(d, names.get(d.id, ""), agent, at, width, tiers) for d in self._found.documents]

    @property
    def count(self) -> int:
        return len(self._found.documents)

    def keys(self) -> Row:
        return roles.hints(self.desk, "call_backs.go", "call_backs.drop", "call_backs.hand_over", "back")

    def subjects(self) -> Sequence[Hashable]:
        return [one.key for one in self._found.documents]

    def chosen(self, index: int) -> None:
        if self.desk.flow.contact is not None:
            self.say(_("finish this contact first"))
            return
        self.desk.spawn(self._ring(self._found.documents[index]))

    async def _ring(self, call_back: Document) -> None:
        """Take a call-back on, have the switch dial if it can, and ask what came of it."""
        done = await self.desk.calling.taken(call_back)
        if not done.ok:
            self.say(done.problem)
            await self.load()
            return
        dialled = await dial(self.desk.flow, str(call_back.data.get("caller") or ""))
        names = self._found.names or {}
        self.desk.push_screen(ResultDialog(done.document, names.get(call_back.id, ""), dialled))

    def under_cursor(self) -> Document | None:
        return self._found.documents[self.cursor] if 0 <= self.cursor < self.count else None

    def action_close(self) -> None:
        if not 0 <= self.cursor < self.count:
            return
        call_back = self._found.documents[self.cursor]

        async def submit(words: str) -> str:
            if not words:
                return _("write something")
            problem = (await self.desk.calling.closed(call_back, words)).problem
            await self.load()
            return problem

        def lines(_width: int) -> list[Row]:
            return [row((_("why is no call needed any more?"), "strong"))]

        self.desk.push_screen(AskDialog(lines, submit, _("close")))

    def action_hand_over(self) -> None:
        """Give a call-back to a colleague: who was asked first stays responsible."""
        if not 0 <= self.cursor < self.count:
            return
        call_back = self._found.documents[self.cursor]

        def lines(_width: int) -> list[Row]:
            return [row((_("what he should know"), "strong"))]

        def chosen(to: str | None) -> None:
            async def submit(words: str) -> str:
                problem = (await self.desk.calling.handed_over(call_back, str(to), words)).problem
                await self.load()
                return problem

            if to is not None:
                self.desk.push_screen(AskDialog(lines, submit, _("hand over")))

        self.desk.spawn(pick_colleague(self.desk, call_back.data.get("owner"), chosen))


class ResultDialog(Dialog[None]):
    """The number that is rung, and what came of it; reached opens the contact with all that he waited for."""

    place = "result"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("result")

    def __init__(self, call_back: Document, name: str, dialled: bool) -> None:
        super().__init__()
        self._call_back = call_back
        self._who = name
        self._dialled = dialled
        self._busy = False

    def body(self, width: int) -> Sequence[Row]:
        how = _("your telephone rings first, then his") if self._dialled else _("dial it on your telephone")
        choices = [row((str(index), "key"), "  ", terms.term(RESULTS, name)) for index, name in enumerate(ANSWERS, 1)]
        lines = call_back_rows(self._call_back, self._who, self.desk.at())
        return [lines[0], row((how, "accent")), *lines[1:], EMPTY, row((_("what came of it?"), "strong")), *choices]

    def keys(self) -> Row:
        return hints_of("result.take", "back")

    def action_result_at(self, index: int) -> None:
        self.action_result(ANSWERS[index])

    def action_result(self, result: str) -> None:
        if self.awake and not self._busy:
            self._busy = True
            self.desk.spawn(self._note(result))

    def action_go(self) -> None:
        """Do nothing: what came of a call is never the default."""

    async def _note(self, result: str) -> None:
        desk, contact = self.desk, None
        if result == "reached":
            contact = await reached(desk.flow, self._call_back)
        done = await desk.calling.tried(self._call_back, result, contact)
        self._busy = False
        if not done.ok:
            self.say(done.problem)
            return
        self.dismiss(None)
        if contact is not None and isinstance(desk.screen, CallBacksPage):
            desk.screen.home()
        await desk.reload()


class RingBackDialog(Dialog[None]):
    """A dialog that broke off: the number, how long there is to ring back, and what came of it."""

    place = "ringing_back"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("ringing_back")

    def __init__(self, contact: Contact, dialled: bool) -> None:
        super().__init__()
        self._contact = contact
        self._dialled = dialled
        self._busy = False

    def body(self, width: int) -> Sequence[Row]:
        number = self._contact.lookup.number
        shown = display(number, masked=False) if number else safe(self._contact.lookup.raw, 24)
        how = _("your telephone rings first, then his") if self._dialled else _("dial it on your telephone")
        choices = [row((str(index), "key"), "  ", terms.term(RESULTS, name)) for index, name in enumerate(ANSWERS, 1)]
        return [
            row((_("the call broke off: ring {number}").format(number=shown), "strong")),
            row((how, "accent")),
            EMPTY,
            row((_("what came of it?"), "strong")),
            *choices,
        ]

    def keys(self) -> Row:
        return hints_of("ringing_back.take", "back")

    def action_result_at(self, index: int) -> None:
        self.action_result(ANSWERS[index])

    def action_result(self, result: str) -> None:
        if self.awake and not self._busy:
            self._busy = True
            self.desk.spawn(self._note(result))

    async def _note(self, result: str) -> None:
        contact = self._contact
        done = await self.desk.calling.rung_back(contact.scope, contact.id, result)
        self._busy = False
        if not done.ok:
            self.say(done.problem)
            return
        catalogue, flow = self.desk.deeds.catalogue, self.desk.flow
        contact.rung_back += 1
        contact.again = ""
        if result == "refused" and catalogue is not None:
            contact.rung_back = max(contact.rung_back, catalogue.rules.ring_back_tries)
        if result == "reached":
            await reached_by_hand(flow, contact)
        else:
            await flow.settle()
            flow.say(_("noted: {result}").format(result=terms.term(RESULTS, result)), "accent")
        self.dismiss(None)
