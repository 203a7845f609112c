"""Business calendars and time limits: when a deadline falls (DOMAIN rule 6).

Natural time always runs. Working time runs in the periods of a calendar: several a day, none on holidays,
those of an ordinary weekday on make-up days (调休). Instants are ms UTC; amounts of time are whole minutes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from agentdesk.domain.times.zone import DAY_MINUTES, DAY_MS, MINUTE_MS, Zone, zone

Unit = Literal["natural", "working"]
Period = tuple[int, int]
"""Start and end of working time as minutes of the local day, end not included: (510, 720) is 08:30-12:00."""

MAX_MINUTES = 3_660 * DAY_MINUTES
"""The longest time limit, about ten years; more is a mistake in the catalogue."""

_BLOCK_MS = 32 * DAY_MS
_BLOCKS_KEPT = 256


class UnknownCalendar(LookupError):
    """A time limit names a calendar that the catalogue doesn't have."""


class _Block(NamedTuple):
    """The working time of 32 days: periods as ms UTC, and the working ms of the block before each."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int

    def elapsed(self, at_ms: int) -> int:
        index = bisect_right(self.starts, at_ms) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at_ms, self.ends[index]) - self.starts[index]


def week(periods: Iterable[Period], days: Iterable[int] = range(5)) -> tuple[tuple[Period, ...], ...]:
    """Return a weekly pattern with the same periods on the given weekdays (Monday is 0)."""
    same, worked = tuple(periods), frozenset(days)
    return tuple(same if day in worked else () for day in range(7))


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The working time of a department.

    `weekly` has the periods of each weekday, Monday first. `holidays` are not worked; `workdays` are make-up
    days, worked by the pattern of an ordinary weekday. `published_to` is the last year whose make-up days are
    official: what falls later is provisional. Raises ValueError for periods that overlap or leave the day.
    """

    id: str
    weekly: tuple[tuple[Period, ...], ...]
    timezone: str = "Asia/Shanghai"
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    published_to: int | None = None
    _blocks: dict[int, _Block] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        zone(self.timezone)
        if len(self.weekly) != 7:
            raise ValueError(f"calendar {self.id}: give the periods of seven weekdays, Monday first")
        if not any(self.weekly):
            raise ValueError(f"calendar {self.id}: give at least one working period")
        for periods in self.weekly:
            last = 0
            for start, end in periods:
                if not last <= start < end <= DAY_MINUTES:
                    raise ValueError(f"calendar {self.id}: put periods in order, without overlap, from 00:00 to 24:00")
                last = end
        if both := self.holidays & self.workdays:
            raise ValueError(f"calendar {self.id}: {min(both)} is both a holiday and a make-up day; keep one")

    @property
    def zone(self) -> Zone:
        """The place's local time."""
        return zone(self.timezone)

    @property
    def ordinary(self) -> tuple[Period, ...]:
        """The periods of an ordinary weekday: Monday's, or else those of the first day that is worked."""
        return next(periods for periods in self.weekly if periods)

    @property
    def minutes_per_workday(self) -> int:
        """The working minutes of an ordinary weekday, to turn a limit in working days into minutes."""
        return sum(end - start for start, end in self.ordinary)

    def periods(self, day: date) -> tuple[Period, ...]:
        """Return the working periods of a local day."""
        if day in self.workdays:
            return self.ordinary
        return () if day in self.holidays else self.weekly[day.weekday()]

    def natural(self, start_ms: int, minutes: int) -> int:
        """Return the instant after so many minutes of natural time."""
        return start_ms + minutes * MINUTE_MS

    def working(self, start_ms: int, minutes: int) -> int:
        """Return the end of the nth working minute after `start_ms`; with 0 minutes `start_ms` itself."""
        if minutes < 0:
            raise ValueError("a time limit can't be negative")
        return self.working_after(start_ms, minutes * MINUTE_MS)

    def working_after(self, start_ms: int, worked_ms: int) -> int:
        """Return the instant until which so much working time has passed since `start_ms`; with 0 `start_ms` itself."""
        if worked_ms <= 0:
            return start_ms
        number = start_ms // _BLOCK_MS
        block = self._block(number)
        wanted = worked_ms + block.elapsed(start_ms)
        while wanted > block.total:
            wanted -= block.total
            number += 1
            block = self._block(number)
        index = bisect_left(block.before, wanted) - 1
        return block.starts[index] + wanted - block.before[index]

    def working_ms(self, from_ms: int, to_ms: int) -> int:
        """Return the working ms between two instants; negative if `to_ms` is the earlier one."""
        if to_ms < from_ms:
            return -self.working_ms(to_ms, from_ms)
        first, last = from_ms // _BLOCK_MS, to_ms // _BLOCK_MS
        whole = sum(self._block(number).total for number in range(first, last))
        return whole + self._block(last).elapsed(to_ms) - self._block(first).elapsed(from_ms)

    def working_minutes(self, from_ms: int, to_ms: int) -> int:
        """Return the whole working minutes between two instants; negative if `to_ms` is the earlier one."""
        worked = self.working_ms(from_ms, to_ms)
        return worked // MINUTE_MS if worked >= 0 else -(-worked // MINUTE_MS)

    def is_working(self, at_ms: int) -> bool:
        """Tell whether an instant lies in a working period; a period's end does not."""
        block = self._block(at_ms // _BLOCK_MS)
        index = bisect_right(block.starts, at_ms) - 1
        return index >= 0 and at_ms < block.ends[index]

    def next_opening(self, at_ms: int) -> int:
        """Return `at_ms` itself in working time, else the start of the next period."""
        if self.is_working(at_ms):
            return at_ms
        number = at_ms // _BLOCK_MS
        while True:
            block = self._block(number)
            index = bisect_right(block.starts, at_ms)
            if index < len(block.starts):
                return block.starts[index]
            number += 1

    def provisional(self, at_ms: int) -> bool:
        """Tell whether an instant lies past the years whose make-up days are officially published."""
        return self.published_to is not None and self.zone.day(at_ms).year > self.published_to

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= _BLOCKS_KEPT:
                self._blocks.clear()
            block = self._blocks[number] = self._build(number)
        return block

    def _build(self, number: int) -> _Block:
        low, high = number * _BLOCK_MS, (number + 1) * _BLOCK_MS
        starts: list[int] = []
        ends: list[int] = []
        for opens, closes in self._spans(low, high):
            start, end = max(opens, low, ends[-1] if ends else low), min(closes, high)
            if start >= end:
                continue
            if ends and ends[-1] == start:
                ends[-1] = end
            else:
                starts.append(start)
                ends.append(end)
        before = [0]
        for start, end in zip(starts, ends, strict=True):
            before.append(before[-1] + end - start)
        return _Block(tuple(starts), tuple(ends), tuple(before[:-1]), before[-1])

    def _spans(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        place = self.zone
        # A day more on each side: a local day and the UTC day of the same date overlap, but aren't the same.
        for day in range(place.day(low).toordinal() - 1, place.day(high).toordinal() + 2):
            local = date.fromordinal(day)
            for start, end in self.periods(local):
                yield place.instant(local, start), place.instant(local, end, latest=True)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours in which a customer is not called back, as minutes of the local day; they may pass midnight."""

    start: int = 21 * 60
    end: int = 8 * 60
    timezone: str = "Asia/Shanghai"

    def covers(self, at_ms: int) -> bool:
        """Tell whether an instant lies in the quiet hours."""
        minute = zone(self.timezone).minute(at_ms)
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def next_allowed(self, at_ms: int) -> int:
        """Return `at_ms` itself outside the quiet hours, else their end."""
        if not self.covers(at_ms):
            return at_ms
        place = zone(self.timezone)
        day = place.day(at_ms)
        if place.minute(at_ms) >= self.end:
            day = date.fromordinal(day.toordinal() + 1)
        return place.instant(day, self.end, latest=True)


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit (处理时限): whole minutes of natural time, or of the working time of a calendar.

    Raises ValueError for a negative amount, one beyond MAX_MINUTES, or working time without a calendar.
    """

    amount: int
    unit: Unit = "natural"
    calendar: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MAX_MINUTES:
            raise ValueError(f"a time limit is 0 to {MAX_MINUTES} minutes, not {self.amount}")
        if self.unit not in {"natural", "working"}:
            raise ValueError(f"a time limit is in natural or working time, not {self.unit!r}")
        if self.unit == "working" and not self.calendar:
            raise ValueError("a time limit in working time must name its calendar")


def calendar_of(limit: Limit, calendars: Mapping[str, BusinessCalendar]) -> BusinessCalendar:
    """Return the calendar of a limit in working time; raises UnknownCalendar."""
    try:
        return calendars[limit.calendar]
    except KeyError:
        raise UnknownCalendar(f"no calendar is called {limit.calendar!r}: add it to the catalogue") from None


def due(limit: Limit, calendars: Mapping[str, BusinessCalendar], start_ms: int) -> int:
    """Return the instant at which a limit that starts at `start_ms` ends; raises UnknownCalendar."""
    if limit.unit == "natural":
        return start_ms + limit.amount * MINUTE_MS
    return calendar_of(limit, calendars).working(start_ms, limit.amount)


def moved(limit: Limit, calendars: Mapping[str, BusinessCalendar], at_ms: int, from_ms: int, to_ms: int) -> int:
    """Return an instant moved on by the limit's own time between two others; raises UnknownCalendar."""
    if to_ms <= from_ms:
        return at_ms
    if limit.unit == "natural":
        return at_ms + to_ms - from_ms
    calendar = calendar_of(limit, calendars)
    return calendar.working_after(at_ms, calendar.working_ms(from_ms, to_ms))


def elapsed(limit: Limit, calendars: Mapping[str, BusinessCalendar], from_ms: int, to_ms: int) -> int:
    """Return how many whole minutes of a limit's own time pass between two instants, `from_ms` first."""
    if limit.unit == "natural":
        return (to_ms - from_ms) // MINUTE_MS
    return calendar_of(limit, calendars).working_minutes(from_ms, to_ms)


def earlier_of(policy_due: int, law_due: int | None) -> int:
    """Return the deadline that counts: the earlier of policy and law (DOMAIN rule 6)."""
    return policy_due if law_due is None else min(policy_due, law_due)
