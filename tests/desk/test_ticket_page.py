"""The ticket screen and the worklist: every move by a letter, drafts that survive, merging that can be undone."""

from __future__ import annotations

from pathlib import Path

from agentdesk.desk.queries.tickets import draft_key
from agentdesk.domain.documents import Document
from agentdesk.store.site import Site
from tests.desk.driving import Hand, answered, running, screen_text, until, wait_for
from tests.desk.world import REGION, WANG, Desk, document_of, entries, fill

LATE = "t-2188"


async def opened(desk: Desk, pilot: Hand, symptom: str, words: str) -> None:
    """Open a second ticket for the caller."""
    await pilot.press("t")
    await wait_for(pilot, "已有在途, 改为催单")
    await pilot.press("1")
    await wait_for(pilot, "什么现象")
    desk.clock.advance(500)
    await pilot.press(*symptom, "enter")
    await wait_for(pilot, "客户原话")
    desk.clock.advance(500)
    await pilot.press(*words, "enter")
    await wait_for(pilot, "工单已建")


async def test_tickets_are_merged_with_their_drafts_after_a_preview_and_taken_apart_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await opened(desk, pilot, "wsbdb", "slow too")
        new = next(d for d in entries(desk.site(), "ticket.opened"))
        document = document_of(desk.site(), new)
        assert document.data["symptom"] == "fault.broadband.slow"
        desk.app.deal.open_document(document)
        await wait_for(pilot, "x 拆单")
        # words that are typed and not sent stay as a draft
        await pilot.press("s")
        await wait_for(pilot, "客户补充的内容")
        desk.clock.advance(500)
        await pilot.press(*"after six", "escape")
        await wait_for(pilot, "(草稿)")
        await pilot.press("m")
        await wait_for(pilot, "并入哪张工单")
        await pilot.press("1")
        await wait_for(pilot, "1 份草稿一并转入")
        assert "逾期" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "m 拆回")

        site = desk.site()
        target = site.view.document(REGION, LATE)
        assert target is not None
        assert [part["ticket"] for part in target.data["merged"]] == [document.id]
        assert site.draft(draft_key(target, "supplemented")) == "after six"
        assert site.draft(draft_key(document, "supplemented")) == ""
        site.close()

        await pilot.press("m")
        await wait_for(pilot, "x 拆单")
    site = desk.site()
    assert state(site, document.id) == "open"
    target = site.view.document(REGION, LATE)
    assert target is not None
    assert not target.data["merged"]
    site.close()


def state(site: Site, ticket: str) -> str:
    document = site.view.document(REGION, ticket)
    assert document is not None
    return str(document.data["state"])


async def test_a_pause_takes_a_reason_of_the_policy_and_an_end_and_the_law_goes_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("a")
        await wait_for(pilot, "处理过程")
        await pilot.press("h")
        await wait_for(pilot, "暂停计时")
        await pilot.press("1")
        await wait_for(pilot, "暂停到何时")
        desk.clock.advance(500)
        await pilot.press(*"soon", "enter")
        await wait_for(pilot, "先写到什么时候")
        await pilot.press("ctrl+u", *"5h he is away", "enter")
        await wait_for(pilot, "法定时限照走")
        assert "h 恢复计时" in screen_text(pilot)
        await pilot.press("h")
        await wait_for(pilot, "h 暂停")

    site = desk.site()
    (paused,) = entries(site, "ticket.paused")
    assert paused.body is not None
    assert paused.body["reason"] == "customer_later"
    assert paused.body["text"] == "he is away"
    site.close()


async def test_one_key_on_a_line_of_the_worklist_chases_with_the_sentence_to_say(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("l")
        await wait_for(pilot, "[本人")
        await pilot.press("tab", "tab", "tab")
        await wait_for(pilot, "[全网点")
        page = desk.app.screen
        assert page is not desk.app.desk_screen
        shown = screen_text(pilot).rpartition("[全网点")[2]
        line = next(line for line in shown.splitlines() if "宽带频繁掉线" in line)
        # the clock of this desk says whom it has climbed to, whether or not there is a line
        assert "班长" in line
        rows = [row for row in shown.splitlines() if "逾期" in row or "剩" in row]
        for _ in range(rows.index(line)):
            await pilot.press("down")
        await pilot.press("u")
        await wait_for(pilot, "已经逾期")
        assert "障碍期间减免月租" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.screen is page)

    site = desk.site()
    ticket = site.view.document(REGION, LATE)
    assert ticket is not None
    assert (ticket.data["chases"], ticket.data["level"]) == (1, 1)
    site.close()


async def test_a_letter_in_the_new_ticket_dialog_chases_what_is_open_already(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("t")
        await wait_for(pilot, "已有在途, 改为催单")
        await pilot.press("a")
        await wait_for(pilot, "已经逾期")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "已催单")
    site = desk.site()
    assert not entries(site, "ticket.opened")
    assert len(entries(site, "ticket.chased")) == 1
    site.close()


async def test_who_wasnt_reached_at_the_follow_up_is_asked_no_score(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    site = desk.site()
    before = site.view.document(REGION, LATE)
    assert before is not None
    replied = Document(REGION, "t-replied", "ticket", 1, {**before.data, "state": "replied", "station": "follow_up"})
    fill(site, REGION, [replied], upto=20)
    site.close()
    async with running(desk) as pilot:
        desk.app.deal.open_document(replied)
        await wait_for(pilot, "c 回访")
        await pilot.press("c")
        await wait_for(pilot, "未接通")
        await pilot.press("3")
        await wait_for(pilot, "何时再打")
        assert "打分" not in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: bool(entries(desk.site(), "ticket.followed_up")))
