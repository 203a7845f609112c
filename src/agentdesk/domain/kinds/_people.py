"""Who may do what concerns many: the roles that the policy names, else those that approve."""

from __future__ import annotations

from agentdesk.domain.access import not_among
from agentdesk.domain.decide import Refusal, Situation
from agentdesk.domain.operation import Operation


def not_allowed(operation: Operation, named: tuple[str, ...], situation: Situation) -> Refusal | None:
    """Refuse what the author's role may not do; the roles that may are in the reason."""
    reason = not_among(situation.catalogue, operation.role, named)
    return None if reason is None else Refusal(reason)
