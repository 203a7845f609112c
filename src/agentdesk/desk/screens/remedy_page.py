"""A remedy or a check in full: who pays, until when, what was done, and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries, terms
from agentdesk.desk.actions import Action, bindings_of, hint_of
from agentdesk.desk.answers import roles
from agentdesk.desk.deeds import money as deeds_money
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.places import Place
from agentdesk.desk.models.remedies import check_rows, remedy_rows
from agentdesk.desk.models.rows import EMPTY, Row, hint, joined, row
from agentdesk.desk.models.tickets import move_rows
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.costs import COSTS, choose_unit, cost_moves, do_cost
from agentdesk.desk.screens.page import Page
from agentdesk.desk.terms import money as terms_money
from agentdesk.domain.documents import Document
from agentdesk.store.site import Site

COST_KEYS = {"rebooked": "r", "objected": "n", "judged": "v"}


def moves_of(document: Document, agent: str, role: str, approves: bool) -> tuple[tuple[str, str, str], ...]:
    """Return what can be done now: key, move, word."""
    data = document.data
    if document.type == "check":
        closes = data.get("state") == "open" and data.get("purpose") != "collection"
        return (("c", "closed", N_("close with a result")),) if closes else ()
    moves = []
    given = data.get("state") == "given"
    if given and data.get("spoken_at") is None and not data.get("automatic") and data.get("owner") == agent:
        moves.append(("s", "spoken", N_("told the customer")))
    if given:
        moves.append(("f", "done", N_("carried out")))
        if not (data.get("automatic") and data.get("statutory")):
            moves.append(("x", "withdrawn", N_("withdraw")))
    return (*moves, *cost_moves(document, role, approves, COST_KEYS))


ASKS = {
    "done": (N_("the proof that the customer has it"), "proof"),
    "withdrawn": (N_("why the customer wants it no more"), "reason"),
}


class RemedyPage(Page):
    """One remedy, or one check."""

    place = "remedy"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("remedy")

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self._place = Place()

    async def load(self) -> None:
        document = self.document

        def find(site: Site) -> tuple[Document | None, Place]:
            found = site.view.document(document.scope, document.id)
            return found, queries.places(site, (document,)).get(document.id, Place())

        found, self._place = await self.desk.backend.run(find)
        self.document = found or document
        await self.know(self.document)
        self.paint()

    @property
    def moves(self) -> tuple[tuple[str, str, str], ...]:
        """Return what can be done now: key, move, word."""
        agent, catalogue = self.desk.settings.agent, self.desk.deeds.catalogue
        role = catalogue.roles.get(agent.role) if catalogue else None
        found = moves_of(self.document, agent.id, agent.role, role is not None and role.approves)
        return tuple(move for move in found if not roles.refused_call(self.desk, self.place, f"do('{move[0]}')"))

    def head(self, width: int) -> Sequence[Row]:
        catalogue, at = self.desk.deeds.catalogue, self.desk.at()
        if self.document.type == "check":
            lines = check_rows(self.document, catalogue, at)
        else:
            lines = remedy_rows(self.document, catalogue, at, width)
        if self._place.verdict is not None:
            lines.append(row((terms.term(terms.VERDICTS, self._place.verdict.value), "warn"), "  ", hint_of("outbox")))
        elif self._place.waiting:
            lines.append(row((_("here, on its way to the centre"), "quiet")))
        return [*lines, EMPTY, row((_("what was done"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        return move_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width, self.staff)

    def keys(self) -> Row:
        return joined([*(hint(key, _(word)) for key, _move, word in self.moves), hint_of("back")])

    def works(self, action: Action) -> bool:
        return not action.does.startswith("do(") or action.keys[0] in {key for key, _move, _word in self.moves}

    def action_do(self, key: str) -> None:
        move = next((move for one, move, _word in self.moves if one == key), None)
        if move == "closed":
            choices = ["confirmed", "provider", "unfounded"]
            if self.document.data.get("purpose") == "kept_in_time":
                choices.remove("unfounded")  # nobody claimed what came by itself
            title = _("what did it bring?")
            dialog = ChooseDialog(title, choices, lambda c, _w: row(terms.term(terms_money.RESULTS, c)))
            self.desk.push_screen(dialog, self._result)
        elif move == "spoken":
            self.desk.spawn(self._commit("spoken", {}))
        elif move in COSTS:
            do_cost(self.desk, self.document, move, self._commit)
        elif move is not None:
            self._ask(move, {})

    def _result(self, result: str | None) -> None:
        if result == "confirmed":
            choose_unit(self.desk, self.document, lambda unit: self._close("confirmed", unit))
        elif result == "provider":
            self._close("provider", None)
        elif result is not None:
            self._close(result, None)

    def _close(self, result: str, against: str | None) -> None:
        asks = _("the provider's name, a comma, then what was found") if result == "provider" else _("what was found")

        async def submit(typed: str) -> str:
            unit, words = against, typed
            if result == "provider":
                name, _comma, words = typed.replace("，", ",").partition(",")
                unit = name.strip()
                if not unit or not words.strip():
                    return _("the provider's name, a comma, then what was found")
            if not words.strip():
                return _("write something")
            done = await deeds_money.close_check(self.desk.deeds, self.document, result, words.strip(), unit)
            await self._reload(done.problem)
            return done.problem

        self.desk.push_screen(AskDialog(lambda _width: [row((asks, "strong"))], submit, _("do it")))

    def _ask(self, move: str, body: dict[str, Any]) -> None:
        asks, name = ASKS[move]

        async def submit(typed: str) -> str:
            return await self._commit(move, {**body, name: typed}) if typed else _("write something")

        self.desk.push_screen(AskDialog(lambda _width: [row((_(asks), "strong"))], submit, _("do it")))

    async def _commit(self, move: str, body: dict[str, Any]) -> str:
        done = await deeds_money.move(self.desk.deeds, self.desk.flow.contact, self.document, move, body)
        await self._reload(done.problem)
        return done.problem

    async def _reload(self, problem: str) -> None:
        self.say(problem)
        await self.desk.reload()
