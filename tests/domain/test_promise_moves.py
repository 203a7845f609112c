from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document, is_open
from agentdesk.domain.kinds.commitments._shared import first_responsible
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict
from tests.domain.test_kinds import made_promise
from tests.domain.world import (
    AGENT,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Centre,
    agent,
    codes,
    contact,
    customer,
    operation,
    promise,
)
from tests.policy import CATALOGUE

BODIES: dict[str, dict[str, Any]] = {
    "dispatched": {"department": "network", "text": "please"},
    "accepted": {},
    "noted": {"text": "on the way", "stage": "visit", "engineer": "李工", "eta": NOW + HOUR},
    "handed_over": {"to": "2001", "note": "end of my shift"},
    "chased": {"text": "again"},
    "spoken": {"contact": "k1"},
    "voided": {"contact": "k1", "reason": "mis-key"},
    "withdrawn": {"contact": "k1", "reason": "no more"},
    "fulfilled": {"contact": "k1", "proof": "done"},
}


def move(kind: str, at: int = NOW, document: str = "doc", actor: str = AGENT, **body: Any) -> Operation:
    return operation(f"commitment.{kind}", {**BODIES[kind], **body}, document, at=at, actor=actor)


def floor(**data: Any) -> Centre:
    return Centre([agent(), agent("2001"), customer(), contact("k1", level=2), made_promise(**data)])


def test_the_department_says_how_far_it_is_and_the_customer_can_be_told() -> None:
    world = floor()
    for kind in ("dispatched", "accepted", "noted"):
        assert world.judge(move(kind)).verdict is Verdict.APPLIED
    data = world.get().data
    assert (data["state"], data["department"], data["handler"]) == ("dispatched", "network", AGENT)
    assert (data["progress"]["stage"], data["progress"]["engineer"], data["progress"]["eta"]) == (
        "visit",
        "李工",
        NOW + HOUR,
    )
    world.judge(move("noted", stage="done", engineer=None, eta=None))
    assert world.get().data["progress"]["engineer"] == "李工", "what isn't said again still holds"


def test_dispatching_again_tells_both_departments_and_an_unknown_one_is_refused() -> None:
    world = floor()
    judged = world.judge(move("dispatched"))
    assert judged.decision is not None
    assert judged.decision.changes[0].audience == ("department/service", "department/network")
    assert codes(world.judge(move("dispatched", department="nowhere"))) == ["unknown_department"]


def test_what_is_late_stays_late_whoever_keeps_it() -> None:
    world = floor(state="breached", due=NOW - HOUR)
    world.judge(move("dispatched"))
    assert world.get().data["state"] == "breached"
    world.judge(move("fulfilled", at=NOW + DAY))
    assert (world.get().data["state"], world.get().data["late"]) == ("fulfilled", True)


def test_the_owner_changes_and_who_was_asked_first_stays_responsible() -> None:
    world = floor()
    assert first_responsible(world.get()) == AGENT, "a promise of an older program names its owner only"
    world.judge(move("handed_over"))
    world.judge(move("handed_over", to=AGENT, actor="2001"))
    world.judge(move("handed_over"))
    data = world.get().data
    assert (data["owner"], data["first_responsible"]) == ("2001", AGENT)
    assert codes(world.judge(move("handed_over"))) == ["same_owner"]
    assert codes(world.judge(move("voided", actor="2001"))) == ["not_yours"]


def test_what_was_kept_on_credit_is_handed_over_until_the_credit_is_repaid() -> None:
    running = floor(state="fulfilled", credit="running", credit_until=NOW + DAY)
    assert is_open(running.get())
    running.judge(move("handed_over"))
    assert running.get().data["owner"] == "2001"
    repaid = floor(state="fulfilled", credit="repaid")
    assert codes(repaid.judge(move("handed_over"))) == ["promise_state"]


def test_a_chase_after_due_or_the_third_one_raises_the_level() -> None:
    world = floor()
    levels = []
    for _ in range(4):
        world.judge(move("chased"))
        levels.append(world.get().data["level"])
    assert levels == [0, 0, 1, 1]
    world.judge(move("chased", at=NOW + 2 * HOUR))
    assert (world.get().data["level"], world.get().data["chases"]) == (2, 5)
    world.judge(move("fulfilled"))
    assert codes(world.judge(move("chased"))) == ["promise_closed"]


def test_a_promise_remembers_tier_and_policy_and_ends_under_that_version() -> None:
    newer = replace(
        CATALOGUE,
        version="test-2",
        templates={**CATALOGUE.templates, "CALL": replace(CATALOGUE.templates["CALL"], closing="call")},
        departments={"service": CATALOGUE.departments["service"]},
    )
    world = Centre([agent(), customer(), contact("k1", level=2)])
    world.judge(promise(body={"contact": "k1"}))
    made = world.get("p1").data
    assert (made["catalogue"], made["tier"], made["closing"]) == (CATALOGUE.version, "standard", "proof")
    # what is done about it names its version: a department that is gone since is still one of its policy
    world.catalogue = newer
    assert codes(world.judge(move("dispatched", document="p1"))) == ["unknown_department"]
    world.catalogue = CATALOGUE
    assert world.judge(move("dispatched", document="p1")).verdict is Verdict.APPLIED
    world.catalogue = newer
    assert world.judge(move("fulfilled", document="p1")).verdict is Verdict.APPLIED, "the proof is enough, as then"


STATES = st.sampled_from(sorted(OPEN_COMMITMENT_STATES | {"fulfilled", "withdrawn", "voided", "declined"}))


@settings(max_examples=150, deadline=None)
@given(STATES, st.lists(st.tuples(st.sampled_from(sorted(BODIES)), st.integers(0, 3 * DAY)), max_size=8))
def test_no_move_opens_what_has_ended_but_words_that_were_told(state: str, moves: list[tuple[str, int]]) -> None:
    world = floor(state=state)
    for kind, later in moves:
        before = world.get()
        judged = world.judge(move(kind, at=NOW + later, to="2001" if before.data["owner"] == AGENT else AGENT))
        after = world.get()
        if not is_open(before) and is_open(after):
            assert (kind, before.data["state"]) == ("spoken", "voided")
        if judged.decision is None:
            assert after == before
        assert first_responsible(after) == AGENT


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(OPEN_COMMITMENT_STATES)), st.integers(0, 30 * DAY))
def test_every_state_can_end(state: str, later: int) -> None:
    for kind in ("withdrawn", "fulfilled"):
        world = floor(state=state)
        judged = world.judge(move(kind, at=NOW + later))
        assert judged.verdict is Verdict.APPLIED
        ended: Document = world.get()
        assert not is_open(ended)
        assert ended.data["closed_at"] == NOW + later


def test_a_held_promise_goes_on_and_is_let_go_where_it_then_is() -> None:
    world = floor(state="held", held_from="made", held_by=["op-9"])
    world.judge(move("dispatched", at=NOW + MINUTE))
    assert (world.get().data["state"], world.get().data["held_from"]) == ("held", "dispatched")
