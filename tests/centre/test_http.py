"""The centre over real HTTP: what it answers to whom, and that nothing makes it answer 5xx."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.centre.server import create_app
from agentdesk.centre.serving import listen
from agentdesk.protocol.messages import EnrolAnswer, Health, PullAnswer, PushAnswer
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import public_key
from tests.centre.conftest import DRIVERS
from tests.centre.kit import SCOPE, Site, World, build_world
from tests.sync.histories import Inside

KEY = bytes(32)


@contextmanager
def served(world: World) -> Iterator[str]:
    """Serve a world's centre in a thread of this process; gives its URL."""
    listening = listen("127.0.0.1", 0)
    app = create_app(world.centre.database, world.means)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="module", params=DRIVERS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = request.getfixturevalue("postgres").create() if request.param == "postgresql" else None
    made = build_world(tmp_path_factory.mktemp("centre"), url=url)
    yield made
    made.centre.database.close()


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[httpx.Client]:
    with served(world) as url, httpx.Client(base_url=url, timeout=30) as made:
        yield made


@pytest.fixture
def site(world: World) -> Site:
    return world.site()


def newcomer(world: World) -> SiteAuth:
    """Return what signs for a machine that isn't a site yet."""
    return SiteAuth(Credentials("", KEY), world.clock.wall_ms)


def body_of(site: Site) -> bytes:
    return site.request().model_dump_json().encode()


def error(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def test_a_site_enrols_pushes_and_pulls(world: World, client: httpx.Client) -> None:
    asked = {"public_key": public_key(KEY), "code": world.code(), "name": "一号厅", "machine": "m"}
    answer = client.post("/v1/enrol", auth=newcomer(world), json=asked)
    enrolled = EnrolAnswer.model_validate_json(answer.content)
    site = Site(world, enrolled, world.clock, key=KEY)
    promise = site.whole_call(1)
    pushed = client.post("/v1/push", auth=site.auth, content=body_of(site))
    push = PushAnswer.model_validate_json(pushed.content)
    pulled = client.post("/v1/pull", auth=site.auth, json={"cursors": {s: {} for s in enrolled.scopes}})
    pull = PullAnswer.model_validate_json(pulled.content)

    assert (answer.status_code, pushed.status_code, pulled.status_code) == (200, 200, 200)
    assert push.epoch == enrolled.epoch
    assert push.last_seq == 4
    assert pull.granted == enrolled.scopes
    assert promise.document in {row.id for page in pull.pages if page.scope == SCOPE for row in page.rows}


def test_bodies_and_answers_may_be_gzip(client: httpx.Client, site: Site) -> None:
    for _ in range(20):
        site.note()
    packed = gzip.compress(body_of(site))
    near = {"content-encoding": "gzip"}
    far = {**near, "x-forwarded-for": "203.0.113.7"}
    here = client.post("/v1/push", headers=near, auth=site.auth, content=packed)
    afar = client.post("/v1/push", headers=far, auth=site.auth, content=packed)

    assert "content-encoding" not in here.headers
    assert afar.headers["content-encoding"] == "gzip"
    assert here.json()["verdicts"] == afar.json()["verdicts"]
    assert len(here.json()["verdicts"]) == 20


def test_a_bomb_is_not_inflated(client: httpx.Client, site: Site) -> None:
    bomb = gzip.compress(b"0" * 200_000_000, 9)
    assert len(bomb) < 1_000_000
    answer = client.post("/v1/push", headers={"content-encoding": "gzip"}, auth=site.auth, content=bomb)

    assert (answer.status_code, error(answer)) == (413, "too_large")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}])
@pytest.mark.parametrize("path", ["/v1/push", "/v1/pull"])
def test_nobody_gets_in_without_a_token(client: httpx.Client, path: str, headers: dict[str, str]) -> None:
    answer = client.post(path, headers=headers, content=b"{}")

    assert (answer.status_code, error(answer)) == (401, "unauthorised")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_code_is_403(world: World, client: httpx.Client) -> None:
    asked = {"public_key": public_key(KEY), "code": "AAAA-BBBB-CCCC", "name": "x"}
    answer = client.post("/v1/enrol", auth=newcomer(world), json=asked)

    assert (answer.status_code, error(answer)) == (403, "bad_code")


def test_too_much_at_once_is_413_and_says_how_much_is_taken(client: httpx.Client, site: Site) -> None:
    many = {"lineage": "x", "operations": [["", "", ""]] * 501}
    large = b'{"lineage":"' + b"x" * 1_100_000 + b'"}'
    for answer in (
        client.post("/v1/push", auth=site.auth, json=many),
        client.post("/v1/push", auth=site.auth, content=large),
        client.post("/v1/push", auth=site.auth, content=iter([large[:600_000], large[600_000:]])),
        client.post("/v1/enrol", auth=site.auth, content=large),
    ):
        assert (answer.status_code, error(answer)) == (413, "too_large")
        assert answer.json()["error"]["limits"]["operations"] == 500


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"lineage":5,"operations":[]}',
        b'{"lineage":"x","operations":[["a","b"]]}',
        b'{"lineage":"x","operations":[["a","b",null]]}',
        b'{"lineage":"x","operations":[],"after_seq":-1}',
        b'{"lineage":"x","operations":[],"after_seq":1e400}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_of_another_shape_is_422(client: httpx.Client, site: Site, body: bytes) -> None:
    answer = client.post("/v1/push", auth=site.auth, content=body)

    assert (answer.status_code, error(answer)) == (422, "malformed")


def test_another_protocol_is_426(client: httpx.Client, site: Site) -> None:
    answer = client.post("/v1/push", auth=site.auth, json={"protocol": 2, "lineage": "x", "operations": []})

    assert (answer.status_code, error(answer)) == (426, "upgrade")


def test_another_encoding_is_415(client: httpx.Client, site: Site) -> None:
    answer = client.post("/v1/push", headers={"content-encoding": "br"}, auth=site.auth, content=b"x")

    assert (answer.status_code, error(answer)) == (415, "unsupported_encoding")


def test_a_gap_is_409_and_says_what_is_wanted(client: httpx.Client, site: Site) -> None:
    site.note(), site.note()
    answer = client.post("/v1/push", auth=site.auth, content=site.request(site.made[1:]).model_dump_json())

    assert (answer.status_code, error(answer), answer.json()["error"]["expect"]) == (409, "gap", 1)


def test_unknown_paths_and_methods_answer_in_the_same_form(client: httpx.Client) -> None:
    assert (client.get("/nope").status_code, error(client.get("/nope"))) == (404, "not_found")
    assert (client.get("/v1/push").status_code, error(client.get("/v1/push"))) == (405, "method_not_allowed")


def test_health_says_which_centre_it_is(client: httpx.Client, site: Site) -> None:
    health = Health.model_validate_json(client.get("/healthz").content)

    assert (health.status, health.epoch) == ("ok", site.enrolled.epoch)


def test_the_api_is_documented_without_the_help_of_other_hosts(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    page = client.get("/docs").text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert set(schema["paths"]) == {
        "/v1/enrol",
        "/v1/rotate",
        "/v1/sign-in",
        "/v1/pin",
        "/v1/push",
        "/v1/presence",
        "/v1/pull",
        "/v1/hello",
        "/v1/live",
        "/v1/wait",
        "/v1/snapshots",
        "/v1/snapshots/{name}",
        "/healthz",
    }
    push = schema["paths"]["/v1/push"]["post"]
    assert push["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/PushRequest")
    assert {"200", "401", "409", "413", "422"} <= set(push["responses"])
    references = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema))
    assert set(references) <= set(schema["components"]["schemas"])
    assert assets
    assert all(asset.startswith("/") and client.get(asset).status_code == 200 for asset in assets)
    assert not re.search(r"https?://", page)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    path=st.sampled_from(["/v1/enrol", "/v1/rotate", "/v1/push", "/v1/pull"]),
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        ["lineage", "operations", "cursors", "after_seq", "code", "limit", SCOPE, "seq", "sent"]
                    ),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    ),
    encoding=st.sampled_from(["", "gzip", "identity", "deflate"]),
)
def test_no_body_makes_the_centre_fail(
    world: World, client: httpx.Client, path: str, body: bytes, encoding: str
) -> None:
    site = world.site()
    headers = {"content-encoding": encoding} if encoding else {}

    assert client.post(path, headers=headers, auth=site.auth, content=body).status_code < 500


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    texts=st.lists(
        st.tuples(
            *[st.text(max_size=40) | st.sampled_from(["{}", "[]", '{"id":"x"}', "NaN", "1e999", '"\\ud800"'])] * 3
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_operation_makes_the_centre_fail(
    world: World, client: httpx.Client, texts: list[tuple[str, str, str]]
) -> None:
    site = world.site()
    body = {
        "lineage": f"garbage-{site.id}",
        "operations": [[part.encode("utf-8", "replace").decode() for part in t] for t in texts],
    }
    answer = client.post("/v1/push", auth=site.auth, json=body)

    assert answer.status_code == 200
    assert [v["verdict"] for v in answer.json()["verdicts"]] == ["held"] * len(texts)


def test_many_sites_at_once_leave_logs_without_holes(tmp_path: Path, url: str) -> None:
    """Also of promises to one customer, made by all of them at once: all honoured, one unflagged."""
    world = build_world(tmp_path, url=url)
    sites = [world.site(f"hall {n}") for n in range(6)]
    for each in sites:
        for _ in range(4):
            each.whole_call(3)
    statuses: list[int] = []

    def push_all(each: Site) -> None:
        for start in range(0, len(each.made), 4):
            body = each.request(each.made[start : start + 4]).model_dump_json()
            while (answer := httpx.post(f"{address}/v1/push", auth=each.auth, content=body)).status_code == 429:
                # a slow machine gives each a moment of its own
                time.sleep(answer.json()["error"]["retry_after_ms"] / 1000)
            statuses.append(answer.status_code)

    with served(world) as address:
        threads = [threading.Thread(target=push_all, args=(each,)) for each in sites]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses == [200] * 24
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0
    found = [
        receipt.verdict
        for each in sites
        for receipt in world.centre.database.read(lambda s, e=each: s.receipts_at(e.id, e.lineage, 1, 99)).result()  # type: ignore[misc]
        if receipt.id in {o.id for o in each.made if o.kind == "commitment.made"}
    ]
    world.centre.database.close()
    assert sorted(found) == ["applied"] + ["flagged"] * 23


def test_a_fault_of_the_centre_is_answered_and_logged_without_its_content(
    client: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from agentdesk.centre import service

    def broken(*_: Any) -> None:
        raise RuntimeError("王小明 18612345678")

    monkeypatch.setattr(service, "answer_pull", broken)
    answer = client.post("/v1/pull", auth=site.auth, json={"cursors": {}})

    assert (answer.status_code, error(answer)) == (500, "internal")
    logged = next(record for record in caplog.records if record.getMessage() == "unexpected")
    assert vars(logged)["incident"] in answer.json()["error"]["message"]
    assert "18612345678" not in answer.text + caplog.text


def test_a_full_database_is_503_and_nothing_is_taken(
    client: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentdesk.centre import push
    from agentdesk.centre.storage.contract import StorageFull

    def full(*_: Any) -> None:
        raise StorageFull("no room")

    site.note()
    monkeypatch.setattr(push, "_entries", full)
    answer = client.post("/v1/push", auth=site.auth, content=body_of(site))
    monkeypatch.undo()

    assert (answer.status_code, error(answer)) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert client.post("/v1/push", auth=site.auth, content=body_of(site)).json()["last_seq"] == 1


def test_more_than_can_be_written_soon_is_429_with_a_moment_of_its_own(world: World, site: Site) -> None:
    app = create_app(world.centre.database, world.means)
    client = httpx.Client(transport=Inside(app), base_url="http://centre")
    with app.state.centre.admission.turn(100_000_000):
        answers = [client.post("/v1/push", auth=site.auth, content=body_of(site)) for _ in range(3)]

    assert [(answer.status_code, error(answer)) for answer in answers] == [(429, "busy")] * 3
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert all(answer.json()["error"]["retry_after_ms"] > 1_000 for answer in answers)
    assert client.post("/v1/push", auth=site.auth, content=body_of(site)).status_code == 200


def test_the_log_names_no_person(client: httpx.Client, site: Site, caplog: pytest.LogCaptureFixture) -> None:
    import logging

    with caplog.at_level(logging.INFO, logger="agentdesk.centre"):
        site.note()
        client.post("/v1/push", auth=site.auth, content=body_of(site))
        # the line is written after the answer went out
        while not any(getattr(record, "path", "") == "/v1/push" for record in caplog.records):
            time.sleep(0.005)
    from agentdesk.centre.logs import JsonLines

    lines = [json.loads(JsonLines().format(r)) for r in caplog.records if r.name == "agentdesk.centre"]
    request = next(line for line in lines if line.get("path") == "/v1/push")

    assert request["site"] == site.id
    assert request["verdicts"] == {"applied": 1}
    assert "来电咨询" not in json.dumps(lines, ensure_ascii=False)
    assert site.enrolled.token not in json.dumps(lines)


def test_plain_http_stays_on_this_machine(tmp_path: Path) -> None:
    from agentdesk.centre.serving import ServeError, serve

    with pytest.raises(ServeError, match="behind-tls"):
        serve("0.0.0.0", 0, f"sqlite:///{tmp_path / 'c.db'}")
