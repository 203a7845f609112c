"""Pushing with little and with much behind it: the rate must not depend on what has happened before.

The history is made of a real one: operations of the working mix are pushed, then copied in the database to other
lineages, documents and customers, each copy some days earlier, until there are enough.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from agentdesk.catalogue import packaged
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.opening import open_database
from agentdesk.protocol.messages import EnrolAnswer
from benchmarks import people
from benchmarks.measure import Figure
from benchmarks.processes import Server, centre
from benchmarks.sealing import Sealer, enrol_many
from benchmarks.sync_world import make_world

BASE = 10_000
BATCH = 500
ROUNDS = 16
DAY_MS = 86_400_000

_COPIED: Mapping[str, Mapping[str, str]] = {
    "archive": {
        "lineage": "lineage || '-' || :n",
        "id": "id || '-' || :n",
        "received_at": "received_at - 2 * :n * :day",
        "made_at": "made_at - 2 * :n * :day",
    },
    "receipt": {"lineage": "lineage || '-' || :n", "id": "id || '-' || :n"},
    "ledger": {
        "lineage": "lineage || '-' || :n",
        "operation": "operation || '-' || :n",
        "customer": "customer || '-' || :n",
        "commitment": "commitment || '-' || :n",
        "at": "at - 2 * :n * :day",
    },
    "lineage": {"lineage": "lineage || '-' || :n"},
    "document": {
        "id": "id || '-' || :n",
        "rev": "rev + :n * :span",
        "customer": "customer || '-' || :n",
        "due": "due - 2 * :n * :day",
        "at": "at - 2 * :n * :day",
        "ref": "ref || '-' || :n",
    },
    "scope_log": {"seq": "seq + :n * :span", "rev": "rev + :n * :span", "document": "document || '-' || :n"},
}
"""The tables that are copied, and what is another in each copy."""

_WHICH = {
    "document": "type IN ('contact', 'note', 'commitment', 'ticket')",
    "scope_log": f"scope = '{people.SCOPE}' AND seq > :first",
    "archive": "site = :site",
    "receipt": "site = :site",
    "lineage": "site = :site",
    "ledger": "site = :site",
}


def run(folder: Path, operations: int) -> list[Figure]:
    """Measure the rate with 10,000 operations behind it, and with so many, in turn; SQLite."""
    small, large = _world(folder / "small", 0), _world(folder / "large", operations // BASE - 1)
    with centre(folder / "small", small.database) as few, centre(folder / "large", large.database) as many:
        walls: list[float] = []
        large_walls: list[float] = []
        cpu = large_cpu = 0.0
        for turn in range(ROUNDS + 2):
            took, used = small.push(few)
            much_took, much_used = large.push(many)
            if turn >= 2:
                walls.append(took)
                large_walls.append(much_took)
                cpu += used
                large_cpu += much_used
    count = BATCH * ROUNDS
    title = f"push with {operations:,} operations behind it, and with {BASE:,}"
    ratio = median(a / b for a, b in zip(walls, large_walls, strict=True))
    return [
        Figure(f"{title}: rate", BATCH / median(large_walls), "ops/s", BATCH / median(walls), ratio, "≥ 0.8 x"),
        Figure(f"{title}: CPU of the centre", large_cpu / count * 1e6, "µs/op", cpu / count * 1e6, large_cpu / cpu),
    ]


@dataclass
class _World:
    """A centre's database with a history, and a site that pushes on."""

    database: str
    sealer: Sealer
    turn: int = 0

    def push(self, server: Server) -> tuple[float, float]:
        """Push one batch; return its seconds, and the CPU seconds of the centre."""
        who = people.PROMISES * (BASE + self.turn * BATCH) // people.GROUP
        self.turn += 1
        people.mix(self.sealer, self.sealer.make, who, BATCH, self.sealer.credit)
        body = self.sealer.body(BATCH)
        cpu, begun = server.cpu(), time.perf_counter()
        response = httpx.post(f"{server.url}/v1/push", content=body, auth=self.sealer.auth, timeout=120)
        took, used = time.perf_counter() - begun, server.cpu() - cpu
        response.raise_for_status()
        verdicts = {v["verdict"] for v in response.json()["verdicts"]}
        if verdicts != {"applied"}:
            raise RuntimeError(f"the benchmark's operations must all be applied, not {verdicts}")
        return took, used


def _world(folder: Path, copies: int) -> _World:
    folder.mkdir(parents=True)
    each = people.PROMISES * BATCH // people.GROUP
    path = folder / "centre.db"
    world = make_world(folder, f"sqlite:///{path}", BASE // people.GROUP * people.PROMISES + each * (ROUNDS + 2))
    opened = open_database(world.database)
    try:
        app = Centre(opened)
        old, new = enrol_many(app, 2)
        version = packaged().version
        before = opened.read(lambda s: s.scopes([people.SCOPE])).result()[people.SCOPE].seq
        author = Sealer(old, version)
        people.mix(author, author.make, 0, BASE, author.credit)
    finally:
        opened.close()
    with centre(folder, world.database) as server:
        while author.made:
            body = author.body(BATCH)
            httpx.post(f"{server.url}/v1/push", content=body, auth=author.auth, timeout=120).raise_for_status()
    if copies:
        _multiply(path, old, before, copies)
    return _World(world.database, Sealer(new, version))


def _multiply(path: Path, site: EnrolAnswer, first: int, copies: int) -> None:
    """Copy what one site's operations left so often, each copy under other names and some days earlier."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -262144")
    (last,) = connection.execute("SELECT seq FROM scope WHERE scope = ?", (people.SCOPE,)).fetchone()
    selects = []
    for table, others in _COPIED.items():
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(others.get(name, f'"{name}"') for name in names)
        connection.execute(f"CREATE TEMP TABLE base_{table} AS SELECT * FROM {table} WHERE {_WHICH[table]}", {
            "site": site.site, "first": first,
        })  # fmt: skip
        selects.append(f"INSERT INTO {table} ({columns}) SELECT {values} FROM base_{table}")
    for n in range(1, copies + 1):
        connection.execute("BEGIN")
        for select in selects:
            connection.execute(select, {"n": n, "day": DAY_MS, "span": last - first})
        connection.execute("COMMIT")
    connection.execute("UPDATE scope SET seq = seq + ? WHERE scope = ?", ((last - first) * copies, people.SCOPE))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
