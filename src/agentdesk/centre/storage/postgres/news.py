"""Telling which scopes moved: within the process at once, to the other processes over NOTIFY.

A NOTIFY inside of a transaction makes all commits of a database wait for each other. So it is sent afterwards, on a
connection of its own, and what comes while one is under way goes with the next. What is lost with a process that dies
in between is found by looking at the scopes now and then.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import psycopg

from agentdesk.centre.storage.postgres.wire import Wire

Told = Callable[[Mapping[str, int]], None]

CHANNEL = "agentdesk_moved"
LOOK_S = 5.0
"""How soon at the latest a move is noticed that nobody told."""
AGAIN_S = 1.0
"""How long to leave a server alone that can't be reached."""
WAIT_S = 0.2
"""How long at most an end is waited for."""
MOST = 60
"""Scopes in one notice: a payload has less than 8,000 bytes."""


class News:
    """Moves of scopes, on their way to those who listen; costs nothing while nobody does and nothing moves."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._wake = threading.Condition()
        self._closed = False
        self._listeners: list[Told] = []
        self._unsent: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._telling = threading.Lock()
        self._sender: threading.Thread | None = None
        self._hearer: threading.Thread | None = None

    def tell(self, moved: Mapping[str, int]) -> None:
        """Tell of scopes that moved; returns at once."""
        with self._wake:
            for scope, seq in moved.items():
                self._unsent[scope] = max(seq, self._unsent.get(scope, 0))
            if self._sender is None and not self._closed:
                self._sender = _started(self._send, "centre-tell")
            self._wake.notify_all()
        self._spread(moved)

    def listen(self, told: Told) -> Callable[[], None]:
        """Have `told` called with scopes that moved, whoever moved them, until what this returns is called."""
        with self._wake:
            self._listeners.append(told)
            if self._hearer is None and not self._closed:
                self._hearer = _started(self._hear, "centre-hear")

        def stop() -> None:
            with self._wake, suppress(ValueError):
                self._listeners.remove(told)

        return stop

    def close(self) -> None:
        """End; what was not sent yet others find by looking."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        for thread in (self._sender, self._hearer):
            if thread is not None:
                thread.join()

    def _spread(self, moved: Mapping[str, int]) -> None:
        """Tell those of this process what they weren't told yet."""
        with self._telling:
            listeners = tuple(self._listeners)
            if not listeners:
                return
            new = {scope: seq for scope, seq in moved.items() if seq > self._told.get(scope, 0)}
            self._told.update(new)
            if new:
                for told in listeners:
                    told(new)

    def _send(self) -> None:
        self._keep("agentdesk tells", self._send_over)

    def _hear(self) -> None:
        self._keep("agentdesk hears", self._hear_over)

    def _send_over(self, wire: Wire) -> None:
        while True:
            with self._wake:
                while not self._unsent and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                moved, self._unsent = self._unsent, {}
            names = list(moved)
            for start in range(0, len(names), MOST):
                part = {name: moved[name] for name in names[start : start + MOST]}
                wire.execute("SELECT pg_notify(?, ?)", (CHANNEL, json.dumps(part)))

    def _hear_over(self, wire: Wire) -> None:
        # another server may have taken over, or an older copy: all is told anew
        self._told.clear()
        wire.connection.execute(f"LISTEN {CHANNEL}")
        looked = -LOOK_S
        while not self._closed:
            if time.monotonic() - looked >= LOOK_S:
                self._spread({str(scope): int(seq) for scope, seq in wire.execute("SELECT scope, seq FROM scope")})
                looked = time.monotonic()
            for notice in wire.connection.notifies(timeout=WAIT_S, stop_after=1):
                self._spread(json.loads(notice.payload))

    def _keep(self, name: str, work: Callable[[Wire], None]) -> None:
        """Do work over a connection until the end, over another one when that breaks."""
        while not self._closed:
            try:
                with Wire(self._url, name) as wire:
                    work(wire)
            except psycopg.Error:
                with self._wake:
                    self._wake.wait_for(lambda: self._closed, AGAIN_S)


def _started(run: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
