"""What was found: customers with their badge, tickets and promises with their clocks; masked like everything."""

from __future__ import annotations

from collections.abc import Sequence

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.card import badge, line_words, person
from agentdesk.desk.models.rows import Column, Row, row, safe, table
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.queries import Found
from agentdesk.domain.case import Customer
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.policy import Catalogue


def find_rows(found: Sequence[Found], catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return one line for each thing found."""
    columns = (Column(12), Column(24), Column(0))
    lines = []
    for each in found:
        document = each.document
        if document.type == "customer":
            customer = Customer(document)
            tier = catalogue.tier_of(customer.card) if catalogue else "standard"
            line = customer.subscription(each.line) or (customer.subscriptions[0] if customer.subscriptions else None)
            cells = (
                row((badge(tier, catalogue), f"tier-{tier}")),
                row((person(customer, False), "strong"), "  ", (terms.term(terms.RELATIONS, each.relation), "quiet")),
                row((line_words(line, masked=True) if line else "", "quiet")),
            )
        elif document.type == "outlet":
            cells = (
                row((_("outlet"), "quiet")),
                row((safe(document.data.get("name"), 24), "strong")),
                row((safe(document.data.get("address"), 60), "quiet")),
            )
        else:
            words, late = times.left(document.data.get("due"), at)
            kind = (
                _("promise") if document.type == "commitment" else terms.term(terms.TICKETS, document.data.get("kind"))
            )
            cells = (
                row((kind, "quiet")),
                row((spoken(safe(document.data.get("number"), 24)), "strong")),
                row(title_of(document), "  ", (words, "late" if late else "quiet")),
            )
        lines.append(table(columns, cells, width))
    return lines
