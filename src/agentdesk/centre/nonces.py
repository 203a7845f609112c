"""Which signed requests were taken already: in this process's memory, for as long as one of them could come again.

Each site has room of its own, so that none can crowd out what another sent. Where that is full the oldest is forgotten,
and what was signed at that time or before is taken no more: its site is told the time and signs again. What was signed
before this process began is not taken either. Several servers over one database each remember their own part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agentdesk.trust.signatures import WINDOW_S, Stamp

MOST = 2_000
"""Requests of one site that are remembered."""

SITES = 10_000
"""Sites that are remembered before those without a living request are let go."""


@dataclass(slots=True)
class _Taken:
    """One key's requests: the nonces of each second, and the second before which none is taken."""

    floor: int
    count: int = 0
    seconds: dict[int, set[str]] = field(default_factory=dict)

    def forget(self, second: int) -> None:
        self.count -= len(self.seconds.pop(second))

    def make_room(self, now: int) -> bool:
        """Forget the oldest; False where that isn't older than now, as it could come again at once."""
        oldest = min(self.seconds)
        if oldest >= now:
            return False
        self.forget(oldest)
        self.floor = max(self.floor, oldest + 1)
        return True


class Nonces:
    """The requests that were taken; used on one event loop. `now` is ms UTC, `began` when this process did, seconds."""

    def __init__(self, now: Callable[[], int], most: int = MOST, began: int | None = None) -> None:
        self._now = now
        self._most = most
        self._began = now() // 1000 if began is None else began
        self._keys: dict[str, _Taken] = {}

    def __len__(self) -> int:
        return sum(taken.count for taken in self._keys.values())

    def is_now(self, stamp: Stamp) -> bool:
        """Tell whether a request was signed at about this time."""
        return abs(stamp.created - self._now() // 1000) <= WINDOW_S

    def take(self, stamp: Stamp) -> bool:
        """Take a request whose signature is good; False if it was signed at another time, or came before."""
        now = self._now() // 1000
        # a clock that was set back must not keep everybody out until it is where it was
        self._began = min(self._began, now)
        if abs(stamp.created - now) > WINDOW_S or stamp.created < self._began:
            return False
        taken = self._keys.get(stamp.key)
        if taken is None:
            self._make_room(now)
            taken = self._keys[stamp.key] = _Taken(self._began)
        taken.floor = min(taken.floor, now)
        for second in [second for second in taken.seconds if abs(second - now) > WINDOW_S]:
            taken.forget(second)
        if taken.count >= self._most and not taken.make_room(now):
            return False
        if stamp.created < taken.floor or stamp.nonce in taken.seconds.get(stamp.created, ()):
            return False
        taken.seconds.setdefault(stamp.created, set()).add(stamp.nonce)
        taken.count += 1
        return True

    def _make_room(self, now: int) -> None:
        """Let keys go of which nothing could come again."""
        if len(self._keys) < SITES:
            return
        for key in [k for k, taken in self._keys.items() if all(s < now - WINDOW_S for s in taken.seconds)]:
            del self._keys[key]
