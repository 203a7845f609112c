"""The sync worker: a thread of a desk, or a command, that syncs while it holds the site's lease."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.domain.faults import told
from agentdesk.store.bell import Bell
from agentdesk.store.errors import StoreError
from agentdesk.store.site import Site, SiteFactory
from agentdesk.sync.alarm import Alarm
from agentdesk.sync.core import Pace, SyncCore
from agentdesk.sync.first_sync import FirstSync
from agentdesk.sync.lease import Lease
from agentdesk.trust.addresses import BadAddress

if TYPE_CHECKING:
    from agentdesk.sync.live import LiveLine
    from agentdesk.sync.presence import PresenceThread
    from agentdesk.sync.session import Session
    from agentdesk.sync.signing import SiteAuth

LOOK_MS = 200
"""How often the worker looks by itself whether somebody has left something to push, or cut the line, ms."""

LEASE_MS = 1_000
"""How often a process without the lease tries to get it, ms."""

MOST_STEPS = 10_000
"""Steps of one sync by command: where others write all the time it would never end."""


class AnotherSyncs(StoreError):
    """Another process has the site's lease, and syncs for all."""


class SyncThread:
    """Syncs a site in the background; `stop` ends it, `wake` makes it look at once.

    `changed` is called on the worker's thread after each step that brought something. It listens for news, too.
    """

    def __init__(
        self,
        folder: Path,
        open_site: SiteFactory,
        *,
        pace: Pace | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        self._folder = folder
        self._open_site = open_site
        self._pace = pace or Pace()
        self._changed = changed
        self._stop = threading.Event()
        self._look = threading.Event()
        self._alarm: Alarm | None = None
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        self._alarm = Alarm()
        self._thread.start()

    def wake(self) -> None:
        self._look.set()
        self._ring()

    def stop(self, timeout_s: float = 5.0) -> None:
        self._stop.set()
        self._ring()
        self._thread.join(timeout_s)

    def _ring(self) -> None:
        if self._alarm is not None:
            self._alarm.ring()

    def _run(self) -> None:
        assert self._alarm is not None
        with closing(self._alarm) as alarm:
            self._hold(alarm)

    def _hold(self, alarm: Alarm) -> None:
        """Sync whenever this process has the lease."""
        lease = Lease(self._folder)
        while not self._stop.is_set():
            try:
                if not lease.take():
                    alarm.wait(LEASE_MS)
                    continue
                self._sync(alarm)
            except StoreError:
                alarm.wait(LEASE_MS)  # a full disk, a busy file: look again
            except Exception as error:
                # a fault of ours must not end the sync for good; it is said, and tried again
                print(*told(error), sep="\n", file=sys.stderr)
                alarm.wait(LEASE_MS * 5)
        lease.give_back()

    def _sync(self, alarm: Alarm) -> None:
        from agentdesk.sync.client import client_of  # httpx and pydantic: after the first paint
        from agentdesk.sync.connecting import BadAuthority
        from agentdesk.sync.fetching import CentreSnapshots
        from agentdesk.sync.session import Session
        from agentdesk.sync.signing import credentials_of

        with ExitStack() as ends:
            site = ends.enter_context(closing(self._open_site()))
            try:
                client = ends.enter_context(closing(client_of(site)))
            except (BadAddress, BadAuthority) as bad:
                # nothing is sent there; a person has to move the site, and is told by all desks
                site.line.seen("offline", site.clock.wall_ms(), f"pid {os.getpid()}", problem=str(bad))
                alarm.wait(LEASE_MS * 5)
                return
            first_sync = FirstSync(site, CentreSnapshots(client), self._pace, random.random)
            ends.callback(first_sync.close)
            bell = self._bell(ends)
            live = self._listen(site, client.auth, ends)
            presence = self._presence(site, client.auth, ends)
            session = Session(site, client, SyncCore(self._pace, random.random), f"pid {os.getpid()}", first_sync)
            seen, reachable = None, False
            while not self._stop.is_set():
                waited = site.outbox.waiting()
                site.look_again()
                client.auth.credentials = credentials_of(site.identity)
                until = session.step()
                cursors = site.view.cursors()
                mark = (cursors, waiting := site.outbox.waiting())
                if mark != seen and self._changed is not None:
                    self._changed()
                seen = mark
                live.have({scope: cursors.get(scope, ("", 0, ""))[1] for scope in site.identity.scopes})
                if session.reachable and not reachable:
                    live.hurry()
                reachable = session.reachable
                self._pause_until(site, session, until, min(waited, waiting), alarm, bell, live, presence)

    def _bell(self, ends: ExitStack) -> Bell | None:
        """Hang up the bell that whoever commits here rings; without it the worker looks by itself."""
        try:
            return ends.enter_context(closing(Bell(self._folder)))
        except OSError:
            return None

    def _listen(self, site: Site, auth: SiteAuth, ends: ExitStack) -> LiveLine:
        from agentdesk.sync.live import LiveLine
        from agentdesk.sync.live_core import LiveCore, LivePace

        core = LiveCore(LivePace(), random.random)
        identity = site.identity
        live = LiveLine(identity.url, auth, core, site.clock.mono_ms, self._ring, identity.ca)
        ends.callback(live.stop)
        live.start()
        return live

    def _presence(self, site: Site, auth: SiteAuth, ends: ExitStack) -> PresenceThread:
        from agentdesk.sync.presence import PresenceLine, PresenceThread

        identity, clock = site.identity, site.clock
        line = PresenceLine(self._folder, identity.url, auth, clock.wall_ms, clock.mono_ms, ca=identity.ca)
        thread = PresenceThread(line, self._changed)
        ends.callback(thread.stop)
        thread.start()
        return thread

    def _pause_until(
        self,
        site: Site,
        session: Session,
        until: int,
        waited: int,
        alarm: Alarm,
        bell: Bell | None,
        live: LiveLine,
        presence: PresenceThread,
    ) -> None:
        """Wait for the time, a change of the cut, news, more work than `waited`, or a call of `wake`."""
        cut, rang = site.line.written().cut, False
        while not self._stop.is_set():
            live.cut(cut)
            session.news_by_themselves(live.up)
            presence.reachable = session.reachable and not cut
            if live.presence():
                presence.hurry()
            if live.news():
                self._look.set()
            if self._look.is_set():
                self._look.clear()
                session.nudge()
                return
            left = until - site.clock.mono_ms()
            if rang or left <= 0 or site.outbox.waiting() > waited or site.line.written().cut != cut:
                return
            rang = alarm.wait(min(left, LOOK_MS), bell)


def sync_once(site: Site, *, stepped: Callable[[], None] | None = None) -> tuple[int, str | None]:
    """Push and pull until nothing waits, in this thread; return what still waits and the problem, if any.

    `stepped` is called after each step. Raises AnotherSyncs when another process is syncing this folder, and BadAddress
    for a centre to which anybody could listen.
    """
    from agentdesk.sync.client import client_of
    from agentdesk.sync.fetching import CentreSnapshots
    from agentdesk.sync.session import Session

    client = client_of(site)
    lease = Lease(site.files.folder)
    if not lease.take():
        client.close()
        raise AnotherSyncs("another process of this site is syncing; look at `agentdesk site status`")
    pace = Pace()
    first_sync = FirstSync(site, CentreSnapshots(client), pace, random.random)
    try:
        core = SyncCore(pace, random.random)
        session = Session(site, client, core, f"pid {os.getpid()}", first_sync)
        for _ in range(MOST_STEPS):
            until = session.step()
            if stepped is not None:
                stepped()
            if until > site.clock.mono_ms():
                break
        with suppress(StoreError):  # on a full disk the index is made later
            while site.search.follow():
                if stepped is not None:
                    stepped()
        return site.outbox.waiting(), session.problem or site.line.state().problem
    finally:
        first_sync.close()
        client.close()
        lease.give_back()
