"""Sample numbers are valid, nobody's, at home where they say, and never come up twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.numbering.homes import home_now
from agentdesk.domain.numbering.numbers import Number, normalise
from agentdesk.sample.numbers import BLOCK, FIXED_POSITIONS, LARGEST, MOBILE_PREFIX, MOBILE_SLOTS, Numbers, home_of
from agentdesk.sample.places import PLACES, Place
from tests.sample.worlds import customers, seeds, shared

LAST_BLOCK = LARGEST // BLOCK - 1
places = st.sampled_from(list(PLACES.values()))
blocks = st.integers(0, LAST_BLOCK)


def all_of(numbers: Numbers, block: int) -> list[str]:
    mobiles = [numbers.mobile(block, p, nth) for p, slots in enumerate(MOBILE_SLOTS) for nth in range(slots)]
    return [*mobiles, numbers.away(block)[0], *(numbers.fixed(block, p) for p in FIXED_POSITIONS)]


@given(seeds, places, blocks)
def test_every_number_is_valid_and_already_in_the_form_that_look_ups_use(seed: int, place: Place, block: int) -> None:
    numbers = Numbers(seed, place)
    for text in [*all_of(numbers, block), numbers.stranger()]:
        number = normalise(text)
        assert isinstance(number, Number), text
        assert number.e164 == text
        assert number.kind == ("mobile" if text.startswith(MOBILE_PREFIX) else "fixed")


@given(seeds, places, blocks)
def test_a_number_is_at_home_in_its_region(seed: int, place: Place, block: int) -> None:
    numbers = Numbers(seed, place)
    away, elsewhere = numbers.away(block)
    assert home_of(away) is elsewhere is not place
    assert home_of(numbers.mobile(block, 0)) is place
    assert home_of(numbers.fixed(block, 0)) is place
    assert home_now(numbers.fixed(block, 0)) == place.home


@given(seeds, st.lists(blocks, min_size=2, max_size=6, unique=True))
def test_no_number_comes_up_twice_in_any_region(seed: int, some: list[int]) -> None:
    seen = [text for place in PLACES.values() for block in some for text in all_of(Numbers(seed, place), block)]
    assert len(set(seen)) == len(seen)
    assert not {Numbers(seed, place).stranger() for place in PLACES.values()} & set(seen)


@pytest.mark.parametrize("number", ["+8618612345678", "+861062345678", "+442079460958", "+86172", "+8617201", "10010"])
def test_other_numbers_have_no_sample_home(number: str) -> None:
    assert home_of(number) is None


def test_more_numbers_than_are_set_aside_are_refused() -> None:
    numbers = Numbers(1, PLACES["bj"])
    with pytest.raises(ValueError, match="mobile numbers"):
        numbers.mobile(0, 5, 1)
    with pytest.raises(ValueError, match="fixed line"):
        numbers.fixed(0, 2)


def test_the_lines_of_a_world_have_one_owner_each_and_tell_their_home() -> None:
    owned: set[str] = set()
    elsewhere = 0
    for customer in customers():
        for line in customer.data["subscriptions"]:
            if not line["number"]:
                continue
            assert line["number"] not in owned
            owned.add(line["number"])
            home = home_of(line["number"])
            assert home is not None
            assert line["home"] == home.home
            elsewhere += home is not shared().place
    assert 0.02 < elsewhere / len(owned) < 0.08
