"""Limits at the routes: who guesses, who floods, and sites that are told to come later and do so."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentdesk.centre import bounds
from agentdesk.centre.bounds import Rate
from agentdesk.centre.rates import Rates
from agentdesk.centre.server import create_app
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import public_key
from tests.centre.kit import Site, World, build_world
from tests.sync.histories import Inside, Story

KEY = bytes(32)


class From(httpx.BaseTransport):
    """Carries requests to an application as if they came from an address."""

    def __init__(self, app: Any, address: str) -> None:
        self.app = app
        self.address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=(self.address, 1))
            sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
            answer = await transport.handle_async_request(sent)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(ask())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = build_world(tmp_path)
    yield made
    made.centre.database.close()


@pytest.fixture
def app(world: World) -> Any:
    return create_app(world.centre.database, world.means)


def enrolled(world: World, app: Any, code: str, address: str = "203.0.113.7") -> httpx.Response:
    auth = SiteAuth(Credentials("", KEY), world.clock.wall_ms)
    asked = {"public_key": public_key(KEY), "code": code, "name": "x"}
    with httpx.Client(transport=From(app, address), base_url="http://centre", auth=auth) as client:
        return client.post("/v1/enrol", json=asked)


def pushed(site: Site, app: Any, first: int) -> httpx.Response:
    with httpx.Client(transport=Inside(app), base_url="http://centre", auth=site.auth) as client:
        return client.post("/v1/push", content=site.request(site.made[first:]).model_dump_json())


def test_codes_aren_t_guessed_and_who_guesses_keeps_only_his_neighbours_out(world: World, app: Any) -> None:
    code = world.code()
    statuses = [enrolled(world, app, f"AAAA-BBBB-{n:04}").status_code for n in range(bounds.ENROL.burst + 2)]

    assert statuses == [403] * bounds.ENROL.burst + [429] * 2
    late = enrolled(world, app, code)
    assert (late.status_code, late.json()["error"]["code"]) == (429, "busy")
    assert int(late.headers["retry-after"]) * 1000 >= late.json()["error"]["retry_after_ms"] > 0
    assert enrolled(world, app, world.code(), "203.0.113.8").status_code == 200
    world.clock.now += late.json()["error"]["retry_after_ms"]
    assert enrolled(world, app, code).status_code == 200


def test_a_code_that_was_never_given_is_refused_as_one_that_is_used_up_or_old(world: World, app: Any) -> None:
    used, old = world.code(), world.code()
    assert enrolled(world, app, used).status_code == 200
    world.clock.now += 10 * 86_400_000
    answers = [enrolled(world, app, code) for code in (used, old, "AAAA-BBBB-CCCC", "x" * 64)]

    assert {(answer.status_code, answer.content) for answer in answers} == {(403, answers[0].content)}


def test_an_agent_who_makes_more_than_anybody_can_is_slowed_down_and_nothing_is_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "AGENT", Rate(4, 60))
    app = create_app(world.centre.database, world.means)
    site = world.site()
    for _ in range(3):
        site.note()
    assert pushed(site, app, 0).status_code == 200
    for _ in range(3):
        site.note()
    slowed = pushed(site, app, 3)
    assert (slowed.status_code, slowed.json()["error"]["code"]) == (429, "busy")
    other = world.site("other")
    other.note()
    assert pushed(other, app, 0).status_code == 200
    world.clock.now += slowed.json()["error"]["retry_after_ms"]
    assert pushed(site, app, 3).json()["last_seq"] == 6


class Watched(Inside):
    """A line that notes when what was asked, and when it was asked to come again."""

    def __init__(self, app: Any, now: Any) -> None:
        super().__init__(app)
        self.now = now
        self.not_before: dict[str, int] = defaultdict(int)
        self.early: list[str] = []
        self.later = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, now = request.url.path, self.now()
        if now < self.not_before[path]:
            self.early.append(f"{path} at {now}, not before {self.not_before[path]}")
        answer = super().handle_request(request)
        if answer.status_code == 429:
            self.later += 1
            self.not_before[path] = now + answer.json()["error"]["retry_after_ms"]
        return answer


def test_a_site_that_is_told_to_come_later_does_so_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(tmp_path)
    hall = story.enrolled("hall")
    monkeypatch.setattr(bounds, "SITE", Rate(2, 6))
    rates = Rates(hall.clock.mono_ms)
    hall.line.app.state.centre.rates = rates
    watched = Watched(hall.line.app, hall.clock.mono_ms)
    hall.line = watched
    hall.session = story._session(hall.site, watched)
    notes = [hall.note(f"note {n}") for n in range(3)]
    hall.sync()

    assert watched.later > 0
    assert watched.early == []
    assert all(story.document(note.operation.document) is not None for note in notes)
    story.close()


@pytest.mark.parametrize("path", ["/v1/sign-in", "/v1/pin"])
def test_passwords_are_tried_no_oftener_than_a_shift_signs_in(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "SIGN_IN", Rate(2, 60))
    app = create_app(world.centre.database, world.means)
    site = world.site()
    tries = []
    with httpx.Client(transport=Inside(app), base_url="http://centre", auth=site.auth) as client:
        for number in range(4):
            asked = {"agent": f"a-{number}", "password": "wrong horse", "pin": "2580"}
            tries.append(client.post(path, json=asked))

    assert [answer.status_code for answer in tries[2:]] == [429, 429]
    assert all(answer.status_code < 429 for answer in tries[:2])
