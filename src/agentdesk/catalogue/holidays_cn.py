"""The public holidays and make-up working days (调休) of mainland China, from the library `holidays`.

The State Council publishes each year's days off and make-up days in the November before. What lies further ahead
is computed: the statutory days are certain, the days swapped around them aren't known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_FIRST_PUBLISHED = 2001


@dataclass(frozen=True, slots=True)
class MainlandDays:
    """Holidays and make-up days of the years `first_year` to `last_year`.

    `holidays` are days off that aren't ordinary weekends; `workdays` are weekend days that are worked.
    `published_to` is the last year whose arrangement the library has from the official notice, whatever the span:
    a deadline in working time that falls later is provisional.
    """

    first_year: int
    last_year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    published_to: int


def mainland_days(first_year: int, last_year: int) -> MainlandDays:
    """Return the days of a span of years, both included.

    Raises ValueError for a span that ends before it begins, or begins before 2001, from when on notices are known.
    Importing the library takes about half a second: not for the desk before its first paint.
    """
    if not _FIRST_PUBLISHED <= first_year <= last_year:
        raise ValueError(f"give a span of years from {_FIRST_PUBLISHED} on, not {first_year} to {last_year}")
    import holidays as library

    off: set[date] = set()
    worked: set[date] = set()
    published_to = _FIRST_PUBLISHED
    year = first_year
    # A notice can make the last days of the year before it working days, so one year more is read; and beyond,
    # until a year has no make-up days: every published year has some, no computed one has.
    while True:
        notice = library.country_holidays("CN", years=year)
        own = {day for day in notice.weekend_workdays if day.year == year}
        if own:
            published_to = year
        off |= {day for day in notice if first_year <= day.year <= last_year}
        worked |= {day for day in notice.weekend_workdays if first_year <= day.year <= last_year}
        if year > last_year and not own:
            break
        year += 1
    if published_to < first_year:
        published_to = _last_published(first_year)
    return MainlandDays(first_year, last_year, frozenset(off - worked), frozenset(worked), published_to)


def _last_published(before: int) -> int:
    import holidays as library

    for year in range(before - 1, _FIRST_PUBLISHED, -1):
        if any(day.year == year for day in library.country_holidays("CN", years=year).weekend_workdays):
            return year
    return _FIRST_PUBLISHED
