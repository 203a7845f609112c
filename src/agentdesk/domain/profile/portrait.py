"""What kind of customer somebody is, at which stage, and of what value: by rules over facts, each with its why.

A portrait (画像) follows from what a customer uses and asks; the stage of his life cycle (生命周期) from what is open
and what was solved; his value (价值) from what he pays: seeds 004. What the centre stored counts only where the facts
are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.profile.customers import CustomerPolicy
from agentdesk.domain.times.zone import DAY_MS

MEASURES: Mapping[str, str] = {
    "data": "mb",
    "voice": "minutes",
    "product": "orders",
    "network": "reports",
    "price": "asks",
    "service": "contacts",
}
"""The fact of a customer's usage that each portrait is measured by.

`mb` and `minutes` are a month's mean; `orders` of products, `reports` of the network and `asks` about bills and
tariffs are those of a year, `contacts` those of 90 days.
"""

SAMPLE_THRESHOLDS: Mapping[str, int] = {
    "data": 30_720,
    "voice": 600,
    "product": 6,
    "network": 4,
    "price": 5,
    "service": 5,
}
"""What a catalogue that says nothing takes."""

DEMANDS = frozenset({"fault", "complaint", "request"})
ANSWERED = frozenset({"replied", "followed_up"})


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is, as a code, and why."""

    code: str
    why: Reason


def usage_of(customer: Customer) -> Mapping[str, Any]:
    """Return a customer's usage facts; none where the centre has none."""
    usage = customer.document.data.get("usage")
    return usage if isinstance(usage, dict) else {}


def portrait_of(customer: Customer, policy: CustomerPolicy) -> Told:
    """Return which of the six kinds of user a customer is: the one whose fact is farthest above its threshold."""
    usage = usage_of(customer)
    best: tuple[int, str, int, int] | None = None
    for code, fact in MEASURES.items():
        value = usage.get(fact)
        if not isinstance(value, int):
            continue
        most = policy.portraits.get(code) or SAMPLE_THRESHOLDS[code]
        share = value * 100 // most
        if share >= 100 and (best is None or share > best[0]):
            best = share, code, value, most
    if best is not None:
        return Told(best[1], Reason.of(f"portrait_{best[1]}", value=best[2], threshold=best[3]))
    stored = customer.text("portrait")
    if stored and not usage:
        return Told(stored, Reason.of("as_stored"))
    return Told("", Reason.of("portrait_none"))


def monthly_bill(customer: Customer) -> int:
    """Return what a customer pays a month in the mean, minor units; his lines' fees where no bill is known."""
    fees = usage_of(customer).get("fees")
    if isinstance(fees, list) and fees and all(isinstance(fee, int) for fee in fees):
        return sum(fees) // len(fees)
    return sum(line.fee for line in customer.subscriptions)


def value_of(customer: Customer, policy: CustomerPolicy) -> Told:
    """Return the value band of a customer by his monthly bill (ARPU)."""
    high, medium = policy.values.get("high", 20_000), policy.values.get("medium", 6_000)
    stored = customer.text("value")
    if stored and not usage_of(customer):
        return Told(stored, Reason.of("as_stored"))
    bill = monthly_bill(customer)
    code = "high" if bill >= high else "medium" if bill >= medium else "low"
    return Told(code, Reason.of("value_bill", bill=bill, at_least={"high": high, "medium": medium}.get(code, 0)))


def stage_of(customer: Customer, work: Iterable[Document], at: int, policy: CustomerPolicy) -> Told:
    """Return the stage of a customer's life cycle at an instant, from what is open and what was solved lately."""
    solved: Document | None = None
    since = at - policy.resolving_days * DAY_MS
    for document in work:
        data = document.data
        if document.type == "ticket" and data.get("kind") in DEMANDS:
            answered = data.get("state") in ANSWERED
            if is_open(document) and not answered:
                return Told("requesting", Reason.of("stage_open", kind=data.get("kind"), number=data.get("number")))
            if answered or (data.get("closed_at") or data.get("at") or 0) > since:
                solved = document
        elif document.type == "commitment":
            late = data.get("state") in ("made", "dispatched") and (data.get("due") or at) < at
            if data.get("state") == "breached" or late:
                return Told("requesting", Reason.of("stage_broken", number=data.get("number")))
            if data.get("state") == "fulfilled" and (data.get("closed_at") or data.get("at") or 0) > since:
                solved = document
    if solved is not None:
        return Told("resolving", Reason.of("stage_solved", number=solved.data.get("number")))
    days = (at - customer.since) // DAY_MS if customer.since else None
    if days is not None and days < policy.joining_days:
        return Told("joining", Reason.of("stage_joined", days=days))
    return Told("steady", Reason.of("stage_steady"))
