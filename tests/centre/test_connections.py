"""Callers who are slow on purpose, over real sockets: each of their connections ends, and those of others don't."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre import connections
from agentdesk.centre.bounds import Patience
from agentdesk.centre.connections import Connections, Settings
from agentdesk.centre.serving import listen
from tests.waiting import LONG_S, until

GET = b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n"
GET_LAST = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
LARGE = 32 * 1024 * 1024
"""Bytes, more than the system takes for somebody who reads nothing."""
PATIENT = Patience(LONG_S, LONG_S, LONG_S, LONG_S)


class App:
    """Answers what it is asked for, small or large or never ending; reads a body where it is posted to."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.sent = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.begun += 1
        try:
            size = 0
            while scope["method"] == "POST" and scope["path"] == "/read":
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message["more_body"]:
                    break
            headers = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            body = b"x" * LARGE if scope["path"] == "/large" else f"read {size}".encode()
            while scope["path"] == "/stream":
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
                self.sent += 65_536
                if scope["extensions"]["gone"]():
                    return
            await send({"type": "http.response.body", "body": body})
        finally:
            self.ended += 1


class Served:
    """An application behind the door, in a thread of this process."""

    def __init__(self, patience: Patience, connections: Connections) -> None:
        self.app = App()
        self.connections = connections
        self.socket = listen("127.0.0.1", 0)
        self.address = self.socket.getsockname()
        self._open: set[Any] = set()
        settings = Settings(self._with_gone, connections, patience)
        self.server = uvicorn.Server(settings)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.thread.start()
        until(lambda: self.server.started)

    async def _with_gone(self, scope: Any, receive: Any, send: Any) -> None:
        scope["extensions"] = {"gone": lambda: len(self.connections) == 0}
        await self.app(scope, receive, send)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()

    def connect(self, first: bytes = b"") -> socket.socket:
        connection = socket.create_connection(self.address, timeout=LONG_S)
        connection.sendall(first)
        return connection


@contextmanager
def served(patience: Patience = PATIENT, connections: Connections | None = None) -> Iterator[Served]:
    made = Served(patience, Connections() if connections is None else connections)
    try:
        yield made
    finally:
        made.stop()


def rest(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    read = b""
    try:
        while some := connection.recv(1 << 20):
            read += some
    except ConnectionResetError:
        pass
    connection.close()
    return read


def answer(connection: socket.socket) -> bytes:
    """Read one small answer, whose connection stays open."""
    read = b""
    while b"read " not in read.partition(b"\r\n\r\n")[2]:
        some = connection.recv(65_536)
        assert some, read
        read += some
    return read


def dripping(connection: socket.socket, piece: bytes, pause: float = 0.02) -> None:
    """Send a piece now and then until the other side closes; fail when it never does."""
    end = time.monotonic() + LONG_S
    connection.setblocking(False)
    while time.monotonic() < end:
        try:
            connection.send(piece)
            if connection.recv(65_536) == b"":
                break
        except BlockingIOError:
            pass
        except OSError:
            break
        time.sleep(pause)
    else:
        raise AssertionError("it is still open")
    connection.close()


# ---------------------------------------------------------------- counting


@given(st.integers(1, 6), st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=40))
def test_no_more_are_open_than_may_be(most: int, each: int, steps: list[tuple[bool, str]]) -> None:
    connections = Connections(most, each, frozenset("c"))
    inside: list[str] = []
    for comes, address in steps:
        if comes:
            fits = len(inside) < most and (address == "c" or inside.count(address) < each)
            assert connections.enter(address) == fits
            if fits:
                inside.append(address)
        elif address in inside:
            inside.remove(address)
            connections.leave(address)
        assert len(connections) == len(inside)


@pytest.mark.parametrize(("most", "each"), [(3, 100), (100, 3)])
def test_a_connection_too_many_is_closed_unread_and_one_that_goes_makes_room(most: int, each: int) -> None:
    with served(connections=Connections(most, each, frozenset())) as server, ExitStack() as stack:
        held = [stack.enter_context(server.connect(GET)) for _ in range(3)]
        for connection in held:
            answer(connection)
        assert rest(server.connect()) == b""
        assert server.app.begun == 3
        held[0].close()
        until(lambda: len(server.connections) == 2)
        with server.connect(GET) as late:
            assert b"200 OK" in answer(late)


# ---------------------------------------------------------------- heads


@pytest.mark.parametrize("sent", [b"", b"G", GET[:-2], GET])
def test_a_head_that_comes_a_byte_now_and_then_ends(sent: bytes) -> None:
    """Also the second one on a connection."""
    with served(Patience(0.3, LONG_S, LONG_S, LONG_S)) as server:
        connection = server.connect(sent)
        if sent == GET:
            answer(connection)
        dripping(connection, b"x")
        assert server.app.begun == (sent == GET)
        until(lambda: len(server.connections) == 0)


def test_a_connection_that_says_nothing_ends_at_first_and_after_an_answer() -> None:
    with served(Patience(0.2, 0.2, LONG_S, LONG_S)) as server:
        assert rest(server.connect()) == b""
        assert b"200 OK" in rest(server.connect(GET))


def test_a_slow_head_is_no_trouble_for_others() -> None:
    with served() as server, server.connect(b"G"), server.connect(GET) as other:
        assert b"200 OK" in answer(other)


@pytest.mark.parametrize("head", [b"x" * 200_000, GET[:-2] + b"X-A: " + b"y" * 100_000, b"\x16\x03\x01\x00" * 9])
def test_a_head_without_end_is_answered_once_and_closed(head: bytes) -> None:
    with served() as server:
        read = rest(server.connect(head))
        assert server.app.begun == 0
        until(lambda: len(server.connections) == 0)
    # what was sent and not read may take the answer with it
    if read:
        top, _, body = read.partition(b"\r\n\r\n")
        assert top.startswith(b"HTTP/1.1 400 ")
        assert b"nosniff" in top
        assert b"server:" not in top.lower()
        assert json.loads(body) == {"error": {"code": "malformed", "message": "this is no HTTP request"}}


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize("path", [b"/small", b"/read"])
def test_the_rest_of_a_body_that_nobody_reads_is_not_waited_for(path: bytes) -> None:
    with served(Patience(LONG_S, LONG_S, 0.3, LONG_S)) as server:
        length = {b"/small": b"1000000", b"/read": b"1"}[path]
        head = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n"
        connection = server.connect(head + b"x")
        read = answer(connection)
        assert b"200 OK" in read
        if path == b"/read":
            connection.sendall(GET)
            assert b"200 OK" in answer(connection)
            connection.close()
        else:
            dripping(connection, b"x")
        until(lambda: len(server.connections) == 0)


def test_a_body_that_breaks_is_no_fault_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), served() as server:
        connection = server.connect(b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        until(lambda: server.app.begun == 1)
        connection.sendall(b"no chunk\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 400 ")
        until(lambda: server.app.ended == 1)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_half_closed_connection_is_let_go() -> None:
    with served() as server:
        connection = server.connect(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx")
        until(lambda: server.app.begun == 1)
        connection.shutdown(socket.SHUT_WR)
        rest(connection)
        until(lambda: server.app.ended == 1 and len(server.connections) == 0)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("path", [b"/large", b"/stream"])
def test_who_takes_nothing_of_his_answer_is_let_go(path: bytes) -> None:
    with served(Patience(LONG_S, LONG_S, LONG_S, 0.3)) as server:
        connection = server.connect(GET.replace(b"/small", path))
        until(lambda: server.app.begun == 1 and len(server.connections) == 0)
        until(lambda: server.app.ended == 1)
        # what was made for him stayed within what the system takes, and one piece
        assert server.app.sent < LARGE
        connection.close()


def test_who_takes_it_slowly_gets_it_whole() -> None:
    with served(Patience(LONG_S, LONG_S, LONG_S, 0.4, least=1)) as server:
        connection = server.connect(GET_LAST.replace(b"/small", b"/large"))
        size, begun = 0, time.monotonic()
        while some := connection.recv(1 << 20):
            size += len(some)
            if time.monotonic() - begun < 1.5:
                time.sleep(0.05)
        connection.close()
    assert size > LARGE


def test_who_leaves_the_last_answers_unread_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that fit into what the server holds for him are enough to keep a connection, were nobody to look."""
    monkeypatch.setattr(connections, "UNHEARD_MS", 1_000)
    with served() as server:
        # what the system holds is small here: a few hundred answers fill it
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        connection.connect(server.address)
        connection.setblocking(False)
        until(lambda: len(server.connections) == 1)
        end = time.monotonic() + LONG_S
        while len(server.connections) and time.monotonic() < end:
            try:
                connection.send(GET)
            except OSError:
                time.sleep(0.01)
        connection.close()
        assert len(server.connections) == 0


# ---------------------------------------------------------------- pipelining


def test_requests_sent_together_are_answered_one_after_the_other() -> None:
    with served() as server:
        read = rest(server.connect(GET * 50 + GET_LAST))
        assert read.count(b"HTTP/1.1 200 OK") == 51
        assert server.app.begun == 51


def test_a_pipeline_that_nobody_reads_from_stops_being_worked_on() -> None:
    with served(Patience(LONG_S, LONG_S, LONG_S, 0.5)) as server:
        connection = server.connect()
        connection.setblocking(False)
        end = time.monotonic() + LONG_S

        def push() -> bool:
            with suppress(OSError):
                connection.send(GET.replace(b"/small", b"/large") * 10)
            return len(server.connections) == 0 and server.app.begun > 0

        until(push)
        assert time.monotonic() < end
        assert server.app.begun <= 2
        connection.close()


# ---------------------------------------------------------------- settings


def test_the_server_is_told_so() -> None:
    settings = Settings(App())
    assert (settings.server_header, settings.access_log, settings.ws) == (False, False, "none")
    assert settings.timeout_keep_alive == Patience().idle
    assert 0 < Patience().head < Patience().stall < Patience().idle


async def test_nothing_is_left_of_a_connection_that_ended() -> None:
    connections = Connections()
    loop = asyncio.get_running_loop()
    settings = Settings(App(), connections)
    settings.load()
    server = uvicorn.Server(settings)
    made = await loop.create_server(
        lambda: settings.http_protocol_class(  # type: ignore[call-arg]
            config=settings, server_state=server.server_state, app_state={}, _loop=loop
        ),
        "127.0.0.1",
        0,
    )
    reader, writer = await asyncio.open_connection(*made.sockets[0].getsockname())
    writer.write(GET)
    await reader.readuntil(b"\r\n\r\n")
    (connection,) = server.server_state.connections
    writer.close()
    async with asyncio.timeout(LONG_S):
        while len(connections):
            await asyncio.sleep(0.01)
    timers = [getattr(connection, name) for name in ("_head", "_linger", "_stall", "timeout_keep_alive_task")]
    assert timers == [None] * 4
    made.close()
    await made.wait_closed()


def test_the_program_is_served_like_that(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "agentdesk", "serve", "--database", f"sqlite:///{tmp_path / 'centre.db'}"]
    command += ["--port", "0", "--no-docs", "--hostname", "centre.example", "--while-stdin"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("centre ready on "), (tmp_path / "log").read_text()
            with httpx.Client(base_url=line.split()[-1], timeout=LONG_S, headers={"host": "centre.example"}) as client:
                health, docs = client.get("/healthz"), client.get("/docs")
                other = client.get("/healthz", headers={"host": "evil.example"})
                with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as broken:
                    broken.sendall(b"nothing\r\n\r\n")
                    assert broken.recv(65_536).startswith(b"HTTP/1.1 400 ")
        finally:
            process.stdin.close()
            process.wait()
    assert [answer.status_code for answer in (health, docs, other)] == [200, 404, 421]
    assert "server" not in health.headers
    assert health.headers["x-content-type-options"] == "nosniff"
