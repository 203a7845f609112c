"""The small parts that entries of all kinds are made of: texts, conditions, time limits, amounts by tier."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentdesk.catalogue.schema import Both, PerTier, Test
from agentdesk.domain.policy import Bilingual, Condition, Tier
from agentdesk.domain.times.calendar import BusinessCalendar, Limit

_MINUTES = {"m": 1, "h": 60, "d": 1440}
_LIMIT = re.compile(r"(\d+)([mhd])(?: (\w+))?")

Calendars = Mapping[str, BusinessCalendar]


def limit_of(text: str, calendars: Calendars) -> Limit:
    """Return the limit that `10m`, `36h`, `7d` or, in working time, `30m office` means.

    A day is 24 hours, in working time an ordinary weekday's hours. Raises ValueError with what to do.
    """
    parts = _LIMIT.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is no time limit: write 10m, 36h, 7d or 30m office")
    number, unit, name = int(parts[1]), parts[2], parts[3]
    if name is None:
        return Limit(number * _MINUTES[unit])
    calendar = calendars.get(name)
    if calendar is None:
        raise ValueError(f"no calendar is called {name!r}: use one of {', '.join(sorted(calendars))}")
    minutes = calendar.minutes_per_workday if unit == "d" else _MINUTES[unit]
    return Limit(number * minutes, "working", name)


def limits_of(texts: PerTier[str] | None, calendars: Calendars) -> dict[Tier, Limit]:
    """Return the limits by tier; none gives none."""
    return {tier: limit_of(text, calendars) for tier, text in texts.by_tier().items()} if texts else {}


def maybe_limit(text: str | None, calendars: Calendars) -> Limit | None:
    """Return the limit of a text, if there is one."""
    return limit_of(text, calendars) if text else None


def amounts_of(amounts: PerTier[int] | None) -> dict[Tier, int]:
    """Return amounts by tier; none gives none."""
    return dict(amounts.by_tier()) if amounts else {}


def both_of(text: Both) -> Bilingual:
    """Return a text as the policy has it."""
    return Bilingual(text.zh, text.en)


def maybe_both(text: Both | None) -> Bilingual | None:
    """Return a text as the policy has it, if there is one."""
    return both_of(text) if text else None


def condition_of(test: Test) -> Condition:
    """Return a condition as the policy has it."""
    return Condition(test.name, test.args)
