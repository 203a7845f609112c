"""Keys of a desk while ten thousand changes come from the centre in the background, beside the same keys afterwards."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from agentdesk.cli.machine import MachineClock
from agentdesk.store.site import Site
from benchmarks import people
from benchmarks.databases import Database
from benchmarks.measure import Figure, percentile
from benchmarks.processes import Server, centre
from benchmarks.push import filled
from benchmarks.sync_world import client_of, hasty, make_world, new_site, pull_all, push_all
from benchmarks.terminal import DOWN, UP, Terminal

MARK = "my open work"
BEFORE, CHANGES = 1_000, 10_000
"""Operations that a desk knows already, and documents that change while its agent works."""
ROUNDS = 3
LIMIT_S = 120.0


def run(folder: Path, database: Database) -> list[Figure]:
    """Measure the slowest key of all rounds."""
    customers = (BEFORE + 2 * CHANGES) // people.GROUP * people.PROMISES
    world = make_world(folder, database.new("desk_centre"), customers, sites=ROUNDS + 1)
    with centre(folder, world.database) as server:
        author = filled(world, server.url, "author", "mix", BEFORE)
        client = client_of(author)
        push_all(author, client)
        for turn in range(ROUNDS):
            site = new_site(world, server.url, f"desk-{turn}")
            own = client_of(site)
            pull_all(site, own)
            own.close()
            site.close()
        with hasty(author) as make:
            people.notes(author, make, 0, CHANGES)
        push_all(author, client)
        client.close()
        author.close()
    port = str(urlsplit(server.url).port)
    busy: list[float] = []
    still: list[float] = []
    for turn in range(ROUNDS):
        _round(folder / f"desk-{turn}", lambda: centre(folder, world.database, "--port", port), busy, still)
    worst, bare = max(busy), max(still)
    return [
        Figure(
            f"key while {CHANGES:,} changes come: slowest of {len(busy)}",
            worst,
            "ms",
            bare,
            worst / bare,
            f"≤ {percentile(still, 0.5) + 30:.0f} ms",
        )
    ]


def _round(data: Path, serve: Callable[[], Server], busy: list[float], still: list[float]) -> None:
    """Open a desk while the centre is down, let it come back, and press keys until all that is new is here."""
    command = [sys.executable, "-m", "agentdesk", "desk", "--data", str(data), "--agent", people.agent(0)]
    looking = Site(data, MachineClock(), secrets)
    before = _taken(looking)
    try:
        with Terminal([*command, "--language", "en"]) as desk:
            desk.until(MARK, desk.begun)
            desk.key("l")
            desk.settle(1.5)
            end = time.monotonic() + LIMIT_S
            pressed = 0
            with serve():
                while (taken := _taken(looking)) < before + CHANGES:
                    if time.monotonic() > end:
                        raise RuntimeError("the desk did not take in what the centre has")
                    took = desk.key(_next(pressed)).ms
                    pressed += 1
                    if taken > before or _taken(looking) > before:
                        busy.append(took)
                desk.settle(1.5)
            still += [desk.key(_next(pressed + n)).ms for n in range(len(busy))]
    finally:
        looking.close()


def _taken(site: Site) -> int:
    """Return how far a site has read the log of its region."""
    return site.view.cursors().get(people.SCOPE, ("", 0, ""))[1]


def _next(count: int) -> str:
    return DOWN if count // 4 % 2 == 0 else UP
