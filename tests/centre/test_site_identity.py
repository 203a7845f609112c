"""Who a site is: by its token and its key, both of which may change, and nothing else, over real HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentdesk.centre import live
from agentdesk.centre.enrol import create_site_code, revoke
from agentdesk.centre.proofs import Signer
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.opening import KEY as KEY_FILE
from agentdesk.centre.storage.opening import open_database
from agentdesk.centre.storage.rows import Site as Row
from agentdesk.domain.times.zone import DAY_MS
from agentdesk.store.site import Identity
from agentdesk.store.site import Site as Files
from agentdesk.sync.client import CentreClient, RequestFailed, client_of
from agentdesk.sync.core import Pace, SyncCore
from agentdesk.sync.fetching import CentreSnapshots
from agentdesk.sync.rotating import rotate
from agentdesk.sync.session import Session
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import TIME_HEADER, prove, public_key
from tests.centre.kit import REGION, SCOPE, Site, TestClock, World, build_world
from tests.centre.test_http import served
from tests.centre.test_live import Served, hearing
from tests.store.world import OPENED, Dice
from tests.waiting import until

OTHER = bytes(range(1, 33))

ROUTES = [
    ("POST", "/v1/hello"),
    ("POST", "/v1/push"),
    ("POST", "/v1/pull"),
    ("POST", "/v1/presence"),
    ("GET", "/v1/live"),
    ("GET", "/v1/wait"),
    ("GET", "/v1/snapshots"),
    ("GET", "/v1/snapshots/x"),
]


BODIES = {"/v1/push": b'{"lineage":"x","operations":[]}', "/v1/pull": b'{"cursors":{}}'}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "centre"
    folder.mkdir()
    made = build_world(folder)
    yield made
    made.centre.database.close()


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    with served(world) as url, httpx.Client(base_url=url, timeout=60) as made:
        yield made


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def ask(client: httpx.Client, site: Site, method: str, path: str, auth: Any = None) -> httpx.Response:
    content = BODIES.get(path, b"{}") if method == "POST" else None
    return client.request(method, path, content=content, auth=auth or site.auth)


def files(world: World, site: Site, folder: Path, url: str) -> Files:
    """Return a site's own files, which speak to a centre that is served there."""
    e = site.enrolled
    found = Files(folder, TestClock(world.clock.now), Dice(1))
    OPENED.append(found)
    if not found.enrolled():
        facts = (e.site, e.number, e.name, f"region/{e.region}", tuple(e.scopes), url, e.token, site.key)
        found.enrol(Identity(*facts), "lineage")
    return found


def row(world: World, site: str) -> Row:
    found = world.centre.database.read(lambda s: s.site(site)).result()
    assert found is not None
    return found


# a token alone, another key, another request


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_copied_token_opens_nothing_alone_nor_with_another_key(
    world: World, client: httpx.Client, method: str, path: str
) -> None:
    site, other = world.site("east"), world.site("west")
    token = site.enrolled.token
    bare = SiteAuth(Credentials(token, b""), world.clock.wall_ms)
    mine = SiteAuth(Credentials(token, OTHER), world.clock.wall_ms)
    theirs = SiteAuth(Credentials(token, other.key), world.clock.wall_ms)
    unsigned = SiteAuth(Credentials("", site.key), world.clock.wall_ms)
    for auth in (bare, mine, theirs, unsigned):
        assert code(ask(client, site, method, path, auth)) == (401, "unauthorised")


def test_what_was_signed_for_one_request_is_good_for_no_other(world: World, client: httpx.Client) -> None:
    site = world.site()
    site.note()
    body = site.request().model_dump_json().encode()
    request = client.build_request("POST", "/v1/push", content=body)
    signed = dict(next(site.auth.auth_flow(request)).headers)
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("POST", "/v1/pull", {}),
        ("POST", "/v1/push?a=1", {}),
        ("POST", "/v1/push", {"content-encoding": "gzip"}),
        ("POST", "/v1/push", {"range": "bytes=0-1"}),
    ]
    for method, path, more in asked:
        answer = client.request(method, path, headers={**signed, **more}, content=body)
        assert code(answer) == (401, "unauthorised"), (method, path, more)
    # the digest is what is signed: another body is seen by it before it is unpacked or read
    other = body.replace("来电".encode(), "去电".encode())
    assert len(other) == len(body)
    assert other != body
    assert code(client.post("/v1/push", headers=signed, content=other)) == (422, "malformed")
    without = {name: value for name, value in signed.items() if name != "content-digest"}
    assert code(client.post("/v1/push", headers=without, content=body)) == (401, "unauthorised")
    assert row(world, site.id).public_key == public_key(site.key)
    assert not world.documents(SCOPE, site.made[0].document)


def test_no_body_is_read_before_the_signature_is_good(world: World, client: httpx.Client) -> None:
    thief = SiteAuth(Credentials(world.site().enrolled.token, OTHER), world.clock.wall_ms)
    for path in ("/v1/push", "/v1/pull", "/v1/rotate", "/v1/hello"):
        assert code(client.post(path, content=b"{", auth=thief)) == (401, "unauthorised")


def test_a_request_is_taken_once(world: World, client: httpx.Client) -> None:
    site = world.site()
    site.note()
    request = client.build_request("POST", "/v1/push", content=site.request().model_dump_json())
    signed = next(site.auth.auth_flow(request))
    assert client.send(signed).status_code == 200
    again = client.post("/v1/push", headers=signed.headers, content=signed.content)
    assert code(again) == (401, "stale")
    assert again.headers[TIME_HEADER] == str(world.clock.now)


def test_a_piece_of_a_snapshot_is_signed_with_its_range(world: World, client: httpx.Client) -> None:
    site = world.site()
    request = client.build_request("GET", "/v1/snapshots/x", headers={"Range": "bytes=0-9"})
    signed = dict(next(site.auth.auth_flow(request)).headers)
    assert code(client.get("/v1/snapshots/x", headers={**signed, "range": "bytes=0-99999"})) == (401, "unauthorised")
    assert code(client.get("/v1/snapshots/x", headers=signed)) == (404, "not_found")


@pytest.mark.parametrize("skew", [-10 * 365 * DAY_MS, -400_000, -200_000, 0, 200_000, 400_000, 10 * 365 * DAY_MS])
def test_a_wrong_clock_keeps_no_site_from_working(world: World, client: httpx.Client, skew: int) -> None:
    site = world.site()
    times: list[int] = []

    def wall_ms() -> int:
        times.append(1)
        return world.clock.now + skew

    auth = SiteAuth(Credentials(site.enrolled.token, site.key), wall_ms)
    for _ in range(3):
        assert client.get("/v1/snapshots", auth=auth).status_code == 200
    # what was signed before this process began could have come to the one before
    assert len(times) == (3 if 0 <= skew <= 300_000 else 5), "it is told the time once"


def test_what_was_taken_before_a_restart_is_not_taken_after_it(world: World) -> None:
    site = world.site()
    signed = site.signed("GET", "/v1/snapshots")
    with served(world) as url:
        assert httpx.get(f"{url}/v1/snapshots", headers=signed).status_code == 200
    world.clock.now += 3_000
    with served(world) as url:
        assert code(httpx.get(f"{url}/v1/snapshots", headers=signed)) == (401, "stale")


# enrolment


def test_a_newcomer_has_to_have_the_key_that_he_names(world: World, client: httpx.Client) -> None:
    made = world.code()
    asked = {"public_key": public_key(OTHER), "code": made, "name": "x"}
    with_another = SiteAuth(Credentials("", bytes(32)), world.clock.wall_ms)
    assert code(client.post("/v1/enrol", json=asked, auth=with_another)) == (401, "unauthorised")
    assert code(client.post("/v1/enrol", json=asked)) == (401, "unauthorised")
    without = {name: value for name, value in asked.items() if name != "public_key"}
    assert code(client.post("/v1/enrol", json=without, auth=with_another)) == (422, "malformed")
    own = SiteAuth(Credentials("", OTHER), world.clock.wall_ms)
    enrolled = client.post("/v1/enrol", json=asked, auth=own).json()
    assert row(world, enrolled["site"]).public_key == public_key(OTHER)
    told = world.centre.signer.token_site(enrolled["token"], "")
    assert told is not None
    assert told[0].public_key == public_key(OTHER), "the token says which key goes with it"


# a new key


def test_the_old_key_is_good_until_the_new_one_was_used_and_then_no_more(
    world: World, client: httpx.Client, tmp_path: Path
) -> None:
    site = world.site()
    mine = files(world, site, tmp_path / "site", str(client.base_url))
    own = client_of(mine)
    rotate(mine, own)
    assert mine.identity.token != site.enrolled.token
    assert client.get("/v1/snapshots", auth=site.auth).status_code == 200, "the new one was not used yet"
    mixed = SiteAuth(Credentials(mine.identity.token, site.key), world.clock.wall_ms)
    assert client.get("/v1/snapshots", auth=mixed).status_code == 401
    own.auth.credentials = Credentials(mine.identity.token, mine.identity.key)
    assert CentreSnapshots(own).offers() == ()
    for method, path in ROUTES:
        assert code(ask(client, site, method, path)) == (401, "unauthorised")
    assert row(world, site.id).public_key == public_key(mine.identity.key)
    own.close()


class Breaking(httpx.BaseTransport):
    """A line that loses the answer to each request of a path, once."""

    def __init__(self, path: str) -> None:
        self._inner = httpx.HTTPTransport()
        self._path = path
        self.broke = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if request.url.path == self._path and not self.broke:
            self.broke = True
            response.read()
            raise httpx.ReadError("the answer was lost")
        return response

    def close(self) -> None:
        self._inner.close()


def test_an_answer_that_is_lost_leaves_the_site_with_what_it_has(
    world: World, client: httpx.Client, tmp_path: Path
) -> None:
    site = world.site()
    url = str(client.base_url)
    mine = files(world, site, tmp_path / "site", url)
    own = client_of(mine, Breaking("/v1/rotate"))
    with pytest.raises(RequestFailed):
        rotate(mine, own)
    assert CentreSnapshots(own).offers() == (), "with the old key"
    # the process dies, and another one goes on where it was: with the key that was kept before it was named
    kept = mine.next_key()
    mine.close()
    again = files(world, site, tmp_path / "site", url)
    later = client_of(again)
    rotate(again, later)
    assert again.identity.key == kept
    assert later.renew is not None
    assert later.renew()
    assert CentreSnapshots(later).offers() == ()
    assert client.get("/v1/snapshots", auth=site.auth).status_code == 401
    own.close()
    later.close()


def test_a_desk_that_runs_finds_out_that_a_command_changed_the_key(
    world: World, client: httpx.Client, tmp_path: Path
) -> None:
    site = world.site()
    url = str(client.base_url)
    mine = files(world, site, tmp_path / "site", url)
    running = client_of(mine)
    session = Session(mine, running, SyncCore(Pace(), lambda: 0.5), "test")
    session.step()
    other = files(world, site, tmp_path / "site", url)
    command = client_of(other)
    rotate(other, command)
    command.auth.credentials = Credentials(other.identity.token, other.identity.key)
    CentreSnapshots(command).offers()
    session.step()
    assert session.problem is None
    assert session.reachable
    running.close()
    command.close()


def test_a_key_that_somebody_else_has_is_not_taken_for_the_next(world: World, client: httpx.Client) -> None:
    site, thief = world.site(), world.site("thief")

    def asked(key: bytes, proof: str, auth: Any, **more: str) -> tuple[int, str]:
        body = {"public_key": public_key(key), "proof": proof, **more}
        answer = client.post("/v1/rotate", json=body, auth=auth)
        return (200, "") if answer.status_code == 200 else code(answer)

    token = site.enrolled.token
    assert asked(OTHER, prove(OTHER, thief.id), site.auth) == (401, "unauthorised")
    assert asked(OTHER, prove(bytes(32), site.id), site.auth) == (401, "unauthorised")
    stolen = SiteAuth(Credentials(token, OTHER), world.clock.wall_ms)
    assert asked(OTHER, prove(OTHER, site.id), stolen) == (401, "unauthorised")
    nobody = SiteAuth(Credentials("", OTHER), world.clock.wall_ms)
    for given in ("", "AAAA-BBBB-CCCC", world.code()):
        assert asked(OTHER, prove(OTHER, site.id), nobody, site=site.id, code=given) == (403, "bad_code")
    of_thief = world.centre.database.write(lambda tx: create_site_code(tx, world.means, thief.id)).result()
    assert asked(OTHER, prove(OTHER, site.id), nobody, site=site.id, code=of_thief) == (403, "bad_code")
    assert row(world, site.id).next_key == ""


def test_a_site_that_lost_its_key_gets_another_by_a_code_of_its_own(
    world: World, client: httpx.Client, tmp_path: Path
) -> None:
    site = world.site()
    mine = files(world, site, tmp_path / "site", str(client.base_url))
    with mine.files.writing() as outbox:
        outbox.execute("UPDATE meta SET value = ? WHERE key IN ('key', 'token')", ("00" * 32,))
    mine.look_again()
    own = client_of(mine)
    with pytest.raises(RequestFailed, match="--code"):
        CentreSnapshots(own).offers()
    given = world.centre.database.write(lambda tx: create_site_code(tx, world.means, site.id)).result()
    rotate(mine, own, given)
    own.auth.credentials = Credentials(mine.identity.token, mine.identity.key)
    assert CentreSnapshots(own).offers() == ()
    assert client.get("/v1/snapshots", auth=site.auth).status_code == 401
    with pytest.raises(RequestFailed):
        rotate(mine, own, given)
    newcomer = SiteAuth(Credentials("", OTHER), world.clock.wall_ms)
    own_code = world.centre.database.write(lambda tx: create_site_code(tx, world.means, site.id)).result()
    enrolling = {"public_key": public_key(OTHER), "code": own_code}
    assert code(client.post("/v1/enrol", json=enrolling, auth=newcomer)) == (403, "bad_code")
    own.close()


def keyless(world: World, site: Site) -> str:
    """Make a site one that was enrolled before sites had keys; returns its token of that time."""
    made = row(world, site.id)
    signer: Signer = world.centre.signer
    from dataclasses import replace

    from agentdesk.centre.callers import token_hash

    before = replace(made, public_key="")
    token = signer.token(before, made.presented, bytes(32))
    world.centre.database.write(lambda tx: tx.put_site(replace(before, token_hash=token_hash(token)))).result()
    return token


def test_a_site_from_before_there_were_keys_gets_one_with_its_next_greeting(
    world: World, client: httpx.Client, tmp_path: Path
) -> None:
    site = world.site()
    token = keyless(world, site)
    bare = SiteAuth(Credentials(token, b""), world.clock.wall_ms)
    signed = SiteAuth(Credentials(token, OTHER), world.clock.wall_ms)
    for method, path in ROUTES:
        for auth in (bare, signed):
            answer = ask(client, site, method, path, auth)
            assert code(answer) == (401, "unauthorised")
            assert "agentdesk site rotate" in answer.json()["error"]["message"]
    mine = files(world, site, tmp_path / "site", str(client.base_url))
    with mine.files.writing() as outbox:
        outbox.execute("UPDATE meta SET value = '' WHERE key = 'key'")
        outbox.execute("UPDATE meta SET value = ? WHERE key = 'token'", (token,))
    mine.look_again()
    own = client_of(mine)
    session = Session(mine, own, SyncCore(Pace(), lambda: 0.5), "test")
    session.step()
    assert session.problem is None
    assert row(world, site.id).public_key == public_key(mine.identity.key)
    # whoever copied the token before comes too late
    late = SiteAuth(Credentials(token, OTHER), world.clock.wall_ms)
    body = {"public_key": public_key(OTHER), "proof": prove(OTHER, site.id)}
    assert code(client.post("/v1/rotate", json=body, auth=late)) == (401, "unauthorised")
    own.close()


def test_a_site_is_known_by_its_key_to_a_centre_that_was_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "centre"
    folder.mkdir()
    world = build_world(folder)
    early = world.site("early")
    backup = tmp_path / "backup.db"
    world.centre.database.close()
    shutil.copy(folder / "centre.db", backup)

    def opened() -> World:
        centre = Centre(open_database(f"sqlite:///{folder / 'centre.db'}", folder / KEY_FILE), world.means)
        return World(centre, world.clock, world.url)

    now = opened()
    late = now.site("late")
    with served(now) as url:
        mine = files(now, early, tmp_path / "site", url)
        own = client_of(mine)
        rotate(mine, own)
        own.auth.credentials = Credentials(mine.identity.token, mine.identity.key)
        CentreSnapshots(own).offers()
        own.close()
    now.centre.database.close()
    shutil.copy(backup, folder / "centre.db")
    for left in folder.glob("centre.db-*"):
        left.unlink()
    again = opened()
    with served(again) as url:
        turned = SiteAuth(Credentials(mine.identity.token, mine.identity.key), world.clock.wall_ms)
        thief = SiteAuth(Credentials(late.enrolled.token, OTHER), world.clock.wall_ms)
        assert code(httpx.get(f"{url}/v1/snapshots", auth=thief)) == (401, "unauthorised")
        assert again.centre.database.read(lambda s: s.site(late.id)).result() is None
        assert httpx.get(f"{url}/v1/snapshots", auth=turned).status_code == 200
        assert httpx.get(f"{url}/v1/snapshots", auth=late.auth).status_code == 200
        assert code(httpx.get(f"{url}/v1/snapshots", auth=early.auth)) == (401, "unauthorised")
    assert row(again, late.id).public_key == public_key(late.key)
    assert row(again, early.id).public_key == public_key(mine.identity.key)
    again.centre.database.close()


# a site that is closed


@contextmanager
def serving(world: World) -> Iterator[Served]:
    made = Served(world)
    try:
        yield made
    finally:
        made.stop()


def test_a_site_that_is_closed_hears_no_more_and_opens_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 3_600)
    site = world.site()
    with serving(world) as centre:
        with hearing(centre, site) as stream:
            stream.next()
            world.centre.database.write(lambda tx: revoke(tx, world.means, site.id)).result()
            with pytest.raises(EOFError):
                stream.until(("nowhere", 0))
        for method, path in ROUTES:
            with httpx.Client(base_url=centre.url) as client:
                assert code(ask(client, site, method, path)) == (403, "revoked")


def test_a_stream_of_the_old_key_ends_with_it(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 3_600)
    site = world.site()
    with serving(world) as centre, hearing(centre, site) as stream:
        stream.next()
        mine = files(world, site, tmp_path / "site", centre.url)
        own = client_of(mine)
        rotate(mine, own)
        own.auth.credentials = Credentials(mine.identity.token, mine.identity.key)
        CentreSnapshots(own).offers()
        with pytest.raises(EOFError):
            stream.until(("nowhere", 0))
        own.close()


def test_a_long_poll_of_a_site_that_is_closed_says_so(world: World) -> None:
    import threading

    site = world.site()
    answers: list[httpx.Response] = []
    with serving(world) as centre:
        params = {"after": "org:99999"}
        waiting = threading.Thread(
            target=lambda: answers.append(httpx.get(f"{centre.url}/v1/wait", params=params, auth=site.auth, timeout=60))
        )
        waiting.start()
        until(lambda: len(centre.live) == 1)
        world.centre.database.write(lambda tx: revoke(tx, world.means, site.id)).result()
        centre.live._told({"org": 100_000})
        waiting.join()
    assert [code(answer) for answer in answers] == [(403, "revoked")]


def test_nothing_secret_is_shown_of_an_identity() -> None:
    identity = Identity("s", 1, "n", REGION, (), "http://x", "tell-no-one", OTHER, "ca")
    shown = repr(identity) + repr(Credentials("tell-no-one", OTHER)) + repr(Signer(OTHER))
    assert "tell-no-one" not in shown
    assert repr(OTHER) not in shown


def test_a_client_says_nothing_to_a_centre_that_anybody_can_listen_to() -> None:
    from agentdesk.trust.addresses import BadAddress

    with pytest.raises(BadAddress, match=r"plain HTTP to centre\.example"):
        CentreClient("http://centre.example", SiteAuth(Credentials("", OTHER), lambda: 0), TestClock())
