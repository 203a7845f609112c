"""What agents are doing, and the intervals that are recorded as facts when they end; pure.

A state has two origins: the calls an agent is in, and what he or the switch says of him (ready, not ready,
offline). The calls come first. Live state is lossy and never logged; an interval is a fact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agentdesk.telephony.book import CallChange
from agentdesk.telephony.model import LegState


class AgentStatus(StrEnum):
    """What an agent is doing."""

    OFFLINE = "offline"
    READY = "ready"
    RESERVED = "reserved"
    """A call rings at this agent."""
    TALKING = "talking"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"
    """The line to the switch is lost, or nothing was heard yet."""


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """What an agent, or the switch, says of him: ready, not ready (with the reason), in wrap-up or offline.

    `at` is in ms since the epoch, UTC.
    """

    agent: str
    status: AgentStatus
    at: int
    source: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AgentState:
    """What an agent is doing since `since` (ms, UTC), in which call, for which reason."""

    agent: str
    status: AgentStatus
    since: int
    reason: str | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class AgentInterval:
    """A state that is over, from `since` to `until` (ms, UTC): a fact to record."""

    agent: str
    status: AgentStatus
    since: int
    until: int
    reason: str | None = None
    call_id: str | None = None


_OF_LEG = {
    LegState.TALKING: AgentStatus.TALKING,
    LegState.HELD: AgentStatus.HOLD,
    LegState.RINGING: AgentStatus.RESERVED,
}


@dataclass(slots=True)
class _Facts:
    """What is known of one agent; his state follows from it."""

    source: str
    said: AgentStatus = AgentStatus.UNKNOWN
    reason: str | None = None
    lost: bool = False
    in_calls: dict[str, LegState] = field(default_factory=dict)
    wrapping: str | None = None

    def shown(self) -> tuple[AgentStatus, str | None, str | None]:
        """Status, reason and call."""
        if self.lost:
            return AgentStatus.UNKNOWN, None, None
        for leg_state, status in _OF_LEG.items():
            for call_id, state in self.in_calls.items():
                if state is leg_state:
                    return status, None, call_id
        if self.wrapping is not None:
            return AgentStatus.WRAP_UP, None, self.wrapping or None
        return self.said, self.reason, None


class AgentBook:
    """The state of each agent. Each change returns the intervals that it ended, those of no length left out."""

    def __init__(self) -> None:
        self._facts: dict[str, _Facts] = {}
        self._states: dict[str, AgentState] = {}

    def state(self, agent: str) -> AgentState | None:
        """What this agent is doing, if anything was ever heard of him."""
        return self._states.get(agent)

    def states(self) -> list[AgentState]:
        """What all agents are doing."""
        return list(self._states.values())

    def said(self, event: AgentEvent) -> list[AgentInterval]:
        """Takes in what an agent or the switch says; a call that he is in goes on and comes first."""
        facts = self._facts.setdefault(event.agent, _Facts(event.source))
        facts.lost = event.status is AgentStatus.UNKNOWN
        facts.source = event.source
        if event.status is AgentStatus.WRAP_UP:
            facts.wrapping = facts.wrapping or ""
        elif event.status in {AgentStatus.READY, AgentStatus.NOT_READY, AgentStatus.OFFLINE}:
            facts.said, facts.reason = event.status, event.reason
            facts.wrapping = None
        return self._show(event.agent, event.at)

    def heard(self, change: CallChange) -> list[AgentInterval]:
        """Takes in what happened in a call, for every agent who has or had a part in it."""
        ended = []
        for agent in dict.fromkeys(leg.agent for leg in change.after.legs):
            if agent is None:
                continue
            facts = self._facts.setdefault(agent, _Facts(change.event.source))
            if change.event.agent == agent:
                facts.lost = False
            self._take_leg(facts, agent, change)
            ended += self._show(agent, change.event.at)
        return ended

    def lost(self, source: str, at: int) -> list[AgentInterval]:
        """The line to this source is lost: nobody knows what its agents are doing until it says so again."""
        ended = []
        for agent, facts in self._facts.items():
            if facts.source == source:
                facts.lost = True
                ended += self._show(agent, at)
        return ended

    @staticmethod
    def _take_leg(facts: _Facts, agent: str, change: CallChange) -> None:
        call = change.after
        leg = call.leg(agent)
        before = change.before.leg(agent) if change.before is not None else None
        if leg is None or leg == before:
            return
        if leg.active:
            facts.in_calls[call.call_id] = leg.state
            if leg.answered_at is not None:
                facts.wrapping = None
            return
        facts.in_calls.pop(call.call_id, None)
        was_done = before is not None and before.state in {LegState.DONE, LegState.TRANSFERRED}
        if leg.state in {LegState.DONE, LegState.TRANSFERRED} and not was_done:
            facts.wrapping = call.call_id

    def _show(self, agent: str, at: int) -> list[AgentInterval]:
        now = self._facts[agent].shown()
        was = self._states.get(agent)
        if was is not None and (was.status, was.reason, was.call_id) == now:
            return []
        since = at if was is None else max(at, was.since)
        status, reason, call_id = now
        self._states[agent] = AgentState(agent, status, since, reason, call_id)
        if was is None or was.since == since:
            return []
        return [AgentInterval(agent, was.status, was.since, since, was.reason, was.call_id)]
