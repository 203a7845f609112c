"""A centre, or who stands in its place, that answers with what goes too far: nothing of it is taken."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from agentdesk.domain.operation import GENESIS
from agentdesk.protocol.limits import MAX_ANSWER_BYTES, MAX_SMALL_BYTES
from agentdesk.store import presence
from agentdesk.store.outbox import Waiting
from agentdesk.store.presence import Presence, Present
from agentdesk.sync.client import CentreClient, Greeting, RequestFailed
from agentdesk.sync.fetching import CentreSnapshots
from agentdesk.sync.live import _lines
from agentdesk.sync.presence import PresenceLine
from tests.domain.world import NOW, REGION, FakeClock
from tests.hostile import FILE_NAMES, HOSTILE, drawable, json_texts
from tests.sync.test_client import client

BATCH = Waiting("lineage-1", 0, GENESIS, (("head", "salt", "body"),))
ASKED: dict[str, Callable[[CentreClient], object]] = {
    "hello": lambda one: one.hello(Greeting("", (), {})),
    "push": lambda one: one.push(BATCH),
    "pull": lambda one: one.pull({}, 10),
    "snapshots": lambda one: CentreSnapshots(one).offers(),
}


MOST_PIECES = 3 * MAX_ANSWER_BYTES >> 20
"""Megabytes after which a body ends all the same: where nothing stops it, it shall not fill this machine."""


class Bomb(httpx.SyncByteStream):
    """A body that unfolds to far more than any answer, and counts how much of it was taken."""

    def __init__(self) -> None:
        self.pieces = 0

    def __iter__(self) -> Iterator[bytes]:
        packer = zlib.compressobj(9, wbits=31)
        zeros = bytes(1 << 20)
        for self.pieces in range(1, MOST_PIECES):
            yield packer.compress(zeros) + packer.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize("status", [200, 422, 503])
@pytest.mark.parametrize("what", ASKED)
def test_an_answer_that_unfolds_without_end_is_not_taken(what: str, status: int) -> None:
    bomb = Bomb()
    one = client(lambda _: httpx.Response(status, headers={"content-encoding": "gzip"}, stream=bomb))
    tracemalloc.start()
    try:
        with pytest.raises(RequestFailed, match="larger"):
            ASKED[what](one)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert bomb.pieces << 20 <= MAX_ANSWER_BYTES + (2 << 20)
    assert most < 2 * MAX_ANSWER_BYTES


@pytest.mark.parametrize("name", json_texts())
@pytest.mark.parametrize("what", ASKED)
def test_an_answer_that_is_none_is_refused_in_words(what: str, name: str) -> None:
    body = json_texts()[name]
    for status in (200, 409):
        with pytest.raises(RequestFailed) as caught:
            ASKED[what](client(lambda _: httpx.Response(status, content=body)))  # noqa: B023 - asked at once
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize("half", ["\\ud800", "\\uDFFF", "x\\\\\\ud800"])
def test_half_a_character_is_refused_before_a_database_sees_it(half: str) -> None:
    page = {"scope": REGION, "epoch": "e", "upto": 1, "hash": "h", "rows": []}
    row = {"scope": REGION, "id": "n", "type": "note", "rev": 1, "action": "put", "data": {"text": "?"}, "revs": {}}
    text = json.dumps({"pages": [{**page, "rows": [row]}], "granted": [], "server_time": NOW}).replace("?", half)
    with pytest.raises(RequestFailed):
        client(lambda _: httpx.Response(200, content=text.encode())).pull({}, 10)
    whole = text.replace(half, "\\ud83d\\ude00 \\\\ud800")
    assert client(lambda _: httpx.Response(200, content=whole.encode())).pull({}, 10).pages


@pytest.mark.parametrize("scope", [name for name in FILE_NAMES if not name.isascii() or "\\" in name or "\n" in name])
def test_a_scope_that_could_be_no_name_of_a_file_is_refused(scope: str) -> None:
    told = {"epoch": "e", "site": "s", "number": 1, "granted": [f"region/{scope}"], "lineages": [], "server_time": NOW}
    with pytest.raises(RequestFailed):
        client(lambda _: httpx.Response(200, json=told)).hello(Greeting("", (), {}))


def test_a_line_of_news_that_has_no_end_is_not_waited_for() -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        yield b"event: head\ndata: {}\n\n"
        for number in range(1, 10_000):
            taken = number
            yield b"data: " + bytes(1_000)

    lines = _lines(pieces())
    assert [next(lines) for _ in range(3)] == ["event: head", "data: {}", ""]
    with pytest.raises(RequestFailed):
        next(lines)
    assert taken * 1_000 <= MAX_SMALL_BYTES + 2_000


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words[:12]))
def test_who_is_said_to_be_where_is_heard_under_a_clean_name(tmp_path: Path, words: str) -> None:
    said = words.encode("utf-8", "replace").decode()[:80]
    there = [{"scope": REGION, "id": "t-1", "agent": "a", "name": said, "site": said}]
    clock = FakeClock()
    Presence(tmp_path, "x").say(Present(REGION, "t-1", "b", "张敏"), clock.wall_ms())
    line = PresenceLine(
        *(tmp_path, "https://centre.example", None, clock.wall_ms, clock.mono_ms),
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"there": there})),
    )
    line.step()
    line.close()
    heard = Presence(tmp_path, "x").others(Present(REGION, "t-1", "b", "").key, clock.wall_ms())
    assert all(drawable(one.name + one.site) for one in heard)
    assert len(heard) == 1


def test_a_bomb_of_presence_is_not_taken(tmp_path: Path) -> None:
    clock, bomb = FakeClock(), Bomb()
    Presence(tmp_path, "x").say(Present(REGION, "t-1", "b", "张敏"), clock.wall_ms())
    line = PresenceLine(
        *(tmp_path, "https://centre.example", None, clock.wall_ms, clock.mono_ms),
        transport=httpx.MockTransport(
            lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=bomb),
        ),
    )
    line.step()
    line.close()
    assert bomb.pieces <= 3
    assert presence.here(tmp_path, clock.wall_ms())


def test_a_packed_answer_is_read_as_any_other() -> None:
    told = json.dumps({"pages": [], "granted": ["org"], "server_time": NOW}).encode()
    packed = httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(told))
    assert client(lambda _: packed).pull({}, 10).granted == ("org",)
