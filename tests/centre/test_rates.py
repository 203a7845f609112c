"""How often somebody may ask: counted on a clock that is handed in, in memory that doesn't grow with who asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre import bounds
from agentdesk.centre.bounds import Rate
from agentdesk.centre.errors import Rejected
from agentdesk.centre.rates import AtOnce, Bucket, Buckets, Rates
from agentdesk.protocol.errors import ErrorCode

RATES = st.builds(Rate, st.integers(1, 50), st.integers(1, 600))
STEPS = st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 5)), max_size=80)


class Time:
    """A clock in ms that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


@given(RATES, STEPS)
def test_no_more_than_the_burst_and_what_came_back_is_taken(rate: Rate, steps: list[tuple[int, int]]) -> None:
    bucket, now, taken = Bucket(rate, 0), 0, 0
    for pause, amount in steps:
        now += pause
        if bucket.take(now, amount) == 0:
            taken += min(amount, rate.burst)
        assert taken <= rate.burst + now * rate.a_minute / 60_000


@given(RATES, STEPS, st.integers(1, 100))
def test_who_comes_when_he_was_asked_to_is_let_in_and_not_a_moment_earlier(
    rate: Rate, steps: list[tuple[int, int]], amount: int
) -> None:
    bucket, now = Bucket(rate, 0), 0
    for pause, many in steps:
        now += pause
        bucket.take(now, many)
    wait = bucket.take(now, amount)
    if wait:
        assert bucket.take(now + wait - 1, amount) > 0
        assert bucket.take(now + wait, amount) == 0


@given(RATES, st.lists(st.integers(0, 10_000), max_size=40))
def test_a_clock_that_goes_to_and_fro_gives_nothing(rate: Rate, moments: list[int]) -> None:
    bucket, taken = Bucket(rate, 0), 0
    for now in moments:
        taken += bucket.take(now) == 0
    assert taken <= rate.burst + max(moments, default=0) * rate.a_minute / 60_000


def test_names_are_counted_apart_and_forgotten_when_all_has_come_back() -> None:
    time = Time()
    buckets = Buckets(Rate(2, 60), time, most=3)
    assert [buckets.take("a"), buckets.take("a"), buckets.take("b")] == [0, 0, 0]
    assert buckets.take("a") > 0
    time.now = 60_000
    for name in "cdef":
        assert buckets.take(name) == 0
        time.now += 2_000
    assert len(buckets) <= 3


@given(st.integers(1, 20))
def test_naming_many_gives_nobody_more(most: int) -> None:
    time = Time()
    buckets = Buckets(Rate(2, 60), time, most=most)
    for number in range(most):
        assert buckets.take(f"held {number}") == 0
    taken = sum(buckets.take(f"other {number}") == 0 for number in range(1_000))
    assert len(buckets) == most
    assert taken == 2
    assert buckets.take("held 0") == 0
    assert buckets.take("held 0") > 0


def test_what_is_given_back_was_not_taken_and_is_no_more_than_the_burst() -> None:
    time = Time()
    buckets = Buckets(Rate(1, 1), time)
    assert buckets.take("a") == 0
    buckets.give_back("a")
    buckets.give_back("a", 100)
    assert buckets.take("a") == 0
    assert buckets.take("a") == 60_000


def test_at_once_counts_who_is_inside() -> None:
    inside = AtOnce(2)
    assert [inside.enter("a"), inside.enter("a"), inside.enter("a"), inside.enter("b")] == [True, True, False, True]
    inside.leave("a")
    assert inside.enter("a")
    for name in "aab":
        inside.leave(name)
    assert len(inside) == 0


def tried(rates: Rates, address: str, code: ErrorCode | None) -> int:
    """Try to enrol with an outcome; return in how many ms to come again, 0 for a try that was made."""
    try:
        with rates.enrolment(address):
            if code is not None:
                raise Rejected(code, "x")
    except Rejected as rejected:
        return rejected.retry_after_ms or 0
    return 0


def test_wrong_codes_are_counted_by_address_and_in_all_and_right_ones_are_not() -> None:
    time = Time()
    rates = Rates(time)
    assert all(tried(rates, "1", None) == 0 for _ in range(500))
    assert all(tried(rates, "1", ErrorCode.MALFORMED) == 0 for _ in range(500))
    assert all(tried(rates, "1", ErrorCode.BAD_CODE) == 0 for _ in range(bounds.ENROL.burst))
    assert tried(rates, "1", ErrorCode.BAD_CODE) > 0
    assert tried(rates, "1", None) > 0
    made = sum(tried(rates, f"address {n}", ErrorCode.BAD_CODE) == 0 for n in range(1_000))
    assert made == bounds.ENROL_ALL.burst - bounds.ENROL.burst
    time.now = 60_000
    assert tried(rates, "1", None) == 0


def test_many_tries_at_once_are_as_many_as_one_after_the_other() -> None:
    rates = Rates(Time())
    open_tries = [rates.enrolment("1") for _ in range(bounds.ENROL.burst)]
    for each in open_tries:
        each.__enter__()
    assert tried(rates, "1", None) > 0


def test_sign_ins_are_counted_by_site_and_in_all_however_they_end() -> None:
    rates = Rates(Time())
    for _ in range(bounds.SIGN_IN.burst):
        rates.sign_in("s-1")
    with pytest.raises(Rejected) as refused:
        rates.sign_in("s-1")
    assert (refused.value.code, (refused.value.retry_after_ms or 0) > 0) == (ErrorCode.BUSY, True)
    made = 0
    for number in range(10_000):
        try:
            rates.sign_in(f"site {number}")
        except Rejected:
            break
        made += 1
    assert made == bounds.SIGN_IN_ALL.burst - bounds.SIGN_IN.burst


def test_an_agents_operations_are_counted_at_his_site_and_a_batch_counts_whole_or_not_at_all() -> None:
    time = Time()
    rates = Rates(time)
    half = bounds.AGENT.burst // 2
    rates.operations("s-1", {"a": half, "b": 10})
    rates.operations("s-1", {"a": half})
    with pytest.raises(Rejected):
        rates.operations("s-1", {"b": bounds.AGENT.burst - 10, "a": 1})
    rates.operations("s-1", {"b": bounds.AGENT.burst - 10})
    rates.operations("s-2", {"a": half})
    time.now = 60_000
    rates.operations("s-1", {"a": bounds.AGENT.a_minute})
