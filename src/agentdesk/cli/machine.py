"""The machine's own clock and randomness, for the rooms that get both from outside."""

from __future__ import annotations

import os
import time
from functools import cached_property
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class MachineClock:
    """The clocks of this machine, all ms."""

    def __init__(self, boot_file: Path = BOOT_ID) -> None:
        self._boot_file = boot_file

    def wall_ms(self) -> int:
        """Return the wall clock, ms UTC, right or wrong."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Return a clock that never goes back while the machine is up."""
        return time.monotonic_ns() // 1_000_000

    @cached_property
    def boot(self) -> str:
        """Return the id of this boot; where the system has none, one that no other process shares."""
        try:
            return self._boot_file.read_text().strip() or os.urandom(16).hex()
        except OSError:
            # Monotonic readings of two processes are then never compared, which is safe: the wall clock counts.
            return os.urandom(16).hex()


class MachineEntropy:
    """Randomness from the operating system."""

    def token_bytes(self, count: int) -> bytes:
        """Return that many random bytes."""
        return os.urandom(count)
