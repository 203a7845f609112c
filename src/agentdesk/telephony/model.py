"""The one call model that every switch is translated into; pure data, frozen.

A `CallEvent` is one moment of one call as one source tells it. A `Call` is all that was heard of one call;
`agentdesk.telephony.story` makes it out of events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class CallMoment(StrEnum):
    """What can happen to a call, in the order in which it happens when two things share a millisecond."""

    OFFERED = "offered"
    RINGING = "ringing"
    ANSWERED = "answered"
    HELD = "held"
    RETRIEVED = "retrieved"
    TRANSFER_STARTED = "transfer_started"
    TRANSFERRED = "transferred"
    MISSED = "missed"
    """One agent's phone stopped ringing unanswered; the call itself goes on."""
    ABANDONED = "abandoned"
    WRAP_UP = "wrap_up"
    ENDED = "ended"


class CallState(StrEnum):
    """Where a call stands now."""

    OFFERED = "offered"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    TRANSFERRED = "transferred"
    ABANDONED = "abandoned"
    ENDED = "ended"


class LegState(StrEnum):
    """Where one agent's part in a call stands; the last three are final."""

    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    MISSED = "missed"
    TRANSFERRED = "transferred"
    DONE = "done"


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class TransferKind(StrEnum):
    """A blind transfer lets go at once; a warm one talks to the target first."""

    BLIND = "blind"
    WARM = "warm"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One moment of one call.

    `call_id` is the switch's and stays the same over transfers. `at` is the arrival here, in ms since the
    epoch, UTC: a switch counts in whole seconds only. `caller` is the number as the switch gave it. `agent`
    is an extension. The three `…_s` are the switch's own counts, in seconds.
    """

    call_id: str
    kind: CallMoment
    at: int
    source: str
    caller: str | None = None
    caller_name: str | None = None
    dnis: str | None = None
    queue: str | None = None
    agent: str | None = None
    direction: Direction | None = None
    transfer: TransferKind | None = None
    target: str | None = None
    reason: str | None = None
    ivr_path: str | None = None
    hold_s: int | None = None
    ring_s: int | None = None
    talk_s: int | None = None


DETAILS = (
    "caller",
    "caller_name",
    "dnis",
    "queue",
    "agent",
    "direction",
    "transfer",
    "target",
    "reason",
    "ivr_path",
    "hold_s",
    "ring_s",
    "talk_s",
)
"""The optional fields of a `CallEvent`."""


@dataclass(frozen=True, slots=True)
class Held:
    """The caller waited on hold from `since` to `until` (ms, UTC); `until` is None while he still waits."""

    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One agent's part in a call, from ringing to wrap-up; stamps in ms, UTC.

    `agent` is None when the source names nobody, as a desk of its own does.
    """

    agent: str | None
    state: LegState
    rang_at: int | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    wrap_up_at: int | None = None
    held: tuple[Held, ...] = ()

    @property
    def active(self) -> bool:
        """Whether this agent's phone is ringing or in the call."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer by an agent: begun, then done or cancelled; stamps in ms, UTC."""

    kind: TransferKind
    agent: str | None = None
    target: str | None = None
    started_at: int | None = None
    done_at: int | None = None
    cancelled_at: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """All that was heard of one call, in the order in which it happened.

    Two calls are equal when their stories are, whichever way the events came in.
    """

    call_id: str
    state: CallState
    moments: tuple[CallEvent, ...]
    """Each thing that happened, once, with the details of all reports of it."""
    legs: tuple[Leg, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    direction: Direction = Direction.INBOUND
    caller: str | None = None
    caller_name: str | None = None
    dnis: str | None = None
    queue: str | None = None
    ivr_path: str | None = None
    reason: str | None = None
    """Who hung up, `caller` or `agent`, or else the switch's cause."""
    offered_at: int | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    heard: tuple[CallEvent, ...] = field(default=(), compare=False, repr=False)
    """Every distinct report, also those that say nothing new."""

    @property
    def over(self) -> bool:
        """Whether nobody is in this call any more."""
        return self.state in {CallState.ENDED, CallState.ABANDONED}

    @property
    def waited_ms(self) -> int | None:
        """From the offer to the first answer, in ms: what the 20-second rule counts."""
        if self.offered_at is None or self.answered_at is None:
            return None
        return self.answered_at - self.offered_at

    @property
    def held(self) -> tuple[Held, ...]:
        """All times that the caller was on hold, with any agent."""
        return tuple(sorted((h for leg in self.legs for h in leg.held), key=lambda h: h.since))

    def leg(self, agent: str | None) -> Leg | None:
        """The latest part of this agent in the call, if he had one."""
        return next((leg for leg in reversed(self.legs) if leg.agent == agent), None)
