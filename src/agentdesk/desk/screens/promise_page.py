"""A promise in full: its whole life, the moves that it allows now, and why it is due when it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import terms
from agentdesk.desk.actions import Action, bindings_of, hint_of
from agentdesk.desk.answers import making_good, promising, roles
from agentdesk.desk.deeds import Done
from agentdesk.desk.deeds import promises as deeds_promises
from agentdesk.desk.i18n import _
from agentdesk.desk.models import promise_life as life
from agentdesk.desk.models.remedies import matter_rows
from agentdesk.desk.models.rows import EMPTY, Row, flow, hint, row
from agentdesk.desk.models.tickets import Move, move_rows
from agentdesk.desk.models.until import progress
from agentdesk.desk.models.work import department
from agentdesk.desk.queries import money as queries_money
from agentdesk.desk.queries import promises as queries_promises
from agentdesk.desk.queries.promises import PromiseFound
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.colleague import pick_colleague
from agentdesk.desk.screens.costs import cost_moves, do_cost
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import Document

COST_KEYS = {"rebooked": "r", "objected": "e", "judged": "v"}


class PromisePage(Page):
    """One promise; its moves are done by letters, each with a small dialog of its own."""

    place = "promise"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("promise")

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self._found: PromiseFound | None = None
        self._given: tuple[Document, ...] = ()
        self._why = False

    async def load(self) -> None:
        document = self.document
        self._found = await self.desk.backend.run(lambda site: queries_promises.promise(site, document))
        self.document = self._found.promise
        self._given = await self.desk.backend.run(lambda site: queries_money.given(site, document))
        self.paint()

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return what can be done now."""
        found = life.moves(self.document, self.desk.settings.agent.id)
        return tuple(move for move in found if not roles.refused_call(self.desk, self.place, f"do('{move.key}')"))

    @property
    def cost_moves(self) -> tuple[tuple[str, str, str], ...]:
        """Return what can be done about what it costs: key, move, word."""
        agent, catalogue = self.desk.settings.agent, self.desk.deeds.catalogue
        role = catalogue.roles.get(agent.role) if catalogue else None
        found = cost_moves(self.document, agent.role, role is not None and role.approves, COST_KEYS)
        return tuple(move for move in found if not roles.refused_call(self.desk, self.place, f"cost('{move[0]}')"))

    def head(self, width: int) -> Sequence[Row]:
        found = self._found
        if found is None:
            return [row((_("reading the files"), "quiet"))]
        lines = life.life_rows(found, self.desk.settings.agent.id, self.desk.at(), width)
        lines += life.flags_rows(found)
        lines += matter_rows(self.document, self._given, found.policy, self.desk.at())
        if found.place.verdict is not None:
            verdict = terms.term(terms.VERDICTS, found.place.verdict.value)
            lines.append(row((verdict, "warn"), "  ", hint_of("outbox")))
        elif found.place.waiting:
            lines.append(row((_("here, on its way to the centre"), "quiet")))
        if self._why:
            lines += [EMPTY, row((_("why this deadline"), "strong")), *life.why_rows(found)]
        return [*lines, EMPTY, row((_("what was done"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        staff = self._found.staff if self._found is not None else {}
        return move_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width, staff)

    def foot(self, width: int) -> Sequence[Row]:
        moves = [hint(move.key, _(move.word)) for move in self.moves]
        moves += [hint(key, _(word)) for key, _move, word in self.cost_moves]
        more = [hint_of(name) for name in ("promise.make_good", "promise.why", "promise.receipts", "back")]
        return flow([*moves, *more], width, "  ")

    def works(self, action: Action) -> bool:
        if action.does.startswith("cost("):
            return action.keys[0] in {key for key, _move, _word in self.cost_moves}
        return not action.does.startswith("do(") or action.keys[0] in {move.key for move in self.moves}

    def action_receipts(self) -> None:
        """Show the texts to the customer about it, and send the receipt anew."""
        from agentdesk.desk.screens.receipts import ReceiptDialog

        self.desk.push_screen(ReceiptDialog(self.document))

    def action_why(self) -> None:
        self._why = not self._why
        self.paint()

    def action_make_good(self) -> None:
        making_good.under(self.desk, self.document)

    def action_do(self, key: str) -> None:
        move = next((move for move in self.moves if move.key == key), None)
        if move is not None:
            self._do(move)

    def action_cost(self, key: str) -> None:
        """Move what it costs to another unit, object to it, or decide an objection."""
        move = next((move for one, move, _word in self.cost_moves if one == key), None)
        if move is not None:
            do_cost(self.desk, self.document, move, self._cost)

    async def _cost(self, move: str, body: dict[str, object]) -> str:
        return (await self._move(move, body)).problem

    def _do(self, move: Move) -> None:
        if move.move == "spoken":
            promising.tell(self.desk, self.document)
        elif move.move == "accepted":
            self.desk.spawn(self._move("accepted", {}))
        elif move.move == "dispatched":
            self.desk.push_screen(self._departments(), self._department_chosen)
        elif move.move == "handed_over":
            self.desk.spawn(self._hand_over())
        elif move.move == "fulfilled" and self.document.data.get("closing") == "call":
            answers = [answer for answer in terms.ANSWERS if answer != "unsatisfied"]
            title = _("follow-up call: does the customer say that it is kept?")
            dialog = ChooseDialog(title, answers, lambda a, _width: row(terms.term(terms.ANSWERS, a)))
            self.desk.push_screen(dialog, self._kept)
        else:
            self._ask(move.move, _(move.asks), optional=move.move == "chased")

    # small dialogs

    def _ask(self, move: str, asks: str, body: dict[str, object] | None = None, optional: bool = False) -> None:
        async def submit(words: str) -> str:
            if not words and not optional:
                return _("write something")
            return (await self._commit(move, words, dict(body or {}))).problem

        self.desk.push_screen(AskDialog(lambda _width: [row((asks, "strong"))], submit, _("do it")))

    def _departments(self) -> ChooseDialog[str]:
        catalogue = self._found.policy if self._found else None
        units = list(catalogue.departments)[:20] if catalogue else []
        return ChooseDialog(_("dispatch to whom?"), units, lambda unit, _width: row(department(unit, catalogue)))

    def _department_chosen(self, unit: str | None) -> None:
        if unit is not None:
            asks = _("what they should know, if anything")
            self._ask("dispatched", asks, {"department": unit}, optional=True)

    async def _hand_over(self) -> None:
        await pick_colleague(self.desk, self.document.data.get("owner"), self._colleague_chosen)

    def _colleague_chosen(self, who: str | None) -> None:
        if who is not None:
            self._ask("handed_over", _("what he should know"), {"to": who})

    def _kept(self, answer: str | None) -> None:
        if answer is not None:
            self._ask("fulfilled", _("the proof that it is kept"), {"answer": answer})

    # what is done

    async def _commit(self, move: str, words: str, body: dict[str, object]) -> Done:
        if move == "chased":
            done = await deeds_promises.chase(self.desk.deeds, self.desk.flow.contact, self.document, words)
        elif move in ("fulfilled", "withdrawn"):
            answer = body.get("answer")
            done = await self.desk.deeds.on_promise(self.document, move, words, str(answer) if answer else None)
        else:
            if move == "noted":
                body |= progress(words, self.desk.at())
            elif words:
                body["note" if move == "handed_over" else "text"] = words
            return await self._move(move, body)
        return await self._after(done)

    async def _move(self, move: str, body: dict[str, object]) -> Done:
        return await self._after(await deeds_promises.move(self.desk.deeds, self.document, move, body))

    async def _after(self, done: Done) -> Done:
        self.say(done.problem)
        await self.desk.reload()
        return done
