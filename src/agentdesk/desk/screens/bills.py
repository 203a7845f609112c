"""The customer's bills: two months side by side, the line under the cursor explained in words to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of, hints_of, key
from agentdesk.desk.answers import roles, serving
from agentdesk.desk.i18n import _
from agentdesk.desk.models import bills as model
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Row, hints, joined, row
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact
from agentdesk.domain.profile.disclosure import may_tell


class BillsPage(Page):
    """Bills read from the customer's document; nothing can be changed here."""

    place = "bills"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("bills")

    def __init__(self, contact: Contact, facts: Facts) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._month = 0

    @property
    def _open(self) -> bool:
        return may_tell("bill", self._facts.level)

    def facts_changed(self, facts: Facts) -> None:
        """Show the bills once the caller is verified."""
        self._facts = facts
        self.paint()

    async def load(self) -> None:
        if self._contact.facts is not None:
            self.facts_changed(self._contact.facts)

    def title_rows(self, width: int) -> Sequence[Row]:
        return [model.title_row(self._facts, width)]

    def head(self, width: int) -> Sequence[Row]:
        if not self._open:
            return [
                row((_("bills are the owner's: verify the caller first"), "warn"), "  ", (key("bills.verify"), "key"))
            ]
        found = model.months(self._facts)
        lines = model.head_rows(found, self._month, width)
        pairs = model.pairs(found, self._month)
        if pairs and self.cursor < len(pairs):
            said = model.explained(pairs[self.cursor], self._facts, width - 2)
            # always as many lines: what stands below must not jump when the cursor moves
            lines += [*said, *[EMPTY] * (3 - len(said)), EMPTY]
        return lines

    def items(self, width: int) -> Sequence[Row]:
        if not self._open:
            return ()
        return [model.pair_row(pair, width) for pair in model.pairs(model.months(self._facts), self._month)]

    def keys(self) -> Row:
        if not self._open:
            return roles.hints(self.desk, "bills.verify", "back")
        return joined([hints(("<- ->", _("other months"))), hints_of("bills.fit", "bills.vas", "back")])

    def action_month(self, by: int) -> None:
        self._month = max(0, min(len(model.months(self._facts)) - 1, self._month + by))
        self.paint()

    def action_verify(self) -> None:
        if not self._open:
            self.desk.deal.verify()

    def action_vas(self) -> None:
        serving.value_added(self.desk, self._contact)

    def action_fit(self) -> None:
        if self._open:
            serving.plan_fit(self.desk, self._contact)
