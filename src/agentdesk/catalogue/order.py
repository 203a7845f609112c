"""What must never get worse from tier to tier: amounts that don't fall, time limits that don't grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from agentdesk.catalogue.entries import Entry
from agentdesk.catalogue.parts import Calendars, limit_of
from agentdesk.catalogue.schema import Model, PerTier
from agentdesk.catalogue.sources import Problem
from agentdesk.domain.policy import TIERS
from agentdesk.domain.times.calendar import Limit


def falling(entry: Entry[Model], amounts: PerTier[int], *key: str) -> Iterator[Problem]:
    """Yield a problem where an amount falls from a tier to the next."""
    by_tier = amounts.by_tier()
    for lower, higher in pairwise(TIERS):
        if by_tier[higher] < by_tier[lower]:
            yield entry.problem(
                f"`{'.'.join(key)}` falls from {by_tier[lower]} for {lower} to {by_tier[higher]} for {higher}: "
                "never give a higher tier less",
                *key,
            )


def clocks(
    entry: Entry[Model], texts: PerTier[str], law: str | None, calendars: Calendars, *key: str
) -> Iterator[Problem]:
    """Yield what is wrong with the time limits of the tiers and with the law's; `key` is where they stand."""
    key = key or ("limits",)
    limits: dict[str, Limit] = {}
    bad: dict[str, str] = {}
    for tier, text in texts.by_tier().items():
        try:
            limits[tier] = limit_of(text, calendars)
        except ValueError as error:
            bad[text] = str(error)
    yield from (entry.problem(message, *key) for message in bad.values())
    for lower, higher in pairwise(TIERS):
        slow, fast = limits.get(lower), limits.get(higher)
        if slow and fast and longer(fast, slow):
            yield entry.problem(f"{higher} waits longer than {lower}: never let a higher tier wait longer", *key)
    if law is None:
        return
    if " " in law:
        yield entry.problem("the law's time is natural time: write `law` without a calendar", "law")
        return
    late = [tier for tier, limit in limits.items() if longer(limit, limit_of(law, calendars))]
    if late:
        yield entry.problem(f"the limit for {late[0]} is longer than the law's {law}: shorten it", "limits")


def longer(one: Limit, other: Limit) -> bool:
    """Tell whether a limit is longer than another; limits in different time can't be compared."""
    return (one.unit, one.calendar) == (other.unit, other.calendar) and one.amount > other.amount


def listed(names: Iterable[str]) -> str:
    """Return names as a message shows them, in the order of the alphabet."""
    return ", ".join(sorted(names))
