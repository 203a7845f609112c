"""Tickets and promises from the list of open work: opened, chased, moved on as their state allows, kept."""

from __future__ import annotations

from pathlib import Path

from tests.desk.driving import answered, running, screen_text, until, wait_for
from tests.desk.world import REGION, WANG, Desk, document_of, entries


async def test_a_new_ticket_takes_kind_symptom_and_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("t")
        await wait_for(pilot, "哪类工单")
        await pilot.press("1")
        await wait_for(pilot, "什么现象")
        desk.clock.advance(500)
        await pilot.press(*"drops")
        await wait_for(pilot, "频繁掉线")
        await pilot.press("enter")
        await wait_for(pilot, "客户原话")
        assert "已有在途: 宽带频繁掉线" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press(*"every night", "enter")
        await wait_for(pilot, "工单已建")
        assert len(desk.app.desk_screen.work) == 3

    site = desk.site()
    (opened,) = entries(site, "ticket.opened")
    assert opened.body is not None
    assert opened.body["words"] == "every night"
    ticket = document_of(site, opened)
    assert ticket.data["due"] == opened.body["due"]
    assert site.view.referred(opened.body["number"])[0].id == ticket.id
    site.close()


async def test_u_chases_the_one_open_ticket_and_says_what_to_say(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("u", "a")
        await wait_for(pilot, "已经逾期 26 分钟")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "已催单, 升一级")

    site = desk.site()
    ticket = site.view.document(REGION, "t-2188")
    assert ticket is not None
    assert (ticket.data["chases"], ticket.data["level"]) == (1, 1)
    site.close()


async def test_a_letter_opens_a_ticket_with_why_its_deadline_falls_then(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("a")
        await wait_for(pilot, "处理过程")
        await pilot.press("w")
        await wait_for(pilot, "自然时间 12 小时")
        shown = screen_text(pilot)
        assert "障碍 > 宽带 > 频繁掉线" in shown
        assert "法定时限" in shown
        # only what the state allows: it is with the department already
        assert "d 派单" not in shown
        assert "g 改派" in shown
        await pilot.press("w", "n")
        await wait_for(pilot, "环节；谁上门")
        desk.clock.advance(500)
        await pilot.press(*"rings at six", "enter")
        await wait_for(pilot, "rings at six")
        await pilot.press("escape")
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)


async def test_a_ticket_is_dispatched_to_a_department_and_replied_with_a_cause(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("b")
        await wait_for(pilot, "账单有疑问")
        await pilot.press("d")
        await wait_for(pilot, "派给谁")
        await pilot.press("2")
        await wait_for(pilot, "转告内容")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "已派单")
        await pilot.press("a")
        await wait_for(pilot, "处理中")
        await pilot.press("p")
        await wait_for(pilot, "什么原因")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "处理分钟数")
        desk.clock.advance(500)
        await pilot.press(*"soon", "enter")
        await wait_for(pilot, "先写处理分钟数")
        await pilot.press("ctrl+u", *"30 explained", "enter")
        await wait_for(pilot, "已回单, 待回访")
        await pilot.press("c")
        await wait_for(pilot, "客户怎么说")
        await pilot.press("1")
        await wait_for(pilot, "打分 1 到 5")
        desk.clock.advance(500)
        await pilot.press(*"5 thanks", "enter")
        await wait_for(pilot, "已回访")
        await pilot.press("z")
        await wait_for(pilot, "已归档")

    site = desk.site()
    ticket = site.view.document(REGION, "t-0417")
    assert ticket is not None
    assert ticket.data["state"] == "archived"
    assert ticket.data["satisfaction"]["score"] == 5
    assert [m["what"] for m in ticket.data["moves"]][1:] == [
        "dispatched",
        "accepted",
        "replied",
        "followed_up",
        "archived",
    ]
    site.close()


async def test_a_promise_is_withdrawn_for_the_customer_with_the_reason(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("a")
        await wait_for(pilot, "限时回电")
        await pilot.press("x")
        await wait_for(pilot, "客户撤回的原因")
        desk.clock.advance(500)
        await pilot.press(*"not needed", "enter")
        await until(pilot, lambda: desk.app.open_work and not any(d.id == "p-0931" for d in desk.app.open_work.mine))

    site = desk.site()
    (withdrawn,) = entries(site, "commitment.withdrawn")
    assert withdrawn.body is not None
    assert withdrawn.body["reason"] == "not needed"
    site.close()
