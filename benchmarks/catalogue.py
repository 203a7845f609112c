"""The whole policy: how long it takes to be there, and how long all its commitments take for one caller."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from agentdesk.catalogue import compiled, packaged
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.condition.conditions import fails
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import offers
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.zone import DAY_MS
from benchmarks.measure import Figure, in_turns, percentile

ROUNDS = 15
CALLERS = 1_500
NOW = 1_780_000_000_000


def run(_folder: Path) -> list[Figure]:
    """Measure reading the compiled text against its bare JSON, and offers against a loop over one condition each."""
    catalogue = packaged()
    text = compiled.dump(catalogue)
    compiled.restore(text)
    restored, parsed = in_turns(lambda: compiled.restore(text), lambda: json.loads(text), ROUNDS)
    whole, bare = _offers(catalogue), _loop(catalogue)
    floor = percentile(bare, 0.99)
    return [
        Figure(
            f"catalogue: {len(text.encode()) // 1024} KiB to values, CPU",
            restored.cpu * 1000,
            "ms",
            parsed.cpu * 1000,
            restored.cpu / parsed.cpu,
            aim="≤ 150 ms",
        ),
        Figure(
            f"offers, {len(catalogue.templates)} templates: p50, CPU",
            percentile(whole, 0.5),
            "ms",
            percentile(bare, 0.5),
        ),
        Figure(
            f"offers, {len(catalogue.templates)} templates: p99, CPU",
            percentile(whole, 0.99),
            "ms",
            floor,
            percentile(whole, 0.99) / floor,
            aim="≤ 2 ms",
        ),
    ]


def callers() -> list[Case]:
    """Return callers in the situations that most calls are about, with work of their own."""
    base = {"id": "s1", "number": "+8618612345678", "account": "a1", "fee": 12_900, "opened_at": NOW - 900 * DAY_MS}
    lines = (
        {"kind": "mobile"},
        {"kind": "mobile", "status": "stopped", "stop_reason": "arrears"},
        {"kind": "mobile", "overage": {"charge": 9_000, "rated": 3_000}, "facts": {"missed_reminder": True}},
        {"kind": "mobile", "vas": [{"code": "v", "name": "v", "fee": 1_800, "source": "unknown"}]},
        {"kind": "broadband", "rate_mbps": 500, "fault_since": NOW - 8 * DAY_MS},
        {"kind": "iptv", "fault_since": NOW - DAY_MS},
        {"kind": "fixed", "contract_end": NOW + 20 * DAY_MS},
    )
    work = (
        Document("region/1", "t1", "ticket", 1, {"kind": "fault", "state": "open", "at": NOW - DAY_MS, "due": NOW - 1}),
        Document(
            "region/1", "p1", "commitment", 1, {"template": "U02", "state": "made", "at": NOW - DAY_MS, "due": NOW - 1}
        ),
    )
    cases = []
    for number in range(CALLERS):
        data = {
            "card": ("ordinary", "gold", "supreme")[number % 3],
            "segment": ("personal", "family", "corporate")[number % 3],
            "portrait": ("data", "voice", "network")[number % 3],
            "since": NOW - 1000 * DAY_MS,
            "accounts": [{"id": "a1", "arrears": 5_000 if number % 7 == 1 else 0}],
            "subscriptions": [{**base, **lines[number % len(lines)]}],
        }
        customer = Customer(Document("region/1", f"c{number}", "customer", 1, data))
        done = work if number % 2 else ()
        cases.append(Case(customer, customer.subscriptions[0], done, NOW, "agent", level=number % 3, cost_left=10**6))
    return cases


def _offers(catalogue: Catalogue) -> list[float]:
    cases = callers()
    for case in cases[:50]:
        offers(case, catalogue)
    return [_timed(offers, case, catalogue) for case in cases]


def _loop(catalogue: Catalogue) -> list[float]:
    """Time the least that could be done: one condition for each template."""
    tests = [template.applies[0] for template in catalogue.templates.values() if template.applies]

    def ask(case: Case, catalogue: Catalogue) -> None:
        for test in tests:
            fails(test, case, catalogue)

    return [_timed(ask, case, catalogue) for case in callers()]


def _timed(work: Callable[[Case, Catalogue], object], case: Case, catalogue: Catalogue) -> float:
    # the thread's own time: what somebody else's program takes meanwhile says nothing about this one
    before = time.thread_time()
    work(case, catalogue)
    return (time.thread_time() - before) * 1000
