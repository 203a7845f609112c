"""What is held and then let stand: marks on a promise, and who may let it."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Decision, Situation, decide, needs, released
from agentdesk.domain.documents import changed
from agentdesk.domain.kinds.operation import stands
from agentdesk.domain.operation import Operation
from tests.domain.test_kinds import made_promise
from tests.domain.world import NOW, Centre, agent, contact, customer, operation, promise_body

BLOCKED = Reason.of("dependency", operation="op-0", verdict="held")


def situation(centre: Centre, op: Operation, **more: Any) -> Situation:
    found = Situation(centre.fold.answers(needs(op), NOW), centre.catalogue, NOW)
    return replace(found, **more)


def test_what_waits_for_another_operation_is_held_and_marked_like_any_other() -> None:
    centre = Centre([agent(), customer(), contact("k1", level=2)])
    op = operation("commitment.made", promise_body())
    outcome = decide(op, situation(centre, op, blocked=BLOCKED))
    assert isinstance(outcome, Decision)
    assert outcome.held == BLOCKED
    fields = outcome.changes[0].fields
    assert (fields["state"], fields["held_by"], fields["held_from"]) == ("held", [op.id], "made")


def test_who_lets_it_stand_has_it_flagged_with_what_it_was_held_for() -> None:
    centre = Centre([customer(), contact("k1", level=2)])
    op = operation("commitment.made", promise_body())
    outcome = decide(op, situation(centre, op, allowed=True))
    assert isinstance(outcome, Decision)
    assert outcome.held is None
    assert [flag.code for flag in outcome.flags] == ["unknown_actor"]
    assert outcome.changes[0].fields["state"] == "made"


def test_nothing_can_be_let_stand_that_changes_nothing() -> None:
    op = operation("commitment.spoken", {})
    outcome = decide(op, situation(Centre([agent()]), op, allowed=True))
    assert isinstance(outcome, Decision)
    assert outcome.held is not None


@given(st.integers(1, 5), st.randoms())
def test_a_promise_is_held_until_the_last_operation_lets_it_go(count: int, random: Random) -> None:
    promise = made_promise()
    held = [operation("commitment.spoken", {"seconds": n}, operation_id=f"op-{n}") for n in range(count)]
    for op in held:
        outcome = decide(op, situation(Centre([contact("k1"), promise]), op))
        assert isinstance(outcome, Decision)
        promise = changed(promise, outcome.changes[0])
    assert promise.data["state"] == "held"
    random.shuffle(held)
    for n, op in enumerate(held):
        assert promise.data["state"] == "held"
        promise = replace(promise, data={**promise.data, **released(promise, op)})
        assert (promise.data["state"] == "held") == (n < count - 1)
    assert promise.data["state"] == "made"
    assert released(promise, held[0]) == {}


def test_what_may_have_been_said_is_not_put_away() -> None:
    assert stands("note.added", "n-1", changed=False) is None
    for kind, is_changed, code in (
        ("note.added", True, "spoken_stands"),
        ("commitment.made", False, "spoken_stands"),
        ("never.known", False, "newer_kind"),
    ):
        reason = stands(kind, None, is_changed)
        assert reason is not None
        assert reason.code == code
