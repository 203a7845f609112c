"""The thread that listens, against a centre that does by a script what centres and lines do."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import httpx
import pytest

from agentdesk.sync import live
from agentdesk.sync.live import LiveLine
from agentdesk.sync.live_core import LiveCore, LivePace
from tests.waiting import until

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 50\n\n"
PACE = LivePace(first_retry_ms=50, longest_retry_ms=200, quick_ms=100_000)


def event(scope: str, seq: int) -> str:
    return f'event: head\ndata: {{"scope":"{scope}","seq":{seq}}}\n\n'


def refusal(status: str, *headers: str) -> str:
    return "\r\n".join((f"HTTP/1.1 {status}", "Content-Length: 2", *headers, "", "{}"))


class Scripted:
    """Answers one request after the other as it is told, and leaves each connection open until it is `closed`."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.answers: queue.Queue[str] = queue.Queue()
        self.asked: list[str] = []
        self.ended = 0
        self.connection: socket.socket | None = None
        self._made: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def say(self, text: str) -> None:
        assert self.connection is not None
        self.connection.sendall(text.encode())

    def close(self) -> None:
        """End the newest connection."""
        assert self.connection is not None
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._made:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connection = connection
            self._made.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            while request := connection.recv(65_536).decode():
                self.asked.append(request.split(" ")[1])
                connection.sendall(self.answers.get(timeout=60).encode())
        except (OSError, queue.Empty):
            pass
        self.ended += 1


@pytest.fixture
def centre() -> Iterator[Scripted]:
    made = Scripted()
    yield made
    made.end()


class Listening:
    """A line with its core, and how often it woke the worker."""

    def __init__(self, url: str, pace: LivePace = PACE) -> None:
        self.woken = 0
        self.core = LiveCore(pace, Random(1).random)
        self.line = LiveLine(url, None, self.core, lambda: time.monotonic_ns() // 1_000_000, self._wake)
        self.line.have({"a": 0, "b": 0})

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
def listening(centre: Scripted) -> Iterator[Listening]:
    made = Listening(centre.url)
    made.line.start()
    yield made
    made.line.stop()
    until(lambda: "live" not in {thread.name for thread in threading.enumerate()})


def test_what_the_stream_says_wakes_the_worker_once_for_each_number(centre: Scripted, listening: Listening) -> None:
    centre.answers.put(OK + event("a", 1))
    until(listening.line.news)
    assert listening.line.up
    assert centre.asked == ["/v1/live"]
    listening.line.have({"a": 1, "b": 0})
    # cut anywhere, with what this program doesn't know in between
    for piece in (
        ":\n\nevent: he",
        "ad\ndata: {",
        '"scope":"b","seq":7}\n\n',
        "data: nonsense\n\ndata: {}\n\nid: 4\n\n",
    ):
        centre.say(piece)
    until(listening.line.news)
    centre.say(event("a", 1) + event("z", 9) + event("b", 7))
    woken = listening.woken
    centre.say(event("a", 2))
    until(listening.line.news)
    assert listening.woken > woken


def test_a_stream_that_falls_silent_is_lost(centre: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_TIMEOUT", httpx.Timeout(5.0, read=0.3))
    listening = Listening(centre.url)
    listening.line.start()
    centre.answers.put(OK)
    until(lambda: listening.line.up)
    until(lambda: not listening.line.up)
    centre.answers.put(OK + event("a", 3))
    until(lambda: len(centre.asked) >= 2)
    until(listening.line.news)
    listening.line.stop()


def test_a_stream_that_ends_is_opened_again(centre: Scripted, listening: Listening) -> None:
    for number in (1, 2):
        centre.answers.put(OK + event("a", number))
        until(listening.line.news)
        centre.close()
    centre.answers.put(OK + event("b", 5))
    until(listening.line.news)


@pytest.mark.parametrize(
    ("answer", "least_ms"),
    [
        (refusal("429 Too Many Requests", "Retry-After: 2"), 2_000),
        (refusal("503 Service Unavailable", "Retry-After: 2"), 2_000),
        (refusal("500 Internal Server Error"), 20),
    ],
)
def test_a_centre_that_refuses_is_asked_again_when_it_says(
    centre: Scripted, listening: Listening, answer: str, least_ms: int
) -> None:
    centre.answers.put(answer)
    until(lambda: centre.asked)
    begun = time.monotonic()
    centre.answers.put(OK)
    until(lambda: listening.line.up)
    assert (time.monotonic() - begun) * 1000 >= least_ms - 100


def test_a_centre_without_streams_is_asked_for_what_is_beyond_what_is_known(
    centre: Scripted, listening: Listening
) -> None:
    listening.line.have({"a": 4, "b": 0})
    centre.answers.put(refusal("404 Not Found"))
    answer = '{"heads":{"a":5}}'
    centre.answers.put(f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n{answer}")
    until(listening.line.news)
    until(lambda: len(centre.asked) == 3)
    assert listening.line.up
    assert centre.asked == ["/v1/live", "/v1/wait?after=a%3A4&after=b%3A0", "/v1/wait?after=a%3A5&after=b%3A0"]


def test_a_line_that_is_cut_by_hand_ends_the_stream_at_once(centre: Scripted, listening: Listening) -> None:
    centre.answers.put(OK)
    until(lambda: listening.line.up)
    listening.line.cut(True)
    assert not listening.line.up
    until(lambda: centre.ended == 1)
    asked = len(centre.asked)
    listening.line.hurry()
    time.sleep(0.3)
    assert len(centre.asked) == asked
    centre.answers.put(OK)
    listening.line.cut(False)
    until(lambda: listening.line.up)


@pytest.mark.parametrize("answered", [True, False])
def test_a_silent_stream_holds_nobody_up_who_wants_to_stop(centre: Scripted, answered: bool) -> None:
    listening = Listening(centre.url)
    listening.line.start()
    if answered:
        centre.answers.put(OK)
        until(lambda: listening.line.up)
    else:
        until(lambda: centre.asked)
    listening.line.stop(60)
    until(lambda: centre.ended == 1 or not answered)
    assert "live" not in {thread.name for thread in threading.enumerate()}


def test_a_centre_that_cannot_be_reached_is_tried_again(centre: Scripted) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    listening = Listening(f"http://127.0.0.1:{port}")
    listening.line.start()
    time.sleep(0.3)
    assert not listening.line.up
    listening.line.stop()
