from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.numbering import homes
from agentdesk.domain.numbering.area_codes import areas
from agentdesk.domain.numbering.homes import HomeTable, build_home_table, home, home_now
from agentdesk.domain.numbering.numbers import Number, normalise


@pytest.fixture(scope="module")
def table() -> HomeTable:
    """Return the table that the geocoder's data make; some seconds, once."""
    return HomeTable.load(build_home_table())


def test_the_home_of_a_fixed_line_needs_nothing_loaded() -> None:
    assert home_now("+8653182345678") == "山东济南"
    assert home_now("+8653182345678", "en") == "Jinan, Shandong"
    assert home_now("+861082345678") == "北京"
    assert home_now("+861082345678", "en_GB") == "Beijing"
    assert home_now("+8643282345678") == "吉林吉林"


def test_hotlines_are_at_home_nowhere(table: HomeTable) -> None:
    for number in ("10010", "+864008001234", "+868008101234", "", "x"):
        assert home(number) is None
        assert home(number, "zh", table) is None


def test_a_mobile_s_home_is_found_in_the_table(table: HomeTable) -> None:
    assert home("+8618612345678", "zh", table) == "北京"
    assert home("+8613905311234", "zh", table) == "山东济南"
    assert home("+8613905311234", "en", table) == "Jinan, Shandong"
    assert home_now("+8613905311234") is None


def test_countries_are_found_in_the_table(table: HomeTable) -> None:
    assert home("+442071234567", "zh", table) == "英国"
    assert home("+85291234567", "zh", table) == "中国香港"
    assert home("+12025550123", "en", table) == "United States/Canada"
    assert home("+9991234567", "zh", table) is None


@given(number=st.integers(13_000_000_000, 19_999_999_999), lang=st.sampled_from(["zh", "en"]))
def test_table_and_geocoder_agree(number: int, lang: str, table: HomeTable) -> None:
    found = normalise(str(number))
    assert isinstance(found, Number)
    if found.assigned:
        assert home(found.e164, lang, table) == home(found.e164, lang)


def test_towns_have_one_name_whichever_line_they_have(table: HomeTable) -> None:
    mobile = {tuple(names) for names in table.names}
    numbers = [f"+86{code}{'23456789'[: area.lengths[0]]}" for code, area in areas().items()]
    fixed = {(home_now(number), home_now(number, "en")) for number in numbers}
    # The geocoder counts the mobiles of these two under the prefecture around them.
    assert {zh for zh, _ in fixed - mobile} == {"青海格尔木", "新疆奎屯"}


def test_a_broken_table_is_refused(table: HomeTable, tmp_path: Path) -> None:
    broken = [b"", b"x", homes._MAGIC + b"x", homes._MAGIC + zlib.compress(b"{}\n" + b"\0" * 8)]
    for data in broken:
        with pytest.raises(ValueError, match="build it again"):
            HomeTable.load(data)
