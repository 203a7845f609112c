"""What a place that calls come from looks like to the desk: a stream of notices, and orders that go back.

A source never blocks the event loop and says what state it is in. Orders that it can't carry out raise
`CannotDo`, whose text is one line for the agent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from agentdesk.telephony.agents import AgentEvent
from agentdesk.telephony.model import CallEvent

QUEUE_LIMIT = 2_000
"""Notices that may wait for a desk that is busy; then the source is slowed down."""


class TelephonyError(Exception):
    """Something about a call went wrong; the text is one line that says what happened and what to do."""


class CannotDo(TelephonyError):
    """An order that this source, or this call now, doesn't allow."""


class SourceFailed(TelephonyError):
    """A source that can't work until somebody changes something, such as a wrong password."""


class Link(StrEnum):
    """The state of the line to a source."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is since `at`; `retry_at` when it tries again (both ms, UTC); `reason` in one line."""

    source: str
    link: Link
    at: int
    reason: str | None = None
    retry_at: int | None = None

    def text(self, now: int) -> str:
        """One short line, such as `reconnecting in 4 s: connection refused`."""
        words = self.link.value
        if self.retry_at is not None:
            words += f" in {max(0, -(-(self.retry_at - now) // 1000))} s"
        return words if self.reason is None else f"{words}: {self.reason}"


Notice: TypeAlias = CallEvent | AgentEvent | SourceState


class Command(StrEnum):
    """What a desk can ask of a source."""

    ANSWER = "answer"
    HANGUP = "hangup"
    HOLD = "hold"
    RETRIEVE = "retrieve"
    TRANSFER = "transfer"
    """To `target`; `warm` talks to the target first, then `FINISH_TRANSFER` or `CANCEL_TRANSFER`."""
    FINISH_TRANSFER = "finish_transfer"
    CANCEL_TRANSFER = "cancel_transfer"
    READY = "ready"
    NOT_READY = "not_ready"
    """With the `reason`: a break, training, wrap-up."""
    CALL_BACK = "call_back"
    """The agent's phone rings first, then `target` is called."""


@dataclass(frozen=True, slots=True)
class Order:
    """One command with what it needs; `agent` is None for the only agent of a source."""

    command: Command
    call_id: str = ""
    agent: str | None = None
    target: str | None = None
    warm: bool = False
    reason: str | None = None


class CallSource(Protocol):
    """A place that calls come from."""

    @property
    def name(self) -> str:
        """A short name, the `source` of its events."""

    @property
    def can(self) -> frozenset[Command]:
        """The commands it carries out."""

    async def start(self) -> None:
        """Begins to listen, in the background; returns at once."""

    async def stop(self) -> None:
        """Stops listening and lets go of everything; the stream ends."""

    def __aiter__(self) -> AsyncIterator[Notice]:
        """What happens, as it happens, until the source is stopped; for one reader."""

    async def do(self, order: Order) -> None:
        """Carries an order out. Raises `CannotDo`."""


class BaseSource:
    """The stream of a source, its state and its one background task, `listen`."""

    can: frozenset[Command] = frozenset()

    def __init__(self, name: str, now_ms: Callable[[], int]) -> None:
        self._name = name
        self._now = now_ms
        self._notices: asyncio.Queue[Notice | Exception | None] = asyncio.Queue(QUEUE_LIMIT)
        self._task: asyncio.Task[None] | None = None
        self._ended = False
        self.state = SourceState(name, Link.STOPPED, now_ms())

    @property
    def name(self) -> str:
        """A short name, the `source` of its events."""
        return self._name

    async def start(self) -> None:
        """Begins to listen, in the background; after a stop, with an empty stream."""
        if self._ended:
            self._notices = asyncio.Queue(QUEUE_LIMIT)
            self._ended = False
        self._task = asyncio.create_task(self._listen(), name=f"listen to {self._name}")

    async def stop(self) -> None:
        """Stops listening; the stream ends, and what its reader didn't take is dropped if it is full."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self.state = SourceState(self._name, Link.STOPPED, self._now())
        while self._notices.full():
            self._notices.get_nowait()
        self._notices.put_nowait(None)
        self._ended = True

    async def listen(self) -> None:
        """Listens until it is cancelled. What it raises, the stream raises."""
        await self.say_link(Link.CONNECTED)

    async def say(self, notice: Notice) -> None:
        """Puts a notice on the stream; waits while the reader is far behind."""
        if isinstance(notice, SourceState):
            self.state = notice
        await self._notices.put(notice)

    async def say_link(self, link: Link, reason: str | None = None, retry_at: int | None = None) -> None:
        """Tells in what state the line is."""
        await self.say(SourceState(self._name, link, self._now(), reason, retry_at))

    async def __aiter__(self) -> AsyncIterator[Notice]:
        while (notice := await self._notices.get()) is not None:
            if isinstance(notice, Exception):
                raise notice
            yield notice

    async def _listen(self) -> None:
        try:
            await self.listen()
        except Exception as error:
            await self._notices.put(error)


def one_line(error: BaseException) -> str:
    """An exception as one short line for a status bar."""
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    text = " ".join((getattr(error, "strerror", None) or str(error)).split())
    return text[:160] or type(error).__name__
