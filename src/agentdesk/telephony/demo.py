"""Calls that ring by themselves, for the demo: the same seed gives the same afternoon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from agentdesk.telephony.hand import HandSource
from agentdesk.telephony.model import Call, CallEvent, CallMoment, CallState, Direction, TransferKind
from agentdesk.telephony.source import CannotDo, Command, Order
from agentdesk.telephony.story import HANDED_OVER
from agentdesk.telephony.text import NUMBER_CHARS, clean

BROKE_OFF = "network out of order"
"""Why a call ends that nobody ended."""

_LEFT = frozenset({CallState.TRANSFERRED, CallState.ENDED, CallState.ABANDONED})


@dataclass(frozen=True, slots=True)
class DemoCaller:
    """Somebody who will ring."""

    number: str
    name: str | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class DemoPace:
    """How busy the demo is, in seconds: each pair is the shortest and the longest.

    `patience_s` is how long a caller lets it ring, `pause_s` the quiet after a call, `talk_s` how long he
    talks before he hangs up himself; without it only the desk hangs up. `second` is how often, of all calls that are
    answered, somebody else rings meanwhile, after `second_s`, and gives up waiting after `waits_s`; with the first one
    always. `drops` is how often a call breaks off, after `drops_s`; the second one always. Whom the desk calls comes to
    the telephone after `comes_s`, or doesn't: `fails` is how often.
    """

    first_s: float = 2.0
    pause_s: tuple[float, float] = (6.0, 20.0)
    patience_s: tuple[float, float] = (40.0, 90.0)
    talk_s: tuple[float, float] | None = None
    second: float = 0.0
    second_s: tuple[float, float] = (6.0, 15.0)
    waits_s: tuple[float, float] = (20.0, 40.0)
    drops: float = 0.0
    drops_s: tuple[float, float] = (25.0, 50.0)
    fails: float = 0.0
    comes_s: tuple[float, float] = (3.0, 7.0)


class DemoSource(HandSource):
    """Rings one caller after the other while the desk is ready: the first one first, the others shuffled."""

    can = frozenset(Command)

    def __init__(
        self,
        callers: Sequence[DemoCaller],
        *,
        now_ms: Callable[[], int],
        random: Random,
        pace: DemoPace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        agent: str | None = None,
        name: str = "demo",
    ) -> None:
        super().__init__(name, now_ms, agent=agent)
        self._callers = list(callers)
        self._random = random
        self._pace = pace or DemoPace()
        self._sleep = sleep
        self._ready = asyncio.Event()
        self._ready.set()
        self._moved = asyncio.Event()
        self._beside: set[asyncio.Task[None]] = set()
        self._answered = 0
        self._rung = 0

    async def listen(self) -> None:
        """Rings, waits, and rings again."""
        await super().listen()
        await self._sleep(self._pace.first_s)
        for caller in self._order():
            await self._ready.wait()
            await self._one_call(caller)
            await self._sleep(self._random.uniform(*self._pace.pause_s))

    async def do(self, order: Order) -> None:
        """Carries an order out; `not_ready` keeps the next caller away until `ready`."""
        if order.command is Command.CALL_BACK:
            number = clean(order.target, NUMBER_CHARS)
            if number is None:
                raise CannotDo("call back: say whom")
            self._run(self._rings_out(number))
            return
        await super().do(order)
        if order.command is Command.READY:
            self._ready.set()
        elif order.command is Command.NOT_READY:
            self._ready.clear()
        elif order.command is Command.TRANSFER and order.warm:
            self._run(self._asked(order))

    async def tell(self, event: CallEvent) -> Call:
        """Takes in one moment of a call, and wakes the caller who waits for it."""
        call = await super().tell(event)
        self._moved.set()
        return call

    def _order(self) -> Iterator[DemoCaller]:
        first, rest = self._callers[:1], self._callers[1:]
        yield from first
        while self._callers:
            self._random.shuffle(rest)
            yield from rest
            rest = list(self._callers)

    async def _one_call(self, caller: DemoCaller) -> None:
        call_id, _ = await self.ring(caller.number, name=caller.name, queue=caller.queue)
        if not await self._answered_within(self._random.uniform(*self._pace.patience_s), call_id):
            return
        pace, self._answered = self._pace, self._answered + 1
        if pace.second and (self._answered == 1 or self._random.random() < pace.second):
            self._run(self._rings_meanwhile(self._random.choice(self._callers)))
        drops = pace.drops and (self._answered == 2 or self._random.random() < pace.drops)
        await self._talk(call_id, self._random.uniform(*pace.drops_s) if drops else None)

    async def _answered_within(self, seconds: float, call_id: str) -> bool:
        """Lets it ring; who isn't answered in time gives up."""
        if not await self._within(seconds, call_id, lambda call: call.state is not CallState.RINGING):
            first = self._call(call_id).answered_at is None
            if first:
                await self.move(call_id, CallMoment.ABANDONED)
            await self.move(call_id, CallMoment.ENDED, reason="caller")
        return not self._call(call_id).over

    async def _talk(self, call_id: str, drops_s: float | None = None) -> None:
        """What happens in a call that was answered, to its end: it may break off, or come back from a transfer."""
        pace = self._pace
        talk_s = None if pace.talk_s is None else self._random.uniform(*pace.talk_s)
        until_s = talk_s if drops_s is None else drops_s
        while True:
            if not await self._within(until_s, call_id, lambda call: call.state in _LEFT):
                await self.end(call_id, "caller" if drops_s is None else BROKE_OFF)
                return
            call = self._call(call_id)
            if call.over:
                return
            if call.transfers[-1].kind is TransferKind.WARM or self._random.random() >= pace.fails:
                await self.move(call_id, CallMoment.ENDED, reason=HANDED_OVER)
                return
            await self._sleep(self._random.uniform(*pace.comes_s))
            await self.move(call_id, CallMoment.RINGING)
            if not await self._answered_within(self._random.uniform(*pace.patience_s), call_id):
                return

    async def _rings_meanwhile(self, caller: DemoCaller) -> None:
        """Ring while the desk talks to somebody else; who isn't answered gives up."""
        await self._sleep(self._random.uniform(*self._pace.second_s))
        call_id, _ = await self.ring(caller.number, name=caller.name, queue=caller.queue)
        if await self._answered_within(self._random.uniform(*self._pace.waits_s), call_id):
            await self._talk(call_id)

    async def _asked(self, order: Order) -> None:
        """Somebody is asked to take a call over; when he doesn't come to the telephone, the caller is back."""
        if self._random.random() >= self._pace.fails:
            return
        await self._sleep(self._random.uniform(*self._pace.comes_s))
        last = next(reversed(self._call(order.call_id).transfers), None)
        if last is not None and last.done_at is None and last.cancelled_at is None:
            await self.move(order.call_id, CallMoment.RETRIEVED, target=order.target, reason="noanswer")

    async def _rings_out(self, number: str) -> None:
        """The desk calls somebody, who comes to the telephone or doesn't."""
        self._rung += 1
        call_id = f"{self.name}-out-{self._now()}-{self._rung}"
        rung = CallEvent(
            call_id, CallMoment.OFFERED, self._now(), self.name, caller=number, direction=Direction.OUTBOUND
        )
        await self.tell(rung)
        await self.move(call_id, CallMoment.RINGING)
        await self._sleep(self._random.uniform(*self._pace.comes_s))
        if self._call(call_id).state is not CallState.RINGING:
            return
        if self._random.random() < self._pace.fails:
            await self.move(call_id, CallMoment.ENDED, reason="noanswer")
            return
        await self.move(call_id, CallMoment.ANSWERED)
        await self._talk(call_id)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """Lets something happen beside the call that rings now."""
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def stop(self) -> None:
        """Stops listening; what happens beside is over with it."""
        for task in tuple(self._beside):
            task.cancel()
        await super().stop()

    async def _within(self, seconds: float | None, call_id: str, met: Callable[[Call], bool]) -> bool:
        """Waits until a call meets a condition; False when the time is up first."""
        timer = None if seconds is None else asyncio.ensure_future(self._sleep(seconds))
        try:
            while not met(self._call(call_id)):
                if timer is not None and timer.done():
                    return False
                self._moved.clear()
                await self._either(timer)
            return True
        finally:
            if timer is not None:
                timer.cancel()

    async def _either(self, timer: asyncio.Future[None] | None) -> None:
        moved = asyncio.ensure_future(self._moved.wait())
        try:
            waits: set[asyncio.Future[Any]] = {moved} if timer is None else {moved, timer}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            moved.cancel()
