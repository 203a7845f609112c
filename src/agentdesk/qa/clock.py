"""A clock that stands still, and chance that is the same in every run."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

NOW = 1_795_501_920_000
"""2026-11-24 14:32 in China, a Tuesday; ms UTC."""

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@dataclass
class FrozenClock:
    """A clock that stands still until a test moves it."""

    wall: int = NOW
    mono: int = 5_000_000
    boot: str = "boot-1"

    def wall_ms(self) -> int:
        return self.wall

    def mono_ms(self) -> int:
        return self.mono

    def advance(self, ms: int) -> None:
        self.wall += ms
        self.mono += ms


@dataclass
class SeededEntropy:
    """The same bytes in every run."""

    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def token_bytes(self, count: int) -> bytes:
        return self.dice.randbytes(count)
