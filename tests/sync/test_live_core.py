"""When a site listens, and what it takes for news, in virtual time."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from random import Random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.sync.core import LONGEST_RETRY_AFTER_MS, NEEDS_A_PERSON, Failure, Hello, Pace, Pull, SyncCore, Wait
from agentdesk.sync.live_core import Ask, Listen, LiveCore, LivePace, Rest

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
PACE = LivePace()
What = Literal["stands", "quick", "silent", "unreachable", "dropped", "busy", "revoked", "absent", "no_streams"]
ALL: tuple[What, ...] = (
    "stands",
    "quick",
    "silent",
    "unreachable",
    "dropped",
    "busy",
    "revoked",
    "absent",
    "no_streams",
)


@dataclass
class Simulated:
    """A centre that does by a script of the time what centres and lines do."""

    core: LiveCore
    now: int = 1_000_000
    script: dict[tuple[int, int], What] = field(default_factory=dict)
    listened: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    up_for: int = 0
    retry_after: int | None = None

    def what(self) -> What:
        return next((what for (start, end), what in self.script.items() if start <= self.now < end), "stands")

    def changes_at(self) -> int:
        """Return when the script says something else next."""
        return min((at for span in self.script for at in span if at > self.now), default=self.now + HOUR)

    def run(self, ms: int, most: int = 100_000) -> None:
        end = self.now + ms
        for _ in range(most):
            if self.now >= end:
                return
            step = self.core.next(self.now)
            if isinstance(step, Rest):
                assert step.until > self.now
                self.now = min(end, step.until)
            elif isinstance(step, Listen):
                self.listened.append(self.now)
                self._listen(end)
            else:
                self.asked.append(self.now)
                self._ask(end)
        raise AssertionError("a busy loop")

    def _refused(self) -> bool:
        what = self.what()
        self.now += 20
        failures: dict[What, Failure] = {
            "unreachable": "unreachable",
            "dropped": "dropped",
            "busy": "busy",
            "revoked": "revoked",
        }
        if what in failures:
            self.core.failed(self.now, failures[what], self.retry_after)
        elif what == "absent":
            self.core.absent(self.now)
        else:
            return False
        return True

    def _listen(self, end: int) -> None:
        what = self.what()
        if what == "no_streams":
            self.now += 20
            self.core.absent(self.now)
            return
        if self._refused():
            return
        if what == "silent":
            self.now += 40 * SECOND
            self.core.closed(self.now)
            return
        self.core.opened(self.now)
        self.core.heard(self.now)
        if what == "quick":
            self.now += 300
            self.core.closed(self.now)
            return
        until = min(end, self.changes_at())
        while self.now < until:
            passed = min(15 * SECOND, until - self.now)
            assert self.core.up
            self.up_for += passed
            self.now += passed
            self.core.heard(self.now)
        if self.now < end:
            self.core.closed(self.now)

    def _ask(self, end: int) -> None:
        if self._refused():
            return
        passed = min(25 * SECOND, max(1, end - self.now))
        if self.core.up:
            self.up_for += passed
        self.now += passed
        self.core.answered(self.now, {})

    def per_minute(self) -> int:
        """Return the most requests in any minute."""
        times = sorted(self.listened + self.asked)
        return max((bisect_left(times, at + MINUTE) - n for n, at in enumerate(times)), default=0)


def simulated(seed: int = 1) -> Simulated:
    return Simulated(LiveCore(PACE, Random(seed).random))


def at_first(what: What, ms: int, seed: int = 1) -> Simulated:
    """Return a world in which something else happens at first, for so long."""
    world = simulated(seed)
    world.script = {(world.now, world.now + ms): what}
    return world


@st.composite
def scripts(draw: st.DrawFn) -> dict[tuple[int, int], What]:
    script: dict[tuple[int, int], What] = {}
    at = 1_000_000
    for _ in range(draw(st.integers(0, 6))):
        end = at + draw(st.integers(1, 20 * MINUTE))
        script[at, end] = draw(st.sampled_from(ALL))
        at = end
    return script


# when to listen


def test_on_a_good_line_there_is_one_stream_and_it_stays() -> None:
    world = simulated()
    world.run(HOUR)
    assert world.core.up
    assert (len(world.listened), world.asked, world.up_for) == (1, [], HOUR - 20)


@given(scripts(), st.integers(0, 2**16), st.none() | st.integers(0, 2 * MINUTE))
def test_whatever_happens_there_is_no_loop_and_news_come_by_themselves_again(
    script: dict[tuple[int, int], What], seed: int, retry_after: int | None
) -> None:
    world = simulated(seed)
    world.script, world.retry_after = script, retry_after
    over = max((end for _, end in script), default=world.now)
    world.run(over - world.now + 2 * PACE.absent_ms)
    assert world.core.up
    assert world.per_minute() <= 30


@pytest.mark.parametrize("what", ["quick", "silent"])
def test_after_three_streams_that_do_not_stand_long_polls_take_their_place(what: What) -> None:
    world = at_first(what, 20 * MINUTE)
    world.run(15 * MINUTE)
    assert len(world.listened) <= 3 + 15 // 5
    assert world.asked
    assert world.up_for > 10 * MINUTE, "news came by themselves all the same"
    world.run(15 * MINUTE)
    assert world.core.up
    assert isinstance(world.core.next(world.now), Listen), "and once streams stand again, one is kept"


def test_a_centre_without_streams_is_asked_and_one_without_either_is_left_alone() -> None:
    world = at_first("no_streams", HOUR)
    world.run(10 * MINUTE)
    assert len(world.listened) <= 3
    assert world.core.up
    world = at_first("absent", HOUR)
    world.run(HOUR - 1)
    assert len(world.listened) + len(world.asked) <= 14
    assert not world.core.up


@pytest.mark.parametrize("retry_after", [0, 90 * SECOND, 10 * HOUR])
def test_a_busy_centre_is_asked_again_when_it_says(retry_after: int) -> None:
    world = at_first("busy", 12 * HOUR)
    world.retry_after = retry_after
    world.run(11 * HOUR)
    wanted = min(retry_after, LONGEST_RETRY_AFTER_MS)
    assert all(later - sooner >= wanted for sooner, later in zip(world.listened, world.listened[1:], strict=False))
    assert len(world.listened) >= 11


@pytest.mark.parametrize("failure", sorted(NEEDS_A_PERSON))
def test_what_needs_a_person_is_tried_once_a_minute_at_most(failure: Failure) -> None:
    core = LiveCore(PACE, Random(1).random)
    core.failed(0, failure)
    step = core.next(0)
    assert isinstance(step, Rest)
    assert step.until >= MINUTE


def test_sites_that_lost_the_same_stream_do_not_come_back_together() -> None:
    back = []
    for seed in range(200):
        core = LiveCore(PACE, Random(seed).random)
        core.opened(0)
        core.heard(MINUTE)
        core.closed(MINUTE)
        step = core.next(MINUTE)
        assert isinstance(step, Rest)
        back.append(step.until - MINUTE)
    assert min(back) >= PACE.first_retry_ms // 2
    assert max(back) - min(back) > PACE.first_retry_ms // 4
    assert len(set(back)) > 50


def test_when_the_line_comes_back_nothing_waits_for_its_turn() -> None:
    core = LiveCore(PACE, Random(1).random)
    for _ in range(20):
        core.failed(0, "unreachable")
    core.hurry(0)
    step = core.next(0)
    assert isinstance(step, Listen) or step.until <= PACE.first_retry_ms  # type: ignore[union-attr]


def test_the_centre_says_how_soon_to_come_again() -> None:
    for said, wanted in ((200, 200), (0, 50), (10**9, PACE.longest_retry_ms)):
        core = LiveCore(PACE, lambda: 0.999)
        core.retry(said)
        core.opened(0)
        core.closed(0)
        step = core.next(0)
        assert isinstance(step, Rest)
        assert wanted // 2 <= step.until <= wanted


def test_a_line_that_a_person_took_away_says_nothing_about_streams() -> None:
    core = LiveCore(PACE, Random(1).random)
    for _ in range(10):
        core.opened(0)
        core.heard(0)
        core.taken_away(0)
        assert not core.up
    assert isinstance(core.next(0), Listen)


# which news


@given(
    st.lists(
        st.tuples(st.just("move"), st.sampled_from("ab"))
        | st.tuples(st.just("tell"), st.sampled_from("ab"))
        | st.tuples(st.just("pull"), st.booleans())
        | st.tuples(st.just("reopen"), st.none()),
        max_size=60,
    )
)
def test_what_moved_is_pulled_for_and_nothing_is_pulled_for_twice(happened: list[tuple[str, object]]) -> None:
    core = LiveCore(PACE, Random(1).random)
    truth, have = {"a": 0, "b": 0}, {"a": 0, "b": 0}
    core.have(have)
    pulls = numbers = 0

    def pull() -> None:
        nonlocal have
        have = dict(truth)
        core.have(have)

    for what, which in happened:
        if what == "move":
            truth[str(which)] += 1
        elif what == "tell":
            numbers += 1
            core.head(str(which), truth[str(which)])
        elif what == "reopen":
            core.opened(0)
            numbers += 2
            for scope, seq in truth.items():
                core.head(scope, seq)
        elif which:
            pull()  # a poll of its own accord
        elif core.news():
            pulls += 1
            pull()
    for scope, seq in truth.items():
        core.head(scope, seq)
    while core.news():
        pull()
    assert have == truth
    assert pulls <= numbers


def test_a_scope_that_the_site_does_not_follow_is_no_news() -> None:
    core = LiveCore(PACE, Random(1).random)
    core.have({"a": 1})
    core.head("b", 5)
    assert not core.news()
    core.head("a", 1)
    assert not core.news()
    core.head("a", 2)
    assert core.news()
    assert not core.news()


def test_a_centre_that_is_behind_what_is_here_is_asked() -> None:
    core = LiveCore(PACE, Random(1).random)
    core.have({"a": 10})
    core.opened(0)
    core.head("a", 7)
    assert core.news()
    assert not core.news()
    core.have({"a": 3})
    core.head("a", 8)
    assert core.news(), "numbers of the history before don't count"


def test_a_long_poll_tells_what_was_heard_already() -> None:
    core = LiveCore(LivePace(quick_closes=1), Random(1).random)
    core.have({"a": 4, "b": 0})
    core.closed(0)
    step = core.next(MINUTE)
    assert step == Ask({"a": 4, "b": 0})
    core.answered(MINUTE, {"a": 6})
    assert core.up
    assert core.next(MINUTE) == Ask({"a": 6, "b": 0})
    assert core.news()


def test_a_centre_that_answers_long_polls_without_waiting_makes_no_loop() -> None:
    core, now, asks = LiveCore(LivePace(quick_closes=1), Random(1).random), 0, 0
    core.have({"a": 4})
    core.closed(now)
    while now < MINUTE:
        step = core.next(now)
        now = step.until if isinstance(step, Rest) else now + 1
        if isinstance(step, Ask):
            asks += 1
            core.answered(now, {"a": 4})
    assert asks <= 61


# what it means for polls


def test_polls_are_rare_while_news_come_by_themselves_and_frequent_again_without() -> None:
    core, now = SyncCore(Pace(), Random(1).random, greeted=True), 0
    pulls: list[int] = []

    def run(ms: int) -> None:
        nonlocal now
        end = now + ms
        while now < end:
            step = core.next(now, 0)
            if isinstance(step, Wait):
                now = min(end, step.until)
            elif isinstance(step, Hello):
                core.hello(now)
            else:
                assert isinstance(step, Pull)
                pulls.append(now)
                core.pulled(now, False)

    run(MINUTE)
    assert 29 <= len(pulls) <= 31
    core.news_by_themselves(now, True)
    pulls.clear()
    run(10 * MINUTE)
    assert 19 <= len(pulls) <= 22
    core.news_by_themselves(now, False)
    pulls.clear()
    run(Pace().poll_ms)
    assert len(pulls) in (1, 2)
    run(MINUTE)
    assert len(pulls) >= 29


def test_a_push_that_fails_is_reason_to_look_whether_the_centre_answers() -> None:
    core = SyncCore(Pace(), Random(1).random, greeted=True)
    core.news_by_themselves(0, True)
    core.pulled(0, False)
    core.push_failed(0, "server")
    assert isinstance(core.next(Pace().poll_ms, 0), Pull)
