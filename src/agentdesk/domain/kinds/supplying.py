"""What a customer tells that his document lacks: whom to reach, when, where; told, not proved.

It stands beside what the customer system gave and never over it, marked with who took it down and in which contact,
until that system takes it over.
"""

from __future__ import annotations

from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, on_existing
from agentdesk.domain.kinds.identity import level_of
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.profile.disclosure import VERIFIED

FIELDS = ("person", "hours", "address")
LONGEST = 200
"""Characters of one thing that is told."""


def missing(customer: Customer) -> tuple[str, ...]:
    """Return what is neither in a customer's document nor told by him."""
    told = customer.document.data.get("supplied") or {}
    known = {
        "person": bool(customer.people),
        "hours": any(person.hours for person in customer.people),
        "address": bool(customer.text("address")),
    }
    return tuple(name for name in FIELDS if not known[name] and name not in told)


def _needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    contact = DocumentNeed(body.maybe_text("contact_scope") or operation.scope, body.text("contact"))
    return (DocumentNeed(operation.scope, operation.document), contact)


def _supplied(operation: Operation, body: Body, situation: Situation, customer: Document) -> Outcome:
    """Take down what a verified caller tells of himself."""
    name, value = body.text("field"), body.text("value").strip()
    if name not in FIELDS or len(value) > LONGEST:
        return Refusal(Reason.of("malformed", detail="no field that is asked for, or too long"))
    if not value:
        return Refusal(Reason.of("empty_note"))
    scope, contact = body.maybe_text("contact_scope") or operation.scope, body.text("contact")
    level = level_of(situation.answers.document(scope, contact), customer.id)
    if level < VERIFIED:
        return Refusal(Reason.of("verify", level=VERIFIED))
    told = {"value": value, "by": operation.actor, "at": situation.at, "contact": contact}
    return Decision((change(operation, "customer", supplied={**(customer.data.get("supplied") or {}), name: told}),))


KINDS = (Kind("customer.supplied", 1, _needs, on_existing("customer", _supplied)),)
