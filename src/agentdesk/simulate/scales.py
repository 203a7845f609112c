"""The numbers that life has in thousands, made so small that a world of a few minutes meets what they decide.

Each stands in the shipped code under a name; nothing else of that code is another one here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from agentdesk.centre import cutting, histories, provisioning, push, snapshots, timing
from agentdesk.store import tidying
from agentdesk.sync import first_sync

HORIZON_MS = 2 * 86_400_000
"""How far logs are kept: days pass for them only as somebody tidies."""

MOST_OPERATIONS = 5
"""Operations in a batch."""
RECENT = 2 * MOST_OPERATIONS
PRUNE_EVERY = 5
KEEP_MS = 40_000
"""How long sites keep what is settled, where they tidy; no older backup is put back there."""
KEEP_LAST = RECENT

_SMALL: tuple[tuple[Any, str, Any], ...] = (
    (snapshots, "MIN_GROWTH", 12),
    (snapshots, "PAUSE_MS", 20_000),
    (cutting, "ROWS", 7),
    (timing, "REST_MS", 30_000),
    (timing, "FIRST_RETRY_MS", 3_000),
    (provisioning, "LONGEST_WAIT_MS", 5_000),
    (histories, "RECENT", RECENT),
    (push, "RECENT", RECENT),
    (push, "PRUNE_EVERY", PRUNE_EVERY),
    (first_sync, "FEWEST_BYTES", 64),
    (first_sync, "MOST_BYTES", 700),
    (first_sync, "UNPACK_BYTES", 1_024),
)


_TIDYING: tuple[tuple[Any, str, Any], ...] = (
    (tidying, "EVERY_MS", 15_000),
    (tidying.tidy, "__defaults__", (KEEP_MS, KEEP_LAST)),
)


def scaled_down(min_rows: int, tidies: bool) -> AbstractContextManager[None]:
    """Have all of it small meanwhile; a region with `min_rows` documents has a snapshot."""
    return replaced((*_SMALL, (snapshots, "MIN_ROWS", min_rows), *(_TIDYING if tidies else ())))


@contextmanager
def replaced(values: Sequence[tuple[Any, str, Any]]) -> Iterator[None]:
    """Have other values under some names meanwhile."""
    before = [(where, name, getattr(where, name)) for where, name, _ in values]
    try:
        for where, name, value in values:
            setattr(where, name, value)
        yield
    finally:
        for where, name, was in before:
            setattr(where, name, was)
