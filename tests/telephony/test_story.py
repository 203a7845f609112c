"""A call's story depends on what was reported, never on how often or in which order."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.telephony.book import CallBook
from agentdesk.telephony.model import Call, CallEvent, CallMoment, CallState, Direction, Held, LegState, TransferKind
from agentdesk.telephony.story import HEARD_LIMIT, apply, tell
from tests.telephony.stories import line

M = CallMoment


def ev(kind: CallMoment, at: int, agent: str | None = None, **details: object) -> CallEvent:
    return replace(CallEvent("c1", kind, at, "test", agent=agent), **details)  # type: ignore[arg-type]


def folded(events: list[CallEvent]) -> Call:
    call = None
    for event in events:
        call = apply(call, event)
    assert call is not None
    return call


names = st.sampled_from([None, "8001", "8002"])
events = st.builds(
    CallEvent,
    st.just("c1"),
    st.sampled_from(CallMoment),
    st.integers(0, 6),
    st.sampled_from(["ami", "hook"]),
    caller=st.sampled_from([None, "18601012345"]),
    queue=st.sampled_from([None, "vip", "std"]),
    agent=names,
    direction=st.sampled_from([None, *Direction]),
    transfer=st.sampled_from([None, *TransferKind]),
    target=st.sampled_from([None, "8900"]),
    reason=st.sampled_from([None, "caller", "transfer"]),
    talk_s=st.sampled_from([None, 3]),
)
histories = st.lists(events, min_size=1, max_size=14)


@given(histories, st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_call(history: list[CallEvent], random: Random) -> None:
    other = list(history)
    random.shuffle(other)
    assert folded(history) == folded(other)
    assert folded(history) == tell("c1", other)


@given(histories, st.integers(0, 13))
def test_the_same_event_twice_changes_nothing(history: list[CallEvent], which: int) -> None:
    call = folded(history)
    assert apply(call, history[which % len(history)]) is call
    assert folded(history + history) == call


@given(histories)
def test_every_history_tells_a_story_that_holds_together(history: list[CallEvent]) -> None:
    call = folded(history)
    assert [m.at for m in call.moments] == sorted(m.at for m in call.moments)
    assert sum(m.kind is M.ENDED for m in call.moments) <= 1
    assert sum(m.kind is M.ABANDONED for m in call.moments) <= 1
    for leg in call.legs:
        stamps = [s for s in (leg.rang_at, leg.answered_at, leg.ended_at) if s is not None]
        assert stamps == sorted(stamps)
        assert all(held.until is None or held.since <= held.until for held in leg.held)
        assert sum(held.until is None for held in leg.held) <= (1 if leg.active else 0)
    if call.over:
        assert not any(leg.active for leg in call.legs)
        assert call.ended_at is None or max(m.at for m in call.moments) <= max(call.ended_at, call.moments[0].at)
    if call.state is CallState.ABANDONED:
        assert call.answered_at is None


@given(histories)
def test_what_ends_a_call_is_final(history: list[CallEvent]) -> None:
    ended = folded([*history, ev(M.ENDED, 6)])
    for kind in CallMoment:
        assert apply(ended, ev(kind, 7, "8001")).over


@given(histories)
def test_a_book_tells_each_moment_once(history: list[CallEvent]) -> None:
    book, news = CallBook(), 0
    for event in history:
        change = book.fold(event)
        if change is not None:
            news += len(change.news)
            assert change.after != change.before
    call = book.get("c1")
    assert call == folded(history)
    assert news >= len(call.moments)
    assert all(book.fold(event) is None for event in history)


def test_a_plain_call() -> None:
    call = folded(
        [
            ev(M.OFFERED, 0, queue="vip", caller="18601012345"),
            ev(M.RINGING, 3, "8001"),
            ev(M.ANSWERED, 1003, "8001"),
            ev(M.HELD, 2000, "8001"),
            ev(M.RETRIEVED, 2500, "8001"),
            ev(M.ENDED, 9000),
        ]
    )
    assert (call.state, call.waited_ms, call.held) == (CallState.ENDED, 1003, (Held(2000, 2500),))
    assert call.legs[0].state is LegState.DONE


def test_the_late_report_of_a_millisecond_is_told_before_what_it_led_to() -> None:
    call = folded(
        [ev(M.ANSWERED, 0, "8001"), ev(M.WRAP_UP, 10, "8001"), ev(M.TRANSFERRED, 11, "8001"), ev(M.ENDED, 12)]
    )
    assert [m.kind for m in call.moments] == [M.ANSWERED, M.TRANSFERRED, M.WRAP_UP, M.ENDED]
    assert call.legs[0].state is LegState.TRANSFERRED
    call = folded([ev(M.ANSWERED, 0, "8001"), ev(M.ENDED, 10), ev(M.WRAP_UP, 11, "8001", reason="agent")])
    assert [(m.kind, m.at) for m in call.moments[1:]] == [(M.WRAP_UP, 10), (M.ENDED, 10)]
    assert call.reason == "agent"


def test_two_reports_of_one_thing_are_one_moment_with_the_details_of_both() -> None:
    call = folded(
        [ev(M.OFFERED, 5, caller="18601012345"), ev(M.OFFERED, 6, queue="vip"), ev(M.OFFERED, 7, ivr_path="2-1")]
    )
    assert len(call.moments) == 1
    assert (call.offered_at, call.caller, call.queue, call.ivr_path) == (5, "18601012345", "vip", "2-1")


def test_a_phone_that_is_not_picked_up_stops_ringing_and_the_next_one_rings() -> None:
    call = folded([ev(M.OFFERED, 0), ev(M.RINGING, 1, "8001"), ev(M.MISSED, 15, "8001")])
    assert call.state is CallState.OFFERED
    call = apply(apply(call, ev(M.RINGING, 20, "8002")), ev(M.RINGING, 21, "8001"))
    assert [leg.state for leg in call.legs] == [LegState.MISSED, LegState.RINGING, LegState.RINGING]
    call = apply(call, ev(M.ANSWERED, 25, "8002"))
    assert [leg.state for leg in call.legs] == [LegState.MISSED, LegState.TALKING, LegState.MISSED]
    assert call.state is CallState.TALKING


def test_a_warm_transfer_may_be_given_up_and_begun_again() -> None:
    begun = [
        ev(M.ANSWERED, 0, "8001"),
        ev(M.HELD, 1, "8001"),
        ev(M.TRANSFER_STARTED, 2, "8001", transfer=TransferKind.WARM, target="8900"),
        ev(M.RETRIEVED, 3, "8001"),
    ]
    call = folded(begun)
    assert (call.state, call.transfers[0].cancelled_at) == (CallState.TALKING, 3)
    call = apply(apply(call, ev(M.HELD, 4, "8001")), ev(M.TRANSFER_STARTED, 5, "8001", target="8901"))
    call = apply(call, ev(M.TRANSFERRED, 6, "8001"))
    assert (call.transfers[1].target, call.transfers[1].done_at) == ("8901", 6)
    assert line(call.moments[-1]) == "transferred agent=8001 target=8901"
    call = apply(apply(call, ev(M.RINGING, 7, "8901")), ev(M.ANSWERED, 8, "8901"))
    assert call.state is CallState.TALKING


def test_a_desk_of_its_own_needs_no_names() -> None:
    call = folded([ev(M.OFFERED, 0), ev(M.RINGING, 0), ev(M.ANSWERED, 4), ev(M.HELD, 5), ev(M.ENDED, 9)])
    assert (call.legs[0].state, call.legs[0].held) == (LegState.DONE, (Held(5, 9),))


def test_an_event_of_another_call_changes_nothing() -> None:
    call = folded([ev(M.OFFERED, 0)])
    assert apply(call, replace(ev(M.ENDED, 1), call_id="c2")) is call


def test_a_source_gone_mad_costs_no_memory_and_still_ends_its_call() -> None:
    call = folded([ev(M.OFFERED, at) for at in range(HEARD_LIMIT + 50)])
    assert len(call.heard) == HEARD_LIMIT
    call = apply(call, ev(M.ENDED, 9999))
    assert call.over
    assert apply(call, ev(M.ENDED, 10_000)) is call


@pytest.mark.parametrize("limit", [1, 3])
def test_a_book_forgets_finished_calls_first(limit: int) -> None:
    book = CallBook(limit)
    live = [replace(ev(M.OFFERED, 0), call_id=f"live{n}") for n in range(limit)]
    for event in live[1:]:
        book.fold(event)
    for n in range(5):
        book.fold(replace(ev(M.ENDED, n), call_id=f"done{n}"))
    assert len(book) == limit
    assert [call.call_id for call in book.live()] == [event.call_id for event in live[1:]]
    assert book.get("done4") is not None
