"""What the kinds share that the centre's clock is the author of (`domain.timers`)."""

from __future__ import annotations

from collections.abc import Callable

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import Applied, on_existing
from agentdesk.domain.needs import DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import CENTRE, Timer, stands


def by_centre(operation: Operation) -> bool:
    """Tell whether the centre itself is the author: what a site sends never is."""
    return operation.site == CENTRE and operation.actor == CENTRE


def timer_of(operation: Operation, body: Body) -> Timer:
    """Return the timer that an operation is about; raises MalformedBody."""
    return Timer(body.number("at"), operation.kind, body.text("rung"))


def timed_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need the document and, where the body names one, its customer with all his work."""
    own = DocumentNeed(operation.scope, operation.document)
    customer = body.maybe_text("customer")
    if customer is None:
        return (own,)
    return (own, DocumentNeed(operation.scope, customer), WorkNeed(operation.scope, customer))


def on_timer(type_: str, rule: Applied, kind: str = "") -> Callable[[Operation, Body, Situation], Outcome]:
    """Run a rule when the document's own clock says that it is time; a timer that no longer stands changes nothing.

    `kind` is what the clock names where the operation is of another kind, as it turned out otherwise.
    """

    def decide(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
        timer = timer_of(operation, body)._replace(kind=kind or operation.kind)
        if not by_centre(operation):
            return Refusal(Reason.of("malformed", detail=f"{operation.kind} is the centre's own"))
        if timer.at > situation.at or not stands(document, situation.catalogue, timer):
            return Refusal(Reason.of("malformed", detail=f"the timer of {timer.rung} no longer stands"))
        return rule(operation, body, situation, document)

    return on_existing(type_, decide)
