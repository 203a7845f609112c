"""What has to be asked before a service is ordered: how it is read as it was typed, and what may be recorded of it.

A choice is recorded by its id, a number as digits, a date as 2026-11-23 (or 2026-11 for a month), a slot as a date
with its hours: 2026-11-23 09:00-12:00.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.language.text import clean, fold_width

if TYPE_CHECKING:
    from agentdesk.domain.guidance.knowledge import Input, Service

LONGEST = 200
KINDS = frozenset({"choice", "text", "number", "date", "slot"})
PERIODS = ((9, 12), (13, 17), (18, 20))
"""The hours of a day that a visit or an appointment can be asked for."""

SLOT_DAYS = 4
"""How many days ahead hours are offered: 3 and today."""

_DIGITS = re.compile(r"\+?\d{1,32}")
_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_SLOT = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}):(\d{2})-(\d{2}):(\d{2})")
_MONTH_DAY = re.compile(r"(\d{1,2})(?:[-/.月]|\s)(\d{1,2})日?号?")
_COMPACT = re.compile(r"(\d{2})(\d{2})")
_WORDS = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2, "大后天": 3}


def fits(need: Input, value: object) -> bool:
    """Tell whether a value may be recorded as the answer to a need."""
    if not isinstance(value, str) or not value or len(value) > LONGEST:
        return False
    if need.kind == "choice":
        return any(choice.id == value for choice in need.choices)
    if need.kind == "number":
        return _DIGITS.fullmatch(value) is not None
    if need.kind == "date":
        return _is_date(value)
    if need.kind == "slot":
        return _is_slot(value)
    return True


def wanting(service: Service, parameters: Mapping[str, object]) -> tuple[Reason, ...]:
    """Return what is missing from, wrong in, or unknown among the parameters of an order."""
    known = {need.id for need in service.needs}
    wrong = [need.id for need in service.needs if not fits(need, parameters.get(need.id))]
    wrong += sorted(set(parameters) - known)
    return tuple(Reason.of("parameter", service=service.code, need=need) for need in wrong)


def read(need: Input, typed: str, today: date) -> str | None:
    """Return what was typed as it is recorded, or None when it doesn't answer the need."""
    text = clean(fold_width(typed), LONGEST)
    if need.kind == "number":
        text = re.sub(r"[\s()-]", "", text)
    elif need.kind == "date":
        text = _read_date(text, today)
    return text if fits(need, text) else None


def slots(today: date, minute: int, days: int = SLOT_DAYS) -> tuple[str, ...]:
    """Return the hours that can be asked for, soonest first; `minute` is the minute of today."""
    found = []
    for ahead in range(days):
        day = today + timedelta(days=ahead)
        found += [
            f"{day.isoformat()} {begin:02d}:00-{end:02d}:00"
            for begin, end in PERIODS
            if ahead or begin * 60 > minute + 60
        ]
    return tuple(found)


def _read_date(text: str, today: date) -> str:
    if text.lower() in _WORDS:
        return (today + timedelta(days=_WORDS[text.lower()])).isoformat()
    found = _MONTH_DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return text.replace("/", "-").replace(".", "-")
    for year in (today.year, today.year + 1):
        try:
            day = date(year, int(found[1]), int(found[2]))
        except ValueError:
            continue
        # a day that is long past means the next year's; one a few months back is a bill's
        if (today - day).days < 200:
            return day.isoformat()
    return ""


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    try:
        date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return False
    return True


def _is_slot(text: str) -> bool:
    found = _SLOT.fullmatch(text)
    if found is None or not _is_date(found[1]):
        return False
    begin, end = int(found[2]) * 60 + int(found[3]), int(found[4]) * 60 + int(found[5])
    return int(found[3]) < 60 and int(found[5]) < 60 and begin < end <= 24 * 60
