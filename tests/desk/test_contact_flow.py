"""Who rings, what is known about him before anybody answers, and what is written down of the call."""

from __future__ import annotations

from pathlib import Path

from agentdesk.telephony.model import CallMoment
from agentdesk.telephony.source import Command, Order
from tests.desk.driving import answered, note_box, ring, running, screen_text, until, wait_for
from tests.desk.world import LI, NOBODY, SHARED, WANG, Desk, document_of, entries


async def test_the_card_is_there_before_the_call_is_answered(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await ring(desk, pilot, WANG)
        shown = screen_text(pilot)
    assert "◆ 钻石" in shown
    assert "王** 女士" in shown
    assert "王敏慧" not in shown
    assert "186****5678" in shown
    assert "合约 12 天后到期" in shown
    assert "流失预警" in shown
    assert "7 天内第 2 次来电" in shown
    assert "逾期 26 分钟" in shown
    assert "需核验 2 级: 先按 v" in shown


async def test_what_stopped_the_line_and_how_long_ago_stands_on_the_card(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await ring(desk, pilot, LI)
        assert "欠费停机 ¥128.40, 6 小时前" in screen_text(pilot)
        assert "不适用: 欠费停机" in screen_text(pilot)


async def test_the_opening_carries_the_calls_moments_and_the_offers_are_written_down_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        call_id = await ring(desk, pilot, WANG)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.state == "talking")
        await until(pilot, lambda: desk.contact.recorded)
        await desk.app.reload()
        await pilot.pause()

    site = desk.site()
    (opened,) = entries(site, "contact.opened")
    assert opened.body is not None
    assert opened.body["call"] == call_id
    assert {"offered", "ringing", "popped"} <= set(opened.body["moments"])
    (answer,) = entries(site, "contact.answered")
    assert answer.body is not None
    assert {"first_key", "answered"} == set(answer.body["moments"])
    (shown,) = entries(site, "contact.offers_shown")
    assert shown.body is not None
    first = shown.body["offers"][0]
    assert (first["rank"], first["status"], first["reasons"]) == (1, "verify", ["verify"])
    assert first["amount"] == 2_100
    (interval,) = [e for e in entries(site, "agent.interval") if e.body and e.body["state"] == "reserved"]
    assert interval.body is not None
    assert interval.body["to"] - interval.body["from"] == 500
    site.close()


async def test_several_holders_are_all_listed_and_nobody_is_guessed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, SHARED)
        shown = screen_text(pilot)
        assert "本号关联 3 位客户" in shown
        assert desk.facts.customer is None
        assert shown.index("赵*") < shown.index("孙**") < shown.index("钱**")
        await pilot.press("v")
        await wait_for(pilot, "请先选择客户")
        await pilot.press("3")
        await until(pilot, lambda: desk.facts.customer is not None)
        assert desk.who == "c-qian"
        assert desk.facts.level == 0

    site = desk.site()
    (turned,) = entries(site, "contact.turned")
    assert turned.body is not None
    assert turned.body["customer"] == "c-qian"
    site.close()


async def test_tab_chooses_another_line_of_the_customer_and_the_offers_are_those_of_that_line(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("tab")
        await wait_for(pilot, "哪位客户, 办哪个号码")
        await pilot.press("2")
        await until(pilot, lambda: desk.facts.line and desk.facts.line.id == "c-wang-2")
        assert "宽带 宽带 1000M" in screen_text(pilot)
        assert desk.contact.board.of("W06") is not None


async def test_an_unknown_caller_stays_unknown_and_can_be_helped(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, NOBODY)
        shown = screen_text(pilot)
        assert "未知来电" in shown
        assert "本地没有这个号码" in shown
        assert "155****0000" in shown
        await note_box(desk, pilot)
        await pilot.press(*"wants a call", "enter")
        await wait_for(pilot, "备注已保存")

    site = desk.site()
    (note,) = entries(site, "note.added")
    assert note.body is not None
    assert note.body["text"] == "wants a call"
    assert "customer" not in note.body
    assert note.body["contact"] == entries(site, "contact.opened")[0].document
    site.close()


async def test_a_caller_who_gives_up_leaves_the_desk_free_and_a_trace(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        call_id = await ring(desk, pilot, WANG)
        assert desk.phone is not None
        await desk.phone.move(call_id, CallMoment.ABANDONED)
        await until(pilot, lambda: desk.app.flow.contact is None)
        await wait_for(pilot, "客户在接听前挂断")
        assert desk.app.flow.state == "ready"

    site = desk.site()
    assert [e.body["moment"] for e in entries(site, "contact.moment") if e.body] == ["abandoned"]
    site.close()


async def test_a_call_is_held_and_taken_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("h")
        await until(pilot, lambda: desk.app.flow.state == "hold")
        await pilot.press("h")
        await until(pilot, lambda: desk.app.flow.state == "talking")


async def test_a_call_is_transferred_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("x")
        await wait_for(pilot, "直接转")
        await pilot.press("1")
        await wait_for(pilot, "转到哪个号码")
        desk.clock.advance(500)
        await pilot.press(*"8200", "enter")
        await until(pilot, lambda: desk.app.flow.state == "wrap_up")
        assert desk.contact.ended


async def test_a_second_call_waits_behind_the_first_and_comes_after_the_wrap_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        assert desk.phone is not None
        second, _new = await desk.phone.ring(LI)
        await until(pilot, lambda: desk.app.flow.queue == [second])
        await wait_for(pilot, "排队 1")
        await pilot.press("w")
        await wait_for(pilot, "挂机并完成")
        desk.clock.advance(500)
        await pilot.press("e", *"ok", "enter")
        await until(pilot, lambda: desk.app.flow.contact and desk.contact.call_id == second)
        await wait_for(pilot, "★ VIP")


async def test_the_wrap_up_writes_matters_and_summary_and_frees_the_desk(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("w")
        await wait_for(pilot, "挂机并完成")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "请写明诉求")
        await pilot.press("a")
        await wait_for(pilot, "什么诉求")
        desk.clock.advance(500)
        await pilot.press(*"drops", "enter")
        await wait_for(pilot, "已解答")
        await pilot.press("e", *"all well", "enter")
        await until(pilot, lambda: desk.app.flow.contact is None)
        assert desk.app.flow.state == "ready"

    site = desk.site()
    (wrapped,) = entries(site, "contact.wrapped_up")
    assert wrapped.body is not None
    assert wrapped.body["summary"] == "all well"
    assert wrapped.body["dropped_by"] == "agent"
    (matter,) = wrapped.body["matters"]
    assert matter["class"].endswith("drops")
    assert (matter["outcome"], matter["solved"]) == ("told", True)
    contact = document_of(site, wrapped)
    assert contact.data["state"] == "wrapped_up"
    site.close()


async def test_not_ready_keeps_calls_away_until_ready_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("r")
        await wait_for(pilot, "示忙原因")
        await pilot.press("1")
        await until(pilot, lambda: desk.app.flow.state == "not_ready")
        assert desk.phone is not None
        await desk.phone.ring(WANG)
        await until(pilot, lambda: desk.app.flow.queue)
        assert desk.app.flow.contact is None
        await pilot.press("r")
        await until(pilot, lambda: desk.app.flow.contact is not None)


async def test_a_phone_that_answers_by_itself_answers_on_the_desk(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        call_id = await ring(desk, pilot, WANG)
        assert desk.phone is not None
        await desk.phone.do(Order(Command.ANSWER, call_id))
        await until(pilot, lambda: desk.app.flow.state == "talking")
        await wait_for(pilot, "1-9 承诺")


async def test_the_home_of_an_unknown_mobile_is_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await ring(desk, pilot, "13800571000")
        await wait_for(pilot, "杭州")
