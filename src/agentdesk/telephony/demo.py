"""Calls that ring by themselves, for the demo: the same seed gives the same afternoon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from agentdesk.telephony.hand import HandSource
from agentdesk.telephony.model import Call, CallEvent, CallMoment, CallState
from agentdesk.telephony.source import Command, Order
from agentdesk.telephony.story import HANDED_OVER


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
    talks before he hangs up himself; without it only the desk hangs up. `gives_up` is how often, of all calls that are
    answered, somebody else rings meanwhile and gives up waiting, after `waits_s`; with the first one always.
    """

    first_s: float = 2.0
    pause_s: tuple[float, float] = (6.0, 20.0)
    patience_s: tuple[float, float] = (40.0, 90.0)
    talk_s: tuple[float, float] | None = None
    gives_up: float = 0.0
    waits_s: tuple[float, float] = (12.0, 25.0)


class DemoSource(HandSource):
    """Rings one caller after the other while the desk is ready: the first one first, the others shuffled."""

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
        self._waiting: set[asyncio.Task[None]] = set()
        self._begun = False

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
        await super().do(order)
        if order.command is Command.READY:
            self._ready.set()
        elif order.command is Command.NOT_READY:
            self._ready.clear()

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
        patience_s = self._random.uniform(*self._pace.patience_s)
        if not await self._within(patience_s, call_id, lambda call: call.state is not CallState.RINGING):
            await self.move(call_id, CallMoment.ABANDONED)
            await self.move(call_id, CallMoment.ENDED, reason="caller")
            return
        if self._pace.gives_up and (not self._begun or self._random.random() < self._pace.gives_up):
            self._begun = True
            waiting = asyncio.ensure_future(self._gives_up(self._random.choice(self._callers)))
            self._waiting.add(waiting)
            waiting.add_done_callback(self._waiting.discard)
        talk_s = None if self._pace.talk_s is None else self._random.uniform(*self._pace.talk_s)
        left = {CallState.TRANSFERRED, CallState.ENDED, CallState.ABANDONED}
        if not await self._within(talk_s, call_id, lambda call: call.state in left):
            await self.end(call_id, "caller")
        elif not self._call(call_id).over:
            await self.move(call_id, CallMoment.ENDED, reason=HANDED_OVER)

    async def _gives_up(self, caller: DemoCaller) -> None:
        """Ring while the desk talks to somebody else, and give up."""
        call_id, _ = await self.ring(caller.number, name=caller.name, queue=caller.queue)
        await self._sleep(self._random.uniform(*self._pace.waits_s))
        if self._call(call_id).state is CallState.RINGING:
            await self.move(call_id, CallMoment.ABANDONED)
            await self.move(call_id, CallMoment.ENDED, reason="caller")

    async def stop(self) -> None:
        """Stops listening; who still waits is gone with it."""
        for waiting in tuple(self._waiting):
            waiting.cancel()
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
