"""What an author does about an operation that waits for a person: have it judged again, or withdraw it.

Both are operations of the site's own chain, about a document of type `verdict` in the site's scope, whose id is that
of the operation concerned. They only say what is wanted: the centre does it afterwards, in a transaction of its own,
and writes the outcome into the same document.
"""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation, UnknownKind, kind_named
from agentdesk.domain.kinds._common import change, own_document
from agentdesk.domain.operation import Operation

RETRIED = "operation.retried"
WITHDRAWN = "operation.withdrawn"


def was_spoken(kind: str) -> bool:
    """Tell whether an operation of a kind was spoken to a customer; raises UnknownKind."""
    return kind_named(kind).spoken


def stands(kind: str, document: str | None, changed: bool) -> Reason | None:
    """Return why an operation can't be put away: what was said, or has its effect already, stands (DOMAIN rule 3)."""
    try:
        spoken = was_spoken(kind)
    except UnknownKind:
        return Reason.of("newer_kind", kind=kind)
    if spoken or changed:
        return Reason.of("spoken_stands", kind=kind, document=document)
    return None


def _asked(what: str) -> Kind:
    def decide(operation: Operation, body: Body, situation: Situation) -> Outcome:
        if operation.scope != f"site/{operation.site}":
            return Refusal(Reason.of("malformed", detail="it is about another site's operation"))
        known = situation.answers.document(operation.scope, operation.document)
        if known is not None and known.type != "verdict":
            return Refusal(Reason.of("malformed", detail=f"{operation.kind} on a {known.type}"))
        wish = change(
            operation,
            "verdict",
            wish=what,
            wish_by=operation.actor,
            wish_at=situation.at,
            wish_id=operation.id,
            wish_instead=body.maybe_text("superseded_by"),
        )
        return Decision((wish,))

    return Kind(f"operation.{what}", 1, own_document, decide)


KINDS = (_asked("retried"), _asked("withdrawn"))
