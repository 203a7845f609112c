"""Presence over all sites: in memory, for seconds, within each site's own scopes, and told on the stream."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre import create_app
from agentdesk.centre.live import PRESENCE, Listener
from agentdesk.centre.presence import EXPIRES_MS, Presences, There
from agentdesk.centre.service import Centre
from agentdesk.domain.documents import Key
from agentdesk.store import presence
from agentdesk.store.presence import Presence, Present
from agentdesk.sync.presence import EVERY_MS, PresenceLine
from tests.centre.kit import SCOPE, TestClock, World, build_world
from tests.sync.histories import Inside

SCOPES = (SCOPE,)


def there(document: str = "t-1", name: str = "李强", scope: str = SCOPE, writing: bool = False) -> There:
    return There(scope, document, "bj1025", name, writing)


class Minute:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> int:
        return self.at


def test_sites_hear_of_each_other_in_the_same_document_only() -> None:
    known = Presences(Minute())
    assert known.say("a", "一号", [there()], SCOPES) == frozenset()
    assert known.say("b", "二号", [there("t-2")], SCOPES) == frozenset()
    assert known.others("b", SCOPES) == []
    assert known.say("b", "二号", [there(name="赵磊")], SCOPES) == {"a"}
    assert known.others("a", SCOPES) == [("二号", there(name="赵磊"))]
    assert known.say("b", "二号", [], SCOPES) == {"a"}
    assert known.others("a", SCOPES) == []


def test_saying_the_same_again_calls_nobody() -> None:
    known = Presences(Minute())
    known.say("a", "一号", [there()], SCOPES)
    known.say("b", "二号", [there()], SCOPES)
    assert known.say("b", "二号", [there()], SCOPES) == frozenset()
    assert known.say("b", "二号", [there(writing=True)], SCOPES) == {"a"}


@given(st.lists(st.integers(0, EXPIRES_MS), max_size=6))
def test_a_word_expires_that_isnt_said_again(steps: list[int]) -> None:
    clock = Minute()
    known = Presences(clock)
    known.say("a", "一号", [there()], SCOPES)
    for step in steps:
        clock.at += step
        known.say("b", "二号", [there()], SCOPES)
        assert bool(known.others("b", SCOPES)) == (clock.at <= EXPIRES_MS)


def test_what_lies_outside_a_sites_scopes_is_neither_taken_nor_told() -> None:
    known = Presences(Minute())
    known.say("a", "一号", [there(scope="region/far")], SCOPES)
    known.say("b", "二号", [there(scope="region/far")], ("region/far",))
    assert known.others("b", ("region/far",)) == []
    known.say("a", "一号", [there()], SCOPES)
    assert known.others("b", ("region/far",)) == []


def test_a_stream_is_called_and_a_long_poll_isnt() -> None:
    async def story() -> tuple[list[str], bool]:
        listener = Listener("a", SCOPES, {}, streams=True)
        listener.call()
        news = await listener.news(5)
        return list(news), listener.called()

    assert asyncio.run(story()) == ([], True)
    assert PRESENCE.startswith("event: presence\n")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path)


def line(world: World, folder: Path, clock: TestClock) -> PresenceLine:
    inside = Inside(create_app(world.centre.database, world.means))
    return PresenceLine(folder, "http://centre", world.site().auth, clock.wall_ms, clock.mono_ms, inside)


def test_two_sites_see_each_other_through_the_routes(world: World, tmp_path: Path) -> None:
    app = create_app(world.centre.database, world.means)
    clock = TestClock()
    lines, desks = [], []
    for name in ("here", "there"):
        auth = world.site(name).auth
        folder = tmp_path / name
        folder.mkdir()
        desk = Presence(folder, "1")
        desk.say(Present(SCOPE, "t-1", "a-1", name), clock.wall_ms())
        desks.append(desk)
        inside = Inside(app)
        args = ("http://centre", auth, clock.wall_ms, clock.mono_ms, inside)
        lines.append(PresenceLine(folder, *args))
    for one in (*lines, *lines):
        one.step()
    seen = [[(one.name, one.site) for one in desk.others(Key(SCOPE, "t-1"), clock.wall_ms())] for desk in desks]
    assert seen == [[("there", "there")], [("here", "here")]]
    assert not lines[0].due
    clock.now += EVERY_MS
    assert lines[0].due
    desks[0].say(None, clock.wall_ms())
    for one in lines:
        one.step()
    clock.now += EVERY_MS
    assert desks[1].others(Key(SCOPE, "t-1"), clock.wall_ms()) == ()
    clock.now += EVERY_MS
    assert not lines[0].due
    assert presence.here(tmp_path / "here", clock.wall_ms()) == ()
    for one in lines:
        one.close()


def test_nothing_of_it_is_written_down(world: World, tmp_path: Path) -> None:
    site = world.site()
    before = world.centre.database.read(lambda s: s.sizes()).result()
    client = httpx.Client(
        base_url="http://centre",
        auth=site.auth,
        transport=Inside(create_app(world.centre.database, world.means)),
    )
    body = {"here": [{"scope": SCOPE, "id": "t-1", "agent": "a-1", "name": "张敏"}]}
    answer = client.post("/v1/presence", json=body)
    assert (answer.status_code, answer.json()) == (200, {"there": []})
    assert client.post("/v1/presence", json={"here": [{"scope": SCOPE}]}).status_code == 422
    assert client.post("/v1/presence", json=body, auth=lambda request: request).status_code == 401
    assert world.centre.database.read(lambda s: s.sizes()).result() == before
    client.close()


def test_a_line_that_fails_or_a_centre_that_knows_nothing_of_it_is_no_trouble(world: World, tmp_path: Path) -> None:
    clock = TestClock()
    desk = Presence(tmp_path, "1")
    desk.say(Present(SCOPE, "t-1", "a-1", "张敏"), clock.wall_ms())
    cut = line(world, tmp_path, clock)
    assert isinstance(cut._http._transport, Inside)
    cut._http._transport.down = True
    cut.step()
    cut.close()

    def absent(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    old = PresenceLine(tmp_path, "http://old", None, clock.wall_ms, clock.mono_ms, httpx.MockTransport(absent))
    old.step()
    desk.say(Present(SCOPE, "t-2", "a-1", "张敏"), clock.wall_ms())
    clock.now += 10 * EVERY_MS
    assert not old.due
    old.close()
    assert isinstance(world.centre, Centre)
