"""Callers of every sort, for the policy to be tried on."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.condition.conditions import (
    LINE_KINDS,
    PORTRAITS,
    SEGMENTS,
    STOP_REASONS,
    TICKET_KINDS,
    VAS_SOURCES,
)
from agentdesk.domain.documents import Document
from agentdesk.domain.times.zone import DAY_MS

NOW = 1_780_000_000_000
"""A Friday morning in China, 2026-05-29 04:26 (ms UTC)."""

amounts = st.integers(0, 100_000)
instants = st.integers(NOW - 4000 * DAY_MS, NOW + 400 * DAY_MS)
flags = st.lists(st.sampled_from(("arrears_list", "long_stop", "churn")), max_size=2)

vas = st.fixed_dictionaries(
    {"code": st.just("v"), "name": st.text(max_size=4)},
    optional={"fee": amounts, "source": st.sampled_from(sorted(VAS_SOURCES)), "ordered_at": instants},
)
line_facts = st.fixed_dictionaries(
    {},
    optional={
        "network": st.sampled_from(("2g", "3g", "4g", "5g")),
        "third_party": amounts,
        **dict.fromkeys(
            ("abroad", "roaming", "roaming_pack", "throttled", "shared", "missed_reminder", "missing_gift", "no_port"),
            st.booleans(),
        ),
    },
)
lines = st.fixed_dictionaries(
    {"id": st.sampled_from(("s1", "s2"))},
    optional={
        "number": st.just("+8618612345678"),
        "kind": st.sampled_from(sorted(LINE_KINDS)),
        "account": st.just("a1"),
        "status": st.sampled_from(("active", "stopped", "closed")),
        "stop_reason": st.none() | st.sampled_from(sorted(STOP_REASONS)),
        "fee": amounts,
        "opened_at": instants,
        "contract_end": st.none() | instants,
        "vas": st.lists(vas, max_size=3),
        "overage": st.fixed_dictionaries({}, optional={"charge": amounts, "rated": amounts}),
        "rate_mbps": st.integers(0, 1000),
        "fault_since": st.none() | st.integers(NOW - 60 * DAY_MS, NOW),
        "facts": line_facts,
    },
)
accounts = st.fixed_dictionaries(
    {"id": st.just("a1")},
    optional={"balance": amounts, "arrears": amounts, "credit_repaid": st.booleans(), "billed": st.booleans()},
)
speed_tests = st.fixed_dictionaries(
    {"subscription": st.sampled_from(("s1", "s2")), "mbps": st.integers(0, 1000)}, optional={"valid": st.booleans()}
)
customers = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=6),
        "segment": st.none() | st.sampled_from(sorted(SEGMENTS)),
        "card": st.sampled_from(("ordinary", "silver", "gold", "diamond", "supreme", "unheard_of")),
        "since": st.none() | instants,
        "portrait": st.sampled_from(sorted(PORTRAITS)),
        "lifecycle": st.text(max_size=4),
        "flags": st.none() | flags,
        "accounts": st.lists(accounts, max_size=2),
        "subscriptions": st.lists(lines, max_size=3),
        "speed_tests": st.lists(speed_tests, max_size=3),
    },
)
tickets = st.fixed_dictionaries(
    {"kind": st.sampled_from(sorted(TICKET_KINDS)), "state": st.sampled_from(("open", "accepted", "archived"))},
    optional={"due": st.none() | instants, "at": instants},
)
promises = st.fixed_dictionaries(
    {"state": st.sampled_from(("made", "breached", "fulfilled", "voided"))},
    optional={
        "due": st.none() | instants,
        "at": instants,
        "template": st.sampled_from(("U04", "U10")),
        "amount": amounts,
        "money": st.sampled_from(("cost", "credit")),
    },
)


def document(kind: str, data: dict[str, Any]) -> Document:
    """A document of region one that a site has seen."""
    return Document("region/1", f"{kind}-1", kind, 1, data)


def case_of(data: dict[str, Any], *work: Document, **more: Any) -> Case:
    """A customer's case about his first line, at NOW, with an agent at the desk."""
    customer = Customer(document("customer", data))
    line = customer.subscriptions[0] if customer.subscriptions else None
    return Case(**{"customer": customer, "line": line, "work": work, "at": NOW, "role": "agent"} | more)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any customer in any situation."""
    work = [document("ticket", data) for data in draw(st.lists(tickets, max_size=3))]
    work += [document("commitment", data) for data in draw(st.lists(promises, max_size=3))]
    return case_of(
        draw(customers),
        *work,
        role=draw(st.sampled_from(("agent", "clerk", "expert", "team_leader", "hall_manager", "inspector", "nobody"))),
        level=draw(st.integers(0, 3)),
        caller_role=draw(st.sampled_from(("owner", "user", "agent", "handler", "other"))),
        online=draw(st.booleans()),
    )
