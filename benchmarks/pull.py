"""Pulling a region into a new replica file over real HTTP, durable page by page, beside the bare floor."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from agentdesk.cli.machine import MachineClock
from agentdesk.store.site import Site
from benchmarks import people
from benchmarks.databases import Database, databases
from benchmarks.floor_site import FloorSite
from benchmarks.measure import Figure
from benchmarks.processes import Server, centre, module
from benchmarks.push import Counting, filled
from benchmarks.sync_world import client_of, make_world, push_all

PAGE = 5_000
OPERATIONS = 20_000
ROUNDS = 5


def run(folder: Path, urls: list[str]) -> list[Figure]:
    """Measure a first pull of the documents that the working mix leaves, on each database."""
    figures: list[Figure] = []
    for database in databases(folder, urls):
        with database:
            figures += _measure(folder / f"{database.name}-pull", database)
    return figures


def _measure(folder: Path, database: Database) -> list[Figure]:
    folder.mkdir(parents=True)
    world = make_world(folder, database.new("pull_centre"), OPERATIONS // people.GROUP * people.PROMISES)
    with (
        centre(folder, world.database) as ours,
        module(folder, "floor_server", "--database", database.new("pull_floor")) as bare,
    ):
        author = filled(world, ours.url, "author", "mix", OPERATIONS)
        client = client_of(author)
        push_all(author, client)
        client.close()
        writer = FloorSite(folder / "floor-author", bare.url, "floor")
        writer.write(OPERATIONS)
        while writer.push(500):
            pass
        writer.close()
        ours_took, floor_took = [], []
        for turn in range(ROUNDS):
            site = _another(author, folder / f"site-{turn}")
            floor = FloorSite(folder / f"floor-{turn}", bare.url, f"reader-{turn}")
            ours_took.append(_timed((ours, database), lambda site=site: _pull(site)))  # type: ignore[misc]
            floor_took.append(_timed((bare, database), lambda floor=floor: _floor(floor)))  # type: ignore[misc]
            site.close()
            floor.close()
        author.close()
    title = f"pull, {database.name}"
    rates = [rows / wall for rows, wall, _, _ in ours_took]
    bare_rates = [rows / wall for rows, wall, _, _ in floor_took]
    ratio = median(a / b for a, b in zip(rates, bare_rates, strict=True))
    return [
        Figure(
            f"{title}: into a replica without search", median(rates), "rows/s", median(bare_rates), ratio, "≥ 0.5 x"
        ),
        Figure(f"{title}: CPU of all processes", _cpu_us(ours_took), "µs/row", _cpu_us(floor_took)),
        Figure(f"{title}: on the wire", _bytes(ours_took), "B/row", _bytes(floor_took)),
    ]


_Taken = tuple[int, float, float, int]
"""Rows, seconds, CPU seconds, bytes."""


def _another(author: Site, folder: Path) -> Site:
    """Return the files of the same site in another folder, new and empty: it only pulls."""
    site = Site(folder, MachineClock(), secrets)
    scopes = tuple(scope for scope in author.identity.scopes if scope == people.SCOPE)
    site.enrol(replace(author.identity, scopes=scopes), site.new_id())
    return site


def _pull(site: Site) -> tuple[int, int]:
    from agentdesk.sync.client import client_of

    counting = Counting()
    client = client_of(site, counting)
    rows = 0
    while True:
        answer = client.pull(dict(site.pull_cursors()), PAGE)
        for page in answer.pages:
            site.take_page(page)
            rows += page.size
        if not answer.more:
            client.close()
            return rows, counting.bytes


def _floor(site: FloorSite) -> tuple[int, int]:
    rows = 0
    while taken := site.pull(PAGE):
        rows += taken
    return rows, site.sent + site.received


def _timed(programs: tuple[Server, Database], work: Callable[[], tuple[int, int]]) -> _Taken:
    cpu, own, wall = sum(p.cpu() for p in programs), time.process_time(), time.perf_counter()
    rows, size = work()
    took, mine = time.perf_counter() - wall, time.process_time() - own
    return rows, took, mine + sum(p.cpu() for p in programs) - cpu, size


def _cpu_us(taken: list[_Taken]) -> float:
    return median(cpu / rows * 1e6 for rows, _, cpu, _ in taken)


def _bytes(taken: list[_Taken]) -> float:
    return median(size / rows for rows, _, _, size in taken)
