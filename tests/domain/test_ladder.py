"""What time alone does to a ticket: warned, then one rung after the other, and a pause that ends by itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.documents import Document
from agentdesk.domain.times.timers import CENTRE, next_timer, passed
from agentdesk.domain.verdict import Verdict
from agentdesk.domain.work.ladder import ladder
from tests.domain.test_ticket_loop import REPLY, Tickets, tickets
from tests.domain.tickets_policy import CATALOGUE
from tests.domain.world import DAY, HOUR, MINUTE, NOW, codes, operation, place


def ring(world: Tickets, at: int, rung: str, kind: str = "ticket.escalated", due: int = 0) -> list[str]:
    """Let the centre's clock say that a rung is due; return what is against it."""
    body = {"rung": rung, "at": due or at}
    op = operation(kind, body, "t1", at=at, actor=CENTRE, role=CENTRE, where=replace(place(), site=CENTRE))
    return codes(world.judge(op))


def test_a_ticket_climbs_one_rung_at_a_time_and_the_level_stays() -> None:
    world = tickets()
    world.open()
    due = NOW + 36 * HOUR
    warn = NOW + 36 * HOUR * 80 // 100
    assert ladder(world.get("t1"), CATALOGUE) == (warn, "ticket.warned", "owner")
    assert ring(world, due, "team_leader") == ["malformed"]
    assert ring(world, warn, "owner", "ticket.warned") == []
    assert ladder(world.get("t1"), CATALOGUE) == (due, "ticket.escalated", "team_leader")
    assert ring(world, due - 1, "team_leader", due=due) == ["malformed"]
    assert ring(world, due, "team_leader") == []
    assert ring(world, due, "team_leader") == ["malformed"]
    assert (world.data()["rung"], world.data()["level"]) == ("team_leader", 0)
    assert ring(world, due + 4 * HOUR, "manager") == []
    assert ladder(world.get("t1"), CATALOGUE) is None


def test_a_desk_without_a_line_sees_the_same_rungs() -> None:
    world = tickets()
    world.open()
    ticket = world.get("t1")
    assert [t.rung for t in passed(ticket, CATALOGUE, NOW + 40 * HOUR)] == ["owner", "team_leader", "manager"]
    assert [t.rung for t in passed(ticket, CATALOGUE, NOW + 36 * HOUR)] == ["owner", "team_leader"]
    assert not passed(ticket, CATALOGUE, NOW + HOUR)


def test_a_pause_stops_the_ladder_but_not_the_laws_and_ends_by_itself() -> None:
    world = tickets()
    world.open()
    until = NOW + 5 * DAY
    world.move("paused", {"reason": "customer_later", "until": until}, at=NOW + HOUR)
    # the law's 48 hours come first
    assert ladder(world.get("t1"), CATALOGUE) == (NOW + 48 * HOUR, "ticket.escalated", "team_leader")
    for rung, at in (("team_leader", 48), ("manager", 52)):
        assert ring(world, NOW + at * HOUR, rung) == []
    assert ladder(world.get("t1"), CATALOGUE) == (until, "ticket.pause_over", "until")
    assert ring(world, until, "until", "ticket.pause_over") == []
    assert world.data()["state"] == "open"


def test_an_answered_ticket_waits_for_its_follow_up_and_one_that_comes_back_begins_anew() -> None:
    world = tickets()
    world.open()
    world.move("replied", REPLY, at=NOW + HOUR)
    due = NOW + HOUR + 24 * HOUR
    assert ladder(world.get("t1"), CATALOGUE) == (due, "ticket.escalated", "team_leader")
    assert ring(world, due, "team_leader") == []
    world.move("followed_up", {"answer": "unsatisfied", "score": 2}, at=due + HOUR)
    step = ladder(world.get("t1"), CATALOGUE)
    assert step is not None
    assert step.rung == "owner"


def test_nobody_but_the_centre_rings_the_bell() -> None:
    world = tickets()
    world.open()
    body = {"rung": "team_leader", "at": NOW + 36 * HOUR}
    judged = world.judge(operation("ticket.escalated", body, "t1", at=NOW + 36 * HOUR))
    assert judged.verdict is Verdict.REFUSED


@settings(max_examples=100)
@given(st.sampled_from(["fault", "request", "complaint"]), st.integers(NOW, NOW + 300 * DAY), st.integers(1, 3 * DAY))
def test_the_warning_comes_when_four_fifths_are_used_whatever_was_paused(kind: str, at: int, paused: int) -> None:
    world = tickets()
    world.open(kind=kind, at=at)
    world.move("paused", {"reason": "customer_later", "until": at + MINUTE + paused}, at=at + MINUTE)
    world.move("resumed", at=at + MINUTE + paused)
    step = next_timer(world.get("t1"), CATALOGUE)
    assert step is not None
    data = world.data()
    # where the law's clock ended during the pause nobody is warned any more
    assert step.at <= data["due"]
    assert (step.rung == "owner") is (data["clock_at"] < data["due"])
    if step.rung == "owner":
        assert data["clock_at"] <= step.at
    plain = Document("s", "t", "ticket", 0, {**data, "rungs": {"owner": 1}})
    following = ladder(plain, CATALOGUE)
    assert following is not None
    assert following.at == data["due"]
