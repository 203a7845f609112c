"""What happened in a call, told from reports that may come twice and out of order; pure.

A switch's reports of one happening share a millisecond, and their order inside it isn't stable. So a call
keeps the *set* of its reports and its story is a function of that set: reports are put into one canonical
order, and each is asked whether it says something new. The same report twice changes nothing, and no order of
arrival matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from agentdesk.telephony.model import (
    DETAILS,
    Call,
    CallEvent,
    CallMoment,
    CallState,
    Direction,
    Held,
    Leg,
    LegState,
    Transfer,
    TransferKind,
)

T = TypeVar("T")

HANDED_OVER = "transfer"
"""The reason of a wrap-up that follows a transfer: it ended the agent's part, not the call."""

HEARD_LIMIT = 256
"""Reports of one call that are kept; a call has some dozen, so a source that sends more is out of order."""

RANK = {moment: rank for rank, moment in enumerate(CallMoment)}
"""Which of two moments of one millisecond comes first."""

_STRAGGLERS = {CallMoment.TRANSFERRED, CallMoment.ABANDONED, CallMoment.WRAP_UP}


def apply(call: Call | None, event: CallEvent) -> Call:
    """The call after this report; an event of another call changes nothing. Any sequence gives a call."""
    heard = call.heard if call is not None else ()
    if call is not None and (event.call_id != call.call_id or event in heard):
        return call
    if call is not None and len(heard) >= HEARD_LIMIT and (event.kind is not CallMoment.ENDED or call.ended_at):
        return call
    return tell(event.call_id, (*heard, event))


def tell(call_id: str, events: Iterable[CallEvent]) -> Call:
    """The call that these reports, in whichever order, describe."""
    heard = tuple(sorted(set(events), key=_canonical))
    return _Story(call_id, heard).told()


def _canonical(event: CallEvent) -> tuple[int, int, tuple[str, ...]]:
    details = (getattr(event, name) for name in DETAILS)
    # A report without a detail comes after one that has it: the fuller one is the moment.
    texts = tuple("\U0010ffff" if d is None else str(d) for d in details)
    return event.at, RANK[event.kind], (*texts, event.source)


@dataclass(slots=True)
class _Leg:
    agent: str | None
    rang_at: int | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    wrap_up_at: int | None = None
    handed_over: bool = False
    transfer: int | None = None
    holds: list[Held] = field(default_factory=list)
    said: dict[CallMoment, int] = field(default_factory=dict)

    @property
    def talking(self) -> bool:
        return self.answered_at is not None and self.ended_at is None

    @property
    def on_hold(self) -> bool:
        return bool(self.holds) and self.holds[-1].until is None

    def retrieve(self, at: int) -> None:
        if self.on_hold:
            self.holds[-1] = Held(self.holds[-1].since, at)

    def end(self, at: int) -> None:
        self.retrieve(at)
        self.ended_at = at

    def frozen(self) -> Leg:
        if self.ended_at is None:
            talking = LegState.HELD if self.on_hold else LegState.TALKING
            state = LegState.RINGING if self.answered_at is None else talking
        elif self.handed_over:
            state = LegState.TRANSFERRED
        elif self.answered_at is None and self.wrap_up_at is None:
            state = LegState.MISSED
        else:
            state = LegState.DONE
        stamps = (self.rang_at, self.answered_at, self.ended_at, self.wrap_up_at)
        return Leg(self.agent, state, *stamps, tuple(self.holds))


class _Story:
    """Folds reports in canonical order: each records a moment, adds details to one, or is dropped."""

    def __init__(self, call_id: str, heard: tuple[CallEvent, ...]) -> None:
        self.call_id = call_id
        self.heard = heard
        self.moments: list[CallEvent] = []
        self.legs: list[_Leg] = []
        self.transfers: list[Transfer] = []
        self.once: dict[CallMoment, int] = {}
        self.offers: list[int] = []
        self.ended_at: int | None = None
        self.was_answered = False

    def told(self) -> Call:
        events = self._in_time()
        self.was_answered = any(e.kind is CallMoment.ANSWERED for e in events)
        for event in events:
            _SAYS[event.kind](self, event)
        moments = tuple(sorted(self.moments, key=lambda e: (e.at, RANK[e.kind])))
        offers = [m for m in moments if m.kind is CallMoment.OFFERED]
        answers = [m for m in moments if m.kind is CallMoment.ANSWERED]
        queues = [m.queue for m in offers if m.queue]
        return Call(
            call_id=self.call_id,
            state=self._state(),
            moments=moments,
            legs=tuple(leg.frozen() for leg in self.legs),
            transfers=tuple(self.transfers),
            direction=self._first(lambda e: e.direction) or Direction.INBOUND,
            caller=self._first(lambda e: e.caller),
            caller_name=self._first(lambda e: e.caller_name),
            dnis=self._first(lambda e: e.dnis),
            queue=queues[-1] if queues else self._first(lambda e: e.queue),
            ivr_path=self._first(lambda e: e.ivr_path),
            reason=self._reason(),
            offered_at=offers[0].at if offers else None,
            answered_at=answers[0].at if answers else None,
            ended_at=self.ended_at,
            heard=self.heard,
        )

    def _in_time(self) -> list[CallEvent]:
        """The reports, with those after the end stamped with it if they are final, and dropped if not."""
        end = min((e.at for e in self.heard if e.kind is CallMoment.ENDED), default=None)
        if end is None or self.heard[-1].at <= end:
            return list(self.heard)
        kept = []
        for event in self.heard:
            if event.at <= end or event.kind is CallMoment.OFFERED:
                kept.append(event)
            elif event.kind in _STRAGGLERS:
                kept.append(replace(event, at=end))
        return sorted(kept, key=_canonical)

    def _state(self) -> CallState:
        if CallMoment.ABANDONED in self.once:
            return CallState.ABANDONED
        if self.ended_at is not None:
            return CallState.ENDED
        states = {leg.frozen().state for leg in self.legs}
        for leg_state in (LegState.TALKING, LegState.HELD, LegState.RINGING):
            if leg_state in states:
                return CallState(leg_state.value)
        talked = [leg for leg in self.legs if leg.answered_at is not None or leg.wrap_up_at is not None]
        if talked:
            return CallState.TRANSFERRED if talked[-1].handed_over else CallState.ENDED
        return CallState.TRANSFERRED if self.transfers else CallState.OFFERED

    def _first(self, read: Callable[[CallEvent], T | None]) -> T | None:
        return next((value for event in self.heard if (value := read(event)) is not None), None)

    def _reason(self) -> str | None:
        """The last agent's report says who hung up; a hang-up itself only tells a cause."""
        told = [e for e in self.moments if e.reason and e.reason != HANDED_OVER]
        by_agent = [e.reason for e in told if e.kind is CallMoment.WRAP_UP]
        by_switch = [e.reason for e in told if e.kind is CallMoment.ENDED]
        return next(reversed(by_agent or by_switch), None)

    # ------------------------------------------------------------ what each report says

    def _offered(self, event: CallEvent) -> None:
        for index in self.offers:
            if event.queue is None or self.moments[index].queue in {None, event.queue}:
                self._add(index, event)
                return
        if not self.offers:
            at = min([event.at, *(m.at for m in self.moments)])
            self.offers.append(self._record(event, at))
        elif self.ended_at is None:
            self.offers.append(self._record(event, event.at))

    def _ringing(self, event: CallEvent) -> None:
        leg = self._latest(event.agent)
        if CallMoment.ABANDONED in self.once:
            return
        if leg is None or leg.ended_at is not None:
            leg = self._new_leg(event.agent)
        if leg.rang_at is None:
            leg.rang_at = event.at if leg.answered_at is None else min(event.at, leg.answered_at)
            self._record(event, leg.rang_at, leg)
        else:
            self._add(leg.said[CallMoment.RINGING], event)

    def _answered(self, event: CallEvent) -> None:
        leg = self._latest(event.agent)
        if leg is None or (leg.ended_at is not None and (leg.answered_at is not None or leg.wrap_up_at is None)):
            leg = self._new_leg(event.agent)
        if leg.answered_at is not None:
            self._add(leg.said[CallMoment.ANSWERED], event)
            return
        leg.answered_at = event.at if leg.ended_at is None else min(event.at, leg.ended_at)
        self._record(event, leg.answered_at, leg)
        for other in self.legs:
            if other is not leg and other.ended_at is None and other.answered_at is None:
                other.end(event.at)

    def _held(self, event: CallEvent) -> None:
        leg = self._in_call(event.agent)
        if leg is not None and leg.on_hold:
            self._add(leg.said[CallMoment.HELD], event)
        elif leg is not None:
            leg.holds.append(Held(event.at))
            self._record(event, event.at, leg)

    def _retrieved(self, event: CallEvent) -> None:
        leg = self._in_call(event.agent)
        if leg is None or not leg.on_hold:
            return
        leg.retrieve(event.at)
        self._record(event, event.at, leg)
        self._cancel_transfer(leg, event.at)

    def _transfer_started(self, event: CallEvent) -> None:
        leg = self._in_call(event.agent)
        if leg is None:
            return
        open_one = self._open_transfer(leg)
        if open_one is not None:
            was = self.transfers[open_one]
            if event.target is None or was.target in {None, event.target}:
                self.transfers[open_one] = replace(was, target=was.target or event.target)
                self._add(leg.said[CallMoment.TRANSFER_STARTED], event)
                return
            self._cancel_transfer(leg, event.at)
        kind = event.transfer or TransferKind.WARM
        leg.transfer = len(self.transfers)
        self.transfers.append(Transfer(kind, leg.agent, event.target, started_at=event.at))
        self._record(event, event.at, leg)

    def _transferred(self, event: CallEvent) -> None:
        leg = self._in_call(event.agent) or self._latest(event.agent)
        if leg is not None and leg.handed_over:
            self._add(leg.said[CallMoment.TRANSFERRED], event)
            return
        if leg is None and (self.legs or CallMoment.TRANSFERRED in self.once):
            return
        if leg is not None and leg.answered_at is None and leg.wrap_up_at is None:
            return
        at = event.at
        if leg is not None:
            at = at if leg.ended_at is None else min(at, leg.ended_at)
            leg.handed_over = True
            if leg.ended_at is None:
                leg.end(at)
        target = self._finish_transfer(event, leg, at)
        self._record(replace(event, target=target), at, leg)

    def _missed(self, event: CallEvent) -> None:
        leg = self._latest(event.agent)
        if leg is not None and leg.ended_at is None and leg.answered_at is None:
            leg.end(event.at)
            self._record(event, event.at, leg)

    def _abandoned(self, event: CallEvent) -> None:
        if self.was_answered:
            return
        if CallMoment.ABANDONED in self.once:
            self._add(self.once[CallMoment.ABANDONED], event)
            return
        self._record(event, event.at)
        self._end_legs(event.at)

    def _wrap_up(self, event: CallEvent) -> None:
        leg = self._latest(event.agent) or self._new_leg(event.agent)
        if leg.wrap_up_at is not None:
            self._add(leg.said[CallMoment.WRAP_UP], event)
            return
        if leg.ended_at is None:
            leg.end(event.at)
        leg.wrap_up_at = event.at
        self._record(event, event.at, leg)

    def _ended(self, event: CallEvent) -> None:
        if self.ended_at is not None:
            self._add(self.once[CallMoment.ENDED], event)
            return
        self.ended_at = event.at
        self._record(event, event.at)
        self._end_legs(event.at)

    # ------------------------------------------------------------ helpers

    def _record(self, event: CallEvent, at: int, leg: _Leg | None = None) -> int:
        index = len(self.moments)
        agent = event.agent if leg is None else leg.agent
        self.moments.append(replace(event, at=at, agent=agent))
        (self.once if leg is None else leg.said)[event.kind] = index
        return index

    def _add(self, index: int, event: CallEvent) -> None:
        moment = self.moments[index]
        fresh = {n: v for n in DETAILS if getattr(moment, n) is None and (v := getattr(event, n)) is not None}
        if fresh:
            self.moments[index] = replace(moment, **fresh)

    def _new_leg(self, agent: str | None) -> _Leg:
        self.legs.append(_Leg(agent))
        return self.legs[-1]

    def _in_call(self, agent: str | None) -> _Leg | None:
        return next((g for g in reversed(self.legs) if g.talking and agent in {None, g.agent}), None)

    def _latest(self, agent: str | None) -> _Leg | None:
        """The agent's latest leg; when nobody is named, the one that talks, rings, or talked last."""
        if agent is not None:
            return next((g for g in reversed(self.legs) if g.agent == agent), None)
        order = [g for g in self.legs if g.talking] or [g for g in self.legs if g.ended_at is None]
        order = order or [g for g in self.legs if g.answered_at is not None] or self.legs
        return order[-1] if order else None

    def _end_legs(self, at: int) -> None:
        for leg in self.legs:
            if leg.ended_at is None:
                leg.end(at)

    def _open_transfer(self, leg: _Leg | None) -> int | None:
        if leg is None or leg.transfer is None:
            return None
        one = self.transfers[leg.transfer]
        return leg.transfer if one.done_at is None and one.cancelled_at is None else None

    def _cancel_transfer(self, leg: _Leg, at: int) -> None:
        index = self._open_transfer(leg)
        if index is not None:
            self.transfers[index] = replace(self.transfers[index], cancelled_at=at)

    def _finish_transfer(self, event: CallEvent, leg: _Leg | None, at: int) -> str | None:
        index = self._open_transfer(leg)
        if index is None:
            agent = event.agent if leg is None else leg.agent
            kind = event.transfer or TransferKind.BLIND
            self.transfers.append(Transfer(kind, agent, event.target, done_at=at))
            return event.target
        was = self.transfers[index]
        target = event.target or was.target
        self.transfers[index] = replace(was, kind=event.transfer or was.kind, target=target, done_at=at)
        return target


_SAYS: dict[CallMoment, Callable[[_Story, CallEvent], None]] = {
    CallMoment.OFFERED: _Story._offered,
    CallMoment.RINGING: _Story._ringing,
    CallMoment.ANSWERED: _Story._answered,
    CallMoment.HELD: _Story._held,
    CallMoment.RETRIEVED: _Story._retrieved,
    CallMoment.TRANSFER_STARTED: _Story._transfer_started,
    CallMoment.TRANSFERRED: _Story._transferred,
    CallMoment.MISSED: _Story._missed,
    CallMoment.ABANDONED: _Story._abandoned,
    CallMoment.WRAP_UP: _Story._wrap_up,
    CallMoment.ENDED: _Story._ended,
}
