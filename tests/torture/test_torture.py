"""Desks and a centre under load, killed again and again: what a desk said was on disk is at the centre, once.

`make torture` kills 200 times on each database; here a short form runs. `TORTURE_KILLS` says how often.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agentdesk.centre.exposure import check_money
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.opening import open_database
from agentdesk.centre.storage.rows import Archived
from agentdesk.domain.operation import GENESIS, follows, read
from agentdesk.sample import World as Sample
from agentdesk.sync.runner import sync_once
from tests.e2e.world import PROGRAM, REGION, SCOPE, agentdesk
from tests.postgres import running
from tests.torture.keyed import enrol, is_encrypted, opened

KILLS = int(os.environ.get("TORTURE_KILLS", "6"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
DESKS = 2
"""Desks of each of two sites."""


@dataclass
class Running:
    """A process that is killed and started again; what it has said stays."""

    command: list[str]
    log: Path
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)
    readers: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("a") as log:
            process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.process = process
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        self.readers.append(reader)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith("\n"):  # the last one may be cut off by the kill
                self.said.append(line.rstrip("\n"))

    def kill(self) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for reader in self.readers:
            reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database that loses no commit."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'centre.db'}"
        return
    with running(durable=True) as server:
        yield server.create()


def test_what_was_on_disk_is_at_the_centre_once_however_often_all_are_killed(url: str, tmp_path: Path) -> None:
    dice = random.Random(SEED)
    key = tmp_path / "centre.key"
    sample = Sample(seed=7, size=60, region=REGION, now_ms=int(time.time() * 1000))
    database = open_database(url, key)
    for documents in (sample.agents(), sample.customers(), sample.work()):
        bulk_load(database, REGION, documents)
    database.close()
    keys = ["--key-file", str(key)] if url.startswith("postgresql") else []
    centre = Running([*PROGRAM, "serve", "--database", url, *keys, "--port", "0"], tmp_path / "log")
    port = _started(centre, tmp_path)
    centre.command[-1] = str(port)

    folders = [tmp_path / name for name in ("hall", "branch")]
    for folder in folders:
        code = agentdesk("site", "code", "--database", url, *keys, "--region", REGION, "--json")
        assert code.returncode == 0, code.stderr
        address = f"http://127.0.0.1:{port}"
        enrol(folder, address, json.loads(code.stdout)["code"])
        with contextlib.closing(opened(folder)) as site:
            assert sync_once(site) == (0, None)
    agents = [agent.id for agent in sample.agents()]
    desks = [
        Running(
            [sys.executable, "-m", "tests.torture.desk", str(folder), agents[n % len(agents)], str(n)],
            tmp_path / f"desk-{n}.log",
        )
        for n, folder in enumerate(folder for folder in folders for _ in range(DESKS))
    ]
    for desk in desks:
        desk.start()
    try:
        for _ in range(KILLS):
            _wait_for_work(desks)
            victim = dice.choice([centre, centre, *desks])
            time.sleep(dice.random() * 0.3)
            victim.kill()
            time.sleep(dice.random() * 0.2)
            victim.start()
        _wait_for_work(desks)
    finally:
        for desk in desks:
            desk.kill()
    centre.kill()
    assert _started(centre, tmp_path) == port

    try:
        promised = [line.split() for desk in desks for line in desk.said if line[:1].isdigit()]
        lineages = [_drained(folder) for folder in folders]
        assert all(map(is_encrypted, folders))
    finally:
        centre.kill()
    _check(url, key, promised, lineages)


def _started(centre: Running, folder: Path) -> int:
    """Start the centre and wait until it answers; returns its port."""
    said = len(centre.said)
    centre.start()
    until = time.monotonic() + 120
    while not any(line.startswith("centre ready") for line in centre.said[said:]):
        gone = centre.process is None or centre.process.poll() is not None
        if gone or time.monotonic() > until:
            pytest.fail((folder / "log").read_text()[-800:])
        time.sleep(0.02)
    ready = next(line for line in centre.said[said:] if line.startswith("centre ready"))
    return int(ready.rsplit(":", 1)[1])


def _wait_for_work(desks: list[Running]) -> None:
    """Wait until every desk has put something on disk since now."""
    before = [len(desk.said) for desk in desks]
    until = time.monotonic() + 120
    while any(len(desk.said) <= n for desk, n in zip(desks, before, strict=True)):
        assert time.monotonic() < until, [desk.log.read_text()[-400:] for desk in desks]
        time.sleep(0.01)


def _drained(folder: Path) -> tuple[str, int]:
    """Sync a site to the end; returns its lineage and how many operations it has, after checking its chain."""
    site = opened(folder)
    try:
        until = time.monotonic() + 120
        while sync_once(site) != (0, None):
            assert time.monotonic() < until, site.line.state()
            time.sleep(0.1)
        (lineage,) = site.lineages()
        rows = site.files.outbox.execute("SELECT head, salt, body FROM operation ORDER BY seq").fetchall()
        seq, previous = 0, GENESIS
        for row in rows:
            operation = read(*row)
            assert follows(operation, seq, previous)
            seq, previous = operation.seq, operation.hash
        assert seq == lineage.seq == lineage.answered
        return lineage.lineage, seq
    finally:
        site.close()


def _check_refused(archived: list[Archived]) -> None:
    """Only what the other site has withdrawn already may be refused."""
    withdrawn = [row for row in archived if row.kind == "commitment.withdrawn"]
    taken_back = {json.loads(row.head)["document"]: row.site for row in withdrawn if row.verdict != "refused"}
    refused = [(json.loads(row.head)["document"], row.site) for row in archived if row.verdict == "refused"]
    assert [(promise, site) for promise, site in refused if taken_back.get(promise, site) == site] == []


def _check(url: str, key: Path, promised: list[list[str]], lineages: list[tuple[str, int]]) -> None:
    def look(snapshot: Snapshot) -> None:
        archived: dict[str, Archived] = {}
        for site in snapshot.sites():
            for head in snapshot.lineages(site.id):
                assert (head.lineage, head.seq) in lineages
                rows = snapshot.archived(site.id, head.lineage, 1, head.seq)
                assert [row.seq for row in rows] == list(range(1, head.seq + 1))
                archived.update((row.id, row) for row in rows)
        assert len(archived) == sum(count for _, count in lineages), "no operation came in twice"
        ids = [words[0] for words in promised]
        assert len(ids) == len(set(ids))
        missing = [one for one in ids if one not in archived]
        assert missing == []
        # two sites that can't see each other may promise a customer the same: flagged, and honoured
        assert {row.verdict for row in archived.values()} <= {"applied", "merged", "flagged", "refused"}
        _check_refused(list(archived.values()))
        money = {}
        for line in snapshot.ledger(SCOPE):
            assert line.operation not in money, "no money twice"
            money[line.operation] = line.amount
        for one, amount in promised:
            if int(amount):
                assert money[one] == int(amount)
        assert check_money(snapshot) == []
        for scope in (SCOPE, "org", "catalogue"):
            assert snapshot.check_log(scope) == 0

    database = open_database(url, key)
    try:
        database.read(look).result()
    finally:
        database.close()
