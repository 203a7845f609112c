"""A site that asks for what is another's gets nothing of it, at any route, nor in what it is refused with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route

from agentdesk.centre.authors import set_agents
from agentdesk.centre.enrol import create_code, create_site_code, enrol
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.server import create_app
from agentdesk.centre.snapshots import prepare, shelf_of
from agentdesk.centre.staff import give_password
from agentdesk.domain.documents import Document
from agentdesk.protocol.messages import EnrolRequest
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.passwords import Cost, hashed
from agentdesk.trust.signatures import prove, public_key
from tests.centre.kit import Site, TestClock, World, build_world, customer
from tests.centre.test_live import Served, hearing

FAR = "shanghai"
FAR_SCOPE = f"region/{FAR}"
NAME, NUMBER, WORDS, DESK, LEADER = "远方来客", "+8613955554444", "他人的秘密", "远方座席", "远方班长"
FAR_AGENT, PASSWORD = "a-far", "correct horse 7"
OTHER = bytes(range(1, 33))


@dataclass
class Two:
    """A centre with two regions: `here` asks for what is `there`; of what `secret` names nothing may come."""

    world: World
    here: Site
    there: Site
    snapshot: str
    served: Served
    secret: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.served.url

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Ask as `here`."""
        more.setdefault("auth", self.here.auth)
        return httpx.request(method, self.url + path, json=body, timeout=60, **more)

    def before(self) -> Any:
        """Return all that is the other's, and may not be changed either."""
        read = self.world.centre.database.read
        return read(
            lambda s: (
                list(s.documents(FAR_SCOPE, ["c-far", *(o.document for o in self.there.made)])),
                s.scopes([FAR_SCOPE, f"site/{self.there.id}", f"notice/{FAR}"]),
                s.lineages(self.there.id),
                s.site(self.there.id),
                s.ledger(FAR_SCOPE),
            )
        ).result()


def far_site(world: World) -> Site:
    """Enrol a site of the other region."""
    code = world.centre.database.write(lambda tx: create_code(tx, world.means, FAR)).result()
    key = hashlib.sha256(code.encode()).digest()
    request = EnrolRequest(public_key=public_key(key), code=code, name="there", lineage="lineage-there")
    answer = world.centre.database.write(lambda tx: enrol(tx, world.means, request, world.centre.signer)).result()
    return Site(world, answer, TestClock(world.clock.now), request.lineage, key=key)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder: Path = tmp_path_factory.mktemp("two")
    world = build_world(folder)
    database, means = world.centre.database, world.means
    there, here = far_site(world), world.site("here")
    people = [{"id": FAR_AGENT, "name": LEADER, "number": "77", "role": "agent", "region": FAR_SCOPE}]
    database.write(partial(set_agents, means=means, agents=people)).result()
    password = hashed(PASSWORD, bytes(16), Cost(1, 8, 1))
    database.write(lambda tx: give_password(tx, means, FAR_AGENT, password, must_change=False)).result()
    far = customer(77, name=NAME)
    line = {**far.data["subscriptions"][0], "number": NUMBER}
    document = Document(FAR_SCOPE, "c-far", "customer", 0, {**far.data, "subscriptions": [line]})
    bulk_load(database, FAR, [document], means=means)
    there.make("note.added", "note-far", {"customer": "c-far", "text": WORDS}, scope=FAR_SCOPE)
    there.push()
    kept = prepare(database, shelf_of(database), FAR_SCOPE, means)
    served = Served(world)
    made = Two(world, here, there, kept.name, served)
    said = {"here": [{"scope": FAR_SCOPE, "id": "c-far", "agent": FAR_AGENT, "name": DESK, "writing": True}]}
    assert made.ask("POST", "/v1/presence", said, auth=there.auth).status_code == 200
    digest = there.made[0].hash
    leases = there.enrolled.site + ".c"
    made.secret = [NAME, NUMBER, NUMBER[3:], WORDS, DESK, digest, leases, there.enrolled.token, kept.sha256]
    yield made
    served.stop()
    database.close()


Case = Callable[[Two], list[httpx.Response]]
CASES: dict[tuple[str, str], Case] = {}
PUBLIC = {("GET", "/healthz"), ("GET", "/docs"), ("GET", "/docs/start.js"), ("GET", "/openapi.json")}
"""These know no site: what they say is the same for everybody."""


def case(method: str, path: str) -> Callable[[Case], Case]:
    """Note what a site asks of a route for what is another's."""

    def note(made: Case) -> Case:
        CASES[method, path] = made
        return made

    return note


@case("POST", "/v1/enrol")
def _enrol(two: Two) -> list[httpx.Response]:
    code = two.world.centre.database.write(partial(create_site_code, means=two.world.means, site_id=two.there.id))
    asked = {"public_key": public_key(OTHER), "code": code.result(), "name": two.there.id, "lineage": two.there.lineage}
    newcomer = SiteAuth(Credentials("", OTHER), two.world.clock.wall_ms)
    return [two.ask("POST", "/v1/enrol", asked, auth=newcomer), two.ask("POST", "/v1/enrol", asked)]


@case("POST", "/v1/rotate")
def _rotate(two: Two) -> list[httpx.Response]:
    asked = {"public_key": public_key(OTHER), "proof": prove(OTHER, two.there.id), "site": two.there.id}
    newcomer = SiteAuth(Credentials("", OTHER), two.world.clock.wall_ms)
    return [
        two.ask("POST", "/v1/rotate", asked),
        two.ask("POST", "/v1/rotate", asked, auth=newcomer),
        two.ask("POST", "/v1/rotate", {**asked, "code": "AAAA-AAAA-AAAA"}, auth=newcomer),
    ]


@case("POST", "/v1/hello")
def _hello(two: Two) -> list[httpx.Response]:
    lineage = {"lineage": two.there.lineage, "seq": 9, "answered": 0}
    cursors = {scope: {"epoch": two.there.enrolled.epoch, "seq": 1, "hash": "x"} for scope in two.there.enrolled.scopes}
    slip = {"id": f"{two.there.id}.x", "kind": "credit", "budget": FAR_SCOPE, "amount": 1, "signature": "x"}
    return [two.ask("POST", "/v1/hello", {"lineages": [lineage], "cursors": cursors, "leases": [slip]})]


@case("POST", "/v1/push")
def _push(two: Two) -> list[httpx.Response]:
    mine = two.here
    mine.note("c-far")
    for scope in (FAR_SCOPE, f"site/{two.there.id}", f"notice/{FAR}"):
        mine.make("note.added", mine.name("note"), {"customer": "c-far", "text": "?"}, scope=scope)
        mine.make("note.added", "note-far", {"customer": "c-far", "text": "?"}, scope=scope)
    body = {"call": "x", "channel": "hotline", "caller": NUMBER[3:], "customer": "c-far", "subscription": "sub-77"}
    opened = mine.make("contact.opened", mine.name("c"), {**body, "moments": {"ringing": 1}}, scope=FAR_SCOPE)
    mine.make("identity.verified", opened.document, {"method": "service_password", "result": "match",
              "caller_role": "owner", "customer": "c-far"}, scope=FAR_SCOPE, deps=(two.there.made[0].id,))  # fmt: skip
    # an operation that the other made, under its own id
    again = mine.make(
        "note.added", "note-far", {"customer": "c-far", "text": "?"}, id_=two.there.made[0].id, scope=FAR_SCOPE
    )
    assert again.id == two.there.made[0].id
    answers = [two.ask("POST", "/v1/push", mine.request().model_dump())]
    theirs = two.there.request()
    answers.append(two.ask("POST", "/v1/push", theirs.model_dump()))
    answers.append(two.ask("POST", "/v1/push", theirs.model_copy(update={"after_seq": 1}).model_dump()))
    for verdict in (v for answer in answers[:2] for v in answer.json()["verdicts"]):
        assert verdict["scope"] in (None, *mine.enrolled.scopes)
    return answers


@case("POST", "/v1/pull")
def _pull(two: Two) -> list[httpx.Response]:
    read = two.world.centre.database.read
    scopes = (FAR_SCOPE, f"site/{two.there.id}", f"notice/{FAR}")
    head = read(lambda s: s.scopes(scopes)).result()[FAR_SCOPE]
    answers = []
    for lines in (0, 1):
        for cursor in ({}, {"epoch": head.epoch, "seq": 1, "hash": "x"}, {"epoch": "x", "seq": 10**9, "hash": ""}):
            asked = {"cursors": dict.fromkeys([*scopes, "region/*", "", "%"], cursor), "lines": lines, "limit": 10_000}
            answers.append(two.ask("POST", "/v1/pull", asked))
    for answer in answers[:3]:
        assert all(page.get("denied") for page in answer.json()["pages"])
    return answers


@case("GET", "/v1/live")
def _live(two: Two) -> list[httpx.Response]:
    with hearing(two.served, two.here) as stream:
        two.there.make("note.added", two.there.name("note"), {"customer": "c-far", "text": WORDS}, scope=FAR_SCOPE)
        two.there.push(two.there.made[-1:])
        two.here.note("c-1")
        two.here.push(two.here.made[-1:] if two.here.made[-1].seq == 1 else None)
        mine = two.world.centre.database.read(lambda s: s.scopes(two.here.enrolled.scopes)).result()
        heard = stream.until(("region/beijing", mine["region/beijing"].seq))
    assert {scope for scope, _ in heard} <= set(two.here.enrolled.scopes)
    return []


@case("GET", "/v1/wait")
def _wait(two: Two) -> list[httpx.Response]:
    after = [f"{FAR_SCOPE}:0", f"site/{two.there.id}:0", f"notice/{FAR}:0", "catalogue:0"]
    answer = two.ask("GET", "/v1/wait", params={"after": after})
    assert set(answer.json()["heads"]) == {"catalogue"}
    return [answer, two.ask("GET", "/v1/wait", params={"after": [f"{FAR_SCOPE}:x", "catalogue:0"]})]


@case("POST", "/v1/presence")
def _presence(two: Two) -> list[httpx.Response]:
    said = {"here": [{"scope": FAR_SCOPE, "id": "c-far", "agent": "a-1", "name": "张敏", "writing": True}]}
    answer = two.ask("POST", "/v1/presence", said)
    assert answer.json() == {"there": []}
    back = two.ask("POST", "/v1/presence", {"here": said["here"]}, auth=two.there.auth)
    assert back.json() == {"there": []}, "nor is anything put there"
    return [answer]


@case("GET", "/v1/snapshots")
def _snapshots(two: Two) -> list[httpx.Response]:
    answer = two.ask("GET", "/v1/snapshots")
    assert answer.json()["snapshots"] == []
    return [answer, two.ask("GET", "/v1/snapshots", params={"scope": FAR_SCOPE})]


@case("GET", "/v1/snapshots/{name}")
def _snapshot(two: Two) -> list[httpx.Response]:
    names = (two.snapshot, "there-is-none", f"..%2F{two.snapshot}")
    answers = [two.ask("GET", f"/v1/snapshots/{name}") for name in names]
    answers.append(two.ask("GET", f"/v1/snapshots/{two.snapshot}", headers={"Range": "bytes=0-99"}))
    assert two.ask("GET", f"/v1/snapshots/{two.snapshot}", auth=two.there.auth).status_code == 200
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].content == answers[1].content == answers[3].content, "nobody learns which there are"
    return answers


def _alike(answers: list[httpx.Response]) -> list[httpx.Response]:
    """Check that all of them say the same, but for how long to wait."""
    said = [{k: v for k, v in answer.json()["error"].items() if not k.startswith("retry")} for answer in answers]
    assert all(one == said[0] for one in said), said
    return answers


@case("POST", "/v1/sign-in")
def _sign_in(two: Two) -> list[httpx.Response]:
    def tried(agent: str, password: str) -> httpx.Response:
        return two.ask("POST", "/v1/sign-in", {"agent": agent, "password": password})

    # also with the right password: he belongs to the other region
    return _alike([tried("nobody", PASSWORD), tried(FAR_AGENT, PASSWORD), tried("a-1", "wrong")])


@case("POST", "/v1/pin")
def _pin(two: Two) -> list[httpx.Response]:
    def tried(agent: str, password: str) -> httpx.Response:
        return two.ask("POST", "/v1/pin", {"agent": agent, "password": password, "pin": "481516"})

    return _alike([tried("nobody-else", PASSWORD), tried(FAR_AGENT, PASSWORD)])


def routes(found: Iterable[Any]) -> set[tuple[str, str]]:
    """Return all that these routes answer, with those that were put together from others."""
    answered: set[tuple[str, str]] = set()
    for route in found:
        if isinstance(route, Mount):
            assert route.path == "/docs/assets", "files that lie open"
        elif isinstance(route, Route):
            answered |= {(method, route.path) for method in route.methods or () if method != "HEAD"}
        else:
            answered |= routes(route.original_router.routes)
    return answered


def test_every_route_has_a_case(two: Two) -> None:
    app = create_app(two.world.centre.database, two.world.means)
    assert routes(app.routes) == CASES.keys() | PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(CASES))
def test_nothing_of_another_site_comes(two: Two, method: str, path: str) -> None:
    before = two.before() if path != "/v1/live" else None
    answers = CASES[method, path](two)
    for answer in answers:
        assert answer.status_code < 500
        # what was escaped is looked at as it is read
        told = (
            json.dumps(answer.json(), ensure_ascii=False) if "json" in answer.headers["content-type"] else answer.text
        )
        told += repr(answer.headers)
        assert not [secret for secret in two.secret if secret in told]
    assert before is None or two.before() == before


def test_nobody_without_a_signature_gets_anything(two: Two) -> None:
    for method, path in sorted(CASES):
        content = b"{}" if method == "POST" else None
        answer = httpx.request(method, two.url + path.replace("{name}", two.snapshot), content=content)
        assert answer.status_code == 401
        assert not [secret for secret in two.secret if secret in answer.text]
