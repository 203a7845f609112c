"""Management tickets (管理工单): one over many tickets with a common cause; handle one, solve a class (seeds 000).

What is common is found by class and place (`suggested`); what is missing to open one, and which of its tickets stand in
the way of closing it, is said by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document, is_open

if TYPE_CHECKING:
    from agentdesk.domain.rules import GroupRules

SIX_HAVES = ("target", "measures", "owner", "time_limit", "supervision", "assessment")
"""The six haves (六有) without which no management ticket is opened: seeds 000."""

HOUR_MS = 3_600_000

DONE_WITH = frozenset({"merged"})
"""States of a ticket that stands for nothing by itself any more: what it went into counts."""

SOLVED = frozenset({"followed_up", "archived"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Several tickets of one class at one place within the policy's hours: a management ticket may be wanted."""

    cls: str
    place: str
    tickets: tuple[Document, ...]


def missing(six: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which of the six haves are missing, in their order."""
    return tuple(name for name in SIX_HAVES if not _there(six.get(name)))


def _there(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value > 0
    return bool(value)


def is_solved(ticket: Document) -> bool:
    """Tell whether a ticket was followed up, and not as unsolved: then its management ticket needn't wait for it."""
    data = ticket.data
    if data.get("state") in DONE_WITH:
        return True
    answer = (data.get("satisfaction") or {}).get("answer")
    return data.get("state") in SOLVED and answer != "unsatisfied"


def unsolved(tickets: Iterable[Document]) -> tuple[Document, ...]:
    """Return the tickets that stand in the way of closing their management ticket."""
    return tuple(ticket for ticket in tickets if not is_solved(ticket))


def class_of(symptom: str, depth: int) -> str:
    """Return the first levels of a class: `fault.broadband` of `fault.broadband.drops` for two."""
    return ".".join(symptom.split(".")[:depth])


def suggested(
    tickets: Iterable[Document], places: Mapping[str, str], rules: GroupRules, at: int
) -> tuple[Suggestion, ...]:
    """Return what may want a management ticket at an instant, the most tickets first.

    `places` gives the place of a ticket by its id; tickets without one count together.
    """
    since = at - rules.common_hours * HOUR_MS
    groups: dict[tuple[str, str], list[Document]] = {}
    for ticket in tickets:
        data = ticket.data
        symptom = data.get("symptom")
        joined = data.get("management")
        if not symptom or joined or not is_open(ticket) or (data.get("at") or 0) < since:
            continue
        place = places.get(ticket.id) or str(data.get("place") or "")
        groups.setdefault((class_of(str(symptom), rules.common_depth), place), []).append(ticket)
    found = [
        Suggestion(cls, place, tuple(sorted(group, key=_age)))
        for (cls, place), group in groups.items()
        if len(group) >= rules.common_tickets
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.tickets), one.cls, one.place)))


def measures_left(measures: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return the measures that aren't done, the most urgent first."""
    left = [one for one in measures if not one.get("done_at")]
    return tuple(sorted(left, key=lambda one: (one.get("due") is None, one.get("due") or 0)))


def _age(ticket: Document) -> tuple[int, str]:
    return ticket.data.get("at") or 0, ticket.id
