"""Virtual time: one heap of events, and clocks that read it as right or wrong as a machine's do."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

START = 1_789_959_600_000
"""When a world begins, ms UTC: Monday 2026-09-21, 11:00 in Beijing."""

Event = Callable[[], None]


class Timeline:
    """What happens when; events of the same ms happen in the order in which they were planned."""

    def __init__(self) -> None:
        self.now = 0
        self._events: list[tuple[int, int, Event]] = []
        self._planned = 0

    def after(self, ms: int, event: Event) -> None:
        """Plan an event so many ms from now."""
        self._planned += 1
        heapq.heappush(self._events, (self.now + max(0, ms), self._planned, event))

    def next_at(self) -> int | None:
        """Return when the next event is, None if there is none."""
        return self._events[0][0] if self._events else None

    def step(self) -> None:
        """Let the next event happen."""
        self.now, _, event = heapq.heappop(self._events)
        event()

    def clear(self) -> None:
        self._events.clear()


@dataclass(slots=True)
class WorldClock:
    """A machine's clocks: `skew` is the error of its wall clock, `booted` when it was started, both ms."""

    timeline: Timeline
    name: str
    skew: int = 0
    booted: int = -1_000_000
    boots: int = 1

    def wall_ms(self) -> int:
        return START + self.timeline.now + self.skew

    def mono_ms(self) -> int:
        return self.timeline.now - self.booted

    @property
    def boot(self) -> str:
        return f"{self.name}-{self.boots}"

    def reboot(self) -> None:
        """Start the machine again: its monotonic clock begins anew."""
        self.boots += 1
        self.booted = self.timeline.now


@dataclass(slots=True)
class Story:
    """What happened, line by line, and a digest over all of it.

    A line is (virtual ms, who, what); `what` may hold values that are put into words only when somebody reads.
    """

    timeline: Timeline
    lines: list[tuple[int, str, str, tuple[Any, ...]]] = field(default_factory=list)
    _digest: Any = field(default_factory=lambda: blake2b(digest_size=12))

    def tell(self, who: str, what: str, *values: Any) -> None:
        """Add a line."""
        line = (self.timeline.now, who, what, values)
        self._digest.update(repr(line).encode())
        self.lines.append(line)

    def add(self, content: object) -> None:
        """Let a value count for the digest, without a line."""
        self._digest.update(repr(content).encode())

    @property
    def digest(self) -> str:
        found: str = self._digest.hexdigest()
        return found

    def read(self, last: int | None = None) -> list[str]:
        """Return the story as lines of text, the last ones or all."""
        shown = self.lines if last is None else self.lines[-last:]
        return [f"{at / 1000:10.3f}  {who:<16} {what.format(*values)}" for at, who, what, values in shown]
