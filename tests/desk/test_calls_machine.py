"""Whatever callers, the switch and the agent do, in whatever order: no contact is lost, nobody is taken for another."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agentdesk.desk.calls import handing, states, turning, wrapping
from agentdesk.desk.calls.ringing_back import broke_off, ring_back
from agentdesk.desk.session import Contact, MadePromise
from agentdesk.domain.documents import Document
from agentdesk.telephony.model import Call, CallMoment, CallState, LegState
from agentdesk.telephony.source import Command, Order
from agentdesk.telephony.story import HANDED_OVER
from tests.desk.calling_floor import EXTENSION, Floor

NUMBERS = tuple(f"1860000{n:04}" for n in range(8))
MOST_CALLS = 4
IN_CALL = frozenset({CallState.TALKING, CallState.HELD})


class Desk(RuleBasedStateMachine):
    """One agent, his telephone, and callers."""

    @initialize()
    def begin(self) -> None:
        self.floor = Floor()
        self.flow, self.phone, self.run = self.floor.flow, self.floor.phone, self.floor.run
        self.promised: dict[str, list[str]] = {}
        self.known: dict[str, Contact] = {}
        self.done: set[str] = set()
        self.rung = 0

    def teardown(self) -> None:
        if hasattr(self, "floor"):
            self.floor.end()

    def calls(self, *at: CallState) -> list[Call]:
        return [call for call in self.phone.book if call.state in at]

    @property
    def top(self) -> Contact | None:
        return self.flow.contact

    # callers

    @precondition(lambda self: len(self.phone.book.live()) < MOST_CALLS)
    @rule(number=st.sampled_from(NUMBERS))
    def rings(self, number: str) -> None:
        if all(call.caller != number for call in self.phone.book.live()):
            self.rung += 1
            self.run(self.phone.ring(number, call_id=f"call-{self.rung}"))

    @precondition(lambda self: self.calls(CallState.RINGING))
    @rule(data=st.data())
    def gives_up(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls(CallState.RINGING)))
        if call.answered_at is None:
            self.run(self.phone.move(call.call_id, CallMoment.ABANDONED))
        self.run(self.phone.move(call.call_id, CallMoment.ENDED, reason="caller"))

    @precondition(lambda self: self.calls(CallState.RINGING))
    @rule(data=st.data())
    def rings_somewhere_else(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls(CallState.RINGING)))
        self.run(self.phone.move(call.call_id, CallMoment.MISSED))

    @precondition(lambda self: self.calls(*IN_CALL))
    @rule(data=st.data(), why=st.sampled_from(["caller", "network out of order", "Normal Clearing"]))
    def ends(self, data: st.DataObject, why: str) -> None:
        self.run(self.phone.end(data.draw(st.sampled_from(self.calls(*IN_CALL))).call_id, why))

    # the switch, and the telephone's own keys

    @precondition(lambda self: self.calls(CallState.RINGING))
    @rule(data=st.data())
    def picked_up(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls(CallState.RINGING)))
        self.run(self.phone.do(Order(Command.ANSWER, call.call_id)))

    @precondition(lambda self: self.calls(CallState.HELD))
    @rule(data=st.data(), failed=st.booleans())
    def retrieved(self, data: st.DataObject, failed: bool) -> None:
        call = data.draw(st.sampled_from(self.calls(CallState.HELD)))
        self.run(self.phone.move(call.call_id, CallMoment.RETRIEVED, reason="noanswer" if failed else None))

    @precondition(lambda self: self.calls(CallState.TRANSFERRED))
    @rule(data=st.data(), back=st.booleans())
    def transferred(self, data: st.DataObject, back: bool) -> None:
        call = data.draw(st.sampled_from(self.calls(CallState.TRANSFERRED)))
        if back:
            self.run(self.phone.move(call.call_id, CallMoment.RINGING))
        else:
            self.run(self.phone.move(call.call_id, CallMoment.ENDED, reason=HANDED_OVER))

    # the agent

    @rule()
    def answers(self) -> None:
        self.run(self.flow.answer())

    @rule()
    def takes_the_call(self) -> None:
        self.run(turning.take_call(self.flow))

    @rule()
    def turns_back(self) -> None:
        self.run(turning.turn_back(self.flow))

    @rule()
    def two_keys_at_once(self) -> None:
        self.run(turning.take_call(self.flow), turning.turn_back(self.flow))

    @precondition(lambda self: self.top is not None and self.top.live and self.top.channel != "desk")
    @rule()
    def holds(self) -> None:
        self.run(turning.hold(self.flow))

    @precondition(lambda self: self.top is not None and self.top.live and self.top.call is not None)
    @rule(warm=st.booleans())
    def hands_over(self, warm: bool) -> None:
        assert self.top is not None
        if not handing.begun(self.top):
            self.run(handing.hand_over(self.flow, self.top, "8900", warm, "why"))

    @precondition(lambda self: self.top is not None and self.top.live and handing.begun(self.top))
    @rule(done=st.booleans())
    def ends_a_warm_transfer(self, done: bool) -> None:
        assert self.top is not None
        self.run(handing.finish(self.flow, self.top) if done else handing.take_back(self.flow, self.top))

    @precondition(lambda self: self.top is not None and broke_off(self.flow, self.top))
    @rule()
    def rings_back(self) -> None:
        assert self.top is not None
        self.run(ring_back(self.flow, self.top))

    @precondition(lambda self: self.top is not None and self.top.live and not self.top.ringing)
    @rule()
    def promises(self) -> None:
        assert self.top is not None
        name = f"promise-{sum(map(len, self.promised.values()))}"
        self.top.promises.append(MadePromise(Document("region/bj", name, "commitment", 1, {}), "", name, ""))
        self.promised.setdefault(self.top.id, []).append(name)

    @precondition(lambda self: self.top is not None and not self.top.ringing)
    @rule()
    def wraps_up(self) -> None:
        assert self.top is not None
        contact = self.top
        if contact.channel == "desk" and not contact.opened:
            self.run(self.flow.leave())
        else:
            self.run(self.flow.wrap_up([], "done", contact))
        self.done.add(contact.id)

    @precondition(lambda self: self.top is None)
    @rule()
    def finds_somebody(self) -> None:
        self.run(self.flow.begin(Document("region/bj", "c-1", "customer", 1, {})))

    @rule()
    def ready_or_not(self) -> None:
        self.run(self.flow.toggle_ready("meal"))

    @rule(seconds=st.sampled_from([1, 15, 130]))
    def time_passes(self, seconds: int) -> None:
        self.floor.clock.advance(seconds * 1000)
        if self.flow.tick():
            self.run(self.flow.settle())

    # what always holds

    @invariant()
    def at_most_one_is_spoken_to(self) -> None:
        if not hasattr(self, "floor"):
            return
        spoken = [one for one in self.flow.stack if one.spoken]
        talking = [c for c in self.phone.book if (leg := c.leg(EXTENSION)) and leg.state is LegState.TALKING]
        assert len(spoken) <= 1
        assert len(talking) <= 1
        assert [one.call_id for one in spoken if one.call is not None] == [call.call_id for call in talking]

    @invariant()
    def no_contact_is_lost(self) -> None:
        if not hasattr(self, "floor"):
            return
        there = list(self.flow.stack)
        assert len({one.id for one in there}) == len(there)
        for one in there:
            self.known.setdefault(one.id, one)
        answered = {draft.document for draft in self.floor.deeds.of("contact.answered")}
        assert answered - self.done <= {one.id for one in there}
        assert not self.done & {one.id for one in there}

    @invariant()
    def every_call_at_this_telephone_is_somewhere(self) -> None:
        if not hasattr(self, "floor"):
            return
        at_work = [one.call_id for one in self.flow.stack if one.channel != "desk"]
        for call in self.phone.book.live():
            leg = call.leg(EXTENSION)
            if leg is not None and leg.active:
                assert (at_work.count(call.call_id), self.flow.queue.count(call.call_id)) in ((1, 0), (0, 1)), call
        for call_id in self.flow.queue:
            found = self.phone.book.get(call_id)
            assert found is not None
            assert found.state is CallState.RINGING

    @invariant()
    def nobody_is_taken_for_another(self) -> None:
        if not hasattr(self, "floor"):
            return
        for one in self.known.values():
            assert [promise.name for promise in one.promises] == self.promised.get(one.id, [])
            if one.call is not None:
                assert one.call.caller == one.lookup.raw
        for draft in self.floor.deeds.of("contact.rung_back"):
            assert draft.document in self.known

    @invariant()
    def the_state_is_what_the_telephone_says(self) -> None:
        if not hasattr(self, "floor"):
            return
        assert self.flow.state == states.present(self.flow.stack, self.flow.said)[0]
        for one in self.flow.stack:
            leg = one.call.leg(EXTENSION) if one.call is not None else None
            if leg is not None and one.live and one.channel != "desk":
                assert leg.state is (LegState.HELD if one.held else LegState.TALKING)
            if leg is not None and one.to_wrap:
                assert not leg.active

    @invariant()
    def intervals_follow_each_other(self) -> None:
        if not hasattr(self, "floor"):
            return
        found = [draft.body for draft in self.floor.deeds.of("agent.interval")]
        for before, after in pairwise(found):
            assert before["to"] == after["from"]
        if found:
            assert found[-1]["to"] == self.flow.since

    @invariant()
    def the_clock_of_a_wrap_up_runs_out(self) -> None:
        if not hasattr(self, "floor"):
            return
        for one in self.flow.stack:
            left = wrapping.left_ms(self.flow, one)
            assert left is None or one.to_wrap


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
