"""The stored form of a screenshot: small diffs, Chinese text in its cells, nothing fetched from elsewhere."""

from __future__ import annotations

import difflib
import html
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from agentdesk.qa.plugin import Snap
from agentdesk.qa.svg import CELL_WIDTH, lines, stable, take


class Card(App[None]):
    """A name and a field."""

    CSS = "#tier { background: darkblue; color: gold; text-style: bold; }"

    def __init__(self, name: str = "欧阳修远", tier: str = "钻石卡 diamond") -> None:
        super().__init__()
        self.customer = name
        self.tier = tier

    def compose(self) -> ComposeResult:
        yield Static(Content(f"{self.customer} 138****1234 <VIP> & 'own'"))
        yield Static(Content(self.tier), id="tier")
        yield Input("note 备注")


async def picture(app: App[None]) -> str:
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        return take(app)


def runs(svg: str) -> list[tuple[float, float, str]]:
    """Start, width (both in cells) and text of each piece."""
    return [
        (float(x) / CELL_WIDTH, float(width) / CELL_WIDTH, html.unescape(text).replace("\xa0", " "))
        for x, width, text in re.findall(r'x="([\d.]+)" y="[\d.]+" textLength="([\d.]+)"[^>]*>([^<]*)<', svg)
    ]


async def test_a_picture_is_compared_with_an_accepted_one(snap: Snap, request: pytest.FixtureRequest) -> None:
    app = Card()
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.press("end", "!")
        snap(app)

    stored = Path(__file__).parent / "__snapshots__" / "test_svg" / f"{request.node.name}.svg"
    assert "欧阳修远" in stored.read_text(encoding="utf-8")


async def test_chinese_text_is_as_wide_as_its_cells_and_starts_where_it_stands() -> None:
    pieces = runs(await picture(Card()))

    for _, width, text in pieces:
        assert width == pytest.approx(cell_len(text))
    assert next(piece for piece in pieces if "欧" in piece[2]) == (0, 8, "欧阳修远")
    start = next(start for start, _, text in pieces if "138" in text)
    assert start == pytest.approx(8)


async def test_a_changed_letter_is_a_diff_of_one_line() -> None:
    before = (await picture(Card(tier="金卡 gold"))).splitlines()
    after = (await picture(Card(tier="金卡 bold"))).splitlines()

    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]

    assert len(changed) == 2


async def test_the_form_is_stable_and_stands_alone() -> None:
    svg = await picture(Card())

    assert stable(svg) == svg
    assert set(re.findall(r"https?://[^\"'\s]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }


async def test_marks_without_a_width_stay_with_what_they_mark() -> None:
    texts = [text for _, _, text in runs(await picture(Card(name="e\u0301e王")))]

    assert "e\u0301e" in texts
    assert "王" in texts


async def test_the_words_of_a_picture_can_be_read_where_they_stand() -> None:
    shown = lines(await picture(Card()))

    assert shown[:2] == ["欧阳修远 138****1234 <VIP> & 'own'", "钻石卡 diamond"]
