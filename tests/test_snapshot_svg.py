"""The stored form of a screenshot: small diffs, Chinese text in its cells, nothing fetched from elsewhere."""

from __future__ import annotations

import difflib
import html
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual._doc import take_svg_screenshot
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from tests.snapshot_svg import CELL_WIDTH, SnapCompare, stable


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


def picture(app: App[None]) -> str:
    return take_svg_screenshot(app, terminal_size=(40, 6))


def runs(svg: str) -> list[tuple[float, float, str]]:
    """Start, width (both in cells) and text of each piece."""
    return [
        (float(x) / CELL_WIDTH, float(width) / CELL_WIDTH, html.unescape(text).replace("\xa0", " "))
        for x, width, text in re.findall(r'x="([\d.]+)" y="[\d.]+" textLength="([\d.]+)"[^>]*>([^<]*)<', svg)
    ]


def test_a_screenshot_is_compared_with_a_stored_svg(snap_compare: SnapCompare, request: pytest.FixtureRequest) -> None:
    assert snap_compare(Card(), terminal_size=(40, 6), press=["end", "!"])

    stored = Path(__file__).parent / "__snapshots__" / "test_snapshot_svg" / f"{request.node.name}.svg"
    assert "欧阳修远" in stored.read_text(encoding="utf-8")
    assert not list(stored.parent.glob("*.raw"))


def test_chinese_text_is_as_wide_as_its_cells_and_starts_where_it_stands() -> None:
    pieces = runs(stable(picture(Card())))

    for _, width, text in pieces:
        assert width == pytest.approx(cell_len(text))
    assert next(piece for piece in pieces if "欧" in piece[2]) == (0, 8, "欧阳修远")
    start = next(start for start, _, text in pieces if "138" in text)
    assert start == pytest.approx(8)


def test_a_changed_letter_is_a_diff_of_one_line() -> None:
    before = stable(picture(Card(tier="金卡 gold"))).splitlines()
    after = stable(picture(Card(tier="金卡 bold"))).splitlines()

    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]

    assert len(changed) == 2


def test_the_form_is_stable_and_stands_alone() -> None:
    svg = stable(picture(Card()))

    assert stable(svg) == svg
    assert set(re.findall(r"https?://[^\"'\s]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }


def test_marks_without_a_width_stay_with_what_they_mark() -> None:
    texts = [text for _, _, text in runs(stable(picture(Card(name="e\u0301e王"))))]

    assert "e\u0301e" in texts
    assert "王" in texts
