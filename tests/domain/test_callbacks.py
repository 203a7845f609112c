from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.domain.decide import ORG, SITE_ROLE, Decision, Refusal
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict
from agentdesk.domain.work.callbacks import awake, caller_key, due_of, next_try
from agentdesk.domain.work.notices import quiet_hours
from tests.domain.test_timers import tick
from tests.domain.world import AGENT, DAY, HOUR, MINUTE, NOW, Centre, agent, codes, contact, customer, operation, place
from tests.policy import CATALOGUE

SAMPLE = packaged()
POLICY = replace(CATALOGUE, notices=SAMPLE.notices, rules=SAMPLE.rules, cards=SAMPLE.cards)
CALLER = "+8618612345678"
FIXED = "+861088886666"


def centre(*documents: Document, **data: Any) -> Centre:
    sites = [Document(ORG, site, "site", 1, {}) for site in ("site-1", "site-2")]
    return Centre([agent(), customer(**data), *sites, *documents], catalogue=POLICY)


def gave_up(at: int = NOW, site: str = "site-1", document: str = "b1", caller: str = CALLER, **body: Any) -> Operation:
    content = {"number": f"10001000{document}", "caller": caller, "waited_s": 40, "customer": "c1", **body}
    where = place(site=site, lineage=f"lineage-{site}")
    return operation("callback.opened", content, document, at=at, actor=site, role=SITE_ROLE, where=where)


def tried(result: str, at: int = NOW, document: str = "b1") -> Operation:
    return operation("callback.tried", {"result": result}, document, at=at)


@pytest.mark.parametrize(("card", "minutes"), [("ordinary", 60), ("gold", 30), ("diamond", 10)])
def test_who_gave_up_is_due_by_his_tier_and_written_to_at_once(card: str, minutes: int) -> None:
    world = centre(card=card)
    assert world.judge(gave_up()).verdict is Verdict.APPLIED
    data = world.get("b1").data
    assert data["due"] == NOW + minutes * MINUTE
    text = world.get("b1.sms").data
    assert (text["to"], text["urgent"], text["code"]) == (CALLER, True, "call_back")
    assert data["number"] in text["text"]


def test_at_night_he_is_called_in_the_morning_and_told_so() -> None:
    night = NOW + 11 * HOUR
    world = centre()
    world.judge(gave_up(night))
    data = world.get("b1").data
    assert data["due"] == NOW + 21 * HOUR + 30 * MINUTE
    assert world.get("b1.sms").data["code"] == "call_back_morning"


@given(st.integers(NOW, NOW + 3 * DAY), st.sampled_from(["standard", "vip", "diamond"]))
def test_nobody_is_due_in_the_quiet_hours(at: int, tier: Any) -> None:
    due = due_of(at, tier, POLICY)
    assert due > at
    assert not quiet_hours(POLICY).covers(due)
    assert awake(due, due, POLICY) == due


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["site-1", "site-2"])), min_size=1, max_size=8))
def test_one_number_is_called_back_once_in_half_an_hour_whoever_saw_it(calls: list[tuple[int, str]]) -> None:
    world = centre()
    opened: list[int] = []
    for index, (minute, site) in enumerate(sorted(calls)):
        at = NOW + minute * MINUTE
        assert world.judge(gave_up(at, site, f"b{index}")).verdict is Verdict.APPLIED
        if world.fold.get("region/bj", f"b{index}") is not None:
            opened.append(at)
    assert opened[0] == NOW + min(minute for minute, _ in calls) * MINUTE
    assert all(later - earlier >= 30 * MINUTE for earlier, later in pairwise(opened))
    assert len(world.get(caller_key(CALLER)).data["seen"]) == len(calls)


def test_a_fixed_line_is_called_back_and_not_written_to() -> None:
    world = centre()
    world.judge(gave_up(caller=FIXED, customer=None))
    assert world.get("b1").data["tier"] == "standard"
    assert world.fold.get("region/bj", "b1.sms") is None


def test_only_a_site_opens_one() -> None:
    found = centre().outcome(operation("callback.opened", {"number": "1", "caller": CALLER, "waited_s": 40}, "b1"))
    assert isinstance(found, Refusal)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["no_answer", "busy", "reached", "refused"]), st.integers(0, 200)), max_size=6)
)
def test_it_is_tried_three_times_by_plan_and_then_written_to(tries: list[tuple[str, int]]) -> None:
    world = centre()
    world.judge(gave_up())
    at, done = NOW, 0
    for result, wait in tries:
        at += wait * MINUTE
        before = world.get("b1").data
        found = world.outcome(tried(result, at))
        if before["state"] != "open":
            assert isinstance(found, Refusal)
            continue
        world.judge(tried(result, at))
        done += 1
        data = world.get("b1").data
        if result in ("reached", "refused"):
            assert data["state"] == "done"
        elif done == 3:
            assert data["state"] == "unreached"
            assert "unreached" in world.get("b1.unreached").id
        else:
            first = data["tries"][0]["at"]
            assert data["state"] == "open"
            assert data["due"] >= max(at, first + (30, 120)[done - 1] * MINUTE)
            assert not quiet_hours(POLICY).covers(data["due"])
    assert len(world.get("b1").data["tries"]) == done <= 3


def test_the_plan_ends() -> None:
    assert next_try(NOW, 1, NOW, POLICY) == NOW + 30 * MINUTE
    assert next_try(NOW, 2, NOW + HOUR, POLICY) == NOW + 120 * MINUTE
    assert next_try(NOW, 3, NOW, POLICY) is None


def test_what_nobody_rings_is_late_and_the_team_leader_is_told_once() -> None:
    world = centre()
    world.judge(gave_up())
    done = tick(world, "b1", NOW + DAY)
    assert [timer.kind for timer in done] == ["callback.late"]
    data = world.get("b1").data
    assert (data["late"], data["level"], data["told"]) == (True, 1, "team_leader")
    world.judge(tried("no_answer", NOW + DAY))
    assert [timer.rung for timer in tick(world, "b1", NOW + 2 * DAY)] == ["late1"]


def test_taking_one_on_shows_who_dials_and_keeps_nobody_from_it() -> None:
    world = centre()
    world.judge(gave_up())
    for actor in (AGENT, AGENT):
        assert world.judge(operation("callback.taken", {}, "b1", actor=actor)).verdict is Verdict.APPLIED
    assert world.get("b1").data["owner"] == AGENT
    assert world.judge(operation("callback.done", {"reason": "called again"}, "b1")).verdict is Verdict.APPLIED
    assert isinstance(world.outcome(operation("callback.taken", {}, "b1")), Refusal)


def test_ringing_back_after_a_drop_stands_in_the_contact() -> None:
    world = centre(contact("k1"))
    for result in ("no_answer", "reached"):
        world.judge(operation("contact.rung_back", {"result": result, "at": NOW}, "k1"))
    assert [t["result"] for t in world.get("k1").data["rung_back"]] == ["no_answer", "reached"]
    bad = world.outcome(operation("contact.rung_back", {"result": "x", "at": NOW}, "k1"))
    assert isinstance(bad, Refusal)
    assert isinstance(world.outcome(tried("reached", document="b9")), Decision)


def test_an_open_call_back_goes_to_a_colleague_and_who_took_it_on_stays_responsible() -> None:
    world = centre(agent("2001"), agent("2002"))
    world.judge(gave_up())
    due = world.get("b1").data["due"]

    def hand(to: str) -> list[str]:
        return codes(world.judge(operation("callback.handed_over", {"to": to, "note": "speaks Cantonese"}, "b1")))

    world.judge(operation("callback.taken", {}, "b1"))
    assert (hand("2001"), hand("2001"), hand("2002")) == ([], ["same_owner"], [])
    data = world.get("b1").data
    assert (data["owner"], data["first_responsible"], data["due"]) == ("2002", AGENT, due)
    world.judge(tried("reached"))
    assert hand("2001") == ["callback_state"]


def test_a_call_back_that_nobody_had_is_from_then_on_his_who_got_it() -> None:
    world = centre(agent("2001"))
    world.judge(gave_up())
    assert world.judge(operation("callback.handed_over", {"to": "2001", "note": "yours"}, "b1")).verdict is (
        Verdict.APPLIED
    )
    assert world.get("b1").data["first_responsible"] == "2001"
