"""The agent's state as it follows from his contacts and from what he says of himself; an interval is a fact."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk.calls.stack import Stack

WRAPPING = "wrap-up"
"""The reason that a switch is told while the agent wraps up."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A state of the agent that has ended; ms of the wall clock."""

    state: str
    begun: int
    ended: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What the agent says of himself: `ready`, `not_ready` with the reason, or `offline`."""

    state: str = "ready"
    reason: str | None = None


def present(stack: Stack, said: Said) -> tuple[str, str | None]:
    """Return the agent's state and its reason: the telephone comes first, then wrapping up, then what he says."""
    if said.state == "offline":
        return said.state, said.reason
    if stack.spoken is not None:
        return "talking", None
    if stack.top is not None and stack.top.ringing:
        return "reserved", None
    if any(contact.held for contact in stack):
        return "hold", None
    wrapping = next((contact for contact in stack if contact.to_wrap and not contact.over), None)
    if wrapping is not None:
        return "wrap_up", wrapping.more[-1] if wrapping.more else None
    return said.state, said.reason
