"""Many sites come back at once, each with operations of the working mix, beside the same storm on the bare floor.

A site that is told to come later does so, as the desk's sync would. A request is one answer: taken, or told to wait.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from agentdesk.catalogue import packaged
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.opening import open_database
from benchmarks import people
from benchmarks.databases import Database, databases
from benchmarks.floor_site import document
from benchmarks.measure import Figure, percentile
from benchmarks.processes import centre, module
from benchmarks.sealing import Sealer, enrol_many
from benchmarks.sync_world import make_world

SITES = 200
EACH = 100
ROUNDS = 3

Request = tuple[bytes, Callable[[bytes], dict[str, str]]]
"""A body with its headers."""


def run(folder: Path, urls: list[str]) -> list[Figure]:
    """Measure total time and the slowest requests on each database."""
    figures: list[Figure] = []
    for database in databases(folder, urls):
        with database:
            figures += _measure(folder / f"{database.name}-storm", database)
    return figures


def _measure(folder: Path, database: Database) -> list[Figure]:
    folder.mkdir(parents=True)
    each = EACH // people.GROUP * people.PROMISES
    world = make_world(folder, database.new("storm_centre"), SITES * each * ROUNDS)
    opened = open_database(world.database, folder / "centre.key")
    try:
        sites = enrol_many(Centre(opened), SITES)
    finally:
        opened.close()
    version = packaged().version
    sealers = [Sealer(site, version) for site in sites]
    walls: list[float] = []
    bare_walls: list[float] = []
    slowest: list[float] = []
    bare_slowest: list[float] = []
    again: list[float] = []
    with (
        centre(folder, world.database) as ours,
        module(folder, "floor_server", "--database", database.new("storm_floor")) as bare,
    ):
        for turn in range(ROUNDS):
            requests = []
            for n, sealer in enumerate(sealers):
                people.mix(sealer, sealer.make, (turn * SITES + n) * each, EACH, sealer.credit)
                requests.append((sealer.body(EACH), sealer.signed))
            took, times = asyncio.run(_post(ours.url + "/v1/push", requests))
            walls.append(took)
            slowest.append(percentile(times, 0.99) * 1000)
            again.append(len(times) / SITES)
            took, times = asyncio.run(_post(bare.url + "/push", [_floor(turn, n) for n in range(SITES)]))
            bare_walls.append(took)
            bare_slowest.append(percentile(times, 0.99) * 1000)
    title = f"{SITES} sites back with {EACH} operations each, {database.name}"
    ratio = median(a / b for a, b in zip(walls, bare_walls, strict=True))
    return [
        Figure(f"{title}: all", median(walls), "s", median(bare_walls), ratio, "≤ 2 x"),
        Figure(f"{title}: request p99", median(slowest), "ms", median(bare_slowest), None, "≤ 500 ms"),
        Figure(f"{title}: requests of a site", median(again), ""),
    ]


def _floor(turn: int, site: int) -> Request:
    first = turn * EACH + 1
    operations = [
        {"seq": n, "id": f"{site}-{n}", "doc": json.loads(document(n, f"{site}-{n}"))}
        for n in range(first, first + EACH)
    ]
    return json.dumps({"site": f"site-{site}", "operations": operations}).encode(), lambda _: {}


async def _post(url: str, requests: Sequence[Request]) -> tuple[float, list[float]]:
    """Post all requests at once, each on a connection of its own; return seconds of all, and of each."""
    answers: list[bytes] = []
    times: list[float] = []

    async def one(request: Request) -> None:
        while True:
            begun = time.perf_counter()
            answer, later_ms = await _exchange(url, request)
            times.append(time.perf_counter() - begun)
            if not later_ms:
                answers.append(answer)
                return
            await asyncio.sleep(later_ms / 1000)

    begun = time.perf_counter()
    await asyncio.gather(*map(one, requests))
    took = time.perf_counter() - begun
    for answer in answers:
        verdicts = {v["verdict"] for v in json.loads(answer).get("verdicts", ())}
        if not verdicts <= {"applied"}:
            raise RuntimeError(f"the benchmark's operations must all be applied, not {verdicts}")
    return took, times


async def _exchange(url: str, request: Request) -> tuple[bytes, int]:
    """Post one request and return the answer's body, and in how many ms to come again if it was not taken.

    A whole HTTP client would take longer than the centre does.
    """
    body, signed = request
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**24)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in signed(body).items()]
    writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
    head, _, answer = (await reader.read(-1)).partition(b"\r\n\r\n")
    writer.close()
    if b" 429 " in head[:16]:
        return answer, int(json.loads(answer)["error"]["retry_after_ms"])
    if b" 200 " not in head[:16]:
        raise RuntimeError(f"the server answered {head[:40]!r}: {answer[:300]!r}")
    return answer, 0
