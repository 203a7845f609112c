"""One connection to the manager interface: login, questions and their answers, and the events in between."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from agentdesk.telephony.ami.protocol import Message, Parser, encode
from agentdesk.telephony.source import SourceFailed, TelephonyError

READ_BYTES = 64 * 1024
LIST_MESSAGES = 20_000

EVENT_CLASSES = "call,agent,user"
"""Classes of events that are wanted; those of the dialplan alone would be half of the flood."""


class SwitchRefused(TelephonyError):
    """The switch answered an action with an error; the text is the switch's."""


class Session:
    """Asks the switch and waits for its answers, while `pump` reads; every wait ends when the line does."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        answer_s: float,
        take: Callable[[list[Message]], Awaitable[None]],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer_s = answer_s
        self._take = take
        self._parser = Parser()
        self._count = 0
        self._asked: dict[str, asyncio.Future[Message]] = {}
        self._lists: dict[str, list[Message]] = {}
        loop = asyncio.get_running_loop()
        self._greeted: asyncio.Future[None] = loop.create_future()
        self._over: asyncio.Future[None] = loop.create_future()

    async def pump(self) -> None:
        """Reads until the line ends; then everything that waits here gets to know it."""
        error: Exception = ConnectionResetError("the switch closed the line")
        try:
            while data := await self._reader.read(READ_BYTES):
                await self._take([m for m in self._parser.feed(data) if not self._is_answer(m)])
        except Exception as reason:
            error = reason
        finally:
            waits: list[asyncio.Future[Any]] = [*self._asked.values(), self._greeted, self._over]
            for waiting in waits:
                if not waiting.done():
                    waiting.set_exception(error)
                    waiting.exception()  # nobody may be waiting for it

    async def login(self, user: str, secret: str, *, md5: bool) -> None:
        """Logs in, with a challenge or with the plain secret. Raises `SourceFailed` when it is refused."""
        async with asyncio.timeout(self._answer_s):
            await asyncio.shield(self._greeted)
        proof = [("Secret", secret)]
        if md5:
            challenge = await self._answer("Challenge", [("AuthType", "MD5")])
            key = challenge.get("challenge") + secret
            digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
            proof = [("AuthType", "MD5"), ("Key", digest)]
        answer = await self._answer("Login", [("Username", user), *proof, ("Events", EVENT_CLASSES)])
        if not answer.ok:
            why = answer.get("message") or "no reason given"
            raise SourceFailed(f"the switch refused the login of {user}: check its name and secret ({why})")

    async def ask(self, action: str, *fields: tuple[str, str]) -> Message:
        """Sends an action and gives the answer. Raises `SwitchRefused`, `TimeoutError`, `ConnectionError`."""
        answer = await self._answer(action, fields)
        if not answer.ok:
            raise SwitchRefused(f"the switch refused: {answer.get('message') or action}")
        return answer

    async def ask_list(self, action: str, *fields: tuple[str, str]) -> list[Message]:
        """Sends an action whose answer is a list of events, and gives them; raises as `ask`."""
        messages: list[Message] = []
        answer = await self._answer(action, fields, messages)
        if not answer.ok:
            raise SwitchRefused(f"the switch refused: {answer.get('message') or action}")
        return messages

    async def wait(self, seconds: float) -> None:
        """Lets time pass; raises as soon as the line ends."""
        await asyncio.wait({self._over}, timeout=seconds)
        if self._over.done():
            self._over.result()

    async def _answer(
        self, action: str, fields: Iterable[tuple[str, str]], items: list[Message] | None = None
    ) -> Message:
        if self._over.done():
            self._over.result()
        self._count += 1
        action_id = f"agentdesk-{self._count}"
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._asked[action_id] = future
        if items is not None:
            self._lists[action_id] = items
        try:
            async with asyncio.timeout(self._answer_s):
                self._writer.write(encode(action, fields, action_id))
                await self._writer.drain()
                return await future
        finally:
            self._asked.pop(action_id, None)
            self._lists.pop(action_id, None)

    def _is_answer(self, message: Message) -> bool:
        if message.get("greeting"):
            if not self._greeted.done():
                self._greeted.set_result(None)
            return True
        action_id = message.get("actionid")
        future, items = self._asked.get(action_id), self._lists.get(action_id)
        if future is None:
            return not message.event
        if message.event:
            if items is None:
                return False
            if message.get("eventlist").lower() == "complete":
                self._settle(future, Message({"response": "Success"}))
            elif len(items) < LIST_MESSAGES:
                items.append(message)
        elif items is None or not message.ok:
            self._settle(future, message)
        return True

    @staticmethod
    def _settle(future: asyncio.Future[Message], message: Message) -> None:
        if not future.done():
            future.set_result(message)
