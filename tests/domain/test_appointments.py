"""Appointments and visits: slots that two sites took, clocks, breaches, the slip and the end of a shift."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.kinds.appointment import appointment_timer
from agentdesk.domain.operation import Operation, Place, seal
from agentdesk.domain.outlet.hall import HOME, capacity_of, day_of, key_of, slots_id, slots_of, taken
from agentdesk.domain.outlet.outlets import metres, nearest
from agentdesk.domain.times.timers import CENTRE, draft_of, next_timer, operation_id
from agentdesk.domain.verdict import Verdict
from tests.domain.test_offers import PACKAGED
from tests.domain.world import DAY, HOUR, MINUTE, NOW, Centre, FakeClock, agent, codes, customer, operation
from tests.policy import CATALOGUE

SLOT = NOW + 4 * HOUR
RULES = CATALOGUE.rules.hall
PLACE = [39_900_000, 116_400_000]
OUTLET = Document("org", "o-1", "outlet", 1, {"name": "东街营业厅", "desks": 2, "calendar": "halls", "place": PLACE})


def booked(document: str = "a1", slot: int = SLOT, where: str = "o-1", **more: Any) -> Operation:
    at = more.pop("at", NOW)
    body = {"number": "100010000018", "customer": "c1", "where": where, "slot": slot, "place": "东街营业厅"}
    return operation("appointment.booked", {**body, "purpose": "sim", **more}, document, at=at)


def world(*more: Document) -> Centre:
    return Centre([agent(), customer(), OUTLET, *more])


def moved(document: str, slot: int, from_slot: int = SLOT) -> Operation:
    body = {"where": "o-1", "slot": slot, "place": "东街营业厅", "from_where": "o-1", "from_slot": from_slot}
    return operation("appointment.moved", body, document)


def slots(centre: Centre, at: int = SLOT) -> Document:
    return centre.get(slots_id("o-1", day_of(at)))


def test_a_slot_that_two_sites_took_is_honoured_and_flagged() -> None:
    centre = world()
    for name in ("a1", "a2"):
        assert centre.judge(booked(name)).verdict is Verdict.APPLIED
    third = centre.judge(booked("a3"))
    assert (third.verdict, codes(third)) == (Verdict.FLAGGED, ["slot_full"])
    assert centre.get("a3").data["state"] == "booked"
    assert taken(slots(centre), key_of(SLOT)) == ("a1", "a2", "a3")


@given(
    st.lists(st.tuples(st.sampled_from(["book", "move", "cancel"]), st.integers(0, 3), st.integers(0, 3)), max_size=14)
)
def test_whatever_is_done_a_slot_is_held_by_whoever_is_booked_into_it(steps: list[tuple[str, int, int]]) -> None:
    centre = world()
    for what, who, when in steps:
        name, slot = f"a{who}", SLOT + when * 30 * MINUTE
        known = centre.fold.get("region/bj", name)
        at = int(known.data["slot"]) if known is not None else slot
        if what == "book":
            centre.judge(booked(name, slot))
        elif known is not None and what == "move":
            centre.judge(moved(name, slot, at))
        elif known is not None:
            centre.judge(operation("appointment.cancelled", {"where": "o-1", "slot": at, "reason": "no"}, name))
    here = [d for n in range(4) if (d := centre.fold.get("region/bj", f"a{n}")) is not None]
    held = centre.fold.get("region/bj", slots_id("o-1", day_of(SLOT)))
    for when in range(4):
        slot = SLOT + when * 30 * MINUTE
        booked_in = {d.id for d in here if is_open(d) and d.data["slot"] == slot}
        assert set(taken(held, key_of(slot))) == booked_in


def test_a_moved_one_begins_its_clock_anew() -> None:
    centre = world()
    centre.judge(booked())
    assert centre.judge(moved("a1", SLOT + DAY)).verdict is Verdict.APPLIED
    after = centre.get("a1")
    assert (after.data["slot"], after.data["state"], after.data["rungs"]) == (SLOT + DAY, "booked", {})
    assert taken(slots(centre), key_of(SLOT)) == ()
    assert taken(slots(centre, SLOT + DAY), key_of(SLOT + DAY)) == ("a1",)


def ring(centre: Centre, name: str) -> list[str]:
    """Let the centre's clock do all that an appointment has to do by itself; return the kinds in their order."""
    done: list[str] = []
    while (timer := next_timer(centre.get(name), CATALOGUE)) is not None:
        document = centre.get(name)
        draft = draft_of(document, timer)
        where = Place(CENTRE, "centre", len(done) + 1, "0" * 64, {}, 0)
        op = seal(draft, where, FakeClock(timer.at), operation_id(document, timer), "salt")
        assert centre.judge(op, timer.at).verdict is Verdict.APPLIED
        done.append(timer.kind)
    return done


def test_a_reminder_comes_before_and_nobody_at_the_door_is_a_breach_of_ours() -> None:
    centre = Centre([agent(), customer(), OUTLET, Document("org", CENTRE, "agent", 1, {"role": CENTRE})])
    centre.judge(booked("hall", SLOT))
    centre.judge(booked("home", SLOT, HOME, purpose="repair"))
    assert ring(centre, "hall") == ["appointment.reminded", "appointment.missed"]
    assert ring(centre, "home") == ["appointment.reminded", "appointment.missed"]
    assert centre.get("hall").data.get("breach") is None
    assert centre.get("home").data["breach"] == "missed_visit"


def test_one_that_is_booked_shortly_before_needs_no_reminder() -> None:
    soon = Document("region/bj", "a", "appointment", 1, {"state": "booked", "slot": NOW + HOUR, "at": NOW})
    timer = appointment_timer(soon, CATALOGUE)
    assert timer is not None
    assert timer.kind == "appointment.missed"


def test_a_vip_who_had_to_queue_is_a_breach_that_marks_the_promise() -> None:
    promise = Document("region/bj", "p1", "commitment", 1, {"state": "made", "customer": "c1", "due": SLOT})
    for waited, breach in ((RULES.vip_wait * MINUTE, None), (RULES.vip_wait * MINUTE + 1, "queued")):
        centre = world(promise)
        centre.judge(booked(promise="p1"))
        centre.judge(operation("appointment.arrived", {"promise": "p1"}, "a1", at=SLOT))
        centre.judge(operation("appointment.served", {"promise": "p1", "waited": waited}, "a1", at=SLOT + HOUR))
        assert centre.get("a1").data.get("breach") == breach
        assert bool(centre.get("p1").data.get("late")) == (breach is not None)


@given(st.lists(st.sampled_from(["arrived", "served", "cancelled"]), max_size=6))
def test_every_appointment_ends_once_and_stays_ended(moves: list[str]) -> None:
    centre = world()
    centre.judge(booked())
    ended = None
    for move in moves:
        body = {"where": "o-1", "slot": SLOT, "reason": "no"} if move == "cancelled" else {}
        judged = centre.judge(operation(f"appointment.{move}", body, "a1"))
        assert ended is None or codes(judged) == ["appointment_state"]
        state = centre.get("a1").data["state"]
        ended = state if state in ("served", "cancelled") else ended
        assert ended is None or state == ended


def test_slots_follow_the_hall_hours_and_what_is_taken() -> None:
    day = day_of(NOW + DAY)
    found = slots_of("o-1", day, OUTLET, None, NOW, PACKAGED)
    assert found
    assert all(slot.free == 2 and slot.end - slot.at == RULES.slot * MINUTE for slot in found)
    full = Document("region/bj", slots_id("o-1", day), "slots", 1, {"taken": {found[0].key: ["a", "b"]}})
    assert slots_of("o-1", day, OUTLET, full, NOW, PACKAGED)[0].free == 0
    # what has begun can't be booked any more
    assert slots_of("o-1", day, OUTLET, None, found[3].at, PACKAGED)[0] == found[4]
    assert len(slots_of(HOME, day, None, None, NOW, PACKAGED)) == len(PACKAGED.rules.hall.homes)
    assert capacity_of(None, HOME, RULES) == RULES.engineers


def test_the_nearest_outlet_comes_first_with_its_hours() -> None:
    far = Document("org", "o-2", "outlet", 1, {"name": "西街", "place": [39_950_000, 116_400_000], "calendar": "halls"})
    here = (39_901_000, 116_400_000)
    found = nearest([far, OUTLET], here, NOW, PACKAGED)
    assert [near.outlet.id for near in found] == ["o-1", "o-2"]
    assert found[0].within_promise
    assert not found[1].within_promise
    assert found[0].open_now
    assert found[0].closes is not None
    night = nearest([OUTLET], here, NOW + 12 * HOUR, PACKAGED)[0]
    assert not night.open_now
    assert night.opens is not None
    assert night.opens > NOW + 12 * HOUR
    queued = Document(
        "org", "o-3", "outlet", 1, {**OUTLET.data, "queue": {"waiting": 4, "longest": 9, "at": NOW - HOUR}}
    )
    assert nearest([queued], here, NOW, PACKAGED)[0].waiting is None


@given(st.tuples(st.integers(-50_000, 50_000), st.integers(-50_000, 50_000)))
def test_distance_is_the_same_both_ways_and_nothing_to_oneself(shift: tuple[int, int]) -> None:
    one = (39_900_000, 116_400_000)
    other = (one[0] + shift[0], one[1] + shift[1])
    assert metres(one, one) == 0
    assert metres(one, other) == metres(other, one)
    assert metres(one, other) <= 10_000


def test_a_visit_gathers_receipts_and_closes_once_with_its_slip() -> None:
    centre = world()
    centre.judge(operation("visit.started", {"number": "1", "how": "card", "customer": "c1"}, "v1"))
    centre.judge(operation("visit.receipted", {"receipt": "R-1", "for": "balance"}, "v1"))
    empty = centre.judge(operation("visit.receipted", {"receipt": " "}, "v1"))
    assert codes(empty) == ["malformed"]
    close = {"way": "sms", "slip": "done for you", "to": "+8618612345678"}
    assert centre.judge(operation("visit.closed", close, "v1")).verdict is Verdict.APPLIED
    assert codes(centre.judge(operation("visit.closed", close, "v1"))) == ["visit_closed"]
    assert centre.get("v1.sms").data["text"] == "done for you"
    assert [r["number"] for r in centre.get("v1").data["receipts"]] == ["R-1"]


def test_the_end_of_a_shift_names_what_went_to_whom() -> None:
    centre = world()
    items = [{"document": "t1", "to": "2001"}]
    body = {"agent": "1024", "why": "ill", "items": items, "kept": ["t2"]}
    assert centre.judge(operation("agent.shift_ended", body, "s1")).verdict is Verdict.APPLIED
    assert centre.get("s1").data["items"] == items
    broken = operation("agent.shift_ended", {**body, "items": [{"document": "t1"}]}, "s2")
    assert codes(centre.judge(broken)) == ["malformed"]


@pytest.mark.parametrize("why", ["end", "ill", "leave", "dismissed"])
def test_the_end_of_a_shift_says_why_in_words_that_are_known(why: str) -> None:
    body = {"agent": "1024", "why": why, "items": []}
    centre = world()
    assert centre.judge(operation("agent.shift_ended", body, "s1")).verdict is Verdict.APPLIED
    assert codes(centre.judge(operation("agent.shift_ended", {**body, "why": "bored"}, "s2"))) == ["malformed"]


def test_an_appointment_goes_to_a_colleague_and_who_booked_it_stays_responsible() -> None:
    centre = world(agent("2001"), agent("2002", dismissed_at=NOW))
    centre.judge(booked())

    def hand(to: str, note: str = "he rings at six") -> list[str]:
        return codes(centre.judge(operation("appointment.handed_over", {"to": to, "note": note}, "a1")))

    assert [hand(to) for to in ("nobody", "2002", "1024")] == [["unknown_agent"], ["unknown_agent"], ["same_owner"]]
    assert hand("2001", " ") == ["empty_note"]
    assert hand("2001") == []
    data = centre.get("a1").data
    assert (data["owner"], data["first_responsible"], data["state"]) == ("2001", "1024", "booked")
    assert data["moves"][-1]["text"] == "he rings at six"
    assert taken(slots(centre), key_of(SLOT)) == ("a1",)
    centre.judge(operation("appointment.cancelled", {"where": "o-1", "slot": SLOT, "reason": "no more"}, "a1"))
    assert hand("1024") == ["appointment_state"]


def test_the_policy_says_how_many_home_visits_there_are_and_when_the_reminder_goes() -> None:
    rules = replace(RULES, homes=((540, 600), (600, 660)), engineers=1, remind=30, vip_wait=0)
    policy = replace(PACKAGED, rules=replace(PACKAGED.rules, hall=rules))
    found = slots_of(HOME, day_of(NOW + DAY), None, None, NOW, policy)
    assert [(slot.key, slot.end - slot.at, slot.free) for slot in found] == [("09:00", HOUR, 1), ("10:00", HOUR, 1)]
    data = {"state": "booked", "slot": SLOT, "at": NOW}
    timer = appointment_timer(Document("region/bj", "a1", "appointment", 1, data), policy)
    assert timer is not None
    assert (timer.at, timer.rung) == (SLOT - 30 * MINUTE, "remind")
