from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.times.instant import TOLERANCE_MS, ClockReading, Instant, estimate

YEAR = 365 * 86_400_000
NOW = 1_760_000_000_000

moments = st.integers(NOW - 20 * YEAR, NOW + 20 * YEAR)
readings = st.builds(
    ClockReading,
    wall_ms=moments,
    mono_ms=st.integers(0, YEAR),
    boot=st.sampled_from(["a", "b", ""]),
    offset_ms=st.none() | st.integers(-10 * YEAR, 10 * YEAR),
)


@given(readings, readings, moments, moments)
def test_an_instant_is_never_outside_what_is_certain(
    reading: ClockReading, sent: ClockReading, received: int, contact: int
) -> None:
    found = estimate(reading, sent, received, contact)
    assert min(contact, received) <= found.at_ms <= received
    assert found.marked or found.source != "clamped"
    assert found.marked == (found.source == "clamped" or abs(reading.wall_ms - found.at_ms) > TOLERANCE_MS)


@given(
    st.integers(0, YEAR),
    st.integers(0, YEAR),
    st.integers(-10 * YEAR, 10 * YEAR),
    st.integers(-10 * YEAR, 10 * YEAR),
    st.none() | st.integers(-10 * YEAR, 10 * YEAR),
)
def test_inside_one_boot_no_wall_clock_can_move_the_instant(
    mono: int, waited: int, error: int, later_error: int, offset: int | None
) -> None:
    reading = ClockReading(NOW - waited + error, mono, "boot", offset)
    sent = ClockReading(NOW + later_error, mono + waited, "boot", offset)
    found = estimate(reading, sent, NOW, NOW - 2 * YEAR)
    assert (found.at_ms, found.source) == (NOW - waited, "monotonic")
    assert found.marked == (abs(error) > TOLERANCE_MS)


@given(st.integers(0, YEAR), st.integers(-10 * YEAR, 10 * YEAR))
def test_across_boots_the_known_error_of_the_wall_clock_is_taken_off(waited: int, error: int) -> None:
    reading = ClockReading(NOW - waited + error, 5_000, "before", error)
    found = estimate(reading, ClockReading(NOW, 7_000, "after", 0), NOW, NOW - 2 * YEAR)
    assert found == Instant(NOW - waited, "wall", abs(error) > TOLERANCE_MS)


def test_without_a_known_error_the_one_on_arrival_is_taken() -> None:
    reading = ClockReading(NOW + 10 * YEAR - 60_000, 5_000, "before")
    found = estimate(reading, ClockReading(NOW + 10 * YEAR, 7_000, "after"), NOW, 0)
    assert found == Instant(NOW - 60_000, "wall", True)


def test_a_monotonic_clock_that_went_back_is_not_believed() -> None:
    reading = ClockReading(NOW - 60_000, 9_000, "boot", 0)
    assert estimate(reading, ClockReading(NOW, 7_000, "boot", 0), NOW, 0).source == "wall"


def test_machines_that_name_no_boot_are_not_taken_for_one() -> None:
    reading = ClockReading(NOW - 60_000, 1_000, "", 0)
    assert estimate(reading, ClockReading(NOW, 2_000, "", 0), NOW, 0) == Instant(NOW - 60_000, "wall", False)


def test_what_is_outside_is_put_to_the_edge_and_marked() -> None:
    early = ClockReading(NOW - YEAR, 0, "a", 0)
    late = ClockReading(NOW + YEAR, 0, "a", 0)
    sent = ClockReading(NOW, 0, "b", 0)
    assert estimate(early, sent, NOW, NOW - 1_000) == Instant(NOW - 1_000, "clamped", True)
    assert estimate(late, sent, NOW, NOW - 1_000) == Instant(NOW, "clamped", True)
    assert estimate(late, sent, NOW, NOW + 9_000) == Instant(NOW, "clamped", True)
