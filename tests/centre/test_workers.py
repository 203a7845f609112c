"""Several processes that serve one centre: what one writer makes true by itself holds for them together, and one that
is killed loses nothing that was acknowledged.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentdesk.centre.authors import set_agents
from agentdesk.centre.exposure import check_money
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.storage.opening import KEY
from agentdesk.centre.workers import Worker
from agentdesk.domain.operation import Operation
from tests.centre.kit import REGION, SCOPE, Site, World, build_world, customer
from tests.postgres import Server

WAIT_S = 120.0
SITES = 3
ROUNDS = 40
EACH = 3
"""Customers of one round."""


def machine_ms() -> int:
    return time.time_ns() // 1_000_000


def children(pid: int) -> set[int]:
    """Return the processes that a process started."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


@contextmanager
def serving(url: str, folder: Path, *more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `agentdesk serve` over a database until the end of the block; yields its address and its process."""
    command = [sys.executable, "-P", "-m", "agentdesk", "serve", "--database", url, "--key-file", str(folder / KEY)]
    with (
        (folder / "log").open("a") as log,
        subprocess.Popen([*command, "--port", "0", *more], stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("centre ready on "), (folder / "log").read_text()
            yield line.split()[-1], process
        finally:
            process.kill()


def push(client: httpx.Client, site: Site, done: int, until: float) -> dict[str, Any]:
    """Push what comes after the `done`th operation, again until it is answered; returns the answer."""
    request = site.request(site.made[done:]).model_dump_json()
    while True:
        try:
            answer = client.post("/v1/push", auth=site.auth, content=request)
            if answer.status_code == 200:
                return dict(json.loads(answer.content))
            assert answer.status_code == 503, answer.text
        except httpx.TransportError:
            pass
        assert time.monotonic() < until
        time.sleep(0.05)


def test_workers_that_are_killed_are_replaced_and_nothing_is_lost_or_doubled(
    durable_postgres: Server, tmp_path: Path
) -> None:
    url, ready = durable_postgres.create(), tmp_path / "ready.json"
    world = build_world(tmp_path, url=url)
    sites = [world.site(f"s{n}") for n in range(SITES)]
    stop, failed = threading.Event(), list[BaseException]()

    def work(site: Site) -> None:
        acknowledged = 0
        try:
            with httpx.Client(base_url=address, timeout=60) as client:
                while not stop.is_set():
                    for _ in range(20):
                        site.note()
                    acknowledged = push(client, site, acknowledged, time.monotonic() + WAIT_S)["last_seq"]
                    assert acknowledged == len(site.made)
        except BaseException as error:
            failed.append(error)

    with serving(url, tmp_path, "--workers", "2", "--ready-file", str(ready)) as (address, parent):
        try:
            assert json.loads(ready.read_text()) == {"url": address, "pid": parent.pid}
            pushing = [threading.Thread(target=work, args=[site]) for site in sites]
            for thread in pushing:
                thread.start()
            for _ in range(3):
                before = children(parent.pid)
                assert len(before) == 2
                time.sleep(random.random() * 0.3)
                victim = random.choice(sorted(before))
                os.kill(victim, signal.SIGKILL)
                until = time.monotonic() + WAIT_S
                while victim in children(parent.pid) or len(children(parent.pid)) < 2:
                    assert time.monotonic() < until
                    time.sleep(0.05)
            stop.set()
            for thread in pushing:
                thread.join(WAIT_S)
            left = children(parent.pid)
            parent.send_signal(signal.SIGTERM)
            assert parent.wait(WAIT_S) == 0
        finally:
            stop.set()
    assert not failed
    assert not ready.exists()
    assert not [pid for pid in left if Path(f"/proc/{pid}").exists()]
    for site in sites:
        receipts = world.centre.database.read(lambda s, x=site: s.receipts_at(x.id, x.lineage, 1, 10**6)).result()  # type: ignore[misc]
        assert [r.id for r in receipts] == [o.id for o in site.made]
        assert {r.verdict for r in receipts} == {"applied"}
    notes = world.documents(SCOPE, *(o.document for site in sites for o in site.made))
    assert len(notes) == sum(len(site.made) for site in sites)
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0
    world.centre.database.close()


# ---------------------------------------------------------------- promises that collide


def call(site: Site, number: int, agent: str) -> Operation:
    """Make a call with a promise that may be made once in a cycle; little of the site's lease goes with each."""
    contact = site.contact(number)
    site.verify(contact, number)
    promise = site.promise(contact, number, amount=1_000, actor=agent)
    site.spoken(promise)
    return promise


def test_a_worker_that_dies_before_it_was_told_anything_is_one_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def killed_at_once(command: list[str], **how: Any) -> subprocess.Popen[str]:
        process = start(command, **how)
        process.kill()
        process.wait()
        return process

    monkeypatch.setattr(subprocess, "Popen", killed_at_once)
    with socket.socket() as listening:
        worker = Worker(listening, json.dumps({"database": "x" * 100_000}))
        assert worker.process.poll() == -signal.SIGKILL
        worker.end()
        worker.wait(time.monotonic())


def test_of_promises_that_collide_in_two_processes_exactly_one_is_unflagged(postgres: Server, tmp_path: Path) -> None:
    """Two servers over one database, and two sites that promise the same customers the same at the same moment."""
    world = build_world(tmp_path, url=postgres.create())
    world.clock.now = machine_ms()
    sites = [world.site("one"), world.site("two")]
    numbers = range(100, 100 + ROUNDS * EACH)
    bulk_load(world.centre.database, REGION, [customer(n) for n in numbers], means=world.means)
    # each may promise only so much in a day
    agents = [f"a-{n}-{site.id}" for n in numbers for site in sites]
    rows = [{"id": one, "name": f"员工{one}", "role": "agent", "place": "org"} for one in agents]
    world.centre.database.write(lambda tx: set_agents(tx, world.means, rows)).result()

    promised: dict[str, int] = {}
    verdicts: dict[int, list[str]] = {n: [] for n in numbers}
    start = threading.Barrier(len(sites))

    def work(site: Site, address: str, batches: list[list[Operation]]) -> None:
        try:
            with httpx.Client(base_url=address, timeout=60) as client:
                for batch in batches:
                    done = batch[0].seq - 1
                    site.made = [*site.made[:done], *batch]
                    site.clock.now = machine_ms()
                    start.wait(WAIT_S)
                    for verdict in push(client, site, done, time.monotonic() + WAIT_S)["verdicts"]:
                        if verdict["id"] in promised:
                            verdicts[promised[verdict["id"]]].append(verdict["verdict"])
        except BaseException:
            start.abort()
            raise

    batches: list[list[list[Operation]]] = [[], []]
    for first in numbers[::EACH]:
        for site, made in zip(sites, batches, strict=True):
            done = len(site.made)
            # in opposite orders: whoever locked customers as they come would wait for the other one for ever
            for number in sorted(range(first, first + EACH), reverse=site is sites[1]):
                promised[call(site, number, f"a-{number}-{site.id}").id] = number
            made.append(site.made[done:])
    with serving(world.url, tmp_path) as (one, first_server), serving(world.url, tmp_path) as (two, second_server):
        assert first_server.pid != second_server.pid
        with ThreadPoolExecutor(len(sites)) as pool:
            for future in [pool.submit(work, *these) for these in zip(sites, (one, two), batches, strict=True)]:
                future.result(ROUNDS * WAIT_S)
    check(world, promised, verdicts)


def check(world: World, promised: dict[str, int], verdicts: dict[int, list[str]]) -> None:
    """Of each customer's two promises one is as it should be; the other is marked, and honoured as well."""
    assert {tuple(sorted(found)) for found in verdicts.values()} == {("applied", "flagged")}
    database = world.centre.database
    booked = {line.operation for line in database.read(lambda s: s.ledger(SCOPE)).result()}
    assert booked == set(promised)
    assert database.read(check_money).result() == []
    assert database.read(lambda s: s.check_log(SCOPE)).result() == 0
    database.close()
