"""Find: a number in any form, the beginning of a name, the number of a ticket or promise; and what opens then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.driving import looked_for, running, screen_text, until, wait_for
from tests.desk.world import PASSWORD, Desk, entries


@pytest.mark.parametrize(
    "typed",
    ["18612345678", "+86 186-1234-5678", "１８６１２３４５６７８", "王敏"],
    ids=["plain", "international", "full-width", "name"],
)
async def test_a_customer_is_found(tmp_path: Path, typed: str) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, typed, "王** 女士")
        assert "王敏慧" not in screen_text(pilot)


async def test_a_ticket_is_found_by_its_number_and_opened(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "1000 1000 2188", "宽带频繁掉线")
        await pilot.press("enter")
        await wait_for(pilot, "处理过程")


async def test_a_customer_found_by_hand_opens_as_a_contact_that_is_written_down_with_the_first_deed(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "18612345678", "王** 女士")
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.contact is not None)
        await wait_for(pilot, "◆ 钻石")
        assert not desk.contact.opened
        assert desk.facts.level == 0
        await pilot.press("v")
        await wait_for(pilot, "服务密码")
        desk.clock.advance(500)
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, lambda: desk.facts.verified)

    site = desk.site()
    (opened,) = entries(site, "contact.opened")
    assert opened.body is not None
    assert opened.body["channel"] == "desk"
    assert entries(site, "contact.offers_shown")
    site.close()


async def test_escape_puts_a_customer_away_for_whom_nothing_was_done(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "18612345678", "王** 女士")
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.contact is not None)
        await pilot.press("escape")
        await until(pilot, lambda: desk.app.flow.contact is None)

    site = desk.site()
    assert not entries(site, "contact.opened")
    site.close()
