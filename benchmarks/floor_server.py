"""The bare centre that the real one is measured against: Starlette and one transaction for a batch, no rules.

A batch becomes receipts, documents and a log without gaps, `synchronous=FULL`. `/live` says how far the log is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

Operation = tuple[str, int, str, str]
"""Site, number, document's id and the document as JSON text."""


class Store(Protocol):
    """A database that keeps batches; used by one thread."""

    def push(self, operations: list[Operation]) -> int:
        """Keep a batch, durable when this returns, and return the last number of the log."""

    def pull(self, after: int, limit: int) -> list[tuple[int, str, str]]:
        """Return number, id and text of what came after a number."""


class SqliteStore:
    """The floor's tables in SQLite."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        execute = self._connection.execute
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA cache_size = -65536")
        execute("PRAGMA wal_autocheckpoint = 4000")
        for table in (
            "receipt (site TEXT, seq INTEGER, id TEXT, PRIMARY KEY (site, seq)) WITHOUT ROWID",
            "document (id TEXT PRIMARY KEY, rev INTEGER NOT NULL, data TEXT NOT NULL)",
            "log (seq INTEGER PRIMARY KEY, document TEXT NOT NULL)",
            "head (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL)",
        ):
            execute(f"CREATE TABLE IF NOT EXISTS {table}")
        execute("INSERT OR IGNORE INTO head VALUES (1, 0)")

    def push(self, operations: list[Operation]) -> int:
        c = self._connection
        c.execute("BEGIN IMMEDIATE")
        c.executemany("INSERT OR IGNORE INTO receipt VALUES (?, ?, ?)", [o[:3] for o in operations])
        (head,) = c.execute("SELECT seq FROM head").fetchone()
        c.executemany(
            "INSERT INTO document VALUES (?, ?, ?) ON CONFLICT (id) "
            "DO UPDATE SET rev = excluded.rev, data = excluded.data",
            [(o[2], n, o[3]) for n, o in enumerate(operations, head + 1)],
        )
        c.executemany("INSERT INTO log VALUES (?, ?)", [(n, o[2]) for n, o in enumerate(operations, head + 1)])
        c.execute("UPDATE head SET seq = ?", (head + len(operations),))
        c.execute("COMMIT")
        return int(head) + len(operations)

    def pull(self, after: int, limit: int) -> list[tuple[int, str, str]]:
        return self._connection.execute(
            "SELECT l.seq, d.id, d.data FROM log l JOIN document d ON d.id = l.document WHERE l.seq > ? "
            "ORDER BY l.seq LIMIT ?",
            (after, limit),
        ).fetchall()


_PUSH = """
WITH given AS MATERIALIZED (
  SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS (q bigint, i text, d text)) WITH ORDINALITY AS g(q, i, d, n)
), receipts AS (INSERT INTO receipt SELECT %s, q, i FROM given ON CONFLICT DO NOTHING
), head AS (UPDATE head SET seq = seq + %s RETURNING seq
), logged AS (INSERT INTO log SELECT head.seq - %s + n, i FROM given, head
), documents AS (
  INSERT INTO document SELECT i, head.seq - %s + n, d FROM given, head
  ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, data = excluded.data
) SELECT seq FROM head
"""
"""A batch of one site in one statement, which is one transaction and one round trip."""


class PostgresStore:
    """The floor's tables in PostgreSQL; the head's row is locked last, so that the log has no holes."""

    def __init__(self, url: str) -> None:
        import psycopg

        self._connection = psycopg.connect(url, autocommit=True)
        for table in (
            "receipt (site TEXT, seq BIGINT, id TEXT, PRIMARY KEY (site, seq))",
            "document (id TEXT PRIMARY KEY, rev BIGINT NOT NULL, data TEXT NOT NULL)",
            "log (seq BIGINT PRIMARY KEY, document TEXT NOT NULL)",
            "head (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL)",
        ):
            self._connection.execute(f"CREATE TABLE IF NOT EXISTS {table}".encode())
        self._connection.execute("INSERT INTO head VALUES (1, 0) ON CONFLICT DO NOTHING")

    def push(self, operations: list[Operation]) -> int:
        rows = _text([{"q": seq, "i": name, "d": text} for _, seq, name, text in operations])
        count = len(operations)
        moved = self._connection.execute(_PUSH, (rows, operations[0][0], count, count, count)).fetchone()
        assert moved is not None
        return int(moved[0])

    def pull(self, after: int, limit: int) -> list[tuple[int, str, str]]:
        return self._connection.execute(
            "SELECT l.seq, d.id, d.data FROM log l JOIN document d ON d.id = l.document WHERE l.seq > %s "
            "ORDER BY l.seq LIMIT %s",
            (after, limit),
        ).fetchall()


def application(store: Store) -> Starlette:
    """Return the floor's application over a store."""
    # one writer, as SQLite has; the loop stays free
    writer = ThreadPoolExecutor(1)
    told: set[asyncio.Event] = set()
    last = [0]

    async def push(request: Request) -> Response:
        message: dict[str, Any] = json.loads(await request.body())
        site = message["site"]
        operations = [(site, o["seq"], o["id"], _text(o["doc"])) for o in message["operations"]]
        last[0] = await asyncio.get_running_loop().run_in_executor(writer, store.push, operations)
        for event in told:
            event.set()
        return _json(json.dumps({"head": last[0], "taken": [o[1] for o in operations]}))

    async def pull(request: Request) -> Response:
        message: dict[str, Any] = json.loads(await request.body())
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(writer, store.pull, message["after"], message["limit"])
        # the texts go out as they lie in the database
        parts = ",".join(f'{{"seq":{seq},"id":"{name}","doc":{text}}}' for seq, name, text in rows)
        return _json(f'{{"rows":[{parts}]}}')

    async def live(_request: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            event = asyncio.Event()
            told.add(event)
            try:
                while True:
                    yield b"data: %d\n\n" % last[0]
                    await event.wait()
                    event.clear()
            finally:
                told.discard(event)

        return StreamingResponse(events(), media_type="text/event-stream")

    return Starlette(
        routes=[Route("/push", push, methods=["POST"]), Route("/pull", pull, methods=["POST"]), Route("/live", live)]
    )


_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def open_store(url: str) -> Store:
    """Open the store of a database URL, as `agentdesk serve --database` takes it."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return SqliteStore(rest[1:])
    if scheme == "postgresql":
        return PostgresStore(url)
    raise SystemExit(f"{url}: there is no floor for this database")


def main() -> None:
    """Serve the floor on a free port of this machine, until standard input ends or a signal comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--ready-file", type=Path, required=True)
    options = parser.parse_args()
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        application(open_store(options.database)),
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    part = options.ready_file.with_suffix(".part")
    part.write_text(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}))
    # connections are taken in from here on: whoever comes before the loop runs waits a moment
    listening.listen(2048)
    part.replace(options.ready_file)
    uvicorn.Server(config).run([listening])


def _end_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
