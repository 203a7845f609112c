"""What is booked in a sample region today: a repair at home, a booked visit of a VIP, one that was missed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.outlet.hall import HOME, day_of, key_of, slots_id
from agentdesk.domain.outlet.outlets import nearest, place_of
from agentdesk.domain.policy import Catalogue
from agentdesk.sample import cast

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
_BOOKED: tuple[tuple[int, str, int, str], ...] = (
    (cast.FIRST, "repair", 3, "booked"),
    (cast.SUPREME, "sim", 1, "booked"),
    (cast.ENDING, "contract", 2, "booked"),
    (cast.OWING, "payment", 0, "arrived"),
    (cast.REPAIR_LATE, "repair", -5, "missed"),
)
"""Who has booked what, hours from now, and where it stands."""


def bookings_of(
    customers: list[tuple[int, Document]], outlets: list[Document], now_ms: int, catalogue: Catalogue
) -> Iterator[Document]:
    """Yield the appointments and the slots they hold; `customers` are the cast by index."""
    known = dict(customers)
    held: dict[str, dict[str, Any]] = {}
    for nth, (index, purpose, hours, state) in enumerate(_BOOKED):
        customer = known.get(index)
        if customer is None:
            continue
        # slots begin on the half hour
        slot = (now_ms + hours * HOUR_MS) // (30 * MINUTE_MS) * 30 * MINUTE_MS + (30 * MINUTE_MS if hours > 0 else 0)
        at_home = purpose == "repair"
        near = nearest(outlets, place_of(customer.data), now_ms, catalogue, most=1)
        where = HOME if at_home or not near else near[0].outlet.id
        place = "您家里" if where == HOME else str(near[0].outlet.data.get("name"))
        made = now_ms - 20 * HOUR_MS
        data: dict[str, Any] = {
            "number": f"90000001{nth:04d}",
            "customer": customer.id,
            "subscription": customer.data["subscriptions"][0]["id"],
            "where": where,
            "place": place,
            "purpose": purpose,
            "slot": slot,
            "due": slot,
            "state": state,
            "owner": "centre",
            "at": made,
            "rungs": {"remind": made},
            "moves": [{"at": made, "what": "booked", "by": "centre"}],
            "sample": True,
        }
        if at_home:
            data["engineer"] = "王师傅"
        if state == "missed":
            data |= {"breach": "missed_visit", "closed_at": slot + 30 * MINUTE_MS}
        if state == "arrived":
            data["arrived_at"] = now_ms - 9 * MINUTE_MS
        document = f"ap-{customer.id}-{nth}"
        yield Document(customer.scope, document, "appointment", 0, data)
        day = held.setdefault(
            slots_id(where, day_of(slot)), {"where": where, "day": day_of(slot).isoformat(), "taken": {}}
        )
        day["taken"].setdefault(key_of(slot), []).append(document)
        day["scope"] = customer.scope
    for name, day in held.items():
        scope = day.pop("scope")
        yield Document(scope, name, "slots", 0, day)
