"""The palette on a page: what the page does, and what the desk can do from there without going back first."""

from __future__ import annotations

from pathlib import Path

from agentdesk.desk.actions import ANYWHERE, DESK
from agentdesk.desk.screens.customer import CustomerPage
from agentdesk.desk.screens.help import HelpScreen
from agentdesk.desk.screens.outbox import OutboxScreen
from agentdesk.desk.screens.worklist import WorklistScreen
from tests.desk.driving import Hand, answered, running, until, wait_for
from tests.desk.world import WANG, Desk


async def worklist(desk: Desk, pilot: Hand) -> None:
    """Open a page."""
    await pilot.press("l")
    await until(pilot, lambda: isinstance(desk.app.screen, WorklistScreen))


async def palette(desk: Desk, pilot: Hand, typed: str) -> HelpScreen:
    """Open the palette and type into it."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(desk.app.screen, HelpScreen))
    screen = desk.app.screen
    assert isinstance(screen, HelpScreen)
    desk.clock.advance(500)
    await pilot.press(*typed)
    return screen


def test_what_can_be_begun_anywhere_is_done_by_one_key_of_the_desk() -> None:
    known = {action.id: action for action in DESK}
    assert set(known) >= ANYWHERE
    assert not any(known[name].series for name in ANYWHERE)


async def test_from_a_page_the_desks_own_is_found_and_escape_leads_back_to_the_page(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await worklist(desk, pilot)
        await palette(desk, pilot, "outbox")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(desk.app.screen, OutboxScreen))
        await pilot.press("escape")
        assert isinstance(desk.app.screen, WorklistScreen)


async def test_a_page_is_not_offered_itself_and_the_desks_keys_are_not_printed_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await worklist(desk, pilot)
        listed = {action.id: action for action in (await palette(desk, pilot, "")).actions}
        assert "desk.worklist" not in listed
        assert {"desk.find", "desk.knowledge", "worklist.chase"} <= set(listed)
        assert not any(action.shown for name, action in listed.items() if name.startswith("desk."))
        assert "desk.quit" not in listed
        assert "desk.offer" not in listed


async def test_what_needs_a_contact_works_from_a_page_while_there_is_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await worklist(desk, pilot)
        await palette(desk, pilot, "desk.rights")
        await pilot.press("enter")
        assert isinstance(desk.app.screen, HelpScreen)
        await pilot.press("escape", "escape")
        await answered(desk, pilot, WANG)
        await worklist(desk, pilot)
        await palette(desk, pilot, "desk.rights")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(desk.app.screen, CustomerPage))


async def test_who_is_found_from_a_page_stands_on_the_desk(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await worklist(desk, pilot)
        await palette(desk, pilot, "desk.find")
        await pilot.press("enter")
        await wait_for(pilot, "号码、姓名")
        await pilot.press(*"wmh")
        await wait_for(pilot, "王** 女士")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.contact is not None)
        assert desk.app.screen is desk.app.desk_screen
