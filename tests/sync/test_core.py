"""The core in virtual time, against a scripted centre."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.sync.core import (
    LONGEST_RETRY_AFTER_MS,
    MAY_BE_THE_BATCH,
    NEEDS_A_PERSON,
    Failure,
    Hello,
    Pace,
    Pull,
    Push,
    SyncCore,
    Wait,
)

MINUTE = 60_000
HOUR = 60 * MINUTE
Script = dict[tuple[int, int], tuple[Failure, int | None]]
"""What fails from when to when, ms, and when the centre says to come again."""

FAILURES: tuple[Failure, ...] = get_args(Failure)
PACE = Pace()


@dataclass
class Simulated:
    """A centre that fails by a script of the time, and a queue of operations; one is poisoned, if any."""

    core: SyncCore
    waiting: int = 0
    now: int = 1_000_000
    cost: int = 20
    push_fault: Script = field(default_factory=dict)
    pull_fault: Script = field(default_factory=dict)
    poisoned: int | None = None
    held: int = 0
    most: int = 10_000
    pushes: list[tuple[int, int]] = field(default_factory=list)
    pulls: list[int] = field(default_factory=list)
    hellos: list[int] = field(default_factory=list)
    done: int = 0

    def _fault(self, script: Script) -> tuple[Failure, int | None] | None:
        return next((what for (start, end), what in script.items() if start <= self.now < end), None)

    def run(self, ms: int, most: int = 100_000) -> None:
        end = self.now + ms
        for _ in range(most):
            step = self.core.next(self.now, self.waiting)
            if isinstance(step, Wait):
                assert step.until > self.now
                if step.until >= end:
                    self.now = end
                    return
                self.now = step.until
            elif isinstance(step, Hello):
                self.hellos.append(self.now)
                self.core.hello(self.now)
            elif isinstance(step, Push):
                self._push(step)
            else:
                self._pull()
            if self.now >= end:
                return
        raise AssertionError("a busy loop")

    def _push(self, step: Push) -> None:
        assert self.waiting > 0
        count = min(step.most, self.waiting)
        self.pushes.append((self.now, count))
        self.now += self.cost
        fault = self._fault(self.push_fault)
        if fault is not None:
            self.core.push_failed(self.now, *fault)
        elif count > self.most:
            self.core.push_failed(self.now, "too_large")
        elif self.poisoned is not None and self.done <= self.poisoned < self.done + count and count > 1:
            self.core.push_failed(self.now, "dropped")
        else:
            self.done += count
            self.waiting -= count
            self.core.pushed(self.now, count)

    def _pull(self) -> None:
        self.pulls.append(self.now)
        self.now += self.cost
        fault = self._fault(self.pull_fault)
        if fault is not None:
            self.core.pull_failed(self.now, *fault)
        else:
            self.core.pulled(self.now, False)

    def per_minute(self) -> int:
        """Return the most requests in any minute."""
        times = sorted([at for at, _ in self.pushes] + self.pulls)
        return max((bisect_left(times, at + MINUTE) - n for n, at in enumerate(times)), default=0)


def simulated(waiting: int = 0, seed: int = 1, **more: Any) -> Simulated:
    return Simulated(SyncCore(PACE, Random(seed).random), waiting, **more)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Faults of an hour at most, with what the centre says about when to come again."""
    script = {}
    for _ in range(draw(st.integers(0, 4))):
        start = 1_000_000 + draw(st.integers(0, HOUR))
        end = start + draw(st.integers(1, HOUR))
        script[start, end] = (draw(st.sampled_from(FAILURES)), draw(st.none() | st.integers(0, 10 * MINUTE)))
    return script


@settings(max_examples=100)
@given(scripts(), scripts(), st.integers(0, 5000), st.integers(0, 2**32), st.integers(1, 3000))
def test_after_the_faults_the_queue_drains_by_itself_and_pulls_go_on(
    push_fault: Script,
    pull_fault: Script,
    waiting: int,
    seed: int,
    cost: int,
) -> None:
    world = simulated(waiting, seed, push_fault=push_fault, pull_fault=pull_fault, cost=cost)
    world.run(2 * HOUR)
    over = max([end for _, end in (*push_fault, *pull_fault)], default=world.now)
    world.now = max(world.now, over)
    before = len(world.pulls)
    world.run(20 * MINUTE)  # and nothing new is written
    assert world.waiting == 0
    assert len(world.pulls) > before
    assert world.core.problem is None
    assert world.core.reachable
    # a minute has room for a poll every two seconds, a pull after each push, and a few retries
    batches = len([at for at, _ in world.pushes])
    assert world.per_minute() <= 60 + batches + 30


@pytest.mark.parametrize("failure", [f for f in FAILURES if f != "too_large"])
@pytest.mark.parametrize("waiting", [0, 1000])
def test_whatever_fails_is_tried_again_and_never_in_a_loop(failure: Failure, waiting: int) -> None:
    always: Script = {(0, 10**12): (failure, None)}
    world = simulated(waiting, push_fault=always, pull_fault=always)
    world.run(HOUR)
    assert world.per_minute() <= 24
    late = [at for at in world.pulls if at > world.now - 10 * MINUTE]
    assert 8 <= len(late) <= 45
    gaps = [after - before for before, after in pairwise(late)]
    longest = PACE.person_retry_ms if failure in NEEDS_A_PERSON else PACE.longest_retry_ms
    assert longest // 2 <= min(gaps)
    assert max(gaps) <= longest + 2 * world.cost


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_waiting_times_double_to_a_bound_and_are_left_to_chance(seed: int, failures: int) -> None:
    core = SyncCore(PACE, Random(seed).random, greeted=True)
    now = 0
    for n in range(failures):
        core.pull_failed(now, "server")
        step = core.next(now, 0)
        assert isinstance(step, Wait)
        longest = min(PACE.longest_retry_ms, PACE.first_retry_ms * 2**n)
        assert longest // 2 <= step.until - now <= longest
        now = step.until


def test_sites_that_lost_the_line_together_dont_come_back_together() -> None:
    firsts = set()
    for seed in range(50):
        core = SyncCore(PACE, Random(seed).random, greeted=True)
        for _ in range(10):
            core.pull_failed(0, "unreachable")
        step = core.next(0, 0)
        assert isinstance(step, Wait)
        firsts.add(step.until // 500)
    assert len(firsts) > 15


@pytest.mark.parametrize("after", [0, 5_000, 600_000, 10**15])
def test_retry_after_is_obeyed_up_to_an_hour(after: int) -> None:
    core = SyncCore(PACE, lambda: 0.0, greeted=True)
    core.push_failed(0, "busy", after)
    core.pull_failed(0, "busy", after)
    step = core.next(0, 5)
    assert isinstance(step, Wait)
    assert step.until == max(250, min(after, LONGEST_RETRY_AFTER_MS))


def test_a_centre_that_is_busy_gives_each_site_its_moment_however_often() -> None:
    core = SyncCore(PACE, lambda: 0.0, greeted=True)
    for now in range(0, 10_000, 100):
        core.push_failed(now, "busy", 70)
        assert core.next(now, 5) in (Wait(now + 70), Pull(PACE.pull_rows))
        core.pulled(now, False)
        assert core.next(now + 70, 5) == Push(PACE.most_operations, PACE.most_bytes)


def test_pulls_go_on_while_pushes_fail_and_pushes_while_pulls_do() -> None:
    world = simulated(1000, push_fault={(0, 10**12): ("server", None)})
    world.run(HOUR)
    assert len(world.pulls) > 1500
    assert world.waiting == 1000
    world = simulated(1000, pull_fault={(0, 10**12): ("server", None)})
    world.run(MINUTE)
    assert world.waiting == 0
    assert len(world.pulls) < 12


def test_no_pull_waits_long_for_a_queue() -> None:
    world = simulated(100_000, cost=300)
    world.run(MINUTE)
    assert world.waiting == 100_000 - 500 * len(world.pushes) > 0
    gaps = [after - before for before, after in pairwise(world.pulls)]
    assert max(gaps) <= PACE.poll_ms + 3 * 300


def test_what_was_pushed_is_pulled_at_once() -> None:
    world = simulated(0)
    world.run(MINUTE)
    world.waiting = 10
    pulled = len(world.pulls)
    world.run(100)
    assert len(world.pushes) == 1
    assert len(world.pulls) == pulled + 1


def test_a_line_that_answers_again_lets_the_other_kind_of_request_go_at_once() -> None:
    down: Script = {(1_000_000, 1_000_000 + 10 * MINUTE): ("unreachable", None)}
    world = simulated(10, push_fault=down, pull_fault=down)
    world.run(10 * MINUTE)
    assert world.waiting == 10
    world.run(31_000)
    assert world.waiting == 0
    assert abs(world.pushes[-1][0] - next(at for at in world.pulls if at >= 1_000_000 + 10 * MINUTE)) <= 2 * world.cost


# batches


@pytest.mark.parametrize("failure", sorted(MAY_BE_THE_BATCH))
def test_after_three_failures_a_batch_is_halved_until_one_is_left(failure: Failure) -> None:
    core = SyncCore(PACE, lambda: 0.5, greeted=True)
    sizes = []
    for _ in range(14):
        sizes.append(core.most)
        core.push_failed(0, failure)
    assert sizes == [500, 500, 500, 250, 125, 62, 31, 15, 7, 3, 1, 1, 1, 1]


@pytest.mark.parametrize("failure", ["unreachable", "busy", "unauthorised", "gap", "local"])
def test_what_isnt_the_batchs_fault_halves_nothing(failure: Failure) -> None:
    core = SyncCore(PACE, lambda: 0.5, greeted=True)
    for _ in range(20):
        core.push_failed(0, failure)
    assert core.most == 500


@settings(max_examples=40)
@given(st.integers(0, 999), st.integers(0, 2**32))
def test_an_operation_that_crashes_the_server_holds_the_others_up_for_a_bounded_time(poisoned: int, seed: int) -> None:
    world = simulated(1000, seed, poisoned=poisoned)
    world.run(5 * MINUTE)
    assert world.waiting == 0
    assert len(world.pushes) <= 40


@given(st.integers(1, 499))
def test_batches_that_are_too_large_are_halved_at_once_and_grow_back_by_steps(most: int) -> None:
    world = simulated(3000, most=most)
    world.run(2000 * 100, most=30_000)
    assert world.waiting == 0
    # what didn't go through costs at most as many requests as what did
    refused = sum(count > most for _, count in world.pushes)
    assert refused <= len(world.pushes) // 2 + 10


def test_the_centres_own_limits_are_kept() -> None:
    core = SyncCore(PACE, lambda: 0.5, greeted=True)
    core.pushed(0, 500, (200, 100_000))
    assert (core.most, core.most_bytes) == (200, 100_000)
    core.pushed(0, 200, (9999, 10**9))
    assert (core.most, core.most_bytes) == (400, 200_000)
    core.pushed(0, 200, (9999, 10**9))
    assert (core.most, core.most_bytes) == (500, 400_000)
    core.push_failed(0, "too_large", None, (100, 1000))
    assert (core.most, core.most_bytes) == (100, 1000)
    core.pushed(0, 1, (0, 0))
    assert (core.most, core.most_bytes) == (1, 1)


def test_one_operation_that_is_too_large_makes_no_loop() -> None:
    world = simulated(5, most=0)
    world.run(HOUR)
    assert world.waiting == 5
    assert world.per_minute() <= 60


def test_an_answer_that_answers_nothing_makes_no_loop() -> None:
    core = SyncCore(PACE, lambda: 0.0, greeted=True)
    core.pulled(0, False)
    core.pushed(0, 0)
    assert core.next(0, 5) == Wait(250)
    assert core.problem == "server"


def test_a_gap_is_filled_at_once_where_that_is_possible_and_else_after_a_while() -> None:
    core = SyncCore(PACE, lambda: 0.0, greeted=True)
    core.pulled(0, False)
    core.push_failed(0, "gap")
    assert core.next(0, 5) == Wait(250)
    core.rewound(0)
    assert core.next(0, 5) == Hello()
    core.hello(0)
    assert core.next(0, 5) == Push(500, 900_000)


# hurry and nudge


def test_a_person_who_asks_waits_no_longer() -> None:
    core = SyncCore(PACE, lambda: 0.5, greeted=True)
    for _ in range(10):
        core.push_failed(0, "unreachable")
        core.pull_failed(0, "unreachable")
    assert isinstance(core.next(100, 5), Wait)
    core.hurry(100)
    assert core.next(100, 5) == Hello()
    core.hello(100)
    assert isinstance(core.next(100, 5), Push)
    assert isinstance(core.next(100, 0), Pull)


def test_a_nudge_pulls_at_once_but_breaks_no_back_off() -> None:
    core = SyncCore(PACE, lambda: 0.5, greeted=True)
    core.pulled(0, False)
    assert core.next(1, 0) == Wait(PACE.poll_ms)
    core.nudge(1)
    assert core.next(1, 0) == Pull(PACE.pull_rows)
    core.pull_failed(1, "busy", 9000)
    core.nudge(2)
    assert core.next(2, 0) == Wait(9051)
    assert core.next_try == 9051


def test_the_pace_is_the_callers() -> None:
    pace = replace(PACE, poll_ms=100, most_operations=7, pull_rows=3)
    core = SyncCore(pace, lambda: 0.5, greeted=True)
    assert core.next(0, 1) == Push(7, 900_000)
    core.pulled(0, True)
    assert core.next(0, 0) == Pull(3)
    core.pulled(0, False)
    assert core.next(0, 0) == Wait(100)


# greetings


def test_a_session_begins_with_a_greeting_and_a_line_that_was_lost_with_another() -> None:
    down: Script = {(1_030_000, 1_040_000): ("dropped", None)}
    world = simulated(10, pull_fault=down)
    world.run(MINUTE)
    assert world.hellos[0] == 1_000_000
    assert [at for at in world.hellos[1:] if at < 1_030_000] == []
    assert len(world.hellos) >= 2
    assert world.waiting == 0


def test_nothing_is_pushed_or_pulled_before_the_greeting_is_answered() -> None:
    core = SyncCore(PACE, lambda: 0.0)
    assert core.next(0, 5) == Hello()
    core.hello_failed(0, "busy", 7_000)
    assert core.next(1, 5) == Wait(7_000)
    assert core.next_try == 7_000
    assert core.next(7_000, 5) == Hello()
    core.hello(7_000)
    assert isinstance(core.next(7_000, 5), Pull | Push)


def test_what_was_found_out_with_the_greeting_is_sent_at_once() -> None:
    core = SyncCore(PACE, lambda: 0.0, greeted=True)
    core.pulled(0, False)
    core.push_failed(0, "forked")
    assert isinstance(core.next(0, 5), Wait)
    core.hurry(0)
    core.pulled(0, False)
    assert core.next(0, 5) == Hello()
    core.hello(0, mended=True)
    assert isinstance(core.next(0, 5), Push)


def test_another_history_of_the_centre_asks_for_a_greeting() -> None:
    core = SyncCore(PACE, lambda: 0.0, greeted=True)
    core.greet_again(5)
    assert core.next(5, 0) == Hello()


def test_a_site_to_which_nothing_happens_greets_now_and_then_and_never_before_what_waits() -> None:
    core = SyncCore(PACE, lambda: 0.0)
    core.hello(1_000)
    core.pulled(1_000, False)
    due = 1_000 + PACE.greet_ms
    assert core.next(due - 1, 0) == Pull(PACE.pull_rows)
    assert core.next(due, 5) != Hello()
    assert core.next(due, 0) == Hello()
    core.hello(due)
    assert core.next(due, 0) == Pull(PACE.pull_rows)
