"""Verification: match or no match, nothing shown, nothing kept, and what it opens."""

from __future__ import annotations

from pathlib import Path

from tests.desk.driving import answered, looked_for, running, screen_text, until, verified, wait_for
from tests.desk.world import PASSWORD, TAIL, WANG, Desk, entries


async def test_a_match_unmasks_the_caller_and_opens_the_offers(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        before = [line.code for line in desk.contact.board.lines]
        await pilot.press("v")
        await wait_for(pilot, "服务密码")
        desk.clock.advance(500)
        await pilot.press(*PASSWORD)
        assert PASSWORD not in screen_text(pilot)
        assert "******" in screen_text(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: desk.facts.verified)
        await wait_for(pilot, "王敏慧 女士")
        shown = screen_text(pilot)
        assert "186 1234 5678" in shown
        assert "已核验: 机主本人" in shown
        board = desk.contact.board
        # the list stands still: same rows, same keys, and the changed ones are marked
        assert [line.code for line in board.lines] == before
        assert board.lines[0].offer.status == "available"
        assert board.lines[0].changed

    site = desk.site()
    (verified,) = entries(site, "identity.verified")
    assert verified.body is not None
    assert (verified.body["method"], verified.body["result"]) == ("service_password", "match")
    assert PASSWORD not in str(verified.body)
    site.close()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes()


async def test_misses_are_counted_and_the_third_asks_for_another_method(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("v")
        await wait_for(pilot, "服务密码")
        desk.clock.advance(500)
        for miss in (1, 2):
            await pilot.press(*"000000", "enter")
            await wait_for(pilot, f"不符 {miss} 次")
        await pilot.press(*"000000", "enter")
        await wait_for(pilot, "改用证件后四位")
        await wait_for(pilot, "证件号码后四位")
        await pilot.press(*TAIL.lower(), "enter")
        await until(pilot, lambda: desk.facts.verified)
        assert desk.facts.method == "certificate_tail"

    site = desk.site()
    results = [entry.body["result"] for entry in entries(site, "identity.verified") if entry.body]
    assert results == ["miss", "miss", "miss", "match"]
    site.close()


async def test_an_offer_that_needs_more_asks_for_the_verification_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("1")
        await wait_for(pilot, "请说一下这个号码的服务密码")


async def test_what_was_verified_is_lost_when_the_contact_turns_to_another_customer(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await looked_for(pilot, "13900001111", "李*")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: desk.who == "c-li")
        assert desk.facts.level == 0
        assert "李* 先生" in screen_text(pilot)
