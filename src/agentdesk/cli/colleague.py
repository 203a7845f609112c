"""A colleague in the demo: a second desk that has one ticket open, as far as its word goes."""

from __future__ import annotations

import threading
from pathlib import Path

from agentdesk.cli.machine import MachineClock
from agentdesk.domain.documents import Document
from agentdesk.store.presence import SAY_MS, Presence, Present

NAME = "林小雨"


class Colleague:
    """Says again and again that somebody is in a document; a context manager."""

    def __init__(self, folder: Path, document: Document | None) -> None:
        self._presence = Presence(folder, "colleague")
        self._document = document
        self._clock = MachineClock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="colleague", daemon=True)

    def __enter__(self) -> Colleague:
        if self._document is not None:
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        if self._document is not None:
            self._thread.join(5)
        self._presence.say(None, 0)

    def _run(self) -> None:
        assert self._document is not None
        present = Present(self._document.scope, self._document.id, "colleague", NAME)
        while not self._over.is_set():
            self._presence.say(present, self._clock.wall_ms())
            self._over.wait(SAY_MS / 1000)
