"""What concerns many at the desk: attaching by one key, one solution for many, company in a ticket, other channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from agentdesk.desk import i18n
from agentdesk.desk.models.changes import differences
from agentdesk.desk.models.group import announced_words, announcement_rows
from agentdesk.desk.models.rows import text
from agentdesk.desk.queries.group import district
from agentdesk.desk.screens.group import both, kinds, number, reach
from agentdesk.desk.screens.labels import choices_of
from agentdesk.desk.screens.management import measure
from agentdesk.domain.documents import Document, is_open
from agentdesk.store.presence import Presence, Present
from tests.desk.driving import answered, running, screen_text, wait_for
from tests.desk.world import DAY, HOUR, NOW, REGION, WANG, Desk, document_of, entries, fill

NOTICE = "notice/bj"
ANNOUNCED = {
    "number": "100010000108",
    "title": {"zh": "大望路断纤", "en": "a cable is cut at Dawang Road"},
    "words": {"zh": "正在抢修，预计今晚恢复", "en": "it is being mended"},
    "numbers": [WANG],
    "listed": 1,
    "affected": 40,
    "state": "open",
    "department": "broadband_maintenance",
    "due": NOW + 4 * HOUR,
    "at": NOW - HOUR,
    "moves": [],
}


def with_documents(desk: Desk, *documents: Document) -> None:
    """Have documents come from the centre before the desk begins."""
    site = desk.site()
    for scope in sorted({document.scope for document in documents}):
        fill(site, scope, [one for one in documents if one.scope == scope], upto=20)
    site.close()


def announced(**data: Any) -> Document:
    return Document(NOTICE, "a-1", "announcement", 1, {**ANNOUNCED, **data})


async def test_a_caller_on_the_list_is_attached_by_one_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_documents(desk, announced())
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await wait_for(pilot, "群障: 大望路断纤")
        await pilot.press("A")
        await wait_for(pilot, "正在抢修")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "已关联: 恢复时会通知客户")
        await wait_for(pilot, "已关联公告")
        await pilot.press("A")
        await wait_for(pilot, "群障公告与管理工单")
    site = desk.site()
    (made,) = entries(site, "attachment.attached")
    one = document_of(site, made)
    assert is_open(one)
    assert one.data["to"] == WANG
    assert one in site.view.work(REGION, "c-wang", NOW)
    site.close()


async def test_one_solution_answers_all_tickets_of_a_management_ticket(tmp_path: Path) -> None:
    desk = Desk(tmp_path, role="agent")
    fields = {
        "kind": "fault",
        "title": "断网",
        "state": "accepted",
        "customer": "c-li",
        "tier": "vip",
        "management": "m-1",
        "management_number": "100010003117",
        "management_title": "晚高峰掉线",
        "at": NOW - HOUR,
        "moves": [],
    }
    tickets = [
        Document(REGION, name, "ticket", 3, {**fields, "number": f"10001000300{place}"})
        for place, name in enumerate(("t-a", "t-b"))
    ]
    managed = {
        "number": "100010003117",
        "title": "晚高峰掉线",
        "state": "open",
        "tickets": ["t-a", "t-b"],
        "measures": [],
        "due": NOW + DAY,
        "owner": "bj1024",
        "at": NOW - HOUR,
        "moves": [],
    }
    with_documents(
        desk,
        *tickets,
        Document(REGION, "m-1", "management", 3, managed),
        Document("org", "bj1024", "agent", 2, {"name": "张敏", "role": "team_leader"}),
    )
    desk = Desk(tmp_path, role="team_leader", make=False)
    async with running(desk) as pilot:
        await pilot.press("A")
        await wait_for(pilot, "晚高峰掉线")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "2 张工单")
        await pilot.press("s")
        await wait_for(pilot, "告知客户的话")
        desk.clock.advance(500)
        await pilot.press(*"node split", "enter")
        await wait_for(pilot, "解决方案: node split")
        await pilot.press("c")
        await wait_for(pilot, "还有 2 张工单未回访")
        await pilot.press("enter")
        await wait_for(pilot, "统一答复: node split")
    site = desk.site()
    for name in ("t-a", "t-b"):
        ticket = site.view.document(REGION, name)
        assert ticket is not None
        assert ticket.data["state"] == "replied"
    site.close()


async def test_a_colleague_in_the_ticket_is_shown_and_a_change_leaves_the_draft_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    other = Presence(tmp_path, "other")
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("a")
        await wait_for(pilot, "宽带频繁掉线")
        other.say(Present(REGION, "t-2188", "bj1025", "李强", writing=True), desk.clock.wall_ms())
        await desk.app.look()
        await wait_for(pilot, "李强 正在写")
        await pilot.press("n")
        await desk.app.look()
        await pilot.press(*"my own words")
        site = desk.site()
        before = site.view.document(REGION, "t-2188")
        assert before is not None
        moves = [*before.data["moves"], {"what": "replied", "by": "bj2001", "text": "换了光猫", "at": NOW}]
        changed = {**before.data, "state": "replied", "moves": moves}
        fill(site, REGION, [Document(REGION, "t-2188", "ticket", 9, changed)], upto=30)
        site.close()
        await desk.app.look()
        await wait_for(pilot, "期间有变化")
        assert "换了光猫" in screen_text(pilot)
        assert pilot.app.screen.query_one(Input).value == "my own words"


async def test_a_contact_goes_on_in_another_channel(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("X")
        await wait_for(pilot, "转到: 短信")
        line = next(row for row in screen_text(pilot).splitlines() if "转到: 短信" in row)
        await pilot.press(line.strip(" │┃|▌▐█").split()[0])
        await wait_for(pilot, "本渠道忙")
        await pilot.press("1")
        await wait_for(pilot, "什么事?")
        desk.clock.advance(500)
        await pilot.press(*"bill", "enter")
        await wait_for(pilot, "已连同上下文转出")
    site = desk.site()
    (handoff,) = site.view.open_of("handoff")
    assert (handoff.data["channel"], handoff.data["customer"]) == ("sms", "c-wang")
    site.close()


# what is typed


def test_whom_an_announcement_concerns_is_typed_in_one_line() -> None:
    i18n.use("zh-CN")
    assert reach("大望路, 186 1234 5678，186123*") == {
        "areas": ["大望路"],
        "numbers": ["+8618612345678"],
        "segments": ["+86186123"],
    }
    for wrong in ("", " , ", "12"):
        with pytest.raises(ValueError, match=r"."):
            reach(wrong)


def test_both_languages_measures_kinds_and_figures_are_typed_in_one_line() -> None:
    i18n.use("zh-CN")
    assert both("断纤｜a cable is cut") == {"zh": "断纤", "en": "a cable is cut"}
    assert measure("熔接 | 网络部 | 2d", NOW) == {"text": "熔接", "owner": "网络部", "due": NOW + 2 * DAY}
    assert kinds("宽带, mobile") == ["broadband", "mobile"]
    assert (number(""), number("40")) == (None, 40)
    for read, wrong in ((both, "断纤"), (kinds, "pigeon"), (number, "many")):
        with pytest.raises(ValueError, match=r"."):
            read(wrong)
    with pytest.raises(ValueError, match=r"."):
        measure("熔接 | 网络部", NOW)


def test_a_district_is_the_beginning_of_an_address() -> None:
    assert district("北京市朝阳区大望路 8 号") == "北京市朝阳区"
    assert district("无门牌") == ""


def test_what_changed_is_said_field_by_field_and_move_by_move() -> None:
    i18n.use("en")
    before = Document(REGION, "t", "ticket", 1, {"state": "open", "level": 0, "moves": []})
    same = Document(REGION, "t", "ticket", 2, dict(before.data))
    assert differences(before, same, None, NOW) == ()
    moves = [{"what": "chased", "by": "bj9", "text": "again"}]
    after = Document(REGION, "t", "ticket", 2, {"state": "accepted", "level": 1, "moves": moves})
    found = differences(before, after, None, NOW)
    assert [name for name, _, _ in found] == ["state", "level", "chased"]


async def test_a_second_fault_ticket_of_one_on_the_list_is_warned_of(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_documents(desk, announced())
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        facts = desk.facts
        assert [one.id for one, _match in facts.announced] == ["a-1"]
        assert announced_words(facts, "fault") == ["已有群障公告: 大望路断纤; 按 Esc 再按 A 关联客户"]
        assert announced_words(facts, "complaint") == []


def test_only_a_superior_decides_a_label_and_nobody_his_own() -> None:
    assert choices_of(waits=True, own=False, superior=True) == ["approved", "declined"]
    assert choices_of(waits=False, own=False, superior=True) == ["ended"]
    assert choices_of(waits=True, own=True, superior=True) == ["ended"]
    assert choices_of(waits=True, own=False, superior=False) == []


def test_an_announcement_that_is_over_says_what_is_said_now_and_since_when() -> None:
    i18n.use("en")
    words = {"zh": "已恢复", "en": "all is mended"}
    over = announced(state="over", over_at=NOW - HOUR, over_words=words)
    lines = [text(line) for line in announcement_rows(over, 1, None, NOW, 100)]
    assert any("all is mended" in line for line in lines)
    assert not any("being mended" in line or "expected" in line for line in lines)
    assert any("is being mended" in text(line) for line in announcement_rows(announced(), 1, None, NOW, 100))
