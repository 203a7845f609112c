"""Listening beside the sync worker: a thread that reads the centre's stream, and wakes the worker when there is news.

Imported by the sync worker only: httpx takes a while.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx
from pydantic import ValidationError

from agentdesk.domain.faults import told
from agentdesk.domain.language.forms import json_of
from agentdesk.protocol.limits import MAX_SMALL_BYTES
from agentdesk.protocol.messages import WaitAnswer
from agentdesk.sync.client import NEVER_SENT, RequestFailed, failed, within
from agentdesk.sync.connecting import connection
from agentdesk.sync.core import Failure
from agentdesk.sync.live_core import Ask, Listen, LiveCore, Rest

SILENCE_S = 40.0
"""A stream that is silent for longer is lost: it says that it is there more than twice in that time."""

ABSENT = frozenset({404, 405, 501})
"""How a centre that knows no streams answers, or what stands in front of it."""

_RETRY = re.compile("[0-9]{1,7}")
_TIMEOUT = httpx.Timeout(connect=5.0, read=SILENCE_S, write=10.0, pool=5.0)


class LiveLine:
    """The line on which news come; `wake` is called, in its thread, when the worker should look at it.

    `auth` signs its requests, `mono_ms` is the monotonic clock, `ca` as for `connection`.
    """

    def __init__(
        self,
        url: str,
        auth: httpx.Auth | None,
        core: LiveCore,
        mono_ms: Callable[[], int],
        wake: Callable[[], None],
        ca: str = "",
    ) -> None:
        self._core = core
        self._mono_ms = mono_ms
        self._wake = wake
        self._http = connection(url, auth, _TIMEOUT, ca)
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._stopped = False
        self._cut = False
        self._presence = False
        self._connected: socket.socket | None = None
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        self._stopped = True
        self._shut()
        self._thread.join(timeout_s)

    # for the worker's thread

    @property
    def up(self) -> bool:
        """Tell whether news come by themselves now."""
        return self._core.up and not self._cut

    def have(self, cursors: Mapping[str, int]) -> None:
        """Say how far the scopes that the site follows are here."""
        with self._lock:
            self._core.have(cursors)

    def news(self) -> bool:
        """Tell whether there is something to pull that hasn't been pulled for."""
        with self._lock:
            return self._core.news()

    def presence(self) -> bool:
        """Tell whether somebody came or went in a document that is open here, since it was asked last."""
        called, self._presence = self._presence, False
        return called

    def cut(self, cut: bool) -> None:
        """Say whether a person took the line away: then nothing is listened to."""
        if cut == self._cut:
            return
        self._cut = cut
        if cut:
            self._shut()
        else:
            self.hurry()

    def hurry(self) -> None:
        """Say that the centre can be reached again."""
        with self._lock:
            if self._core.up:
                return
            self._core.hurry(self._mono_ms())
        self._changed.set()

    # in its own thread

    def _run(self) -> None:
        try:
            while not self._stopped:
                with self._lock:
                    step = self._core.next(self._mono_ms())
                if self._cut:
                    self._pause(None)
                elif isinstance(step, Rest):
                    self._pause((step.until - self._mono_ms()) / 1000)
                else:
                    self._do(step)
        finally:
            self._http.close()

    def _pause(self, seconds: float | None) -> None:
        self._changed.wait(seconds if seconds is None else max(0.0, seconds))
        self._changed.clear()

    def _do(self, step: Listen | Ask) -> None:
        try:
            if isinstance(step, Listen):
                self._listen()
            else:
                self._ask(step.after)
        except Exception as error:
            self._failed(error)
        finally:
            self._socket = None

    def _listen(self) -> None:
        opened = False
        headers, extensions = {"Accept": "text/event-stream"}, {"trace": self._trace}
        try:
            with self._http.stream("GET", "/v1/live", headers=headers, extensions=extensions) as response:
                if response.status_code != 200:
                    self._refused(response, within(response, MAX_SMALL_BYTES))
                    return
                opened = True
                self._tell(lambda core, now: core.opened(now))
                for line in _lines(response.iter_bytes()):
                    self._line(line)
        except httpx.HTTPError as error:
            # what holds the beginning of an answer back for so long doesn't let a stream through
            if self._is_taken_away() or not (opened or isinstance(error, httpx.ReadTimeout)):
                raise
        self._tell(lambda core, now: core.closed(now))

    def _ask(self, after: Mapping[str, int]) -> None:
        params = {"after": [f"{scope}:{seq}" for scope, seq in after.items()]}
        with self._http.stream("GET", "/v1/wait", params=params, extensions={"trace": self._trace}) as response:
            body = within(response, MAX_SMALL_BYTES)
        if response.status_code != 200:
            self._refused(response, body)
            return
        try:
            heads = WaitAnswer.model_validate_json(body).heads
        except ValidationError:
            self._tell(lambda core, now: core.failed(now, "server"))
            return
        self._tell(lambda core, now: core.answered(now, heads))

    def _is_taken_away(self) -> bool:
        return self._stopped or self._cut

    def _failed(self, error: Exception) -> None:
        failure: Failure
        if self._is_taken_away():
            self._tell(lambda core, now: core.taken_away(now))
            return
        if isinstance(error, httpx.HTTPError):
            failure = "unreachable" if isinstance(error, NEVER_SENT) else "dropped"
        elif isinstance(error, RequestFailed):
            failure = error.failure
        else:
            # a fault of ours must not end it for good; it is said, and tried again
            print(*told(error), sep="\n", file=sys.stderr)
            failure = "local"
        self._tell(lambda core, now: core.failed(now, failure))

    def _refused(self, response: httpx.Response, body: bytes) -> None:
        if response.status_code in ABSENT:
            self._tell(lambda core, now: core.absent(now))
            return
        reason = failed(response, body)
        self._tell(lambda core, now: core.failed(now, reason.failure, reason.retry_after_ms))

    def _line(self, line: str) -> None:
        field, _, value = line.partition(":")
        heads: list[tuple[str, int]] = []
        if field == "event" and value.strip() == "presence":
            self._presence = True
            self._wake()
        if field == "data":
            with suppress(ValueError, TypeError, KeyError):
                said = json_of(value)
                heads.append((str(said["scope"]), int(said["seq"])))
        retry = int(value) if field == "retry" and _RETRY.fullmatch(value.strip()) else None

        def take(core: LiveCore, now: int) -> None:
            core.heard(now)
            for scope, seq in heads:
                core.head(scope, seq)
            if retry is not None:
                core.retry(retry)

        self._tell(take, worth_waking=bool(heads))

    def _tell(self, what: Callable[[LiveCore, int], None], worth_waking: bool = True) -> None:
        with self._lock:
            was_up = self._core.up
            what(self._core, self._mono_ms())
            if self._core.up != was_up:
                worth_waking = True
        if worth_waking:
            self._wake()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep hold of the connection's socket, so that reading from it can be ended from outside."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._connected = info["return_value"].get_extra_info("socket")
        if event == "http11.send_request_headers.started":
            self._socket = self._connected
            if self._is_taken_away():
                self._shut()

    def _shut(self) -> None:
        self._changed.set()
        open_socket = self._socket
        if open_socket is not None:
            # below TLS: the reading thread is inside it
            with suppress(OSError):
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a stream as they come; raises RequestFailed for one that is longer than any of ours."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
        if len(rest) > MAX_SMALL_BYTES:
            raise RequestFailed("server", "the centre sends a line that doesn't end")
