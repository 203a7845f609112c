"""What sites hear of what moves: numbers of their own scopes, soon after the commit, and nothing else."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre import live
from agentdesk.centre.enrol import revoke
from agentdesk.centre.live import Listener, Live
from agentdesk.centre.server import create_app
from agentdesk.centre.serving import Server, listen
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.opening import open_database
from tests.centre.kit import SCOPE, Site, World
from tests.waiting import until

Head = tuple[str, int]


class Served:
    """A world's centre on a port, in a thread of this process."""

    def __init__(self, world: World) -> None:
        self.app = create_app(world.centre.database, world.means)
        self.live: Live = self.app.state.centre.live
        self.socket = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(self.app, lifespan="off", log_config=None, access_log=False)
        self.server = Server(config, self.live, self.url, None)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.thread.start()
        until(lambda: self.server.started)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()

    def push(self, site: Site) -> None:
        """Push all that a site made, over HTTP."""
        answer = httpx.post(f"{self.url}/v1/push", auth=site.auth, content=site.request().model_dump_json())
        assert answer.status_code == 200

    def note(self, site: Site) -> int:
        """Push a new note of a site; returns the number that its region's log has then."""
        site.note()
        self.push(site)
        return head(site.world)


class Stream:
    """A site's open stream, read in this thread."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.comments = 0
        self._lines = response.iter_lines()

    def next(self) -> Head:
        """Return the next event's scope and number."""
        for line in self._lines:
            if line.startswith("data:"):
                said = json.loads(line[5:])
                assert list(said) == ["scope", "seq"]
                return said["scope"], said["seq"]
            self.comments += line.startswith(":")
        raise EOFError

    def until(self, *wanted: Head) -> list[Head]:
        """Read events until the wanted ones were among them; returns all that were read."""
        heard: list[Head] = []
        while not set(wanted) <= set(heard):
            heard.append(self.next())
        return heard


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    made = Served(world)
    yield made
    made.stop()


@contextmanager
def hearing(served: Served, site: Site) -> Iterator[Stream]:
    with (
        httpx.Client(base_url=served.url, auth=site.auth, timeout=60) as client,
        client.stream("GET", "/v1/live") as response,
    ):
        assert response.status_code == 200, response.read()
        yield Stream(response)


def heads(world: World) -> dict[str, int]:
    """Return where all scopes are."""
    names = [scope for site in world.centre.database.read(lambda s: s.sites()).result() for scope in site.scopes]
    found = world.centre.database.read(lambda s: s.scopes(names)).result()
    return {name: head.seq for name, head in found.items()}


def head(world: World, scope: str = SCOPE) -> int:
    return heads(world)[scope]


def move(scope: str, seq: int) -> Callable[[Transaction], None]:
    """Return work that moves a scope, and writes no row."""

    def work(tx: Transaction) -> None:
        standing = tx.lock_scopes([scope])[scope]
        tx.move_scopes([replace(standing, seq=seq)])

    return work


# one listener


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 30)) | st.none(), max_size=60))
def test_a_listener_hears_only_its_scopes_and_each_number_once_and_the_newest_at_last(
    happened: list[Head | None],
) -> None:
    async def run() -> None:
        listener = Listener("s", "abc", {"b": 5})
        last: dict[str, int] = {"b": 5}
        newest: dict[str, int] = {}
        for what in [*happened, None]:
            if what is not None:
                listener.offer(dict([what]))
                newest[what[0]] = max(what[1], newest.get(what[0], -1))
                continue
            for scope, seq in (await listener.news(0)).items():
                assert seq > last.get(scope, -1)
                last[scope] = seq
        newest.pop("d", None)
        assert last == {**newest, "b": max(5, newest.get("b", 0))}

    asyncio.run(run())


async def test_a_listener_that_is_slow_hears_the_newest_numbers_only(world: World) -> None:
    site = world.site()
    record = world.centre.database.read(lambda s: s.site(site.id)).result()
    assert record is not None
    centre = Live(world.centre.database)
    listener = centre.enter(record)
    slow, said = asyncio.Event(), []

    async def say(text: str) -> None:
        said.append(text)
        await slow.wait()

    telling = asyncio.create_task(centre.stream(listener, say))
    before = head(world)
    for number in range(1, 301):
        await asyncio.wrap_future(world.centre.database.write(move(SCOPE, before + number)))
    slow.set()
    text = f'data: {{"scope":"{SCOPE}","seq":{before + 300}}}'
    async with asyncio.timeout(30):
        while text not in "".join(said):
            await asyncio.sleep(0.01)
    assert "".join(said).count(SCOPE) < 10
    centre.stop()
    await telling


# the database


def test_what_is_told_is_committed_and_what_failed_is_not_told(world: World) -> None:
    told: list[dict[str, int]] = []
    database = world.centre.database
    no_more = database.listen(lambda moved: told.append(dict(moved)))

    def failing(tx: Transaction) -> None:
        move(SCOPE, 9_000)(tx)
        raise LookupError

    def half(tx: Transaction) -> None:
        move("org", 8_000)(tx)
        with pytest.raises(LookupError):
            tx.attempt(lambda: failing(tx))

    with pytest.raises(LookupError):
        database.write(failing).result()
    database.write(half).result()
    until(lambda: any("org" in moved and moved["org"] == 8_000 for moved in told))
    assert not any(moved.get(SCOPE) == 9_000 for moved in told)
    no_more()
    database.write(move("org", 8_001)).result()
    database.write(lambda tx: None).result()
    assert not any(moved.get("org") == 8_001 for moved in told)


def test_what_another_process_commits_is_told_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    ours, theirs = open_database(url), open_database(url)
    told: list[dict[str, int]] = []
    ours.listen(lambda moved: told.append(dict(moved)))
    theirs.write(move("org", 7)).result()
    until(lambda: any(moved.get("org") == 7 for moved in told))
    ours.write(move("catalogue", 1)).result()
    theirs.write(move("org", 8)).result()
    until(lambda: any(moved.get("org") == 8 for moved in told))
    ours.close()
    theirs.close()


# the stream


def test_a_stream_begins_with_where_the_sites_scopes_are_and_says_what_moves(world: World, served: Served) -> None:
    site, other = world.site("east"), world.site("west")
    known = {(scope, seq) for scope, seq in heads(world).items() if scope in site.enrolled.scopes}
    with hearing(served, site) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert "content-length" not in stream.response.headers
        assert set(stream.until(*known)) == known
        for _ in range(3):
            assert stream.until((SCOPE, served.note(other)))


def test_nothing_of_another_sites_scope_is_heard(world: World, served: Served) -> None:
    site, other = world.site("east"), world.site("west")
    foreign = f"site/{other.id}"
    with hearing(served, site) as stream:
        world.centre.database.write(move(foreign, 500)).result()
        heard = stream.until((SCOPE, served.note(other)))
        named = httpx.get(
            f"{served.url}/v1/wait", params={"after": [f"{foreign}:0", f"{SCOPE}:0"]}, auth=site.auth, timeout=60
        )
    assert {scope for scope, _ in heard} <= set(site.enrolled.scopes)
    assert named.json() == {"heads": {SCOPE: head(world)}}


def test_a_silent_stream_says_that_it_is_there(world: World, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)
    with hearing(served, world.site()) as stream:
        for line in stream._lines:
            stream.comments += line.startswith(":")
            if stream.comments == 3:
                break


def test_a_stream_ends_when_its_site_is_closed(world: World, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)
    site = world.site()
    with hearing(served, site) as stream:
        world.centre.database.write(lambda tx: revoke(tx, world.means, site.id)).result()
        with pytest.raises(EOFError):
            stream.until(("nowhere", 0))
    again = httpx.get(f"{served.url}/v1/live", auth=site.auth)
    assert (again.status_code, again.json()["error"]["code"]) == (403, "revoked")
    until(lambda: len(served.live) == 0)


def test_a_scope_that_is_granted_later_is_heard_and_one_that_is_taken_is_not(
    world: World, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)
    site, database = world.site(), world.centre.database
    database.write(move("region/far", 3)).result()
    with hearing(served, site) as stream:
        stream.until((SCOPE, head(world)))

        def grant(tx: Transaction) -> None:
            record = tx.lock_site(site.id)
            assert record is not None
            tx.put_site(replace(record, scopes=("org", "region/far")))

        database.write(grant).result()
        stream.until(("region/far", 3))
        database.write(move(SCOPE, 900)).result()
        database.write(move("region/far", 4)).result()
        assert stream.until(("region/far", 4)) == [("region/far", 4)]


def test_who_may_not_hear_is_told_why(world: World, served: Served) -> None:
    site = world.site()
    for path in ("/v1/live", "/v1/wait"):
        answer = httpx.get(served.url + path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    for after in ("org", "org:", "org:-1", ":5", "org:1e9", "x" * 65 + ":1"):
        answer = httpx.get(f"{served.url}/v1/wait", params={"after": after}, auth=site.auth)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "malformed")
    many = httpx.get(f"{served.url}/v1/wait", params={"after": [f"s{n}:1" for n in range(65)]}, auth=site.auth)
    assert many.status_code == 422


def test_more_listeners_than_fit_are_told_to_come_later(world: World, served: Served) -> None:
    served.live._most = 1
    first, second = world.site("east"), world.site("west")
    with hearing(served, first):
        for path in ("/v1/live", "/v1/wait"):
            answer = httpx.get(served.url + path, auth=second.auth)
            assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
            assert int(answer.headers["retry-after"]) > 0
    until(lambda: len(served.live) == 0)
    with hearing(served, second) as stream:
        stream.until((SCOPE, head(world)))


def test_a_site_that_comes_again_and_again_ends_its_own_oldest_streams(world: World, served: Served) -> None:
    site = world.site()
    with ExitStack() as open_streams:
        streams = [open_streams.enter_context(hearing(served, site)) for _ in range(live.PER_SITE + 1)]
        with pytest.raises(EOFError):
            streams[0].until(("nowhere", 0))
        for stream in streams[1:]:
            stream.until((SCOPE, head(world)))
        assert len(served.live) == live.PER_SITE
    until(lambda: len(served.live) == 0)


def test_a_hundred_listeners_hear_of_each_commit(
    world: World, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    sites = [world.site(f"hall {n}") for n in range(25)]
    sockets = []
    with caplog.at_level(logging.INFO, logger="agentdesk.centre"):
        for number in range(100):
            connection = socket.create_connection(served.socket.getsockname(), timeout=60)
            signed = "\r\n".join(f"{k}: {v}" for k, v in sites[number % 25].signed("GET", "/v1/live").items())
            connection.sendall(f"GET /v1/live HTTP/1.1\r\n{signed}\r\n\r\n".encode("ascii"))
            sockets.append(connection)
        until(lambda: len(served.live) == 100)
        numbers = [served.note(sites[0]) for _ in range(3)]
        for connection in sockets:
            read = b""
            while f'"seq":{numbers[-1]}}}'.encode() not in read:
                some = connection.recv(65_536)
                assert some, "a stream ended"
                read += some
            connection.close()
        until(lambda: len(served.live) == 0)
        paths = [getattr(record, "path", "") for record in caplog.records]
        assert paths.count("/v1/push") == 3
        until(lambda: [getattr(r, "path", "") for r in caplog.records].count("/v1/live") == 100)


def test_a_stopping_server_ends_its_streams_and_waits(world: World, served: Served) -> None:
    site, other = world.site("east"), world.site("west")
    waited: list[httpx.Response] = []
    params = {"after": [f"{scope}:{seq}" for scope, seq in heads(world).items()]}

    def wait() -> None:
        waited.append(httpx.get(f"{served.url}/v1/wait", params=params, auth=other.auth, timeout=60))

    waiting = threading.Thread(target=wait)
    with hearing(served, site) as stream:
        waiting.start()
        until(lambda: len(served.live) == 2)
        served.server.should_exit = True
        with pytest.raises(EOFError):
            stream.until(("nowhere", 0))
    waiting.join()
    served.thread.join(20)
    assert not served.thread.is_alive()
    assert waited[0].json() == {"heads": {}}


# long-poll


def test_a_long_poll_answers_at_once_when_something_is_new_and_as_soon_as_it_is(world: World, served: Served) -> None:
    site = world.site()
    now = head(world)

    def wait(known: int, more: Any = ()) -> Any:
        params = [("after", f"{SCOPE}:{known}"), *more]
        return httpx.get(f"{served.url}/v1/wait", params=params, auth=site.auth, timeout=60).json()["heads"]

    assert wait(now - 1) == {SCOPE: now}
    answers: list[Any] = []
    # what isn't named isn't waited for, though the site has more scopes
    waiting = threading.Thread(target=lambda: answers.append(wait(now)))
    waiting.start()
    until(lambda: len(served.live) == 1)
    world.centre.database.write(move("org", 400)).result()
    number = served.note(site)
    waiting.join()
    assert answers == [{SCOPE: number}]
    assert wait(0, [("after", "org:0")]) == {SCOPE: number, "org": 400}


def test_a_long_poll_without_news_ends_empty(world: World, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "WAIT_S", 0.1)
    site = world.site()
    params = {"after": f"{SCOPE}:{head(world) + 5}"}
    answer = httpx.get(f"{served.url}/v1/wait", params=params, auth=site.auth, timeout=60)
    assert answer.json() == {"heads": {}}
    assert len(served.live) == 0
