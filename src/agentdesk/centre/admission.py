"""Letting in only what can be written soon, and telling everybody else when there will be room.

When all sites come back at once, a queue that takes everybody answers the last one after as long as it takes to write
it all: by then it has given up, and sends again. Here whoever can't be served within `SOON_MS` is told at once when to
come, each at another moment: a second queue, which stands at the sites and holds nothing here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agentdesk.centre.errors import Rejected
from agentdesk.protocol.errors import ErrorCode

SOON_MS = 200.0
"""How much work may be ahead of what is let in, ms, as far as can be told."""

LONGEST_MS = 60_000
"""The latest moment that somebody is asked to come back at, ms from now."""

_FIRST_GUESS = 0.3 / 1_000
"""What a byte costs before anything was measured, ms: an operation has about a thousand."""

_KEPT = 0.97
"""How much of what was measured before counts with the next piece of work."""

_EACH = 4_000
"""What a piece of work costs beside its own bytes, in bytes."""


class Admission:
    """Who is inside, how much work that is, and up to when turns are promised; used by one thread.

    `mono_ms` is a clock that never goes back, ms. What a byte costs is learnt from how fast work leaves.
    """

    def __init__(self, mono_ms: Callable[[], float] | None = None) -> None:
        self._mono_ms = mono_ms or _machine_ms
        self._inside = 0
        self._pieces = 0
        self._promised = 0.0
        self._left = 0.0
        self._busy, self._done = _FIRST_GUESS * 100_000, 100_000.0

    @property
    def byte_ms(self) -> float:
        """Return what a byte of a request costs now, ms."""
        return self._busy / self._done

    @contextmanager
    def turn(self, size: int) -> Iterator[None]:
        """Hold a place for a request of so many bytes while it is worked on; raises Rejected with a better moment.

        One that finds nobody inside is always let in, however large.
        """
        size += _EACH
        now = self._mono_ms()
        if self._pieces and self._ahead(now) > SOON_MS:
            raise Rejected(
                ErrorCode.BUSY,
                "the centre has more to write than it can: come again when it says",
                retry_after_ms=self._promise(now, size),
            )
        if not self._pieces:
            self._left = now
        self._inside += size
        self._pieces += 1
        try:
            yield
        finally:
            self._inside -= size
            self._pieces -= 1
            now = self._mono_ms()
            # pieces that were written together leave together: the first took the time of all
            self._busy = self._busy * _KEPT + max(0.0, now - self._left)
            self._done = self._done * _KEPT + size
            self._left = now

    def _ahead(self, now: float) -> float:
        """Return how long the work inside still takes, ms."""
        return max(0.0, self._inside * self.byte_ms - (now - self._left))

    def _promise(self, now: float, size: int) -> int:
        """Return in how many ms a request of this size has its turn behind all that were promised one before."""
        begin = max(self._promised, now + self._ahead(now))
        self._promised = min(begin + size * self.byte_ms, now + LONGEST_MS)
        # a little early, so that nobody waits here for who is on the way
        return max(1, int(begin - now - SOON_MS / 2))


def _machine_ms() -> float:
    return time.monotonic_ns() / 1_000_000
