"""A ticket or a promise in full: its clocks and why they end when they do, its moves, and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from agentdesk.desk import queries, terms
from agentdesk.desk.deeds import Done
from agentdesk.desk.i18n import _
from agentdesk.desk.models.places import Place
from agentdesk.desk.models.rows import EMPTY, Row, hint, hints, joined, row
from agentdesk.desk.models.tickets import (
    Move,
    class_path,
    move_rows,
    promise_moves,
    promise_rows,
    ticket_moves,
    ticket_rows,
    why_rows,
)
from agentdesk.desk.models.work import department
from agentdesk.desk.screens.ask import AskDialog, Pick, PickDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.page import Page
from agentdesk.desk.screens.tell import ChaseDialog
from agentdesk.domain.documents import Document
from agentdesk.store.site import Site

MOVE_KEYS = "dybpczrnufxs"


class DocumentPage(Page):
    """One ticket or promise; its moves are done by keys, each with a small dialog of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "why", show=False),
        *(Binding(key, f"do('{key}')", show=False) for key in MOVE_KEYS),
    ]

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self._place = Place()
        self._why = False

    async def load(self) -> None:
        document = self.document

        def read(site: Site) -> tuple[Document | None, Place]:
            found = site.view.document(document.scope, document.id)
            return found, queries.places(site, (document,)).get(document.id, Place())

        found, self._place = await self.desk.backend.run(read)
        self.document = found or document
        self.paint()

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return what can be done now."""
        if self.document.type == "ticket":
            return ticket_moves(self.document)
        return promise_moves(self.document, self.desk.settings.agent.id)

    def head(self, width: int) -> Sequence[Row]:
        catalogue, agent, at = self.desk.deeds.catalogue, self.desk.settings.agent.id, self.desk.at()
        rows = ticket_rows if self.document.type == "ticket" else promise_rows
        lines = rows(self.document, catalogue, agent, at, width)
        if self._place.verdict is not None:
            lines.append(
                row((terms.term(terms.VERDICTS, self._place.verdict.value), "warn"), "  ", hint("o", _("outbox")))
            )
        elif self._place.waiting:
            lines.append(row((_("here, on its way to the centre"), "quiet")))
        if self._why and self.document.type == "ticket":
            lines += [EMPTY, row((_("why this deadline"), "strong")), *why_rows(self.document, catalogue)]
        return [*lines, EMPTY, row((_("what was done"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        return move_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width)

    def keys(self) -> Row:
        moves = [hint(move.key, _(move.word)) for move in self.moves]
        why = [hint("w", _("why"))] if self.document.type == "ticket" else []
        return joined([*moves, *why, hints(("Esc", _("back")))])

    def action_why(self) -> None:
        self._why = not self._why
        self.paint()

    def action_do(self, key: str) -> None:
        move = next((move for move in self.moves if move.key == key), None)
        if move is not None:
            self._do(move)

    def _do(self, move: Move) -> None:
        if move.move == "dispatched":
            self.desk.push_screen(self._stations(), self._station_chosen)
        elif move.move == "followed_up":
            answers = list(terms.ANSWERS)
            title = _("what does the customer say?")
            dialog = ChooseDialog(title, answers, lambda a, _width: row(terms.term(terms.ANSWERS, a)))
            self.desk.push_screen(dialog, self._answer_chosen)
        elif move.move == "replied":
            self.desk.push_screen(self._causes(), self._cause_chosen)
        elif move.move == "chased":
            self.desk.push_screen(ChaseDialog(self.desk.flow.contact, self.document))
        elif move.move == "spoken":
            self.desk.tell(self.document)
        elif move.move == "fulfilled" and self.document.data.get("closing") == "call":
            answers = [answer for answer in terms.ANSWERS if answer != "unsatisfied"]
            title = _("follow-up call: does the customer say that it is kept?")
            dialog = ChooseDialog(title, answers, lambda a, _width: row(terms.term(terms.ANSWERS, a)))
            self.desk.push_screen(dialog, self._kept)
        elif move.move in ("accepted", "archived"):
            self.desk.spawn(self._commit(move.move, {}))
        else:
            self._ask(move.move, _(move.asks), {})

    # small dialogs

    def _ask(self, move: str, asks: str, body: dict[str, object], optional: bool = False) -> None:
        async def submit(words: str) -> str:
            if not words and not optional:
                return _("write something")
            content = dict(body)
            if move == "replied":
                minutes, _space, rest = words.partition(" ")
                if not minutes.isdigit() or not rest.strip():
                    return _("begin with the minutes of work, then the reply: 30 replaced the modem")
                content |= {"minutes": int(minutes), "text": rest.strip()}
            elif move == "followed_up":
                score, _space, rest = words.partition(" ")
                if score.isdigit() and 1 <= int(score) <= 5:
                    content |= {"score": int(score)}
                    words = rest.strip()
                content |= {"text": words} if words else {}
            else:
                content[{"noted": "text", "returned": "reason", "reopened": "reason"}.get(move, "text")] = words
            return (await self._commit(move, content)).problem

        def lines(_width: int) -> list[Row]:
            return [row((asks, "strong"))]

        self.desk.push_screen(AskDialog(lines, submit, _("do it")))

    def _stations(self) -> ChooseDialog[tuple[str, str | None]]:
        catalogue = self.desk.deeds.catalogue
        units = list(catalogue.departments) if catalogue else []
        choices: list[tuple[str, str | None]] = [("expert", None), *(("department", unit) for unit in units[:19])]

        def words(choice: tuple[str, str | None], _width: int) -> Row:
            return row(department(choice[1], catalogue) if choice[1] else terms.term(terms.STATIONS, "expert"))

        return ChooseDialog(_("dispatch to whom?"), choices, words)

    def _station_chosen(self, choice: tuple[str, str | None] | None) -> None:
        if choice is not None:
            station, unit = choice
            body: dict[str, object] = {"station": station}
            if unit:
                body["department"] = unit
            self._ask("dispatched", _("what they should know, if anything"), body, optional=True)

    def _answer_chosen(self, answer: str | None) -> None:
        if answer is not None:
            asks = _("score 1 to 5 and words, if there are any")
            self._ask("followed_up", asks, {"answer": answer}, optional=True)

    def _kept(self, answer: str | None) -> None:
        if answer is not None:
            self._ask("fulfilled", _("the proof that it is kept"), {"answer": answer})

    def _causes(self) -> PickDialog[str]:
        catalogue = self.desk.deeds.catalogue

        def find(typed: str) -> list[Pick[str]]:
            words = typed.lower().split()
            nodes = catalogue.classes.values() if catalogue else ()
            parents = {node.code.rpartition(".")[0] for node in nodes}
            found = []
            for node in nodes:
                text = f"{class_path(node.code, catalogue)} {node.name.zh} {node.name.en}".lower()
                if node.tree == "cause" and node.code not in parents and all(word in text for word in words):
                    found.append(Pick(row(class_path(node.code, catalogue)), node.code))
            return [*found[:8], Pick(row((_("no cause was found"), "quiet")), "")]

        return PickDialog(_("what was the cause? type a part of it"), find)

    def _cause_chosen(self, cause: str | None) -> None:
        if cause is not None:
            self._ask("replied", _("minutes of work, then the reply"), {"cause": cause} if cause else {})

    async def _commit(self, move: str, body: dict[str, object]) -> Done:
        if self.document.type == "ticket":
            done = await self.desk.deeds.move(self.document, move, body)
        else:
            answer = body.get("answer")
            words = str(body.get("text") or "")
            done = await self.desk.deeds.on_promise(self.document, move, words, str(answer) if answer else None)
        self.say(done.problem)
        await self.load()
        await self.desk.reload()
        return done
