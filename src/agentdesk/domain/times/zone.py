"""Local time: between wall time at a place and instants in ms UTC, right through every clock change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

MINUTE_MS = 60_000
DAY_MS = 86_400_000
DAY_MINUTES = 1_440

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()

# Places whose offset has not changed since the given instant. They need no zone database, which a small
# machine may lack, and are much faster. China changed its clocks for the last time in September 1991.
_STEADY: dict[str, tuple[int, int]] = {
    "Asia/Shanghai": (8 * 60 * MINUTE_MS, 694_224_000_000),
    "UTC": (0, -(1 << 62)),
}


class UnknownTimezone(ValueError):
    """A timezone's name isn't known on this machine."""


@dataclass(frozen=True, slots=True)
class Zone:
    """One place's local time; `name` is an IANA name such as `Asia/Shanghai`."""

    name: str
    _steady: int | None = field(repr=False, compare=False)
    _since: int = field(repr=False, compare=False)
    _rules: tzinfo | None = field(repr=False, compare=False)

    def offset(self, at_ms: int) -> int:
        """Return local time minus UTC at an instant, in ms."""
        if self._steady is not None and at_ms >= self._since:
            return self._steady
        shift = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(self._rules_needed()).utcoffset()
        return _ms(shift or timedelta())

    def day(self, at_ms: int) -> date:
        """Return the local date at an instant."""
        return date.fromordinal((at_ms + self.offset(at_ms)) // DAY_MS + _EPOCH_DAY)

    def minute(self, at_ms: int) -> int:
        """Return the minute of the local day at an instant, 0 to 1439."""
        return (at_ms + self.offset(at_ms)) % DAY_MS // MINUTE_MS

    def instant(self, day: date, minute: int, latest: bool = False) -> int:
        """Return the instant, ms UTC, of a minute (0 to 1440) of a local day.

        A time that happens twice is taken the first time, with `latest` the second. A time that a clock
        change leaves out is the moment of the change.
        """
        naive_ms = (day.toordinal() - _EPOCH_DAY) * DAY_MS + minute * MINUTE_MS
        if self._steady is not None and naive_ms - self._steady >= self._since:
            return naive_ms - self._steady
        local = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        first, second = (naive_ms - self._shift(local.replace(fold=fold)) for fold in (0, 1))
        if first <= second:
            return second if latest else first
        # The time doesn't exist: `second` is before the change and `first` after it.
        low, high, before = second, first, self.offset(second)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.offset(middle) == before else (low, middle)
        return high

    def _shift(self, local: datetime) -> int:
        return _ms(local.replace(tzinfo=self._rules_needed()).utcoffset() or timedelta())

    def _rules_needed(self) -> tzinfo:
        if self._rules is not None:
            return self._rules
        try:
            return _load(self.name)
        except UnknownTimezone:
            # Without a zone database a steady place keeps today's offset for its distant past too.
            return timezone(timedelta(milliseconds=self._steady or 0))


@lru_cache(maxsize=64)
def zone(name: str) -> Zone:
    """Return the zone of an IANA name; raises UnknownTimezone."""
    if name in _STEADY:
        steady, since = _STEADY[name]
        return Zone(name, steady, since, None)
    return Zone(name, None, 0, _load(name))


@lru_cache(maxsize=64)
def _load(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise UnknownTimezone(f"the timezone {name[:40]!r} is not known: write one such as Asia/Shanghai") from None


def _ms(shift: timedelta) -> int:
    return shift.days * DAY_MS + shift.seconds * 1_000 + shift.microseconds // 1_000
