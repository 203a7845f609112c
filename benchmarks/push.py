"""Pushing batches of 500 over real HTTP into a centre of its own process, beside the bare floor.

A batch is read from the outbox, sent, ruled, committed at the centre, and its verdicts kept at the site, each with
`fsync`. What came back is pulled between two batches, untimed, as in a real sync.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from agentdesk.store.site import Site
from agentdesk.sync.client import CentreClient, client_of
from benchmarks import people
from benchmarks.databases import Database, databases
from benchmarks.floor_site import FloorSite
from benchmarks.measure import Figure
from benchmarks.processes import Server, centre, module
from benchmarks.sync_world import World, hasty, make_world, new_site, pull_all

BATCH = 500
ROUNDS = 20
MOST_BYTES = 900_000


@dataclass(slots=True)
class Spent:
    """What batches took: seconds of each, and CPU seconds and bytes of all."""

    walls: list[float]
    cpu: float = 0.0
    bytes: int = 0

    @property
    def rate(self) -> float:
        return BATCH / median(self.walls)

    @property
    def cpu_us(self) -> float:
        return self.cpu / (BATCH * len(self.walls)) * 1e6


class Counting(httpx.BaseTransport):
    """Counts the bytes of bodies on their way."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.bytes = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        self.bytes += int(request.headers.get("content-length", 0)) + int(response.headers.get("content-length", 0))
        return response

    def close(self) -> None:
        self._inner.close()


def run(folder: Path, urls: list[str]) -> list[Figure]:
    """Measure the working mix and notes alone on each database."""
    figures: list[Figure] = []
    for database in databases(folder, urls):
        with database:
            for name, aim in (("mix", 0.35), ("notes", 0.5)):
                figures += _measure(folder / f"{database.name}-{name}", database, name, aim)
    return figures


def _measure(folder: Path, database: Database, name: str, aim: float) -> list[Figure]:
    folder.mkdir(parents=True)
    count = BATCH * (ROUNDS + 1)
    world = make_world(folder, database.new(f"{name}_centre"), count // people.GROUP * people.PROMISES)
    with (
        centre(folder, world.database) as ours,
        module(folder, "floor_server", "--database", database.new(f"{name}_floor")) as bare,
    ):
        counting = Counting()
        site = filled(world, ours.url, "pusher", name, count)
        client = client_of(site, counting)
        floor = FloorSite(folder / "floor-site", bare.url, "floor")
        floor.write(count)
        pushed, floored = Spent([]), Spent([])
        for turn in range(ROUNDS + 1):
            sent = counting.bytes
            _spend(pushed, turn > 0, (ours, database), lambda: _push(site, client))
            pushed.bytes += counting.bytes - sent if turn else 0
            pull_all(site, client)
            sent = floor.sent + floor.received
            _spend(floored, turn > 0, (bare, database), lambda: floor.push(BATCH))
            floored.bytes += floor.sent + floor.received - sent if turn else 0
        floor.close()
        client.close()
        site.close()
    title = f"push {name}, {database.name}"
    ratio = median(b / a for a, b in zip(pushed.walls, floored.walls, strict=True))
    operations = BATCH * ROUNDS
    return [
        Figure(f"{title}: batches of {BATCH}", pushed.rate, "ops/s", floored.rate, ratio, f"≥ {aim} x"),
        Figure(f"{title}: CPU of all processes", pushed.cpu_us, "µs/op", floored.cpu_us, None, "≤ 120 µs"),
        Figure(f"{title}: on the wire", pushed.bytes / operations, "B/op", floored.bytes / operations),
    ]


def filled(world: World, url: str, name: str, what: str, count: int, first: int = 0) -> Site:
    """Return an enrolled site with so many operations in its outbox."""
    site = new_site(world, url, name)
    client = client_of(site)
    pull_all(site, client)
    client.close()
    with hasty(site) as make:
        if what == "mix":
            people.mix(site, make, first, count, site.allowances()["credit"].id)
        else:
            people.notes(site, make, first, count)
    return site


def _push(site: Site, client: CentreClient) -> None:
    batch = site.outbox.batch(BATCH, MOST_BYTES)
    assert batch is not None
    assert len(batch.operations) == BATCH
    answer = client.push(batch)
    taken = site.take_answers(batch.lineage, answer.answers, answer.epoch)
    verdicts = {one.verdict.value for one in answer.answers}
    if taken != BATCH or verdicts != {"applied"}:
        wrong = next((a for a in answer.answers if a.verdict.value != "applied"), None)
        raise RuntimeError(f"the benchmark's operations must all be applied, but: {wrong}")


def _spend(spent: Spent, count: bool, programs: tuple[Server, Database], work: Callable[[], object]) -> None:
    cpu, own, wall = sum(p.cpu() for p in programs), time.process_time(), time.perf_counter()
    work()
    took, mine = time.perf_counter() - wall, time.process_time() - own
    if count:
        spent.walls.append(took)
        spent.cpu += mine + sum(p.cpu() for p in programs) - cpu
