"""What all processes of a site know about the line to the centre."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentdesk.store.files import Files

if TYPE_CHECKING:
    from agentdesk.domain.operation import Clock

COLUMNS = "state, since, last_contact, offset, problem, holder, cut, next_try, fetching"

STALE_MS = 120_000
"""For how long the last contact counts, ms: longer than any one request; then nobody syncs, or he hangs."""

Phase = Literal["fetching", "unpacking", "checking"]


@dataclass(frozen=True, slots=True)
class Fetching:
    """How far a scope is that is fetched whole: bytes done of all bytes, and bytes a second.

    `at` is when that was noted, ms of the wall clock. Only `fetching` is as long as the line is slow; what comes
    after it takes seconds.
    """

    scope: str
    phase: Phase
    done: int
    total: int
    rate: int
    at: int

    @property
    def left_ms(self) -> int | None:
        """Return how long it will take from `at` on, None while that can't be told."""
        return (self.total - self.done) * 1000 // self.rate if self.rate > 0 else None


@dataclass(frozen=True, slots=True)
class LineState:
    """The line as it was last seen: `state` is live, online, syncing or offline, `since` and `last_contact` ms UTC.

    On a live line the centre says by itself that there is news; on one that is online it is asked now and then.
    `offset` is how far this machine's clock is ahead of the centre's, ms; `cut` means that a person took the line
    away; `holder` says which process syncs; `next_try` is when it tries again.
    """

    state: str
    since: int
    last_contact: int | None
    offset: int | None
    problem: str | None
    holder: str | None
    cut: bool
    next_try: int | None
    fetching: Fetching | None = None

    @property
    def online(self) -> bool:
        return self.state != "offline" and not self.cut

    def instant(self, wall_ms: int) -> int:
        """Return the instant that a reading of this machine's wall clock stands for, ms UTC."""
        return wall_ms - (self.offset or 0)


class Line:
    """The one row in the outbox that says how the line is; the syncing process writes it, all read it."""

    def __init__(self, files: Files, clock: Clock | None = None) -> None:
        self._files = files
        self._clock = clock

    def state(self) -> LineState:
        """Return how the line is; one that nobody has seen for STALE_MS is offline, whatever was written then."""
        return self.read(self._files.outbox.execute(f"SELECT {COLUMNS} FROM line WHERE id = 1").fetchone())

    def read(self, row: Sequence[Any]) -> LineState:
        """Return how the line is, from a row in the order of COLUMNS."""
        state, since, last_contact, offset, problem, holder, cut, next_try, fetching = row
        if (
            self._clock is not None
            and state != "offline"
            and last_contact is not None
            and not 0 <= self._clock.wall_ms() - last_contact < STALE_MS
        ):
            state, since, holder, fetching = "offline", last_contact, None, None
        fetched = None if fetching is None else Fetching(**json.loads(fetching))
        return LineState(state, since, last_contact, offset, problem, holder, bool(cut), next_try, fetched)

    def written(self) -> LineState:
        """Return the row as it was written last, however long ago."""
        return Line(self._files).state()

    def cut(self, cut: bool, at: int) -> None:
        """Take the line away, or give it back: every process of the site obeys."""
        with self._files.writing() as outbox:
            outbox.execute("UPDATE line SET cut = ?, since = ? WHERE id = 1 AND cut <> ?", (cut, at, cut))

    def fetching(self, fetching: Fetching | None) -> None:
        """Note how far the first sync is; None when there is none any more."""
        text = None if fetching is None else json.dumps(asdict(fetching))
        with self._files.writing() as outbox:
            outbox.execute("UPDATE line SET fetching = ?1 WHERE id = 1 AND fetching IS NOT ?1", (text,))

    def seen(
        self,
        state: str,
        at: int,
        holder: str,
        *,
        offset: int | None = None,
        problem: str | None = None,
        next_try: int | None = None,
    ) -> None:
        """Note how the line is now; `since` moves only when the state changes."""
        with self._files.writing() as outbox:
            outbox.execute(
                "UPDATE line SET since = CASE WHEN (state = 'offline') = (?1 = 'offline') THEN since ELSE ?2 END, "
                "state = ?1, holder = ?3, problem = ?4, next_try = ?5, offset = coalesce(?6, offset), "
                "last_contact = CASE WHEN ?1 = 'offline' THEN last_contact ELSE ?2 END WHERE id = 1",
                (state, at, holder, problem, next_try, offset),
            )
