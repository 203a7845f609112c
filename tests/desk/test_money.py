"""Promises of money: the computed amount, the ceiling, typing it again, and voiding a mis-key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agentdesk.desk.models.offers import OfferLine
from agentdesk.domain.offering.offers import assess
from agentdesk.domain.verdict import Verdict
from agentdesk.store.outbox import Answer
from tests.desk.driving import promised, read_then, running, screen_text, until, verified, wait_for
from tests.desk.world import DAY, LI, NOW, REGION, WANG, Desk, customer, entries, fill


def key_of(desk: Desk, code: str) -> str:
    """Return the key of an offer."""
    line = desk.contact.board.of(code)
    assert line is not None
    return line.key


def goodwill(desk: Desk) -> str:
    """Return the key of a promise of money that isn't the customer's own: it takes from the allowance."""
    return key_of(desk, "U10")


async def test_a_small_amount_needs_no_typing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await promised(desk, pilot, goodwill(desk), "本人上限")

    site = desk.site()
    (made,) = entries(site, "commitment.made")
    assert made.amount == 5_900
    assert made.body is not None
    assert made.body["proposed"] == 5_900
    assert made.body["verification"] == {"level": 2, "method": "service_password"}
    assert site.allowances()["cost"].left == 200_000 - 5_900
    site.close()


async def test_another_amount_is_recorded_with_its_reason_and_above_the_quick_limit_it_is_typed_again(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press(goodwill(desk))
        await wait_for(pilot, "本人上限")
        await pilot.press("e")
        desk.clock.advance(500)
        await pilot.press(*"120 promised before", "enter")
        await read_then(desk, pilot, "再输一遍金额才能承诺: 120.00", *"12", "enter")
        await wait_for(pilot, "与上面金额不一致")
        assert not desk.contact.promises
        await pilot.press("backspace", "backspace", *"120", "enter")
        await wait_for(pilot, "已承诺")

    site = desk.site()
    (made,) = entries(site, "commitment.made")
    assert made.amount == 12_000
    assert made.body is not None
    assert (made.body["proposed"], made.body["amount_reason"]) == (5_900, "promised before")
    site.close()


async def test_an_amount_above_the_ceiling_isnt_promised(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press(goodwill(desk), "e")
        desk.clock.advance(500)
        await pilot.press(*"900", "enter")
        await read_then(desk, pilot, "超过您的授权", "enter")
        await pilot.pause()
        assert not desk.contact.promises


async def test_credit_is_promised_with_two_keys_once_the_caller_is_verified(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, LI)
        await promised(desk, pilot, "1", "信用开机")

    site = desk.site()
    assert site.allowances()["credit"].left < 300_000
    site.close()


async def test_money_that_was_his_comes_back_without_touching_what_may_be_given(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await promised(desk, pilot, key_of(desk, "U11"), "21.00 元退给您")

    site = desk.site()
    (made,) = entries(site, "commitment.made")
    assert made.amount == 2_100
    assert site.allowances()["cost"].left == 200_000
    site.close()


async def test_a_mis_key_is_voided_with_a_reason_and_its_money_comes_back_once_the_centre_has_taken_it(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await promised(desk, pilot, goodwill(desk))
        await pilot.press("z")
        await wait_for(pilot, "为什么作废")
        await pilot.press("1")
        await wait_for(pilot, "已作废")
        assert not desk.contact.promises
        assert not desk.contact.matters

    site = desk.site()
    (voided,) = entries(site, "commitment.voided")
    assert voided.body is not None
    assert voided.body["reason"] == "pressed the wrong key"
    assert site.allowances()["cost"].left == 200_000 - 5_900
    waiting = site.outbox.batch(100, 1_000_000)
    assert waiting is not None
    found = sorted(site.outbox.entries(), key=lambda e: e.seq)
    site.take_answers(waiting.lineage, [Answer(e.id, e.seq, Verdict.APPLIED, (), REGION, 20) for e in found])
    assert site.allowances()["cost"].left == 200_000
    site.close()


async def test_a_promise_that_wasnt_told_stays_marked_and_opens_at_the_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await promised(desk, pilot, "1")
        await pilot.press("escape")
        await wait_for(pilot, "未告知")
        assert "把承诺内容告知客户" in screen_text(pilot)
        await pilot.press("a")
        await read_then(desk, pilot, "再告知", "enter")
        await until(pilot, lambda: desk.contact.promises[0].told)


async def test_lines_picked_from_the_bill_are_promised_back_with_what_was_picked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    film = {"kind": "third_party", "charge": "content", "name": "电影点播", "amount": 1_200, "line": "c-wang-1"}
    song = {**film, "name": "彩铃单曲", "amount": 300}
    bill = {"account": "c-wang-a", "month": "2026-10", "issued": NOW - DAY, "lines": [film, song]}
    site = desk.site()
    fill(site, REGION, [replace(customer("c-wang", "王敏慧", WANG, bills=[bill]), rev=2)], 11)
    site.close()
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        facts = desk.facts
        assert facts.case is not None
        offer = assess(facts.catalogue.templates["C04"], facts.case, facts.catalogue)
        assert offer.status == "figures"
        desk.app.deal.offer(desk.contact, OfferLine("", 0, offer))
        await read_then(desk, pilot, "请先选择账单条目", "c")
        await read_then(desk, pilot, "电影点播", "1", "enter")
        await wait_for(pilot, "¥12.00")
        desk.clock.advance(1_500)
        await pilot.press("enter")
        await wait_for(pilot, "已承诺")

    site = desk.site()
    (made,) = entries(site, "commitment.made")
    assert made.amount == 1_200
    assert made.body is not None
    assert [one["name"] for one in made.body["inputs"]["lines"]] == ["电影点播"]
    site.close()
