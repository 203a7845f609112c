"""`agentdesk staff`: what an administrator does about agents, and what the centre's chain says of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.authors import CENTRE
from agentdesk.centre.errors import Rejected
from agentdesk.domain.decide import ORG
from agentdesk.protocol.sign_in import SignInAnswer, SignInRequest
from tests.centre.kit import AGENT, World, build_world
from tests.cli.commands import Ran, agentdesk, inside

OWN = "sieben Brücken 7"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A centre with two agents and a hall."""
    made = build_world(tmp_path)
    yield made
    made.centre.database.close()


def staff(world: World, *words: object, stdin: str | None = None) -> Ran:
    where = ("--database", world.url)
    return inside("staff", *words, *where) if stdin is None else agentdesk("staff", *words, *where, stdin=stdin)


def sign_in(world: World, password: str, new: str | None = None) -> SignInAnswer:
    hall = world.site("hall")
    found = world.centre.database.read(lambda s: s.site(hall.id)).result()
    assert found is not None
    request = SignInRequest(agent=AGENT, password=password, new_password=new)
    return asyncio.run(world.centre.credentials.sign_in(found, request))


def listed(world: World, *words: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in staff(world, "list", "--json", *words).json["staff"]}


def noted(world: World) -> list[tuple[str, str]]:
    """Return the last kinds in the centre's own chain, with who did it."""
    lineage = world.centre.database.read(lambda s: s.meta("lineage")).result()
    assert lineage is not None
    rows = world.centre.database.read(lambda s: s.archived(CENTRE, lineage, 1, 1_000)).result()
    return [(row.kind, json.loads(row.head)["actor"]) for row in rows]


def test_a_password_is_shown_once_kept_as_a_hash_and_changed_at_the_first_sign_in(world: World) -> None:
    made = staff(world, "password", AGENT)
    assert made.code == 0, made.err
    password = made.out.strip()
    assert len(password) == 19
    assert "chooses another" in made.err
    kept = world.centre.database.read(lambda s: s.credential(AGENT)).result()
    assert kept is not None
    assert kept.hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password not in json.dumps(noted(world)) + str(world.document(AGENT, ORG).data)
    assert sign_in(world, password).must_change
    assert not sign_in(world, password, OWN).must_change
    done = dict(noted(world))
    assert done["agent.signed_in"] == CENTRE
    assert done["agent.password_given"].startswith("operator")


def test_a_password_can_be_handed_in(world: World) -> None:
    made = staff(world, "password", AGENT, "--stdin", "--json", stdin="by somebody else 1\n")
    assert (made.code, made.json) == (0, {"agent": AGENT, "must_change": True})
    assert sign_in(world, "by somebody else 1", OWN).role == "agent"
    refused = staff(world, "password", AGENT, "--stdin", stdin="short\n")
    assert refused.code == 1
    assert "8 characters" in refused.error


def test_nobody_is_given_one_by_an_import_and_a_list_says_who_has_none(world: World) -> None:
    shown = listed(world)
    assert {row["password"] for row in shown.values()} == {False}
    staff(world, "password", AGENT)
    assert (listed(world)[AGENT]["password"], listed(world)[AGENT]["must_change"]) == (True, True)
    text = staff(world, "list").out
    assert "to be changed" in text
    assert "none" in text


def test_who_was_wrong_too_often_is_listed_and_unlocked(world: World) -> None:
    password = staff(world, "password", AGENT).out.strip()
    hall = world.site("hall")
    found = world.centre.database.read(lambda s: s.site(hall.id)).result()
    assert found is not None
    for _ in range(5):
        with pytest.raises(Rejected):
            asyncio.run(world.centre.credentials.sign_in(found, SignInRequest(agent=AGENT, password="wrong")))
        world.clock.now += 8_000
    assert listed(world)[AGENT]["failures"] == 5
    with pytest.raises(Rejected):
        sign_in(world, password)
    assert staff(world, "unlock", AGENT).code == 0
    assert listed(world)[AGENT]["failures"] == 0
    assert sign_in(world, password).must_change
    assert "agent.unlocked" in dict(noted(world))


def test_a_role_and_a_dismissal_are_operations_of_the_centres(world: World) -> None:
    password = staff(world, "password", AGENT).out.strip()
    assert staff(world, "role", AGENT, "expert", "--json").json == {"agent": AGENT, "done": "role", "role": "expert"}
    assert world.document(AGENT, ORG).data["role"] == "expert"
    assert staff(world, "dismiss", AGENT).code == 0
    assert world.document(AGENT, ORG).data["dismissed_at"] > 0
    assert [kind for kind, _ in noted(world)][-2:] == ["agent.changed", "agent.dismissed"]
    assert AGENT not in listed(world)
    assert listed(world, "--all")[AGENT]["dismissed_at"]
    with pytest.raises(Rejected):
        sign_in(world, password)
    assert staff(world, "dismiss", AGENT).code == 0, "twice is once"
    assert [kind for kind, _ in noted(world)].count("agent.dismissed") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("password", "nobody"), "there is no agent 'nobody'"),
        (("unlock", "nobody"), "there is no agent 'nobody'"),
        (("dismiss", "nobody"), "there is no agent 'nobody'"),
        (("role", "nobody", "expert"), "there is no agent 'nobody'"),
        (("role", AGENT, "king"), "no role is called 'king': use one of admin"),
    ],
)
def test_what_cant_be_is_said_in_one_line(world: World, words: tuple[str, ...], said: str) -> None:
    refused = staff(world, *words)
    assert refused.code == 1
    assert said in refused.error
