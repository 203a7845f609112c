"""Who may do what concerns many: the roles that the policy names, else those that approve."""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Refusal, Situation
from agentdesk.domain.operation import Operation


def may(role: str, named: tuple[str, ...], situation: Situation) -> bool:
    """Tell whether a role is one of those named, or without any one that approves."""
    known = situation.catalogue.roles.get(role)
    return role in named if named else known is not None and known.approves


def not_allowed(operation: Operation, named: tuple[str, ...], situation: Situation) -> Refusal | None:
    """Refuse what the author's role may not do; the roles that may are in the reason."""
    if may(operation.role, named, situation):
        return None
    roles = named or tuple(role.id for role in situation.catalogue.roles.values() if role.approves)
    return Refusal(Reason.of("not_allowed", role=operation.role, roles=list(roles)))
