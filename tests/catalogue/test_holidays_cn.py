from __future__ import annotations

from datetime import date, timedelta

import pytest

from agentdesk.catalogue.holidays_cn import FIRST_YEAR, MainlandDays, mainland_days
from agentdesk.domain.times.calendar import BusinessCalendar, week


@pytest.fixture(scope="module")
def days() -> MainlandDays:
    return mainland_days(2024, 2026)


def span(first: date, last: date) -> set[date]:
    return {first + timedelta(days=step) for step in range((last - first).days + 1)}


@pytest.mark.parametrize(
    ("first", "last", "worked"),
    [
        (date(2024, 2, 10), date(2024, 2, 17), [date(2024, 2, 4), date(2024, 2, 18)]),
        (date(2024, 4, 4), date(2024, 4, 6), [date(2024, 4, 7)]),
        (date(2024, 5, 1), date(2024, 5, 5), [date(2024, 4, 28), date(2024, 5, 11)]),
        (date(2024, 9, 15), date(2024, 9, 17), [date(2024, 9, 14)]),
        (date(2024, 10, 1), date(2024, 10, 7), [date(2024, 9, 29), date(2024, 10, 12)]),
        (date(2025, 1, 28), date(2025, 2, 4), [date(2025, 1, 26), date(2025, 2, 8)]),
        (date(2025, 10, 1), date(2025, 10, 8), [date(2025, 9, 28), date(2025, 10, 11)]),
        (date(2026, 1, 1), date(2026, 1, 3), [date(2026, 1, 4)]),
        (date(2026, 2, 15), date(2026, 2, 23), [date(2026, 2, 14), date(2026, 2, 28)]),
        (date(2026, 10, 1), date(2026, 10, 7), [date(2026, 9, 20), date(2026, 10, 10)]),
    ],
)
def test_a_holiday_is_off_as_a_whole_and_its_make_up_days_are_worked(
    days: MainlandDays, first: date, last: date, worked: list[date]
) -> None:
    assert span(first, last) <= days.holidays
    assert set(worked) <= days.workdays
    assert {first - timedelta(days=1), last + timedelta(days=1)} & days.holidays == set()


def test_the_weekend_beside_a_single_day_stays_a_weekend(days: MainlandDays) -> None:
    assert date(2024, 6, 10) in days.holidays
    assert not span(date(2024, 6, 8), date(2024, 6, 9)) & days.holidays


def test_make_up_days_are_weekend_days_and_never_off(days: MainlandDays) -> None:
    assert len([day for day in days.workdays if day.year == 2024]) == 8
    assert all(day.weekday() > 4 for day in days.workdays)
    assert not days.workdays & days.holidays


def test_a_make_up_day_that_the_next_year_s_notice_names_is_in_the_year() -> None:
    assert {date(2005, 12, 31), date(2006, 12, 30)} <= mainland_days(2005, 2006).workdays


def test_a_span_holds_only_its_own_years(days: MainlandDays) -> None:
    assert {day.year for day in days.holidays | days.workdays} == {2024, 2025, 2026}


def test_it_is_said_up_to_which_year_the_make_up_days_are_official(days: MainlandDays) -> None:
    assert days.published_to >= 2026
    after = days.published_to + 1
    later = mainland_days(after, after)
    assert later.published_to == days.published_to
    assert not later.workdays
    assert {date(after, 1, 1), date(after, 5, 1), date(after, 10, 1)} <= later.holidays
    for year in range(FIRST_YEAR, days.published_to + 1):
        assert any(day.year == year for day in mainland_days(year, year).workdays), year


def test_a_calendar_takes_the_days_as_they_are(days: MainlandDays) -> None:
    calendar = BusinessCalendar(
        "office",
        week([(510, 720), (810, 1080)]),
        holidays=days.holidays,
        workdays=days.workdays,
        published_to=days.published_to,
    )
    assert calendar.periods(date(2024, 2, 4)) == calendar.ordinary
    assert calendar.periods(date(2024, 2, 12)) == ()


@pytest.mark.parametrize(("first", "last"), [(2025, 2024), (2000, 2024)])
def test_a_span_that_makes_no_sense_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="span of years"):
        mainland_days(first, last)
