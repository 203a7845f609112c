"""Management tickets: six haves, one solution for all, and no end before each is followed up as solved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.judgement import Judgement
from agentdesk.domain.operation import Operation
from agentdesk.domain.rules import GroupRules
from agentdesk.domain.verdict import Verdict
from agentdesk.domain.work.management import SIX_HAVES, is_solved, measures_left, missing, suggested, unsolved
from tests.domain.world import DAY, HOUR, NOW, REGION, Centre, agent, codes, customer, operation

SIX: Mapping[str, Any] = {
    "target": "no drops after eight in the evening",
    "measures": [{"text": "split the node", "owner": "network", "due": NOW + 2 * DAY}],
    "owner": "network",
    "time_limit": NOW + 3 * DAY,
    "supervision": "duty manager, daily",
    "assessment": "faults of the block, week after",
}
SOLUTION = "the node was split"


def ticket(name: str, state: str = "accepted", **data: Any) -> Document:
    content = {"number": f"n-{name}", "kind": "fault", "customer": "c1", "state": state, "at": NOW - HOUR}
    return Document(REGION, name, "ticket", 1, {**content, "tier": "standard", "moves": [], **data})


def opened(tickets: list[str], **changes: Any) -> Operation:
    body = {"number": "100010000034", "title": "evening drops", "department": "network", "six": SIX, **changes}
    return operation("management.opened", {**body, "tickets": tickets}, "m1")


def move(name: str, **body: Any) -> Operation:
    return operation(f"management.{name}", body, "m1")


def centre(*tickets: Document, joined: int | None = None) -> Centre:
    world = Centre([agent(), customer(), *tickets])
    names = [one.id for one in tickets[:joined]]
    assert world.judge(opened(names)).verdict is Verdict.APPLIED
    return world


def followed_up(world: Centre, name: str, answer: str) -> Judgement:
    return world.judge(operation("ticket.followed_up", {"answer": answer}, name))


# opening


@given(st.sets(st.sampled_from(SIX_HAVES)), st.sampled_from(["", "  ", None, 0, []]))
def test_it_is_opened_with_all_six_haves_and_those_missing_are_named(without: set[str], empty: Any) -> None:
    six = {name: empty if name in without else value for name, value in SIX.items()}
    judged = Centre([agent()]).judge(opened([], six=six))
    assert missing(six) == tuple(name for name in SIX_HAVES if name in without)
    if without:
        assert judged.verdict is Verdict.REFUSED
        assert list(judged.reasons[0].values["missing"]) == [name for name in SIX_HAVES if name in without]
    else:
        assert judged.verdict is Verdict.APPLIED


@pytest.mark.parametrize("lacks", ["text", "owner", "due"])
def test_a_measure_has_an_owner_and_a_time_limit(lacks: str) -> None:
    measure = {name: value for name, value in SIX["measures"][0].items() if name != lacks}
    assert codes(Centre([agent()]).judge(opened([], six={**SIX, "measures": [measure]}))) == ["malformed"]


def test_tickets_show_what_they_belong_to() -> None:
    world = centre(ticket("t1"), ticket("t2"))
    assert [world.get(name).data["management_number"] for name in ("t1", "t2")] == ["100010000034"] * 2


def test_a_ticket_has_one_common_cause() -> None:
    world = Centre([agent(), ticket("t1", management="m0", management_number="100010000000")])
    assert codes(world.judge(opened(["t1"]))) == ["joined_elsewhere"]


def test_a_ticket_that_isnt_known_is_waited_for() -> None:
    assert codes(Centre([agent()]).judge(opened(["t9"]))) == ["unknown_document"]


def test_who_may_open_one_is_the_policys_to_say() -> None:
    op = operation("management.opened", opened([]).data, "m1", role="expert")
    assert codes(Centre([agent(role="expert")]).judge(op)) == ["not_allowed"]


# the cascade

STATES = st.sampled_from(["open", "dispatched", "accepted", "returned", "replied", "followed_up", "archived"])


@settings(max_examples=60)
@given(st.lists(STATES, min_size=1, max_size=6), st.data())
def test_every_ticket_inherits_the_solution_and_what_joined_meanwhile_is_named(
    states: list[str], data: st.DataObject
) -> None:
    tickets = [ticket(f"t{place}", state) for place, state in enumerate(states)]
    names = [one.id for one in tickets]
    world = centre(*tickets)
    seen = data.draw(st.sets(st.sampled_from(names)))
    judged = world.judge(move("solved", solution=SOLUTION, tickets=sorted(seen)))
    late = [name for name in names if name not in seen]
    assert judged.verdict is (Verdict.FLAGGED if late else Verdict.APPLIED)
    assert world.get("m1").data["unreplied"] == late
    for one in tickets:
        now = world.get(one.id).data
        if one.id in late:
            assert now["state"] == one.data["state"]
            continue
        assert now["common_answer"] == SOLUTION
        over = one.data["state"] in ("replied", "followed_up", "archived")
        assert now["state"] == (one.data["state"] if over else "replied")
        assert now["moves"][-1]["text"] == SOLUTION
    if late:
        assert world.judge(move("solved", solution=SOLUTION, tickets=names)).verdict is Verdict.APPLIED
    assert world.get("m1").data["unreplied"] == []
    assert all(world.get(name).data["common_answer"] == SOLUTION for name in names)
    assert codes(world.judge(move("solved", solution=SOLUTION, tickets=names))) == ["management_state"]


def test_a_pause_ends_with_the_common_answer() -> None:
    paused = ticket("t1", "paused", paused={"from": NOW - HOUR, "until": NOW + HOUR, "reason": "customer"})
    world = centre(paused)
    assert world.judge(move("solved", solution=SOLUTION, tickets=["t1"])).verdict is Verdict.APPLIED
    data = world.get("t1").data
    assert (data["state"], data["paused"]) == ("replied", None)
    assert data["pauses"][0]["to"] == NOW


def test_who_joins_after_the_solution_inherits_it_at_once() -> None:
    world = centre(ticket("t1"), ticket("t2"), joined=1)
    world.judge(move("solved", solution=SOLUTION, tickets=["t1"]))
    assert world.judge(move("joined", tickets=["t2"])).verdict is Verdict.APPLIED
    data = world.get("t2").data
    assert (data["state"], data["common_answer"], data["management"]) == ("replied", SOLUTION, "m1")
    assert codes(world.judge(move("joined", tickets=["t2"]))) == ["joined_already"]


def test_who_leaves_is_its_own_again() -> None:
    world = centre(ticket("t1"), ticket("t2"))
    assert world.judge(move("left", tickets=["t1"], reason="another cause")).verdict is Verdict.APPLIED
    assert world.get("t1").data["management"] is None
    assert world.get("m1").data["tickets"] == ["t2"]
    assert codes(world.judge(move("left", tickets=["t1"]))) == ["not_joined"]


# the end

ANSWERS = st.sampled_from(["satisfied", "unsatisfied", None])


@settings(max_examples=60)
@given(st.lists(ANSWERS, min_size=1, max_size=5), st.booleans())
def test_it_is_closed_when_each_is_followed_up_as_solved_and_every_measure_is_done(
    answers: list[str | None], measured: bool
) -> None:
    names = [f"t{place}" for place in range(len(answers))]
    world = centre(*(ticket(name) for name in names))
    if measured:
        measure = world.get("m1").data["measures"][0]["id"]
        assert world.judge(move("measured", done=measure, text="split")).verdict is Verdict.APPLIED
        assert codes(world.judge(move("measured", done=measure))) == ["measure_done"]
    assert codes(world.judge(move("closed", tickets=names))) == ["management_state"]
    world.judge(move("solved", solution=SOLUTION, tickets=names))
    for name, answer in zip(names, answers, strict=True):
        if answer is not None:
            assert followed_up(world, name, answer).verdict is Verdict.APPLIED
    good = all(answer == "satisfied" for answer in answers)
    assert (not unsolved(world.get(name) for name in names)) == good
    judged = world.judge(move("closed", tickets=names))
    if not measured:
        assert codes(judged) == ["measures_open"]
    elif not good:
        assert codes(judged) == ["children_open"]
        assert judged.reasons[0].values["n"] == sum(answer != "satisfied" for answer in answers)
    else:
        assert judged.verdict is Verdict.APPLIED
        assert not is_open(world.get("m1"))


def test_it_isnt_closed_over_tickets_that_its_author_didnt_see() -> None:
    world = centre(ticket("t1"))
    done = world.get("m1").data["measures"][0]["id"]
    world.judge(move("measured", done=done))
    world.judge(move("solved", solution=SOLUTION, tickets=["t1"]))
    followed_up(world, "t1", "satisfied")
    assert codes(world.judge(move("closed", tickets=[]))) == ["children_open"]


def test_an_unhappy_customer_reopens_it() -> None:
    world = centre(ticket("t1"))
    world.judge(move("measured", done=world.get("m1").data["measures"][0]["id"]))
    world.judge(move("solved", solution=SOLUTION, tickets=["t1"]))
    followed_up(world, "t1", "satisfied")
    world.judge(move("closed", tickets=["t1"]))
    unhappy = operation("management.reopened", {"ticket": "t1", "reason": "it drops again"}, "m1")
    assert world.judge(unhappy).verdict is Verdict.APPLIED
    data = world.get("m1").data
    assert (data["state"], data["unhappy"]) == ("reopened", ["t1"])
    assert world.judge(move("solved", solution="the node again", tickets=["t1"])).verdict is Verdict.APPLIED


def test_a_ticket_that_went_into_another_counts_as_that_one() -> None:
    assert is_solved(ticket("t1", "merged"))
    assert not is_solved(ticket("t1", "archived", satisfaction={"answer": "unsatisfied"}))


# what is common


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), max_size=12))
def test_so_many_of_one_class_and_place_in_so_many_hours_suggest_one(found: list[tuple[str, int]]) -> None:
    rules = GroupRules(common_tickets=3, common_hours=24, common_depth=2)
    tickets = [
        ticket(f"t{place}", symptom=f"fault.broadband.{name}", at=NOW - hours * HOUR)
        for place, (name, hours) in enumerate(found)
    ]
    places = {one.id: "大望路" if place % 2 else "中关村" for place, one in enumerate(tickets)}
    result = suggested(tickets, places, rules, NOW)
    for where in ("大望路", "中关村"):
        near = [one for one in tickets if places[one.id] == where and NOW - one.data["at"] <= 24 * HOUR]
        named = [one for one in result if one.place == where]
        assert bool(named) == (len(near) >= 3)
        assert not named or {one.id for one in named[0].tickets} == {one.id for one in near}


def test_what_is_joined_or_over_isnt_counted_again() -> None:
    rules = GroupRules(common_tickets=2)
    tickets = [
        ticket("t1", symptom="fault.mobile.volte"),
        ticket("t2", symptom="fault.mobile.volte", management="m1"),
        ticket("t3", "archived", symptom="fault.mobile.volte"),
    ]
    assert suggested(tickets, {}, rules, NOW) == ()


def test_measures_that_are_left_come_by_their_time_limit() -> None:
    measures = [{"id": "a", "due": 5}, {"id": "b", "due": 3}, {"id": "c", "due": 1, "done_at": 2}]
    assert [one["id"] for one in measures_left(measures)] == ["b", "a"]
