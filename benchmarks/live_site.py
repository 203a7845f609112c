"""A site in a process of its own for the measurement of one hop: it writes when it is told, or says what it sees.

`python -m benchmarks.live_site WHAT FOLDER [URL]`: a line on standard input makes a writer write one note; a line on
standard output is an instant by the machine's clock, seconds: for a writer when it began, for a reader when the note
was in its view.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from pathlib import Path

from agentdesk.cli.machine import MachineClock
from agentdesk.domain.operation import Draft
from agentdesk.store.site import Site
from agentdesk.sync.runner import SyncThread
from benchmarks.floor_site import FloorSite, now
from benchmarks.people import SCOPE, agent

CUSTOMER = "c-0000000"


def _open(folder: Path) -> Site:
    return Site(folder, MachineClock(), secrets)


def write(folder: Path) -> None:
    """Write a note for each line of standard input, and sync."""
    site = _open(folder)
    thread = SyncThread(folder, lambda: _open(folder))
    thread.start()
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = now()
        body = {"customer": CUSTOMER, "text": "客户已经充值, 请复机。"}
        site.commit(Draft("note.added", agent(0), "agent", SCOPE, site.new_id(), body))
        thread.wake()
        print(begun, flush=True)
    thread.stop()


def read(folder: Path) -> None:
    """Say whenever the newest note in the view is another one."""
    site = _open(folder)
    changed = threading.Event()
    thread = SyncThread(folder, lambda: _open(folder), changed=changed.set)
    thread.start()
    threading.Thread(target=_until_end, args=(changed,), daemon=True).start()
    known: str | None = None
    print("ready", flush=True)
    while changed.wait() and not _ended.is_set():
        changed.clear()
        site.files.refresh()
        newest = site.view.timeline(SCOPE, CUSTOMER, 1)
        if newest and newest[0].id != known:
            if known is not None or len(site.view.timeline(SCOPE, CUSTOMER, 2)) == 1:
                print(now(), flush=True)
            known = newest[0].id
    thread.stop()


_ended = threading.Event()


def _until_end(changed: threading.Event) -> None:
    sys.stdin.read()
    _ended.set()
    changed.set()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def write_bare(folder: Path, url: str) -> None:
    """Do on the floor what `write` does."""
    site = FloorSite(folder, url, "writer")
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = now()
        site.write(1)
        site.push(500)
        print(begun, flush=True)


def read_bare(folder: Path, url: str) -> None:
    """Do on the floor what `read` does."""
    site = FloorSite(folder, url, "reader")
    listener = FloorSite(folder / "listener", url, "listener")
    threading.Thread(target=_end_with_input, daemon=True).start()
    print("ready", flush=True)
    for head in listener.heads():
        if head and site.pull(1_000) and site.has(f"writer-{head}"):
            print(now(), flush=True)


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what in ("write", "read"):
        {"write": write, "read": read}[what](where)
    else:
        {"write-bare": write_bare, "read-bare": read_bare}[what](where, sys.argv[3])
