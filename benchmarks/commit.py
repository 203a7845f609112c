"""Durable operations: decided, chained and on disk, against raw SQLite writing the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

from agentdesk.domain.kinds import KINDS
from agentdesk.domain.operation import Draft
from agentdesk.store.committing import Committed
from agentdesk.store.line import STALE_MS
from agentdesk.store.site import Site
from benchmarks.measure import Figure, in_turns
from benchmarks.world import AGENT, REGION, make_site

EACH = 200
ROUNDS = 9
SEEN_MS = STALE_MS // 2
"""How often the line is said to be up, ms: what is promised on a line that is down has other deadlines."""


def run(folder: Path) -> list[Figure]:
    """Measure notes and promises without money; aims of 0.85 x the floor and 80 µs CPU an operation."""
    site = make_site(folder / "site", 2_000)
    figures: list[Figure] = []
    for kind, draft in (("note.added", note), ("commitment.made", promise(site))):
        assert kind in KINDS
        size = [len(c.operation.head) + len(c.operation.body or "") for c in some(site, draft, 5)]
        floor = _Floor(folder / f"floor-{kind}.db", sum(size) // len(size))
        ours, bare = in_turns(partial(some, site, draft, EACH), floor.write, ROUNDS)
        rate, bare_rate = EACH / ours.wall, EACH / bare.wall
        figures += [
            Figure(f"{kind}: durable operations", rate, "ops/s", bare_rate, rate / bare_rate, "≥ 0.85 x"),
            Figure(f"{kind}: CPU", ours.cpu / EACH * 1e6, "µs/op", bare.cpu / EACH * 1e6, None, "≤ 80 µs"),
        ]
        floor.close()
    site.close()
    return figures


def some(site: Site, draft: Callable[[Site], Draft], count: int) -> list[Committed]:
    return [site.commit(draft(site)) for _ in range(count)]


def note(site: Site) -> Draft:
    body = {"customer": "bench-customer", "text": "客户希望今天下午五点以后上门, 联系人是他的母亲。"}
    return Draft("note.added", AGENT, "agent", REGION, site.new_id(), body)


def promise(site: Site) -> Callable[[Site], Draft]:
    """Return a maker of promises that anybody may get, each to another customer."""
    from agentdesk.domain.case import Case, Customer
    from agentdesk.domain.offering.offers import offers

    catalogue = site.catalogue()
    customers = [d for d in site.view.named("", 2_000) if Customer(d).subscriptions]
    now = site.now()
    takers: list[tuple[str, str, str, int]] = []
    for document in customers:
        customer = Customer(document)
        case = Case(customer, customer.subscriptions[0], (), now, "agent", level=0)
        for offer in offers(case, catalogue, 99):
            if offer.status == "available" and offer.template.money is None and offer.template.once_per is None:
                takers.append((document.id, customer.subscriptions[0].id, offer.template.code, offer.due))
                break
    turn = iter(takers * 1_000)
    again = 0

    def draft(site: Site) -> Draft:
        nonlocal again
        if (wall := site.clock.wall_ms()) >= again:
            site.line.seen("online", wall, "benchmark", offset=0)
            again = wall + SEEN_MS
        customer, line, code, due = next(turn)
        body = {
            "number": "100000000000",
            "customer": customer,
            "subscription": line,
            "template": code,
            "due": due,
            "line": "up",
            "ask": {"language": "zh", "text": "我可以先为您登记, 可以吗?", "hash": "0" * 64},
            "tell": {"language": "zh", "text": "已经为您登记, 请留意回电。", "hash": "0" * 64},
        }
        return Draft("commitment.made", AGENT, "agent", REGION, site.new_id(), body, catalogue=catalogue.version)

    return draft


class _Floor:
    """Raw SQLite, WAL and FULL, one row of the same size in a transaction of its own."""

    def __init__(self, path: Path, size: int) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE operation (seq INTEGER PRIMARY KEY, content TEXT NOT NULL)")
        self._content = "x" * size

    def write(self) -> None:
        execute = self._connection.execute
        for _ in range(EACH):
            execute("BEGIN IMMEDIATE")
            execute("INSERT INTO operation (content) VALUES (?)", (self._content,))
            execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
