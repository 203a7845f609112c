"""What all processes of a site know about the line to the centre."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.store.files import Files


@dataclass(frozen=True, slots=True)
class LineState:
    """The line as it was last seen: `state` is online, syncing or offline, `since` and `last_contact` ms UTC.

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

    @property
    def online(self) -> bool:
        return self.state != "offline" and not self.cut

    def instant(self, wall_ms: int) -> int:
        """Return the instant that a reading of this machine's wall clock stands for, ms UTC."""
        return wall_ms - (self.offset or 0)


class Line:
    """The one row in the outbox that says how the line is; the syncing process writes it, all read it."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def state(self) -> LineState:
        row = self._files.outbox.execute(
            "SELECT state, since, last_contact, offset, problem, holder, cut, next_try FROM line WHERE id = 1"
        ).fetchone()
        return LineState(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]), row[7])

    def cut(self, cut: bool, at: int) -> None:
        """Take the line away, or give it back: every process of the site obeys."""
        with self._files.writing() as outbox:
            outbox.execute("UPDATE line SET cut = ?, since = ? WHERE id = 1 AND cut <> ?", (cut, at, cut))

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
