from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.finance.money import MAX_AMOUNT, AmountError, format_minor, parse_amount, pro_rata, share

amounts = st.integers(-MAX_AMOUNT, MAX_AMOUNT)


@given(st.integers(0, MAX_AMOUNT))
def test_what_is_shown_can_be_typed_again(amount: int) -> None:
    assert parse_amount(format_minor(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("36", 3_600),
        ("36.5", 3_650),
        ("36.05", 3_605),
        ("¥36.00", 3_600),
        ("￥36", 3_600),
        ("1,200", 120_000),
        ("1，200.50", 120_050),
        ("３６．５元", 3_650),
        ("36。5", 3_650),
        (" 36 元 ", 3_600),
        ("36元整", 3_600),
        ("RMB 36", 3_600),
        ("0", 0),
        ("007", 700),
    ],
)
def test_an_amount_is_read_as_people_type_it(text: str, amount: int) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" ¥ ", "empty"),
        ("36.005", "decimals"),
        ("36.500", "decimals"),
        ("-36", "negative"),
        ("¥-36", "negative"),
        ("－３６", "negative"),
        ("(36)", "negative"),
        ("1.2E3", "exponent"),
        ("1e3", "exponent"),
        ("36.", "not_a_number"),
        (".5", "not_a_number"),
        ("1,20", "not_a_number"),
        ("12,00,000", "not_a_number"),
        ("+36", "not_a_number"),
        ("三十六", "not_a_number"),
        ("36 37", "not_a_number"),
        ("٣٦", "not_a_number"),
        ("inf", "not_a_number"),
        ("9" * 20, "too_large"),
        ("9" * 5_000, "not_a_number"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_to_type(text: str, code: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_amount(text)
    assert caught.value.code == code
    assert str(caught.value).startswith("type ")
    assert "\n" not in str(caught.value)


@given(st.text(max_size=80))
def test_any_text_is_an_amount_in_range_or_refused(text: str) -> None:
    try:
        amount = parse_amount(text)
    except AmountError:
        return
    assert 0 <= amount <= MAX_AMOUNT


def test_amounts_are_shown_with_their_currency() -> None:
    assert format_minor(3_600) == "¥36.00"
    assert format_minor(120_000_05, lang="en") == "¥120,000.05"
    assert format_minor(-5) == "-¥0.05"
    assert format_minor(3_600, "USD") == "36.00 美元"
    assert format_minor(3_600, "USD", "en") == "US$36.00"
    assert format_minor(-3_600, "THB", "en") == "-36.00 THB"


weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(amounts, weights)
def test_shares_add_up_and_are_less_than_a_unit_off(total: int, parts: list[int]) -> None:
    shares = share(total, parts)
    assert sum(shares) == total
    for got, weight in zip(shares, parts, strict=True):
        assert abs(Fraction(got) - Fraction(total * weight, sum(parts))) < 1


@given(st.integers(0, MAX_AMOUNT), weights)
def test_a_larger_weight_never_gets_a_smaller_share(total: int, parts: list[int]) -> None:
    pairs = sorted(zip(parts, share(total, parts), strict=True))
    assert [got for _, got in pairs] == sorted(got for _, got in pairs)


def test_the_first_of_equals_gets_what_is_over() -> None:
    assert share(100, [1, 1, 1]) == (34, 33, 33)
    assert share(-100, [1, 1, 1]) == (-34, -33, -33)
    assert share(2_730, [0, 5]) == (0, 2_730)


@pytest.mark.parametrize("parts", [[], [0], [0, 0], [3, -1]])
def test_sharing_needs_a_weight(parts: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        share(100, parts)


@given(amounts, st.integers(-10_000, 10_000), st.integers(1, 10_000))
def test_pro_rata_rounds_half_to_even(amount: int, part: int, whole: int) -> None:
    assert pro_rata(amount, part, whole) == round(Fraction(amount * part, whole))


def test_pro_rata_needs_a_whole() -> None:
    assert pro_rata(9_900, 7, 30) == 2_310
    with pytest.raises(ValueError, match="above 0"):
        pro_rata(100, 1, 0)
