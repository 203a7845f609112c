"""What no request passes the door with, and what every answer bears, whoever answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre import bounds
from agentdesk.centre.bounds import Rate
from agentdesk.centre.guard import Bearing, Face, Guard, host_name, network_of
from agentdesk.centre.rates import AtOnce, Rates
from agentdesk.centre.server import create_app
from agentdesk.protocol.limits import MAX_HEAD_BYTES, MAX_HEADERS, MAX_URL
from tests.centre.kit import Site, World, build_world

Headers = dict[str, str]


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["error"]["code"])

    @property
    def wait_ms(self) -> int:
        return int(json.loads(self.body)["error"]["retry_after_ms"])


def asked(app: Any, path: str = "/v1/x", headers: Headers | None = None, **more: Any) -> Answer:
    """Ask an application; `more` goes into the scope."""
    sent: list[MutableMapping[str, Any]] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path.partition("?")[0],
        "raw_path": path.partition("?")[0].encode(),
        "query_string": path.partition("?")[2].encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("203.0.113.7", 50_000),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
        "server": ("centre", 80),
        **more,
    }

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], got, b"".join(m.get("body", b"") for m in sent[1:]))


class Behind:
    """What is behind the door: says yes, and counts."""

    def __init__(self) -> None:
        self.seen = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen += 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"server", b"x")]})
        await send({"type": "http.response.body", "body": b"yes"})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = build_world(tmp_path)
    yield made
    made.centre.database.close()


def bearer(site: Site) -> Headers:
    return {"authorization": f"Bearer {site.enrolled.token}"}


def guarded(world: World, *hosts: str) -> tuple[Guard, Behind]:
    behind = Behind()
    return Guard(behind, world.centre, Face(hosts=hosts)), behind


# ---------------------------------------------------------------- size


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/wait?" + "after=org:1&" * 64, {}, 200),
        ("/" + "x" * MAX_URL, {}, 414),
        ("/v1/wait?" + "after=org:1&" * 1_000, {}, 414),
        ("/x", {f"x-{n}": "y" for n in range(MAX_HEADERS)}, 200),
        ("/x", {f"x-{n}": "y" for n in range(MAX_HEADERS + 1)}, 431),
        ("/x", {"cookie": "y" * MAX_HEAD_BYTES}, 431),
        ("/x", {"content-length": "1"}, 413),
        ("/x", {"content-length": "0"}, 200),
        ("/x", {"transfer-encoding": "chunked"}, 413),
    ],
)
def test_what_is_too_large_is_turned_away_unread(world: World, path: str, headers: Headers, status: int) -> None:
    guard, behind = guarded(world)
    answer = asked(guard, path, headers)

    assert answer.status == status
    assert behind.seen == (status == 200)


# ---------------------------------------------------------------- host


@pytest.mark.parametrize("host", ["centre.example", "CENTRE.example:8710", "centre.example.", "[2001:db8::1]:8710"])
def test_a_centre_answers_by_its_names(world: World, host: str) -> None:
    guard, _ = guarded(world, "centre.example", "2001:db8::1")

    assert asked(guard, headers={"host": host}).status == 200


@pytest.mark.parametrize("host", ["", "evil.example", "centre.example.evil", "127.0.0.1", "[::1]:80", "a:b:c"])
def test_and_by_no_other(world: World, host: str) -> None:
    guard, behind = guarded(world, "centre.example", "2001:db8::1")
    answer = asked(guard, headers={"host": host})

    assert (answer.status, answer.code, behind.seen) == (421, "unknown_host", 0)


def test_one_without_names_answers_by_any(world: World) -> None:
    assert asked(guarded(world)[0], headers={"host": "evil.example"}).status == 200


def test_names_and_ports() -> None:
    assert [host_name(h) for h in ("A:1", "a", "[::1]:8", "::1", "")] == ["a", "a", "::1", "::1", ""]


# ---------------------------------------------------------------- rates


def test_a_site_is_counted_by_its_token_wherever_it_comes_from(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SITE", Rate(5, 60))
    world.centre.rates = Rates(world.clock.mono_ms)
    guard, behind = guarded(world)
    one, two = world.site("one"), world.site("two")
    answers = [asked(guard, headers=bearer(one), client=(f"203.0.113.{n}", 1)) for n in range(8)]

    assert [a.status for a in answers] == [200] * 5 + [429] * 3
    assert (answers[-1].code, answers[-1].wait_ms, answers[-1].headers["retry-after"]) == ("busy", 1_000, "1")
    assert behind.seen == 5
    assert asked(guard, headers=bearer(two)).status == 200
    assert asked(guard).status == 200
    world.clock.now += 2_000
    assert [asked(guard, headers=bearer(one)).status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("token", ["", "Bearer x", "Bearer s-1.e30.00", "Basic eDp5", "Bearer \xe9", "Bearer"])
def test_who_has_no_token_of_this_centre_is_counted_by_address(
    world: World, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "ADDRESS", Rate(4, 60))
    world.centre.rates = Rates(world.clock.mono_ms)
    guard, _ = guarded(world)

    def statuses(*address: str) -> list[int]:
        return [asked(guard, headers={"authorization": token}, client=(a, 1)).status for a in address]

    assert statuses(*["203.0.113.7"] * 5) == [200] * 4 + [429]
    assert statuses("203.0.113.8") == [200]
    assert statuses(*(f"2001:db8:0:1::{n}" for n in range(1, 6))) == [200] * 4 + [429]


def test_a_forged_site_is_no_site(world: World) -> None:
    site = world.site()
    forged = f"{site.id}.{site.enrolled.token.split('.')[1]}.{'0' * 64}"
    for _ in range(bounds.ADDRESS.burst + 1):
        last = asked(guarded(world)[0], headers={"authorization": f"Bearer {forged}"})
    assert last.status == 429
    assert asked(guarded(world)[0], headers=bearer(site)).status == 200


def test_so_many_at_once_and_each_that_leaves_makes_room(world: World) -> None:
    world.centre.rates.at_once = AtOnce(2)
    guard, behind = guarded(world)
    site = world.site()
    assert [world.centre.rates.at_once.enter(f"site {site.id}") for _ in range(2)] == [True, True]
    answer = asked(guard, headers=bearer(site))

    assert (answer.status, answer.code, behind.seen) == (429, "busy", 0)
    world.centre.rates.at_once.leave(f"site {site.id}")
    assert [asked(guard, headers=bearer(site)).status for _ in range(3)] == [200] * 3


def test_one_that_fails_leaves_too(world: World) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError

    guard = Guard(broken, world.centre, Face())
    with pytest.raises(RuntimeError):
        asked(guard)
    assert len(world.centre.rates.at_once) == 0


def test_addresses_are_counted_by_what_one_caller_has() -> None:
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7") == "203.0.113.7"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("x" * 100) == "x" * 64


# ---------------------------------------------------------------- what answers bear


def test_every_answer_bears_the_headers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(world.centre.database, world.means)
    answers = [asked(app, path) for path in ("/healthz", "/nope", "/v1/live", "/" + "x" * MAX_URL, "/openapi.json")]

    def broken(*_: Any) -> None:
        raise RuntimeError("secret /home/somebody")

    monkeypatch.setattr(type(app.state.centre), "epoch", broken)
    answers.append(asked(app, "/healthz"))

    assert [a.status for a in answers] == [200, 404, 401, 414, 200, 500]
    assert b"secret" not in answers[-1].body
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers


def test_over_tls_browsers_are_told_to_stay_there(world: World) -> None:
    assert "max-age" in asked(Bearing(Behind()), scheme="https").headers["strict-transport-security"]


def test_no_server_is_named() -> None:
    assert "server" not in asked(Bearing(Behind())).headers


def test_the_page_for_people_runs_no_script_but_its_own(world: World) -> None:
    app = create_app(world.centre.database, world.means)
    page = asked(app, "/docs")
    policy = page.headers["content-security-policy"]

    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert b"<script>" not in page.body
    assert asked(app, "/docs/start.js").body.startswith(b"SwaggerUIBundle(")


def test_a_centre_may_keep_its_documentation_to_itself(world: World) -> None:
    app = create_app(world.centre.database, world.means, Face(docs=False))
    paths = ["/docs", "/docs/start.js", "/docs/assets/swagger-ui.css", "/openapi.json", "/redoc"]

    assert [asked(app, path).status for path in paths] == [404] * len(paths)
    assert asked(app, "/healthz").status == 200
