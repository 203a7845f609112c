"""When to push, when to pull and when to wait: a state machine that does no I/O.

It is told the time and what became of each request, and says what to do next. Retries are driven by its timer,
never only by the next write; pulls never wait for pushes; a batch that fails again and again is halved, so that one
bad operation can't hold up the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Failure = Literal[
    "unreachable", "busy", "server", "too_large", "unauthorised", "revoked", "upgrade", "gap", "forked", "malformed"
]
"""What can become of a request that was not answered with 2xx."""

NEEDS_A_PERSON: frozenset[Failure] = frozenset({"unauthorised", "revoked", "upgrade", "forked", "malformed"})
"""Failures that trying again soon can't mend; the queue waits and nothing is lost."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how much: ms, operations, bytes."""

    poll_ms: int = 2_000
    first_retry_ms: int = 500
    longest_retry_ms: int = 30_000
    person_retry_ms: int = 60_000
    most_operations: int = 500
    most_bytes: int = 900_000
    pull_rows: int = 5_000
    halve_after: int = 3


@dataclass(frozen=True, slots=True)
class Push:
    """Send the next operations, at most this many and this many bytes."""

    most: int
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Pull:
    """Fetch what is new, at most so many rows of each scope."""

    rows: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until an instant of the monotonic clock, ms, or until something new waits."""

    until: int


Step = Push | Pull | Wait


@dataclass(slots=True)
class _Timer:
    """When a kind of request may be tried next, and how often it failed in a row."""

    at: int = 0
    failures: int = 0

    def failed(self, now: int, pace: Pace, random: float, retry_after_ms: int | None, person: bool) -> None:
        self.failures += 1
        longest = min(pace.longest_retry_ms, pace.first_retry_ms * 2 ** min(self.failures - 1, 16))
        delay = pace.person_retry_ms if person else longest // 2 + int(random * (longest // 2))
        self.at = now + max(delay, retry_after_ms or 0)

    def worked(self, at: int) -> None:
        self.failures = 0
        self.at = at


@dataclass(slots=True)
class SyncCore:
    """The state of one site's sync; `random` gives numbers in [0, 1)."""

    pace: Pace
    random: Callable[[], float]
    problem: Failure | None = None
    reachable: bool = False
    most: int = field(init=False)
    most_bytes: int = field(init=False)
    _push: _Timer = field(default_factory=_Timer)
    _pull: _Timer = field(default_factory=_Timer)

    def __post_init__(self) -> None:
        self.most = self.pace.most_operations
        self.most_bytes = self.pace.most_bytes

    def next(self, now: int, waiting: int) -> Step:
        """Return what to do at `now` (monotonic ms) with so many operations waiting."""
        push_due = waiting > 0 and now >= self._push.at
        if push_due:
            return Push(self.most, self.most_bytes)
        if now >= self._pull.at:
            return Pull(self.pace.pull_rows)
        return Wait(min(self._push.at, self._pull.at) if waiting else self._pull.at)

    @property
    def next_try(self) -> int:
        """Return when the next request will be made, monotonic ms."""
        return min(self._push.at, self._pull.at) if self._push.failures else self._pull.at

    def pushed(self, now: int, operations: int, limits: tuple[int, int] | None = None) -> None:
        """Take in that a push was answered; its changes are pulled at once."""
        self._up()
        self._push.worked(now)
        if limits is not None:
            self.most, self.most_bytes = min(limits[0], self.pace.most_operations), min(limits[1], self.pace.most_bytes)
        elif self.most < self.pace.most_operations:
            self.most = min(self.pace.most_operations, max(1, self.most) * 2)
        if operations:
            self._pull.at = now

    def pulled(self, now: int, more: bool) -> None:
        """Take in that a pull was answered; `more` says that the centre had more than one page."""
        self._up()
        self._pull.worked(now if more else now + self.pace.poll_ms)

    def push_failed(self, now: int, failure: Failure, retry_after_ms: int | None = None) -> None:
        """Take in that a push failed: the queue keeps everything and tries again by itself."""
        self._down(failure)
        self._push.failed(now, self.pace, self.random(), retry_after_ms, failure in NEEDS_A_PERSON)
        if failure == "too_large":
            self.most, self.most_bytes = max(1, self.most // 2), max(1, self.most_bytes // 2)
            self._push.at = now
        elif failure == "server" and self._push.failures % self.pace.halve_after == 0:
            self.most = max(1, self.most // 2)
        elif failure == "gap":
            self._push.at = now

    def pull_failed(self, now: int, failure: Failure, retry_after_ms: int | None = None) -> None:
        """Take in that a pull failed."""
        self._down(failure)
        self._pull.failed(now, self.pace, self.random(), retry_after_ms, failure in NEEDS_A_PERSON)

    def hurry(self, now: int) -> None:
        """Forget the waiting times: the line came back, or a person asked."""
        self._push.worked(now)
        self._pull.worked(now)

    def _up(self) -> None:
        self.reachable, self.problem = True, None

    def _down(self, failure: Failure) -> None:
        self.problem = failure
        if failure in ("unreachable", *NEEDS_A_PERSON):
            self.reachable = False
