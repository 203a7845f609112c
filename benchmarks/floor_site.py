"""The bare site: an outbox and a replica, each durable, over httpx."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

SIZE = 500
"""Bytes of a document, about."""

_Rows = list[tuple[int, str, str]]


def document(number: int, name: str) -> str:
    """Return a document as JSON text of about SIZE bytes."""
    made = {
        "_id": name,
        "type": "note",
        "customer": f"c-{number:07d}",
        "by": "agent-0001",
        "state": "open",
        "at": 1_790_000_000_000 + number,
        "tags": ["billing", "arrears", "call"],
        "text": f"{number:08d} " + "the customer asked why the line was stopped and was told how to pay; " * 5,
    }
    return json.dumps(made)


class FloorSite:
    """A site of the floor; used by one thread."""

    def __init__(self, folder: Path, url: str, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._http = httpx.Client(base_url=url, timeout=120)
        self._outbox = _open(folder / "outbox.db")
        self._outbox.execute("CREATE TABLE IF NOT EXISTS operation (seq INTEGER PRIMARY KEY, id TEXT, doc TEXT)")
        self._outbox.execute("CREATE TABLE IF NOT EXISTS answer (seq INTEGER PRIMARY KEY, head INTEGER NOT NULL)")
        self._replica = _open(folder / "replica.db")
        self._replica.execute("CREATE TABLE IF NOT EXISTS document (id TEXT PRIMARY KEY, rev INTEGER, data TEXT)")
        self._replica.execute("CREATE TABLE IF NOT EXISTS cursor (id INTEGER PRIMARY KEY, seq INTEGER)")
        self._replica.execute("INSERT OR IGNORE INTO cursor VALUES (1, 0)")
        self.sent = self.received = 0

    def close(self) -> None:
        self._http.close()
        self._outbox.close()
        self._replica.close()

    def write(self, count: int) -> None:
        """Put operations into the outbox, in one durable transaction."""
        (last,) = self._outbox.execute("SELECT coalesce(max(seq), 0) FROM operation").fetchone()
        rows = [(n, f"{self.name}-{n}", document(n, f"{self.name}-{n}")) for n in range(last + 1, last + 1 + count)]
        with _durable(self._outbox):
            self._outbox.executemany("INSERT INTO operation VALUES (?, ?, ?)", rows)

    def push(self, most: int) -> int:
        """Push what waits, at most so many, and keep the answer; return how many were taken."""
        rows: _Rows = self._outbox.execute(
            "SELECT seq, id, doc FROM operation WHERE seq > (SELECT coalesce(max(seq), 0) FROM answer) LIMIT ?",
            (most,),
        ).fetchall()
        if not rows:
            return 0
        parts = ",".join(f'{{"seq":{seq},"id":"{name}","doc":{doc}}}' for seq, name, doc in rows)
        answer = json.loads(self._post("/push", f'{{"site":"{self.name}","operations":[{parts}]}}'))
        with _durable(self._outbox):
            head = answer["head"]
            self._outbox.executemany("INSERT INTO answer VALUES (?, ?)", [(seq, head) for seq in answer["taken"]])
        return len(rows)

    def pull(self, limit: int) -> int:
        """Pull a page into the replica with its cursor, durable; return how many rows came."""
        (after,) = self._replica.execute("SELECT seq FROM cursor").fetchone()
        answer = json.loads(self._post("/pull", json.dumps({"after": after, "limit": limit})))
        rows = [(row["id"], row["seq"], json.dumps(row["doc"])) for row in answer["rows"]]
        if rows:
            with _durable(self._replica):
                self._replica.executemany(
                    "INSERT INTO document VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, "
                    "data = excluded.data",
                    rows,
                )
                self._replica.execute("UPDATE cursor SET seq = ?", (rows[-1][1],))
        return len(rows)

    def has(self, name: str) -> bool:
        """Tell whether a document is in the replica."""
        return self._replica.execute("SELECT 1 FROM document WHERE id = ?", (name,)).fetchone() is not None

    def heads(self) -> Iterator[int]:
        """Yield how far the log is, whenever that is told."""
        with self._http.stream("GET", "/live", timeout=None) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    yield int(line[6:])

    def _post(self, path: str, content: str) -> bytes:
        response = self._http.post(path, content=content.encode(), headers={"Content-Type": "application/json"})
        response.raise_for_status()
        self.sent += len(content)
        self.received += response.num_bytes_downloaded
        return response.content


class _durable:
    """A transaction: kept when its block ends well."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def now() -> float:
    """Return the clock by which processes of this machine compare instants, seconds."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)
