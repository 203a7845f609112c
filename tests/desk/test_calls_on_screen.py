"""How several callers look on the screen: one line for each, one key there and back; help that only a superior sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.desk.app import DeskApp
from agentdesk.desk.settings import AgentIdentity
from agentdesk.store.presence import Presence, Present, near
from agentdesk.telephony.model import CallMoment
from tests.desk.driving import (
    answered,
    breaks_off,
    note_box,
    promised,
    ring,
    running,
    screen_text,
    until,
    verified,
    wait_for,
)
from tests.desk.world import LI, WANG, Desk, entries


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_a_second_call_is_shown_calmly_taken_by_one_key_and_left_by_another(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    desk = Desk(tmp_path)
    async with running(desk, size) as pilot:
        await verified(desk, pilot, WANG)
        await note_box(desk, pilot)
        await pilot.press(*"half a")
        assert desk.phone is not None
        await desk.phone.ring(LI)
        await until(pilot, lambda: desk.app.flow.queue and desk.app.flow.lookups)
        await pilot.press(*" line")
        assert desk.who == "c-wang"
        await pilot.press("escape")
        await wait_for(pilot, "李* 先生 139****1111")
        first = desk.contact
        await pilot.press("P")
        await until(pilot, lambda: desk.contact is not first and desk.app.flow.state == "talking")
        await wait_for(pilot, "王** 女士 186****5678")
        assert desk.who == "c-li"
        assert first.held
        await pilot.press("p")
        await until(pilot, lambda: desk.contact is first and first.spoken)
        assert desk.facts.verified
        await note_box(desk, pilot)
        assert "half a line" in screen_text(pilot) or desk.app.focused.text == "half a line"  # type: ignore[union-attr]
    site = desk.site()
    assert {e.body["customer"] for e in entries(site, "contact.opened") if e.body} == {"c-wang", "c-li"}
    site.close()


async def test_a_dropped_call_shows_the_key_and_the_wrap_up_its_clock(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await breaks_off(desk, pilot, WANG)
        await wait_for(pilot, "通话掉线")
        await wait_for(pilot, "剩 00:20")
        await pilot.press("w")
        await wait_for(pilot, "剩 00:20")
        await pilot.press("plus")
        await wait_for(pilot, "记录内容较多")
        await pilot.press("1")
        await wait_for(pilot, "剩 00:50")


async def test_a_desk_that_is_ended_in_a_call_has_the_contact_again_when_it_is_started(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await promised(desk, pilot, "1")
        await pilot.press("escape", "w")
        await wait_for(pilot, "挂机并完成")
        await pilot.press("e", *"half a", "escape", "escape")
        await until(pilot, lambda: desk.contact.summary == "half a" and not desk.app.flow.unkept)
        before = desk.contact
    again = Desk(tmp_path, make=False)
    async with running(again) as pilot:
        await until(pilot, lambda: again.app.flow.contact is not None and again.contact.facts is not None)
        contact = again.contact
        assert (contact.id, contact.summary, contact.step) == (before.id, "half a", before.step)
        assert [p.document.id for p in contact.promises] == [p.document.id for p in before.promises]
        assert again.facts.verified
        assert contact.to_wrap
        await wait_for(pilot, "王敏慧 女士")
        await pilot.press("w")
        await wait_for(pilot, "小结")
        again.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: again.app.flow.contact is None and not again.app.flow.unkept)
    last = Desk(tmp_path, make=False)
    async with running(last):
        assert last.app.flow.contact is None


async def test_help_is_asked_for_and_the_answer_stands_on_the_desk(tmp_path: Path) -> None:
    desk = Desk(tmp_path, online=False)
    superior = Presence(tmp_path, "near-hears-bj3001-1")
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        superior.say_all((Present("", "hears", "bj3001", "李雪"),), desk.clock.wall)
        await pilot.press("G")
        await wait_for(pilot, "Enter 求助")
        assert "断网" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press(*"refund?", "enter")
        await wait_for(pilot, "李雪 可见")
        (asked,) = near(tmp_path, "asks", desk.clock.wall)
        assert (asked.id, asked.name, asked.words) == (desk.contact.id, "张敏", "refund?")
        assert desk.app.flow.state == "talking"
        superior.say_all((Present(asked.scope, asked.id, "bj3001", "李雪", words="我马上过来"),), desk.clock.wall)
        await wait_for(pilot, "李雪: 我马上过来")
        await pilot.press("G")
        await until(pilot, lambda: not near(tmp_path, "asks", desk.clock.wall))


async def test_a_superior_sees_who_asks_with_the_callers_card_and_answers(tmp_path: Path) -> None:
    asker = Desk(tmp_path)
    async with running(asker) as pilot:
        await ring(asker, pilot, WANG)
        contact = asker.contact
        question = Present(contact.scope, contact.id, "bj1024", "张敏", words="refund?")
    desk = Desk(tmp_path, make=False)
    who = AgentIdentity("bj3001", "李雪", "3001", "team_leader", "8200")
    desk.settings = replace(desk.settings, agent=who)
    desk.app = DeskApp(desk.settings)
    async with running(desk) as pilot:
        Presence(tmp_path, "near-asks-bj1024-1").say(question, desk.clock.wall)
        await wait_for(pilot, "求助 1: G")
        await pilot.press("G")
        await wait_for(pilot, "refund?")
        assert "◆ 钻石" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "把电话转给我: 8200")
        desk.clock.advance(500)
        await pilot.press("1")
        await until(pilot, lambda: any(one.words == "我马上过来" for one in near(tmp_path, "hears", desk.clock.wall)))
        await wait_for(pilot, "我马上过来")


async def test_a_warm_transfer_says_how_it_goes_on_and_that_it_failed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        call_id = await answered(desk, pilot, WANG)
        await pilot.press("x", "2")
        await wait_for(pilot, "转到哪个号码")
        desk.clock.advance(500)
        await pilot.press(*"8900", "tab", *"restarted twice", "enter")
        await wait_for(pilot, "交给对方, 或接回客户")
        assert desk.phone is not None
        await desk.phone.move(call_id, CallMoment.RETRIEVED, reason="noanswer")
        await wait_for(pilot, "8900 未接听")
        # what is shown of a call may be there a moment before it is written down
        await until(pilot, lambda: len(_notes(desk)) == 3)
    assert _notes(desk) == [None, "restarted twice", None]


def _notes(desk: Desk) -> list[str | None]:
    site = desk.site()
    try:
        return [e.body["details"].get("note") for e in entries(site, "contact.moment") if e.body]
    finally:
        site.close()
