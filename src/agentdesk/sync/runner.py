"""The sync worker: a thread of a desk, or a command, that syncs while it holds the site's lease."""

from __future__ import annotations

import os
import random
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from agentdesk.store.files import StoreError
from agentdesk.store.site import Site, SiteFactory
from agentdesk.sync.core import Pace, SyncCore
from agentdesk.sync.lease import Lease

LOOK_MS = 200
"""How often the worker looks whether another process has left something to push, ms."""

LEASE_MS = 1_000
"""How often a process without the lease tries to get it, ms."""


class AnotherSyncs(StoreError):
    """Another process has the site's lease, and syncs for all."""


class SyncThread:
    """Syncs a site in the background; `stop` ends it, `wake` makes it look at once.

    `changed` is called on the worker's thread after each step that brought something.
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
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self, timeout_s: float = 5.0) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        lease = Lease(self._folder)
        while not self._stop.is_set():
            try:
                if not lease.take():
                    self._pause(LEASE_MS)
                    continue
                self._sync()
            except StoreError:
                self._pause(LEASE_MS)  # a full disk, a busy file: look again
            except Exception:
                # a fault of ours must not end the sync for good; it is said, and tried again
                traceback.print_exc(file=sys.stderr)
                self._pause(LEASE_MS * 5)
        lease.give_back()

    def _sync(self) -> None:
        from agentdesk.sync.client import CentreClient  # httpx and pydantic: after the first paint
        from agentdesk.sync.session import Session

        site = self._open_site()
        client = CentreClient(site.identity.url, site.identity.token, site.clock)
        try:
            session = Session(site, client, SyncCore(self._pace, random.random), f"pid {os.getpid()}")
            seen = None
            while not self._stop.is_set():
                until = session.step()
                mark = (site.view.cursors(), site.outbox.waiting())
                if mark != seen and self._changed is not None:
                    self._changed()
                seen = mark
                if self._pause_until(site, until):
                    session.nudge()
        finally:
            client.close()
            site.close()

    def _pause_until(self, site: Site, until: int) -> bool:
        """Wait for the time, a change of the cut, or new work of another process; True if it was a call of `wake`."""
        waiting, cut = site.outbox.waiting(), site.line.written().cut
        while not self._stop.is_set() and (left := until - site.clock.mono_ms()) > 0:
            if self._pause(min(left, LOOK_MS)):
                return True
            if site.outbox.waiting() > waiting or site.line.written().cut != cut:
                break
        return False

    def _pause(self, ms: int) -> bool:
        if not self._wake.wait(ms / 1000):
            return False
        self._wake.clear()
        return True


def sync_once(
    site: Site, *, most_steps: int = 10_000, stepped: Callable[[], None] | None = None
) -> tuple[int, str | None]:
    """Push and pull until nothing waits, in this thread; return what still waits and the problem, if any.

    `stepped` is called after each step. Raises AnotherSyncs when another process is syncing this folder.
    """
    from agentdesk.sync.client import CentreClient
    from agentdesk.sync.session import Session

    lease = Lease(site.files.folder)
    if not lease.take():
        raise AnotherSyncs("another process of this site is syncing; look at `agentdesk site status`")
    client = CentreClient(site.identity.url, site.identity.token, site.clock)
    try:
        core = SyncCore(Pace(), random.random)
        session = Session(site, client, core, f"pid {os.getpid()}")
        for _ in range(most_steps):
            until = session.step()
            if stepped is not None:
                stepped()
            if until > site.clock.mono_ms():
                break
        return site.outbox.waiting(), session.problem or site.line.state().problem
    finally:
        client.close()
        lease.give_back()
