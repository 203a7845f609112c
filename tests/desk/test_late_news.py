"""A slow disk: what was begun in a dialog ends after the agent went on, and touches nothing that isn't its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.desk import news
from agentdesk.desk.screens.find import FindScreen
from agentdesk.desk.screens.note import NoteDialog
from agentdesk.desk.screens.promise import PromiseDialog
from tests.desk.driving import LONG_S, answered, note_box, promised, running, until, wait_for
from tests.desk.world import REGION, WANG, Desk, entries, fill, work


@asynccontextmanager
async def slow_disk(desk: Desk) -> AsyncIterator[None]:
    """Let nothing of the store be done before the end of the block."""
    there, go_on = threading.Event(), threading.Event()

    def hold(_site: object) -> None:
        there.set()
        go_on.wait(LONG_S)

    held = asyncio.create_task(desk.app.backend.run(hold))
    await asyncio.to_thread(there.wait, LONG_S)
    try:
        yield
    finally:
        go_on.set()
        await held


async def test_a_note_that_is_written_late_closes_no_other_screen(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await note_box(desk, pilot)
        await pilot.press(*"late")
        async with slow_disk(desk):
            await pilot.strike("enter", "escape", "slash")
            assert isinstance(desk.app.screen, FindScreen)
        await pilot.pause()
        assert isinstance(desk.app.screen, FindScreen)

    site = desk.site()
    assert [e.body["text"] for e in entries(site, "note.added") if e.body] == ["late"]
    site.close()


async def test_enter_twice_writes_one_note(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await note_box(desk, pilot)
        await pilot.press(*"once")
        async with slow_disk(desk):
            await pilot.strike("enter", "enter")
        await wait_for(pilot, "备注已保存")
        assert desk.app.screen is desk.app.desk_screen

    site = desk.site()
    assert len(entries(site, "note.added")) == 1
    site.close()


async def test_a_dialog_that_was_left_before_it_had_read_anything_fails_nowhere(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        async with slow_disk(desk):
            await pilot.strike("n", "escape", "slash", "9", "escape", "l", "escape", "o", "escape")
            assert desk.app.screen is desk.app.desk_screen
        await pilot.pause()
        assert not desk.app.failures


async def test_a_promise_is_told_once_however_often_enter_is_pressed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await promised(desk, pilot, "3")
        desk.clock.advance(500)
        async with slow_disk(desk):
            await pilot.strike("enter", "enter", "z", "escape")
            assert isinstance(desk.app.screen_stack[-1], PromiseDialog)
        await until(pilot, lambda: desk.contact.promises[0].told)
        assert desk.app.screen is desk.app.desk_screen

    site = desk.site()
    assert len(entries(site, "commitment.spoken")) == 1
    site.close()


async def test_what_sync_brings_is_shown_when_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "PULSE_S", 3_600.0)  # the desk doesn't look by itself
    told: list[Callable[[], None]] = []
    desk = Desk(tmp_path, start_sync=told.append)

    def bring(upto: int, changes: dict[str, str]) -> None:
        site = desk.site()
        late = next(d for d in work() if d.data.get("number") == "100010002188")
        fill(site, REGION, [replace(late, rev=upto, data={**late.data, **changes})], upto)
        site.close()
        thread = threading.Thread(target=told[0])  # one that knows nothing of the desk
        thread.start()
        thread.join()

    async with running(desk) as pilot:
        await wait_for(pilot, "宽带频繁掉线")
        await asyncio.to_thread(bring, 50, {"title": "宽带昨晚又掉线"})
        await wait_for(pilot, "宽带昨晚又掉线")
        # what comes soon after is not left lying
        for n in range(51, 60):
            await asyncio.to_thread(bring, n, {"title": f"宽带第{n}次掉线"})
        await wait_for(pilot, "宽带第59次掉线")
    told[0]()  # sync ends a moment after the desk


async def test_the_desk_goes_down_while_news_comes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("n")
        assert isinstance(desk.app.screen, NoteDialog)
    assert not desk.app.screen_stack
    # a timer or a thread may be a moment late
    with desk.app._context():
        desk.app._tick()
        desk.app.showing.show()
        desk.app.news.brought()
