"""Calls from an Asterisk switch: stays connected, follows the calls that matter, carries orders out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from agentdesk.telephony.agents import AgentEvent, AgentStatus
from agentdesk.telephony.ami.channels import extension
from agentdesk.telephony.ami.fold import AmiFold
from agentdesk.telephony.ami.members import status_of
from agentdesk.telephony.ami.protocol import Message
from agentdesk.telephony.ami.session import Session, SwitchRefused
from agentdesk.telephony.backoff import LONGEST_S, backoff_s
from agentdesk.telephony.source import BaseSource, CannotDo, Command, Link, Order, one_line

log = logging.getLogger(__name__)

_DIALLED = re.compile(r"[0-9A-Za-z*#+][0-9A-Za-z*#+_.-]{0,39}")
"""What may be dialled: no channel syntax, such as `&`, `/` or `@`, gets through to the switch."""

FLOOD = (
    "BridgeCreate",
    "BridgeDestroy",
    "BridgeInfo",
    "BridgeLeave",
    "BridgeMerge",
    "BridgeVideoSourceUpdate",
    "CEL",
    "ChannelTalking",
    "ContactStatus",
    "DeviceStateChange",
    "DialState",
    "ExtensionStatus",
    "HangupRequest",
    "LocalBridge",
    "LocalOptimization",
    "MixMonitor",
    "MusicOnHold",
    "NewAccountCode",
    "NewCallerid",
    "NewConnectedLine",
    "Newchannel",
    "Newstate",
    "PresenceStatus",
    "QueueCallerLeave",
    "QueueEntry",
    "Rename",
    "SoftHangupRequest",
)
"""Beginnings of the names of events in the same classes that are many and are not read."""


@dataclass(frozen=True, slots=True)
class AmiSettings:
    """Where the switch is and whom to follow.

    `agents` are interfaces as its queues name them (`PJSIP/8001`, `Local/8001@agents/n`). The two contexts are
    those of its dialplan in which targets are dialled. `remote_control`: the agents' telephones do what a `NOTIFY`
    with `Event: talk` or `Event: hold` asks inside a call (PJSIP). All `…_s` are seconds.
    """

    host: str
    user: str
    secret: str = field(repr=False)
    port: int = 5038
    agents: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    md5: bool = True
    filter_events: bool = True
    remote_control: bool = False
    transfer_context: str = "from-internal"
    dial_context: str = "from-internal"
    connect_s: float = 5.0
    answer_s: float = 5.0
    ping_s: float = 10.0
    longest_wait_s: float = LONGEST_S


_ASKED_OF_PHONES = {Command.ANSWER: "talk", Command.HOLD: "hold", Command.RETRIEVE: "talk"}
"""What only the telephone itself can do, by the event that asks it to."""


class AmiSource(BaseSource):
    """One switch. A line that is lost or silent is built up anew; a refused login is final."""

    can = frozenset(
        {
            Command.HANGUP,
            Command.TRANSFER,
            Command.FINISH_TRANSFER,
            Command.CANCEL_TRANSFER,
            Command.READY,
            Command.NOT_READY,
            Command.CALL_BACK,
        }
    )

    def __init__(
        self,
        settings: AmiSettings,
        *,
        now_ms: Callable[[], int],
        random: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        name: str = "ami",
    ) -> None:
        super().__init__(name, now_ms)
        self._settings = settings
        if settings.remote_control:
            self.can = AmiSource.can | frozenset(_ASKED_OF_PHONES)
        self._random = random
        self._sleep = sleep
        self._fold = AmiFold(agents=settings.agents, queues=settings.queues, source=name)
        self._session: Session | None = None
        self._was_connected = False

    async def listen(self) -> None:
        """Connects, and connects again. Raises `SourceFailed` when the login is refused."""
        attempt = 0
        while True:
            await self.say_link(Link.CONNECTING)
            try:
                await self._connected()
            except (OSError, TimeoutError, SwitchRefused) as error:
                reason = one_line(error)
            # The state says whether this attempt got as far as the login.
            attempt = 1 if self.state.link is Link.CONNECTED else attempt + 1
            self._fold.line_lost()
            wait_s = backoff_s(attempt, self._random, self._settings.longest_wait_s)
            retry_at = self._now() + int(wait_s * 1000)
            await self.say_link(Link.RECONNECTING, reason, retry_at)
            await self._sleep(wait_s)

    async def _connected(self) -> None:
        """One connection from beginning to end; always ends by raising."""
        at = self._settings
        async with asyncio.timeout(at.connect_s):
            reader, writer = await asyncio.open_connection(at.host, at.port)
        session = Session(reader, writer, answer_s=at.answer_s, take=self._take)
        pump = asyncio.create_task(session.pump(), name=f"read from {self.name}")
        try:
            await session.login(at.user, at.secret, md5=at.md5)
            await self._narrow(session)
            await self.say_link(Link.CONNECTED)
            self._session = session
            await self._catch_up(session)
            while True:
                await session.wait(at.ping_s)
                await session.ask("Ping")
        finally:
            self._session = None
            pump.cancel()
            writer.close()
            await asyncio.gather(pump, return_exceptions=True)
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _narrow(self, session: Session) -> None:
        """Asks not to be sent the flood; without that permission it comes, and costs time only.

        Each filter leaves one event out, so that adding them one by one loses none that is wanted. They match
        at the beginning only: a caller can't hide behind a name such as `Event: CEL`.
        """
        if not self._settings.filter_events:
            return
        adds = [session.ask("Filter", ("Operation", "Add"), ("Filter", f"!^Event: {n}")) for n in FLOOD]
        answers = await asyncio.gather(*adds, return_exceptions=True)
        for error in answers:
            if isinstance(error, SwitchRefused):
                log.info("%s sends all events: %s", self.name, error)
                return
            if isinstance(error, BaseException):
                raise error

    async def _catch_up(self, session: Session) -> None:
        """Learns how the agents are and, after a lost line, which calls are over meanwhile."""
        again, self._was_connected = self._was_connected, True
        questions = [("Member", interface) for interface in self._settings.agents]
        questions += [("Queue", queue) for queue in self._settings.queues]
        try:
            for question in questions:
                await self._take(await session.ask_list("QueueStatus", question))
            if again:
                channels = await session.ask_list("CoreShowChannels")
                live = {m.get("uniqueid") for m in channels}
                for notice in self._fold.resync(live, self._now()):
                    await self.say(notice)
        except SwitchRefused as error:
            log.info("%s doesn't tell how things stand: %s", self.name, error)

    async def _take(self, messages: list[Message]) -> None:
        at = self._now()
        for message in messages:
            for notice in self._fold.feed(message, at):
                await self.say(notice)

    # ------------------------------------------------------------ orders

    async def do(self, order: Order) -> None:
        """Carries an order out. Raises `CannotDo` with the switch's reason."""
        session = self._session
        if session is None:
            raise CannotDo("the line to the switch is down: use the phone itself, or try again soon")
        try:
            await self._do(session, order)
        except SwitchRefused as error:
            raise CannotDo(str(error)) from None
        except (OSError, TimeoutError) as error:
            raise CannotDo(f"the switch doesn't answer ({one_line(error)}): look at the phone itself") from None

    async def _do(self, session: Session, order: Order) -> None:
        match order.command:
            case Command.READY | Command.NOT_READY:
                await self._pause(session, order)
            case Command.HANGUP | Command.FINISH_TRANSFER:
                await session.ask("Hangup", ("Channel", self._channel(order)))
            case Command.ANSWER | Command.HOLD | Command.RETRIEVE if order.command in self.can:
                asked = ("Variable", f"Event={_ASKED_OF_PHONES[order.command]}")
                await session.ask("PJSIPNotify", ("Channel", self._channel(order)), asked)
            case Command.CANCEL_TRANSFER:
                await session.ask("CancelAtxfer", ("Channel", self._channel(order)))
            case Command.TRANSFER:
                where = (
                    ("Channel", self._channel(order)),
                    ("Exten", _dialled(order.target)),
                    ("Context", self._settings.transfer_context),
                )
                await session.ask("Atxfer" if order.warm else "BlindTransfer", *where)
            case Command.CALL_BACK:
                await session.ask(
                    "Originate",
                    ("Channel", self._interfaces(order)[0]),
                    ("Exten", _dialled(order.target)),
                    ("Context", self._settings.dial_context),
                    ("Priority", "1"),
                    ("Timeout", "30000"),
                    ("Async", "true"),
                )
            case _:
                raise CannotDo(f"{order.command.value}: the switch can't do it for you, use the phone itself")

    async def _pause(self, session: Session, order: Order) -> None:
        paused = order.command is Command.NOT_READY
        for interface in self._interfaces(order):
            fields = [("Interface", interface), ("Paused", "true" if paused else "false")]
            if paused and order.reason:
                fields.append(("Reason", order.reason))
            await session.ask("QueuePause", *fields)
            # The switch tells of a pause only when it changes something.
            status, reason = status_of(order.reason or "") if paused else (AgentStatus.READY, None)
            await self.say(AgentEvent(extension(interface), status, self._now(), self.name, reason))

    def _interfaces(self, order: Order) -> list[str]:
        named = [i for i in self._settings.agents if order.agent in {None, i, extension(i)}]
        if len({extension(i) for i in named}) != 1:
            raise CannotDo("say for which agent: the switch is asked about several, or not about this one")
        return named

    def _channel(self, order: Order) -> str:
        found = self._fold.channel(order.call_id, order.agent)
        if found is None:
            raise CannotDo("the agent is not in this call any more")
        return found[1]


def _dialled(target: str | None) -> str:
    number = "".join((target or "").split()).replace("-", "")
    if _DIALLED.fullmatch(number) is None:
        raise CannotDo("this can't be dialled: give an extension or a number")
    return number
