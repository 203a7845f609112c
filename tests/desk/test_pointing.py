"""Going to a line by a letter or the mouse, and copying the number that stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from agentdesk.desk.models.rows import Row, hints, row
from agentdesk.desk.pointing.copying import numbers_in
from agentdesk.desk.pointing.jump import LETTERS, labels
from agentdesk.desk.pointing.mouse import key_of
from agentdesk.desk.pointing.targets import key_at
from agentdesk.desk.screens.page import Page
from agentdesk.desk.screens.ticket import TicketPage
from agentdesk.desk.widgets.lines import Lines
from tests.desk.driving import Hand, answered, running, screen_text, until, wait_for
from tests.desk.world import WANG, Desk


def test_labels_are_as_short_as_they_can_be_and_none_begins_another() -> None:
    for count in (0, 1, len(LETTERS), len(LETTERS) + 1, 300):
        found = labels(count)
        assert len(set(found)) == count
        assert len({len(one) for one in found}) <= 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("王** 女士  186****5678 北京", ["186****5678"]),
        ("2026 1124 02188  宽带频繁掉线", ["20261124" + "02188"]),
        ("+86 186-1234-5678, again 18612345678", ["+8618612345678", "18612345678"]),
        ("¥128.40, 14:32, 26 min late, 9 of 12", []),
    ],
)
def test_numbers_are_copied_as_they_stand_there(words: str, found: list[str]) -> None:
    assert numbers_in([row(words)]) == found


FOOT: Row = hints(("Enter", "open"), ("u", "chase"), ("1-9", "promise"), ("^p", "palette"))


def test_a_click_on_a_key_or_its_word_is_that_key() -> None:
    said = "".join(span.text for span in FOOT)
    assert key_at(FOOT, said.index("Enter")) == "Enter"
    assert key_at(FOOT, said.index("chase") + 2) == "u"
    assert key_at(FOOT, said.index("chase") + len("chase")) == ""
    assert key_at(FOOT, 400) == ""
    keys = [key_of(shown) for shown in ("Enter", "u", "^p", "?", "1-9", "", "F2")]
    assert [key.key if key else None for key in keys] == ["enter", "u", "ctrl+p", "question_mark", None, None, "f2"]


def page(pilot: Hand) -> Page:
    assert isinstance(pilot.app.screen, Page)
    return pilot.app.screen


async def worklist(desk: Desk, pilot: Hand) -> Lines:
    await until(pilot, lambda: desk.app.open_work is not None)
    await pilot.press("l")
    await until(pilot, lambda: isinstance(desk.app.screen, Page) and desk.app.screen.count >= 2)
    return pilot.app.screen.query_one("#page-body", Lines)


async def test_a_letter_goes_to_the_line_that_it_stands_beside(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        body = await worklist(desk, pilot)
        await pilot.press("semicolon")
        assert body.labelled == {1: "a", 2: "s"}
        assert body.render_line(2).text.startswith("s")
        await pilot.press("s")
        await until(pilot, lambda: not isinstance(desk.app.screen, Page) or desk.app.screen.place != "worklist")
        assert body.labelled == {}


async def test_any_other_key_takes_the_letters_away_and_does_nothing_else(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        body = await worklist(desk, pilot)
        for key in ("escape", "1", "q"):
            await pilot.press("semicolon")
            assert body.labelled
            await pilot.press(key)
            assert body.labelled == {}
            assert page(pilot).place == "worklist"


async def test_on_the_desk_letters_stand_beside_promises_and_open_work(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        main = desk.app.desk_screen.query_one("#main", Lines)
        await pilot.press("semicolon")
        opens = {main.rows[index][0].text.strip(): label for index, label in main.labelled.items()}
        assert {"1", "2", "a"} <= set(opens)
        await pilot.press(opens["a"])
        await until(pilot, lambda: isinstance(desk.app.screen, TicketPage))


async def test_a_click_puts_the_cursor_on_a_line_and_another_opens_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        body = await worklist(desk, pilot)
        assert page(pilot).cursor == 0
        # the widget's padding is a cell to the left and a line above
        await pilot.click(body, offset=(20, 3))
        await pilot.pause()
        assert page(pilot).cursor == 1
        assert page(pilot).place == "worklist"
        await pilot.click(body, offset=(20, 3))
        await until(pilot, lambda: not isinstance(desk.app.screen, Page) or desk.app.screen.place != "worklist")


async def test_a_click_on_a_key_in_the_footer_presses_it_and_the_wheel_moves_the_cursor(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        body = await worklist(desk, pilot)
        body.post_message(MouseScrollDown(body, 20, 3, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert page(pilot).cursor == 1
        body.post_message(MouseScrollUp(body, 20, 3, 0, -1, 0, False, False, False))
        await pilot.pause()
        assert page(pilot).cursor == 0
        foot = pilot.app.screen.query_one("#page-keys", Lines)
        said = "".join(span.text for span in foot.rows[0])
        await pilot.click(foot, offset=(len(said[: said.index("返回")].encode("gbk")), 0))
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)


async def test_y_copies_the_number_and_a_second_y_shows_it_to_be_selected(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(desk.app.screen, TicketPage))
        await pilot.press("y")
        number = str(desk.app.screen.document.data["number"])  # type: ignore[attr-defined]
        assert desk.app.clipboard == number
        assert f"已复制: {number}" in screen_text(pilot)
        await pilot.press("y")
        await wait_for(pilot, "剪贴板里没有")
        assert number in screen_text(pilot).splitlines()


async def test_a_masked_number_copies_its_mask(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("y")
        await wait_for(pilot, "复制哪个号码")
        await pilot.press("1")
        assert desk.app.clipboard == "186****5678"
        assert WANG[3:] not in screen_text(pilot)
