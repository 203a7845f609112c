"""The public holidays and make-up working days (调休) of mainland China, from the library `holidays`.

The State Council publishes each year's days off and make-up days in the November before. What lies further ahead
is computed: the statutory days are certain, the days swapped around them aren't known yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FIRST_YEAR = 2001
"""The first year whose official notice is known."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MainlandDays:
    """Holidays and make-up days of the years `first_year` to `last_year`.

    `holidays` are the days off, with the weekend days inside a holiday for which days were swapped; `workdays` are
    the weekend days worked for them. `published_to` is the last year whose arrangement is the official one,
    whatever the span: a deadline in working time that falls later is provisional.
    """

    first_year: int
    last_year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    published_to: int


@lru_cache(maxsize=8)
def mainland_days(first_year: int, last_year: int) -> MainlandDays:
    """Return the days of a span of years, both included.

    Raises ValueError for a span that ends before it begins, or begins before FIRST_YEAR. Takes about half a second
    for the library's import and 30 ms a year: not for the desk before its first paint.
    """
    if not FIRST_YEAR <= first_year <= last_year:
        raise ValueError(f"give a span of years from {FIRST_YEAR} on, not {first_year} to {last_year}")
    off: set[date] = set()
    worked: set[date] = set()
    # A notice can make the last days of the year before it working days, so one year more is read.
    for year in range(first_year, last_year + 2):
        days_off, make_up = _year(year)
        off |= days_off
        worked |= make_up
    off -= worked
    return MainlandDays(
        first_year,
        last_year,
        frozenset(day for day in off if first_year <= day.year <= last_year),
        frozenset(day for day in worked if first_year <= day.year <= last_year),
        _published_to(),
    )


@lru_cache(maxsize=64)
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Return the days off and the make-up days that one year's notice names."""
    import holidays as library

    notice = library.country_holidays("CN", years=year, language="zh_CN")
    worked = frozenset(notice.weekend_workdays)
    swapped = (day for day, name in notice.items() if "调休" in name)
    return frozenset(notice) | _whole(swapped, frozenset(notice), worked), worked


def _whole(swapped: Iterable[date], off: frozenset[date], worked: frozenset[date]) -> frozenset[date]:
    """Return the days off around each swapped day, weekends included: the notice names such holidays as a whole.

    A holiday without swapped days only lies beside its weekend, which stays what it is.
    """

    def free(day: date) -> bool:
        return day in off or (day.weekday() > 4 and day not in worked)

    found: set[date] = set()
    for day in swapped:
        for step in (-_DAY, _DAY):
            current = day
            while free(current):
                found.add(current)
                current += step
    return frozenset(found)


@lru_cache(maxsize=1)
def _published_to() -> int:
    """Return the last year with make-up days: each published year has some, no computed one has."""
    # Years are published one after the other, without a gap: halving the step finds the last one in a few looks.
    year, step = FIRST_YEAR, 64
    while step:
        if any(day.year == year + step for day in _year(year + step)[1]):
            year += step
        else:
            step //= 2
    return year
