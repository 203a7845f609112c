"""A switch for tests: a TCP server that speaks the manager's greeting and login, then plays a recording."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Self

from tests.telephony.recording import Block, in_pieces, shuffled

USER, SECRET = "agentdesk", "s3cret 密"
CHALLENGE = "158303555"


@dataclass(slots=True)
class Replay:
    """Plays `blocks` to whoever logs in: `speed` times faster than they were recorded, or all at once (None).

    `seed` shuffles each millisecond and cuts the stream into odd chunks. `drop_at` breaks the first line before
    the first block of that millisecond; the next line goes on at `resume_at`.
    """

    blocks: Sequence[Block]
    speed: float | None = None
    seed: int | None = None
    drop_at: int | None = None
    resume_at: int | None = None
    filters_allowed: bool = True
    silent_after_login: bool = False
    live_channels: tuple[str, ...] = ()
    now: int = 0
    """The recording's clock: the millisecond of the block that was sent last."""
    logins: int = 0
    sent: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    played: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def actions(self, name: str) -> list[dict[str, str]]:
        """What was asked for under this name, without the action's id."""
        left_out = {"action", "actionid"}
        return [{k: v for k, v in a.items() if k not in left_out} for a in self.asked if a["action"] == name]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        line = _Line(self, writer)
        try:
            await line.send(b"Asterisk Call Manager/9.0.0\r\n")
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                pairs = [text.partition(": ") for text in raw.decode().strip().split("\r\n")]
                action = {key.lower(): value for key, _, value in pairs}
                self.asked.append(action)
                await line.answer(action)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            if line.playing is not None:
                line.playing.cancel()
                await asyncio.gather(line.playing, return_exceptions=True)
            writer.close()
            self._serving.discard(task)


class _Line:
    """One connection."""

    def __init__(self, replay: Replay, writer: asyncio.StreamWriter) -> None:
        self.replay = replay
        self.writer = writer
        self.random = Random(replay.seed)
        self.turn = asyncio.Lock()
        self.filters: list[str] = []
        self.classes: set[str] = set()
        self.listed: set[str] = set()
        self.playing: asyncio.Task[None] | None = None

    async def send(self, data: bytes) -> None:
        async with self.turn:
            if self.replay.seed is None:
                self.writer.write(data)
                await self.writer.drain()
                return
            for piece in in_pieces(data, self.random):
                self.writer.write(piece)
                await self.writer.drain()
                if self.random.random() < 0.02:
                    await asyncio.sleep(0.0005)

    async def reply(self, action: dict[str, str], *lines: str) -> None:
        await self.send("\r\n".join([lines[0], f"ActionID: {action['actionid']}", *lines[1:]]).encode() + b"\r\n\r\n")

    async def answer(self, action: dict[str, str]) -> None:
        replay = self.replay
        if replay.silent_after_login and self.playing is not None:
            return
        match action["action"]:
            case "Challenge":
                await self.reply(action, "Response: Success", f"Challenge: {CHALLENGE}")
            case "Login":
                key = hashlib.md5((CHALLENGE + SECRET).encode()).hexdigest()
                if action["username"] != USER or (key != action.get("key") and action.get("secret") != SECRET):
                    await self.reply(action, "Response: Error", "Message: Authentication failed")
                    raise ConnectionAbortedError
                await self.reply(action, "Response: Success", "Message: Authentication accepted")
                replay.logins += 1
                self.classes = set(action["events"].split(","))
                self.playing = asyncio.create_task(self.play())
            case "Filter" if not replay.filters_allowed:
                await self.reply(action, "Response: Error", "Message: Permission denied")
            case "Filter":
                self.filters.append(action["filter"])
                await self.reply(action, "Response: Success", "Message: Filter Added")
            case "Ping":
                await self.reply(action, "Response: Success", "Ping: Pong")
            case "QueueStatus" | "CoreShowChannels":
                await self.list(action)
            case _:
                await self.reply(action, "Response: Success", "Message: Done")

    async def list(self, action: dict[str, str]) -> None:
        name = action["action"]
        await self.reply(action, "Response: Success", "EventList: start", "Message: List will follow")
        await asyncio.sleep(0.005)
        if name == "CoreShowChannels":
            for uniqueid in self.replay.live_channels:
                await self.reply(action, "Event: CoreShowChannel", f"Uniqueid: {uniqueid}")
        else:
            member = ("Event: QueueMember", "Queue: vip10010", "Status: 1", "Paused: 0")
            await self.reply(action, *member, f"Location: {action.get('member', 'Local/8001@agents/n')}")
        await self.reply(action, f"Event: {name}Complete", "EventList: Complete", "ListItems: 1")
        self.listed.add(name)

    async def play(self) -> None:
        replay = self.replay
        first = replay.logins == 1
        blocks = [b for b in replay.blocks if first or b.ms >= (replay.resume_at or 0)]
        if replay.seed is not None:
            blocks = shuffled(blocks, self.random)
        # What is sent shall not depend on how quick the client is with its filters and questions.
        while not replay.silent_after_login and not self.settled():
            await asyncio.sleep(0.001)
        started, origin = asyncio.get_running_loop().time(), blocks[0].ms if blocks else 0
        burst = b""
        for block in blocks:
            if first and replay.drop_at is not None and block.ms >= replay.drop_at:
                await self.send(burst)
                self.writer.close()
                return
            if replay.speed is not None:
                due = started + (block.ms - origin) / 1000 / replay.speed
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            if not self.lets_through(block):
                continue
            replay.now = block.ms
            replay.sent += 1
            if replay.speed is None:
                burst += block.wire
            else:
                await self.send(block.wire)
        await self.send(burst)
        replay.played.set()

    def lets_through(self, block: Block) -> bool:
        """As the switch does: the classes of the login, then what the filters leave out (`!` and a pattern)."""
        privilege = re.search(r"^Privilege: (\w+)", block.text, re.MULTILINE)
        if privilege is not None and privilege[1] not in self.classes:
            return False
        return not any(re.search(text[1:], block.text) for text in self.filters)

    def settled(self) -> bool:
        """Whether the client has its filters and, after a lost line, knows which calls live."""
        last = "QueueStatus" if self.replay.logins == 1 else "CoreShowChannels"
        return last in self.listed
