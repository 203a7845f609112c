from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.numbering.ids import (
    RANDOM_BYTES,
    SITES,
    check,
    digits_number,
    new_id,
    parts_of,
    spoken,
    uuid7,
    uuid7_ms,
)

times = st.integers(0, (1 << 48) - 1)
randoms = st.binary(min_size=RANDOM_BYTES, max_size=16)
sites = st.integers(0, SITES - 1)
sequences = st.integers(0, 10**12)


@given(times, randoms)
def test_an_id_is_a_uuid_of_version_7(now: int, random: bytes) -> None:
    text = uuid7(now, random)
    parsed = UUID(text)
    assert str(parsed) == text
    assert parsed.version == 7
    assert parsed.variant == "specified in RFC 4122"
    assert uuid7_ms(text) == now


@given(times, times, randoms, randoms)
def test_ids_sort_by_their_time(first: int, second: int, one: bytes, other: bytes) -> None:
    if first < second:
        assert uuid7(first, one) < uuid7(second, other)


@given(times, st.integers(0, (1 << 80) - 1), st.integers(0, (1 << 80) - 1))
def test_ids_of_one_ms_keep_74_random_bits(now: int, one: int, other: int) -> None:
    same = (one ^ other) & ((1 << 74) - 1) == 0
    ids = {uuid7(now, value.to_bytes(RANDOM_BYTES, "big")) for value in (one, other)}
    assert len(ids) == (1 if same else 2)


def test_an_id_takes_its_time_and_chance_from_outside() -> None:
    assert new_id(lambda: 1_700_000_000_000, bytes) == "018bcfe5-6800-7000-8000-000000000000"


@pytest.mark.parametrize(("now", "random"), [(-1, bytes(10)), (1 << 48, bytes(10)), (0, bytes(9))])
def test_an_id_is_refused_what_it_can_t_hold(now: int, random: bytes) -> None:
    with pytest.raises(ValueError, match="id"):
        uuid7(now, random)


@given(sites, sequences)
def test_a_number_says_who_made_it(site_no: int, sequence: int) -> None:
    number = digits_number(site_no, sequence)
    assert number.isdigit()
    assert number[0] != "0"
    assert parts_of(number) == (site_no, sequence)
    assert parts_of(spoken(number)) == (site_no, sequence)


@given(sites, sequences, sites, sequences)
def test_two_numbers_are_never_the_same(site: int, sequence: int, other_site: int, other: int) -> None:
    same = (site, sequence) == (other_site, other)
    assert (digits_number(site, sequence) == digits_number(other_site, other)) == same


@given(sites, sequences, st.data())
def test_a_wrong_digit_is_noticed(site_no: int, sequence: int, data: st.DataObject) -> None:
    number = digits_number(site_no, sequence)
    place = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda wrong: wrong != number[place]))
    assert not check(number[:place] + digit + number[place + 1 :])


@given(sites, sequences, st.data())
def test_two_digits_swapped_are_noticed(site_no: int, sequence: int, data: st.DataObject) -> None:
    number = digits_number(site_no, sequence)
    place = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert check(swapped) == (swapped == number)


@pytest.mark.parametrize("text", ["", "1", "abc", "100120001", "0", "١٠٠١", "1001²", "-", "9" * 4_000])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parts_of(text) is None


def test_a_number_is_heard_in_short_groups() -> None:
    number = digits_number(12, 123)
    assert number[:-1] == "10012000123"
    assert spoken(number) == f"1001 2000 123{number[-1]}"
    assert spoken("1234567890123") == "1234 5678 90 123"
    assert check(number.translate(str.maketrans("0123456789", "０１２３４５６７８９")))


@pytest.mark.parametrize(("site_no", "sequence"), [(-1, 0), (SITES, 0), (0, -1)])
def test_a_number_is_refused_what_it_can_t_say(site_no: int, sequence: int) -> None:
    with pytest.raises(ValueError, match=r"site number|sequence"):
        digits_number(site_no, sequence)
