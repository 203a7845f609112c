"""Another process with the sync of a folder: `python -m tests.sync.worker COMMAND FOLDER`; it says when it is there."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from agentdesk.cli.unlocking import opened
from agentdesk.sync.core import Pace
from agentdesk.sync.lease import Lease
from agentdesk.sync.runner import SyncThread


def hold(folder: str) -> None:
    """Take the lease and keep it until the end."""
    lease = Lease(Path(folder))
    while not lease.take():
        time.sleep(0.01)
    print("held", flush=True)
    sys.stdin.read()


def sync(folder: str) -> None:
    """Sync a folder with a centre whose address stands in it."""
    where = Path(folder)
    thread = SyncThread(where, lambda: opened(where), pace=Pace(poll_ms=50, first_retry_ms=50))
    thread.start()
    print("started", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    {"hold": hold, "sync": sync}[sys.argv[1]](sys.argv[2])
