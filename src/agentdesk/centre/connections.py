"""Connections: how many there may be, and how long each may take over what it has to say or to hear.

The server beneath waits for ever for a request's head, for the rest of a body that nobody reads, and for a caller who
takes nothing of his answer. Here each of these waits has an end, and only what is said or heard in whole counts: a byte
now and then doesn't put it off.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from agentdesk.centre import bounds
from agentdesk.centre.bounds import Patience
from agentdesk.centre.guard import ALWAYS, POLICY, network_of
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.limits import MAX_HEAD_BYTES
from agentdesk.protocol.messages import ErrorAnswer, ErrorBody

HERE = frozenset({"127.0.0.1", "::1"})
"""This machine's addresses: a proxy in front has all its callers' connections from there."""

UNHEARD_MS = 60_000
"""How long what was sent may stay without an acknowledgement before the system ends the connection, ms."""


class Connections:
    """How many are open, in all and from each address."""

    def __init__(
        self,
        most: int = bounds.CONNECTIONS,
        per_address: int = bounds.PER_ADDRESS,
        uncounted: frozenset[str] = HERE,
    ) -> None:
        self._most = most
        self._per_address = per_address
        self._uncounted = uncounted
        self._by_address: dict[str, int] = {}
        self._open = 0

    def __len__(self) -> int:
        return self._open

    def enter(self, address: str) -> bool:
        """Count a new one, which has to `leave`; False, and uncounted, when there are enough."""
        there = self._by_address.get(address, 0)
        if self._open >= self._most or (there >= self._per_address and address not in self._uncounted):
            return False
        self._open += 1
        self._by_address[address] = there + 1
        return True

    def leave(self, address: str) -> None:
        """Count one less."""
        self._open -= 1
        left = self._by_address[address] - 1
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]


class Settings(uvicorn.Config):
    """How the centre is served: what the server is told, what connections share, and how patient they are."""

    def __init__(
        self,
        app: Any,
        connections: Connections | None = None,
        patience: Patience | None = None,
        **more: Any,
    ) -> None:
        self.patience = patience or Patience()
        self.open_connections = Connections(room()) if connections is None else connections
        super().__init__(
            app,
            interface="asgi3",
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
            timeout_keep_alive=self.patience.idle,  # type: ignore[arg-type] # it takes parts of a second as well
            timeout_graceful_shutdown=10,
            **more,
        )


class Connection(H11Protocol):
    """One connection, with an end to each of its waits."""

    config: Settings
    _address: str | None = None
    _head: asyncio.TimerHandle | None = None
    _linger: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None
    _unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = network_of(self.client[0]) if self.client else ""
        if not self.config.open_connections.enter(address):
            transport.abort()
            return
        self._address = address
        _let_the_system_notice(transport)
        self._head = self._in(self.config.patience.head, self._leave)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head = _cancelled(self._head)
        self._linger = _cancelled(self._linger)
        self._stall = _cancelled(self._stall)
        self._unset_keepalive_if_required()
        if self._address is not None:
            self.config.open_connections.leave(self._address)
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        waits_for_a_head = self.conn.their_state is h11.IDLE
        if not waits_for_a_head:
            self._head = _cancelled(self._head)
        elif self._head is None and not self.transport.is_closing():
            # from its first byte on; those that follow don't begin it anew
            self._head = self._in(self.config.patience.head, self._leave)
        if self.conn.their_state is not h11.SEND_BODY:
            self._linger = _cancelled(self._linger)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._leave()
        elif self.conn.their_state is h11.SEND_BODY and self._linger is None:
            self._linger = self._in(self.config.patience.linger, self._leave)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._leave()

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.is_closing():
            self._leave()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stall is None:
            self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stall = _cancelled(self._stall)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP as everything else is answered, and hear no more of it."""
        if self.cycle is not None and not self.cycle.response_complete:
            # who waits for the rest of a broken body hears that nobody is there any more
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            said = ErrorAnswer(error=ErrorBody(code=ErrorCode.MALFORMED.value, message="this is no HTTP request"))
            body = said.model_dump_json(exclude_none=True).encode()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                (b"cache-control", b"no-store"),
                (b"content-security-policy", POLICY),
                *ALWAYS,
            ]
            answer = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self._leave()

    def _watch(self) -> None:
        """Look again after a while whether something of what waits was taken."""
        self._unsent = self.transport.get_write_buffer_size()
        self._stall = self._in(self.config.patience.stall, self._look)

    def _look(self) -> None:
        if self.transport.get_write_buffer_size() > self._unsent - self.config.patience.least:
            self.transport.abort()
        else:
            self._watch()

    def _leave(self) -> None:
        """Close when what was said is sent, and soon in any case."""
        self.transport.close()
        if self._address is not None:
            self._linger = _cancelled(self._linger)
            self._linger = self._in(self.config.patience.linger, self.transport.abort)

    def _in(self, seconds: float, work: Callable[[], object]) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, work)


def room() -> int:
    """Return how many connections one process has room for: each takes an open file, and others are needed too."""
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return bounds.CONNECTIONS if files == resource.RLIM_INFINITY else min(bounds.CONNECTIONS, files * 3 // 4)


def _cancelled(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancel a timer, and return what stands in its place: none."""
    if timer is not None:
        timer.cancel()
    return None


def _let_the_system_notice(transport: asyncio.Transport) -> None:
    """Let the system end a connection whose other end is gone, or takes nothing, where it can."""
    connected = transport.get_extra_info("socket")
    with suppress(OSError, AttributeError):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
