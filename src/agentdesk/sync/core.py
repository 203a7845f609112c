"""When to push, when to pull and when to wait: a state machine that does no I/O.

It is told the time and what became of each request, and says what to do next. Retries are driven by its timers,
never only by the next write; pulls never wait for pushes; a batch that fails again and again is halved, so that one
bad operation can't hold up the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Failure = Literal[
    "unreachable",
    "dropped",
    "busy",
    "server",
    "too_large",
    "unauthorised",
    "revoked",
    "upgrade",
    "gap",
    "forked",
    "malformed",
    "absent",
    "local",
]
"""What can become of a request that was not answered with 2xx, or whose answer could not be kept here (`local`)."""

NEEDS_A_PERSON: frozenset[Failure] = frozenset({"unauthorised", "revoked", "upgrade", "forked", "malformed"})
"""Failures that trying again soon can't mend; the queue waits and nothing is lost."""

NO_LINE: frozenset[Failure] = frozenset({"unreachable", "dropped"})
"""Failures after which the line is taken to be down."""

MAY_BE_THE_BATCH: frozenset[Failure] = frozenset({"server", "dropped"})
"""Failures that an operation in the batch may cause: the server falls over it, or it doesn't get through the line."""

LONGEST_RETRY_AFTER_MS = 3_600_000
"""A centre that asks for more than an hour is asked again after an hour."""

LATER_MS = 100
"""How much later than it was asked to a site comes back at most, ms: others may have been asked to come just then."""

ASKS_ANEW: frozenset[Failure] = frozenset({*NO_LINE, "gap", "forked"})
"""Failures after which the site greets the centre again: it may have been restored, or it has another history."""

Limits = tuple[int, int]
"""Operations and bytes of one push."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how much: ms, operations, bytes.

    While news come by themselves a poll is only there to be safe, every `live_poll_ms`. A site to which nothing happens
    greets the centre every `greet_ms`: one that was restored between two polls looks the same to whoever has nothing to
    send, as long as nobody else has written.
    """

    poll_ms: int = 2_000
    live_poll_ms: int = 30_000
    first_retry_ms: int = 500
    longest_retry_ms: int = 30_000
    person_retry_ms: int = 60_000
    greet_ms: int = 600_000
    most_operations: int = 500
    most_bytes: int = 900_000
    pull_rows: int = 5_000
    halve_after: int = 3


@dataclass(frozen=True, slots=True)
class Push:
    """Send the next operations, at most this many and this many bytes.

    `unread`: the one operation that the centre failed at again and again, to be kept and held there as it is; without
    its body (`whole`) if it is too large for any push.
    """

    most: int
    most_bytes: int
    unread: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Pull:
    """Fetch what is new, at most so many rows of each scope."""

    rows: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until an instant of the monotonic clock, ms, or until something new waits."""

    until: int


@dataclass(frozen=True, slots=True)
class Hello:
    """Greet the centre: find out what either side has lost."""


Step = Hello | Push | Pull | Wait


def backed_off(
    failures: int, first_ms: int, longest_ms: int, random: float, retry_after_ms: int | None = None, least_ms: int = 0
) -> int:
    """Return how long to wait after so many failures in a row, ms: twice as long each time, between two bounds.

    `random` is in [0, 1); `retry_after_ms` is what the centre asked for.
    """
    longest = max(least_ms, min(longest_ms, first_ms << min(failures - 1, 16)))
    # the upper half is left to chance, so that sites that lost the line together don't come back together
    delay = longest // 2 + int(random * (longest // 2))
    return max(delay, min(retry_after_ms or 0, LONGEST_RETRY_AFTER_MS))


@dataclass(slots=True)
class _Timer:
    """When a kind of request may be tried next, how often it failed in a row, and how it did last."""

    at: int = 0
    failures: int = 0
    failure: Failure | None = None

    def failed(self, now: int, pace: Pace, random: float, failure: Failure, retry_after_ms: int | None) -> None:
        self.failures += 1
        self.failure = failure
        if failure == "busy" and retry_after_ms:
            # a centre that has more to do than it can gives each site a moment of its own
            hint = min(retry_after_ms, LONGEST_RETRY_AFTER_MS)
            self.at = now + hint + int(random * min(hint, LATER_MS))
            return
        least = pace.person_retry_ms if failure in NEEDS_A_PERSON else 0
        self.at = now + backed_off(
            self.failures, pace.first_retry_ms, pace.longest_retry_ms, random, retry_after_ms, least
        )

    def worked(self, at: int) -> None:
        self.failures = 0
        self.failure = None
        self.at = at


@dataclass(slots=True)
class SyncCore:
    """The state of one site's sync; `random` gives numbers in [0, 1)."""

    pace: Pace
    random: Callable[[], float]
    problem: Failure | None = None
    reachable: bool = False
    live: bool = False
    most: int = field(init=False)
    most_bytes: int = field(init=False)
    _full: int = field(init=False)
    _alone: int = 0
    """How often the centre failed at one operation alone while it answered otherwise."""
    _answers: bool = False
    """Whether the centre has answered a pull since it failed at a push."""
    _whole: bool = True
    greeted: bool = False
    _greeted_at: int = 0
    _hello: _Timer = field(default_factory=_Timer)
    _push: _Timer = field(default_factory=_Timer)
    _pull: _Timer = field(default_factory=_Timer)

    def __post_init__(self) -> None:
        self.most = self._full = self.pace.most_operations
        self.most_bytes = self.pace.most_bytes

    def next(self, now: int, waiting: int) -> Step:
        """Return what to do at `now` (monotonic ms) with so many operations waiting.

        What waits goes first, but no pull waits longer for it than the time between two polls. A session begins with
        a greeting, and has one now and then; what waits finds out by itself what the centre lost.
        """
        step = self._due(now, waiting)
        if self.greeted and isinstance(step, Pull) and not waiting and now - self._greeted_at >= self.pace.greet_ms:
            self.greet_again(now)
        if self.greeted or isinstance(step, Wait):
            return step
        return Hello() if now >= self._hello.at else Wait(self._hello.at)

    def _due(self, now: int, waiting: int) -> Push | Pull | Wait:
        push_due = waiting > 0 and now >= self._push.at
        overdue = now - self._pull.at
        if push_due and overdue < self.pace.poll_ms:
            if not self._whole:
                return Push(1, 1, unread=True, whole=False)
            if self._alone >= self.pace.halve_after:
                return Push(1, self.most_bytes, unread=True)
            return Push(self.most, self.most_bytes)
        if overdue >= 0:
            return Pull(self.pace.pull_rows)
        return Wait(min(self._push.at, self._pull.at) if waiting else self._pull.at)

    @property
    def next_try(self) -> int:
        """Return when the next request will be made, monotonic ms."""
        due = min(self._push.at, self._pull.at) if self._push.failures else self._pull.at
        return due if self.greeted else max(due, self._hello.at)

    def pushed(self, now: int, operations: int, limits: Limits | None = None) -> None:
        """Take in that a push was answered for so many operations; its changes are pulled at once.

        After a halving batches grow again step by step, as far as the centre's limits go.
        """
        if operations <= 0:
            # an answer that answers nothing is none
            self.push_failed(now, "server")
            return
        self._up(now, self._push)
        self._push.worked(now)
        self._alone, self._whole = 0, True
        most, most_bytes = limits or (self.pace.most_operations, self.pace.most_bytes)
        self._full = max(1, min(most, self.pace.most_operations))
        self.most = min(self.most * 2, self._full)
        self.most_bytes = max(1, min(self.most_bytes * 2, most_bytes, self.pace.most_bytes))
        if not self._pull.failures:
            self._pull.at = min(self._pull.at, now)

    def pulled(self, now: int, more: bool) -> None:
        """Take in that a pull was answered; `more` says that the centre had more than one page."""
        self._up(now, self._pull)
        self._pull.worked(now if more else now + (self.pace.live_poll_ms if self.live else self.pace.poll_ms))
        self._answers = True

    def push_failed(
        self, now: int, failure: Failure, retry_after_ms: int | None = None, limits: Limits | None = None
    ) -> None:
        """Take in that a push failed: the queue keeps everything and tries again by itself.

        `limits` are those that the centre names with `too_large`.
        """
        self._down(failure)
        self._push.failed(now, self.pace, self.random(), failure, retry_after_ms)
        if self.live and not self._pull.failures:
            # whether the centre answers otherwise is found out soon, though nothing has to be pulled
            self._pull.at = min(self._pull.at, now + self.pace.poll_ms)
        if failure == "too_large" and (self.most, self.most_bytes) != (1, 1):
            most, most_bytes = limits or (self.most, self.most_bytes)
            self.most = max(1, min(self.most // 2, most))
            self.most_bytes = max(1, min(self.most_bytes // 2, most_bytes))
            self._push.at = now
        elif failure == "too_large" and self._whole:
            # one operation alone is too large: its envelope goes, so that those behind it don't wait for ever
            self._whole = False
            self._push.at = now
        elif failure in MAY_BE_THE_BATCH and self.most == 1:
            # a centre that answers nothing at all is down, and not because of this operation
            self._alone += self._answers
            self._answers = False
        elif failure in MAY_BE_THE_BATCH and (self._push.failures >= self.pace.halve_after or self.most < self._full):
            # three times may be chance; in a batch that was halved before it is the one that is looked for
            self.most = max(1, self.most // 2)

    def hello(self, now: int, mended: bool = False) -> None:
        """Take in that the greeting was answered, or that the centre knows none.

        `mended`: what stood between the two sides was found out, and the push goes on at once.
        """
        self._up(now, self._hello)
        self._hello.worked(now)
        self.greeted = True
        self._greeted_at = now
        if mended:
            self._push.worked(now)

    def hello_failed(self, now: int, failure: Failure, retry_after_ms: int | None = None) -> None:
        """Take in that the greeting failed."""
        self._down(failure)
        self._hello.failed(now, self.pace, self.random(), failure, retry_after_ms)

    def greet_again(self, now: int) -> None:
        """Greet the centre next: it has another history than this site knows."""
        self.greeted = False
        self._hello.at = min(self._hello.at, now)

    def rewound(self, now: int) -> None:
        """Take in that the centre wants earlier operations first, and that they are at hand."""
        self._push.at = now

    def pull_failed(self, now: int, failure: Failure, retry_after_ms: int | None = None) -> None:
        """Take in that a pull failed."""
        self._down(failure)
        self._pull.failed(now, self.pace, self.random(), failure, retry_after_ms)

    def hurry(self, now: int) -> None:
        """Forget the waiting times: the line came back, or a person asked."""
        self._hello.worked(now)
        self._push.worked(now)
        self._pull.worked(now)

    def nudge(self, now: int) -> None:
        """Look at once for what is new, unless the last look failed: then its own time stands."""
        if not self._pull.failures:
            self._pull.at = min(self._pull.at, now)

    def news_by_themselves(self, now: int, live: bool) -> None:
        """Take in whether news come by themselves from now on: polls get rare then, and frequent again without."""
        if self.live and not live and not self._pull.failures:
            # not at once: all sites may have lost the same stream
            self._pull.at = min(self._pull.at, now + int(self.random() * self.pace.poll_ms))
        self.live = live

    def _up(self, now: int, answered: _Timer) -> None:
        self.reachable, self.problem = True, None
        if answered.failure in NO_LINE:
            # the line came back: the other kind of request needn't wait for its own turn to find out
            for timer in (self._hello, self._push, self._pull):
                if timer.failure == "unreachable":
                    timer.at = min(timer.at, now)

    def _down(self, failure: Failure) -> None:
        self.problem = failure
        if failure in ASKS_ANEW:
            self.greeted = False
        if failure in NO_LINE or failure in NEEDS_A_PERSON:
            self.reachable = False
