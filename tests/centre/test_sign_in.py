"""Signing in at the centre: who gets in, who doesn't, and that nobody learns anything else from the answer."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from functools import partial
from typing import Any

import pytest

from agentdesk.centre import credentials as module
from agentdesk.centre.authors import dismiss_agent, set_agents
from agentdesk.centre.credentials import Credentials
from agentdesk.centre.errors import Rejected
from agentdesk.centre.service import Centre
from agentdesk.centre.staff import dismiss, give_password, new_password, set_role, unlock
from agentdesk.centre.storage.rows import Site
from agentdesk.domain.decide import ORG
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.sign_in import PinRequest, SignInAnswer, SignInRequest
from agentdesk.trust.passwords import Cost, derive, for_site, hashed, is_outdated, verify
from tests.centre.kit import AGENT, SCOPE, World

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
FIRST, OWN, PIN = "for the first time 1", "sieben Brücken 7", "318204"
LEADER = "l-1"
DAY = 86_400_000


class Desk:
    """A site at which agents sign in."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.site = self.known(world.site("hall").id)
        self.credentials = cheap(world.centre)
        people = [{"id": LEADER, "name": "赵云", "role": "team_leader", "region": SCOPE}]
        self.write(partial(set_agents, means=world.means, agents=people))
        for agent in (AGENT, LEADER):
            self.give(agent)

    def write(self, work: Any) -> None:
        self.world.centre.database.write(work).result()

    def known(self, site: str) -> Site:
        found = self.world.centre.database.read(lambda s: s.site(site)).result()
        assert found is not None
        return found

    def give(self, agent: str, password: str = FIRST, **more: Any) -> None:
        hash_ = hashed(password, b"0123456789abcdef", CHEAP)
        self.write(lambda tx: give_password(tx, self.world.means, agent, hash_, **more))

    def sign_in(self, agent: str, password: str, new: str | None = None, site: Site | None = None) -> SignInAnswer:
        request = SignInRequest(agent=agent, password=password, new_password=new)
        return asyncio.run(self.credentials.sign_in(site or self.site, request))

    def refused(self, agent: str, password: str, **more: Any) -> Rejected:
        with pytest.raises(Rejected) as refused:
            self.sign_in(agent, password, **more)
        return refused.value

    def pass_ms(self, ms: int) -> None:
        self.world.clock.now += ms

    def doc(self, agent: str = AGENT) -> dict[str, Any]:
        return dict(self.world.document(agent, ORG).data)


def cheap(centre: Centre) -> Credentials:
    """Return signing in at a centre with hashes that cost nothing, as another process of it would have it."""
    return Credentials(centre.database, centre.means, centre.policies, centre.database.secret, CHEAP)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_the_first_password_only_opens_the_way_to_ones_own(desk: Desk) -> None:
    asked = desk.sign_in(AGENT, FIRST)
    assert (asked.must_change, asked.valid_until, asked.pin) == (True, 0, None)
    assert "signed_in" not in desk.doc()
    answer = desk.sign_in(AGENT, FIRST, OWN)
    assert (answer.must_change, answer.name, answer.role) == (False, "张敏", "agent")
    assert answer.valid_until == desk.world.clock.now + 14 * DAY
    assert desk.doc()["signed_in"] == {desk.site.id: answer.server_time}
    assert desk.doc()["password_at"] == answer.server_time
    assert desk.refused(AGENT, FIRST).code is ErrorCode.SIGN_IN
    desk.pass_ms(1_000)
    assert desk.sign_in(AGENT, OWN).server_time > answer.server_time


def test_signing_in_where_one_did_before_changes_no_document(desk: Desk) -> None:
    desk.sign_in(AGENT, FIRST, OWN)
    rev = desk.world.document(AGENT, ORG).rev
    desk.sign_in(AGENT, OWN)
    assert desk.world.document(AGENT, ORG).rev == rev
    other = desk.known(desk.world.site("other").id)
    desk.sign_in(AGENT, OWN, site=other)
    assert set(desk.doc()["signed_in"]) == {desk.site.id, other.id}


@pytest.mark.parametrize("new", ["short", "password", FIRST, "11111111", "x" * 200])
def test_a_new_password_is_one_that_nobody_guesses_at_once(desk: Desk, new: str) -> None:
    assert desk.refused(AGENT, FIRST, new=new).code is ErrorCode.BAD_PASSWORD
    assert desk.sign_in(AGENT, FIRST).must_change


def test_all_that_isnt_right_has_one_answer_and_costs_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown, dismissed, of another region, without a password, wrong: nothing tells them apart, nor that it works."""
    others = [
        {"id": "gone", "name": "离职", "role": "agent", "region": SCOPE},
        {"id": "away", "name": "外地", "role": "agent", "region": "region/shanghai"},
        {"id": "new", "name": "新人", "role": "agent", "region": SCOPE},
    ]
    desk.write(partial(set_agents, means=desk.world.means, agents=others))
    for agent in ("gone", "away"):
        desk.give(agent, OWN, must_change=False)
    desk.write(lambda tx: dismiss_agent(tx, desk.world.means, "gone"))
    looked: list[str] = []

    def counted(encoded: str, password: str) -> bool:
        looked.append(encoded.rpartition("$")[0].rpartition("$")[0])
        return verify(encoded, password)

    monkeypatch.setattr(module, "verify", counted)
    said = set()
    for agent in ("nobody", "gone", "away", "new", AGENT, desk.site.id):
        for _ in range(7):
            wrong = desk.refused(agent, OWN)
            said.add((wrong.code, str(wrong)))
    assert len(said) == 1
    assert len(looked) == 6 * 7
    assert len(set(looked)) == 1


def test_names_that_nobody_has_are_locked_like_all_others(desk: Desk) -> None:
    def pauses(agent: str) -> list[int]:
        said = []
        for _ in range(6):
            pause = desk.refused(agent, "wrong").retry_after_ms
            assert pause is not None
            said.append(pause)
            desk.pass_ms(pause)
        return said

    assert pauses(AGENT) == pauses("nobody") == [1_000, 2_000, 4_000, 8_000, 900_000, 1_800_000]


def test_delays_grow_to_a_lock_that_outlives_processes(desk: Desk) -> None:
    pauses = []
    for _ in range(6):
        pause = desk.refused(AGENT, "wrong").retry_after_ms
        assert pause is not None
        pauses.append(pause)
        # inside the pause nothing is looked at, not even what is right, whichever process is asked
        desk.credentials = cheap(desk.world.centre)
        assert desk.refused(AGENT, FIRST).retry_after_ms == pause
        desk.pass_ms(pause)
    assert pauses == [1_000, 2_000, 4_000, 8_000, 900_000, 1_800_000]
    assert desk.sign_in(AGENT, FIRST, OWN).role == "agent"
    assert desk.refused(AGENT, "wrong").retry_after_ms == 1_000


def test_an_administrator_ends_a_lock(desk: Desk) -> None:
    for _ in range(5):
        desk.refused(AGENT, "wrong")
        desk.pass_ms(8_000)
    assert desk.refused(AGENT, FIRST).code is ErrorCode.SIGN_IN
    desk.write(lambda tx: unlock(tx, desk.world.means, AGENT))
    assert desk.sign_in(AGENT, FIRST).must_change


def test_a_site_that_guesses_by_all_names_is_locked_and_no_other(desk: Desk) -> None:
    other = desk.known(desk.world.site("other").id)
    for number in range(50):
        desk.refused(f"name-{number}", "wrong")
    assert desk.refused(AGENT, FIRST).retry_after_ms == 900_000
    assert desk.sign_in(AGENT, FIRST, site=other).must_change
    desk.pass_ms(900_001)
    assert desk.sign_in(AGENT, FIRST).must_change


def test_who_signs_in_rightly_all_day_never_locks_his_site(desk: Desk) -> None:
    desk.sign_in(AGENT, FIRST, OWN)
    for _ in range(60):
        desk.sign_in(AGENT, OWN)


def test_guesses_at_once_are_counted_one_by_one(desk: Desk) -> None:
    async def guess() -> list[Any]:
        requests = [SignInRequest(agent=AGENT, password=f"guess {n}") for n in range(6)]
        tries = [desk.credentials.sign_in(desk.site, request) for request in requests]
        return await asyncio.gather(*tries, return_exceptions=True)

    said = asyncio.run(guess())
    assert all(isinstance(one, Rejected) for one in said)
    rows = desk.world.centre.database.read(lambda s: s.tried([f"agent:{AGENT}"])).result()
    assert rows[f"agent:{AGENT}"].failures == 1  # the first made all others wait


def test_too_many_at_once_are_asked_to_come_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 0)
    assert desk.refused(AGENT, FIRST).code is ErrorCode.BUSY


def test_a_hash_of_other_parameters_is_made_again_when_its_password_is_known(desk: Desk) -> None:
    desk.sign_in(AGENT, FIRST, OWN)
    dearer = Cost(passes=2, memory_kib=16, lanes=1)
    centre = desk.world.centre
    desk.credentials = Credentials(centre.database, centre.means, centre.policies, centre.database.secret, dearer)
    desk.sign_in(AGENT, OWN)
    kept = centre.database.read(lambda s: s.credential(AGENT)).result()
    assert kept is not None
    assert not is_outdated(kept.hash, dearer)
    assert desk.sign_in(AGENT, OWN).role == "agent"


def test_who_was_dismissed_signs_in_nowhere(desk: Desk) -> None:
    desk.sign_in(AGENT, FIRST, OWN)
    desk.write(lambda tx: dismiss(tx, desk.world.means, AGENT))
    assert desk.refused(AGENT, OWN).code is ErrorCode.SIGN_IN
    assert desk.world.centre.database.read(lambda s: s.credential(AGENT)).result() is None


def test_one_whose_document_names_no_place_signs_in_anywhere_and_one_of_elsewhere_nowhere_here(desk: Desk) -> None:
    people = [
        {"id": "free", "name": "机动", "role": "agent"},
        {"id": "away", "name": "外地", "role": "agent", "region": "region/shanghai"},
        {"id": "all", "name": "全省", "role": "agent", "region": "region/shanghai", "place": "org"},
    ]
    desk.write(partial(set_agents, means=desk.world.means, agents=people))
    for one in people:
        desk.give(one["id"], OWN, must_change=False)
    assert [desk.sign_in(one, OWN).must_change for one in ("free", "all")] == [False, False]
    assert desk.refused("away", OWN).code is ErrorCode.SIGN_IN


def test_a_superiors_pin_comes_to_each_site_as_its_own(desk: Desk) -> None:
    assert desk.sign_in(LEADER, FIRST, OWN).may_pin
    set_ = asyncio.run(desk.credentials.set_pin(desk.site, PinRequest(agent=LEADER, password=OWN, pin=PIN)))
    other = desk.known(desk.world.site("other").id)
    here, there = desk.sign_in(LEADER, OWN).pin, desk.sign_in(LEADER, OWN, site=other).pin
    assert here is not None
    assert there is not None
    assert (here.verifier, here.salt) == (set_.pin.verifier, there.salt)
    assert here.verifier != there.verifier
    root = derive(PIN, b64decode(here.salt), Cost(here.passes, here.memory_kib, here.lanes))
    assert for_site(root, desk.site.id) == b64decode(here.verifier)
    # the database alone tells nothing of it
    kept = desk.world.centre.database.read(lambda s: s.credential(LEADER)).result()
    assert kept is not None
    assert root.hex() not in kept.pin
    assert desk.doc(LEADER)["pin_at"] > 0


@pytest.mark.parametrize(
    ("agent", "password", "pin", "code"),
    [
        (LEADER, OWN, "12345", ErrorCode.BAD_PASSWORD),
        (LEADER, OWN, "123456", ErrorCode.BAD_PASSWORD),
        (LEADER, OWN, "letters", ErrorCode.BAD_PASSWORD),
        (LEADER, "wrong", PIN, ErrorCode.SIGN_IN),
        (AGENT, OWN, PIN, ErrorCode.NOT_ALLOWED),
        ("nobody", OWN, PIN, ErrorCode.SIGN_IN),
    ],
)
def test_a_pin_is_set_by_a_superior_with_his_password(
    desk: Desk, agent: str, password: str, pin: str, code: ErrorCode
) -> None:
    for one in (AGENT, LEADER):
        desk.sign_in(one, FIRST, OWN)
    with pytest.raises(Rejected) as refused:
        asyncio.run(desk.credentials.set_pin(desk.site, PinRequest(agent=agent, password=password, pin=pin)))
    assert refused.value.code is code


def test_with_the_right_to_approve_goes_the_pin(desk: Desk) -> None:
    desk.sign_in(LEADER, FIRST, OWN)
    asyncio.run(desk.credentials.set_pin(desk.site, PinRequest(agent=LEADER, password=OWN, pin=PIN)))
    before = desk.doc(LEADER)["pin_at"]
    desk.pass_ms(10)
    policy = desk.world.centre.database.read(lambda s: desk.world.centre.policies.get(s, "")).result()[0]
    desk.write(lambda tx: set_role(tx, desk.world.means, policy, LEADER, "agent"))
    answer = desk.sign_in(LEADER, OWN)
    assert (answer.role, answer.may_pin, answer.pin) == ("agent", False, None)
    assert desk.doc(LEADER)["pin_at"] > before
    assert desk.doc(LEADER)["role_before"] == "team_leader"


def test_what_is_generated_can_be_read_aloud_and_nobody_guesses_it() -> None:
    made = {new_password(bytes([n]) * 16) for n in range(256)}
    assert len(made) == 256
    assert all(len(one) == 19 and not set(one) & set("il01o") for one in made)
