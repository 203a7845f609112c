"""The branch hall (营业厅) and home visits: times that can be booked, and how many at once.

A place has a document of its `slots` for each day: what is taken, by whom. Two sites that can't see each other may take
the same one; both bookings are honoured then, and the second is flagged (DOMAIN rule 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.times.zone import zone

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue
    from agentdesk.domain.rules import HallRules

HOME = "home"
"""The place of a visit at the customer's home (上门)."""

PLACE_ZONE = "Asia/Shanghai"
MINUTE_MS = 60_000
DAYS_AHEAD = 14

PURPOSES = ("sim", "transfer", "payment", "broadband", "contract", "complaint", "install", "repair", "other")
"""What an appointment may be for; `install` and `repair` are home visits."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked: `at` and `end` are ms UTC, `free` how many may still come."""

    at: int
    end: int
    free: int

    @property
    def key(self) -> str:
        """Return what the slot is called within its day's document."""
        minute = zone(PLACE_ZONE).minute(self.at)
        return f"{minute // 60:02d}:{minute % 60:02d}"


def slots_id(where: str, day: date) -> str:
    """Return the id of the document of a place's day."""
    return f"slots.{where}.{day.isoformat()}"


def day_of(at: int) -> date:
    """Return the day of an instant where the halls are."""
    return zone(PLACE_ZONE).day(at)


def key_of(at: int) -> str:
    """Return the key of the slot that begins at an instant."""
    return Slot(at, at, 0).key


def capacity_of(outlet: Document | None, where: str, rules: HallRules) -> int:
    """Return how many may be there at once."""
    if where == HOME:
        return rules.engineers
    desks = outlet.data.get("desks") if outlet is not None else None
    return desks if isinstance(desks, int) and desks > 0 else rules.counters


def taken(slots: Document | None, key: str) -> tuple[str, ...]:
    """Return the appointments that hold a slot."""
    held: Mapping[str, Any] = (slots.data.get("taken") or {}) if slots is not None else {}
    return tuple(str(one) for one in held.get(key) or ())


def slots_of(
    where: str, day: date, outlet: Document | None, document: Document | None, at: int, catalogue: Catalogue
) -> tuple[Slot, ...]:
    """Return the slots of a place's day that haven't begun, with what is free in each."""
    rules, local = catalogue.rules.hall, zone(PLACE_ZONE)
    room = capacity_of(outlet, where, rules)
    found = []
    for begin, end in _times(where, day, outlet, catalogue, rules):
        start = local.instant(day, begin)
        if start > at:
            slot = Slot(start, local.instant(day, end), 0)
            found.append(Slot(slot.at, slot.end, room - len(taken(document, slot.key))))
    return tuple(found)


def _times(
    where: str, day: date, outlet: Document | None, catalogue: Catalogue, rules: HallRules
) -> Iterable[tuple[int, int]]:
    if where == HOME:
        return rules.homes
    name = str(outlet.data.get("calendar") or "halls") if outlet is not None else "halls"
    hours = catalogue.calendars.get(name)
    if hours is None:
        return []
    step = rules.slot
    return [(m, m + step) for begin, end in hours.periods(day) for m in range(begin, end - step + 1, step)]
