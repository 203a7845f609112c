"""What holds of services that are ordered by phone, between the desks, the centre and the network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.invariants.clocks import SLACK_MS, rests
from agentdesk.simulate.people import INSTANT_S
from agentdesk.simulate.record import SETTLED
from agentdesk.simulate.timeline import START

ENDS = frozenset({"service.effected", "service.cancelled"})
"""The kinds that end an order; one that failed is open until somebody has told the customer."""

RUNNING = ("ordered", "late")
STATES = frozenset({*RUNNING, "effected", "undone", "failed", "cancelled"})


@invariant(
    "An order takes effect once, or is cancelled: never twice, and never both, whoever says so how often.",
    "centre",
    met=("network asked again",),
)
def an_order_ends_once(look: Look) -> Iterator[str]:
    fresh = {_document(archived.head) for archived in look.fresh if archived.kind in ENDS}
    if not fresh:
        return
    ends: dict[str, dict[str, str]] = {}
    for archived in look.record.centre.archive.values():
        if archived.kind in ENDS and (order := _document(archived.head)) in fresh:
            if archived.verdict in SETTLED:
                # one that a restored or copied site sent again, in another place, is the same
                ends.setdefault(order, {})[archived.id] = archived.kind
            elif archived.verdict == "refused":
                look.world.met["an_order_ends_once"] += 1
    for order, kinds in ends.items():
        if len(kinds) > 1:
            yield f"{order} is {' and '.join(sorted(kinds.values()))}"


@invariant(
    "An order ends as effected, failed or late, or is cancelled, and is never lost: what the network did stands at "
    "the centre with its instant, and what nothing is heard of is late in its time.",
    "quiet",
    met=("network unreachable", "network: silent", "desk died", "centre died"),
)
def no_order_is_lost(look: Look) -> Iterator[str]:
    file = look.world.watch.file(look.world.server.file)
    rows = file.execute("SELECT id, data FROM document WHERE type = 'service_order' ORDER BY id").fetchall()
    orders: dict[str, dict[str, Any]] = {row[0]: json.loads(row[1]) for row in rows}
    for archived in look.record.centre.archive.values():
        if archived.kind == "service.ordered" and archived.verdict in SETTLED:
            order = _document(archived.head)
            if order not in orders:
                yield f"{order} is {archived.verdict}, and there is no such order"
    handed = look.world.exchange.handed
    now = START + look.world.timeline.now - SLACK_MS
    clocks_rest = rests(look)
    for order, data in orders.items():
        state, at_network = data.get("state"), handed.get(order)
        if state not in STATES:
            yield f"{order} is {state}, which nobody knows"
        elif state in RUNNING and at_network is None:
            yield f"{order} is {state}, and was never handed to the network"
        elif state in RUNNING and at_network is not None and at_network.told:
            yield f"{order} is {state}, and the network has said that it is {at_network.fate}"
        elif str(data.get("proof") or "").startswith(look.world.exchange.name):
            if at_network is None or data.get("effected_at") != START + at_network.at:
                yield f"{order} took effect at {data.get('effected_at')}, by the network at another time, or never"
        elif state == "ordered" and not clocks_rest and _late_from(data) <= now:
            yield f"{order} should have taken effect by {_late_from(data)}, and isn't called late"


def _late_from(data: dict[str, Any]) -> int:
    if data.get("effective") == "at_once" and data.get("mode") != "later":
        return int(data["at"]) + INSTANT_S * 1_000
    return int(data["due"])


def _document(head: str) -> str:
    found: str = json.loads(head)["document"]
    return found
