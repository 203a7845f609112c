"""What an agent is doing follows from his calls first, and from what he says of himself second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.telephony.agents import AgentBook, AgentEvent, AgentInterval, AgentStatus
from agentdesk.telephony.book import CallBook
from agentdesk.telephony.model import CallEvent, CallMoment

A, M = AgentStatus, CallMoment


class Floor:
    """A call book and an agent book side by side."""

    def __init__(self) -> None:
        self.calls, self.agents = CallBook(), AgentBook()
        self.facts: list[AgentInterval] = []

    def call(self, kind: CallMoment, at: int, call_id: str = "c1", agent: str | None = "8001") -> None:
        if kind in {M.OFFERED, M.ABANDONED, M.ENDED}:
            agent = None
        change = self.calls.fold(CallEvent(call_id, kind, at, "ami", agent=agent))
        if change is not None:
            self.facts += self.agents.heard(change)

    def say(self, status: AgentStatus, at: int, reason: str | None = None) -> None:
        self.facts += self.agents.said(AgentEvent("8001", status, at, "ami", reason))

    def lose(self, at: int) -> None:
        self.facts += self.agents.lost("ami", at)

    def now(self) -> AgentStatus:
        state = self.agents.state("8001")
        assert state is not None
        return state.status

    @property
    def told(self) -> list[tuple[str, int, int, str | None, str | None]]:
        return [(f.status.value, f.since, f.until, f.reason, f.call_id) for f in self.facts]

    @property
    def coverage(self) -> list[tuple[int, str | None]]:
        """What he was doing from which ms on, and the call: a state that nothing interrupted counts once."""
        spans = [(f.since, f"{f.status.value} {f.call_id}") for f in self.facts]
        return [span for n, span in enumerate(spans) if n == 0 or spans[n - 1][1] != span[1]]


def test_a_shift_becomes_intervals_without_gaps() -> None:
    floor = Floor()
    floor.say(A.READY, 0)
    floor.call(M.RINGING, 10)
    floor.call(M.ANSWERED, 15)
    floor.call(M.HELD, 30)
    floor.call(M.RETRIEVED, 40)
    floor.call(M.WRAP_UP, 60)
    floor.call(M.ENDED, 60)
    assert floor.now() is A.WRAP_UP
    floor.say(A.NOT_READY, 80, "lunch")
    floor.say(A.READY, 100)
    assert floor.told == [
        ("ready", 0, 10, None, None),
        ("reserved", 10, 15, None, "c1"),
        ("talking", 15, 30, None, "c1"),
        ("hold", 30, 40, None, "c1"),
        ("talking", 40, 60, None, "c1"),
        ("wrap_up", 60, 80, None, "c1"),
        ("not_ready", 80, 100, "lunch", None),
    ]


def test_a_ring_that_is_missed_or_given_up_leads_back_to_where_he_was() -> None:
    floor = Floor()
    floor.say(A.READY, 0)
    floor.call(M.RINGING, 1)
    floor.call(M.MISSED, 2)
    assert floor.now() is A.READY
    floor.call(M.RINGING, 3, "c2")
    floor.call(M.ABANDONED, 4, "c2")
    assert floor.now() is A.READY


def test_what_he_says_during_a_call_holds_after_it() -> None:
    floor = Floor()
    floor.call(M.ANSWERED, 0)
    floor.say(A.READY, 1)
    assert floor.now() is A.TALKING
    floor.call(M.WRAP_UP, 2)
    floor.say(A.NOT_READY, 3, "training")
    floor.call(M.ENDED, 4)
    assert floor.now() is A.NOT_READY


def test_a_second_call_that_rings_doesnt_hide_the_first() -> None:
    floor = Floor()
    floor.call(M.ANSWERED, 0)
    floor.call(M.RINGING, 1, "c2")
    assert floor.now() is A.TALKING
    floor.call(M.ENDED, 2)
    assert floor.now() is A.RESERVED


def test_a_late_report_of_a_call_doesnt_bring_its_wrap_up_back() -> None:
    floor = Floor()
    floor.call(M.ANSWERED, 0)
    floor.call(M.ENDED, 5)
    floor.say(A.READY, 6)
    floor.call(M.WRAP_UP, 7)
    assert floor.now() is A.READY


def test_a_pause_for_wrap_up_is_the_wrap_up_of_the_call() -> None:
    floor = Floor()
    floor.call(M.ANSWERED, 0)
    floor.call(M.WRAP_UP, 5)
    floor.say(A.WRAP_UP, 6)
    floor.say(A.READY, 9)
    assert floor.told[-1] == ("wrap_up", 5, 9, None, "c1")


def test_after_a_lost_line_nobody_knows_until_it_is_said_again() -> None:
    floor = Floor()
    floor.say(A.READY, 0)
    floor.call(M.ANSWERED, 5)
    floor.lose(7)
    assert floor.now() is A.UNKNOWN
    floor.say(A.READY, 9)
    assert floor.now() is A.TALKING
    assert floor.told[-2:] == [("talking", 5, 7, None, "c1"), ("unknown", 7, 9, None, None)]
    floor.agents.lost("another switch", 10)
    assert floor.now() is A.TALKING


moments = st.lists(st.tuples(st.sampled_from(CallMoment), st.integers(0, 1)), max_size=8)


@given(moments, st.permutations(range(8)))
def test_the_order_inside_a_millisecond_changes_no_interval(
    history: list[tuple[CallMoment, int]], order: list[int]
) -> None:
    first, other = Floor(), Floor()
    history = sorted(history, key=lambda e: e[1])
    shuffled = sorted((history[i] for i in order if i < len(history)), key=lambda e: e[1])
    for floor, events in ((first, history), (other, shuffled)):
        floor.say(A.READY, 0)
        for kind, at in sorted(events, key=lambda e: e[1]):
            floor.call(kind, 10 + at)
        floor.call(M.ENDED, 15)
        floor.say(A.READY, 20)
        floor.say(A.OFFLINE, 30)
    assert first.coverage == other.coverage
    assert first.now() is other.now()


@given(moments)
def test_intervals_follow_each_other(history: list[tuple[CallMoment, int]]) -> None:
    floor = Floor()
    floor.say(A.READY, 0)
    for n, (kind, _) in enumerate(history):
        floor.call(kind, 10 * (n + 1))
    floor.say(A.OFFLINE, 1000)
    floor.say(A.READY, 2000)
    ends = [0, *(fact.until for fact in floor.facts)]
    assert [fact.since for fact in floor.facts] == ends[:-1]
