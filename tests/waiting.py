"""Waiting for what another thread or process does: for what is meant to happen, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

LONG_S = 120.0
"""Far more than anything takes: only a failing test waits for so long."""


def until(met: Callable[[], object], what: str = "it") -> None:
    """Wait until something holds; fail when it doesn't happen."""
    end = time.monotonic() + LONG_S
    while not met():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.01)
