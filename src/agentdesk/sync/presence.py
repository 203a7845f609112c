"""Telling the centre in which documents the desks of a site are, and the desks who is there from other sites.

It is done by the process that syncs, in a thread of its own: only while somebody has a document open, and what fails is
simply not known.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
from pydantic import ValidationError

from agentdesk.protocol.messages import PresenceAnswer, PresenceItem, PresenceRequest
from agentdesk.store import presence
from agentdesk.store.presence import Present
from agentdesk.sync.client import RequestFailed, within
from agentdesk.sync.connecting import connection

EVERY_MS = 5_000
"""How often it is said again where everybody is, ms."""

SOON_MS = 1_000
"""How soon after the last time it is said that somebody came or went, ms."""

LOOK_S = 0.25
"""How often it is looked whether somebody came or went here, seconds."""

ABSENT_MS = 600_000
"""How long a centre that knows nothing of presence isn't asked again, ms."""

MOST_BYTES = 1 << 20
"""Bytes of an answer that are read: it is about people in a few documents."""

_TIMEOUT = httpx.Timeout(2.0)


class PresenceThread:
    """Keeps asking beside the sync worker, which it never holds up; `changed` is called when something was heard."""

    def __init__(self, line: PresenceLine, changed: Callable[[], None] | None) -> None:
        self._line = line
        self._changed = changed
        self._stopped = threading.Event()
        self.reachable = False
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        self._stopped.set()
        self._thread.join(timeout_s)

    def hurry(self) -> None:
        """Ask soon: somebody of another site came or went."""
        self._line.hurry()

    def _run(self) -> None:
        try:
            while not self._stopped.wait(LOOK_S):
                if self.reachable and self._line.due:
                    self._line.step()
                    if self._changed is not None:
                        self._changed()
        finally:
            self._line.close()


class PresenceLine:
    """The words that go to and fro about who is where; `step` does what is due."""

    def __init__(
        self,
        folder: Path,
        url: str,
        auth: httpx.Auth | None,
        wall_ms: Callable[[], int],
        mono_ms: Callable[[], int],
        transport: httpx.BaseTransport | None = None,
        ca: str = "",
    ) -> None:
        self._folder = folder
        self._wall_ms = wall_ms
        self._mono_ms = mono_ms
        self._http = connection(url, auth, _TIMEOUT, ca, transport)
        self._mark = 0
        self._said = False
        self._at = 0

    def close(self) -> None:
        self._http.close()

    def hurry(self) -> None:
        """Ask soon: somebody of another site came or went."""
        self._at = min(self._at, self._mono_ms())

    @property
    def due(self) -> bool:
        """Tell whether there is something to say or to ask: somebody came or went here, or it is time again."""
        now, mark = self._mono_ms(), presence.mark(self._folder)
        if mark == 0 or (not self._said and mark == self._mark):
            return False
        return now >= (self._at if mark == self._mark else self._at - EVERY_MS + SOON_MS)

    def step(self) -> None:
        """Say where the desks are, and keep what the centre says about others; never raises for the line."""
        now = self._wall_ms()
        found = presence.here(self._folder, now)
        if found or self._said:
            self._tell(found, now)
        self._said = bool(found)
        # the answer is a file of the same folder, and no reason to ask again
        self._mark = presence.mark(self._folder)

    def _tell(self, found: tuple[Present, ...], now: int) -> None:
        self._at = self._mono_ms() + EVERY_MS
        items = [
            PresenceItem(scope=one.scope, id=one.id, agent=one.agent, name=one.name, writing=one.writing)
            for one in found
        ]
        with suppress(httpx.HTTPError, ValidationError, RequestFailed):
            asked = PresenceRequest(here=items).model_dump()
            with self._http.stream("POST", "/v1/presence", json=asked) as response:
                body = within(response, MOST_BYTES)
            if response.status_code in (404, 405):
                self._at = self._mono_ms() + ABSENT_MS
            elif response.is_success:
                answer = PresenceAnswer.model_validate_json(body)
                others = (
                    Present(one.scope, one.id, one.agent, one.name, one.writing, one.site) for one in answer.there
                )
                presence.elsewhere(self._folder, others, now)
