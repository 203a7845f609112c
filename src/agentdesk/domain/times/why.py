"""Why a deadline falls when it falls: the calculation line by line, to be worded by whoever shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from agentdesk.domain.times.calendar import BusinessCalendar, Limit, calendar_of, due
from agentdesk.domain.times.zone import MINUTE_MS

DayCode = Literal["worked", "makeup", "holiday", "rest", "after_hours"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: a code, and values as (name, value) pairs.

    `start` at · `natural` ms · `working` ms calendar · `worked`, `makeup`, `holiday`, `rest`, `after_hours`
    first last days ms left · `due` at · `provisional` published_to. Instants and amounts are ms, days ISO dates.
    `makeup` is a make-up day, `after_hours` a worked day on which the limit found no more working time.
    """

    code: str
    values: tuple[tuple[str, int | str], ...]

    def __getitem__(self, name: str) -> int | str:
        return dict(self.values)[name]


def due_explained(
    limit: Limit, calendars: Mapping[str, BusinessCalendar], start_ms: int
) -> tuple[int, tuple[Line, ...]]:
    """Return a deadline, exactly as `due` does, and the lines that explain it; raises UnknownCalendar."""
    due_ms = due(limit, calendars, start_ms)
    lines = [_line("start", at=start_ms)]
    if limit.unit == "natural":
        lines.append(_line("natural", ms=limit.amount * MINUTE_MS))
    else:
        calendar = calendar_of(limit, calendars)
        lines.append(_line("working", ms=limit.amount * MINUTE_MS, calendar=calendar.id))
        lines.extend(_days(calendar, start_ms, due_ms))
    lines.append(_line("due", at=due_ms))
    if limit.unit == "working" and calendar.provisional(due_ms) and calendar.published_to is not None:
        lines.append(_line("provisional", published_to=calendar.published_to))
    return due_ms, tuple(lines)


@dataclass(frozen=True, slots=True)
class _Day:
    date: date
    code: DayCode
    ms: int


def _days(calendar: BusinessCalendar, start_ms: int, due_ms: int) -> Iterator[Line]:
    """Yield one line for each run of days of one sort; a day that is worked in part only stands alone."""
    left = calendar.working_ms(start_ms, due_ms)
    if not left:
        return

    def sort(day: _Day) -> tuple[object, ...]:
        whole = day.ms == calendar.working_ms(*_bounds(calendar, day.date))
        return (day.code,) if whole or not day.ms else (day.code, day.date)

    for _, group in groupby(_walk(calendar, start_ms, due_ms), key=sort):
        run = list(group)
        worked = sum(day.ms for day in run)
        left -= worked
        first, last = run[0].date.isoformat(), run[-1].date.isoformat()
        yield _line(run[0].code, first=first, last=last, days=len(run), ms=worked, left=left)


def _walk(calendar: BusinessCalendar, start_ms: int, due_ms: int) -> Iterator[_Day]:
    day, last = calendar.zone.day(start_ms), calendar.zone.day(due_ms - 1)
    while day <= last:
        low, high = _bounds(calendar, day)
        worked = calendar.working_ms(max(low, start_ms), min(high, due_ms))
        yield _Day(day, _code(calendar, day, worked), worked)
        day += timedelta(days=1)


def _code(calendar: BusinessCalendar, day: date, worked: int) -> DayCode:
    if day in calendar.workdays:
        return "makeup" if worked else "after_hours"
    if day in calendar.holidays:
        return "holiday"
    if not calendar.periods(day):
        return "rest"
    return "worked" if worked else "after_hours"


def _bounds(calendar: BusinessCalendar, day: date) -> tuple[int, int]:
    place = calendar.zone
    return place.instant(day, 0), place.instant(day + timedelta(days=1), 0)


def _line(code: str, **values: int | str) -> Line:
    return Line(code, tuple(values.items()))
