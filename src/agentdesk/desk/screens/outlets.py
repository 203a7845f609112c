"""The outlets nearest to a customer, or of the region: distance, hours, queue, services; Enter says the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import terms
from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.outlets import SERVICES, outlet_rows, services
from agentdesk.desk.models.rows import EMPTY, Row, row, safe
from agentdesk.desk.screens.page import Page
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.outlet.outlets import Near, nearest, place_of


class OutletsPage(Page):
    """Outlets by distance; `f` keeps those that do one thing."""

    place = "outlets"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("outlets")

    def __init__(self, facts: Facts | None) -> None:
        super().__init__()
        self._facts = facts
        self._all: tuple[Document, ...] = ()
        self._service = ""
        self._found: tuple[Near, ...] = ()

    async def load(self) -> None:
        region = self.desk.deeds.by.region
        found = await self.desk.backend.run(lambda site: site.view.of_type(ORG, "outlet"))
        self._all = tuple(d for d in found if d.data.get("region") in (None, region))
        self._rank()

    def _rank(self) -> None:
        catalogue = self.desk.deeds.catalogue
        customer = self._facts.customer if self._facts else None
        where = place_of(customer.document.data) if customer else None
        if catalogue is not None:
            self._found = nearest(self._all, where, self.desk.at(), catalogue, self._service, most=30)
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        what = terms.term(SERVICES, self._service) if self._service else _("all services")
        near = next((n for n in self._found if n.within_promise), None)
        promise = _("one within a kilometre") if near else _("none within a kilometre")
        where = (
            row(("  ", ""), (promise, "good" if near else "warn")) if self._facts and self._facts.customer else EMPTY
        )
        return [row((_("outlets"), "strong"), "  ", (what, "quiet"), where)]

    def items(self, width: int) -> Sequence[Row]:
        return outlet_rows(self._found, self.desk.at(), width)

    def head(self, width: int) -> Sequence[Row]:
        return () if self._found else (row((_("no outlet is known here"), "quiet")),)

    def keys(self) -> Row:
        return hints_of("outlets.go", "outlets.filter", "back")

    def chosen(self, index: int) -> None:
        near = self._found[index]
        self.say(f"{safe(near.outlet.data.get('name'), 30)}: {services(near)}")

    def action_filter(self) -> None:
        choices = ["", *SERVICES]
        self._service = choices[(choices.index(self._service) + 1) % len(choices)]
        self.cursor = 0
        self._rank()
