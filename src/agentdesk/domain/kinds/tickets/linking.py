"""Tickets that belong together: linked 关联, merged 合并 into one, and taken apart again; nothing is ever lost.

A ticket that is merged into another keeps all it has and rests; the other counts its chases, has the higher level and
the earlier deadlines of both. What it counts is worked out of what each brought, so that taking one out again leaves
exactly what there would be without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_TICKET_STATES, Change, Document
from agentdesk.domain.kinds._common import Applied, change, logged, on_existing
from agentdesk.domain.kinds.tickets.states import illegal, told
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.work.repeats import link, linked, unlinked

RELATIONS: Mapping[str, str] = {"related": "related", "repeat": "repeated", "cause": "caused"}
"""What one ticket can be to another, with what the other is to it."""

DUES = ("due", "policy_due", "law_due")


def _both(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (DocumentNeed(operation.scope, operation.document), DocumentNeed(operation.scope, body.text("ticket")))


def _other(operation: Operation, body: Body, situation: Situation) -> Document | Outcome:
    """Return the other ticket, or why there is none."""
    other = body.text("ticket")
    if other == operation.document:
        return Refusal(Reason.of("same_ticket"))
    found = situation.answers.document(operation.scope, other)
    if found is None:
        return Decision((), held=Reason.of("unknown_document", document=other))
    if found.type != "ticket":
        return Refusal(Reason.of("malformed", detail=f"{operation.kind} with a {found.type}"))
    return found


def _linked(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    other = _other(operation, body, situation)
    if not isinstance(other, Document):
        return other
    relation, at = body.maybe_text("relation") or "related", situation.at
    if relation not in RELATIONS:
        return Refusal(Reason.of("malformed", detail=f"unknown relation {relation}"))
    here = linked(ticket, link(other, relation, operation, at))
    there = linked(other, link(ticket, RELATIONS[relation], operation, at))
    return _pair(operation, situation, ticket, other, "linked", {"links": here}, {"links": there})


def _unlinked(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    other = _other(operation, body, situation)
    if not isinstance(other, Document):
        return other
    relations = frozenset({*RELATIONS, *RELATIONS.values()})
    here, there = unlinked(ticket, other.id, relations), unlinked(other, ticket.id, relations)
    if len(here) == len(ticket.data.get("links") or ()):
        return Refusal(Reason.of("not_linked", number=other.data.get("number")))
    return _pair(operation, situation, ticket, other, "unlinked", {"links": here}, {"links": there})


def _merged(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Merge this ticket into another one of the same customer; it rests there with all that it has."""
    refused = illegal("merged", ticket)
    if refused:
        return refused
    other = _other(operation, body, situation)
    if not isinstance(other, Document):
        return other
    if other.data.get("customer") != ticket.data.get("customer"):
        return Refusal(Reason.of("other_customers_ticket", number=other.data.get("number")))
    if other.data.get("state") not in OPEN_TICKET_STATES:
        return Refusal(Reason.of("ticket_state", state=other.data.get("state"), move="merged"))
    brought = {
        "ticket": ticket.id,
        "number": ticket.data.get("number"),
        "title": ticket.data.get("title"),
        "at": situation.at,
        "by": operation.actor,
        "chases": ticket.data.get("chases") or 0,
        "level": ticket.data.get("level") or 0,
        **{name: ticket.data.get(name) for name in DUES},
    }
    here = {
        "state": "merged",
        "merged_from": ticket.data.get("state"),
        "merged_into": other.id,
        "merged_number": other.data.get("number"),
        "merged_at": situation.at,
    }
    there = {**_whole(other, [*_parts(other), brought]), "merged": [*_parts(other), brought]}
    return _pair(operation, situation, ticket, other, "merged", here, there)


def _unmerged(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Take a ticket out of the one that it was merged into: both are as if it had never been."""
    refused = illegal("unmerged", ticket)
    if refused:
        return refused
    other = _other(operation, body, situation)
    if not isinstance(other, Document):
        return other
    rest = [part for part in _parts(other) if part.get("ticket") != ticket.id]
    if ticket.data.get("merged_into") != other.id or len(rest) == len(_parts(other)):
        return Refusal(Reason.of("not_merged", number=other.data.get("number")))
    here = {
        "state": ticket.data.get("merged_from") or "open",
        "merged_from": None,
        "merged_into": None,
        "merged_number": None,
        "merged_at": None,
    }
    return _pair(operation, situation, ticket, other, "unmerged", here, {**_whole(other, rest), "merged": rest})


def _parts(ticket: Document) -> list[Mapping[str, Any]]:
    return list(ticket.data.get("merged") or ())


def _whole(ticket: Document, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a ticket counts with other parts than those it has now.

    What is its own is what it counts less what its present parts brought: chases since, a level raised since, a pause
    since then all stay with it.
    """
    now = _parts(ticket)
    own = dict(ticket.data.get("own") or {"level": ticket.data.get("level") or 0})
    raised = (ticket.data.get("level") or 0) - _level(own, now)
    chases = (ticket.data.get("chases") or 0) - sum(part.get("chases") or 0 for part in now)
    dues: dict[str, int | None] = {}
    for name in DUES:
        shown, present = ticket.data.get(name), _earliest(name, own, now)
        if present is None:
            own[name] = present = shown
        # a deadline that was moved since, by a pause or another class, is as much later or sooner with other parts
        shift = shown - present if shown is not None and present is not None else 0
        end = _earliest(name, own, parts)
        dues[name] = end + shift if end is not None else None
    return {
        **dues,
        "own": own if parts else None,
        "level": _level(own, parts) + raised,
        "chases": chases + sum(part.get("chases") or 0 for part in parts),
    }


def _level(own: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> int:
    return max(own.get("level") or 0, *(part.get("level") or 0 for part in parts), 0)


def _earliest(name: str, own: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> int | None:
    ends = [one.get(name) for one in (own, *parts)]
    return min((end for end in ends if end is not None), default=None)


def _pair(
    operation: Operation,
    situation: Situation,
    ticket: Document,
    other: Document,
    what: str,
    here: Mapping[str, Any],
    there: Mapping[str, Any],
) -> Decision:
    """Change both tickets; each knows the other's number from its moves."""
    mine = logged(ticket, operation, situation.at, what, number=other.data.get("number"), ticket=other.id)
    theirs = logged(other, operation, situation.at, f"{what}_here", number=ticket.data.get("number"), ticket=ticket.id)
    return Decision(
        (
            change(operation, "ticket", told(ticket), **here, moves=mine),
            Change(other.scope, other.id, "ticket", {**there, "moves": theirs}, told(other)),
        )
    )


def _kind(name: str, rule: Applied) -> Kind:
    return Kind(f"ticket.{name}", 1, _both, on_existing("ticket", rule))


KINDS = (
    _kind("linked", _linked),
    _kind("unlinked", _unlinked),
    _kind("merged", _merged),
    _kind("unmerged", _unmerged),
)
