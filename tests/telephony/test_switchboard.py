"""Several sources are one stream, and what one of them does wrong stays with it."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from agentdesk.telephony.hand import HandSource
from agentdesk.telephony.model import CallState
from agentdesk.telephony.source import (
    QUEUE_LIMIT,
    BaseSource,
    CannotDo,
    Command,
    Link,
    Order,
    SourceFailed,
    TelephonyError,
)
from agentdesk.telephony.switchboard import Switchboard
from tests.telephony.listening import Clock, Sleeper, listening

CLOCK = Clock()


class Broken(BaseSource):
    """Breaks some times before it works."""

    can = frozenset({Command.READY})

    def __init__(self, errors: list[Exception]) -> None:
        super().__init__("broken", CLOCK)
        self.errors = errors

    async def listen(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        await self.say_link(Link.CONNECTED)

    async def do(self, order: Order) -> None:
        raise ValueError("a bug")


def board(*sources: BaseSource | HandSource, sleep: Sleeper | None = None) -> Switchboard:
    return Switchboard(
        [s for s in sources if isinstance(s, (HandSource, Broken))],
        now_ms=CLOCK,
        random=Random(3),
        sleep=sleep or Sleeper(CLOCK),
    )


async def test_calls_of_all_sources_come_out_of_one_stream() -> None:
    one, two = HandSource("one", CLOCK, agent="8001"), HandSource("two", CLOCK)
    async with listening(board(one, two)) as ear:
        await one.ring("18601012345")
        await two.ring("01012345678")
        await ear.until(lambda: len(ear.calls) == 2 and len(ear.events) == 4)
        assert {event.source for event in ear.events} == {"one", "two"}


async def test_a_source_that_breaks_is_started_again_and_the_others_go_on() -> None:
    sleep, hand = Sleeper(CLOCK), HandSource("hand", CLOCK)
    switchboard = board(Broken([RuntimeError("bad\nday"), RuntimeError("again")]), hand, sleep=sleep)
    async with listening(switchboard) as ear:
        await ear.until_state("reconnecting in 1 s: bad day")
        await hand.ring("18601012345")
        await ear.until(lambda: ear.events)
        await sleep.pass_(10)
        await ear.until(lambda: switchboard.states["broken"].link is Link.CONNECTED)
        assert switchboard.states["hand"].link is Link.CONNECTED
        assert len(sleep.asked) == 2
    assert {state.link for state in switchboard.states.values()} == {Link.STOPPED}


async def test_a_source_that_cant_work_says_why_and_is_left_alone() -> None:
    sleep = Sleeper(CLOCK)
    switchboard = board(Broken([SourceFailed("the secret is wrong")]), sleep=sleep)
    async with listening(switchboard) as ear:
        await ear.until_state("failed: the secret is wrong")
        await sleep.pass_(1000)
        assert switchboard.states["broken"].link is Link.FAILED


async def test_an_order_goes_to_the_source_of_its_call() -> None:
    one, two = HandSource("one", CLOCK), HandSource("two", CLOCK)
    switchboard = board(one, two)
    async with listening(switchboard) as ear:
        call_id, _ = await two.ring("18601012345")
        await ear.until(lambda: ear.events)
        assert switchboard.can(Command.ANSWER, call_id)
        assert not switchboard.can(Command.CALL_BACK)
        await switchboard.do(Order(Command.ANSWER, call_id))
        assert two.book.live()[0].state is CallState.TALKING
        assert len(one.book) == 0


async def test_an_order_that_cant_be_carried_out_is_one_line() -> None:
    hand = HandSource("hand", CLOCK)
    switchboard = board(hand, Broken([]))
    async with listening(switchboard) as ear:
        await ear.until(lambda: len(ear.states) == 2)
        with pytest.raises(CannotDo, match="not known here any more"):
            await switchboard.do(Order(Command.ANSWER, "gone"))
        with pytest.raises(CannotDo, match="call back: do it on the phone itself"):
            await switchboard.do(Order(Command.CALL_BACK, target="18601012345"))
        with pytest.raises(TelephonyError, match="broken: a bug"):
            await switchboard.do(Order(Command.READY))


async def test_a_desk_that_doesnt_read_slows_its_sources_down_and_stops_all_the_same() -> None:
    hand = HandSource("hand", CLOCK)
    switchboard = board(hand)
    await switchboard.start()

    async def flood() -> None:
        for n in range(2 * QUEUE_LIMIT):
            await hand.ring("18601012345", call_id=f"c{n}")

    flooding = asyncio.create_task(flood())
    rung = -1
    while rung != len(hand.book):  # until no more gets through
        rung = len(hand.book)
        for _ in range(100):
            await asyncio.sleep(0)
    assert not flooding.done()
    assert rung < 2 * QUEUE_LIMIT
    await switchboard.stop()
    flooding.cancel()
    await asyncio.gather(flooding, return_exceptions=True)


async def test_two_sources_need_two_names() -> None:
    with pytest.raises(ValueError, match="same name"):
        board(HandSource("one", CLOCK), HandSource("one", CLOCK))
