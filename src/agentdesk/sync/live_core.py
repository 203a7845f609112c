"""When to listen for news, and which are news: a state machine that does no I/O.

News are numbers only, "scope X is at N": data comes by pull, so that nothing can be lost in what is heard here. A
stream is listened to; where something on the way doesn't let it stand, long-polls take its place for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agentdesk.sync.core import NEEDS_A_PERSON, Failure, backed_off

FASTEST_RETRY_MS = 50
"""A centre that wants to be asked sooner than this is asked after it."""


@dataclass(frozen=True, slots=True)
class LivePace:
    """How long everything may take, ms, and how often a stream may fail to stand."""

    first_retry_ms: int = 1_000
    longest_retry_ms: int = 30_000
    person_retry_ms: int = 60_000
    quick_ms: int = 10_000
    quick_closes: int = 3
    stream_again_ms: int = 300_000
    absent_ms: int = 600_000


@dataclass(frozen=True, slots=True)
class Listen:
    """Open the stream and read it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask, and wait until something is beyond these numbers."""

    after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rest:
    """Do nothing until an instant of the monotonic clock, ms."""

    until: int


@dataclass(slots=True)
class LiveCore:
    """How one site hears of news; `random` gives numbers in [0, 1). While it is `up` news come by themselves."""

    pace: LivePace
    random: Callable[[], float]
    up: bool = False
    _at: int = 0
    _failures: int = 0
    _quick: int = 0
    _opened_at: int | None = None
    _asks_until: int | None = None
    _asked_at: int = 0
    _first_retry_ms: int = field(init=False)
    _have: dict[str, int] = field(default_factory=dict)
    _heads: dict[str, int] = field(default_factory=dict)
    _pulled_for: dict[str, int] = field(default_factory=dict)
    _behind_us: bool = False

    def __post_init__(self) -> None:
        self._first_retry_ms = self.pace.first_retry_ms

    # when to listen

    def next(self, now: int) -> Listen | Ask | Rest:
        """Return what to do at `now` (monotonic ms)."""
        if now < self._at:
            return Rest(self._at)
        if self._asks_until is not None and now < self._asks_until:
            self._asked_at = now
            return Ask({scope: max(seq, self._heads.get(scope, 0)) for scope, seq in self._have.items()})
        return Listen()

    def opened(self, now: int) -> None:
        """Take in that a stream was opened: it begins with where everything is."""
        self._opened_at = now
        self._forget()

    def heard(self, now: int) -> None:
        """Take in that the stream said anything, if only that it is there."""
        self.up = True
        self._failures = 0
        if self._opened_at is not None and now - self._opened_at >= self.pace.quick_ms:
            self._quick = 0
            self._asks_until = None

    def retry(self, ms: int) -> None:
        """Take in how soon the centre wants to be asked again after a stream has ended."""
        self._first_retry_ms = max(FASTEST_RETRY_MS, min(ms, self.pace.longest_retry_ms))

    def closed(self, now: int) -> None:
        """Take in that a stream ended, or fell silent, after it was asked for.

        One that didn't stand for a while was cut by something on the way: after a few of those long-polls are better.
        """
        stood = self.up and self._opened_at is not None and now - self._opened_at >= self.pace.quick_ms
        self._down()
        self._quick = 0 if stood else self._quick + 1
        if self._quick >= self.pace.quick_closes:
            self._ask_instead(now)
        self._failures += 1
        self._at = now + self._delay()

    def taken_away(self, now: int) -> None:
        """Take in that a person took the line away: that says nothing about the stream."""
        self._down()
        self._at = now

    def answered(self, now: int, heads: Mapping[str, int]) -> None:
        """Take in the answer to a long-poll: the next one follows at once, but for a centre that doesn't wait."""
        new = any(seq > max(self._have.get(scope, 0), self._heads.get(scope, 0)) for scope, seq in heads.items())
        self.up = True
        self._failures = 0
        self._at = now if new else max(now, self._asked_at + self.pace.first_retry_ms)
        for scope, seq in heads.items():
            self.head(scope, seq)

    def failed(self, now: int, failure: Failure, retry_after_ms: int | None = None) -> None:
        """Take in that neither stream nor answer was given, and when the centre says to come again."""
        self._down()
        self._failures += 1
        delay = self._delay(retry_after_ms)
        self._at = now + (max(delay, self.pace.person_retry_ms) if failure in NEEDS_A_PERSON else delay)

    def absent(self, now: int) -> None:
        """Take in that the centre doesn't know what it was asked for: it is of another version."""
        asked = self._asks_until is not None and now < self._asks_until
        self._down()
        self._ask_instead(now)
        if asked:
            self._at = now + self.pace.absent_ms

    def hurry(self, now: int) -> None:
        """Forget the waiting time: the line came back."""
        self._failures = 0
        self._at = min(self._at, now + int(self.random() * self._first_retry_ms))

    def _ask_instead(self, now: int) -> None:
        self._asks_until = now + self.pace.stream_again_ms
        # when a stream is tried again, one is enough to see that it still doesn't stand
        self._quick = self.pace.quick_closes - 1

    def _down(self) -> None:
        self.up = False
        self._opened_at = None

    def _delay(self, retry_after_ms: int | None = None) -> int:
        longest_ms = self.pace.longest_retry_ms
        return backed_off(self._failures, self._first_retry_ms, longest_ms, self.random(), retry_after_ms)

    # which news

    def have(self, cursors: Mapping[str, int]) -> None:
        """Take in how far the scopes that this site follows are here."""
        if any(seq < self._have.get(scope, 0) for scope, seq in cursors.items()):
            # this is another history, or a replica from the start: what was heard before says nothing about it
            self._forget()
        self._have = dict(cursors)

    def head(self, scope: str, seq: int) -> None:
        """Take in where a scope is."""
        first = scope not in self._heads
        self._heads[scope] = max(seq, self._heads.get(scope, 0))
        if first and seq < self._have.get(scope, 0):
            self._behind_us = True

    def news(self) -> bool:
        """Tell whether there is something to pull that hasn't been pulled for; each number counts once.

        A centre that is behind what is here has lost something: that is found out by a pull too.
        """
        found = self._behind_us
        self._behind_us = False
        for scope, seq in self._have.items():
            head = self._heads.get(scope, 0)
            if head > max(seq, self._pulled_for.get(scope, 0)):
                self._pulled_for[scope] = head
                found = True
        return found

    def _forget(self) -> None:
        self._heads.clear()
        self._pulled_for.clear()
