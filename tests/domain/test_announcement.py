"""Announcements: whom they concern, who is attached, and that everybody attached is told of the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.documents import Document, index_of, is_open
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict
from agentdesk.domain.work.announcements import matching, notice_scope, reach_of, region_of, silent, told
from tests.domain.world import CALLER, DAY, HOUR, MINUTE, NOW, REGION, Centre, agent, codes, customer, operation

NOTICE = notice_scope(REGION)
WORDS = {"zh": "正在抢修", "en": "it is being mended"}
ENDED = {"zh": "已经修复", "en": "it is mended"}
NUMBERS = st.from_regex(r"\+861[3-9][0-9]{9}", fullmatch=True)


def published(**changes: Any) -> Operation:
    body = {
        "number": "100010000026",
        "title": {"zh": "断纤", "en": "a cable is cut"},
        "words": WORDS,
        "areas": ["大望路"],
        "kinds": ["broadband"],
        "department": "network",
        "expected": NOW + 4 * HOUR,
        "affected": 1_200,
        **changes,
    }
    return operation("announcement.published", body, "a1", scope=NOTICE)


def attached(document: str = "at1", customer_id: str = "c1", at: int = NOW, **changes: Any) -> Operation:
    body = {
        "customer": customer_id,
        "announcement": "a1",
        "announcement_scope": NOTICE,
        "words": "正在抢修",
        "to": CALLER,
        **changes,
    }
    return operation("attachment.attached", body, document, at=at)


def over(at: int = NOW + HOUR) -> Operation:
    return operation("announcement.over", {"words": ENDED}, "a1", scope=NOTICE, at=at)


def centre() -> Centre:
    world = Centre([agent(), customer(), customer("c2")])
    assert world.judge(published()).verdict is Verdict.APPLIED
    return world


def announcement(**data: Any) -> Document:
    return Document(NOTICE, "a1", "announcement", 1, {"state": "open", "at": NOW, **data})


def caller(kind: str = "broadband", number: str = CALLER, **data: Any) -> Mapping[str, Any]:
    return {"subscriptions": [{"id": "l1", "kind": kind, "number": number, **data.pop("line", {})}], **data}


# publishing


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"areas": []}, "concerns_nobody"),
        ({"words": {"zh": "正在抢修"}}, "malformed"),
        ({"title": {"zh": "断纤", "en": " "}}, "malformed"),
        ({"department": "kitchen"}, "unknown_department"),
        ({"affected": -1}, "malformed"),
        ({"numbers": [7]}, "malformed"),
    ],
)
def test_an_announcement_says_whom_it_concerns_and_one_wording_in_both_languages(
    changes: dict[str, Any], code: str
) -> None:
    assert codes(Centre([agent()]).outcome(published(**changes))) == [code]


def test_who_may_publish_is_the_policys_to_say() -> None:
    handler = agent(role="department_handler")
    op = operation("announcement.published", published().data, "a1", scope=NOTICE, role="department_handler")
    assert codes(Centre([handler]).outcome(op)) == ["not_allowed"]


def test_an_announcement_is_at_home_in_the_scope_that_comes_first() -> None:
    assert codes(Centre([agent()]).outcome(operation("announcement.published", published().data, "a1"))) == [
        "malformed"
    ]
    assert region_of(NOTICE) == REGION


def test_what_is_changed_is_logged_and_the_rest_stays() -> None:
    world = centre()
    op = operation("announcement.changed", {"expected": NOW + 6 * HOUR}, "a1", scope=NOTICE)
    assert world.judge(op).verdict is Verdict.APPLIED
    data = world.get("a1", NOTICE).data
    assert (data["due"], data["words"]) == (NOW + 6 * HOUR, WORDS)
    assert data["moves"][-1]["fields"] == ["due"]
    nothing: tuple[dict[str, Any], ...] = ({}, {"areas": []})
    for body in nothing:
        assert world.judge(operation("announcement.changed", body, "a1", scope=NOTICE)).verdict is Verdict.REFUSED


def test_what_is_over_stays_over() -> None:
    world = centre()
    assert world.judge(over()).verdict is Verdict.APPLIED
    assert codes(world.judge(over())) == ["announcement_over"]
    assert not is_open(world.get("a1", NOTICE))


def test_a_long_list_comes_in_parts() -> None:
    world = centre()
    part = operation("announcement.listed", {"announcement": "a1", "numbers": ["+8613900001111"]}, "l1", scope=NOTICE)
    assert world.judge(part).verdict is Verdict.APPLIED
    reach = reach_of(world.get("a1", NOTICE), [world.get("l1", NOTICE)])
    assert reach.match({}, None, "+8613900001111") is not None
    assert reach.match({}, None, "+8613900002222") is None


# whom it concerns


@given(st.sets(NUMBERS, max_size=20), NUMBERS)
def test_a_number_concerns_those_on_the_list_and_nobody_else(listed: set[str], number: str) -> None:
    reach = reach_of(announcement(numbers=sorted(listed)))
    assert (reach.match(None, None, number) is not None) == (number in listed)
    assert (reach.match(caller("mobile", number), "l1", None) is not None) == (number in listed)


@given(st.sampled_from(["mobile", "broadband", "fixed", "iptv"]), st.booleans(), st.booleans())
def test_an_area_concerns_lines_of_the_kinds_that_are_named_there(kind: str, there: bool, own: bool) -> None:
    address = "北京市朝阳区大望路 8 号" if there else "北京市海淀区中关村 1 号"
    found = caller(kind, line={"address": address}) if own else caller(kind, address=address)
    match = reach_of(announcement(areas=["大望路"], kinds=["broadband", "iptv"])).match(found, "l1", CALLER)
    assert (match is not None) == (there and kind in ("broadband", "iptv"))
    assert match is None or match == ("area", "l1")


def test_the_line_in_question_is_looked_at_first_and_the_others_too() -> None:
    lines = [{"id": "m", "kind": "mobile"}, {"id": "b1", "kind": "broadband"}, {"id": "b2", "kind": "broadband"}]
    data = {"subscriptions": lines, "address": "大望路 8 号"}
    reach = reach_of(announcement(areas=["大望路"], kinds=["broadband"]))
    assert reach.match(data, "b2", None) == ("area", "b2")
    assert reach.match(data, "m", None) == ("area", "b1")


def test_a_segment_is_the_beginning_of_a_number() -> None:
    reach = reach_of(announcement(segments=["+861861234"]))
    assert reach.match(caller("mobile"), "l1", CALLER) == ("segment", "l1")
    assert reach.match(caller("mobile", "+8613900001111"), "l1", "+8613900001111") is None


def test_the_surest_reason_stands_first() -> None:
    sure = Document(NOTICE, "a2", "announcement", 1, {"numbers": [CALLER], "at": NOW - DAY})
    found = matching([reach_of(announcement(areas=["大望路"])), reach_of(sure)], caller(address="大望路"), "l1", CALLER)
    assert [(one.id, match.why) for one, match in found] == [("a2", "number"), ("a1", "area")]


# attaching


def test_who_is_attached_has_it_as_his_own_work() -> None:
    world = centre()
    assert world.judge(attached()).verdict is Verdict.APPLIED
    one = world.get("at1")
    assert is_open(one)
    assert (one.data["due"], one.data["number"]) == (NOW + 4 * HOUR, "100010000026")
    assert index_of(one).ref == "a1"


def test_who_was_attached_twice_is_flagged_and_it_stands() -> None:
    world = centre()
    world.judge(attached())
    again = world.judge(attached("at2"))
    assert (again.verdict, codes(again)) == (Verdict.FLAGGED, ["attached_already"])
    assert world.judge(attached("at3", "c2")).verdict is Verdict.APPLIED


@pytest.mark.parametrize("follow_up", [False, True])
def test_who_was_attached_after_the_end_is_told_at_once(follow_up: bool) -> None:
    world = centre()
    world.judge(over())
    late = world.judge(attached(at=NOW + 2 * HOUR, follow_up=follow_up))
    assert (late.verdict, codes(late)) == (Verdict.FLAGGED, ["announcement_over"])
    data = world.get("at1").data
    assert data["state"] == ("to_follow_up" if follow_up else "told")
    assert world.get("at1.over").data["text"] == ENDED["zh"]


def test_an_attachment_to_what_isnt_known_waits() -> None:
    judged = Centre([agent(), customer()]).judge(attached())
    assert (judged.verdict, codes(judged)) == (Verdict.HELD, ["unknown_document"])


@given(st.lists(st.booleans(), max_size=8), st.integers(NOW, NOW + DAY))
def test_everybody_is_told_once_whoever_tells_how_often(promised: list[bool], at: int) -> None:
    world = centre()
    for place, follow_up in enumerate(promised):
        world.judge(attached(f"at{place}", f"c{place}", follow_up=follow_up))
    world.judge(over())
    ended = world.get("a1", NOTICE)
    for _ in range(2):
        for place, follow_up in enumerate(promised):
            one = world.get(f"at{place}")
            changes = told(one, ended, at, 1440, "op-told")
            assert bool(changes) == (one.data["state"] == "open")
            for change in changes:
                before = world.fold.get(change.scope, change.id)
                data = {**(before.data if before else {}), **change.fields}
                world.fold._keep(Document(change.scope, change.id, change.type, 1, data))
            assert world.get(f"at{place}").data["state"] == ("to_follow_up" if follow_up else "told")
            assert is_open(world.get(f"at{place}")) == follow_up


def test_who_was_promised_a_call_is_called_until_he_answers_or_the_tries_are_used() -> None:
    world = centre()
    world.judge(over())
    world.judge(attached(follow_up=True))
    call = operation("attachment.followed_up", {"answer": "unreached"}, "at1")
    assert world.judge(call).verdict is Verdict.APPLIED
    assert is_open(world.get("at1"))
    for _ in range(2):
        world.judge(operation("attachment.followed_up", {"answer": "unreached"}, "at1"))
    assert world.get("at1").data["state"] == "followed_up"
    assert codes(world.judge(call)) == ["attachment_state"]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_silent_are_never_fewer_than_none(affected: int, came: int) -> None:
    assert silent(affected, came) == max(0, affected - came)


def test_minutes_are_the_policys() -> None:
    world = centre()
    world.judge(over())
    world.judge(attached(at=NOW + HOUR, follow_up=True))
    assert world.get("at1").data["due"] == NOW + HOUR + 1440 * MINUTE
