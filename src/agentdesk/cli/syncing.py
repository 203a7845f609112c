"""One sync from a command: pushed and pulled until nothing is left to do, with what it brings in sight."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

from agentdesk.cli.progress import Progress

if TYPE_CHECKING:
    from agentdesk.store.site import Site

ANSWER_S = 3.0
"""How long a command waits until the process that syncs has had its operation answered."""

OTHERS_S = 30.0
"""How long a command waits for the process that is syncing already."""


def sync(site: Site, what: str, *, quiet: bool = False, expected: int | None = None) -> tuple[int, str | None]:
    """Sync a site until nothing is left to do; return what still waits, and the problem, if any.

    Where another process syncs, its work is waited for. `expected` is about how many changes will come.
    """
    from agentdesk.sync.lease import Lease

    lease = Lease(site.files.folder)
    if not lease.take():
        return _by_another(site)
    try:
        with Progress(what, expected, quiet=quiet) as progress:
            _steps(site, progress)
    finally:
        lease.give_back()
    return site.outbox.waiting(), site.line.state().problem


def look_at_line(site: Site) -> None:
    """Learn how the line is now where no other process keeps looking: what was last seen may be long ago."""
    _once(site)


def settle(site: Site, operation: str) -> None:
    """Give an operation that stands here a chance to be answered now; says nothing when it isn't."""
    if not site.line.state().online or _once(site):
        return
    until = time.monotonic() + ANSWER_S
    while time.monotonic() < until:
        entry = site.outbox.entry(operation)
        if entry is None or entry.state == "centre":
            return
        time.sleep(0.05)
        site.files.refresh()


def _once(site: Site) -> bool:
    """Push and pull if no other process does; False when one does."""
    from agentdesk.store.files import StoreError
    from agentdesk.sync.lease import Lease

    lease = Lease(site.files.folder)
    if not lease.take():
        return False
    try:
        with Progress("", None, quiet=True) as progress:
            _steps(site, progress)
    except StoreError:
        pass  # the next process that syncs takes it along
    finally:
        lease.give_back()
    return True


def _steps(site: Site, progress: Progress) -> None:
    from agentdesk.sync.client import CentreClient
    from agentdesk.sync.core import Pace, SyncCore
    from agentdesk.sync.session import Session

    client = CentreClient(site.identity.url, site.identity.token, site.clock)
    try:
        session = Session(site, client, SyncCore(Pace(), random.random), f"pid {os.getpid()}")
        before = _taken(site)
        while session.step() <= site.clock.mono_ms():
            progress.to(_taken(site) - before)
        progress.to(_taken(site) - before)
    finally:
        client.close()


def _taken(site: Site) -> int:
    """Return how many changes of all scopes are here."""
    return sum(seq for _, seq, _ in site.view.cursors().values())


def _by_another(site: Site) -> tuple[int, str | None]:
    until = time.monotonic() + OTHERS_S
    while site.outbox.waiting() and not site.line.state().problem and time.monotonic() < until:
        time.sleep(0.1)
    return site.outbox.waiting(), site.line.state().problem
