"""Find: a number in any form, a name as it is written or spoken, words in work and flows; and what opens then."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from agentdesk.desk.queries import finding
from agentdesk.desk.screens.find import FindScreen
from agentdesk.desk.screens.flows import WalkPage
from agentdesk.desk.widgets.field import Field
from agentdesk.store.site import Site
from tests.desk.driving import looked_for, running, screen_text, until, wait_for
from tests.desk.world import PASSWORD, Desk, entries


@pytest.mark.parametrize(
    "typed",
    [
        *("18612345678", "+86 186-1234-5678", "１８６１２３４５６７８", "186 1234", "电话：186 1234 5678"),
        *("王敏", "敏慧", "wmh", "Wang Minhui"),
    ],
    ids=["plain", "international", "full-width", "begun", "pasted", "name", "part", "initials", "pinyin"],
)
async def test_a_customer_is_found(tmp_path: Path, typed: str) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, typed, "王** 女士")
        assert "王敏慧" not in screen_text(pilot)


@pytest.mark.parametrize("typed", ["1000 1000 2188", "02188"], ids=["whole", "as lists show it"])
async def test_a_ticket_is_found_by_its_number_and_opened(tmp_path: Path, typed: str) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, typed, "宽带频繁掉线")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "处理过程")


async def test_a_ticket_is_found_by_two_characters_of_it_in_either_script(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "掉線", "宽带频繁掉线")
        assert "在途" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "处理过程")


async def test_a_flow_is_found_by_what_it_says_and_opened(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "测速", "Q131")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "离开")


@pytest.mark.parametrize("typed", ["\"*'^():-", "qzx OR NEAR", "\\%_'; --"], ids=["signs", "operators", "sql"])
async def test_nothing_that_is_typed_is_a_query(tmp_path: Path, typed: str) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, typed, "本地没有找到")


async def test_what_was_typed_before_never_takes_the_place_of_what_is_typed_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, asked, go_on = Desk(tmp_path), list[str](), threading.Event()
    search = finding.search

    def slowly(site: Site, words: str) -> finding.Findings:
        asked.append(words)
        go_on.wait(60)
        return search(site, words)

    async with running(desk) as pilot:
        await pilot.press("slash")
        await wait_for(pilot, "号码、姓名")
        monkeypatch.setattr(finding, "search", slowly)
        await pilot.strike("w", "m")  # keys go on being taken while the first question isn't answered
        await pilot.strike("h")
        assert isinstance(desk.app.screen, FindScreen)
        assert desk.app.screen.query_one(Field).value == "wmh"
        go_on.set()
        await wait_for(pilot, "王** 女士")
    assert asked[0] == "w"
    assert asked[-1] == "wmh"
    assert len(asked) == 2


async def test_the_cursor_stays_on_what_it_was_on_when_a_page_was_open_meanwhile(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "宽带", "Q128")
        await pilot.press("down", "down")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(desk.app.screen, WalkPage))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(desk.app.screen, FindScreen))
        await pilot.pause()
        assert isinstance(desk.app.screen, FindScreen)
        assert desk.app.screen.cursor == 2


async def test_a_customer_found_by_hand_opens_as_a_contact_that_is_written_down_with_the_first_deed(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "18612345678", "王** 女士")
        desk.clock.advance(500)
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
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.contact is not None)
        await pilot.press("escape")
        await until(pilot, lambda: desk.app.flow.contact is None)

    site = desk.site()
    assert not entries(site, "contact.opened")
    site.close()
