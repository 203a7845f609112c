"""The bell: for a call that rings, and for work of one's own that has just become late; for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agentdesk.domain.documents import Document, is_open

AGAIN_MS = 4_000
"""How long after the bell a call that still rings has it once more, ms."""


class Bell:
    """Decides when to sound; `sound` makes the noise.

    `when` is `all`, `ring`, `late` or `off`, `repeats` says that a call that rings has the bell until it is answered.
    """

    def __init__(self, sound: Callable[[], object], when: str = "", repeats: bool = False) -> None:
        self._sound = sound
        self.when = when or "all"
        self.repeats = repeats
        self._rang_at: int | None = None
        self._looked_at: int | None = None

    def rang(self, now: int) -> None:
        """Sound for a call that begins to ring; `now` is monotonic ms."""
        if self.when in ("all", "ring"):
            self._rang_at = now
            self._sound()

    def still(self, now: int, ringing: bool) -> None:
        """Sound once more for a call that still rings, where that is wanted."""
        if not ringing:
            self._rang_at = None
        elif self.repeats and self._rang_at is not None and now - self._rang_at >= AGAIN_MS:
            self.rang(now)

    def look(self, at: int, mine: Iterable[Document]) -> None:
        """Sound once for what has become late since it was looked last; `at` is the instant, ms UTC.

        What was late already when the desk began is no news.
        """
        before, self._looked_at = self._looked_at, at
        if before is None or before >= at or self.when not in ("all", "late"):
            return
        if any(before < due <= at for due in (one.data.get("due") for one in mine if is_open(one)) if due is not None):
            self._sound()
