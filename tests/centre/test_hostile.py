"""Bodies, names and figures that nobody would send who means well: each is answered, none is believed."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message

from agentdesk.centre.bodies import inflate, read_body
from agentdesk.centre.errors import Rejected
from agentdesk.protocol.limits import MAX_PUSH_BYTES
from agentdesk.trust.signatures import public_key
from tests.centre.kit import SCOPE, Site, World, build_world
from tests.centre.test_http import KEY, newcomer, served
from tests.hostile import FILE_NAMES, FORMULAS, HOSTILE, QUERIES, drawable, gzip_bomb, gzip_parts, json_texts

PATHS = ("/v1/enrol", "/v1/hello", "/v1/push", "/v1/pull", "/v1/presence")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = build_world(tmp_path_factory.mktemp("centre"))
    yield made
    made.centre.database.close()


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[httpx.Client]:
    with served(world) as url, httpx.Client(base_url=url, timeout=60) as made:
        yield made


@pytest.fixture(scope="module")
def site(world: World) -> Site:
    return world.site()


def refused(answer: httpx.Response) -> None:
    """Check that a request was answered as one that can't be taken, in words that anybody may read."""
    assert 400 <= answer.status_code < 500, answer.status_code
    told = answer.json()["error"]
    assert told["code"] != "internal"
    assert drawable(told["message"])
    assert len(told["message"]) < 400


@pytest.mark.parametrize("name", json_texts())
@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_goes_too_far_is_refused(
    world: World, client: httpx.Client, site: Site, path: str, name: str
) -> None:
    auth = newcomer(world) if path == "/v1/enrol" else site.auth
    body = json_texts()[name]
    packed = gzip.compress(body)
    for answer in (
        client.post(path, content=body, auth=auth),
        client.post(path, content=packed, headers={"content-encoding": "gzip"}, auth=auth),
    ):
        # what is not known is not looked at: that nobody is anywhere may be said in many ways
        if not (path == "/v1/presence" and answer.status_code == 200):
            refused(answer)


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_unfolds_without_end_is_refused(world: World, client: httpx.Client, site: Site, path: str) -> None:
    auth = newcomer(world) if path == "/v1/enrol" else site.auth
    for packed in (gzip_bomb(), gzip_parts(), gzip_bomb()[:5_000], b"\x1f\x8b" + bytes(100)):
        refused(client.post(path, content=packed, headers={"content-encoding": "gzip"}, auth=auth))


def test_of_what_unfolds_without_end_no_more_is_unfolded_than_a_body_may_be() -> None:
    packed = gzip_bomb()
    tracemalloc.start()
    try:
        with pytest.raises(Rejected):
            inflate(packed, MAX_PUSH_BYTES)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * MAX_PUSH_BYTES


@pytest.mark.parametrize("given", ["²", "９", "1e3", "-1", "+1", "9" * 30, "9" * 5_000, "0x10", ""])
async def test_a_length_that_is_none_is_no_fault_of_the_centre(given: str) -> None:
    async def sends() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    headers = [(b"content-length", given.encode())]
    asked = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, sends)
    with pytest.raises(Rejected):
        await read_body(asked, 1_000, "of another body")


@pytest.mark.parametrize("after", [*QUERIES, *HOSTILE[::5], f"{SCOPE}:" + "9" * 5_000, f"{SCOPE}:-1", f"{SCOPE}:²"])
def test_a_place_to_wait_from_that_is_none_is_refused(client: httpx.Client, site: Site, after: str) -> None:
    where = "/v1/wait?after=" + quote(after.encode("utf-8", "surrogatepass"))[:20_000]
    answer = client.get(where, auth=site.auth)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("name", [*FILE_NAMES, "..%2f..%2fcentre.key", "%2e%2e/centre.db", "centre.db%00.rows"])
def test_no_name_leads_out_of_the_folder_of_snapshots(client: httpx.Client, site: Site, name: str) -> None:
    answer = client.get("/v1/snapshots/" + quote(name.encode("utf-8", "surrogatepass"), safe="%"), auth=site.auth)
    assert answer.status_code in (200, 307, 400, 404, 405, 414)
    assert answer.status_code != 200 or answer.json()["snapshots"] == []


@pytest.mark.parametrize("words", [*HOSTILE, *FORMULAS], ids=lambda words: ascii(words[:12]))
def test_what_people_are_called_is_clean_wherever_it_is_told(
    world: World, client: httpx.Client, site: Site, words: str
) -> None:
    said = words.encode("utf-8", "replace").decode()[:80]
    asked = {"code": world.code(), "name": said, "machine": said, "public_key": public_key(KEY)}
    enrolled = client.post("/v1/enrol", json=asked, auth=newcomer(world))
    assert enrolled.status_code in (200, 422)
    assert enrolled.status_code != 200 or drawable(enrolled.json()["name"])
    here = {"here": [{"scope": SCOPE, "id": "t-1", "agent": "a-1", "name": said}]}
    other = world.site()
    assert client.post("/v1/presence", json=here, auth=other.auth).status_code == 200
    heard = client.post("/v1/presence", json=here, auth=site.auth).json()["there"]
    assert heard
    assert all(drawable(one["name"]) and drawable(one["site"]) for one in heard)


@pytest.mark.parametrize("words", [*HOSTILE, *QUERIES], ids=lambda words: ascii(words[:12]))
def test_an_operation_with_hostile_texts_is_taken_or_held_and_none_behind_it_is_lost(
    world: World, client: httpx.Client, words: str
) -> None:
    site = world.site()
    said = words.encode("utf-8", "replace").decode()[:3_000]
    site.make("note.added", site.name("note"), {"customer": "c-1", "text": said})
    site.note()
    pushed = client.post("/v1/push", content=site.request().model_dump_json().encode(), auth=site.auth)
    assert pushed.status_code == 200
    assert [one["verdict"] for one in pushed.json()["verdicts"]][1] == "applied"
    pulled = client.post("/v1/pull", json={"cursors": {SCOPE: {}}}, auth=site.auth)
    assert pulled.status_code == 200


def test_the_folder_of_the_centre_has_nothing_that_nobody_put_there(world: World, tmp_path: Path) -> None:
    assert not list(tmp_path.iterdir())
    assert not Path("/tmp/outside").exists()
