"""A ticket in full: where it stands, its clocks and why they end when they do, and every move that is possible now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries, terms
from agentdesk.desk.actions import Action, bindings_of, hint_of
from agentdesk.desk.answers import making_good, roles
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.places import Place
from agentdesk.desk.models.remedies import matter_rows
from agentdesk.desk.models.rows import EMPTY, Row, flow, hint, row
from agentdesk.desk.models.ticket_moves import moves_of
from agentdesk.desk.models.ticket_page import TicketView, page_rows
from agentdesk.desk.models.ticket_why import explained
from agentdesk.desk.models.tickets import Move, move_rows
from agentdesk.desk.queries import money as queries_money
from agentdesk.desk.queries.tickets import ticket_view
from agentdesk.desk.screens.page import Page
from agentdesk.desk.screens.ticket_asks import Asks
from agentdesk.domain.documents import Document
from agentdesk.store.site import Site


class TicketPage(Page):
    """One ticket; its moves are done by keys, each with small dialogs of its own."""

    place = "ticket"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("ticket")

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.view = TicketView(document)
        self._place = Place()
        self._given: tuple[Document, ...] = ()
        self._why = False
        self._asks = Asks(self)

    @property
    def document(self) -> Document:
        """The ticket as it stood when it was read last."""
        return self.view.ticket

    async def load(self) -> None:
        document = self.document

        def read(site: Site) -> tuple[TicketView, Place]:
            found = ticket_view(site, document)
            return found, queries.places(site, (found.ticket,)).get(document.id, Place())

        self.view, self._place = await self.desk.backend.run(read)
        self._given = await self.desk.backend.run(lambda site: queries_money.given(site, document))
        self.paint()

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return what can be done now."""
        found = moves_of(self.document, self.desk.deeds.catalogue)
        return tuple(move for move in found if not roles.refused_call(self.desk, self.place, f"do('{move.key}')"))

    @property
    def _caller(self) -> Facts | None:
        """Return what is known of who is on the line, where the ticket is his."""
        contact = self.desk.flow.contact
        facts = contact.facts if contact is not None and not contact.ended else None
        if facts is None or facts.customer is None:
            return None
        return facts if facts.customer.document.id == self.document.data.get("customer") else None

    def head(self, width: int) -> Sequence[Row]:
        catalogue, agent, at = self.desk.deeds.catalogue, self.desk.settings.agent.id, self.desk.at()
        lines = page_rows(self.view, catalogue, agent, at, width, self._caller)
        lines += matter_rows(self.document, self._given, catalogue, at)
        if self._place.verdict is not None:
            verdict = terms.term(terms.VERDICTS, self._place.verdict.value)
            lines.append(row((verdict, "warn"), "  ", (_("see the outbox"), "quiet")))
        elif self._place.waiting:
            lines.append(row((_("here, on its way to the centre"), "quiet")))
        return [*lines, EMPTY, row((_("why this deadline") if self._why else _("what was done"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        if self._why:
            return explained(self.document, self.desk.deeds.catalogue)
        return move_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width, self.view.agents)

    def foot(self, width: int) -> Sequence[Row]:
        drafts = self.view.drafts
        moves = [
            row(hint(move.key, _(move.word)), (" " + _("(draft)"), "warn") if move.move in drafts else "")
            for move in self.moves
        ]
        why = hint_of("ticket.why", _("what was done") if self._why else "")
        texts = hint_of("ticket.receipts")
        return flow([*moves, hint_of("ticket.make_good"), why, texts, hint_of("back")], width, "  ")

    def works(self, action: Action) -> bool:
        return not action.does.startswith("do(") or action.keys[0] in {move.key for move in self.moves}

    def action_receipts(self) -> None:
        """Show the texts to the customer about it, and send the receipt anew."""
        from agentdesk.desk.screens.receipts import ReceiptDialog

        self.desk.push_screen(ReceiptDialog(self.document))

    def action_why(self) -> None:
        self._why = not self._why
        self.cursor = self.top = 0
        self.paint()

    def action_make_good(self) -> None:
        making_good.under(self.desk, self.document)

    def action_do(self, key: str) -> None:
        move = next((move for move in self.moves if move.key == key), None)
        if move is not None:
            self.say("")
            self._asks.begin(move)

    async def changed(self, problem: str, done: str = "") -> str:
        """Show what came of a move; return the problem, if there is one."""
        self.say(problem)
        await self.desk.reload()
        if done and not problem:
            self.desk.flow.say(done, "good")
        return problem
