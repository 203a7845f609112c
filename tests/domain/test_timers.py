from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.decide import Decision, Refusal
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document, due_of
from agentdesk.domain.operation import Operation, seal
from agentdesk.domain.times.timers import CENTRE, Timer, draft_of, next_timer, operation_id, passed
from agentdesk.domain.verdict import Verdict
from tests.domain.world import DAY, HOUR, MINUTE, NOW, REGION, Centre, FakeClock, agent, customer, operation, place
from tests.policy import CATALOGUE, VERSION

LADDER = {"team_leader": 0, "department_manager": 240, "branch_leader": 1440, "city_management": 2880}
POLICY = replace(CATALOGUE, rules=replace(CATALOGUE.rules, warn_percent=80, ladder=LADDER))
RUNGS = ["owner", *LADDER]
DUE = NOW + 10 * HOUR


def promise(**data: Any) -> Document:
    content: dict[str, Any] = {
        "number": "100010000018",
        "customer": "c1",
        "template": "CALL",
        "catalogue": VERSION,
        "state": "made",
    }
    content |= {"owner": "1024", "department": "service", "at": NOW, "due": DUE, "moves": []}
    return Document(REGION, "p1", "commitment", 1, {**content, **data})


def centre(*documents: Document) -> Centre:
    return Centre([customer(), *documents], catalogue=POLICY)


def by_timer(document: Document, timer: Timer, at: int, **more: Any) -> Operation:
    """Return the operation that the centre makes when it does a timer at an instant."""
    where = place(site=CENTRE, lineage="centre-1")
    return seal(draft_of(document, timer, **more), where, FakeClock(at), operation_id(document, timer), "salt")


def tick(world: Centre, document_id: str, now: int) -> list[Timer]:
    """Do all that is due to a document, one rung after the other, as the centre does."""
    done: list[Timer] = []
    while (timer := next_timer(world.get(document_id), world.catalogue)) is not None and timer.at <= now:
        judged = world.judge(by_timer(world.get(document_id), timer, now))
        assert judged.verdict is Verdict.APPLIED, (timer, judged.reasons)
        done.append(timer)
    return done


def test_a_promise_is_warned_breached_and_escalated_at_the_instants_of_the_policy() -> None:
    world = centre(promise())
    done = tick(world, "p1", DUE + 3 * DAY)
    assert [timer.rung for timer in done] == RUNGS
    assert [timer.at - DUE for timer in done] == [-2 * HOUR, 0, 240 * MINUTE, 1440 * MINUTE, 2880 * MINUTE]
    data = world.get("p1").data
    assert (data["state"], data["owner"], data["level"], data["told"]) == ("breached", "1024", 4, "city_management")
    assert [(m["what"], m["rung"], m["due_at"]) for m in data["moves"]] == [
        (timer.kind.partition(".")[2], timer.rung, timer.at) for timer in done
    ]


@given(
    st.lists(st.integers(-DAY, 5 * DAY), max_size=12),
    st.integers(1, 3 * DAY),
    st.sampled_from(sorted(OPEN_COMMITMENT_STATES)),
)
def test_whenever_it_is_looked_at_each_rung_is_done_once_and_in_order(
    looks: list[int], allowed: int, state: str
) -> None:
    world = centre(promise(state=state, due=NOW + allowed))
    done: list[Timer] = []
    for look in sorted(looks):
        now = NOW + look
        for timer in (new := tick(world, "p1", now)):
            assert timer.at <= now
        done += new
    assert [timer.rung for timer in done] == RUNGS[: len(done)]
    assert [timer.at for timer in done] == sorted(timer.at for timer in done)
    last = max([NOW + look for look in looks], default=0)
    following = next_timer(world.get("p1"), POLICY)
    assert following is None or following.at > last
    assert set(world.get("p1").data.get("rungs") or {}) == {timer.rung for timer in done}


FIRST = NOW + 2 * HOUR


def both(**data: Any) -> Document:
    """A promise with a second deadline: first contact in 2 h, solved in 10 h."""
    return promise(also_due=FIRST, also_zh="首次联系", also_en="First contact", **data)


def test_a_second_deadline_has_its_own_warning_and_breach_and_the_promise_goes_on() -> None:
    world = centre(both())
    done = tick(world, "p1", FIRST)
    assert [(timer.rung, timer.kind) for timer in done] == [
        ("also.owner", "commitment.also_warned"),
        ("also.due", "commitment.also_missed"),
    ]
    assert [timer.at - FIRST for timer in done] == [-24 * MINUTE, 0]
    data = world.get("p1").data
    assert (data["state"], data["level"], data["also_missed_at"]) == ("made", 1, FIRST)
    assert [m["what"] for m in data["moves"]] == ["also_warned", "also_missed"]
    assert [timer.rung for timer in tick(world, "p1", DUE + 3 * DAY)] == RUNGS


@given(st.lists(st.integers(0, 12 * 60), max_size=6), st.integers(0, 12 * 60), st.booleans())
def test_kept_in_time_a_second_deadline_is_never_missed_and_the_own_clock_is_as_without(
    looks: list[int], kept: int, keeps: bool
) -> None:
    world, alone = centre(agent(), both()), centre(agent(), promise())
    for look in sorted(looks):
        if keeps and kept <= look and world.get("p1").data.get("also_kept_at") is None:
            tick(world, "p1", NOW + kept * MINUTE)
            move = operation("commitment.also_kept", {"text": "rung"}, "p1", at=NOW + kept * MINUTE)
            assert world.judge(move).verdict is Verdict.APPLIED
        tick(world, "p1", NOW + look * MINUTE)
        tick(alone, "p1", NOW + look * MINUTE)
    data, plain = world.get("p1").data, alone.get("p1").data
    own = {rung: at for rung, at in (data.get("rungs") or {}).items() if not rung.startswith("also.")}
    assert own.keys() == (plain.get("rungs") or {}).keys()
    assert data["state"] == plain["state"]
    at, missed = data.get("also_kept_at"), data.get("also_missed_at")
    last = NOW + max(looks, default=0) * MINUTE
    assert (missed is not None) is (last >= FIRST and (at is None or at >= FIRST))
    assert due_of(world.get("p1")) == (FIRST if at is None and missed is None else DUE)


def test_a_second_deadline_is_kept_once_and_only_where_there_is_one() -> None:
    kept = operation("commitment.also_kept", {}, "p1", at=FIRST + 1)
    world = centre(agent(), both())
    assert world.judge(kept).verdict is Verdict.APPLIED
    assert (world.get("p1").data["moves"][-1]["what"], world.get("p1").data["moves"][-1]["late"]) == ("also_kept", True)
    for other in (world, centre(agent(), promise()), centre(agent(), both(state="fulfilled"))):
        assert isinstance(other.outcome(operation("commitment.also_kept", {}, "p1", at=FIRST + 2)), Refusal)
    assert next_timer(centre(both(state="fulfilled")).get("p1"), POLICY) is None


def test_what_came_too_late_or_was_done_already_changes_nothing() -> None:
    world = centre(promise())
    first = next_timer(world.get("p1"), POLICY)
    assert first is not None
    before = world.get("p1")
    early = world.outcome(by_timer(before, first, first.at - 1))
    assert isinstance(early, Refusal)
    assert world.judge(by_timer(before, first, first.at)).verdict is Verdict.APPLIED
    assert isinstance(world.outcome(by_timer(before, first, first.at)), Refusal)
    ended = centre(promise(state="fulfilled"))
    assert next_timer(ended.get("p1"), POLICY) is None
    assert isinstance(ended.outcome(by_timer(before, first, first.at)), Refusal)


def test_nobody_but_the_centre_does_what_its_clock_does() -> None:
    world = centre(promise())
    first = next_timer(world.get("p1"), POLICY)
    assert first is not None
    sent = operation(first.kind, {"rung": first.rung, "at": first.at}, "p1", at=first.at, actor=CENTRE, role=CENTRE)
    assert isinstance(world.outcome(sent), Refusal)


def test_the_same_timer_has_the_same_id_and_another_one_another() -> None:
    first = next_timer(promise(), POLICY)
    assert first is not None
    ids = {operation_id(promise(), first), operation_id(promise(state="held", moves=[1]), first)}
    assert len(ids) == 1
    for other in (first._replace(at=first.at + 1), first._replace(rung="x"), first._replace(kind="y")):
        ids.add(operation_id(promise(), other))
    assert len(ids) == 4


def test_a_held_promise_is_broken_when_it_is_let_go() -> None:
    world = centre(promise(state="held", held_from="made", held_by=["op"]))
    tick(world, "p1", DUE)
    assert (world.get("p1").data["state"], world.get("p1").data["held_from"]) == ("held", "breached")


@pytest.mark.parametrize("minutes", [0, 30])
def test_a_ladder_that_begins_later_leaves_the_breach_to_itself(minutes: int) -> None:
    policy = replace(POLICY, rules=replace(POLICY.rules, ladder={"branch_leader": minutes}))
    world = Centre([customer(), promise()], catalogue=policy)
    done = [timer.rung for timer in tick(world, "p1", DUE + DAY)]
    assert done == (["owner", "due", "branch_leader"] if minutes else ["owner", "branch_leader"])


@settings(max_examples=30)
@given(st.integers(-DAY, 5 * DAY))
def test_a_desk_knows_from_its_own_clock_what_the_centre_does(look: int) -> None:
    shown = passed(promise(), POLICY, NOW + look)
    world = centre(promise())
    assert list(shown) == tick(world, "p1", NOW + look)
    assert passed(world.get("p1"), POLICY, NOW + look) == ()


def test_working_time_is_warned_in_working_time() -> None:
    template = next(t for t in CATALOGUE.templates.values() if t.limits["standard"].unit == "working")
    document = promise(template=template.code, due=NOW + 3 * DAY)
    timer = next_timer(document, POLICY)
    assert timer is not None
    calendar = CATALOGUE.calendars[template.limits["standard"].calendar]
    used = calendar.working_minutes(NOW, timer.at)
    assert used == calendar.working_minutes(NOW, NOW + 3 * DAY) * 80 // 100
    outcome = centre(document).outcome(by_timer(document, timer, timer.at))
    assert isinstance(outcome, Decision)
