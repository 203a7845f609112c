from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agentdesk.domain.language.text import (
    MAX_MARKS,
    cells,
    clean,
    cleaned,
    fit,
    fold_width,
    looked_up,
    mask_address,
    mask_id,
    mask_name,
    strip_invisible,
)
from tests.hostile import CONTROLS, ESCAPES, FLOODS, HOSTILE, INVISIBLE, MARKUP, RARE_NAMES

# Any text, with the dangerous characters in it much more often than chance would put them there.
anything = st.lists(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b[]m;\\\x07\x9b\x9d\x9c0P \n\r\t\u0301\u0316\u202e\u200b王明A\uff21\ud800\udc00"),
        st.sampled_from(HOSTILE[:40]),
    ),
    max_size=40,
).map("".join)

FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me"}


def graphemes(text: str) -> int:
    return sum(not is_mark(char) for char in text)


def assert_safe(text: str, limit: int) -> None:
    assert FORBIDDEN.search(text) is None
    assert graphemes(text) <= limit
    assert not text or not is_mark(text[0])
    assert re.search(f"[\u0300-\u036f]{{{MAX_MARKS + 1}}}", text) is None
    assert text == text.strip()
    assert text == unicodedata.normalize("NFC", text)


@given(anything, st.integers(0, 60), st.booleans())
def test_a_cleaned_text_is_safe_short_and_composed(text: str, limit: int, multiline: bool) -> None:
    result = clean(text, limit, multiline)
    assert_safe(result, limit)
    assert multiline or "\n" not in result


@given(anything, st.integers(0, 60), st.booleans())
def test_cleaning_what_is_clean_changes_nothing(text: str, limit: int, multiline: bool) -> None:
    once = clean(text, limit, multiline)
    again = cleaned(once, limit, multiline)
    assert again.text == once
    assert not again.changed
    assert not again.cut


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_every_hostile_text_comes_out_safe(text: str) -> None:
    for multiline in (False, True):
        assert_safe(clean(text, 200, multiline), 200)


@pytest.mark.parametrize("text", ESCAPES + CONTROLS + INVISIBLE, ids=lambda text: ascii(text[:12]))
def test_the_caller_learns_that_a_hostile_text_was_changed(text: str) -> None:
    assert cleaned(text, 1_000).changed


@pytest.mark.parametrize("text", MARKUP + RARE_NAMES)
def test_markup_and_rare_names_come_through_as_they_are(text: str) -> None:
    assert clean(text, 100) == unicodedata.normalize("NFC", text)


def test_an_escape_sequence_goes_with_what_belongs_to_it() -> None:
    assert clean("\x1b]0;标题\x07王小明", 50) == "王小明"
    assert clean("\x1b[31;1m红\x1b[0m", 50) == "红"
    assert clean("\x9b31m八位\x9b0m", 50) == "八位"
    assert clean("\x1bP1$r0m\x1b\\后", 50) == "后"


def test_an_unfinished_sequence_hides_nothing_that_follows() -> None:
    assert clean("\x1b]0;欠费 王小明", 50) == "0;欠费 王小明"


def test_halves_of_a_surrogate_pair_become_the_character_they_mean() -> None:
    assert clean("\ud842\udfb7野家", 10) == "𠮷野家"
    assert clean("\ud842野家", 10) == "野家"


def test_line_breaks_are_kept_only_where_they_are_asked_for() -> None:
    assert clean("一 \r\n二\u2028三", 50) == "一 二 三"
    assert clean("一 \r\n  - 二\n\n\n\n三 ", 50, multiline=True) == "一\n  - 二\n\n三"


def test_full_width_letters_are_folded_only_where_it_is_asked_for() -> None:
    assert clean("ＡＢＣ１２３", 50) == "ＡＢＣ１２３"
    assert cleaned("ＡＢＣ　１２３／", 50, fold=True).text == "ABC 123/"
    assert fold_width("￥１２．５０？") == "￥12.50?"


def test_what_is_looked_up_is_the_same_in_either_spelling_and_looking_up_twice_changes_nothing() -> None:
    for one, other in (("訴求", "诉求"), ("座席", "坐席"), ("帐单", "账单"), ("ＶＩＰ客戶", "vip客户"), ("ABC", "abc")):
        assert looked_up(one) == looked_up(other) == looked_up(looked_up(one))
    assert looked_up("座机") == "座机"


def test_a_cut_text_says_so_and_ends_with_a_whole_character() -> None:
    assert cleaned("e\u0301" * 5, 3).text == "ééé"
    assert cleaned("\u0e01\u0e49" * 5, 3).text == "\u0e01\u0e49" * 3
    assert cleaned("abcdef", 3).cut
    assert not cleaned("abc", 3).cut


def test_strip_invisible_leaves_digits_and_spaces() -> None:
    assert strip_invisible("\u202d186 1234\u202c\x00") == "186 1234"
    assert strip_invisible("186 1234") == "186 1234"


@pytest.mark.parametrize(
    "text",
    [*FLOODS, "\x1b]" * 100_000, "\x9d" * 100_000, "a" + "\u0316\u0301" * 100_000],
    ids=lambda text: ascii(text[:12]),
)
def test_a_flood_is_gone_through_once(text: str) -> None:
    # a hundredth of a second of CPU; what goes through it again for each character takes minutes
    start = time.process_time()
    clean(text, 2_000, multiline=True)
    clean(text, 2_000)
    assert time.process_time() - start < 10


@given(anything, st.integers(0, 30), st.booleans())
def test_a_fitted_text_fits_and_is_a_beginning(text: str, width: int, wide: bool) -> None:
    result = fit(text, width, "...", wide)
    assert cells(result, wide) <= width
    if result != text:
        assert text.startswith(result.removesuffix("..."))


@given(st.text("王a·…１\u0301", max_size=20), st.integers(4, 20))
def test_a_fitted_text_uses_all_but_one_cell(text: str, width: int) -> None:
    if cells(text) > width:
        assert width - 1 <= cells(fit(text, width)) <= width


def test_a_wide_character_is_never_halved() -> None:
    assert fit("王小明明", 6) == "王小…"
    assert fit("王小明明", 7) == "王小明…"
    assert fit("王小明明", 8) == "王小明明"
    assert fit("王小明", 1, "...") == ""
    assert fit("ab", 1, "...") == "a"


@pytest.mark.parametrize(
    "text", ["abc", "王小明", "𠮷", "ＡＢ１", "é", "한국", "a\u0301b", "《“”》", "中a文", "｡ｱ", "🙂"]
)
def test_widths_agree_with_the_screen_library(text: str) -> None:
    assert cells(text) == cell_len(text)


def test_ambiguous_characters_are_wide_where_the_terminal_draws_them_wide() -> None:
    assert cells("·…“”■●①→") == 8
    assert cells("·…“”■●①→", ambiguous_wide=True) == 16
    assert cells("王a", ambiguous_wide=True) == 3
    assert cells("\U000313ac") == 2


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王**"),
        ("王明", "王*"),
        ("王", "王*"),
        ("王·小明", "王**"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧*"),
        ("买买提·艾力", "买**"),
        ("𠮷野家", "𠮷**"),
        ("王 小明", "王**"),
        ("John Smith", "J*** S***"),
        ("Nguyễn Thị Hòa", "N*** T*** H***"),
        ("སྒྲོལ་མ", "སྒྲོ***"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_masked_name_shows_its_beginning(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text("王李欧阳小明abcdé ·", max_size=30))
def test_a_masked_name_hides_more_than_it_shows_of_a_chinese_name(name: str) -> None:
    masked = mask_name(name)
    assert masked.count("*") >= 1 or not name.strip()
    assert len(masked) <= 15


@given(st.text("0123456789X", max_size=20))
def test_a_masked_certificate_never_shows_its_tail(text: str) -> None:
    masked = mask_id(text)
    assert len(masked) == len(text)
    assert set(masked[4:]) <= {"*"}
    assert masked.count("*") * 4 >= len(text) * 3


def test_a_masked_address_ends_with_the_district() -> None:
    assert mask_address("北京市海淀区中关村大街1号") == "北京市海淀区****"
    assert mask_address("山东省济南市历下区泺源大街") == "山东省济南市历下区****"
    assert mask_address("中关村大街1号") == "中关村****"
    assert mask_address("") == ""
