"""Several sources as one stream: what one of them does wrong never reaches the others or the desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from random import Random

from agentdesk.telephony.backoff import backoff_s
from agentdesk.telephony.model import CallEvent
from agentdesk.telephony.source import (
    QUEUE_LIMIT,
    CallSource,
    CannotDo,
    Command,
    Link,
    Notice,
    Order,
    SourceFailed,
    SourceState,
    TelephonyError,
    one_line,
)

KEPT_ROUTES = 1_000
STOP_S = 2.0

log = logging.getLogger(__name__)


class Switchboard:
    """Runs sources, merges their notices, and sends each order to the source that the call came from."""

    def __init__(
        self,
        sources: Sequence[CallSource],
        *,
        now_ms: Callable[[], int],
        random: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        if len(self._sources) != len(sources):
            raise ValueError("two sources have the same name")
        self._now = now_ms
        self._random = random
        self._sleep = sleep
        self._notices: asyncio.Queue[Notice | None] = asyncio.Queue(QUEUE_LIMIT)
        self._runs: list[asyncio.Task[None]] = []
        self._came_from: dict[str, str] = {}
        self.states: dict[str, SourceState] = {
            name: SourceState(name, Link.STOPPED, now_ms()) for name in self._sources
        }
        """The state of each source, by name."""

    async def start(self) -> None:
        """Starts every source, each on its own; returns at once."""
        for source in self._sources.values():
            self._runs.append(asyncio.create_task(self._run(source), name=f"calls from {source.name}"))

    async def stop(self) -> None:
        """Stops every source and ends the stream."""
        for run in self._runs:
            run.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)
        self._runs.clear()
        await asyncio.gather(*(self._stop(source) for source in self._sources.values()))
        while self._notices.full():
            self._notices.get_nowait()
        self._notices.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Notice]:
        while (notice := await self._notices.get()) is not None:
            yield notice

    def can(self, command: Command, call_id: str = "") -> bool:
        """Whether a command makes sense for this call, or, without one, for any source."""
        if call_id:
            source = self._sources.get(self._came_from.get(call_id, ""))
            return source is not None and command in source.can
        return any(command in source.can for source in self._sources.values())

    async def do(self, order: Order) -> None:
        """Carries an order out. Raises `CannotDo` or another `TelephonyError`, in one line."""
        able = [s for s in self._sources.values() if order.command in s.can]
        if order.call_id:
            name = self._came_from.get(order.call_id)
            if name is None:
                raise CannotDo("this call is not known here any more")
            able = [s for s in able if s.name == name]
        elif order.command is Command.CALL_BACK:
            able = able[:1]
        if not able:
            raise CannotDo(f"{order.command.value.replace('_', ' ')}: do it on the phone itself")
        failures = [e for source in able if (e := await self._do(source, order)) is not None]
        if failures:
            raise failures[0]

    @staticmethod
    async def _do(source: CallSource, order: Order) -> TelephonyError | None:
        try:
            await source.do(order)
        except TelephonyError as error:
            return error
        except Exception as error:
            log.exception("order %s to %s", order.command.value, source.name)
            return TelephonyError(f"{source.name}: {one_line(error)}")
        return None

    async def _run(self, source: CallSource) -> None:
        attempt = 0
        while True:
            try:
                await source.start()
                async for notice in source:
                    await self._take(source.name, notice)
                    if isinstance(notice, SourceState) and notice.link is Link.CONNECTED:
                        attempt = 0
                return
            except SourceFailed as error:
                await self._take(source.name, self._state(source, Link.FAILED, one_line(error)))
                return
            except Exception as error:
                log.exception("the source %s broke", source.name)
                attempt += 1
                wait_s = backoff_s(attempt, self._random)
                retry_at = self._now() + int(wait_s * 1000)
                state = self._state(source, Link.RECONNECTING, one_line(error), retry_at)
                await self._take(source.name, state)
                await self._stop(source)
                await self._sleep(wait_s)

    async def _take(self, name: str, notice: Notice) -> None:
        if isinstance(notice, SourceState):
            self.states[name] = notice
        elif isinstance(notice, CallEvent):
            # Python dicts keep insertion order: the first key is the call that came first.
            self._came_from.setdefault(notice.call_id, name)
            if len(self._came_from) > KEPT_ROUTES:
                self._came_from.pop(next(iter(self._came_from)))
        await self._notices.put(notice)

    def _state(self, source: CallSource, link: Link, reason: str | None, retry_at: int | None = None) -> SourceState:
        return SourceState(source.name, link, self._now(), reason, retry_at)

    async def _stop(self, source: CallSource) -> None:
        try:
            await asyncio.wait_for(source.stop(), STOP_S)
        except Exception as error:
            log.warning("the source %s didn't stop: %s", source.name, one_line(error))
        if self.states[source.name].link is not Link.RECONNECTING:
            self.states[source.name] = self._state(source, Link.STOPPED, None)
