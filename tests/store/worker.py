"""Another process on a site's folder: `python -m tests.store.worker COMMAND FOLDER …`, a line for each thing done."""

from __future__ import annotations

import resource
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from agentdesk.store.committing import Refused
from agentdesk.store.errors import StoreError
from agentdesk.store.files import Files
from agentdesk.store.site import Site
from tests.domain.world import REGION, FakeClock, customer
from tests.store.world import gift, note, page


def site_at(folder: str) -> Site:
    return Site(Path(folder), FakeClock(), secrets)


def notes(folder: str, count: str, name: str) -> Iterator[str]:
    site = site_at(folder)
    yield "ready"
    sys.stdin.readline()
    for n in range(int(count)):
        yield site.commit(note(f"{name}-{n}")).operation.id


def numbers(folder: str, count: str) -> Iterator[str]:
    site = site_at(folder)
    yield "ready"
    sys.stdin.readline()
    for _ in range(int(count)):
        yield site.next_number()


def gifts(folder: str, name: str) -> Iterator[str]:
    """Give until the rules forbid it, and say how much was left each time."""
    site = site_at(folder)
    yield "ready"
    sys.stdin.readline()
    for n in range(1000):
        try:
            site.commit(gift(f"{name}-{n}"))
        except Refused as refused:
            yield str(refused)
            return
        yield str(site.allowances()["cost"].left)


def watch(folder: str) -> Iterator[str]:
    """Say what the region's customers are, for each line that comes in."""
    site = site_at(folder)
    yield "ready"
    for _ in sys.stdin:
        site.files.refresh()
        yield ",".join(d.id for d in site.view.named("", 99)) or "nobody"


def first(folder: str) -> Iterator[str]:
    """Open a folder for the first time, with its first replicas, at the same moment as others."""
    yield "ready"
    sys.stdin.readline()
    files = Files(Path(folder))
    for scope in ("org", REGION):
        files.open_replica(scope).close()
    # what another process has made is attached with the next look
    files.refresh()
    yield ",".join(sorted(files.attached.aliases()))


def capped(folder: str) -> Iterator[str]:
    """Write until files may grow no more, as on a full disk; then let them again."""
    site = site_at(folder)
    size = max(path.stat().st_size for path in Path(folder).iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 512 * 1024, hard))
    written = 0
    try:
        while True:
            site.commit(note(f"n{written}", "x" * 2000))
            written += 1
    except StoreError as error:
        yield f"{type(error).__name__} {error}"
    try:
        site.take_page(page(REGION, 20, *(customer(f"d{n}", words="x" * 9000) for n in range(200))))
    except StoreError as error:
        yield f"{type(error).__name__} {error}"
    other = site_at(folder)
    for desk in (site, other):
        known = [
            desk.view.document(REGION, name) is not None for name in ("c1", f"n{written - 1}", f"n{written}", "d7")
        ]
        yield f"{desk.outbox.waiting() == written} {known}"
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    for desk in (site, other):
        desk.commit(note(f"after {desk is site}"))
    yield f"{site.outbox.waiting() - written}"


COMMANDS: Mapping[str, Callable[..., Iterator[str]]] = {
    "notes": notes, "numbers": numbers, "gifts": gifts, "watch": watch, "first": first, "capped": capped,
}  # fmt: skip

if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for line in COMMANDS[sys.argv[1]](*sys.argv[2:]):
        print(line, flush=True)
