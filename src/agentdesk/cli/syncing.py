"""One sync from a command: pushed and pulled until nothing is left to do, with what it brings in sight."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agentdesk.cli.progress import Progress

if TYPE_CHECKING:
    from agentdesk.store.site import Site

ANSWER_S = 3.0
"""How long a command waits until the process that syncs has had its operation answered."""

LOOK_S = 0.05
OTHERS_S = 30.0
"""How long a command waits for the process that is syncing already."""


def sync(site: Site, what: str, *, quiet: bool = False) -> tuple[int, str | None]:
    """Sync a site until nothing is left to do; return what still waits, and the problem, if any.

    Where another process syncs, its work is waited for.
    """
    from agentdesk.sync.runner import AnotherSyncs, sync_once

    before = _taken(site)
    try:
        with Progress(what, None, quiet=quiet) as progress:

            def stepped() -> None:
                fetching = site.line.written().fetching
                if fetching is None:
                    progress.to(_taken(site) - before, None, what)
                else:
                    progress.to(fetching.done, fetching.total, f"bytes of {fetching.scope}")

            return sync_once(site, stepped=stepped)
    except AnotherSyncs:
        return _by_another(site)


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
        time.sleep(LOOK_S)
        site.files.refresh()


def _once(site: Site) -> bool:
    """Push and pull if no other process does; False when one does."""
    from agentdesk.store.errors import StoreError
    from agentdesk.sync.runner import AnotherSyncs, sync_once

    try:
        sync_once(site)
    except AnotherSyncs:
        return False
    except StoreError:
        pass  # a full disk, say: the next process that syncs tries again
    return True


def _taken(site: Site) -> int:
    """Return how many changes of all scopes are here."""
    return sum(seq for _, seq, _ in site.view.cursors().values())


def _by_another(site: Site) -> tuple[int, str | None]:
    until = time.monotonic() + OTHERS_S
    while site.outbox.waiting() and not site.line.state().problem and time.monotonic() < until:
        time.sleep(LOOK_S)
    return site.outbox.waiting(), site.line.state().problem
