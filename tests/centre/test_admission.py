"""Who is let in when all come at once, and when the rest are asked to come."""

from __future__ import annotations

import heapq
from contextlib import ExitStack
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre.admission import LONGEST_MS, SOON_MS, Admission
from agentdesk.centre.errors import Rejected
from agentdesk.protocol.errors import ErrorCode


def asked_to_come(admission: Admission, size: int) -> int:
    """Return in how many ms a request that is refused may come back."""
    with pytest.raises(Rejected) as refused, admission.turn(size):
        pass
    assert refused.value.code is ErrorCode.BUSY
    assert refused.value.retry_after_ms is not None
    return refused.value.retry_after_ms


def test_one_alone_is_let_in_however_large() -> None:
    admission = Admission(lambda: 0.0)
    with admission.turn(1_000_000_000):
        asked_to_come(admission, 1)
    with admission.turn(1_000_000_000):
        pass


def test_those_who_are_refused_are_asked_to_come_one_after_another_and_within_a_minute() -> None:
    admission = Admission(lambda: 0.0)
    with admission.turn(10_000_000):
        moments = [asked_to_come(admission, 100_000) for _ in range(3_000)]
    assert all(a <= b for a, b in pairwise(moments))
    assert len(set(moments)) > 1_000
    assert moments[-1] <= LONGEST_MS


def test_a_refusal_takes_no_place() -> None:
    admission = Admission(lambda: 0.0)
    with ExitStack() as inside:
        while True:
            try:
                inside.enter_context(admission.turn(50_000))
            except Rejected:
                break
    for _ in range(20):
        with admission.turn(50_000):
            pass


@given(sites=st.integers(2, 200), size=st.integers(1_000, 400_000), ms=st.floats(0.5, 400))
def test_a_storm_passes_without_long_waits_once_the_pace_is_known(sites: int, size: int, ms: float) -> None:
    """All sites come at once; one is served at a time, in `ms`. Whoever is refused comes back when it was asked to."""
    now = 0.0
    admission = Admission(lambda: now)
    for _ in range(100):  # the pace is learnt
        with admission.turn(size):
            now += ms
    coming = [(now, n) for n in range(sites)]
    heapq.heapify(coming)
    inside: list[tuple[float, float, ExitStack]] = []
    free, longest, begun, served, refusals = now, 0.0, now, 0, 0
    while coming or inside:
        if inside and (not coming or inside[0][0] <= coming[0][0]):
            now, came, stack = inside.pop(0)
            stack.close()
            longest, served = max(longest, now - came), served + 1
            continue
        at, n = heapq.heappop(coming)
        now = max(now, at)
        stack = ExitStack()
        try:
            stack.enter_context(admission.turn(size))
        except Rejected as refused:
            refusals += 1
            heapq.heappush(coming, (now + (refused.retry_after_ms or 0), n))
            continue
        free = max(free, now) + ms
        inside.append((free, now, stack))
    assert served == sites
    assert longest <= (SOON_MS + ms) * 1.3 + 1
    assert now - begun <= sites * ms * 1.3 + SOON_MS + 10
    assert refusals <= sites * 6
