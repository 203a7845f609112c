"""The demo's callers ring by themselves, and the desk moves their calls."""

from __future__ import annotations

from random import Random

import pytest

from agentdesk.telephony.agents import AgentStatus
from agentdesk.telephony.demo import DemoCaller, DemoPace, DemoSource
from agentdesk.telephony.model import CallMoment, CallState, TransferKind
from agentdesk.telephony.source import CannotDo, Command, Order
from tests.telephony.listening import Clock, Ear, Sleeper, listening

CALLERS = [DemoCaller(f"1860101{n:04}", f"客户{n}", "vip" if n % 2 else None) for n in range(6)]
PACE = DemoPace(first_s=2, pause_s=(5, 5), patience_s=(30, 30))


class Demo:
    """A demo whose time the test moves."""

    def __init__(self, pace: DemoPace = PACE, seed: int = 7, callers: list[DemoCaller] | None = None) -> None:
        self.clock = Clock()
        self.time = Sleeper(self.clock)
        self.source = DemoSource(
            CALLERS if callers is None else callers,
            now_ms=self.clock,
            random=Random(seed),
            pace=pace,
            sleep=self.time,
            agent="8001",
        )

    async def order(self, command: Command, **details: object) -> None:
        live = self.source.book.live()
        call_id = live[-1].call_id if live else ""
        await self.source.do(Order(command, call_id, **details))  # type: ignore[arg-type]


def numbers(ear: Ear) -> list[str | None]:
    return [event.caller for event in ear.events if event.kind is CallMoment.OFFERED]


async def test_the_first_caller_rings_first_and_by_himself() -> None:
    demo = Demo()
    async with listening(demo.source) as ear:
        await demo.time.pass_(1.9)
        assert ear.events == []
        await demo.time.pass_(0.2)
        (call,) = ear.calls
        assert (call.caller, call.caller_name, call.state) == ("18601010000", "客户0", CallState.RINGING)
        assert ear.agents[0].status is AgentStatus.READY


async def test_a_call_that_is_answered_waits_for_the_desk_to_end_it_and_the_next_one_rings() -> None:
    demo = Demo()
    async with listening(demo.source) as ear:
        await demo.time.pass_(2)
        await demo.order(Command.ANSWER)
        await demo.time.pass_(600)
        (call,) = ear.calls
        assert (call.state, call.waited_ms) == (CallState.TALKING, 0)
        await demo.order(Command.HOLD)
        await demo.order(Command.RETRIEVE)
        await demo.order(Command.HANGUP)
        await demo.time.pass_(0)
        (call,) = ear.calls
        assert (call.state, call.reason) == (CallState.ENDED, "agent")
        assert call.legs[0].wrap_up_at == call.ended_at
        await demo.time.pass_(5)
        assert len(numbers(ear)) == 2


async def test_a_caller_gives_up_after_a_while() -> None:
    demo = Demo()
    async with listening(demo.source) as ear:
        await demo.time.pass_(2 + 30)
        (call,) = ear.calls
        assert (call.state, call.ended_at) == (CallState.ABANDONED, demo.clock.now)
        with pytest.raises(CannotDo, match="answer: the call is abandoned"):
            await demo.source.do(Order(Command.ANSWER, call.call_id))


async def test_nobody_rings_while_the_agent_isnt_ready() -> None:
    demo = Demo()
    async with listening(demo.source) as ear:
        await demo.order(Command.NOT_READY, reason="lunch")
        await demo.time.pass_(300)
        assert (ear.events, ear.agents[-1].reason) == ([], "lunch")
        await demo.order(Command.READY)
        await demo.time.pass_(0)
        assert len(numbers(ear)) == 1


async def test_a_caller_may_hang_up_himself() -> None:
    demo = Demo(DemoPace(first_s=0, patience_s=(9, 9), talk_s=(60, 60), pause_s=(1, 1)))
    async with listening(demo.source) as ear:
        await demo.time.pass_(0)
        await demo.order(Command.ANSWER)
        await demo.time.pass_(60)
        assert [(c.state, c.reason) for c in ear.calls] == [(CallState.ENDED, "caller")]


async def test_a_call_can_be_handed_over_blind_or_warm() -> None:
    demo = Demo()
    async with listening(demo.source) as ear:
        await demo.time.pass_(2)
        await demo.order(Command.ANSWER)
        await demo.order(Command.TRANSFER, target="8900", warm=True)
        await demo.order(Command.CANCEL_TRANSFER)
        with pytest.raises(CannotDo, match="no transfer has begun"):
            await demo.order(Command.FINISH_TRANSFER)
        await demo.order(Command.TRANSFER, target="8901", warm=True)
        await demo.order(Command.FINISH_TRANSFER)
        await demo.time.pass_(5)
        await demo.order(Command.ANSWER)
        with pytest.raises(CannotDo, match="to whom"):
            await demo.order(Command.TRANSFER)
        await demo.order(Command.TRANSFER, target="8902")
        await demo.time.pass_(0)
        first, second = ear.calls
        assert [(t.kind, t.target, t.done_at is None) for t in first.transfers] == [
            (TransferKind.WARM, "8900", True),
            (TransferKind.WARM, "8901", False),
        ]
        assert [(t.kind, t.target) for t in second.transfers] == [(TransferKind.BLIND, "8902")]
        assert {first.state, second.state} == {CallState.ENDED}


async def test_somebody_rings_while_another_is_spoken_to_and_can_be_answered() -> None:
    demo = Demo(DemoPace(first_s=0, second=1, second_s=(5, 5), waits_s=(20, 20), patience_s=(30, 30)))
    async with listening(demo.source) as ear:
        await demo.time.pass_(0)
        await demo.order(Command.ANSWER)
        await demo.time.pass_(5)
        first, second = ear.calls
        assert (first.state, second.state) == (CallState.TALKING, CallState.RINGING)
        await demo.order(Command.ANSWER)
        await demo.time.pass_(60)
        first, second = ear.calls
        assert (first.state, second.state) == (CallState.HELD, CallState.TALKING)


async def test_the_second_call_breaks_off_and_its_caller_can_be_rung_back() -> None:
    demo = Demo(DemoPace(first_s=0, drops=0.001, drops_s=(30, 30), pause_s=(5, 5), comes_s=(4, 4)))
    async with listening(demo.source) as ear:
        await demo.time.pass_(0)
        await demo.order(Command.ANSWER)
        await demo.time.pass_(1)
        await demo.order(Command.HANGUP)
        await demo.time.pass_(5)
        await demo.order(Command.ANSWER)
        await demo.source.do(Order(Command.NOT_READY, reason="wrap-up"))
        await demo.time.pass_(30)
        dropped = list(ear.calls)[1]
        assert (dropped.state, dropped.reason) == (CallState.ENDED, "network out of order")
        await demo.source.do(Order(Command.CALL_BACK, target=dropped.caller))
        await demo.time.pass_(0)
        assert (list(ear.calls)[2].caller, list(ear.calls)[2].state) == (dropped.caller, CallState.RINGING)
        await demo.time.pass_(4)
        assert list(ear.calls)[2].state is CallState.TALKING


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "blind"])
async def test_a_transfer_that_nobody_takes_comes_back(warm: bool) -> None:
    demo = Demo(DemoPace(first_s=0, fails=1, comes_s=(4, 4)))
    async with listening(demo.source) as ear:
        await demo.time.pass_(0)
        await demo.order(Command.ANSWER)
        await demo.order(Command.TRANSFER, target="8900", warm=warm)
        await demo.time.pass_(3)
        assert next(iter(ear.calls)).state is (CallState.HELD if warm else CallState.TRANSFERRED)
        await demo.time.pass_(2)
        assert next(iter(ear.calls)).state is (CallState.TALKING if warm else CallState.RINGING)


async def afternoon(seed: int) -> list[tuple[int, str, str | None]]:
    demo = Demo(DemoPace(), seed)
    async with listening(demo.source) as ear:
        for _ in range(40):
            await demo.time.pass_(30)
            if demo.source.book.live() and demo.clock.now % 60_000 == 0:
                await demo.order(Command.HANGUP)
        return [(event.at, event.kind.value, event.caller) for event in ear.events]


async def test_the_same_seed_is_the_same_afternoon() -> None:
    assert await afternoon(1) == await afternoon(1)
    assert await afternoon(1) != await afternoon(2)


async def test_everybody_rings_before_anybody_rings_again() -> None:
    demo = Demo(DemoPace(first_s=0, patience_s=(1, 1), pause_s=(1, 1)))
    async with listening(demo.source) as ear:
        await demo.time.pass_(2 * len(CALLERS) - 1)
        assert sorted(str(n) for n in numbers(ear)) == [caller.number for caller in CALLERS]


async def test_a_demo_without_callers_is_quiet() -> None:
    demo = Demo(callers=[])
    async with listening(demo.source) as ear:
        await demo.time.pass_(100)
        assert ear.events == []
