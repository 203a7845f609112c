from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.times.calendar import (
    MAX_MINUTES,
    BusinessCalendar,
    Limit,
    QuietHours,
    UnknownCalendar,
    due,
    earlier_of,
    elapsed,
    week,
)
from agentdesk.domain.times.zone import DAY_MS, MINUTE_MS, UnknownTimezone
from tests.costs import calls

OFFICE_HOURS = [(8 * 60 + 30, 12 * 60), (13 * 60 + 30, 18 * 60)]

# National Day 2024 with its make-up days, and New Year's Day 2025.
OFFICE = BusinessCalendar(
    "office",
    week(OFFICE_HOURS),
    holidays=frozenset([*(date(2024, 10, day) for day in range(1, 8)), date(2025, 1, 1)]),
    workdays=frozenset([date(2024, 9, 29), date(2024, 10, 12)]),
    published_to=2025,
)
FLOOR = BusinessCalendar("floor", week([(0, 1440)], range(7)))


def at(text: str, zone: str = "Asia/Shanghai") -> int:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return round(local.timestamp() * 1_000)


def shown(ms: int, zone: str = "Asia/Shanghai") -> str:
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).astimezone(ZoneInfo(zone)).isoformat(" ")[:16]
    )


periods = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(
    lambda cuts: tuple(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)
dates = st.dates(date(2023, 12, 1), date(2026, 2, 1))


def open_two_hours(weekly: list[tuple[tuple[int, int], ...]]) -> bool:
    return sum(end - start for day in weekly for start, end in day) >= 120


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    weekly = draw(
        st.lists(periods | st.just(()), min_size=7, max_size=7).filter(open_two_hours).map(tuple),
    )
    holidays = draw(st.frozensets(dates, max_size=30))
    workdays = draw(st.frozensets(dates, max_size=10)) - holidays
    zone = draw(st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Urumqi"]))
    return BusinessCalendar("drawn", weekly, zone, holidays, workdays)


starts = st.integers(at("2024-01-01 00:00"), at("2026-01-01 00:00"))
minutes = st.integers(0, 3_000)


@given(calendars(), starts, minutes, minutes)
def test_working_time_adds_up(calendar: BusinessCalendar, start: int, first: int, second: int) -> None:
    whole = calendar.working(start, first + second)
    assert calendar.working(calendar.working(start, first), second) == whole


@given(calendars(), starts, minutes)
def test_working_minutes_are_the_inverse(calendar: BusinessCalendar, start: int, amount: int) -> None:
    end = calendar.working(start, amount)
    assert calendar.working_minutes(start, end) == amount
    assert calendar.working_minutes(end, start) == -amount
    assert calendar.working_ms(start, end) == amount * MINUTE_MS


@given(calendars(), starts, minutes)
def test_a_deadline_is_the_first_moment_at_which_the_time_is_used_up(
    calendar: BusinessCalendar, start: int, amount: int
) -> None:
    end = calendar.working(start, amount)
    assert end >= calendar.natural(start, amount)
    if amount:
        assert calendar.working_ms(start, end - 1) == amount * MINUTE_MS - 1
        assert calendar.is_working(end - 1)
    else:
        assert end == start


@given(calendars(), starts, starts, minutes, minutes)
def test_later_starts_and_longer_limits_are_never_due_earlier(
    calendar: BusinessCalendar, start: int, other: int, amount: int, more: int
) -> None:
    early, late = sorted((start, other))
    assert calendar.working(early, amount) <= calendar.working(late, amount)
    assert calendar.working(start, amount) <= calendar.working(start, amount + more)


@given(calendars(), starts)
def test_the_next_opening_is_working_time_with_none_before_it(calendar: BusinessCalendar, start: int) -> None:
    opening = calendar.next_opening(start)
    assert calendar.is_working(opening)
    assert calendar.working_ms(start, opening) == 0
    assert (opening == start) == calendar.is_working(start)


@given(calendars(), starts, st.integers(0, 120))
def test_working_time_is_what_a_count_minute_by_minute_gives(
    calendar: BusinessCalendar, start: int, amount: int
) -> None:
    """Count slowly what `working` computes, in a place without clock changes."""
    calendar = BusinessCalendar("slow", calendar.weekly, "UTC", calendar.holidays, calendar.workdays)
    moment = start - start % MINUTE_MS
    left = amount
    end = calendar.working(moment, amount)
    steps = 0
    while left and steps < 3_000:
        local = datetime.fromtimestamp(moment / 1_000, UTC)
        minute = local.hour * 60 + local.minute
        left -= any(opens <= minute < closes for opens, closes in calendar.periods(local.date()))
        moment += MINUTE_MS
        steps += 1
    if not left:
        assert end == moment


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2024-09-26 09:00", 60, "2024-09-26 10:00"),
        ("2024-09-26 07:00", 60, "2024-09-26 09:30"),
        ("2024-09-26 11:30", 30, "2024-09-26 12:00"),
        ("2024-09-26 11:30", 31, "2024-09-26 13:31"),
        ("2024-09-26 12:30", 1, "2024-09-26 13:31"),
        ("2024-09-26 18:00", 1, "2024-09-27 08:31"),
        # Friday evening: the weekend's Sunday is worked for the National Day.
        ("2024-09-27 18:00", 60, "2024-09-29 09:30"),
        # The eve of the National Day, seven days off.
        ("2024-09-30 17:00", 120, "2024-10-08 09:30"),
        # The Saturday after it is worked, its Sunday isn't.
        ("2024-10-11 18:00", 480, "2024-10-12 18:00"),
        ("2024-10-12 18:00", 30, "2024-10-14 09:00"),
        # The turn of the year.
        ("2024-12-31 17:30", 60, "2025-01-02 09:00"),
        ("2024-10-01 10:00", 0, "2024-10-01 10:00"),
    ],
)
def test_a_deadline_in_working_time(start: str, amount: int, end: str) -> None:
    assert shown(OFFICE.working(at(start), amount)) == end


def test_five_working_days_are_five_ordinary_days() -> None:
    assert OFFICE.minutes_per_workday == 480
    assert shown(OFFICE.working(at("2024-09-27 17:30"), 5 * 480)) == "2024-10-10 17:30"


def test_a_period_ends_before_its_end() -> None:
    assert OFFICE.is_working(at("2024-09-26 08:30"))
    assert not OFFICE.is_working(at("2024-09-26 12:00"))
    assert shown(OFFICE.next_opening(at("2024-09-30 18:00"))) == "2024-10-08 08:30"
    assert OFFICE.periods(date(2024, 9, 29)) == tuple(OFFICE_HOURS)


def test_a_floor_that_never_closes_works_natural_time() -> None:
    start = at("2024-10-01 03:17")
    assert FLOOR.working(start, 50_000) == FLOOR.natural(start, 50_000)


def test_a_make_up_day_is_an_ordinary_one_where_weekends_have_their_own_hours() -> None:
    short = BusinessCalendar(
        "hall",
        (*week([(540, 1080)])[:5], ((600, 960),), ((600, 960),)),
        workdays=frozenset([date(2024, 9, 29)]),
    )
    assert short.periods(date(2024, 9, 29)) == ((540, 1080),)
    assert short.periods(date(2024, 9, 28)) == ((600, 960),)


def test_clock_changes_neither_lose_nor_double_working_time() -> None:
    night = BusinessCalendar("night", week([(0, 240)], range(7)), "America/New_York")
    spring, autumn = "2025-03-09", "2025-11-02"
    for day, worked in ((spring, 180), (autumn, 300), ("2025-06-01", 240)):
        start = at(f"{day} 00:00", "America/New_York")
        assert night.working_minutes(start, start + 12 * 3_600_000) == worked
    inside = BusinessCalendar("gap", week([(135, 165)], range(7)), "America/New_York")
    start = at(f"{spring} 00:00", "America/New_York")
    assert inside.working_minutes(start, start + DAY_MS) == 0
    into = BusinessCalendar("into", week([(60, 150)], range(7)), "America/New_York")
    assert into.working_minutes(start, start + DAY_MS) == 60
    twice = BusinessCalendar("twice", week([(60, 90), (90, 240)], range(7)), "America/New_York")
    start = at(f"{autumn} 00:00", "America/New_York")
    assert twice.working_minutes(start, start + DAY_MS) == 240


def test_china_s_own_clock_changes_are_known() -> None:
    summer = BusinessCalendar("summer", week([(480, 1080)], range(7)))
    assert shown(summer.next_opening(at("1988-07-01 00:00"))) == "1988-07-01 08:00"
    assert summer.next_opening(at("1988-07-01 00:00")) % DAY_MS == 23 * 3_600_000


def test_a_deadline_in_a_year_that_was_read_costs_a_handful_of_calls() -> None:
    start = at("2024-09-27 17:30")
    OFFICE.working(start + 40 * DAY_MS, 2_400)
    assert max(calls(partial(OFFICE.working, start + step * 3_000_000, 2_400)) for step in range(1_000)) < 40


@pytest.mark.parametrize(
    "weekly",
    [
        (((480, 1080),),) * 6,
        ((),) * 7,
        (((480, 480),),) * 7,
        (((480, 1441),),) * 7,
        (((-1, 480),),) * 7,
        (((480, 720), (700, 1080)),) * 7,
        (((810, 1080), (480, 720)),) * 7,
    ],
)
def test_a_calendar_refuses_periods_that_make_no_sense(weekly: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    with pytest.raises(ValueError, match="calendar odd"):
        BusinessCalendar("odd", weekly)


def test_a_calendar_refuses_what_contradicts_itself() -> None:
    day = frozenset([date(2024, 9, 29)])
    with pytest.raises(ValueError, match="2024-09-29 is both"):
        BusinessCalendar("odd", week(OFFICE_HOURS), holidays=day, workdays=day)
    with pytest.raises(UnknownTimezone, match="Asia/Nowhere"):
        BusinessCalendar("odd", week(OFFICE_HOURS), "Asia/Nowhere")


def test_a_calendar_stays_equal_and_hashable_however_much_it_was_used() -> None:
    fresh = BusinessCalendar("office", week(OFFICE_HOURS))
    used = BusinessCalendar("office", week(OFFICE_HOURS))
    for year in range(40):
        used.working(at("2000-01-01 00:00") + year * 365 * DAY_MS, 200_000)
    assert used == fresh
    assert hash(used) == hash(fresh)
    assert used.working(at("2024-09-26 09:00"), 60) == fresh.working(at("2024-09-26 09:00"), 60)


def test_what_lies_past_the_published_years_is_provisional() -> None:
    assert not OFFICE.provisional(at("2025-12-31 23:59"))
    assert OFFICE.provisional(at("2026-01-01 00:00"))
    assert not FLOOR.provisional(at("2090-01-01 00:00"))


CALENDARS = {"office": OFFICE, "floor": FLOOR}


def test_a_limit_is_due_in_its_own_time() -> None:
    start = at("2024-09-30 17:00")
    assert shown(due(Limit(120), CALENDARS, start)) == "2024-09-30 19:00"
    assert shown(due(Limit(120, "working", "office"), CALENDARS, start)) == "2024-10-08 09:30"
    assert due(Limit(0, "working", "office"), CALENDARS, start) == start


@given(starts, st.integers(0, 5_000), st.sampled_from(["natural", "working"]))
def test_what_has_elapsed_when_it_is_due_is_the_limit(start: int, amount: int, unit: str) -> None:
    limit = Limit(amount, "working" if unit == "working" else "natural", "office")
    assert elapsed(limit, CALENDARS, start, due(limit, CALENDARS, start)) == amount


def test_a_limit_refuses_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="minutes"):
        Limit(-1)
    with pytest.raises(ValueError, match="minutes"):
        Limit(MAX_MINUTES + 1)
    with pytest.raises(ValueError, match="must name its calendar"):
        Limit(60, "working")
    with pytest.raises(ValueError, match="can't be negative"):
        OFFICE.working(0, -1)
    with pytest.raises(UnknownCalendar, match="'moon'"):
        due(Limit(60, "working", "moon"), CALENDARS, 0)


def test_the_earlier_of_policy_and_law_counts() -> None:
    assert earlier_of(2, None) == 2
    assert earlier_of(2, 1) == 1
    assert earlier_of(1, 2) == 1


@given(starts, st.integers(0, 1439), st.integers(0, 1439))
def test_nobody_is_called_in_quiet_hours(start: int, begin: int, end: int) -> None:
    quiet = QuietHours(begin, end)
    allowed = quiet.next_allowed(start)
    assert not quiet.covers(allowed)
    assert start <= allowed < start + DAY_MS
    assert (allowed == start) == (not quiet.covers(start))


def test_a_call_back_of_the_night_waits_for_the_morning() -> None:
    quiet = QuietHours()
    assert shown(quiet.next_allowed(at("2024-09-26 23:10"))) == "2024-09-27 08:00"
    assert shown(quiet.next_allowed(at("2024-09-27 03:10"))) == "2024-09-27 08:00"
    assert shown(quiet.next_allowed(at("2024-09-27 20:59"))) == "2024-09-27 20:59"
