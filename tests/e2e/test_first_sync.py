"""A region's first sync over real lines, by real processes: whole or not seen, whatever dies on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.cutting import cut_logs
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.storage.opening import open_database
from agentdesk.domain.documents import Document
from agentdesk.sample import World
from tests.e2e.proxy import NarrowLine
from tests.e2e.world import PROGRAM, REGION, SCOPE, Branch, Centre, agentdesk
from tests.waiting import until

PEOPLE = 800


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A centre with more people than fit into one piece, and their snapshot ready."""
    made = Centre(tmp_path / "centre")
    made.sample = World(seed=7, size=PEOPLE, region=REGION, now_ms=int(time.time() * 1000))
    made.fill()
    prepare(made)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def line(centre: Centre) -> Iterator[NarrowLine]:
    made = NarrowLine(centre.port)
    yield made
    made.close()


def prepare(centre: Centre) -> dict[str, Any]:
    done = agentdesk("centre", "snapshot", "--database", centre.database, "--json")
    assert done.returncode == 0, done.stderr
    (manifest,) = json.loads(done.stdout)["snapshots"]
    found: dict[str, Any] = manifest
    return found


def enrolled(folder: Path, centre: Centre, line: NarrowLine) -> Branch:
    """Enrol a site while the line is down for anything but that, so that it has nothing yet."""
    line.breaks.insert(0, 0)
    done = agentdesk("site", "enrol", line.url, centre.code(), "--data", str(folder))
    assert "enrolled, but not yet synced" in done.stderr
    return Branch(folder, centre)


def documents(branch: Branch) -> int:
    """Return how many of the region's documents a desk sees."""
    site = branch.open()
    try:
        alias = site.files.attached.alias(SCOPE)
        sql = f"SELECT count(*) FROM {alias}.document WHERE scope = ?"
        return int(site.files.outbox.execute(sql, (SCOPE,)).fetchone()[0]) if alias else 0
    finally:
        site.close()


def at_centre(centre: Centre) -> int:
    return int(centre.ask("SELECT count(*) FROM document WHERE scope = ?", SCOPE)[0][0])


def part(branch: Branch) -> int:
    """Return how many bytes of the file are here."""
    path = branch.folder / "incoming" / "region-bj.part"
    return path.stat().st_size if path.exists() else 0


def test_it_goes_on_where_the_line_broke_and_a_spoilt_byte_is_fetched_again(
    centre: Centre, line: NarrowLine, tmp_path: Path
) -> None:
    size = prepare(centre)["size"]
    branch = enrolled(tmp_path / "hall", centre, line)
    line.breaks += [1, 20_000, 50_000]
    line.spoils += [30_000]
    tries = 0
    while (done := agentdesk("site", "sync", "--data", str(branch.folder))).returncode:
        assert documents(branch) == 0, done.stderr
        tries += 1
        assert tries < 30, done.stderr

    assert documents(branch) == at_centre(centre) > PEOPLE
    assert not line.breaks
    assert not line.spoils
    assert line.carried < 3 * size
    assert not (branch.folder / "incoming").exists()


def test_a_process_killed_in_the_middle_leaves_what_came_to_the_next_one(
    centre: Centre, line: NarrowLine, tmp_path: Path
) -> None:
    size = prepare(centre)["size"]
    branch = enrolled(tmp_path / "hall", centre, line)
    line.rate = 150_000
    before = line.carried
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.sync.worker", "sync", str(branch.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    try:
        # the second waits for the lease; which of them has it stands in its file
        until(lambda: part(branch) > 60_000, "something has come")
        holder = int((branch.folder / "sync.lock").read_text())
        os.kill(holder, signal.SIGKILL)
        assert documents(branch) == 0
        line.rate = 0
        until(lambda: documents(branch) == at_centre(centre), "the other one has taken over, and it is all here")
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert line.carried - before < size + 60_000, "nothing that had come was fetched again"


def test_a_site_that_was_away_for_long_keeps_what_it_has_until_all_that_is_new_is_here(
    centre: Centre, line: NarrowLine, tmp_path: Path
) -> None:
    branch = enrolled(tmp_path / "hall", centre, line)
    branch.sync()
    known = documents(branch)
    grow(centre)
    line.rate = 40_000
    worker = subprocess.Popen(
        [*PROGRAM, "site", "sync", "--data", str(branch.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    seen = set()
    while worker.poll() is None:
        seen.add((documents(branch), part(branch) > 0))
    _, problem = worker.communicate()

    assert worker.returncode == 0, problem
    assert (known, True) in seen, "the old one served while the new one came"
    assert {count for count, _ in seen} <= {known, at_centre(centre)}
    assert documents(branch) == at_centre(centre) == known + 1
    assert len(list(branch.folder.glob("replica-region-bj-*.db"))) == 1


def grow(centre: Centre) -> None:
    """Add a customer, prepare a snapshot, and cut all of the log that it stands in for."""
    one = centre.sample.customer(0)
    database = open_database(centre.database)
    try:
        bulk_load(database, REGION, [Document(SCOPE, "somebody-new", "customer", 0, one.data)])
        prepare(centre)
        for day in (1, 2):
            cut_logs(database, int(time.time() * 1000) + day * 86_400_000, horizon_ms=3_600_000)
    finally:
        database.close()
    assert centre.ask("SELECT floor = seq FROM scope WHERE scope = ?", SCOPE) == [(1,)]
