"""Services by phone: what can be ordered, when it works, what becomes of an order, and what it does to the customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.decide import Decision, Refusal
from agentdesk.domain.documents import OPEN_STATES, Document, is_open
from agentdesk.domain.language.pinyin import initials
from agentdesk.domain.offering.parameters import fits, read, slots
from agentdesk.domain.offering.service_effects import EFFECTS, Order, effects
from agentdesk.domain.offering.services import due_at, matching, next_cycle, ranked, stand
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import next_timer
from agentdesk.domain.verdict import Verdict
from tests.domain.world import AGENT, DAY, HOUR, MINUTE, NOW, REGION, Centre, agent, codes, contact, customer, operation
from tests.knowledge import SERVICES
from tests.policy import CATALOGUE

NEWS = {"code": "news", "name": "手机早晚报", "fee": 300, "source": "unknown", "ordered_at": NOW - 9 * DAY}
MUSIC = {"code": "music", "name": "音乐会员", "fee": 800, "source": "owner", "ordered_at": NOW - 99 * DAY}


def case(document: Document | None = None, **changes: Any) -> Case:
    who = Customer(document or customer())
    content = {"customer": who, "line": who.subscriptions[0], "work": (), "at": NOW, "role": "agent", "level": 2}
    return Case(**{**content, **changes})


def body(code: str = "PING", minutes: int | None = None, **changes: Any) -> dict[str, Any]:
    service = SERVICES[code]
    due = due_at(service, "standard", changes.get("line") != "down", NOW, CATALOGUE)
    content = {
        "number": "100010000018",
        "service": code,
        "customer": "c1",
        "subscription": "c1-m",
        "parameters": {},
        "due": due if minutes is None else NOW + minutes * MINUTE,
        "line": "up",
        "contact": "k1",
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}


def order(code: str = "PING", document: str = "o1", at: int = NOW, **changes: Any) -> Operation:
    return operation("service.ordered", body(code, **changes), document, at=at)


def move(name: str, document: str = "o1", at: int = NOW + MINUTE, **more: Any) -> Operation:
    moves: dict[str, dict[str, Any]] = {
        "effected": {"at": at, "proof": "hlr", "customer": "c1"},
        "failed": {"reason": "no port"},
        "cancelled": {"reason": "no more"},
        "undone": {"reason": "a mistake"},
    }
    return operation(f"service.{name}", {**moves[name], **more}, document, at=at)


def overdue(centre: Centre, document: str = "o1", at: int = 0) -> Operation:
    timer = next_timer(centre.get(document), CATALOGUE)
    assert timer is not None
    from tests.domain.world import place

    where = replace(place(), site="centre")
    data = {"rung": timer.rung, "at": timer.at, "customer": "c1"}
    return operation(timer.kind, data, document, at=at or timer.at, actor="centre", role="centre", where=where)


def world(document: Document | None = None, level: int = 2, **more: Any) -> Centre:
    return Centre([agent(), agent("centre", role="centre"), document or customer(), contact(level=level)], **more)


# what can be ordered


def test_a_service_can_be_ordered_by_who_is_verified_enough_on_a_line_it_is_for() -> None:
    resume = SERVICES["SM02"]
    suspended = customer(line={"status": "stopped", "stop_reason": "suspended"})
    assert stand(resume, case(suspended), CATALOGUE).status == "available"
    assert stand(resume, case(suspended, level=1), CATALOGUE).status == "verify"
    wrong = stand(resume, case(), CATALOGUE)
    assert (wrong.status, [r.code for r in wrong.reasons]) == ("inapplicable", ["not_stopped"])
    for_owner = stand(SERVICES["WITHIN"], case(caller_role="other"), CATALOGUE)
    assert [r.code for r in for_owner.reasons] == ["caller_role"]


def test_with_the_line_down_an_order_waits_or_a_promise_stands_in_its_place() -> None:
    waits = stand(SERVICES["SM12"], case(online=False), CATALOGUE)
    assert (waits.status, waits.mode) == ("available", "later")
    never = stand(SERVICES["SM51"], case(online=False), CATALOGUE)
    assert (never.status, never.instead) == ("inapplicable", "CALL")
    assert [r.code for r in never.reasons] == ["line_down"]
    assert stand(SERVICES["PING"], case(online=False), CATALOGUE).mode == "same"


def test_what_waits_for_the_line_is_never_due_sooner_than_with_it() -> None:
    for service in SERVICES.values():
        up, down = (due_at(service, "standard", online, NOW, CATALOGUE) for online in (True, False))
        assert down >= up > NOW


def test_what_comes_with_the_next_cycle_comes_on_the_first_of_a_month() -> None:
    first = next_cycle(NOW)
    assert first > NOW
    assert due_at(SERVICES["SM51"], "standard", True, NOW, CATALOGUE) == first + 120 * MINUTE


@given(st.integers(1_577_808_000_000, 2_208_960_000_000))
def test_the_next_cycle_begins_at_midnight_within_a_month(at: int) -> None:
    begins = next_cycle(at)
    assert at < begins <= at + 31 * DAY
    assert (begins + 8 * HOUR) % DAY == 0
    assert next_cycle(begins - 1) == begins


def test_the_same_service_is_not_ordered_twice_but_two_different_cancellations_are() -> None:
    two = customer(line={"vas": [NEWS, MUSIC]})
    centre = world(two)
    assert codes(centre.judge(order("SM42", parameters={"service": "news"}))) == []
    assert codes(centre.judge(order("SM42", "o2", parameters={"service": "music"}))) == []
    assert codes(centre.judge(order("SM42", "o3", parameters={"service": "news"}))) == ["ordered_already"]


def test_services_are_found_by_name_synonym_code_and_initials() -> None:
    from agentdesk.catalogue import packaged

    services = packaged().services.values()
    for typed, code in (
        ("停机保号", "SM01"),
        ("tjbh", "SM01"),
        ("一键退订", "SM43"),
        ("sf09", "SF09"),
        ("resume", "SM02"),
    ):
        assert code in [service.code for service in matching(services, typed)[:6]], typed
    assert matching(services, "停机保号 没有这个词") == ()
    assert len(matching(services, "")) == len(packaged().services) == 136


@pytest.mark.parametrize(
    ("typed", "usual"), [("停機保號", "停机保号"), ("寬帶賬號", "宽带账号"), ("退訂", "退订"), ("帐单", "账单")]
)
def test_traditional_characters_and_other_spellings_find_the_same_services(typed: str, usual: str) -> None:
    from agentdesk.catalogue import packaged

    services = packaged().services.values()
    found = matching(services, typed)
    assert found
    assert found == matching(services, usual)


def test_initials_follow_the_sound_of_common_characters() -> None:
    assert initials("停机保号复机") == "tjbhfj"
    assert initials("IPTV 新装") == "iptvxz"
    assert initials("重置密码") == "czmm"
    assert initials("㛃𠮷") == ""


def test_what_can_be_ordered_now_comes_first_and_the_core_list_before_the_rest() -> None:
    found = ranked(case(), CATALOGUE, SERVICES.values())
    states = [one.status != "inapplicable" for one in found]
    assert states == sorted(states, reverse=True)
    core = replace(CATALOGUE, core_services=("WITHIN",))
    assert ranked(case(), core, SERVICES.values())[0].service.code == "WITHIN"


# parameters


@given(st.sampled_from([need for service in SERVICES.values() for need in service.needs]), st.text(max_size=40))
def test_what_is_read_from_what_was_typed_may_be_recorded(need: Any, typed: str) -> None:
    value = read(need, typed, date(2026, 9, 7))
    assert value is None or fits(need, value)


def test_dates_and_numbers_are_read_as_people_type_them() -> None:
    day, _slot, number, _why = SERVICES["VISIT"].needs
    today = date(2026, 9, 7)
    for typed, value in (
        ("明天", "2026-09-08"),
        ("9月30日", "2026-09-30"),
        ("0930", "2026-09-30"),
        ("９－３０", "2026-09-30"),
        ("1月3日", "2027-01-03"),
        ("2026-08", "2026-08"),
        ("2026/8/3", None),
        ("32日", None),
    ):
        assert read(day, typed, today) == value, typed
    assert read(number, "138 0013-8000", today) == "13800138000"
    assert read(number, "soon", today) is None


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 1439))
def test_the_hours_on_offer_fit_and_lie_ahead(today: date, minute: int) -> None:
    found = slots(today, minute)
    assert found
    assert all(fits(SERVICES["VISIT"].needs[1], value) for value in found)
    assert list(found) == sorted(found)
    assert found[0] >= today.isoformat()


def test_an_order_without_what_its_service_needs_is_flagged_and_stands() -> None:
    found = world().judge(order("SM12"))
    assert (found.verdict, codes(found)) == (Verdict.FLAGGED, ["parameter"])
    assert codes(world().judge(order("SM12", parameters={"switch": "maybe"}))) == ["parameter"]
    assert codes(world().judge(order("PING", parameters={"extra": "x"}))) == ["parameter"]
    assert codes(world().judge(order("SM12", parameters={"switch": "on"}))) == []


# the life of an order


def test_an_order_is_spoken_so_what_it_collides_with_is_flagged_and_never_refused() -> None:
    found = world(level=1).judge(order("SM51", parameters={"plan": "small"}))
    assert (found.verdict, codes(found)) == (Verdict.FLAGGED, ["verify"])
    down = world().judge(order("SM51", line="down", parameters={"plan": "small"}))
    assert (down.verdict, codes(down)[0]) == (Verdict.FLAGGED, "line_down")
    assert codes(world().judge(order(minutes=60 * 24))) == ["due_beyond_limit"]
    assert codes(world().judge(order("WITHIN", minutes=10))) == ["due_too_soon"]
    unknown = world().judge(operation("service.ordered", {**body(), "service": "SM99"}, "o1"))
    assert (unknown.verdict, codes(unknown)) == (Verdict.HELD, ["unknown_service"])


def test_an_immediate_service_that_shows_no_effect_in_time_is_late_and_open() -> None:
    centre = world()
    centre.judge(order("SM12", parameters={"switch": "on"}))
    timer = next_timer(centre.get("o1"), CATALOGUE)
    assert timer is not None
    assert timer.at == NOW + CATALOGUE.rules.instant_within_s * 1000
    centre.judge(overdue(centre))
    late = centre.get("o1")
    assert (late.data["state"], is_open(late)) == ("late", True)
    assert next_timer(late, CATALOGUE) is None
    centre.judge(move("effected", at=timer.at + MINUTE))
    assert centre.get("o1").data["state"] == "effected"
    assert centre.get("o1").data["was_late"] is True


def test_what_was_ordered_with_the_line_down_has_the_time_that_was_told() -> None:
    centre = world()
    centre.judge(order("SM12", line="down", parameters={"switch": "on"}))
    timer = next_timer(centre.get("o1"), CATALOGUE)
    assert timer is not None
    assert timer.at == centre.get("o1").data["due"]


def test_an_effect_lifts_the_stop_and_taking_it_back_marks_the_earlier_order() -> None:
    suspended = customer(line={"status": "stopped", "stop_reason": "suspended", "stopped_at": NOW - DAY})
    centre = world(suspended)
    centre.judge(order("SM02"))
    centre.judge(move("effected"))
    line = Customer(centre.get("c1")).subscriptions[0]
    assert (line.status, line.stop_reason) == ("active", None)
    centre.judge(order("SM01", "o2", at=NOW + 2 * MINUTE, undoes="o1"))
    centre.judge(move("effected", "o2", NOW + 3 * MINUTE, undoes="o1"))
    assert Customer(centre.get("c1")).subscriptions[0].stop_reason == "suspended"
    assert (centre.get("o1").data["state"], centre.get("o1").data["undone_by"]) == ("undone", "o2")


def test_one_cancelled_service_leaves_the_others() -> None:
    centre = world(customer(line={"vas": [NEWS, MUSIC]}))
    centre.judge(order("SM42", parameters={"service": "news"}))
    assert len(Customer(centre.get("c1")).subscriptions[0].vas) == 2
    centre.judge(move("effected"))
    assert [v.code for v in Customer(centre.get("c1")).subscriptions[0].vas] == ["music"]


@pytest.mark.parametrize("kept", ["无", "音乐会员"])
def test_all_are_cancelled_but_those_kept_by_name(kept: str) -> None:
    changed = effects("SM43", customer(line={"vas": [NEWS, MUSIC]}).data, "c1-m", Order({"keep": kept}, NOW, None))
    assert [v["code"] for v in changed["subscriptions"][0]["vas"]] == (["music"] if kept == "音乐会员" else [])


@given(
    st.sampled_from(sorted(EFFECTS)),
    st.dictionaries(st.sampled_from(["switch", "service", "plan", "to", "rate"]), st.text()),
)
def test_an_effect_changes_its_own_line_only_and_no_number(code: str, parameters: dict[str, str]) -> None:
    other = {"id": "c1-x", "number": "+8613912345678", "vas": [NEWS], "status": "active"}
    who = customer(line={"vas": [MUSIC]})
    data = {**who.data, "subscriptions": [*who.data["subscriptions"], other]}
    found = effects(code, data, "c1-m", Order(parameters, NOW, CATALOGUE))
    assert set(found) <= {"subscriptions"}
    for before, after in zip(data["subscriptions"], found.get("subscriptions", data["subscriptions"]), strict=True):
        assert (before["id"], before.get("number")) == (after["id"], after.get("number"))
    assert not found or found["subscriptions"][1] == other
    assert effects(code, data, "nobody", Order(parameters, NOW, CATALOGUE)) == {}


def test_a_plan_of_the_catalogue_brings_its_fee() -> None:
    found = effects("SM51", customer().data, "c1-m", Order({"plan": "small"}, NOW, CATALOGUE))
    assert found["subscriptions"][0]["fee"] == 2000


def test_every_effect_belongs_to_a_service() -> None:
    from agentdesk.catalogue import packaged

    assert set(EFFECTS) <= set(packaged().services)


MOVES = ("effected", "failed", "cancelled", "undone", "overdue")


@given(st.lists(st.sampled_from(MOVES), max_size=7))
def test_an_order_goes_legal_ways_only_and_every_open_one_can_end(moves: list[str]) -> None:
    centre = world()
    centre.judge(order("SM12", parameters={"switch": "on"}))
    legal = {
        "ordered": {"effected": "effected", "failed": "failed", "cancelled": "cancelled", "overdue": "late"},
        "late": {"effected": "effected", "failed": "failed", "cancelled": "cancelled"},
        "failed": {"effected": "effected", "cancelled": "cancelled"},
        "effected": {"undone": "undone"},
        "cancelled": {},
        "undone": {},
    }
    at = NOW + HOUR
    for name in moves:
        before = centre.get("o1").data["state"]
        at += MINUTE
        if name == "overdue":
            if next_timer(centre.get("o1"), CATALOGUE) is None:
                continue
            found = centre.outcome(overdue(centre, at=at))
            if isinstance(found, Decision):
                centre.judge(overdue(centre, at=at))
        else:
            found = centre.outcome(move(name, at=at))
            centre.judge(move(name, at=at))
        after = centre.get("o1").data["state"]
        assert after == legal[before].get(name, before)
        assert isinstance(found, Refusal) == (name not in legal[before])
    assert OPEN_STATES["service_order"] == {state for state, ways in legal.items() if "cancelled" in ways}


def test_nothing_is_effected_for_another_customer() -> None:
    centre = world()
    centre.judge(order())
    assert codes(centre.outcome(move("effected", customer="c2"))) == ["malformed"]
    assert codes(centre.outcome(move("effected", undoes="o7"))) == ["malformed"]


def test_a_clock_is_the_centres_own() -> None:
    centre = world()
    centre.judge(order())
    forged = operation("service.overdue", {"rung": "late", "at": NOW}, "o1", actor=AGENT, scope=REGION)
    assert codes(centre.outcome(forged)) == ["malformed"]
