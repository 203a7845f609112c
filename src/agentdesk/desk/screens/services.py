"""Services by phone as a list that is searched by typing: name, synonym, code or initials; Enter orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.answers import serving
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import Row, ends, row
from agentdesk.desk.models.services import (
    ServiceLine,
    empty_rows,
    group_row,
    groups,
    legend,
    service_lines,
    service_row,
)
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.language.text import clean


class ServicesPage(Page):
    """What can be ordered for the caller, the line in question first; Tab changes the group."""

    place = "services"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("services")

    def __init__(self, contact: Contact, facts: Facts) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._group = 0
        self._query = Field(id="query")
        self._found: tuple[ServiceLine, ...] = ()
        self._look()

    def _look(self) -> None:
        group = groups(self._facts.catalogue)[self._group]
        self._found = service_lines(self._facts, clean(self._query.value, 40), group)

    def title_rows(self, width: int) -> Sequence[Row]:
        title = row((_("services by phone"), "strong"), "  ", (str(len(self._found)), "quiet"))
        group = groups(self._facts.catalogue)[self._group]
        return [ends(title, group_row(group, self._facts.catalogue), width)]

    def fields(self) -> Sequence[Widget]:
        return (self._query,)

    def items(self, width: int) -> Sequence[Row]:
        return [service_row(line, self._facts, width) for line in self._found]

    def head(self, width: int) -> Sequence[Row]:
        return () if self._found else empty_rows(self._query.value)

    @property
    def count(self) -> int:
        return len(self._found)

    def keys(self) -> Row:
        keys = hints_of("services.go", "services.vas", "back")
        return row(keys, "   ", legend(40))

    def facts_changed(self, facts: Facts) -> None:
        """Show what changed while the list was open: the line went, or the caller was verified."""
        self._facts = facts
        self._look()
        self.paint()

    async def load(self) -> None:
        facts = self._contact.facts
        if facts is not None and facts.customer is not None:
            self.facts_changed(facts)

    def action_group(self, by: int) -> None:
        self._group = (self._group + by) % len(groups(self._facts.catalogue))
        self.cursor = 0
        self._look()
        self.paint()

    def action_vas(self) -> None:
        serving.value_added(self.desk, self._contact)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.cursor = 0
        self._look()
        self.paint()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def chosen(self, index: int) -> None:
        self.say(serving.choose(self.desk, self._contact, self._facts, self._found[index].standing))
