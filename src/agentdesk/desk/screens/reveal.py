"""Personal data unmasked: a reason first, which is recorded before anything is shown; gone again by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.actions import hints_of
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.rows import EMPTY, Row, joined, row, safe
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.reveal import REASONS
from agentdesk.domain.numbering.numbers import display

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

SHOWN_MS = 30_000
"""How long it stays on the screen, ms."""

WHY = {
    "asked": N_("the caller asks for it"),
    "ring_back": N_("to ring back"),
    "compare": N_("to compare it with what he says"),
    "engineer": N_("an engineer needs it"),
    "superior": N_("a superior asked for it"),
}


def reveal(app: DeskApp, document: Document | None, say: Callable[[str], None]) -> None:
    """Ask why, write that down, and show a customer's data: of one, or of the one whom a document is about.

    Without a document it is the customer of the contact.
    """
    contact = app.contact
    if document is None and contact is not None and contact.facts is not None and contact.facts.customer is not None:
        document = contact.facts.customer.document
    who = None
    if document is not None:
        who = document.id if document.type == "customer" else document.data.get("customer")
    if document is None or not isinstance(who, str):
        say(_("there is no customer's data here to show"))
        return
    scope, customer, about = document.scope, who, None if document.id == who else document.id

    def chosen(reason: str | None) -> None:
        if reason is not None:
            app.spawn(_noted(app, scope, customer, about, reason))

    dialog = ChooseDialog(
        _("why do you look at his data? it is recorded"), REASONS, lambda one, _width: row(_(WHY[one]))
    )
    app.push_screen(dialog, chosen)


async def _noted(app: DeskApp, scope: str, customer: str, about: str | None, reason: str) -> None:
    found = await app.backend.run(lambda site: site.view.document(scope, customer))
    if found is None:
        app.flow.say(_("the customer isn't known here yet: wait for the next sync"))
        return
    contact = app.flow.contact
    open_contact = contact.id if contact is not None and contact.opened else None
    if app.flow.report(await app.deeds.revealed(found, reason, about, open_contact)):
        app.push_screen(RevealDialog(found))


class RevealDialog(Dialog[None]):
    """A customer's name, numbers, people and address as they are, for half a minute."""

    place = "revealed"

    def __init__(self, customer: Document) -> None:
        super().__init__()
        self._customer = Customer(customer)
        self._until = 0

    def on_mount(self) -> None:
        super().on_mount()
        self._until = self.desk.settings.clock.mono_ms() + SHOWN_MS

    @property
    def _left(self) -> int:
        return max(0, self._until - self.desk.settings.clock.mono_ms())

    def body(self, width: int) -> Sequence[Row]:
        customer = self._customer
        seconds = -(-self._left // 1000)
        gone = _("gone in {n} s").format(n=seconds)
        lines = [joined([row((safe(customer.name, 60), "strong")), row((gone, "quiet"))]), EMPTY]
        for line in customer.subscriptions:
            kind = terms.term(terms.LINES, line.kind)
            lines.append(
                row((kind, "quiet"), "  ", (display(line.number, masked=False) if line.number else "-", "strong"))
            )
        for person in customer.people:
            relation = terms.term(terms.RELATIONS, person.relation)
            said = (display(person.number, masked=False), "strong")
            lines.append(row((relation, "quiet"), "  ", said, "  ", safe(person.name, 40)))
        address = customer.text("address")
        if address:
            lines.append(row((_("address"), "quiet"), "  ", safe(address, 120)))
        return lines

    def keys(self) -> Row:
        return hints_of("copy", "back")

    def tick(self) -> None:
        if self._left:
            super().tick()
        else:
            self.dismiss(None)

    def action_go(self) -> None:
        self.dismiss(None)
