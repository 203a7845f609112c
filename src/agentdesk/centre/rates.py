"""Who has asked how often: token buckets in bounded memory, on a clock that is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from agentdesk.centre import bounds
from agentdesk.centre.bounds import Rate
from agentdesk.centre.errors import Rejected
from agentdesk.protocol.errors import ErrorCode

_MINUTE_MS = 60_000


class Bucket:
    """What is left of a rate: never more than its burst, and so many a minute come back. Pure; `now` is whole ms.

    It is counted in parts of 1/60000, of which a rate's own number comes back each ms: so nothing is rounded.
    """

    __slots__ = ("_at", "_left", "_rate")

    def __init__(self, rate: Rate, now: int) -> None:
        self._rate = rate
        self._left = rate.burst * _MINUTE_MS
        self._at = now

    def take(self, now: int, amount: int = 1) -> int:
        """Take so many, and return 0; or take none, and return in how many ms there are enough.

        More than the burst is taken as the burst: it has to come through at some time.
        """
        self._fill(now)
        wanted = min(amount, self._rate.burst) * _MINUTE_MS
        if wanted <= self._left:
            self._left -= wanted
            return 0
        return -((self._left - wanted) // self._rate.a_minute)

    def give_back(self, now: int, amount: int = 1) -> None:
        """Let so many not have been taken."""
        self._fill(now)
        self._add(amount * _MINUTE_MS)

    def full(self, now: int) -> bool:
        """Tell whether nothing was taken, or all of it has come back: such a bucket needn't be kept."""
        self._fill(now)
        return self._left >= self._rate.burst * _MINUTE_MS

    def _fill(self, now: int) -> None:
        # a clock that went back gives nothing, not even when it comes forward again
        if now > self._at:
            self._add((now - self._at) * self._rate.a_minute)
            self._at = now

    def _add(self, parts: int) -> None:
        self._left = min(self._rate.burst * _MINUTE_MS, self._left + parts)


class Buckets:
    """A bucket for each name, and one for all names beyond `most`: nobody gets a new one by naming many."""

    def __init__(self, rate: Rate, mono_ms: Callable[[], int], most: int = bounds.NAMES) -> None:
        self._rate = rate
        self._mono_ms = mono_ms
        self._most = most
        self._named: dict[str, Bucket] = {}
        self._others = Bucket(rate, mono_ms())
        self._looked = -_MINUTE_MS

    def __len__(self) -> int:
        return len(self._named)

    def take(self, name: str, amount: int = 1) -> int:
        """Take so many for a name; return 0, or in how many ms there are enough."""
        now = self._mono_ms()
        return self._of(name, now).take(now, amount)

    def give_back(self, name: str, amount: int = 1) -> None:
        """Let so many not have been taken."""
        now = self._mono_ms()
        self._of(name, now).give_back(now, amount)

    def _of(self, name: str, now: int) -> Bucket:
        known = self._named.get(name)
        if known is not None:
            return known
        if len(self._named) >= self._most:
            self._forget(now)
            if len(self._named) >= self._most:
                return self._others
        made = self._named[name] = Bucket(self._rate, now)
        return made

    def _forget(self, now: int) -> None:
        """Forget who has asked for nothing lately; looked for at most once in a second, as it looks at all."""
        if now - self._looked < 1_000:
            return
        self._looked = now
        for name in [name for name, bucket in self._named.items() if bucket.full(now)]:
            del self._named[name]


class AtOnce:
    """How many of each name are inside."""

    def __init__(self, most: int = bounds.AT_ONCE) -> None:
        self._most = most
        self._inside: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._inside)

    def enter(self, name: str) -> bool:
        """Let one of a name in, who has to `leave`; False when there are enough of it."""
        inside = self._inside.get(name, 0)
        if inside >= self._most:
            return False
        self._inside[name] = inside + 1
        return True

    def leave(self, name: str) -> None:
        """Let one of a name out."""
        left = self._inside[name] - 1
        if left:
            self._inside[name] = left
        else:
            del self._inside[name]


class Rates:
    """All that a serving process counts of its callers; used on one event loop. `mono_ms` never goes back, ms."""

    def __init__(self, mono_ms: Callable[[], int]) -> None:
        self.sites = Buckets(bounds.SITE, mono_ms)
        self.addresses = Buckets(bounds.ADDRESS, mono_ms)
        self.agents = Buckets(bounds.AGENT, mono_ms)
        self.enrolling = (Buckets(bounds.ENROL, mono_ms), Buckets(bounds.ENROL_ALL, mono_ms))
        self.signing_in = (Buckets(bounds.SIGN_IN, mono_ms), Buckets(bounds.SIGN_IN_ALL, mono_ms))
        self.at_once = AtOnce()

    @contextmanager
    def enrolment(self, address: str) -> Iterator[None]:
        """Count a try to enrol, unless it ends well or in anything but a wrong code; raises Rejected.

        It is counted before it is known how it ends: many at once get no more tries than one after the other.
        """
        each, all_ = self.enrolling
        _take(each, address)
        try:
            _take(all_, "")
        except Rejected:
            each.give_back(address)
            raise
        wrong = False
        try:
            yield
        except Rejected as rejected:
            wrong = rejected.code is ErrorCode.BAD_CODE
            raise
        finally:
            if not wrong:
                each.give_back(address)
                all_.give_back("")

    def sign_in(self, site: str) -> None:
        """Count a sign-in at a site, however it ends; raises Rejected."""
        each, all_ = self.signing_in
        _take(each, site)
        _take(all_, "")

    def operations(self, site: str, made: Mapping[str, int]) -> None:
        """Count the operations of a batch by who made them; raises Rejected, and then none is counted."""
        taken: list[tuple[str, int]] = []
        for actor, count in made.items():
            name = f"{site}\n{actor}"
            wait = self.agents.take(name, count)
            if wait:
                for before, number in taken:
                    self.agents.give_back(before, number)
                raise _later(wait)
            taken.append((name, count))


def _take(buckets: Buckets, name: str) -> None:
    wait = buckets.take(name)
    if wait:
        raise _later(wait)


def _later(wait: int) -> Rejected:
    return Rejected(ErrorCode.BUSY, "too many requests: come again when it says", retry_after_ms=wait)
