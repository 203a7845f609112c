"""How often somebody may be wrong: it grows, nothing shortens it, and a wrong clock neither frees nor jails anybody."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentdesk.domain.tries import (
    LONGEST_MS,
    NONE,
    Patience,
    Tries,
    failed,
    is_locked,
    left,
    pause_of,
    steady,
    wait_ms,
    worse,
)

PATIENCE = Patience(5, (1_000, 2_000, 4_000, 8_000), 900_000)
NOW = 1_790_000_000_000
patiences = st.builds(
    lambda tries, delays, lock: Patience(tries, tuple(sorted(delays)), lock),
    st.integers(1, 12),
    st.lists(st.integers(0, 60_000), max_size=6),
    st.integers(60_001, LONGEST_MS),
)


@given(patiences)
def test_each_wrong_try_makes_one_wait_as_long_as_the_one_before_at_least(patience: Patience) -> None:
    pauses = [pause_of(count, patience) for count in range(40)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0
    assert pauses[patience.tries] == patience.lock_ms
    assert max(pauses) <= max(LONGEST_MS, patience.lock_ms)


@given(patiences, st.integers(0, 20))
def test_after_so_many_tries_there_is_a_lock(patience: Patience, count: int) -> None:
    tries = NONE
    for _ in range(count):
        tries = failed(tries, patience, NOW)
    assert is_locked(tries, patience) == (count >= patience.tries)
    assert left(tries, patience) == max(patience.tries - count, 0)
    assert wait_ms(tries, NOW) == pause_of(count, patience)


@given(patiences, st.integers(1, 10), st.integers(-(10**12), 10**9))
def test_a_clock_that_is_put_back_makes_no_waiting_shorter_and_none_longer(
    patience: Patience, count: int, moved: int
) -> None:
    tries = NONE
    for _ in range(count):
        tries = failed(tries, patience, NOW)
    seen = wait_ms(tries, NOW + moved)
    assert 0 <= seen <= pause_of(count, patience)
    if moved <= 0:
        assert seen == pause_of(count, patience)
        again = steady(tries, NOW + moved)
        assert wait_ms(again, NOW + moved + seen) == 0


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 99), st.integers(0, 99))
def test_of_two_counts_the_worse_one_holds(one: int, other: int, early: int, late: int) -> None:
    assume(early <= late)
    first, second = Tries(one, early, late), Tries(other, late, early)
    assert worse(first, second) == worse(second, first)
    assert worse(first, second).failures == max(one, other)
    assert worse(first, second).until == late


@pytest.mark.parametrize("wrong", [(0, (), 1), (1, (-1,), 1), (1, (), 0), (1, (2, 1), 1)])
def test_a_patience_without_an_end_is_none(wrong: tuple[int, tuple[int, ...], int]) -> None:
    with pytest.raises(ValueError, match=r"patience|delays"):
        Patience(*wrong)


def test_the_samples_delays() -> None:
    assert [pause_of(n, PATIENCE) for n in range(8)] == [0, 1_000, 2_000, 4_000, 8_000, 900_000, 1_800_000, 3_600_000]
