"""Speed tests (宽带测速): a valid one below the contract is a promise by itself (seeds 000).

The test is a document of its own, and what the line is known by. Below the contract the line has a fault from now on,
and is to be mended within seven days: that promise is made in the same decision, and gives what its template says when
it is broken. A test that isn't valid is kept, with the reason; nothing follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Change, Document
from agentdesk.domain.kinds._common import change, exists, logged
from agentdesk.domain.needs import DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation
from agentdesk.domain.rules import SpeedRules
from agentdesk.domain.times.zone import DAY_MS

METHODS = frozenset({"wired", "engineer", "wireless"})
"""How a test can be run: by cable on our test page, by the engineer's meter, or over the air."""

MOST_TESTS = 20


def why_invalid(rules: SpeedRules, method: str, runs: int) -> Reason | None:
    """Return why a test proves nothing: it went over the air, or was run too seldom."""
    if method not in rules.methods:
        return Reason.of("test_method", methods=rules.methods)
    return Reason.of("test_runs", runs=rules.tests) if runs < rules.tests else None


def is_below(rules: SpeedRules, rate: int, mbps: int, runs: int, method: str) -> bool:
    """Tell whether a test proves that a line is slower than its contract; rates in Mbit/s."""
    return why_invalid(rules, method, runs) is None and mbps * 100 < rate * rules.below_percent


def _needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        WorkNeed(operation.scope, customer),
        DocumentNeed(operation.scope, repair_id(operation.document)),
    )


def repair_id(test: str) -> str:
    """Return the id of the promise that a test makes."""
    return f"{test}.repair"


def _tested(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    rules, at = situation.catalogue.rules.speed, situation.at
    mbps, runs, method = body.number("mbps"), body.number("runs"), body.text("method")
    if mbps < 0 or runs < 1 or method not in METHODS:
        return Refusal(Reason.of("malformed", detail="a speed test has its rate, its runs and how it was made"))
    customer = situation.answers.document(operation.scope, body.text("customer"))
    if customer is None or customer.type != "customer":
        return Decision((), held=Reason.of("unknown_customer", customer=body.text("customer")))
    lines = list(customer.data.get("subscriptions") or ())
    line = next((item for item in lines if item["id"] == body.text("subscription")), None)
    if line is None:
        return Refusal(Reason.of("unknown_line", line=body.text("subscription")))
    wrong = why_invalid(rules, method, runs)
    rate = line.get("rate_mbps") or 0
    below = is_below(rules, rate, mbps, runs, method)
    test = {
        "subscription": line["id"],
        "mbps": mbps,
        "rate_mbps": rate,
        "runs": runs,
        "method": method,
        "valid": wrong is None,
        "invalid": wrong.code if wrong else None,
        "below": below,
        "at": at,
    }
    document = change(
        operation,
        "line_test",
        **test,
        customer=customer.id,
        contact=body.maybe_text("contact"),
        owner=operation.actor,
        moves=logged(None, operation, at, "tested"),
    )
    tests = [*(customer.data.get("speed_tests") or ()), test][-MOST_TESTS:]
    known: dict[str, Any] = {"speed_tests": tests}
    if below and line.get("fault_since") is None:
        known["subscriptions"] = [{**item, "fault_since": at} if item["id"] == line["id"] else item for item in lines]
    changes = (document, Change(operation.scope, customer.id, "customer", known))
    if not below or repair_promised(situation.answers.work(operation.scope, customer.id), line["id"]):
        return Decision(changes)
    return Decision((*changes, _repair(operation, body, situation, customer.id, line["id"])))


def repair_promised(work: Iterable[Document], line: str) -> bool:
    """Tell whether it is promised already that a line will be mended."""
    return any(
        d.type == "commitment"
        and d.data.get("repair")
        and d.data.get("subscription") == line
        and d.data.get("state") in OPEN_COMMITMENT_STATES
        for d in work
    )


def _repair(operation: Operation, body: Body, situation: Situation, customer: str, line: str) -> Change:
    """Return the promise to mend a line that is slower than its contract."""
    catalogue, at = situation.catalogue, situation.at
    rules = catalogue.rules.speed
    template = catalogue.templates.get(rules.template)
    unit = template.department if template else None
    tell: Mapping[str, Any] = body.mapping("tell")
    fields = {
        "number": body.maybe_text("number"),
        "customer": customer,
        "subscription": line,
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        "template": rules.template,
        "catalogue": operation.catalogue,
        "name_zh": rules.name.zh,
        "name_en": rules.name.en,
        "repair": True,
        "state": "made",
        "amount": 0,
        "money": None,
        "due": at + rules.days * DAY_MS,
        "department": unit,
        "booked": unit,
        "closing": "call",
        "owner": operation.actor,
        "first_responsible": operation.actor,
        "site": operation.site,
        "tell": dict(tell),
        "spoken_at": None,
        "at": at,
        "moves": logged(None, operation, at, "made"),
    }
    told = (f"department/{unit}",) if unit else ()
    return Change(operation.scope, repair_id(operation.document), "commitment", fields, told)


KINDS = (Kind("line.tested", 1, _needs, _tested, spoken=True),)
