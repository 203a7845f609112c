"""Several processes that serve one centre: one that is killed loses nothing that was acknowledged."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

from agentdesk.centre.storage.opening import KEY
from tests.centre.kit import SCOPE, Site, build_world
from tests.postgres import Server

WAIT_S = 120.0
SITES = 3


def children(pid: int) -> set[int]:
    """Return the processes that a process started."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def push(client: httpx.Client, site: Site, done: int, until: float) -> int:
    """Push what comes after the `done`th operation, again until it is answered; returns the last one there."""
    request = site.request(site.made[done:]).model_dump_json()
    while True:
        try:
            answer = client.post(
                "/v1/push", headers={"authorization": f"Bearer {site.enrolled.token}"}, content=request
            )
            if answer.status_code == 200:
                return int(json.loads(answer.content)["last_seq"])
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
    command = [sys.executable, "-P", "-m", "agentdesk", "serve", "--database", url, "--key-file", str(tmp_path / KEY)]
    command += ["--workers", "2", "--port", "0", "--ready-file", str(ready)]
    stop, failed = threading.Event(), list[BaseException]()

    def work(site: Site) -> None:
        acknowledged = 0
        try:
            with httpx.Client(base_url=address, timeout=60) as client:
                while not stop.is_set():
                    for _ in range(20):
                        site.note()
                    acknowledged = push(client, site, acknowledged, time.monotonic() + WAIT_S)
                    assert acknowledged == len(site.made)
        except BaseException as error:
            failed.append(error)

    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as parent,
    ):
        assert parent.stdout is not None
        try:
            line = parent.stdout.readline()
            assert line.startswith("centre ready on "), (tmp_path / "log").read_text()
            address = line.split()[-1]
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
            parent.kill()
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
