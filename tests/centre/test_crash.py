"""A centre that dies in the middle of a batch: all of it or nothing, and the site's resend makes it whole."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from agentdesk.centre.storage.opening import KEY
from agentdesk.protocol.messages import PushAnswer
from tests.centre.conftest import DRIVERS
from tests.centre.kit import SCOPE, Site, World, build_world
from tests.postgres import Server

SERVE = """
import os, signal, sys
from pathlib import Path
from agentdesk.centre.serving import serve

def dies(*_arguments, **_names):
    os.kill(os.getpid(), signal.SIGKILL)

database, key, step = sys.argv[1:]
if step == "answer":
    import agentdesk.centre.routes
    agentdesk.centre.routes._push_text = dies
elif step:
    from agentdesk.centre.storage.postgres.transaction import PostgresTransaction
    from agentdesk.centre.storage.writes import SqlTransaction
    for kind in (SqlTransaction, PostgresTransaction):
        setattr(kind, step, dies)
serve(port=0, database_url=database, key=Path(key))
"""
STEPS = ["put", "append", "move_lineage", "answer"]


@contextmanager
def process(url: str, folder: Path, step: str = "") -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """Run a centre in a process of its own, that dies at a step; gives it and a client."""
    command = [sys.executable, "-c", SERVE, url, str(folder / KEY), step]
    with (
        open(folder / "log", "a") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as child,
    ):
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert line.startswith("centre ready on http://"), (folder / "log").read_text()
            with httpx.Client(base_url=line.split()[-1], timeout=30) as client:
                yield child, client
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                assert child.wait(120) == 0
        finally:
            child.kill()


def send(client: httpx.Client, site: Site) -> PushAnswer:
    answer = client.post("/v1/push", auth=site.auth, content=site.request().model_dump_json())
    assert answer.status_code == 200, answer.text
    return PushAnswer.model_validate_json(answer.content)


@pytest.fixture(params=DRIVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database in which a commit is on disk."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'centre.db'}"
    server: Server = request.getfixturevalue("durable_postgres")
    return server.create()


@pytest.fixture
def site(tmp_path: Path, url: str) -> Site:
    """A site of a world on disk whose centre isn't running here."""
    world = build_world(tmp_path, url=url)
    made = world.site()
    world.centre.database.close()
    return made


def reopened(site: Site, folder: Path) -> World:
    from agentdesk.centre.service import Centre
    from agentdesk.centre.storage.opening import open_database

    url = site.world.url
    return World(Centre(open_database(url, folder / KEY), site.world.means), site.world.clock, url)


@pytest.mark.parametrize("step", STEPS)
def test_a_batch_is_all_there_or_not_at_all(tmp_path: Path, site: Site, step: str) -> None:
    for _ in range(20):
        site.whole_call(1)
    with process(site.world.url, tmp_path, step) as (child, client):
        with pytest.raises(httpx.TransportError):
            send(client, site)
        assert child.wait(120) == -signal.SIGKILL
    site.world = world = reopened(site, tmp_path)
    head = world.centre.database.write(lambda tx: tx.lock_lineage(site.id, site.lineage)).result()
    ledger = world.centre.database.read(lambda s: s.ledger(SCOPE)).result()
    done = len(site.made) if step == "answer" else 0
    assert (head.seq if head else 0, len(ledger)) == (done, 20 if done else 0)

    first, second = site.push(), site.push()
    assert first.verdicts == second.verdicts
    assert first.last_seq == len(site.made)
    assert len(world.centre.database.read(lambda s: s.ledger(SCOPE)).result()) == 20
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0
    world.centre.database.close()


def test_kills_at_any_moment_lose_and_double_nothing(tmp_path: Path, site: Site) -> None:
    """Batches under way while the process is killed; what was answered is there, everything is once."""
    dice = random.Random(7)
    acknowledged = 0
    for _ in range(3):
        with process(site.world.url, tmp_path) as (child, client):
            alive = dice.randint(1, 6)
            try:
                for number in range(40):
                    for _ in range(dice.randint(1, 60)):
                        site.note()
                    if number == alive:
                        threading.Timer(dice.random() * 0.05, child.kill).start()
                    last = site.made[-1].seq
                    assert send_rest(client, site, acknowledged) == last
                    acknowledged = last
            except httpx.TransportError:
                child.wait(120)
    site.world = world = reopened(site, tmp_path)
    for start in range(0, len(site.made), 500):
        taken = site.push(site.made[start : start + 500])
        assert taken.last_seq >= acknowledged
    notes = world.documents(SCOPE, *(o.document for o in site.made))
    receipts = world.centre.database.read(lambda s: s.receipts_at(site.id, site.lineage, 1, 10**6)).result()
    world.centre.database.close()
    assert len(notes) == len(site.made) == len(receipts)
    assert {r.verdict for r in receipts} == {"applied"}
    assert len({r.change for r in receipts}) == len(receipts)


def send_rest(client: httpx.Client, site: Site, done: int) -> int:
    """Push what comes after the `done`th operation; returns the last one that the centre has."""
    request = site.request(site.made[done:])
    answer = client.post("/v1/push", auth=site.auth, content=request.model_dump_json())
    assert answer.status_code == 200, answer.text
    return int(json.loads(answer.content)["last_seq"])


def test_a_centre_stops_in_order_and_takes_its_ready_file_with_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    code = (
        "import sys; from pathlib import Path; from agentdesk.centre.serving import serve; "
        "serve(port=0, database_url=sys.argv[1], ready_file=Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'new.db'}", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        said = json.loads(ready.read_text())
        assert (line.split()[-1], child.pid) == (said["url"], said["pid"])
        assert httpx.get(f"{said['url']}/healthz").status_code == 200
        child.send_signal(signal.SIGINT)
        assert child.wait(120) == 0
    assert not ready.exists()


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    import socket

    from agentdesk.centre.serving import ServeError, serve

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServeError, match="another --host or --port"):
        serve(port=taken.getsockname()[1], database_url=f"sqlite:///{tmp_path / 'c.db'}")
