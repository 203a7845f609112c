"""What the queues say of their members, as what agents say of themselves; pure.

A member is paused in each queue on its own, and `QueueMemberStatus` comes before or after the call events of the
same millisecond. So only pauses, membership and the reachability of the phone are read here: who is in which call
follows from the calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agentdesk.telephony.agents import AgentEvent, AgentStatus
from agentdesk.telephony.ami.channels import extension
from agentdesk.telephony.ami.protocol import Message
from agentdesk.telephony.text import clean

EVENTS = ("QueueMemberPause", "QueueMemberStatus", "QueueMemberAdded", "QueueMemberRemoved")

WRAP_UP_REASONS = frozenset({"wrap-up", "wrapup", "wrap_up", "acw", "话后", "话后整理"})
"""Reasons of a pause that are after-call work; the switch has no word of its own for it."""

_UNREACHABLE = {"4", "5"}  # AST_DEVICE_INVALID, AST_DEVICE_UNAVAILABLE


@dataclass(slots=True)
class _Member:
    """Of each queue: None when not paused, else the reason."""

    pauses: dict[str, str | None] = field(default_factory=dict)
    reachable: bool = True
    told: tuple[AgentStatus, str | None] | None = None

    def says(self) -> tuple[AgentStatus, str | None]:
        if not self.pauses or not self.reachable:
            return AgentStatus.OFFLINE, None
        if None in self.pauses.values():
            return AgentStatus.READY, None
        return status_of(next(iter(self.pauses.values())) or "")


def status_of(pause: str) -> tuple[AgentStatus, str | None]:
    """What an agent who is paused for this reason is doing, and the reason if it says more than that."""
    if pause.lower() in WRAP_UP_REASONS:
        return AgentStatus.WRAP_UP, None
    return AgentStatus.NOT_READY, clean(pause)


class Members:
    """Folds member events into `AgentEvent`s, one for each change."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._members: dict[str, _Member] = {}

    def feed(self, message: Message, at: int) -> list[AgentEvent]:
        """What this event changes for its member."""
        agent = extension(message.get("interface") or message.get("location"))
        queue = message.get("queue")
        if not agent or not queue:
            return []
        member = self._members.setdefault(agent, _Member())
        if message.event == "QueueMemberRemoved":
            member.pauses.pop(queue, None)
        else:
            reason = clean(message.get("pausedreason")) or ""
            member.pauses[queue] = reason if message.get("paused") == "1" else None
            member.reachable = message.get("status") not in _UNREACHABLE
        return self._tell(agent, member, at)

    def forget(self) -> None:
        """The line is lost: what the queues say next is told again, changed or not."""
        for member in self._members.values():
            member.told = None
            member.pauses.clear()

    def _tell(self, agent: str, member: _Member, at: int) -> list[AgentEvent]:
        says = member.says()
        if says == member.told:
            return []
        member.told = says
        status, reason = says
        return [AgentEvent(agent, status, at, self._source, reason)]
