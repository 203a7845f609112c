"""The clock of the machine that the centre runs on."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path


class SystemClock:
    """Wall and monotonic time, ms; readings of the monotonic clock compare only under the same `boot`."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    @cached_property
    def boot(self) -> str:
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            # where the system has no id, the moment of booting tells two boots apart
            return str(self.wall_ms() - self.mono_ms())
