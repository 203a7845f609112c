"""Labels on numbers, ending a call with its words, and handing a contact to another channel."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.documents import Document, index_of, is_open
from agentdesk.domain.operation import Operation
from agentdesk.domain.profile.labels import in_force, label_of
from agentdesk.domain.times.timers import next_timer
from agentdesk.domain.verdict import Verdict
from tests.domain.world import AGENT, DAY, MINUTE, NOW, REGION, Centre, agent, codes, contact, customer, operation
from tests.policy import CATALOGUE, GROUP

NUMBER = "+8613900001111"
LEADER = "9001"


def asked(sort: str = "nuisance", document: str = "l1") -> Operation:
    return operation("label.asked", {"number": NUMBER, "sort": sort, "reason": "sings"}, document)


def decided(name: str, by: str = LEADER, role: str = "team_leader", at: int = NOW, **body: Any) -> Operation:
    return operation(f"label.{name}", body, "l1", actor=by, role=role, at=at)


def centre() -> Centre:
    world = Centre([agent(), agent(LEADER, role="team_leader"), customer(), contact("k1")])
    assert world.judge(asked()).verdict is Verdict.APPLIED
    return world


def test_a_label_is_a_wish_until_a_superior_approves_it() -> None:
    world = centre()
    assert not in_force(world.get("l1"), NOW)
    assert is_open(world.get("l1"))
    assert world.judge(decided("approved", days=7)).verdict is Verdict.APPLIED
    label = world.get("l1")
    assert in_force(label, NOW + 7 * DAY - 1)
    assert not in_force(label, NOW + 7 * DAY)
    assert index_of(label).ref == NUMBER


@pytest.mark.parametrize(
    ("op", "code"),
    [
        (decided("approved", AGENT, "agent"), "own_wish"),
        (decided("approved", "1025", "agent"), "not_allowed"),
        (decided("approved", days=31), "label_days"),
        (decided("approved", days=0), "label_days"),
    ],
)
def test_nobody_approves_his_own_wish_or_beyond_the_policy(op: Operation, code: str) -> None:
    world = centre()
    world.fold.load([agent("1025")])
    assert codes(world.judge(op)) == [code]


def test_a_label_ends_by_itself_and_before_its_time_by_a_superior_only() -> None:
    world = centre()
    world.judge(decided("approved"))
    timer = next_timer(world.get("l1"), CATALOGUE)
    assert timer is not None
    assert (timer.at, timer.kind) == (NOW + 30 * DAY, "label.expired")
    assert codes(world.judge(decided("ended", AGENT, "agent", reason="sorry"))) == ["not_allowed"]
    assert world.judge(decided("ended", reason="a mistake")).verdict is Verdict.APPLIED
    assert next_timer(world.get("l1"), CATALOGUE) is None
    assert codes(world.judge(decided("declined"))) == ["label_state"]


@given(st.lists(st.tuples(st.sampled_from(["nuisance", "threat", "silent"]), st.integers(-5, 5)), max_size=6))
def test_the_gravest_label_in_force_is_shown(found: list[tuple[str, int]]) -> None:
    labels = [
        Document(REGION, f"l{place}", "label", 1, {"sort": sort, "state": "approved", "until": NOW + days * DAY})
        for place, (sort, days) in enumerate(found)
    ]
    live = [sort for sort, days in found if days > 0]
    shown = label_of(labels, NOW)
    expected = next((sort for sort in ("threat", "nuisance", "silent") if sort in live), None)
    assert (shown.data["sort"] if shown else None) == expected


def test_every_sort_of_label_has_its_words() -> None:
    assert set(GROUP.labels) == {"nuisance", "threat", "silent"}


def test_a_call_is_ended_after_the_words_for_it_only() -> None:
    world = centre()
    early = operation("contact.cut_short", {"reason": "threat", "said": False}, "k1")
    assert codes(world.judge(early)) == ["words_first"]
    assert world.judge(operation("contact.cut_short", {"reason": "threat", "said": True}, "k1")).verdict is (
        Verdict.APPLIED
    )
    assert world.get("k1").data["cut_short"]["reason"] == "threat"


# channels


def handed(channel: str = "sms", **body: Any) -> Operation:
    return operation("contact.handed", {"channel": channel, "reason": "busy", "about": "no signal", **body}, "k1")


def test_a_contact_goes_on_in_another_channel_with_its_context() -> None:
    world = centre()
    assert world.judge(handed()).verdict is Verdict.APPLIED
    assert world.judge(handed("hotline")).verdict is Verdict.APPLIED
    first, second = world.get("k1.handed1"), world.get("k1.handed2")
    assert (first.data["channel"], second.data["channel"]) == ("sms", "hotline")
    assert (first.data["customer"], first.data["due"]) == ("c1", NOW + 10 * MINUTE)
    assert [entry["channel"] for entry in world.get("k1").data["handed"]] == ["sms", "hotline"]
    assert is_open(first)


@pytest.mark.parametrize(
    ("body", "code"), [({"channel": "pigeon"}, "unknown_channel"), ({"reason": "no"}, "malformed")]
)
def test_a_channel_and_a_reason_are_the_policys(body: dict[str, Any], code: str) -> None:
    assert codes(centre().judge(operation("contact.handed", {**handed().data, **body}, "k1"))) == [code]


@given(st.lists(st.sampled_from(["taken", "passed", "done"]), max_size=8))
def test_a_handoff_ends_once_and_passing_it_on_buys_no_time(moves: list[str]) -> None:
    world = centre()
    world.judge(handed())
    due = world.get("k1.handed1").data["due"]
    for name in moves:
        before = world.get("k1.handed1").data
        other = "hotline" if before["channel"] == "sms" else "sms"
        body = {"taken": {}, "passed": {"channel": other, "reason": "failed"}, "done": {"text": "answered"}}[name]
        judged = world.judge(operation(f"handoff.{name}", body, "k1.handed1", at=NOW + MINUTE))
        allowed = before["state"] == "open" or (before["state"] == "taken" and name != "taken")
        assert judged.verdict is (Verdict.APPLIED if allowed else Verdict.REFUSED)
        assert world.get("k1.handed1").data["due"] <= due
    assert world.get("k1.handed1").data["first_responsible"] == AGENT


def test_business_away_from_home_stays_here_and_the_homes_department_is_told() -> None:
    body = {"number": "100010000042", "home": "广东", "service": "change the card", "to": NUMBER}
    op = operation("handoff.away", body, "h1")
    found = centre().outcome(op)
    assert codes(found) == []
    world = centre()
    judged = world.judge(op)
    assert judged.decision is not None
    assert judged.decision.changes[0].audience == ("department/service",)
    data = world.get("h1").data
    assert (data["home"], data["first_responsible"], data["channel"]) == ("广东", AGENT, "home")
