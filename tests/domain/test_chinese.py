"""Chinese as it is looked for: traditional and simplified are one, and each reading of a family name finds the name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from agentdesk._resources import chinese_table
from agentdesk.domain.language.chinese import DOUBLE_SURNAMES, PLAIN, SURNAMES, Chinese

TABLE = Chinese.load(chinese_table().read_bytes())
USUAL = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
"""The 3,755 most usual characters."""

usual_texts = st.text(st.sampled_from(USUAL), min_size=1, max_size=12)
CONVERTERS = [OpenCC(name) for name in ("s2t", "s2tw", "s2hk", "s2twp")]


@given(usual_texts, st.sampled_from(CONVERTERS[:3]))
def test_a_text_in_traditional_characters_is_the_same_as_in_simplified_ones(text: str, converter: OpenCC) -> None:
    assert TABLE.fold(converter.convert(text)) == TABLE.fold(text)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_part_of_a_text_is_folded_to_a_part_of_the_folded_text(one: str, other: str) -> None:
    for table in (TABLE, PLAIN):
        assert table.fold(one + other) == table.fold(one) + table.fold(other)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_and_leaves_no_sign_that_a_query_could_be_made_of(text: str) -> None:
    folded = TABLE.fold(text)
    assert TABLE.fold(folded) == folded
    assert all(not one.isascii() or one.isalnum() or one == " " for one in folded)
    folded.encode()


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("訴求", "诉求"),
        ("座席帳號", "坐席账号"),
        ("ＶＩＰ　Wi-Fi", "vip wi fi"),
        ("José", "jose"),
        ("鍾書 锺书", "钟书 钟书"),
        ("好，\u0000\ud800再见", "好   再见"),
        ("\u202e王\u200b明", "王明"),
    ],
)
def test_how_a_text_is_folded(written: str, folded: str) -> None:
    assert TABLE.fold(written) == folded


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("曾小明", ("zengxiaoming", "zxm", "cengxiaoming")),
        ("單雄信", ("shanxiongxin", "sxx", "danxiongxin")),
        ("翟天临", ("zhaitianlin", "ztl", "ditianlin")),
        ("仇英", ("qiuying", "qy")),
        ("解缙", ("xiejin", "xj")),
        ("查良镛", ("zhaliangyong", "zly")),
        ("欧阳修", ("ouyangxiu", "oyx")),
        ("单于明", ("chanyuming", "cym")),
        ("尉迟恭", ("yuchigong", "ycg")),
        ("万俟雅", ("moqiya", "mqy")),
        ("长孙无忌", ("zhangsunwuji", "zswj")),
        ("吕布", ("lvbu", "lb")),
        ("John Smith", ("johnsmith", "js")),
        ("热依汗·吐尔逊", ("reyihantuerxun",)),
    ],
)
def test_a_name_is_typed_as_it_is_spoken(name: str, typed: tuple[str, ...]) -> None:
    assert set(typed) <= set(TABLE.spoken(TABLE.fold(name)))


@given(st.sampled_from(sorted(SURNAMES)), st.text(st.sampled_from(USUAL), max_size=3))
def test_every_reading_of_a_family_name_leads_to_the_name(family: str, given_name: str) -> None:
    keys = TABLE.spoken(family + given_name)
    for sound in SURNAMES[family] + TABLE.sounds(family):
        assert any(key.startswith(sound) for key in keys) or family + given_name[:1] in DOUBLE_SURNAMES


def test_every_usual_character_has_a_sound_and_every_family_name_is_as_it_is_folded() -> None:
    assert [one for one in USUAL if not TABLE.sounds(TABLE.fold(one))] == []
    assert [one for one in (*SURNAMES, *DOUBLE_SURNAMES) if TABLE.fold(one) != one] == []


@given(st.text(max_size=60))
def test_any_text_has_a_bounded_number_of_ways_to_be_typed(text: str) -> None:
    assert len(TABLE.spoken(TABLE.fold(text))) <= 48


@pytest.mark.parametrize("data", [b"", b"what else", b"agentdesk-chinese-1\nwhat else"])
def test_what_is_no_table_is_told_so(data: bytes) -> None:
    with pytest.raises(ValueError, match="table of Chinese"):
        Chinese.load(data)
