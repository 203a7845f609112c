"""Lines are measured in cells, cut at whole words and characters, and carry nothing that a terminal obeys."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.desk import glyphs, i18n
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import Column, cut, ends, flow, pad, row, safe, table, text, width, wrap
from tests.hostile import HOSTILE

TEXTS = st.text(st.sampled_from("abc d王敏…·“”—！，。e1"), max_size=40)


@pytest.fixture(autouse=True)
def narrow() -> Iterator[None]:
    """Each test begins with the ordinary signs and English, and leaves nothing behind."""
    glyphs.use(False)
    i18n.use("en")
    yield
    glyphs.use(False)


@given(TEXTS, TEXTS, st.integers(0, 60))
def test_a_cut_line_never_takes_more_cells_than_it_may(one: str, other: str, cells: int) -> None:
    line = row(one, (other, "quiet"))
    assert width(cut(line, cells)) <= cells
    assert width(pad(line, cells)) == cells
    assert width(ends(line, row(other), cells)) <= max(cells, 0)


@given(st.lists(TEXTS, min_size=3, max_size=3), st.integers(12, 100))
def test_a_table_is_exactly_as_wide_as_it_is_asked_to_be(cells: list[str], wide: int) -> None:
    columns = (Column(3), Column(0), Column(4, True))
    assert width(table(columns, [row(cell) for cell in cells], wide)) == wide


@given(TEXTS, st.integers(4, 40))
def test_wrapped_text_loses_nothing_but_spaces(words: str, cells: int) -> None:
    lines = wrap(words, cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join(map(text, lines)).replace(" ", "") == words.replace(" ", "")


@given(TEXTS, st.integers(-20, 3))
def test_where_there_is_no_room_wrapping_comes_to_an_end_all_the_same(words: str, cells: int) -> None:
    assert "".join(map(text, wrap(words, cells))).replace(" ", "") == words.replace(" ", "")


def test_a_text_is_cut_after_a_whole_word() -> None:
    assert glyphs.fit("Disputed data at package rate", 24) == "Disputed data at…"
    assert glyphs.fit("流量争议折算退费", 9) == "流量争议…"


def test_items_are_never_broken_over_two_lines() -> None:
    lines = flow([row("one two"), row("three four"), row("five")], 20)
    assert [text(line) for line in lines] == ["one two   three four", "five"]


@given(TEXTS)
def test_nothing_of_ambiguous_width_is_drawn_where_that_is_wide(words: str) -> None:
    glyphs.use(True)
    shown = text(row(words))
    assert not [c for c in shown if unicodedata.east_asian_width(c) == "A"]
    glyphs.use(False)


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_the_signs_themselves_fit_their_terminal(wide: bool) -> None:
    glyphs.use(wide)
    signs = glyphs.current()
    for name in signs.__slots__:
        value = getattr(signs, name)
        if wide:
            assert not [c for c in value if unicodedata.east_asian_width(c) == "A"]
    assert len({signs.diamond, signs.vip, signs.standard}) == 3


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_comes_out_as_one_harmless_line(hostile: str) -> None:
    shown = text(row(safe(hostile)))
    assert shown.isprintable() or shown == ""
    assert "\x1b" not in shown
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs")]


@pytest.mark.parametrize(
    ("ms", "english", "chinese"),
    [
        (30_000, "< 1 min", "不到 1 分钟"),
        (18 * 60_000, "18 min", "18 分钟"),
        (5 * 3_600_000, "5 h", "5 小时"),
        (2 * 86_400_000, "2 days", "2 天"),
        (11 * 365 * 86_400_000, "11 years", "11 年"),
    ],
)
def test_a_length_of_time_is_said_in_its_largest_unit(ms: int, english: str, chinese: str) -> None:
    assert times.span(ms) == english
    i18n.use("zh-CN")
    assert times.span(ms) == chinese


def test_what_is_left_and_how_late() -> None:
    at = 1_795_501_920_000
    assert times.left(at + 18 * 60_000, at) == ("18 min left", False)
    # a minute that has begun is still there
    assert times.left(at + 17 * 60_000 + 1, at) == ("18 min left", False)
    assert times.left(at - 26 * 60_000, at) == ("26 min late", True)
    assert times.left(None, at) == ("", False)


def test_a_moment_is_named_by_its_day() -> None:
    at = 1_795_501_920_000
    assert times.moment(at + 600_000, at) == "today 14:42"
    assert times.moment(at + times.DAY_MS, at) == "tomorrow 14:32"
    assert times.moment(at - times.DAY_MS, at) == "yesterday 14:32"
    i18n.use("zh-CN")
    assert times.moment(at + 3 * times.DAY_MS, at) == "11月27日 14:32"
