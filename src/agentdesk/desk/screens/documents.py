"""A promise in full, or whatever has no screen of its own: its clock, its moves, and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries, terms
from agentdesk.desk.actions import Action, bindings_of, hint_of, hints_of
from agentdesk.desk.answers import promising, roles
from agentdesk.desk.deeds import Done
from agentdesk.desk.i18n import _
from agentdesk.desk.models.places import Place
from agentdesk.desk.models.rows import EMPTY, Row, hint, joined, row
from agentdesk.desk.models.tickets import Move, move_rows, promise_moves, promise_rows
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import Document
from agentdesk.store.site import Site


class DocumentPage(Page):
    """One promise; its moves are done by keys, each with a small dialog of its own."""

    place = "document"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("document")

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self._place = Place()

    async def load(self) -> None:
        document = self.document

        def read(site: Site) -> tuple[Document | None, Place]:
            found = site.view.document(document.scope, document.id)
            return found, queries.places(site, (document,)).get(document.id, Place())

        found, self._place = await self.desk.backend.run(read)
        self.document = found or document
        await self.know(self.document)
        self.paint()

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return what can be done now."""
        found = promise_moves(self.document, self.desk.settings.agent.id)
        return tuple(move for move in found if not roles.refused_call(self.desk, self.place, f"do('{move.key}')"))

    def head(self, width: int) -> Sequence[Row]:
        catalogue, agent, at = self.desk.deeds.catalogue, self.desk.settings.agent.id, self.desk.at()
        lines = promise_rows(self.document, catalogue, agent, at, width)
        if self._place.verdict is not None:
            lines.append(row((terms.term(terms.VERDICTS, self._place.verdict.value), "warn"), "  ", hint_of("outbox")))
        elif self._place.waiting:
            lines.append(row((_("here, on its way to the centre"), "quiet")))
        return [*lines, EMPTY, row((_("what was done"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        return move_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width, self.staff)

    def keys(self) -> Row:
        moves = [hint(move.key, _(move.word)) for move in self.moves]
        return joined([*moves, hints_of("document.receipts", "back")])

    def works(self, action: Action) -> bool:
        return not action.does.startswith("do(") or action.keys[0] in {move.key for move in self.moves}

    def action_receipts(self) -> None:
        """Show the texts to the customer about it, and send the receipt anew."""
        from agentdesk.desk.screens.receipts import ReceiptDialog

        if self.document.type == "commitment":
            self.desk.push_screen(ReceiptDialog(self.document))

    def action_do(self, key: str) -> None:
        move = next((move for move in self.moves if move.key == key), None)
        if move is not None:
            self._do(move)

    def _do(self, move: Move) -> None:
        if move.move == "spoken":
            promising.tell(self.desk, self.document)
        elif move.move == "fulfilled" and self.document.data.get("closing") == "call":
            answers = [answer for answer in terms.ANSWERS if answer != "unsatisfied"]
            title = _("follow-up call: does the customer say that it is kept?")
            dialog = ChooseDialog(title, answers, lambda a, _width: row(terms.term(terms.ANSWERS, a)))
            self.desk.push_screen(dialog, self._kept)
        else:
            self._ask(move.move, _(move.asks), {})

    # small dialogs

    def _ask(self, move: str, asks: str, body: dict[str, object]) -> None:
        async def submit(words: str) -> str:
            if not words:
                return _("write something")
            return (await self._commit(move, {**body, "text": words})).problem

        def lines(_width: int) -> list[Row]:
            return [row((asks, "strong"))]

        self.desk.push_screen(AskDialog(lines, submit, _("do it")))

    def _kept(self, answer: str | None) -> None:
        if answer is not None:
            self._ask("fulfilled", _("the proof that it is kept"), {"answer": answer})

    async def _commit(self, move: str, body: dict[str, object]) -> Done:
        answer = body.get("answer")
        words = str(body.get("text") or "")
        done = await self.desk.deeds.on_promise(self.document, move, words, str(answer) if answer else None)
        self.say(done.problem)
        await self.desk.reload()
        return done
