from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain.documents import OPEN_TICKET_STATES, Document, index_of
from agentdesk.domain.judgement import Judgement
from agentdesk.domain.kinds.tickets import LEADS_TO, MOVES
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict
from tests.domain.tickets_policy import CATALOGUE as WITH_PAUSES
from tests.domain.world import AGENT, DAY, HOUR, MINUTE, NOW, Centre, agent, codes, customer, operation
from tests.policy import CATALOGUE

HANDLER = "3001"


def opened(**changes: Any) -> Operation:
    body = {"kind": "fault", "number": "100010000018", "customer": "c1", "title": "no signal", **changes}
    return operation("ticket.opened", body, "t1")


def move(name: str, body: Mapping[str, Any] | None = None, *, by: str = AGENT, at: int = NOW) -> Operation:
    role = "agent" if by == AGENT else "department_handler"
    return operation(f"ticket.{name}", body or BODIES[name], "t1", actor=by, role=role, at=at)


BODIES: Mapping[str, Mapping[str, Any]] = {
    "noted": {"text": "still broken"},
    "dispatched": {"station": "department", "department": "network"},
    "accepted": {},
    "returned": {"reason": "not ours"},
    "chased": {},
    "replied": {"text": "mended", "minutes": 20},
    "followed_up": {"answer": "satisfied"},
    "archived": {},
    "reopened": {"reason": "it is back"},
    "reassigned": {"station": "department", "department": "service", "reason": "theirs"},
    "recalled": {"reason": "sent too soon"},
    "paused": {"reason": "customer_later", "until": NOW + 400 * HOUR},
    "resumed": {},
}
SINGLE = sorted(MOVES.keys() - {"merged", "unmerged"})
"""Moves that concern one ticket alone."""
HAPPY = ("dispatched", "accepted", "replied", "followed_up", "archived")


def centre() -> Centre:
    return Centre([agent(), agent(HANDLER, role="department_handler"), customer()])


def after(*moves: str) -> Centre:
    world = centre()
    world.judge(opened())
    for name in moves:
        assert world.judge(move(name)).verdict is Verdict.APPLIED, name
    return world


class TicketLife(RuleBasedStateMachine):
    """A ticket under any moves by anybody: what the rules allow happens, all else changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.centre = centre()
        self.centre.catalogue = WITH_PAUSES
        self.centre.judge(opened())
        self.at = NOW
        self.before = self.ticket
        self.levels = 0

    @property
    def ticket(self) -> Document:
        return self.centre.get("t1")

    @property
    def state(self) -> str:
        state: str = self.ticket.data["state"]
        return state

    def do(self, name: str, body: Mapping[str, Any] | None = None, by: str = AGENT) -> Judgement:
        self.before = self.ticket
        return self.centre.judge(move(name, body, by=by, at=self.at))

    @rule(ms=st.integers(0, 40 * HOUR))
    def pass_time(self, ms: int) -> None:
        self.at += ms

    @rule(name=st.sampled_from(SINGLE), by=st.sampled_from([AGENT, HANDLER]), station=st.booleans())
    def any_move(self, name: str, by: str, station: bool) -> None:
        body: dict[str, Any] | None = {"station": "expert"} if name == "dispatched" and station else None
        if name == "paused":
            body = {"reason": "customer_later", "until": self.at + HOUR}
        elif name == "reassigned" and self.ticket.data["department"] == "service":
            body = {"station": "department", "department": "network", "reason": "theirs"}
        state, before, judged = self.state, self.ticket.data.get("paused_from"), self.do(name, body, by)
        if state in MOVES[name]:
            assert judged.verdict is Verdict.APPLIED
            assert self.state == (LEADS_TO[name] or before)
        else:
            assert (judged.verdict, codes(judged)) == (Verdict.REFUSED, ["ticket_state"])
            assert self.ticket == self.before

    @rule(answer=st.sampled_from(["satisfied", "unsatisfied", "unreached"]))
    @precondition(lambda self: self.state == "replied")
    def follow_up(self, answer: str) -> None:
        level, tries = self.ticket.data["level"], self.ticket.data["tries"]
        assert self.do("followed_up", {"answer": answer}).verdict is Verdict.APPLIED
        asked = answer == "satisfied" or tries + 1 == CATALOGUE.rules.follow_up_tries
        if answer == "unsatisfied":
            assert (self.state, self.ticket.data["level"]) == ("reopened", level + 1)
        else:
            assert self.state == ("followed_up" if asked else "replied")

    @rule(by=st.sampled_from([AGENT, HANDLER]))
    def note(self, by: str) -> None:
        state = self.state
        assert self.do("noted", by=by).verdict is Verdict.APPLIED
        assert self.state == state

    @rule()
    def chase(self) -> None:
        data, closed = self.ticket.data, self.state == "archived"
        late = data["due"] < self.at
        judged = self.do("chased")
        assert judged.verdict is (Verdict.FLAGGED if closed else Verdict.APPLIED)
        third = self.ticket.data["chases"] == CATALOGUE.rules.chase_raises_at
        assert self.ticket.data["level"] - data["level"] == (1 if late or third else 0)

    @rule()
    @precondition(lambda self: self.state != "archived")
    def finish(self) -> None:
        """From wherever it is, a ticket can be brought to the archive, by reply and follow-up call only."""
        if self.state == "paused":
            assert self.do("resumed").verdict is Verdict.APPLIED
        way = {
            "open": HAPPY,
            "returned": HAPPY,
            "reopened": HAPPY,
            "dispatched": HAPPY[1:],
            "accepted": HAPPY[2:],
            "replied": HAPPY[3:],
            "followed_up": HAPPY[4:],
        }[self.state]
        for name in way:
            assert self.do(name).verdict is Verdict.APPLIED
        assert self.state == "archived"

    @invariant()
    def moves_only_grow(self) -> None:
        before, now = self.before.data["moves"], self.ticket.data["moves"]
        assert now[: len(before)] == before
        assert len(now) - len(before) == (0 if now == before else 1)

    @invariant()
    def who_was_asked_first_stays_responsible(self) -> None:
        assert self.ticket.data["first_responsible"] == AGENT

    @invariant()
    def the_archive_comes_after_reply_and_follow_up(self) -> None:
        if self.state == "archived":
            told = [m["what"] for m in self.ticket.data["moves"]]
            assert "replied" in told
            assert "followed_up" in told

    @invariant()
    def a_ticket_is_open_until_the_archive(self) -> None:
        assert index_of(self.ticket).open is (self.state != "archived")
        assert self.state in {*OPEN_TICKET_STATES, "archived"}

    @invariant()
    def levels_and_counts_never_fall(self) -> None:
        for name in ("level", "chases", "returns"):
            assert self.ticket.data[name] >= self.before.data[name]


TestTicketLife = TicketLife.TestCase
TestTicketLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_a_department_returns_once_to_the_sender_and_then_to_the_leader() -> None:
    world = after("dispatched", "returned")
    assert (world.get("t1").data["station"], world.get("t1").data["owner"]) == ("front", AGENT)
    for name in ("dispatched", "returned"):
        world.judge(move(name))
    assert (world.get("t1").data["station"], world.get("t1").data["owner"]) == ("leader", None)


def test_a_ticket_goes_to_known_stations_and_departments_only() -> None:
    world = after()
    assert codes(world.judge(move("dispatched", {"station": "moon"}))) == ["malformed"]
    assert codes(world.judge(move("dispatched", {"station": "department", "department": "moon"}))) == [
        "unknown_department"
    ]
    assert codes(world.judge(move("dispatched", {"station": "department"}))) == ["unknown_department"]


def test_a_department_is_told_of_what_happens_to_its_ticket() -> None:
    world = after()
    audiences = []
    for name in HAPPY[:3]:
        decision = world.judge(move(name)).decision
        assert decision is not None
        audiences.append(decision.changes[0].audience)
    assert audiences == [("department/network",)] * 3


# clocks (DOMAIN rule 6, policy §4)


@pytest.mark.parametrize(
    ("body", "hours", "law_hours"),
    [
        ({"kind": "fault"}, 36, 48),
        ({"kind": "fault", "symptom": "fault.rural.line"}, 60, 72),
        ({"kind": "fault", "symptom": "fault.unheard.of"}, 36, 48),
        ({"kind": "complaint"}, 120, 360),
        ({"kind": "inquiry", "symptom": "appeal.charges"}, 240, 240),
        ({"kind": "inquiry"}, None, None),
    ],
)
def test_a_ticket_is_due_by_policy_or_law_whatever_is_earlier(
    body: dict[str, Any], hours: int | None, law_hours: int | None
) -> None:
    world = centre()
    world.judge(opened(**body))
    data = world.get("t1").data
    assert data["due"] == (None if hours is None else NOW + hours * HOUR)
    assert data["law_due"] == (None if law_hours is None else NOW + law_hours * HOUR)


def test_the_deadline_that_was_told_stands_and_one_beyond_the_limit_is_flagged() -> None:
    world = centre()
    assert world.judge(opened(due=NOW + 2 * HOUR)).verdict is Verdict.APPLIED
    assert world.get("t1").data["due"] == NOW + 2 * HOUR

    world = centre()
    judged = world.judge(opened(due=NOW + 9 * DAY))
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["due_beyond_limit"])
    assert world.get("t1").data["due"] == NOW + 9 * DAY
    assert world.get("t1").data["flags"] == ["due_beyond_limit"]


def station_due(world: Centre) -> int | None:
    due: int | None = world.get("t1").data["station_due"]
    return due


def test_each_station_has_its_own_clock() -> None:
    world = after()
    due = world.get("t1").data["due"]
    assert station_due(world) == NOW + 30 * MINUTE
    world.judge(move("dispatched"))
    # 11:00 on a Monday: half an hour of office time
    assert station_due(world) == NOW + 30 * MINUTE
    world.judge(move("accepted"))
    # the reply has no time of its own: four hours before the ticket is due
    assert station_due(world) == due - 4 * HOUR
    world.judge(move("replied"))
    assert station_due(world) == NOW + 24 * HOUR
    world.judge(move("followed_up"))
    assert station_due(world) is None


def test_an_expert_seat_keeps_the_time_it_got_with_the_ticket() -> None:
    world = after()
    world.judge(move("dispatched", {"station": "expert"}))
    # two hours of office time from 11:00, with the lunch hour between
    assert station_due(world) == NOW + 3 * HOUR
    world.judge(move("accepted", at=NOW + HOUR))
    assert station_due(world) == NOW + 3 * HOUR


def test_no_station_has_longer_than_the_ticket_and_a_late_one_still_gets_its_time() -> None:
    world = after()
    due = world.get("t1").data["due"]
    world.judge(move("dispatched", at=due - 10 * MINUTE))
    assert station_due(world) == due
    world.judge(move("accepted", at=due - 5 * MINUTE))
    assert station_due(world) == due - 5 * MINUTE
    world.judge(move("returned", at=due + HOUR))
    assert station_due(world) == due + 2 * HOUR


def test_a_reopened_ticket_is_tried_again_as_often_as_a_new_one() -> None:
    world = after(*HAPPY[:3])
    for _ in range(2):
        world.judge(move("followed_up", {"answer": "unreached"}))
    for name in ("reopened", "replied"):
        assert world.judge(move(name)).verdict is Verdict.APPLIED
    for state in ("replied", "replied", "followed_up"):
        world.judge(move("followed_up", {"answer": "unreached"}))
        assert world.get("t1").data["state"] == state
    assert world.get("t1").data["satisfaction"]["answer"] == "unreached"


def test_a_ticket_of_an_unknown_customer_is_held_and_its_clock_runs() -> None:
    world = Centre([agent()])
    judged = world.judge(opened())
    assert (judged.verdict, codes(judged)) == (Verdict.HELD, ["unknown_customer"])
    assert world.get("t1").data["due"] == NOW + 36 * HOUR
    assert world.get("t1").data["flags"] == ["unknown_customer"]
