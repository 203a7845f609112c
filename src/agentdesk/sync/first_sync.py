"""The first sync of a region: fetched whole as one prepared file where the centre has one, else by the log's pages.

It goes on in steps, each bounded in bytes and time, so that pushes and pulls of everything else get their turn in
between. A step leaves behind what another process can go on with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from agentdesk.store.attaching import replica_of
from agentdesk.store.errors import StoreError
from agentdesk.store.line import Fetching, Phase
from agentdesk.sync.core import NEEDS_A_PERSON, NO_LINE, Pace, backed_off

if TYPE_CHECKING:
    from agentdesk.store.incoming import Incoming, Offer
    from agentdesk.store.site import Site

Cursor = tuple[str, int, str]

STEP_MS = 250
"""How long a step should take, ms: more bytes are asked for on a fast line, fewer on a slow one."""
LONGEST_STEP_MS = 2_000
"""After which a step breaks off, ms: what came until then is kept."""
FEWEST_BYTES = 64 * 1024
MOST_BYTES = 16 * 1024 * 1024
UNPACK_BYTES = 4 * 1024 * 1024
"""Encrypted bytes that a step loads of what an earlier process fetched."""
NOTE_MS = 500
"""How often the progress is written down, ms."""
RATE_MS = 3_000
"""Over what time the rate is a mean of, ms."""
DAMAGED_MOST = 3
"""How often a file may come damaged before the pages of the log have to do."""
ASK_AGAIN_MS = 10_000
"""How soon it is asked again for a scope whose log doesn't go back to the beginning any more, ms."""


class Changed(Exception):
    """A file isn't there any more, or is another one now."""


class Snapshots(Protocol):
    """The scopes that the centre has ready; both raise RequestFailed."""

    def offers(self) -> tuple[Offer, ...]: ...

    def piece(self, offer: Offer, first: int, most: int) -> Iterator[bytes]:
        """Yield some bytes of a file as they come; raises Changed, too."""


class FirstSync:
    """Which regions of a site are fetched whole, and how far that is; used by the process that syncs.

    `problem` is what went wrong last, in words, None while all is well.
    """

    def __init__(self, site: Site, snapshots: Snapshots, pace: Pace, random: Callable[[], float]) -> None:
        self._site = site
        self._snapshots = snapshots
        self._pace = pace
        self._random = random
        self._wanted: dict[str, Offer] = {}
        self._by_pages: set[str] = set()
        self._ask_at: dict[str, int] = {}
        self._incoming: Incoming | None = None
        self._damaged: dict[str, int] = {}
        self._bytes = FEWEST_BYTES * 4
        self._failures = 0
        self._at = 0
        self._rate = _Rate()
        self._noted: int | None = None
        self._fresh = True
        self._no_line = False
        self.problem: str | None = None

    def close(self) -> None:
        """Let go of the files; another process may go on."""
        if self._incoming is not None:
            self._incoming.close()
            self._incoming = None

    def leave_out(self, cursors: Mapping[str, Cursor]) -> dict[str, Cursor]:
        """Return from where to pull: all cursors but those of regions that are fetched whole.

        For a region of which nothing is here yet the centre is asked whether it has it ready; raises RequestFailed.
        """
        now = self._site.clock.mono_ms()
        new = {scope for scope, (_, seq, _) in cursors.items() if replica_of(scope) == scope and not seq}
        self._by_pages &= new
        for scope in (self._wanted.keys() | self._ask_at.keys()) - new:
            self._forget(scope)
        if self._fresh:
            self._clean_up(new)
        undecided = {s for s in new - self._by_pages - self._wanted.keys() if self._ask_at.get(s, 0) <= now}
        if undecided:
            self._decide(undecided, self._snapshots.offers())
        return {s: c for s, c in cursors.items() if s not in self._wanted and self._ask_at.get(s, 0) <= now}

    def cut_off(self, scope: str) -> None:
        """Take in that a scope's log can't be read from its beginning: only a file will do, and one is being made."""
        self._by_pages.discard(scope)
        self._ask_at[scope] = self._site.clock.mono_ms() + ASK_AGAIN_MS
        self.problem = f"the centre prepares {scope} for a first sync: it is fetched as soon as it is ready"

    def line_is_up(self) -> None:
        """Take in that the centre has just answered something else."""
        if self._no_line:
            self._at = self._site.clock.mono_ms()

    @property
    def fetching(self) -> bool:
        """Tell whether there is work for `step`."""
        return bool(self._wanted)

    @property
    def next_step(self) -> int | None:
        """Return when there is something to fetch, or to ask for, monotonic ms; None while there is neither."""
        if self._wanted:
            return self._at
        return min(self._ask_at.values(), default=None)

    def step(self) -> None:
        """Do a bounded part of the work; never raises for the line, the disk, or what comes over the line.

        With nothing to fetch it is the next pull that asks what there is.
        """
        from agentdesk.store.incoming import Damaged, Incoming
        from agentdesk.sync.client import RequestFailed

        scope, offer = next(iter(self._wanted.items()))
        if scope not in self._site.identity.scopes:
            self._forget(scope)  # lost meanwhile, and the pull that would have said so may fail for long
            return
        try:
            if self._incoming is None:
                self._incoming = Incoming(self._site.files.folder, offer, self._site.files.key)
                self._rate.begin(self._site.clock.mono_ms(), self._incoming.unpacked)
            self._advance(self._incoming)
        except RequestFailed as failed:
            self._failed(str(failed), failed.failure in NEEDS_A_PERSON, failed.retry_after_ms)
            self._no_line = failed.failure in NO_LINE
            return
        except StoreError as error:
            # gives back what was unpacked: other things need room, too
            self.close()
            self._failed(str(error))
            return
        except Changed:
            self._forget(scope)
            self._ask_at[scope] = self._site.clock.mono_ms()  # what there is instead
            return
        except Damaged as error:
            damaged = self._damaged.get(scope, 0) + 1
            self._forget(scope)
            self._damaged[scope] = damaged
            if damaged >= DAMAGED_MOST:
                self._by_pages.add(scope)
            else:
                self._ask_at[scope] = self._site.clock.mono_ms()
            self._failed(f"{scope} came damaged and is fetched again: {error}")
            return
        self._failures = 0
        self._no_line = False
        self.problem = None

    def _advance(self, incoming: Incoming) -> None:
        if incoming.behind:
            self._note(incoming, "unpacking")
            incoming.catch_up(UNPACK_BYTES)
        elif not incoming.whole:
            self._note(incoming, "fetching")
            self._fetch(incoming)
        elif not incoming.indexed:
            self._note(incoming, "checking", now=True)
            incoming.index()
        else:
            self._note(incoming, "checking", now=True)
            path = incoming.verify()
            self._site.adopt(incoming.offer.scope, path)
            self._forget(incoming.offer.scope)

    def _fetch(self, incoming: Incoming) -> None:
        clock = self._site.clock
        began, before = clock.mono_ms(), incoming.have
        pieces = self._snapshots.piece(incoming.offer, incoming.have, self._bytes)
        try:
            for data in pieces:
                incoming.feed(data)
                if clock.mono_ms() - began > LONGEST_STEP_MS:
                    break
        finally:
            _close(pieces)
            took = clock.mono_ms() - began
            self._rate.move(clock.mono_ms(), incoming.have)
        if incoming.have == before:
            raise Changed("nothing came")
        if took < STEP_MS // 2:
            self._bytes = min(MOST_BYTES, self._bytes * 2)
        elif took > STEP_MS * 2:
            self._bytes = max(FEWEST_BYTES, self._bytes // 2)

    def _decide(self, scopes: Iterable[str], offers: Iterable[Offer]) -> None:
        usable = {offer.scope: offer for offer in offers if offer.usable}
        for scope in scopes:
            if scope in usable:
                self._wanted[scope] = usable[scope]
                self._at = self._site.clock.mono_ms()
            else:
                self._by_pages.add(scope)
            if self._ask_at.pop(scope, None) is not None:
                self.problem = None

    def _forget(self, scope: str) -> None:
        """Be done with a scope: it is here, or isn't this site's any more."""
        offer = self._wanted.pop(scope, None)
        self._ask_at.pop(scope, None)
        self._damaged.pop(scope, None)
        if self._incoming is not None and self._incoming.offer == offer:
            self._incoming.discard()
            self._incoming = None
        else:
            from agentdesk.store.incoming import forget_incoming

            # nobody has it open: what an earlier try, or an earlier process, left of it
            forget_incoming(self._site.files.folder, scope)
        if not self._wanted:
            self._noted = None
            self._write_down(None)

    def _clean_up(self, new: Collection[str]) -> None:
        """Remove what an earlier process left behind that nobody goes on with."""
        from agentdesk.store.incoming import forget_incoming

        self._fresh = False
        if not new:
            forget_incoming(self._site.files.folder)
        self._write_down(None)

    def _write_down(self, fetching: Fetching | None) -> None:
        with suppress(StoreError):  # on a full disk: it is only for show
            self._site.line.fetching(fetching)

    def _failed(self, problem: str, person: bool = False, retry_after_ms: int | None = None) -> None:
        self.problem = problem
        self._failures += 1
        pace, least = self._pace, self._pace.person_retry_ms if person else 0
        self._at = self._site.clock.mono_ms() + backed_off(
            self._failures, pace.first_retry_ms, pace.longest_retry_ms, self._random(), retry_after_ms, least
        )

    def _note(self, incoming: Incoming, phase: Phase, now: bool = False) -> None:
        """Write down how far it is, for all desks of the site."""
        clock = self._site.clock
        if not now and self._noted is not None and clock.mono_ms() - self._noted < NOTE_MS:
            return
        self._noted = clock.mono_ms()
        offer = incoming.offer
        self._write_down(
            Fetching(offer.scope, phase, incoming.unpacked, offer.size, self._rate.a_second(), clock.wall_ms())
        )


class _Rate:
    """Bytes a second over the last while."""

    def __init__(self) -> None:
        self._seen: list[tuple[int, int]] = []

    def begin(self, now: int, done: int) -> None:
        self._seen = [(now, done)]

    def move(self, now: int, done: int) -> None:
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - RATE_MS:
            del self._seen[0]

    def a_second(self) -> int:
        if len(self._seen) < 2 or self._seen[-1][0] <= self._seen[0][0]:
            return 0
        (first, had), (last, has) = self._seen[0], self._seen[-1]
        return max(0, has - had) * 1000 // (last - first)


def _close(pieces: Iterator[bytes]) -> None:
    """End a stream that isn't read to its end."""
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
