from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.times.calendar import Limit, due
from agentdesk.domain.times.why import Line, due_explained
from agentdesk.domain.times.zone import MINUTE_MS
from tests.domain.test_calendar import CALENDARS, OFFICE, at, starts


def lines(limit: Limit, start: str) -> list[tuple[object, ...]]:
    _, explained = due_explained(limit, CALENDARS, at(start))
    return [(line.code, *(value for name, value in line.values if name != "left")) for line in explained]


def test_the_days_of_a_deadline_are_told_one_after_the_other() -> None:
    hour = 60 * MINUTE_MS
    assert lines(Limit(5 * 480, "working", "office"), "2024-09-27 17:30") == [
        ("start", at("2024-09-27 17:30")),
        ("working", 40 * hour, "office"),
        ("worked", "2024-09-27", "2024-09-27", 1, hour // 2),
        ("rest", "2024-09-28", "2024-09-28", 1, 0),
        ("makeup", "2024-09-29", "2024-09-29", 1, 8 * hour),
        ("worked", "2024-09-30", "2024-09-30", 1, 8 * hour),
        ("holiday", "2024-10-01", "2024-10-07", 7, 0),
        ("worked", "2024-10-08", "2024-10-09", 2, 16 * hour),
        ("worked", "2024-10-10", "2024-10-10", 1, 15 * hour // 2),
        ("due", at("2024-10-10 17:30")),
    ]


def test_a_start_after_hours_is_told() -> None:
    told = lines(Limit(30, "working", "office"), "2024-09-26 19:00")
    assert [line[0] for line in told] == ["start", "working", "after_hours", "worked", "due"]


def test_natural_time_needs_no_days() -> None:
    assert lines(Limit(90), "2024-10-01 10:00") == [
        ("start", at("2024-10-01 10:00")),
        ("natural", 90 * MINUTE_MS),
        ("due", at("2024-10-01 11:30")),
    ]


def test_a_deadline_past_the_published_years_says_so() -> None:
    _, explained = due_explained(Limit(480, "working", "office"), CALENDARS, at("2025-12-31 17:00"))
    assert explained[-1] == Line("provisional", (("published_to", 2025),))
    assert explained[-1]["published_to"] == 2025


def test_no_time_at_all_is_due_at_once() -> None:
    assert lines(Limit(0, "working", "office"), "2024-10-01 10:00") == [
        ("start", at("2024-10-01 10:00")),
        ("working", 0, "office"),
        ("due", at("2024-10-01 10:00")),
    ]


@given(starts, st.integers(0, 30_000))
def test_an_explanation_adds_up_to_the_deadline(start: int, amount: int) -> None:
    limit = Limit(amount, "working", "office")
    due_ms, explained = due_explained(limit, CALENDARS, start)
    assert due_ms == due(limit, CALENDARS, start) == explained[-1 if explained[-1].code == "due" else -2]["at"]
    days = [line for line in explained if "left" in dict(line.values)]
    assert sum(int(line["ms"]) for line in days) == amount * MINUTE_MS
    assert all(int(line["left"]) >= 0 for line in days)
    if days:
        assert days[-1]["left"] == 0
        assert days[0]["first"] == OFFICE.zone.day(start).isoformat()
        assert days[-1]["last"] == OFFICE.zone.day(due_ms - 1).isoformat()
