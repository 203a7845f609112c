"""Outlets (营业网点): which is nearest to a customer, how far, whether it is open, and how long people wait there.

`place` is latitude and longitude in millionths of a degree. The promise is one within a kilometre of an address in
town (服务网点, 遍布京城: seeds 000).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, isqrt, pi
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.times.zone import zone

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Place = tuple[int, int]

PROMISED_M = 1_000
"""The distance within which an outlet is promised in town, metres."""

QUEUE_FRESH_MS = 15 * 60_000
"""How old the news of a queue may be to be worth a word."""

_METRES_PER_DEGREE = 111_320


@dataclass(frozen=True, slots=True)
class Near:
    """An outlet as it is now for somebody: `metres` is None where his place isn't known.

    `opens` and `closes` are ms UTC: the end of the present opening, or the next beginning. `waiting` people and the
    `longest` wait (ms) are known only where the outlet said so lately.
    """

    outlet: Document
    metres: int | None
    open_now: bool
    closes: int | None
    opens: int | None
    waiting: int | None = None
    longest: int | None = None

    @property
    def within_promise(self) -> bool:
        return self.metres is not None and self.metres <= PROMISED_M


def place_of(data: Mapping[str, Any]) -> Place | None:
    """Return the place of a document, None where it has none."""
    place = data.get("place")
    if isinstance(place, list | tuple) and len(place) == 2 and all(isinstance(part, int) for part in place):
        return place[0], place[1]
    return None


def metres(one: Place, other: Place) -> int:
    """Return the distance of two places in a region, whole metres; good to a thousandth within 100 km."""
    width = cos((one[0] + other[0]) / 2 / 1e6 * pi / 180)
    north = abs(one[0] - other[0]) * _METRES_PER_DEGREE // 1_000_000
    east = int(abs(one[1] - other[1]) * _METRES_PER_DEGREE * width) // 1_000_000
    return isqrt(north * north + east * east)


def nearest(
    outlets: Iterable[Document], where: Place | None, at: int, catalogue: Catalogue, service: str = "", most: int = 9
) -> tuple[Near, ...]:
    """Return outlets, nearest first; `service` keeps those that give one. Closed for good are left out."""
    found = []
    for outlet in outlets:
        if outlet.data.get("closed") or (service and service not in (outlet.data.get("services") or ())):
            continue
        place = place_of(outlet.data)
        far = metres(where, place) if where is not None and place is not None else None
        found.append(_near(outlet, far, at, catalogue))
    found.sort(key=lambda near: (near.metres is None, near.metres or 0, str(near.outlet.data.get("name"))))
    return tuple(found[:most])


def _near(outlet: Document, far: int | None, at: int, catalogue: Catalogue) -> Near:
    hours = catalogue.calendars.get(str(outlet.data.get("calendar") or "halls"))
    open_now, closes, opens = False, None, None
    if hours is not None:
        local = zone(hours.timezone)
        today = local.day(at)
        for ahead in range(8):
            day = today.fromordinal(today.toordinal() + ahead)
            for start, end in hours.periods(day):
                begin, stop = local.instant(day, start), local.instant(day, end)
                if begin <= at < stop:
                    open_now, closes = True, stop
                elif begin > at and opens is None:
                    opens = begin
            if opens is not None:
                break
    queue = outlet.data.get("queue") or {}
    fresh = isinstance(queue.get("at"), int) and at - queue["at"] <= QUEUE_FRESH_MS
    return Near(
        outlet,
        far,
        open_now,
        closes,
        opens,
        queue.get("waiting") if fresh else None,
        queue.get("longest") if fresh else None,
    )
