"""Tickets beyond their states: repeats, levels, pauses, two pre-processing stations, causes, who is to blame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.judgement import Judgement
from agentdesk.domain.kinds.tickets.answering import in_sample
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.clocks import limit_of_ticket
from agentdesk.domain.verdict import Verdict
from tests.domain.tickets_policy import CATALOGUE
from tests.domain.world import AGENT, DAY, HOUR, MINUTE, NOW, REGION, Centre, agent, codes, customer, operation

HANDLER, EXPERT = "3001", "4001"
ROLES = {AGENT: "agent", HANDLER: "department_handler", EXPERT: "expert"}
REPLY = {"text": "mended", "minutes": 20, "cause": "cause.fault.line.cut"}
TO_NETWORK = {"station": "department", "department": "network"}


class Tickets(Centre):
    """A centre under the rules for tickets; moves are of the newest version."""

    def move(
        self, name: str, body: Mapping[str, Any] | None = None, *, at: int = NOW, by: str = AGENT, ticket: str = "t1"
    ) -> Judgement:
        return self.judge(move(name, body or {}, at=at, by=by, ticket=ticket))

    def open(self, ticket: str = "t1", at: int = NOW, version: int = 2, **changes: Any) -> Judgement:
        body = {"kind": "fault", "number": ticket, "customer": "c1", "title": "no signal", **changes}
        return self.judge(operation("ticket.opened", body, ticket, at=at, version=version))

    def data(self, ticket: str = "t1") -> Mapping[str, Any]:
        return self.get(ticket).data

    def through(self, *moves: str, ticket: str = "t1", at: int = NOW) -> None:
        for name in moves:
            judged = self.move(name, BODIES.get(name), at=at, ticket=ticket)
            assert judged.verdict is Verdict.APPLIED, (name, codes(judged))


BODIES: Mapping[str, Mapping[str, Any]] = {
    "dispatched": TO_NETWORK,
    "replied": REPLY,
    "followed_up": {"answer": "satisfied", "score": 5},
    "reopened": {"reason": "it is back"},
}
VERSIONS = {"dispatched": 2, "replied": 2, "followed_up": 2, "archived": 2, "reopened": 2}


def move(name: str, body: Mapping[str, Any], *, at: int = NOW, by: str = AGENT, ticket: str = "t1") -> Operation:
    return operation(f"ticket.{name}", body, ticket, at=at, actor=by, role=ROLES[by], version=VERSIONS.get(name, 1))


def tickets(*more: Document) -> Tickets:
    people = [agent(), agent(HANDLER, role="department_handler"), agent(EXPERT, role="expert")]
    return Tickets([*people, customer(), *more], CATALOGUE)


# repeats (DOMAIN rule 8)


def test_the_same_matter_inside_the_window_is_a_repeat_and_names_who_had_it() -> None:
    world = tickets()
    world.open(symptom="fault.broadband.drops")
    world.through("dispatched", "accepted")
    world.move("replied", REPLY, by=HANDLER)
    world.through("followed_up", "archived")
    world.open("t2", at=NOW + 7 * DAY, symptom="fault.broadband.drops")
    data = world.data("t2")
    assert (data["repeat_of"], data["repeats"], data["previous_handler"]) == ("t1", 1, HANDLER)
    assert [(one["ticket"], one["relation"]) for one in data["links"]] == [("t1", "repeat")]
    assert [(one["ticket"], one["relation"]) for one in world.data("t1")["links"]] == [("t2", "repeated")]
    world.open("t3", at=NOW + 14 * DAY + 1, symptom="fault.broadband.drops")
    assert world.data("t3")["repeat_of"] == "t2"
    assert world.data("t3")["repeats"] == 2


@pytest.mark.parametrize(
    ("first", "second", "days", "is_one"),
    [
        ({"symptom": "fault.broadband.drops"}, {"symptom": "fault.broadband.drops"}, 8, False),
        ({"symptom": "fault.broadband.drops"}, {"symptom": "fault.broadband"}, 1, True),
        ({"symptom": "fault.broadband.drops"}, {"symptom": "fault.mobile.slow"}, 1, False),
        ({"symptom": "fault.broadband.drops"}, {}, 1, False),
        (
            {"symptom": "fault.broadband.drops", "subscription": "a"},
            {"symptom": "fault.broadband.drops", "subscription": "b"},
            1,
            True,
        ),
        (
            {"symptom": "fault.mobile.slow", "subscription": "a"},
            {"symptom": "fault.mobile.slow", "subscription": "b"},
            1,
            False,
        ),
        (
            {"kind": "complaint", "symptom": "complaint.billing.twice"},
            {"kind": "complaint", "symptom": "complaint.billing.twice"},
            30,
            True,
        ),
    ],
)
def test_what_counts_as_the_same_matter(first: dict[str, Any], second: dict[str, Any], days: int, is_one: bool) -> None:
    world = tickets()
    world.open(**first)
    cause = dict(REPLY) if first.get("kind") != "complaint" else {"text": "paid back", "minutes": 5}
    world.move("replied", cause)
    world.through("followed_up", "archived")
    world.open("t2", at=NOW + days * DAY, **second)
    assert (world.data("t2").get("repeat_of") == "t1") is is_one


def test_an_open_one_is_repeated_too_and_an_older_program_opens_as_it_did() -> None:
    world = tickets()
    world.open(symptom="fault.broadband.drops")
    world.open("t2", symptom="fault.broadband.drops")
    assert world.data("t2")["repeat_of"] == "t1"
    world.open("t3", version=1, symptom="fault.broadband.drops")
    assert "repeat_of" not in world.data("t3")


def test_a_complaint_that_comes_again_rises_and_runs_on_the_shorter_clock() -> None:
    world = tickets()
    world.open(kind="complaint", symptom="complaint.billing.twice")
    assert world.data()["due"] == NOW + 5 * DAY
    world.open("t2", kind="complaint", symptom="complaint.billing.twice")
    assert world.data("t2")["level"] == 1
    assert world.data("t2")["due"] == NOW + 48 * HOUR
    world.open("t3", symptom="fault.broadband.drops")
    world.open("t4", symptom="fault.broadband.drops")
    assert world.data("t4")["level"] == 0


def test_an_appeal_has_the_highest_clock_and_a_fault_outside_towns_its_own() -> None:
    world = tickets()
    world.open(kind="complaint", origin="appeal")
    assert (world.data()["due"], world.data()["law_due"]) == (NOW + 2 * DAY, NOW + 10 * DAY)
    world.open("t2", rural=True, place="Miyun", symptom="fault.broadband.drops")
    assert (world.data("t2")["due"], world.data("t2")["law_due"]) == (NOW + 60 * HOUR, NOW + 72 * HOUR)
    assert world.data("t2")["place"] == "Miyun"


# pauses (DOMAIN rule 6)

instants = st.integers(NOW, NOW + 400 * DAY)
"""Over holidays, make-up days and a year's end."""


@settings(max_examples=200)
@given(
    st.sampled_from(["fault", "request", "complaint"]),
    instants,
    st.integers(0, 20 * DAY),
    st.integers(1, 20 * DAY),
    st.integers(1, 40 * DAY),
)
def test_a_pause_moves_the_policys_clock_by_its_own_time_and_never_the_laws(
    kind: str, at: int, waited: int, planned: int, resumed: int
) -> None:
    world = tickets()
    world.open(kind=kind, at=at)
    before = dict(world.data())
    begin = at + waited
    judged = world.move("paused", {"reason": "customer_later", "until": begin + planned}, at=begin)
    assert judged.verdict is Verdict.APPLIED, codes(judged)
    world.move("resumed", at=begin + resumed)
    after = world.data()
    end = begin + min(planned, resumed)
    assert after["state"] == "open"
    assert after["law_due"] == before["law_due"]
    limit = limit_of_ticket(world.get("t1"), CATALOGUE)
    assert limit is not None
    if begin >= before["policy_due"]:
        assert after["policy_due"] == before["policy_due"]
    elif limit.unit == "natural":
        assert after["policy_due"] == before["policy_due"] + end - begin
    else:
        office = CATALOGUE.calendars["office"]
        assert office.working_ms(before["policy_due"], after["policy_due"]) == office.working_ms(begin, end)
    laws = after["law_due"]
    assert after["due"] == (after["policy_due"] if laws is None else min(after["policy_due"], laws))
    (pause,) = after["pauses"]
    assert (pause["reason"], pause["from"], pause["to"]) == ("customer_later", begin, end)
    assert (pause["due_before"], pause["due_after"]) == (before["due"], after["due"])


def test_only_the_policys_reasons_pause_and_only_for_so_long() -> None:
    world = tickets()
    world.open()
    hour = NOW + HOUR
    assert codes(world.move("paused", {"reason": "other_department", "until": hour})) == ["pause_reason"]
    assert codes(world.move("paused", {"reason": "customer_later", "until": NOW})) == ["pause_over"]
    assert codes(world.move("paused", {"reason": "customer_later", "until": NOW + 91 * DAY})) == ["pause_too_long"]
    assert codes(world.move("paused", {"reason": "unreachable", "until": hour, "tries": 2})) == ["pause_tries"]
    world.through("dispatched")
    assert world.move("paused", {"reason": "unreachable", "until": hour, "tries": 3}).verdict is Verdict.APPLIED
    assert codes(world.move("replied", REPLY)) == ["ticket_state"]
    world.through("resumed", "accepted")


# two pre-processing stations (两次预处理)


def test_a_class_for_the_expert_goes_to_no_department_before_he_had_it() -> None:
    world = tickets()
    world.open(symptom="fault.mobile.slow")
    assert codes(world.move("dispatched", TO_NETWORK)) == ["expert_first"]
    world.move("dispatched", {"station": "expert"})
    assert codes(world.move("reassigned", {**TO_NETWORK, "reason": "theirs"})) == ["expert_first"]
    world.move("accepted", by=EXPERT, at=NOW + 5 * MINUTE)
    judged = world.move("dispatched", TO_NETWORK, by=EXPERT, at=NOW + 17 * MINUTE)
    assert judged.verdict is Verdict.APPLIED
    seat = world.data()["expert"]
    assert (seat["by"], seat["accepted_at"], seat["minutes"]) == (EXPERT, NOW + 5 * MINUTE, 12)
    assert world.data()["department"] == "network"


def test_an_expert_may_answer_himself_and_an_older_program_dispatches_as_it_did() -> None:
    world = tickets()
    world.open(symptom="fault.mobile.slow")
    world.move("dispatched", {"station": "expert"})
    world.move("accepted", by=EXPERT)
    world.move("replied", REPLY, by=EXPERT)
    assert (world.data()["state"], world.data()["expert"]["minutes"]) == ("replied", 20)
    world.open("t2", symptom="fault.mobile.slow")
    old = operation("ticket.dispatched", TO_NETWORK, "t2")
    assert world.judge(old).verdict is Verdict.APPLIED


def test_a_station_that_is_late_is_charged_when_the_ticket_moves_on() -> None:
    world = tickets()
    world.open()
    world.move("dispatched", TO_NETWORK, at=NOW + 70 * MINUTE)
    (late,) = world.data()["overtime"]
    assert (late["station"], late["minutes"], late["owner"]) == ("front", 40, AGENT)
    # half an hour of office time to accept; the lunch hour isn't counted against the department
    due = world.data()["station_due"]
    world.move("accepted", by=HANDLER, at=due + 90 * MINUTE)
    assert world.data()["overtime"][-1]["department"] == "network"
    office = CATALOGUE.calendars["office"]
    assert world.data()["overtime"][-1]["minutes"] == office.working_minutes(due, due + 90 * MINUTE)


# moves between people


def test_reassigned_and_recalled_tickets_keep_their_history_and_first_responsible() -> None:
    world = tickets()
    world.open()
    world.through("dispatched")
    body = {"station": "department", "department": "service", "reason": "theirs"}
    assert world.move("reassigned", body, by=HANDLER).decision is not None
    assert codes(world.move("reassigned", body, by=HANDLER)) == ["lies_there"]
    data = world.data()
    assert (data["state"], data["department"]) == ("dispatched", "service")
    judged = world.move("recalled", {"reason": "the customer mended it"})
    assert judged.decision is not None
    assert judged.decision.changes[0].audience == ("department/service",)
    data = world.data()
    assert (data["state"], data["station"], data["department"], data["owner"]) == ("open", "front", None, AGENT)
    assert data["first_responsible"] == AGENT


def test_a_hand_over_changes_the_owner_with_the_context_and_nothing_else() -> None:
    world = tickets(agent("9", role="agent", dismissed_at=NOW))
    world.open()
    assert codes(world.move("handed_over", {"to": "nobody", "note": "x"})) == ["unknown_agent"]
    assert codes(world.move("handed_over", {"to": "9", "note": "x"})) == ["unknown_agent"]
    assert codes(world.move("handed_over", {"to": EXPERT, "note": " "})) == ["empty_note"]
    assert world.move("handed_over", {"to": EXPERT, "note": "rings at six"}).verdict is Verdict.APPLIED
    data = world.data()
    assert (data["owner"], data["first_responsible"], data["state"]) == (EXPERT, AGENT, "open")
    assert data["moves"][-1]["text"] == "rings at six"
    assert world.get(EXPERT, ORG).data["role"] == "expert"


# answers and causes


def test_a_reply_names_a_cause_of_the_tree_on_its_finest_level() -> None:
    world = tickets()
    world.open()
    for cause in (None, "cause.fault", "fault.broadband.drops", "moon"):
        body = {name: value for name, value in {**REPLY, "cause": cause}.items() if value is not None}
        assert codes(world.move("replied", body))[0] in {"needs_cause", "unknown_class", "class_too_wide"}
    assert world.move("replied", REPLY).verdict is Verdict.APPLIED
    world.open("t2", kind="inquiry")
    # no cause of an inquiry is in the tree
    assert world.move("replied", {"text": "told", "minutes": 2}, ticket="t2").verdict is Verdict.APPLIED


def test_a_follow_up_by_a_person_asks_for_a_score() -> None:
    world = tickets()
    world.open()
    world.through("replied")
    assert codes(world.move("followed_up", {"answer": "satisfied"})) == ["needs_score"]
    assert codes(world.move("followed_up", {"answer": "satisfied", "score": 6})) == ["malformed"]
    assert codes(world.move("followed_up", {"answer": "satisfied", "score": 4, "how": "sms"})) == ["needs_person"]
    assert codes(world.move("archived")) == ["ticket_state"]
    world.through("followed_up", "archived")
    assert world.data()["satisfaction"]["score"] == 5


def test_an_unhappy_customer_gets_a_higher_level_and_a_new_deadline_not_beyond_the_laws() -> None:
    world = tickets()
    world.open(kind="complaint")
    world.move("replied", {"text": "no", "minutes": 3}, at=NOW + DAY)
    world.move("followed_up", {"answer": "unsatisfied", "score": 1}, at=NOW + 2 * DAY)
    data = world.data()
    assert (data["state"], data["level"], data["owner"]) == ("reopened", 1, AGENT)
    assert data["due"] == NOW + 4 * DAY
    assert data["law_due"] == NOW + 15 * DAY
    world.move("replied", {"text": "yes", "minutes": 3}, at=NOW + 14 * DAY)
    world.move("reopened", {"reason": "again"}, at=NOW + 14 * DAY)
    assert world.data()["due"] == NOW + 15 * DAY


def test_what_is_answered_in_the_call_is_closed_at_once_but_for_a_sample() -> None:
    world = tickets()
    names = [f"i{n}" for n in range(60)]
    for name in names:
        world.open(name, kind="inquiry", customer="c1")
        world.move("archived", {"exempt": "answered_in_call", "text": "told him"}, ticket=name)
    called = {name for name in names if world.data(name)["state"] == "replied"}
    assert called == {name for name in names if in_sample(name, CATALOGUE.rules.follow_up_percent)}
    assert {world.data(name)["state"] for name in set(names) - called} == {"archived"}
    world.open("f1")
    assert codes(world.move("archived", {"exempt": "answered_in_call", "text": "x"}, ticket="f1")) == ["not_exempt"]


def test_a_class_is_changed_with_its_clock_and_the_deadline_that_was_told_stands() -> None:
    world = tickets()
    world.open(kind="complaint", due=NOW + 3 * DAY)
    assert codes(world.move("classified", {"symptom": "fault.broadband"})) == ["class_too_wide"]
    assert codes(world.move("classified", {"symptom": "cause.fault.line.cut"})) == ["unknown_class"]
    world.move("classified", {"symptom": "fault.broadband.drops"}, at=NOW + HOUR)
    data = world.data()
    assert (data["kind"], data["due"], data["law_due"]) == ("fault", NOW + 36 * HOUR, NOW + 48 * HOUR)
    world.move("classified", {"symptom": "complaint.billing.twice", "cause": "cause.fault.line.cut"}, at=NOW + HOUR)
    assert world.data()["due"] == NOW + 36 * HOUR


def test_blame_is_judged_objected_to_once_and_then_final() -> None:
    world = tickets()
    world.open()
    judge = {"department": "network", "minutes": 45}
    assert codes(world.move("judged", judge)) == ["ticket_state"]
    world.through("replied")
    assert codes(world.move("objected", {"text": "no"})) == ["not_judged"]
    judged = world.move("judged", judge)
    assert judged.decision is not None
    assert judged.decision.changes[0].audience == ("department/network",)
    world.move("objected", {"text": "a third party cut it"}, by=HANDLER)
    world.move("judged", {"department": "service", "minutes": 45})
    liability = world.data()["liability"]
    assert (liability["department"], liability["minutes"], liability["state"]) == ("service", 45, "final")
    assert codes(world.move("judged", judge)) == ["judged_already"]
    assert codes(world.move("objected", {"text": "again"})) == ["not_judged"]


def test_what_the_customer_adds_reaches_the_department() -> None:
    world = tickets()
    world.open(person={"number": "1"})
    world.through("dispatched")
    judged = world.move("supplemented", {"text": "rings at six", "person": {"hours": "after six"}, "place": "gate 3"})
    assert judged.decision is not None
    assert judged.decision.changes[0].audience == ("department/network",)
    assert world.data()["person"] == {"number": "1", "hours": "after six"}
    assert world.data()["place"] == "gate 3"
    assert world.get("t1", REGION).data["state"] == "dispatched"
