"""Listens to a source or a switchboard in a test, and waits for what should come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from agentdesk.telephony.agents import AgentEvent
from agentdesk.telephony.book import CallBook
from agentdesk.telephony.model import CallEvent
from agentdesk.telephony.source import Notice, SourceState

LONG_S = 60.0
"""Far more than anything here takes: only a failing test waits for so long."""


class Stream(Protocol):
    """What is listened to."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def __aiter__(self) -> AsyncIterator[Notice]: ...


class Ear:
    """All that was heard, and the calls it amounts to."""

    def __init__(self) -> None:
        self.calls = CallBook()
        self.events: list[CallEvent] = []
        self.agents: list[AgentEvent] = []
        self.states: list[SourceState] = []
        self.error: Exception | None = None
        self.over = False
        self._heard = asyncio.Condition()

    async def listen(self, stream: Stream) -> None:
        try:
            async for notice in stream:
                async with self._heard:
                    self._note(notice)
                    self._heard.notify_all()
        except Exception as error:
            self.error = error
        async with self._heard:
            self.over = True
            self._heard.notify_all()

    def _note(self, notice: Notice) -> None:
        if isinstance(notice, CallEvent):
            self.events.append(notice)
            self.calls.fold(notice)
        elif isinstance(notice, AgentEvent):
            self.agents.append(notice)
        else:
            self.states.append(notice)

    async def until(self, met: Callable[[], object]) -> None:
        async with asyncio.timeout(LONG_S), self._heard:
            await self._heard.wait_for(lambda: bool(met()))

    async def until_state(self, text: str) -> None:
        """Waits for a state whose line contains this text."""
        await self.until(lambda: any(text in state.text(state.at) for state in self.states))


@asynccontextmanager
async def listening(stream: Stream) -> AsyncIterator[Ear]:
    """Starts a stream and listens to it; stops it in the end."""
    ear = Ear()
    await stream.start()
    task = asyncio.create_task(ear.listen(stream))
    try:
        yield ear
    finally:
        await stream.stop()
        async with asyncio.timeout(LONG_S):
            await task


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Sleeper:
    """Sleeps that end when the test says so; what was asked for is noted."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[float] = []
        self._sleeping: list[tuple[int, asyncio.Future[None]]] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self.clock.now + int(seconds * 1000), end))
        await end

    async def pass_(self, seconds: float) -> None:
        """Lets time pass, and everybody who wakes up do what he does then."""
        until = self.clock.now + int(seconds * 1000)
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            due = [pair for pair in self._sleeping if pair[0] <= until and not pair[1].done()]
            self._sleeping = [pair for pair in self._sleeping if not pair[1].done()]
            if not due:
                break
            when, end = min(due, key=lambda pair: pair[0])
            self.clock.now = max(self.clock.now, when)
            end.set_result(None)
        self.clock.now = until
