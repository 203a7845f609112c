"""Calls without a switch: somebody says that they ring, and the desk's own keys move them on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from agentdesk.telephony.agents import AgentEvent, AgentStatus
from agentdesk.telephony.book import CallBook
from agentdesk.telephony.model import Call, CallEvent, CallMoment, CallState, Direction, LegState, TransferKind
from agentdesk.telephony.source import BaseSource, CannotDo, Command, Link, Order
from agentdesk.telephony.story import HANDED_OVER, RANK
from agentdesk.telephony.text import NUMBER_CHARS, clean

_IN_CALL = frozenset({CallState.TALKING, CallState.HELD})


class HandSource(BaseSource):
    """A source whose calls are told by `ring` and `tell`, and moved by the desk's orders.

    `agent` is the extension its calls ring at; None for a desk that needs no name.
    """

    can = frozenset(Command) - {Command.CALL_BACK}

    def __init__(self, name: str, now_ms: Callable[[], int], *, agent: str | None = None) -> None:
        super().__init__(name, now_ms)
        self.agent = agent
        self.book = CallBook()
        self._count = 0
        self._agent_says: tuple[AgentStatus, str | None] = (AgentStatus.READY, None)

    async def listen(self) -> None:
        """Has nothing to listen to: it is connected as soon as it runs."""
        await self.say_link(Link.CONNECTED)
        await self.say_agent(*self._agent_says)

    async def ring(
        self, number: str, *, name: str | None = None, queue: str | None = None, call_id: str | None = None
    ) -> tuple[str, bool]:
        """A caller rings; gives the call's id, and False when this call is known already.

        Raises `CannotDo` for a number without digits.
        """
        caller = clean(number, NUMBER_CHARS)
        if caller is None or not any(unicodedata.category(c) == "Nd" for c in caller):
            raise CannotDo("this is no telephone number: give its digits, such as 18601012345")
        at = self._now()
        self._count += 1
        call_id = clean(call_id) or f"{self.name}-{at}-{self._count}"
        if self.book.get(call_id) is not None:
            return call_id, False
        offered = CallEvent(
            call_id,
            CallMoment.OFFERED,
            at,
            self.name,
            caller=caller,
            caller_name=clean(name),
            queue=clean(queue),
            direction=Direction.INBOUND,
        )
        await self.tell(offered)
        await self.tell(CallEvent(call_id, CallMoment.RINGING, at, self.name, agent=self.agent))
        return call_id, True

    async def tell(self, event: CallEvent) -> Call:
        """Takes in one moment of a call, passes it on when it says something new, and gives the call."""
        if self.book.fold(event) is not None:
            await self.say(event)
        call = self.book.get(event.call_id)
        assert call is not None  # it was folded just now
        return call

    async def move(
        self,
        call_id: str,
        moment: CallMoment,
        *,
        transfer: TransferKind | None = None,
        target: str | None = None,
        reason: str | None = None,
    ) -> Call:
        """Moves a call on, now. Raises `CannotDo` when there is no such call."""
        if moment in (CallMoment.ANSWERED, CallMoment.RETRIEVED):
            await self._hold_others(call_id)
        at = self._now()
        # What is told here comes in its true order, also when the clock stands still or is set back.
        for last in self._call(call_id).moments[-1:]:
            at = max(at, last.at + 1 if RANK[moment] <= RANK[last.kind] else last.at)
        event = CallEvent(
            call_id,
            moment,
            at,
            self.name,
            agent=self.agent,
            transfer=transfer,
            target=clean(target, NUMBER_CHARS),
            reason=clean(reason),
        )
        return await self.tell(event)

    async def _hold_others(self, call_id: str) -> None:
        """Holds who is spoken to: a telephone speaks to one at a time."""
        for call in self.book.live():
            leg = call.leg(self.agent)
            if call.call_id != call_id and leg is not None and leg.state is LegState.TALKING:
                await self.move(call.call_id, CallMoment.HELD)

    async def end(self, call_id: str, reason: str) -> None:
        """The call is over, hung up by the `caller` or the `agent`; an agent who had answered wraps up."""
        call = self._call(call_id)
        leg = call.legs[-1] if call.legs else None
        if leg is not None and leg.answered_at is not None and leg.wrap_up_at is None:
            await self.move(call_id, CallMoment.WRAP_UP, reason=reason)
        await self.move(call_id, CallMoment.ENDED, reason=reason)

    async def say_agent(self, status: AgentStatus, reason: str | None = None) -> None:
        """Tells what the agent of this source says of himself."""
        self._agent_says = status, reason
        if self.agent is not None:
            await self.say(AgentEvent(self.agent, status, self._now(), self.name, clean(reason)))

    async def do(self, order: Order) -> None:
        """Carries an order of the desk out. Raises `CannotDo` when the call isn't in a state for it."""
        match order.command:
            case Command.READY:
                await self.say_agent(AgentStatus.READY)
            case Command.NOT_READY:
                await self.say_agent(AgentStatus.NOT_READY, order.reason)
            case Command.ANSWER:
                self._need(order, CallState.RINGING, CallState.OFFERED)
                await self.move(order.call_id, CallMoment.ANSWERED)
            case Command.HANGUP:
                self._need(order, *_IN_CALL, CallState.RINGING, CallState.OFFERED)
                await self.end(order.call_id, "agent")
            case Command.HOLD:
                self._need(order, CallState.TALKING)
                await self.move(order.call_id, CallMoment.HELD)
            case Command.RETRIEVE:
                self._need(order, CallState.HELD)
                await self.move(order.call_id, CallMoment.RETRIEVED)
            case Command.TRANSFER:
                await self._transfer(order)
            case Command.FINISH_TRANSFER:
                self._need_transfer(order)
                await self._hand_over(order, TransferKind.WARM)
            case Command.CANCEL_TRANSFER:
                self._need_transfer(order)
                await self.move(order.call_id, CallMoment.RETRIEVED)
            case _:
                raise CannotDo(f"{self.name} can't call anybody: dial on the phone itself")

    async def _transfer(self, order: Order) -> None:
        call = self._need(order, *_IN_CALL)
        if clean(order.target) is None:
            raise CannotDo("transfer: say to whom the call goes")
        if not order.warm:
            await self._hand_over(order, TransferKind.BLIND)
            return
        if call.state is CallState.TALKING:
            await self.move(order.call_id, CallMoment.HELD)
        started = CallMoment.TRANSFER_STARTED
        await self.move(order.call_id, started, transfer=TransferKind.WARM, target=order.target)

    async def _hand_over(self, order: Order, kind: TransferKind) -> None:
        await self.move(order.call_id, CallMoment.TRANSFERRED, transfer=kind, target=order.target)
        await self.move(order.call_id, CallMoment.WRAP_UP, reason=HANDED_OVER)

    def _need_transfer(self, order: Order) -> None:
        last = next(reversed(self._need(order, *_IN_CALL).transfers), None)
        if last is None or last.done_at is not None or last.cancelled_at is not None:
            raise CannotDo(f"{_words(order)}: no transfer has begun")

    def _need(self, order: Order, *states: CallState) -> Call:
        call = self._call(order.call_id)
        if call.state not in states:
            raise CannotDo(f"{_words(order)}: the call is {call.state.value}")
        return call

    def _call(self, call_id: str) -> Call:
        call = self.book.get(call_id)
        if call is None:
            raise CannotDo("there is no such call here")
        return call


def _words(order: Order) -> str:
    return order.command.value.replace("_", " ")
