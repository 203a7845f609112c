"""Personal data unmasked: a reason first, which is recorded before anything is shown; gone again by itself.

How long it stays is the policy's (`reveal_s`), counted on a clock that nobody sets back; a new size of the terminal
begins nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agentdesk.desk.actions import hints_of
from agentdesk.desk.drafts.revealing import Reveal
from agentdesk.desk.i18n import _
from agentdesk.desk.models.revealed import revealed, shown_fields
from agentdesk.desk.models.rows import EMPTY, Row, joined, row, safe
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.terms.revealing import WHY
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.profile.looking import REASONS

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp


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
    found, rules = await app.backend.run(lambda site: (site.view.document(scope, customer), site.catalogue().rules))
    if found is None:
        app.flow.say(_("the customer isn't known here yet: wait for the next sync"))
        return
    contact = app.flow.contact
    open_contact = contact.id if contact is not None and contact.opened else None
    shown = Reveal(reason, shown_fields(Customer(found)), rules.reveal_s, about, open_contact)
    if app.flow.report(await app.deeds.revealed(found, shown)):
        app.push_screen(RevealDialog(found, rules.reveal_s))


class RevealDialog(Dialog[None]):
    """A customer's name, numbers, people and address as they are, for so many seconds."""

    place = "revealed"

    def __init__(self, customer: Document, seconds: int) -> None:
        super().__init__()
        self._customer = Customer(customer)
        self._seconds = seconds
        self._until = 0

    def on_mount(self) -> None:
        super().on_mount()
        self._until = self.desk.settings.clock.mono_ms() + self._seconds * 1000

    @property
    def _left(self) -> int:
        return max(0, self._until - self.desk.settings.clock.mono_ms())

    def body(self, width: int) -> Sequence[Row]:
        customer = self._customer
        seconds = -(-self._left // 1000)
        gone = _("gone in {n} s").format(n=seconds)
        lines = [joined([row((safe(customer.name, 60), "strong")), row((gone, "quiet"))]), EMPTY]
        for what, said, name in revealed(customer):
            lines.append(row((what, "quiet"), "  ", (said, "strong"), *(("  ", name) if name else ())))
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
