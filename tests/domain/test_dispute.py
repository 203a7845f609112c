from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentdesk.domain.decide import Allowance
from agentdesk.domain.documents import is_open
from agentdesk.domain.kinds.dispute import ESCALATED, promise_id
from agentdesk.domain.kinds.promise_clocks import ladder
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import TicketClock
from agentdesk.domain.times.timers import CENTRE, next_timer
from agentdesk.domain.verdict import Verdict
from tests.domain.world import AGENT, COST, HOUR, MINUTE, NOW, Centre, agent, codes, customer, operation, place
from tests.policy import CATALOGUE, limits

LEADER = "3001"
POLICY = replace(
    CATALOGUE,
    tickets={**CATALOGUE.tickets, "dispute": TicketClock("dispute", limits(48 * 60))},
    rules=replace(CATALOGUE.rules, ladder={"team_leader": 0, "branch_leader": 240}),
)


def opened(**body: Any) -> Operation:
    content = {
        "number": "100010000034",
        "customer": "c1",
        "subscription": "c1-m",
        "words": "小张说给我退六十",
        "day": "2026-09-01",
        "remembered": "小张",
        **body,
    }
    return operation("dispute.opened", content, "d1")


def decided(honoured: bool = True, who: str = LEADER, role: str = "team_leader", **more: Any) -> Operation:
    body: dict[str, Any] = {"customer": "c1", "honoured": honoured, "reason": "it is on the recording"}
    if honoured:
        body |= {"template": "GIFT", "number": "100010000042", "unit": "network"}
    body |= more.pop("body", {})
    given = {"amount": 6000, "allowance": COST.id} if honoured else {}
    return operation("dispute.decided", body, "d1", actor=who, role=role, at=NOW + HOUR, **{**given, **more})


def floor(**leaves: Any) -> Centre:
    world = Centre([agent(), agent(LEADER, role="team_leader"), customer()], catalogue=POLICY, **leaves)
    assert world.judge(opened()).verdict is Verdict.APPLIED
    return world


def test_what_is_said_to_have_been_promised_has_a_clock_of_its_own() -> None:
    dispute = floor().get("d1")
    assert is_open(dispute)
    assert dispute.data["due"] == NOW + 48 * HOUR
    assert dispute.data["first_responsible"] == AGENT


def test_the_deadline_that_was_told_stands_and_is_marked_when_it_is_too_late() -> None:
    world = Centre([agent(), customer()], catalogue=POLICY)
    judged = world.judge(opened(due=NOW + 72 * HOUR))
    assert codes(judged) == ["due_beyond_limit"]
    assert world.get("d1").data["due"] == NOW + 72 * HOUR


def test_honoured_it_is_a_promise_that_is_booked_to_the_unit_of_whoever_made_it() -> None:
    world = floor()
    judged = world.judge(decided())
    assert judged.verdict is Verdict.APPLIED, codes(judged)
    dispute, promise = world.get("d1").data, world.get(promise_id("d1")).data
    assert (dispute["state"], dispute["decided_by"], dispute["promise"]) == ("honoured", LEADER, promise_id("d1"))
    assert (promise["state"], promise["amount"], promise["due"]) == ("made", 6000, NOW + 2 * HOUR)
    assert promise["first_responsible"] == AGENT
    assert [(fact.amount, fact.department) for fact in world.money] == [(6000, "network")]
    ended = operation("commitment.withdrawn", {"reason": "no more"}, promise_id("d1"), at=NOW + HOUR)
    world.judge(ended)
    assert [fact.amount for fact in world.money] == [6000, -6000]
    assert {fact.department for fact in world.money} == {"network"}


def test_dismissed_it_is_explained_and_costs_nothing() -> None:
    world = floor()
    assert world.judge(decided(False)).verdict is Verdict.APPLIED
    dispute = world.get("d1").data
    assert (dispute["state"], dispute["answer"]) == ("dismissed", "it is on the recording")
    assert not world.money


def test_it_is_decided_once() -> None:
    world = floor()
    world.judge(decided(False))
    assert codes(world.judge(decided())) == ["dispute_state"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"who": AGENT, "role": "agent"}, "approval_insufficient"),
        ({"amount": 40_000}, "approval_insufficient"),
        ({"allowance": None}, "no_allowance"),
        ({"who": AGENT, "role": "team_leader"}, "own_approval"),
    ],
    ids=["no superior", "beyond him", "no lease", "own"],
)
def test_what_goes_beyond_who_decides_is_honoured_and_marked(changes: dict[str, Any], reason: str) -> None:
    world = floor()
    judged = world.judge(decided(**changes))
    assert judged.verdict is Verdict.FLAGGED
    assert reason in codes(judged)
    assert world.get("d1").data["state"] == "honoured"


def test_the_allowance_bounds_it_as_any_promise() -> None:
    world = floor(leases={COST.id: Allowance(COST.id, "cost", 5999)})
    assert codes(world.judge(decided())) == ["allowance"]


def test_nobody_who_waits_is_forgotten_one_superior_after_the_other_is_told() -> None:
    world = floor()
    told = []
    while (timer := next_timer(world.get("d1"), POLICY)) is not None:
        where = replace(place(), site=CENTRE)
        body = {"rung": timer.rung, "at": timer.at}
        op = operation(ESCALATED, body, "d1", at=timer.at, actor=CENTRE, role=CENTRE, where=where)
        assert world.judge(op).verdict is Verdict.APPLIED
        told.append(timer.rung)
    assert told == [name for name, _ in ladder(POLICY)]
    assert world.get("d1").data["level"] == len(told)
    assert is_open(world.get("d1"))


def test_words_are_what_it_is_about() -> None:
    world = Centre([agent(), customer()], catalogue=POLICY)
    assert codes(world.judge(opened(words=" "))) == ["malformed"]
    assert world.judge(opened(due=NOW + MINUTE)).verdict is Verdict.APPLIED
