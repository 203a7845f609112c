"""One registry of actions: bindings, footer and help come from it; full-width keys work; fields keep their letters."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from textual import events

from agentdesk.desk import actions, i18n
from agentdesk.desk.actions import DESK, footer, plain_key
from agentdesk.desk.models.help import sheet, sheet_rows
from agentdesk.desk.models.rows import row, text, width
from agentdesk.desk.screens.keys import AROUND
from agentdesk.desk.widgets.field import Field, Words
from tests.desk.driving import answered, looked_for, ring, running, screen_text, until, wait_for
from tests.desk.world import LI, WANG, Desk


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("cells", [80, 120, 200])
@pytest.mark.parametrize("state", sorted(actions.ALWAYS))
def test_the_footer_fits_and_always_ends_with_the_help(state: str, cells: int, language: str) -> None:
    i18n.use(language)
    line = footer(state, cells)
    assert width(line) <= cells
    assert "?" in text(line).split()


TWINS = {"１": "1", "／": "/", "？": "?", "ｖ": "v", "Ｖ": "V", "、": "/", "王": None, "v": None}


@pytest.mark.parametrize(("typed", "plain"), TWINS.items(), ids=[f"u{ord(typed):04x}" for typed in TWINS])
def test_full_width_keys_have_plain_twins(typed: str, plain: str | None) -> None:
    assert plain_key(typed) == plain


async def test_full_width_keys_work_like_their_plain_twins(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("３")
        await wait_for(pilot, "先征询")
        await pilot.press("escape", "ｖ")
        await wait_for(pilot, "请说一下这个号码的服务密码")
        await pilot.press("escape")
        # the pilot knows no name for it, a terminal sends the character
        desk.app.post_message(events.Key("fullwidth_solidus", "／"))
        await wait_for(pilot, "号码、姓名")


async def test_letters_typed_into_a_field_stay_letters(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "voltx１ｖ")
        assert desk.app.screen.query_one(Field).value == "voltx１ｖ"


@pytest.mark.parametrize("key", ["n", "slash"])
async def test_the_terminals_cursor_stands_where_the_text_will_go_before_anything_is_typed(
    tmp_path: Path, key: str
) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(desk.app.focused, Field | Words))
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            field = desk.app.focused
            assert field is not None
            await until(pilot, lambda field=field: desk.app.cursor_position == field.content_region.offset)  # type: ignore[misc]
            assert field.content_region.y > 1


async def test_a_ring_never_takes_enter_from_a_text_field(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await looked_for(pilot, "voltx")
        await ring(desk, pilot, LI)
        await pilot.press("enter")
        await pilot.pause()
        assert desk.app.flow.state == "reserved"
        assert desk.app.screen.query_one(Field).value == "voltx"
        assert "来电" in screen_text(pilot)
        await pilot.press("escape")
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.state == "talking")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_help_has_every_key_at_eighty_columns(language: str) -> None:
    i18n.use(language)
    found = sheet(72)
    shown = [text(line) for line in sheet_rows(found, lambda action: actions.CALL in action.where, 0, 72)]
    assert Counter(found.actions) == Counter(DESK)
    # the keys below the last line in sight come with the cursor
    assert found.height <= 24 - AROUND + 4
    assert all(width(row(line)) <= 72 for line in shown)
    assert not any("…" in line for line in shown)
    for index, action in enumerate(found.actions):
        assert f"{action.shown} " in shown[found.spot(index)[1]]
        # no sentence is longer than the line below the keys
        assert width(row(i18n._(action.sentence))) <= 72


def test_the_cursor_of_the_help_moves_sideways_and_stops_at_the_edges() -> None:
    found = sheet(72)
    for index in range(len(found.actions)):
        column = found.spot(index)[0]
        assert found.spot(found.beside(index, 1))[0] == min(column + 1, len(found.columns) - 1)
        assert found.spot(found.beside(index, -1))[0] == max(column - 1, 0)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_at_eighty_columns_the_footer_of_a_call_names_what_matters(language: str) -> None:
    i18n.use(language)
    shown = text(footer(actions.CALL, 80, skip=frozenset({"choose"}))).split()
    assert {"1-9", "v", "t", "s", "k", "w", "?"} <= set(shown)


async def test_help_and_palette_do_what_they_name(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("question_mark")
        await wait_for(pilot, "按名称找")
        await pilot.press("right", "right", "down", "down", "down")
        await wait_for(pilot, "待上传、已上传、中心答复")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "还没有上传过")
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: desk.app.screen.query(Field))
        desk.clock.advance(500)
        await pilot.press(*"outbox", "enter")
        await wait_for(pilot, "还没有上传过")


async def test_escape_goes_one_step_back_and_ends_at_the_desk(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("a")
        await wait_for(pilot, "处理过程")
        await pilot.press("n")
        await wait_for(pilot, "环节；谁上门")
        for _ in range(6):
            await pilot.press("escape")
        assert desk.app.screen is desk.app.desk_screen
        assert desk.app.flow.contact is not None


async def test_q_leaves_an_idle_desk_and_asks_while_a_contact_is_open(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("q")
        await wait_for(pilot, "接触还没有小结")
        await pilot.press("1")
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
        await pilot.press("q")
        await wait_for(pilot, "接触还没有小结")
        await pilot.press("2")
        await until(pilot, lambda: not desk.app.is_running or desk.app.flow.state == "offline")


async def test_the_other_pane_shows_earlier_contacts_at_eighty_columns(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        main = desk.app.desk_screen.query_one("#main")
        for _ in range(3):
            await pilot.press("m")
        assert "接触记录 4" in "\n".join(text(line) for line in main.rows)  # type: ignore[attr-defined]
        await pilot.press("escape")
        assert "可承诺" in "\n".join(text(line) for line in main.rows)  # type: ignore[attr-defined]
