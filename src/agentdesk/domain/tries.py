"""How often somebody may be wrong: delays that grow, then a lock that grows; the same rule wherever a secret is asked.

It is pure over clocks that may be wrong: a clock that was put back makes no waiting shorter, and none longer than the
policy's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

LONGEST_MS = 24 * 3_600_000
"""No lock is longer than this, however often somebody was wrong."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The policy: after the nth wrong try the nth delay, after `tries` of them a lock, doubled by each one more.

    `delays_ms` are in order and never fall; beyond the last one it is the last. Times are in ms.
    """

    tries: int = 5
    delays_ms: tuple[int, ...] = (1_000, 2_000, 4_000, 8_000)
    lock_ms: int = 15 * 60_000

    def __post_init__(self) -> None:
        if self.tries < 1 or self.lock_ms < 1 or any(delay < 0 for delay in self.delays_ms):
            raise ValueError("patience has at least one try, delays of 0 or more, and a lock of more than nothing")
        if any(later < sooner for sooner, later in pairwise(self.delays_ms)):
            raise ValueError("delays never fall")


@dataclass(frozen=True, slots=True)
class Tries:
    """How often somebody was wrong since he was last right; `at`: the last time, `until`: when he may try again."""

    failures: int = 0
    at: int = 0
    until: int = 0


NONE = Tries()


def pause_of(failures: int, patience: Patience) -> int:
    """Return for how long somebody waits after so many wrong tries, ms."""
    if failures <= 0:
        return 0
    if failures >= patience.tries:
        beyond = min(failures - patience.tries, 16)
        return max(min(patience.lock_ms << beyond, LONGEST_MS), patience.lock_ms)
    if not patience.delays_ms:
        return 0
    return patience.delays_ms[min(failures, len(patience.delays_ms)) - 1]


def is_locked(tries: Tries, patience: Patience) -> bool:
    """Tell whether it is a lock that somebody waits for, not just a delay."""
    return tries.failures >= patience.tries


def failed(tries: Tries, patience: Patience, now: int) -> Tries:
    """Return the count after one more wrong try."""
    failures = tries.failures + 1
    return Tries(failures, now, now + pause_of(failures, patience))


def left(tries: Tries, patience: Patience) -> int:
    """Return how many tries are left before a lock; none inside one."""
    return max(patience.tries - tries.failures, 0)


def steady(tries: Tries, now: int) -> Tries:
    """Return a count as it is at an instant: behind a clock that was put back, the waiting begins again."""
    if now >= tries.at:
        return tries
    return replace(tries, at=now, until=now + max(tries.until - tries.at, 0))


def wait_ms(tries: Tries, now: int) -> int:
    """Return for how long nothing is tried yet, ms; 0 when it may be."""
    return max(steady(tries, now).until - now, 0)


def worse(one: Tries, other: Tries) -> Tries:
    """Return the count that somebody can't gain from: the more failures, the later end."""
    first = one if (one.failures, one.until) >= (other.failures, other.until) else other
    return replace(first, until=max(one.until, other.until), at=max(one.at, other.at))
