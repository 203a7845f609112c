"""What was taken once is never taken again, in bounded memory, whatever clocks do; and a clock locks nobody out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre.nonces import Nonces
from agentdesk.trust.signatures import WINDOW_S, Stamp

START = 1_790_000_000
KEYS = ("one", "two")

steps = st.lists(
    st.tuples(
        st.integers(1, 400),  # seconds that pass
        st.integers(-2 * WINDOW_S, 0),  # how far behind the signer's clock is
        st.sampled_from("abcdefgh"),
        st.sampled_from(KEYS),
    ),
    max_size=60,
)


@given(steps, st.integers(2, 5))
def test_nothing_is_taken_twice_and_memory_is_bounded(made: list[tuple[int, int, str, str]], most: int) -> None:
    now = START
    nonces = Nonces(lambda: now * 1000, most)
    taken: set[Stamp] = set()
    for passed, off, nonce, key in made:
        now += passed
        stamp = Stamp(now + off, nonce, key)
        if nonces.take(stamp):
            assert stamp not in taken
            assert abs(off) <= WINDOW_S
            taken.add(stamp)
        # whoever is told the time and signs with a new nonce comes in
        assert nonces.take(Stamp(now, f"new-{len(taken)}", key))
        taken.add(Stamp(now, f"new-{len(taken)}", key))
        assert len(nonces) <= most * len(KEYS)
    for stamp in taken:
        assert not nonces.take(stamp)


def test_a_clock_that_is_ahead_is_put_right_and_brings_nothing_twice() -> None:
    now = START
    nonces = Nonces(lambda: now * 1000, most=2)
    ahead = [Stamp(START + WINDOW_S, f"n{n}", "one") for n in range(3)]
    assert [nonces.take(stamp) for stamp in ahead] == [True, True, False]
    for _ in range(2 * WINDOW_S):
        now += 1
        assert not any(nonces.take(stamp) for stamp in ahead)
    assert nonces.take(Stamp(now, "n", "one"))


def test_one_site_crowds_out_nobody_else() -> None:
    nonces = Nonces(lambda: START * 1000, most=3)
    assert nonces.take(Stamp(START, "mine", "one"))
    for n in range(100):
        nonces.take(Stamp(START + n % 60, f"n{n}", "two"))
    assert not nonces.take(Stamp(START, "mine", "one"))


def test_what_was_taken_before_a_restart_is_not_taken_after_it() -> None:
    now = START
    assert Nonces(lambda: now * 1000).take(Stamp(START, "n", "one"))
    now += 2
    again = Nonces(lambda: now * 1000)
    assert not again.take(Stamp(START, "n", "one"))
    assert again.take(Stamp(now, "m", "one"))


def test_a_clock_that_is_set_back_keeps_nobody_out() -> None:
    now = START
    nonces = Nonces(lambda: now * 1000, most=2)
    assert [nonces.take(Stamp(START, f"n{n}", "one")) for n in range(3)] == [True, True, False]
    now -= 86_400
    assert nonces.take(Stamp(now, "n", "one"))
    assert nonces.is_now(Stamp(now, "n", "one"))
    assert not nonces.is_now(Stamp(START, "n", "one"))
