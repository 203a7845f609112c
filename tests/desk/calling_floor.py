"""A desk without a screen or files: its flow, a telephone that the test moves, and all that would be written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any, cast

from agentdesk.desk.backend import Backend
from agentdesk.desk.calls.flow import CallFlow
from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.models.facts import Lookup
from agentdesk.desk.settings import AgentIdentity, DeskSettings
from agentdesk.domain.operation import Draft
from agentdesk.store.site import Site
from agentdesk.telephony.hand import HandSource
from agentdesk.telephony.model import CallEvent, CallMoment, Direction
from agentdesk.telephony.source import Command, Order
from agentdesk.telephony.switchboard import Switchboard
from tests.desk.world import FrozenClock, SeededEntropy, catalogue

EXTENSION = "8001"


class Notes(Deeds):
    """Deeds that keep what would be written down."""

    def __init__(self, settings: DeskSettings) -> None:
        super().__init__(cast(Backend, None), settings)
        self.drafts: list[Draft] = []
        self.signed("region/bj", catalogue())

    async def commit(self, build: Callable[[Site], Any]) -> Done:
        await asyncio.sleep(0)
        try:
            self.drafts += build(cast(Site, None))
        except AttributeError:
            return Done()  # it asks the site's files, which aren't there
        return Done()

    def of(self, kind: str) -> list[Draft]:
        """What was written down of a kind."""
        return [draft for draft in self.drafts if draft.kind == kind]


class Flow(CallFlow):
    """A flow that knows every number, and nobody behind it."""

    async def look_up(self, raw: str) -> Lookup:
        await asyncio.sleep(0)
        return Lookup(raw, raw, None, ())

    async def refresh(self) -> None:
        await asyncio.sleep(0)


class Phone(HandSource):
    """A telephone that can ring out, too."""

    can = frozenset(Command)

    async def do(self, order: Order) -> None:
        if order.command is not Command.CALL_BACK:
            await super().do(order)
            return
        call_id, at = f"out-{len(self.book)}", self._now()
        await self.tell(
            CallEvent(call_id, CallMoment.OFFERED, at, self.name, caller=order.target, direction=Direction.OUTBOUND)
        )
        await self.move(call_id, CallMoment.RINGING)


class Floor:
    """One desk; `run` does something and waits until all that followed from it is over."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        settings = DeskSettings(
            folder=Path(),
            agent=AgentIdentity("bj1024", "张敏", "1024", "agent", EXTENSION),
            clock=self.clock,
            entropy=SeededEntropy(Random(7)),
        )
        self.loop = asyncio.new_event_loop()
        self.deeds = Notes(settings)
        self.flow = Flow(settings, cast(Backend, None), self.deeds, self.clock.wall)
        self.phone = Phone("hand", self.clock.wall_ms, agent=EXTENSION)
        self.board = Switchboard([self.phone], now_ms=self.clock.wall_ms, random=Random(1))
        self.flow.switchboard = self.board
        self.listener: asyncio.Task[None] | None = None
        self.run(self._begin())

    async def _begin(self) -> None:
        await self.board.start()
        self.listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for notice in self.board:
            await self.flow.take(notice)

    def run(self, *works: Coroutine[Any, Any, Any]) -> None:
        """Do several things at the same time, and all that follows from them."""

        async def whole() -> None:
            await asyncio.gather(*works)
            for _ in range(120):
                await asyncio.sleep(0)

        self.loop.run_until_complete(whole())
        if self.listener is not None and self.listener.done():
            self.listener.result()

    def end(self) -> None:
        """Stop everything."""
        self.loop.run_until_complete(self.board.stop())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
