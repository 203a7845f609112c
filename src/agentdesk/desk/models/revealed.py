"""A customer's data as they are, unmasked: for the one dialog and the one command that write it down before."""

from __future__ import annotations

from collections.abc import Iterator

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe
from agentdesk.domain.case import Customer
from agentdesk.domain.numbering.numbers import display


def shown_fields(customer: Customer) -> tuple[str, ...]:
    """Return which of `kinds.reveal.FIELDS` there is something to show of."""
    there = {
        "name": bool(customer.name),
        "numbers": any(line.number for line in customer.subscriptions),
        "people": bool(customer.people),
        "address": bool(customer.text("address")),
    }
    return tuple(name for name, known in there.items() if known) or ("name",)


def revealed(customer: Customer) -> Iterator[tuple[str, str, str]]:
    """Yield what is shown below the name: what it is, the number or text, and a name."""
    for line in customer.subscriptions:
        yield terms.term(terms.LINES, line.kind), display(line.number, masked=False) if line.number else "-", ""
    for person in customer.people:
        relation = terms.term(terms.RELATIONS, person.relation)
        yield relation, display(person.number, masked=False), safe(person.name, 40)
    if address := customer.text("address"):
        yield _("address"), safe(address, 120), ""
