"""Signing in over the line, and what a site then does without it; what the centre changes reaches it with a sync."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from agentdesk.centre.authors import set_agents
from agentdesk.centre.staff import dismiss, give_password
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.store.access import NoPin, WrongPin
from agentdesk.sync.client import client_of
from agentdesk.sync.sign_in import NoAnswer, NotForHim, NotGoodEnough, NotRight, SignedIn, admit, set_pin, sign_in
from agentdesk.trust.passwords import Cost, hashed
from agentdesk.trust.vault import Expired, Unknown, Vault
from tests.centre.kit import AGENT, SCOPE
from tests.sync.histories import Node, Story

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
KEY = bytes(range(32))
FIRST, OWN, PIN = "for the first time 1", "sieben Brücken 7", "318204"
LEADER, FREE = "l-1", "free-1"
DAY = 86_400_000


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    people = [
        {"id": LEADER, "name": "赵云", "role": "team_leader", "region": SCOPE},
        {"id": FREE, "name": "机动", "role": "agent"},
    ]
    made.centre.database.write(partial(set_agents, means=made.means, agents=people)).result()
    for agent in (AGENT, LEADER, FREE):
        give(made, agent)
    yield made
    made.close()


def give(story: Story, agent: str, password: str = FIRST) -> None:
    hash_ = hashed(password, b"0123456789abcdef", CHEAP)
    story.centre.database.write(lambda tx: give_password(tx, story.means, agent, hash_)).result()


def signed(node: Node, agent: str = AGENT, password: str = FIRST, new: str | None = OWN) -> SignedIn:
    return sign_in(node.site, agent, password, new, client_of(node.site, node.line))


def vault_of(node: Node) -> Vault:
    return Vault.read(node.folder, cost=CHEAP) or Vault.create(node.folder, KEY, cost=CHEAP)


def enter(node: Node, agent: str = AGENT) -> Vault:
    """Sign an agent in for the first time, and let him do so without the line from now on."""
    vault = vault_of(node)
    admit(node.site, vault, KEY, signed(node, agent), OWN)
    return vault


def test_who_has_signed_in_does_so_without_the_line_for_a_while(story: Story) -> None:
    node = story.enrolled("hall")
    asked = signed(node, new=None)
    assert asked.must_change
    with pytest.raises(ValueError, match="another password first"):
        admit(node.site, vault_of(node), KEY, asked, FIRST)
    vault = enter(node)
    node.line.down = True
    now = node.clock.wall_ms()
    assert vault.unlock(AGENT, OWN, now) == KEY
    assert vault.patience.tries == 5
    with pytest.raises(Expired):
        vault.unlock(AGENT, OWN, now + 15 * DAY)
    with pytest.raises(NoAnswer, match="reached"):
        signed(node, password=OWN, new=None)


def test_each_way_in_which_it_fails_says_what_it_is(story: Story) -> None:
    node = story.enrolled("hall")
    with pytest.raises(NotRight) as wrong:
        signed(node, password="wrong")
    assert wrong.value.wait_ms == 1_000
    story.clock.now += 1_000
    with pytest.raises(NotRight):
        signed(node, "nobody")
    with pytest.raises(NotGoodEnough, match="8 characters"):
        signed(node, new="short")
    signed(node)
    with pytest.raises(NotForHim, match="approvals"):
        set_pin(node.site, AGENT, OWN, PIN, client_of(node.site, node.line))


def test_only_a_site_asks_and_what_it_is_told_is_kept_by_nobody_on_the_way(story: Story) -> None:
    node = story.enrolled("hall")
    body = {"agent": AGENT, "password": FIRST, "pin": PIN}
    with httpx.Client(base_url="http://centre", transport=node.line) as nobody:
        for path in ("/v1/sign-in", "/v1/pin"):
            assert nobody.post(path, json=body).status_code == 401
    client = client_of(node.site, node.line)
    answer = client.http.post("/v1/sign-in", json=body, auth=client.auth)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert FIRST not in answer.text
    assert client.http.post("/v1/sign-in", json={**body, "password": "x" * 600}, auth=client.auth).status_code == 422
    schema = client.http.get("/openapi.json", auth=client.auth).json()
    for path, request in (("/v1/sign-in", "SignInRequest"), ("/v1/pin", "PinRequest")):
        said = schema["paths"][path]["post"]
        assert said["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(request)
        assert {"200", "401", "403", "422", "429"} <= set(said["responses"])
        assert request in schema["components"]["schemas"]


def test_a_dismissal_reaches_vault_pins_and_desks_with_the_next_sync(story: Story) -> None:
    node = story.enrolled("hall")
    vault = enter(node)
    enter(node, LEADER)
    set_pin(node.site, LEADER, OWN, PIN, client_of(node.site, node.line))
    node.sync()
    since = node.clock.wall_ms()
    assert node.site.access.standing(AGENT, since) is None
    assert (vault.agents(), node.site.access.has_pin(LEADER)) == ((AGENT, LEADER), True)
    for agent in (AGENT, LEADER):
        story.centre.database.write(lambda tx, agent=agent: dismiss(tx, story.means, agent)).result()  # type: ignore[misc]
    assert vault.unlock(AGENT, OWN, since) == KEY, "the site can't know yet"
    node.sync()
    assert vault.agents() == ()
    assert [node.site.access.standing(one, since) for one in (AGENT, LEADER)] == ["dismissed", "dismissed"]
    assert not node.site.access.has_pin(LEADER)
    with pytest.raises(Unknown):
        vault.unlock(AGENT, OWN, since)
    with pytest.raises(NotRight):
        signed(node, password=OWN, new=None)


def test_a_password_that_an_administrator_changed_ends_the_old_one_at_every_site(story: Story) -> None:
    hall, branch = story.enrolled("hall"), story.enrolled("branch")
    here = enter(hall)
    there = vault_of(branch)
    admit(branch.site, there, KEY, signed(branch, password=OWN, new=None), OWN)
    for node in (hall, branch):
        node.sync()
    assert (here.agents(), there.agents()) == ((AGENT,), (AGENT,))
    since = story.clock.now
    story.clock.now += 1_000
    give(story, AGENT, "given anew 1")
    for node in (hall, branch):
        assert node.site.access.standing(AGENT, since) is None
        node.clock.now = story.clock.now
        node.sync()
        assert node.site.access.standing(AGENT, since) == "password"
    assert (here.agents(), there.agents()) == ((), ())
    # who changes his own stays where he did it
    story.clock.now += 1_000
    admit(hall.site, here, KEY, signed(hall, password="given anew 1", new="neun Brücken 9"), "neun Brücken 9")
    hall.sync()
    assert here.agents() == (AGENT,)


def test_a_pin_that_was_set_elsewhere_ends_the_old_one(story: Story) -> None:
    hall, branch = story.enrolled("hall"), story.enrolled("branch")
    enter(hall, LEADER)
    client = client_of(hall.site, hall.line)
    set_pin(hall.site, LEADER, OWN, PIN, client)
    answer = sign_in(branch.site, LEADER, OWN, None, client_of(branch.site, branch.line))
    admit(branch.site, vault_of(branch), KEY, answer, OWN)
    patience, now = answer.pin_patience, branch.clock.wall_ms()
    for node in (hall, branch):
        node.sync()
        assert node.site.access.prove(LEADER, PIN, node.site.identity.site, patience, now)
    story.clock.now += 1_000
    set_pin(hall.site, LEADER, OWN, "905173", client)
    for node in (hall, branch):
        node.sync()
    assert hall.site.access.prove(LEADER, "905173", hall.site.identity.site, patience, now)
    with pytest.raises(NoPin):
        branch.site.access.prove(LEADER, PIN, branch.site.identity.site, patience, now)
    with pytest.raises(WrongPin):
        hall.site.access.prove(LEADER, PIN, hall.site.identity.site, patience, now)


def test_what_an_agent_does_where_nobody_saw_him_sign_in_waits_for_him_to_do_so(story: Story) -> None:
    node = story.enrolled("hall")

    def note() -> str:
        body = {"text": "calls back", "customer": "c-1"}
        return node.site.commit(Draft("note.added", FREE, "agent", SCOPE, node.site.new_id(), body)).operation.id

    early = note()
    node.sync()
    assert node.verdicts()[early][0] is Verdict.HELD
    assert [reason.code for reason in node.verdicts()[early][1]] == ["not_signed_in"]
    signed(node, FREE)
    later = note()
    node.sync()
    assert node.verdicts()[later][0] is Verdict.APPLIED
    # what he did before is known for his then, without anybody's doing
    story.clock.now += 3_600_000
    story.centre.jobs.run_due()
    node.clock.now = story.clock.now
    node.sync()
    assert node.verdicts()[early][0] is Verdict.APPLIED
