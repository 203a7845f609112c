"""The desk in a real terminal with a large replica on disk, beside an empty Textual application: frame, keys, rings.

A key's time runs until the last byte that was drawn for it. Memory and idle CPU are those of the process, without
its centre; there is none, so that the line is down all the while.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.numbers import display
from benchmarks import desk_sync, first_frame
from benchmarks.databases import databases
from benchmarks.measure import Figure, percentile
from benchmarks.processes import cpu_of
from benchmarks.terminal import DOWN, ESCAPE, UP, Drawn, Terminal
from benchmarks.world import AGENT, REGION, make_site

MARK, EMPTY_MARK = "my open work", "EMPTY-APP-READY"
EMPTY = Path(__file__).with_name("empty_app.py")
ROW_KEYS, SWITCHES, RINGS = 200, 20, 100
IDLE_S = 20.0
AFTER_RING_S = 0.1


def run(folder: Path, customers: int) -> list[Figure]:
    """Measure all of it over one site."""
    data = folder / "site"
    site = make_site(data, customers)
    people = _people(site.view.document, customers)
    site.close()
    ours = [sys.executable, "-m", "agentdesk", "desk", "--data", str(data), "--agent", AGENT, "--language", "en"]
    door = folder / "door"
    bare = [sys.executable, str(EMPTY), "--door", str(door)]
    figures = first_frame.measure(ours, MARK, bare, EMPTY_MARK)
    with Terminal(ours) as desk, Terminal(bare) as empty:
        desk.until(MARK, desk.begun)
        empty.until(EMPTY_MARK, empty.begun)
        hook = _hook(data)
        desk.settle(1.0)
        empty.settle(1.0)
        figures += _idle(desk, empty)
        figures += _rings(desk, hook, people, empty, int(door.read_text()))
        figures += _switches(desk, empty)
        figures += _rows(desk, empty)
        figures.append(_memory(desk, empty))
    for database in databases(folder, ["sqlite"]):
        with database:
            figures += desk_sync.run(folder / "sync", database)
    return [*figures, *_helps()]


def _people(find: Callable[[str, str], Document | None], customers: int) -> list[str]:
    """Return the numbers of customers from everywhere in the world: nothing of them was read before."""
    from agentdesk.sample import World

    world = World(seed=1, size=customers, region=REGION, now_ms=int(time.time() * 1000))
    found: list[str] = []
    for n in range(RINGS):
        document = world.customer(n * customers // RINGS)
        assert find(document.scope, document.id) is not None
        found.append(document.data["subscriptions"][0]["number"])
    return found


# ring to painted card


class _Door:
    """The desk's loopback door."""

    def __init__(self, note: dict[str, str]) -> None:
        self._where = urlsplit(note["url"]).netloc
        self._headers = {"Authorization": f"Bearer {note['token']}", "Content-Type": "application/json"}

    def post(self, path: str, body: dict[str, str]) -> dict[str, str]:
        connection = http.client.HTTPConnection(self._where, timeout=30)
        try:
            connection.request("POST", path, json.dumps(body), self._headers)
            answer = connection.getresponse()
            said: dict[str, str] = json.loads(answer.read())
            if answer.status >= 300:
                raise RuntimeError(f"the desk's door said {answer.status}: {said}")
            return said
        finally:
            connection.close()


def _hook(data: Path) -> _Door:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for file in (data / "hooks").glob("desk-*.json"):
            return _Door(json.loads(file.read_text()))
        time.sleep(0.05)
    raise RuntimeError("the desk opened no door to ring at")


def _rings(desk: Terminal, hook: _Door, people: list[str], empty: Terminal, port: int) -> list[Figure]:
    ours, bare = [], []
    for n, number in enumerate(people):
        desk.settle()
        begun = time.perf_counter()
        call = hook.post("/calls", {"number": number})["call_id"]
        ours.append(desk.until(display(number), begun) * 1000)
        time.sleep(AFTER_RING_S)
        hook.post(f"/calls/{call}/abandoned", {})
        desk.settle()
        begun = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"it rings: {n:04}\n".encode())
            bare.append(empty.until(f"{n:04}", begun) * 1000)
    slow, bare_slow = percentile(ours, 0.99), percentile(bare, 0.99)
    middle, bare_middle = median(ours), median(bare)
    return [
        Figure("ring to painted card: median", middle, "ms", bare_middle, middle / bare_middle),
        Figure("ring to painted card: p99", slow, "ms", bare_slow, slow / bare_slow, "≤ 50 ms"),
    ]


# keys


def _switches(desk: Terminal, empty: Terminal) -> list[Figure]:
    ours, bare = _there_and_back(desk), _there_and_back(empty)
    slow, bare_slow = percentile(ours, 0.95), percentile(bare, 0.95)
    return [Figure("screen switch: p95", slow, "ms", bare_slow, slow / bare_slow, "≤ 60 ms")]


def _there_and_back(terminal: Terminal) -> list[float]:
    taken = []
    for _ in range(SWITCHES):
        taken.append(terminal.key("l").ms)
        terminal.key(ESCAPE)
    return taken


def _rows(desk: Terminal, empty: Terminal) -> list[Figure]:
    desk.key("l")
    empty.key("l")
    ours, bare = _move(desk), _move(empty)
    middle, bare_middle = median(d.ms for d in ours), median(d.ms for d in bare)
    slow, bare_slow = percentile([d.ms for d in ours], 0.95), percentile([d.ms for d in bare], 0.95)
    size, bare_size = percentile([d.size for d in ours], 0.95), percentile([d.size for d in bare], 0.95)
    return [
        Figure("row key: median", middle, "ms", bare_middle, middle / bare_middle, "≤ 6 ms"),
        Figure("row key: p95", slow, "ms", bare_slow, slow / bare_slow, "≤ 20 ms"),
        Figure("row key: drawn, p95", size, "B", bare_size, size / bare_size, "≤ 2,048 B"),
    ]


def _move(terminal: Terminal) -> list[Drawn]:
    return [terminal.key(DOWN if n // 8 % 2 == 0 else UP) for n in range(ROW_KEYS)]


# standing still


def _idle(desk: Terminal, empty: Terminal) -> list[Figure]:
    before = cpu_of(desk.pid), cpu_of(empty.pid)
    begun = time.monotonic()
    while (left := begun + IDLE_S - time.monotonic()) > 0:
        desk.settle(min(0.1, left))
        time.sleep(min(0.2, max(0.0, left)))
        empty.settle(0.01)
    took = time.monotonic() - begun
    ours, bare = (100 * (cpu_of(t.pid) - was) / took for t, was in zip((desk, empty), before, strict=True))
    return [Figure("idle: CPU of one core", ours, "%", bare, None, "≤ 1 %")]


def _memory(desk: Terminal, empty: Terminal) -> Figure:
    ours, bare = _rss_mb(desk.pid), _rss_mb(empty.pid)
    return Figure("memory after a hundred calls", ours, "MB", bare, None, f"≤ {bare + 75:.0f} MB")


def _rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


# the command line


def _helps() -> list[Figure]:
    from agentdesk.cli.program import COMMANDS

    floor = median(_run([sys.executable, "-c", "pass"]) for _ in range(5))
    taken = {
        c.name: median(_run([sys.executable, "-m", "agentdesk", c.name, "--help"]) for _ in range(3)) for c in COMMANDS
    }
    name = max(taken, key=lambda command: taken[command])
    return [Figure(f"--help, slowest ({name})", taken[name], "ms", floor, taken[name] / floor, "≤ 120 ms")]


def _run(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begun) * 1000
