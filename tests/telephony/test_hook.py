"""The loopback door: who may come in, how big and how slow a request may be, and what rings."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agentdesk.telephony.hook import HookSource
from agentdesk.telephony.model import CallMoment, CallState
from agentdesk.telephony.ring import NoDesk, SeveralDesks, desks, ring
from agentdesk.telephony.source import TelephonyError
from tests.hostile import HOSTILE, drawable, json_texts
from tests.telephony.listening import LONG_S, Clock, Ear, listening

CLOCK = Clock()


class Door:
    """A running hook, and requests at it as any program could send them."""

    def __init__(self, source: HookSource, ear: Ear, note: dict[str, Any]) -> None:
        self.source, self.ear, self.note = source, ear, note
        self.port = int(note["url"].rpartition(":")[2])

    async def raw(self, data: bytes) -> tuple[int, dict[str, Any], str]:
        """Sends bytes and reads until the door closes: status, answer, headers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        async with asyncio.timeout(LONG_S):
            got = await reader.read()
        writer.close()
        head, _, body = got.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body), head.decode()

    async def post(
        self, path: str, body: object = None, *, token: str | None = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        said = {
            "Host": f"127.0.0.1:{self.port}",
            "Authorization": f"Bearer {self.note['token'] if token is None else token}",
            "Content-Type": "application/json",
            "Content-Length": str(len(sent)),
        }
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"POST {path} HTTP/1.1", *(f"{k}: {v}" for k, v in said.items() if v)]
        status, answer, _ = await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + sent)
        return status, answer


@asynccontextmanager
async def opened(data: Path, **settings: Any) -> AsyncIterator[Door]:
    source = HookSource(data, now_ms=CLOCK, agent="8001", **settings)
    async with listening(source) as ear:
        await ear.until_state("connected")
        note = json.loads((data / "hooks" / f"desk-{os.getpid()}.json").read_text())
        yield Door(source, ear, note)


async def test_a_ring_reaches_the_desk(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        status, answer = await door.post("/calls", {"number": "186-0101-2345", "name": "王女士", "queue": "vip"})
        assert (status, answer["new"]) == (201, True)
        await door.ear.until(lambda: len(door.ear.events) == 2)
        (call,) = door.ear.calls
        assert (call.call_id, call.caller, call.caller_name) == (answer["call_id"], "186-0101-2345", "王女士")
        assert (call.state, call.queue, call.legs[0].agent) == (CallState.RINGING, "vip", "8001")


async def test_the_same_call_rings_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        first = await door.post("/calls", {"number": "18601012345", "call_id": "x.1"})
        again = await door.post("/calls", {"number": "18601012345", "call_id": "x.1"})
        assert (first[0], again[0], again[1]["new"]) == (201, 200, False)
        await door.ear.until(lambda: len(door.ear.events) == 2)


async def test_a_call_is_moved_on_from_outside(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        await door.post("/calls", {"number": "18601012345", "call_id": "a b/1"})
        for moment, body, state in (
            ("answered", None, "talking"),
            ("held", {}, "held"),
            ("transfer_started", {"transfer": "warm", "target": "8900"}, "held"),
            ("transferred", {"transfer": "warm"}, "transferred"),
            ("ended", None, "ended"),
        ):
            status, answer = await door.post(f"/calls/a%20b%2F1/{moment}", body)
            assert (status, answer) == (200, {"call_id": "a b/1", "state": state})
        (call,) = door.source.book
        assert (call.transfers[0].target, call.reason) == ("8900", "caller")
        assert CallMoment.WRAP_UP in {moment.kind for moment in call.moments}


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/calls", {"number": "老王"}, 400, "no telephone number"),
        ("/calls", {}, 400, "no telephone number"),
        ("/calls", {"number": 186}, 400, "number is a text"),
        ("/calls", {"nummer": "186"}, 400, "unknown field 'nummer'"),
        ("/calls", ["186"], 400, "no JSON object"),
        ("/calls", b"{", 400, "no JSON"),
        ("/calls", b"[" * 16_000, 400, "no JSON"),
        ("/calls", b"\xff\xfe", 400, "no JSON"),
        ("/calls/none/answered", None, 404, "no such call"),
        ("/calls/none/exploded", None, 404, "no such moment"),
        ("/", None, 404, "there is POST /calls"),
        ("/calls/a/b/c", None, 404, "there is POST /calls"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_one_line(
    tmp_path: Path, path: str, body: object, status: int, words: str
) -> None:
    async with opened(tmp_path) as door:
        got, answer = await door.post(path, body)
        assert got == status
        assert words in answer["error"]
        assert "\n" not in answer["error"]
        assert door.ear.events == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"token": "wrong"}, 401),
        ({"Authorization": "Basic abc"}, 401),
        ({"Authorization": ""}, 401),
        ({"Host": "evil.example:80"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Length": ""}, 411),
        ({"Content_Length": "-1"}, 400),
        ({"Content_Length": "²"}, 400),
        ({"Content_Length": "17000"}, 413),
        ({"Content_Length": "9" * 30}, 400),
        ({"Transfer_Encoding": "chunked"}, 501),
        ({"X": "a" * 9_000}, 431),
        ({f"X{n}": "a" for n in range(60)}, 431),
        ({"X": "a\x07b"}, 400),
    ],
)
async def test_who_and_what_is_turned_away(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    async with opened(tmp_path) as door:
        got, answer = await door.post("/calls", {"number": "18601012345"}, **headers)
        assert (got, set(answer)) == (status, {"error"})
        assert len(door.source.book) == 0


async def test_a_big_body_is_refused_while_it_is_still_being_sent(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        head = (
            f"POST /calls HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\n"
            f"Authorization: Bearer {door.note['token']}\r\nContent-Length: 900000\r\n\r\n"
        )

        def send_in_pieces() -> bytes:
            """As a program does that sends all before it listens: a reset would be an error to it."""
            with socket.create_connection(("127.0.0.1", door.port), timeout=LONG_S) as line:
                line.sendall(head.encode())
                for _ in range(3):
                    time.sleep(0.05)
                    line.sendall(b"1" * 1000)
                return line.recv(4096)

        answer = await asyncio.to_thread(send_in_pieces)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"the body is longer than 16384 bytes" in answer


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /calls HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 0\r\n\r\n", 405),
        (b"POST /calls HTTP/2.0\r\n\r\n", 505),
        (b"nonsense\r\n\r\n", 400),
        (b"POST /calls HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", 400),
        (b"POST /calls HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        (b"POST http://x/calls HTTP/1.1\r\n\r\n", 400),
        (b"POST /calls HTTP/1.1\r\nName: \xe7\x8e\x8b\r\n\r\n", 400),
    ],
)
async def test_only_plain_requests_are_read(tmp_path: Path, request_bytes: bytes, status: int) -> None:
    async with opened(tmp_path) as door:
        host = f"127.0.0.1:{door.port}".encode()
        data = request_bytes.replace(b"HOST", host).replace(b"TOKEN", door.note["token"].encode())
        got, _, head = await door.raw(data)
        assert got == status
        assert "Connection: close" in head


@pytest.mark.parametrize("sent", [b"", b"POST /calls HTTP/1.1\r\nHost: ", b"BODY"])
async def test_a_slow_client_is_closed(tmp_path: Path, sent: bytes) -> None:
    async with opened(tmp_path, request_s=0.05) as door:
        head = f"POST /calls HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\nAuthorization: Bearer {door.note['token']}\r\n"
        data = head.encode() + b"Content-Length: 20\r\n\r\n{" if sent == b"BODY" else sent
        status, answer, _ = await door.raw(data)
        assert (status, answer) == (408, {"error": "the request came too slowly"})


async def test_too_many_at_once_are_asked_to_come_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        idle = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(16)]
        async with asyncio.timeout(LONG_S):
            while (await door.post("/calls", {"number": "18601012345"}))[0] != 503:
                await asyncio.sleep(0.01)
        for _, writer in idle:
            writer.close()
        async with asyncio.timeout(LONG_S):
            while (await door.post("/calls", {"number": "18601012345"}))[0] != 201:
                await asyncio.sleep(0.01)


async def test_a_client_that_leaves_costs_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        for data in (b"", b"POST /ca"):
            _, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(data)
            writer.close()
        assert (await door.post("/calls", {"number": "18601012345"}))[0] == 201


async def test_the_file_is_for_its_owner_alone_and_goes_with_the_desk(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        path = tmp_path / "hooks" / f"desk-{os.getpid()}.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert door.note["url"].startswith("http://127.0.0.1:")
        assert len(door.note["token"]) >= 32
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert not path.exists()


# ---------------------------------------------------------------- the client


async def test_the_client_makes_the_running_desk_ring(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        rung = await asyncio.to_thread(ring, tmp_path, "18601012345", name="王女士", call_id="tel-1")
        assert (rung.pid, rung.agent, rung.call_id, rung.new) == (os.getpid(), "8001", "tel-1", True)
        assert (await asyncio.to_thread(ring, tmp_path, "18601012345", call_id="tel-1", agent="8001")).new is False
        assert [call.caller_name for call in door.source.book] == ["王女士"]
        with pytest.raises(TelephonyError, match="the desk refused: this is no telephone number"):
            await asyncio.to_thread(ring, tmp_path, "老王")
        with pytest.raises(NoDesk, match="no desk of 8009 runs"):
            await asyncio.to_thread(ring, tmp_path, "18601012345", agent="8009")


def leave_file(data: Path, pid: int, port: int, **changed: object) -> Path:
    path = data / "hooks" / f"desk-{pid}.json"
    path.parent.mkdir(exist_ok=True)
    note = {"url": f"http://127.0.0.1:{port}", "token": "t", "pid": pid, "agent": None, "started": 1}
    path.write_text(json.dumps({**note, "host": socket.gethostname(), **changed}))
    return path


DESK = """
import asyncio, sys, time
from pathlib import Path
from agentdesk.telephony.hook import HookSource

async def main():
    source = HookSource(Path(sys.argv[1]), now_ms=lambda: time.time_ns() // 1_000_000, agent="8001")
    await source.start()
    async for notice in source:
        print(notice, flush=True)

asyncio.run(main())
"""


def test_a_desk_in_another_process_rings_and_when_it_was_killed_nothing_of_it_is_left(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", DESK, str(tmp_path)], stdout=subprocess.PIPE, text=True) as desk:
        try:
            assert desk.stdout is not None
            assert "connected" in desk.stdout.readline()
            rung = ring(tmp_path, "18601012345", name="王女士")
            assert rung.pid == desk.pid
            assert "8001" in desk.stdout.readline()
            assert "王女士" in desk.stdout.readline()
            assert [d.pid for d in desks(tmp_path)] == [desk.pid]
        finally:
            desk.kill()
    with pytest.raises(NoDesk):
        ring(tmp_path, "18601012345")
    assert list((tmp_path / "hooks").iterdir()) == []


def test_what_a_dead_desk_left_is_cleaned(tmp_path: Path) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = leave_file(tmp_path, int(dead.stdout), 9)
    elsewhere = leave_file(tmp_path, 1, 9, host="another-machine")
    broken = tmp_path / "hooks" / "desk-2.json"
    broken.write_text("{")
    assert desks(tmp_path) == []
    assert (left.exists(), elsewhere.exists(), broken.exists()) == (False, True, True)


def test_a_process_that_isnt_a_desk_any_more_is_no_desk(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    left = leave_file(tmp_path, os.getpid(), free)
    with pytest.raises(NoDesk, match="no desk runs on this site: start one, then call again"):
        ring(tmp_path, "18601012345")
    assert not left.exists()


def test_without_a_desk_it_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(NoDesk, match="no desk runs on this site"):
        ring(tmp_path, "18601012345")


def test_a_desk_that_hangs_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        leave_file(tmp_path, os.getpid(), server.getsockname()[1])
        with pytest.raises(TelephonyError, match="doesn't answer: is it busy"):
            ring(tmp_path, "18601012345", timeout_s=0.1)


def test_of_several_desks_one_must_be_named(tmp_path: Path) -> None:
    leave_file(tmp_path, os.getpid(), 9, agent="8001")
    leave_file(tmp_path, os.getppid(), 9, agent="8002")
    with pytest.raises(SeveralDesks, match=r"2 desks run on this site, say which shall ring: 800\d, 800\d$"):
        ring(tmp_path, "18601012345")


async def test_a_port_with_a_new_owner_is_no_desk(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        stale = leave_file(tmp_path, os.getppid(), door.port, agent="8002")
        with pytest.raises(NoDesk):
            await asyncio.to_thread(ring, tmp_path, "18601012345", agent="8002")
        assert not stale.exists()


@pytest.mark.parametrize("name", json_texts())
async def test_a_body_that_goes_too_far_rings_nobody(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path) as door:
        status, answer = await door.post("/calls", json_texts()[name])
        assert 400 <= status < 500
        assert len(answer["error"]) < 200
        assert not door.source.book.live()


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words[:12]))
async def test_who_rings_under_a_hostile_name_rings_under_a_clean_one(tmp_path: Path, words: str) -> None:
    async with opened(tmp_path) as door:
        said = words[:500]
        status, _ = await door.post("/calls", {"number": "18601012345", "name": said, "queue": said, "call_id": said})
        assert status == 201
        (call,) = door.source.book.live()
        assert all(drawable(text or "") for text in (call.call_id, call.caller_name, call.queue))
