"""From a key at one site to the other's view: durable at the site that writes, at the centre and at the one that sees.

Five processes: a centre or the bare floor, a site that writes and one that looks.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.databases import Database, databases
from benchmarks.measure import Figure, percentile
from benchmarks.processes import centre, module
from benchmarks.push import filled
from benchmarks.sync_world import make_world

HOPS = 60
PAUSE_S = 0.03

Site = subprocess.Popen[str]


def run(folder: Path, urls: list[str]) -> list[Figure]:
    """Measure p50 and p95 of the hop on each database."""
    figures: list[Figure] = []
    for database in databases(folder, urls):
        with database:
            figures += _measure(folder / f"{database.name}-live", database)
    return figures


def _measure(folder: Path, database: Database) -> list[Figure]:
    folder.mkdir(parents=True)
    world = make_world(folder, database.new("live_centre"), 10, sites=2)
    with (
        centre(folder, world.database) as ours,
        module(folder, "floor_server", "--database", database.new("live_floor")) as bare,
    ):
        for name in ("a", "b"):
            filled(world, ours.url, name, "notes", 0).close()
        with (
            _site("write", folder / "a") as writer,
            _site("read", folder / "b") as reader,
            _site("write-bare", folder / "bare-a", bare.url) as bare_writer,
            _site("read-bare", folder / "bare-b", bare.url) as bare_reader,
        ):
            times: list[float] = []
            bare_times: list[float] = []
            for _ in range(HOPS + 3):
                times.append(_hop(writer, reader))
                bare_times.append(_hop(bare_writer, bare_reader))
    del times[:3], bare_times[:3]
    title = f"written at A, seen at B, {database.name}"
    middle, bare_middle = percentile(times, 0.5), percentile(bare_times, 0.5)
    slow, bare_slow = percentile(times, 0.95), percentile(bare_times, 0.95)
    return [
        Figure(f"{title}: p50", middle, "ms", bare_middle, middle / bare_middle, "≤ 12 ms"),
        Figure(f"{title}: p95", slow, "ms", bare_slow, slow / bare_slow),
    ]


def _hop(writer: Site, reader: Site) -> float:
    """Let one write and return how many ms later the other saw it."""
    time.sleep(PAUSE_S)
    assert writer.stdin is not None
    writer.stdin.write("\n")
    writer.stdin.flush()
    begun = _line(writer)
    return (_line(reader) - begun) * 1000


def _line(site: Site) -> float:
    assert site.stdout is not None
    return float(site.stdout.readline())


@contextmanager
def _site(what: str, folder: Path, *more: str) -> Iterator[Site]:
    command = [sys.executable, "-m", "benchmarks.live_site", what, str(folder), *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
