"""Returning an allowance: only by the site that holds it, and never more than it has left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.decide import ORG, Decision, Outcome, Refusal
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Operation
from tests.domain.world import COST, REGION, Centre, agent, codes, operation

SITE = "site-1"
SCOPE = f"site/{SITE}"
LEASE = Document(SCOPE, COST.id, "allowance", 1, {"kind": "cost", "amount": COST.left})


def returned(amount: int, **more: Any) -> Operation:
    wanted = {"scope": SCOPE, "actor": SITE, "role": "site", "allowance": COST.id, "amount": amount, **more}
    return operation("allowance.returned", {}, COST.id, **wanted)


def outcome(op: Operation, *documents: Document) -> Outcome:
    site = Document(ORG, SITE, "site", 1, {"name": "hall"}, {"*": (1, "centre")})
    return Centre([agent(), site, *(documents or [LEASE])]).outcome(op)


@given(st.integers(1, 2 * COST.left))
def test_a_site_returns_what_it_has_left_and_no_more(amount: int) -> None:
    found = outcome(returned(amount))
    assert isinstance(found, Decision)
    assert (found.changes, found.money, found.held) == ((), (), None)
    assert found.returned == min(amount, COST.left)
    assert codes(found) == (["over_allowance"] if amount > COST.left else [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": "1024", "role": "agent"},
        {"allowance": None},
        {"allowance": "lease-credit"},
        {"amount": 0},
        {"amount": -5},
    ],
    ids=["an agent", "no lease", "another lease", "nothing", "less than nothing"],
)
def test_what_is_no_return_of_the_sites_own_lease_is_refused(wrong: dict[str, Any]) -> None:
    found = outcome(returned(**{"amount": 100, **wrong}))
    assert isinstance(found, Refusal)
    assert found.reason.code == "malformed"


def test_a_site_is_nobody_else() -> None:
    for actor, role in (("site-2", "site"), (SITE, "agent")):
        found = outcome(operation("note.added", {"text": "hello"}, "n1", actor=actor, role=role))
        assert "unknown_actor" in codes(found)


def test_a_lease_that_isnt_known_yet_is_waited_for() -> None:
    other = Document(REGION, "c9", "customer", 1, {})
    assert codes(outcome(returned(100), other)) == ["unknown_document"]
