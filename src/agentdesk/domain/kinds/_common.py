"""What several kinds of operation share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, MalformedBody, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation

ANSWERS = frozenset({"satisfied", "unsatisfied", "unreached"})
"""What a follow-up call (回访) can bring."""

DUE_SLACK_MS = 15 * 60_000
"""How far a spoken deadline may lie from the one computed now: the card was painted a while before."""

Applied = Callable[[Operation, Body, Situation, Document], Outcome]


def own_document(operation: Operation, _body: Body) -> tuple[Need, ...]:
    """Need only the document that the operation is about."""
    return (DocumentNeed(operation.scope, operation.document),)


def on_existing(type_: str, rule: Applied) -> Callable[[Operation, Body, Situation], Outcome]:
    """Run a rule on the operation's document of a type; a missing one holds the operation until it is known."""

    def decide(operation: Operation, body: Body, situation: Situation) -> Outcome:
        document = situation.answers.document(operation.scope, operation.document)
        if document is None:
            return Decision((), held=Reason.of("unknown_document", document=operation.document))
        if document.type != type_:
            return Refusal(Reason.of("malformed", detail=f"{operation.kind} on a {document.type}"))
        return rule(operation, body, situation, document)

    return decide


def change(operation: Operation, type_: str, audience: tuple[str, ...] = (), **fields: Any) -> Change:
    """Return a change of the operation's own document."""
    return Change(operation.scope, operation.document, type_, fields, audience)


def exists(operation: Operation, situation: Situation) -> Refusal | None:
    """Refuse to create a document twice; the same operation sent again is answered from its receipt instead."""
    if situation.answers.document(operation.scope, operation.document) is None:
        return None
    return Refusal(Reason.of("exists_already", document=operation.document))


def logged(document: Document | None, operation: Operation, at: int, what: str, **more: Any) -> list[Mapping[str, Any]]:
    """Return a document's list of moves with one more; nobody's entry is ever overwritten.

    `op` names the operation that made the move: a site that gets it back before the verdict doesn't show it twice.
    """
    moves = list(document.data.get("moves") or ()) if document else []
    moves.append(
        {
            "at": at,
            "what": what,
            "by": operation.actor,
            "role": operation.role,
            "site": operation.site,
            "op": operation.id,
        }
        | {k: v for k, v in more.items() if v is not None}
    )
    return moves


def instants(body: Body, name: str, known: frozenset[str]) -> dict[str, int]:
    """Return a mapping of names to instants, ms; raises MalformedBody for another name or no instant."""
    found = body.mapping(name)
    if not found.keys() <= known:
        raise MalformedBody(f"{name} has an unknown name")
    return {key: Body(found).number(key) for key in found}
