"""An order by phone: whether it took effect, when and by which proof, what was done, and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries
from agentdesk.desk.actions import Action, bindings_of, hint_of
from agentdesk.desk.answers import promising, roles, serving
from agentdesk.desk.deeds import services as deeds_services
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.order import order_rows
from agentdesk.desk.models.places import Place
from agentdesk.desk.models.rows import EMPTY, Row, hint, joined, row
from agentdesk.desk.models.tickets import move_rows
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import Document
from agentdesk.store.site import Site

MOVES: dict[str, tuple[tuple[str, str], ...]] = {
    "ordered": (("e", N_("it works")), ("f", N_("can't be done")), ("x", N_("cancel the order"))),
    "late": (
        ("p", N_("promise instead")),
        ("e", N_("it works")),
        ("f", N_("can't be done")),
        ("x", N_("cancel the order")),
    ),
    "failed": (("p", N_("promise instead")), ("e", N_("it works after all")), ("x", N_("the customer knows: close"))),
    "effected": (("z", N_("take it back")),),
}
"""What can be done with an order in each state, by key."""

DOES = {"e": "effected", "f": "failed", "x": "cancelled"}
ASKS = {
    "e": N_("the proof that it works"),
    "f": N_("why it can't be done"),
    "x": N_("why it is cancelled"),
}
FIELDS = {"effected": "proof", "failed": "reason", "cancelled": "reason"}


class OrderPage(Page):
    """One order by phone."""

    place = "order"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("order")

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

    def facts_changed(self, facts: Facts) -> None:
        """Show what became of it while it is looked at."""
        found = next((d for d in facts.work if d.id == self.document.id), None)
        if found is not None:
            self.document = found
            self.paint()

    @property
    def _moves(self) -> tuple[tuple[str, str], ...]:
        moves = MOVES.get(str(self.document.data.get("state")), ())
        if not self.document.data.get("undo"):
            moves = tuple(move for move in moves if move[0] != "z")
        return tuple(move for move in moves if not roles.refused_call(self.desk, self.place, f"do('{move[0]}')"))

    def head(self, width: int) -> Sequence[Row]:
        lines = order_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width)
        if self._place.waiting:
            lines.append(row((_("here, on its way to the centre"), "quiet")))
        return [*lines, EMPTY, row((_("what was done"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        return move_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width, self.staff)

    def keys(self) -> Row:
        return joined([*(hint(key, _(word)) for key, word in self._moves), hint_of("back")])

    def works(self, action: Action) -> bool:
        return not action.does.startswith("do(") or action.keys[0] in {key for key, _word in self._moves}

    def action_do(self, key: str) -> None:
        if key not in {move[0] for move in self._moves}:
            return
        if key in DOES:
            self._ask(key)
            return
        contact = self.desk.flow.contact
        facts = contact.facts if contact else None
        if contact is None or facts is None or facts.customer is None:
            self.say(_("call the customer up first: press / on the desk"))
        elif facts.customer.document.id != self.document.data.get("customer"):
            self.say(_("this is another customer's order"))
        elif facts.line is None or self.document.data.get("subscription") not in (None, facts.line.id):
            self.say(_("choose the line that it was ordered for: press Tab"))
        elif key == "z":
            self.say(serving.undo(self.desk, contact, facts, self.document))
        else:
            self.say(promising.named(self.desk, contact, facts, str(self.document.data.get("promise") or "")))

    def _ask(self, key: str) -> None:
        move, asks = DOES[key], _(ASKS[key])

        async def submit(words: str) -> str:
            if not words:
                return _("write something")
            done = await deeds_services.move(self.desk.deeds, self.document, move, {FIELDS[move]: words})
            await self.desk.reload()
            return done.problem

        self.desk.push_screen(AskDialog(lambda _width: [row((asks, "strong"))], submit, _("do it")))
