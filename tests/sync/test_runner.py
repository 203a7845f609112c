"""Leases and threads: of all processes one syncs, and when it dies another does."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agentdesk.cli.machine import MachineClock
from agentdesk.store.errors import StoreError
from agentdesk.store.outbox import Waiting
from agentdesk.store.site import Site
from agentdesk.sync import runner
from agentdesk.sync.core import Pace
from agentdesk.sync.lease import Lease
from agentdesk.sync.runner import SyncThread, sync_once
from tests.domain.world import REGION
from tests.processes import Start, line, starting
from tests.store.world import OPENED, Centre, fill, identity, note
from tests.waiting import until

QUICK = Pace(poll_ms=50, first_retry_ms=50)


@pytest.fixture
def start(repository: Path) -> Iterator[Start]:
    with starting("tests.sync.worker", repository) as begin:
        yield begin


class WireCentre:
    """The centre in memory behind real HTTP; `asked` counts requests by the process that made them."""

    def __init__(self) -> None:
        self.known = Centre.of()
        self.lock = threading.Lock()
        self.asked = 0
        self.broken = False
        centre = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self._content())
                with centre.lock:
                    centre.asked += 1
                    answer = centre.answer(self.path, body)
                text = json.dumps(answer).encode()
                known = self.path in ("/v1/push", "/v1/pull")  # a centre from before there were greetings
                self.send_response(500 if centre.broken else 200 if known else 404)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def _content(self) -> bytes:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    import gzip

                    content = gzip.decompress(content)
                return content

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        now = time.time_ns() // 1_000_000
        if self.broken:
            return {}
        if path == "/v1/push":
            operations = tuple((head, salt, text) for head, salt, text in body["operations"])
            answers = self.known.push(Waiting(body["lineage"], body["after_seq"], body["after_hash"], operations))
            verdicts = [
                {"id": a.operation, "seq": a.seq, "verdict": a.verdict.value, "scope": a.scope, "change": a.change}
                for a in answers
            ]
            return {"epoch": "e1", "verdicts": verdicts, "last_seq": answers[-1].seq, "server_time": now}
        if path != "/v1/pull":
            return {}
        pages = [self._page(scope, cursor["seq"]) for scope, cursor in body["cursors"].items()]
        return {"pages": pages, "granted": [], "server_time": now}

    def _page(self, scope: str, seq: int) -> dict[str, Any]:
        if scope != REGION:
            return {"scope": scope, "epoch": "e1", "upto": seq, "hash": "h", "rows": []}
        page = self.known.page(seq)
        rows = [
            {
                "scope": d.scope,
                "id": d.id,
                "type": d.type,
                "rev": d.rev,
                "action": "put",
                "data": d.data,
                "revs": d.revs,
            }
            for d in (row.document for row in page.rows)
            if d is not None
        ]
        return {"scope": scope, "epoch": "e1", "upto": page.upto, "hash": page.digest, "rows": rows}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def centre() -> Iterator[WireCentre]:
    found = WireCentre()
    yield found
    found.close()


def opened(folder: Path) -> Site:
    return Site(folder, MachineClock(), secrets)


def enrolled(folder: Path, url: str) -> Site:
    site = opened(folder)
    OPENED.append(site)
    site.enrol(identity(url=url), "lineage-1")
    fill(site)
    return site


# the lease


def test_one_holds_the_lease_and_the_next_gets_it_when_it_is_given_back(tmp_path: Path) -> None:
    first, second = Lease(tmp_path), Lease(tmp_path)
    assert first.take()
    assert first.take()
    assert first.held
    assert not second.take()
    assert (tmp_path / "sync.lock").read_text() == str(os.getpid())
    first.give_back()
    assert not first.held
    assert second.take()
    assert not first.take()
    second.give_back()
    second.give_back()


def test_a_lease_dies_with_its_holder(tmp_path: Path, start: Start) -> None:
    holder, waiting = start("hold", tmp_path), Lease(tmp_path)
    assert line(holder) == "held"
    assert not waiting.take()
    next_one = start("hold", tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert line(next_one) == "held"
    assert (tmp_path / "sync.lock").read_text() == str(next_one.pid)
    assert not waiting.take()


def test_a_folder_that_is_gone_gives_no_lease(tmp_path: Path) -> None:
    assert not Lease(tmp_path / "gone").take()


# the thread


def test_a_thread_syncs_by_itself_and_says_when_something_came(tmp_path: Path, centre: WireCentre) -> None:
    site = enrolled(tmp_path, centre.url)
    changed = threading.Event()
    thread = SyncThread(tmp_path, lambda: opened(tmp_path), pace=QUICK, changed=changed.set)
    thread.start()
    try:
        until(lambda: site.line.state().online)
        assert changed.wait(60)
        changed.clear()
        site.commit(note("n1"))
        until(lambda: site.view.waiting_for(REGION, "n1") == 0)
        assert changed.wait(60)
        with pytest.raises(StoreError, match="another process"):
            sync_once(site)
    finally:
        thread.stop()
    assert [op.document for op in centre.known.taken] == ["n1"]
    assert sync_once(site) == (0, None)


def test_waking_a_thread_makes_it_look_at_once(tmp_path: Path, centre: WireCentre) -> None:
    enrolled(tmp_path, centre.url).close()
    thread = SyncThread(tmp_path, lambda: opened(tmp_path), pace=Pace(poll_ms=600_000))
    thread.start()
    try:
        until(lambda: centre.asked)
        for _ in range(3):
            asked = centre.asked
            thread.wake()
            until(lambda asked=asked: centre.asked > asked)  # type: ignore[misc]
    finally:
        thread.stop()


def test_what_another_process_commits_is_pushed_without_a_look(
    tmp_path: Path, centre: WireCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOOK_MS", 600_000)
    site = enrolled(tmp_path, centre.url)
    thread = SyncThread(tmp_path, lambda: opened(tmp_path), pace=Pace(poll_ms=600_000))
    thread.start()
    try:
        until(lambda: (tmp_path / "sync.bell").exists() and centre.asked)
        code = (
            "import secrets, sys; from pathlib import Path; from agentdesk.cli.machine import MachineClock;"
            "from agentdesk.store.site import Site; from tests.store.world import note;"
            "Site(Path(sys.argv[1]), MachineClock(), secrets).commit(note('n1'))"
        )
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
        until(lambda: site.outbox.waiting() == 0)
    finally:
        thread.stop()
    assert not (tmp_path / "sync.bell").exists()


def test_a_fault_of_the_folder_ends_no_thread(tmp_path: Path, centre: WireCentre) -> None:
    folder = tmp_path / "site"
    site = enrolled(folder, centre.url)
    tries: list[int] = []

    def open_site() -> Site:
        tries.append(1)
        if len(tries) < 3:
            raise StoreError("the disk is full")
        return opened(folder)

    thread = SyncThread(folder, open_site, pace=QUICK)
    thread.start()
    try:
        site.commit(note("n1"))
        thread.wake()
        until(lambda: site.outbox.waiting() == 0)
    finally:
        thread.stop()
    assert len(tries) == 3


def test_when_the_one_that_syncs_is_killed_another_takes_over(tmp_path: Path, centre: WireCentre, start: Start) -> None:
    site = enrolled(tmp_path, centre.url)
    workers = [start("sync", tmp_path) for _ in range(2)]
    assert [line(worker) for worker in workers] == ["started"] * 2

    def holder() -> int:
        return int((site.line.state().holder or "pid 0").removeprefix("pid "))

    until(lambda: site.line.state().online)
    for n in range(30):
        site.commit(note(f"a{n}"))
    until(lambda: site.outbox.waiting() == 0)
    first = next(worker for worker in workers if worker.pid == holder())
    for n in range(30):
        site.commit(note(f"b{n}"))
    first.send_signal(signal.SIGKILL)
    first.wait()
    for n in range(30):
        site.commit(note(f"c{n}"))
    until(lambda: site.outbox.waiting() == 0 and site.view.waiting_for(REGION, "c29") == 0)
    assert holder() in {worker.pid for worker in workers} - {first.pid}
    assert [op.seq for op in centre.known.taken] == list(range(1, 91))


def test_one_sync_says_what_is_left_and_why(tmp_path: Path, centre: WireCentre) -> None:
    site = enrolled(tmp_path, centre.url)
    site.commit(note("n1"))
    centre.broken = True
    waiting, problem = sync_once(site)
    assert (waiting, problem) == (1, "the centre answered 500")
    centre.broken = False
    steps: list[int] = []
    assert sync_once(site, stepped=lambda: steps.append(1)) == (0, None)
    assert len(steps) >= 3
    centre.close()
    waiting, problem = sync_once(site)
    assert problem is not None
    assert "can't be reached" in problem
