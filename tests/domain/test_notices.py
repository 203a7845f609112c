from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.domain.case import Customer
from agentdesk.domain.decide import Decision, Refusal
from agentdesk.domain.documents import Document
from agentdesk.domain.times.timers import draft_of, next_timer
from agentdesk.domain.verdict import Verdict
from agentdesk.domain.work.notices import (
    BACK_OFF_MINUTES,
    BLANKS,
    SENT,
    is_mobile,
    mobile_of,
    next_try,
    notice,
    quiet_hours,
    said_time,
    timer,
)
from tests.domain.test_timers import by_timer, promise
from tests.domain.world import CALLER, DAY, HOUR, MINUTE, NOW, REGION, Centre, agent, contact, customer, operation
from tests.policy import CATALOGUE

POLICY = replace(CATALOGUE, notices=packaged().notices)
MOBILE = "+8618612345678"


def queued(at: int = NOW, **more: Any) -> Document:
    made = notice(REGION, "p1", MOBILE, "您好", at, **more)
    return Document(REGION, made.id, "notice", 1, made.fields)


def world(*documents: Document) -> Centre:
    return Centre([agent(), customer(), contact("k1", level=2), *documents], catalogue=POLICY)


def test_a_promise_that_is_told_sends_its_number_and_deadline_once() -> None:
    centre = world(promise(tell={"text": "说过的话"}, name_zh="限时回电"))
    body = {"contact": "k1", "seconds": 3, "notify": {"to": MOBILE}}
    assert centre.judge(operation("commitment.spoken", body, "p1", version=2)).verdict is Verdict.APPLIED
    sent = centre.get("p1.sms").data
    assert (sent["to"], sent["state"], sent["about"], sent["customer"]) == (MOBILE, "queued", "p1", "c1")
    for part in ("100010000018", "限时回电", said_time(promise().data["due"], "zh")):
        assert part in sent["text"]
    again = centre.outcome(operation("commitment.spoken", body, "p1", version=2))
    assert isinstance(again, Decision)
    assert [change.id for change in again.changes] == ["p1"]


@pytest.mark.parametrize("notify", [{}, {"to": "+861012345678"}, {"to": ""}])
def test_who_has_no_mobile_number_gets_none(notify: dict[str, str]) -> None:
    centre = world(promise())
    body = {"contact": "k1", "notify": notify} if notify else {"contact": "k1"}
    found = centre.outcome(operation("commitment.spoken", body, "p1", version=2))
    assert isinstance(found, Decision)
    assert [change.id for change in found.changes] == ["p1"]


def test_a_ticket_that_is_opened_sends_its_number_too() -> None:
    centre = world()
    body = {"number": "100010000026", "kind": "fault", "customer": "c1", "title": "断网", "notify": {"to": MOBILE}}
    assert centre.judge(operation("ticket.opened", body, "t1", version=2)).decision is not None
    assert "100010000026" in centre.get("t1.sms").data["text"]
    assert "断网" in centre.get("t1.sms").data["text"]


def test_an_agent_sends_the_receipt_anew_under_the_next_name() -> None:
    centre = world(promise())
    wanted = operation("notice.queued", {"about": "p1", "to": MOBILE, "language": "en"}, "p1.sms.2")
    assert centre.judge(wanted).verdict is Verdict.APPLIED
    assert "100010000018" in centre.get("p1.sms.2").data["text"]
    for document, to in (("p1.sms.2", MOBILE), ("else", MOBILE), ("p1.sms.3", "+861012345678")):
        refused = centre.outcome(operation("notice.queued", {"about": "p1", "to": to}, document))
        assert isinstance(refused, Refusal)


@given(st.integers(NOW, NOW + 3 * DAY), st.booleans(), st.integers(0, 4))
def test_quiet_hours_hold_what_isnt_urgent(at: int, urgent: bool, tries: int) -> None:
    following = timer(queued(at, urgent=urgent) if urgent else queued(at), POLICY)
    assert following is not None
    if urgent:
        assert following.at == at
    else:
        assert following.at >= at
        assert not quiet_hours(POLICY).covers(following.at)
        assert following.at == at or quiet_hours(POLICY).covers(at)
        assert following.at - at <= 11 * HOUR


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_text_is_tried_later_and_later_until_it_is_sent_or_given_up(works: list[bool]) -> None:
    centre = world(queued(urgent=True))
    tried: list[int] = []
    for well in works:
        document = centre.get("p1.sms")
        following = next_timer(document, POLICY)
        if following is None:
            break
        assert following.kind == SENT
        tried.append(following.at)
        made = by_timer(document, following, following.at, **({} if well else {"problem": "no gateway"}))
        if not well:
            draft = replace(draft_of(document, following, problem="no gateway"), kind="notice.failed")
            made = operation(
                draft.kind, draft.body, document.id, at=following.at, actor=draft.actor, role=draft.role,
                where=replace_place(), catalogue="",
            )  # fmt: skip
        assert centre.judge(made).verdict is Verdict.APPLIED
    data = centre.get("p1.sms").data
    assert tried == sorted(set(tried))
    failures = works.index(True) if True in works else len(works)
    if failures <= len(BACK_OFF_MINUTES) and True in works:
        assert (data["state"], data["tries"]) == ("sent", failures + 1)
    elif failures > len(BACK_OFF_MINUTES):
        assert (data["state"], data["tries"]) == ("failed", len(BACK_OFF_MINUTES) + 1)
    else:
        assert data["state"] == "queued"
        assert data["next"] == tried[-1] + BACK_OFF_MINUTES[failures - 1] * MINUTE


def replace_place() -> Any:
    from tests.domain.world import place

    return place(site="centre", lineage="centre-1")


def test_tries_end() -> None:
    assert [next_try(n, NOW) for n in range(1, 7)] == [*(NOW + m * MINUTE for m in BACK_OFF_MINUTES), None]


def test_a_mobile_number_is_found_where_there_is_one() -> None:
    assert mobile_of(Customer(customer())) == CALLER
    fixed = customer(line={"number": "+861088886666", "kind": "fixed"})
    assert mobile_of(Customer(fixed)) is None
    friend = customer(line={"number": "+861088886666"}, people=[{"number": MOBILE, "relation": "user"}])
    assert mobile_of(Customer(friend)) == MOBILE
    assert not any(map(is_mobile, (None, "", "+861012345678", "+85261234567", "13912345678", "+86186123456789")))


def test_the_sample_policy_has_every_text_that_is_sent() -> None:
    assert set(packaged().notices) == set(BLANKS)
