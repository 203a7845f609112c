"""The end of a ticket: reply 回单 with its cause, follow-up call 回访, archive 归档; and reopening 重开 (rule 7)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import ANSWERS, change, logged, on_existing, own_document
from agentdesk.domain.kinds.tickets.saying import unknown_class
from agentdesk.domain.kinds.tickets.states import expert_done, illegal, laid, tier_of, told
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.clocks import clock_named, clock_of_ticket, deadlines, station_due

STRICT = 2
"""From this version on a reply names its cause, a follow-up its score, and a ticket that comes back a new deadline."""

IN_PERSON = frozenset({"phone", "visit", "counter"})
"""How a person follows up."""
IN_CALL = "answered_in_call"
"""The policy's named exemption from the follow-up call: what is answered in the call itself."""


def _replied(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = illegal("replied", ticket)
    if refused:
        return refused
    cause, minutes = body.maybe_text("cause"), body.number("minutes")
    if minutes < 0:
        return Refusal(Reason.of("malformed", detail="minutes of work can't be negative"))
    if operation.version >= STRICT:
        refused = _without_cause(ticket, cause, situation)
        if refused:
            return refused
    fields: dict[str, Any] = {
        "state": "replied",
        "cause": cause,
        "minutes": (ticket.data.get("minutes") or 0) + minutes,
        "replied_at": situation.at,
        "tries": 0,
        "rung": None,
        "rungs": {},
        **expert_done(ticket, situation, minutes),
        **laid("follow_up", ticket, situation),
        "station": "follow_up",
        "station_due": station_due("follow_up", tier_of(ticket), situation.at, situation.catalogue),
    }
    moves = logged(ticket, operation, situation.at, "replied", text=body.text("text"), cause=cause, minutes=minutes)
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _without_cause(ticket: Document, cause: str | None, situation: Situation) -> Refusal | None:
    """Refuse a reply without a cause of the tree, where the tree has causes for the ticket's kind (seeds 002)."""
    kind = ticket.data.get("kind")
    known = any(node.tree == "cause" and node.kind == kind for node in situation.catalogue.classes.values())
    if cause is None:
        return Refusal(Reason.of("needs_cause")) if known else None
    return unknown_class(cause, "cause", situation)


def _followed_up(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Follow up (回访): an unhappy answer reopens the ticket and raises its level; who isn't reached is tried again."""
    refused = illegal("followed_up", ticket)
    if refused:
        return refused
    answer, score, how = body.text("answer"), body.maybe_number("score"), body.maybe_text("how") or "phone"
    if answer not in ANSWERS:
        return Refusal(Reason.of("malformed", detail=f"unknown answer {answer}"))
    if operation.version >= STRICT:
        if answer != "unreached" and score is None:
            return Refusal(Reason.of("needs_score"))
        if score is not None and not 1 <= score <= 5:
            return Refusal(Reason.of("malformed", detail="a score is 1 to 5"))
        if how not in IN_PERSON and ticket.data.get("kind") in situation.catalogue.rules.tickets.by_person:
            return Refusal(Reason.of("needs_person", kind=ticket.data.get("kind")))
    satisfaction = {"answer": answer, "score": score, "asked_by": operation.actor, "at": situation.at, "how": how}
    tries = (ticket.data.get("tries") or 0) + 1
    moves = logged(
        ticket, operation, situation.at, "followed_up", answer=answer, score=score, text=body.maybe_text("text")
    )
    if answer == "unreached" and tries < situation.catalogue.rules.follow_up_tries:
        # who wasn't reached wasn't asked: the ticket waits for the next try
        return Decision((change(operation, "ticket", tries=tries, moves=moves),))
    fields: dict[str, Any] = {"satisfaction": satisfaction, "moves": moves}
    if answer == "unsatisfied":
        fields |= {**_back(operation, situation, ticket), **laid_back(operation, situation, ticket)}
        return Decision((change(operation, "ticket", told(ticket), **fields),))
    fields |= {**laid(None, ticket, situation), "state": "followed_up"}
    return Decision((change(operation, "ticket", **fields),))


def _archived(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Archive: only after reply and follow-up call, or under the policy's named exemption (DOMAIN rule 7)."""
    exempt = body.maybe_text("exempt") if operation.version >= STRICT else None
    if exempt is not None:
        return _answered_in_call(operation, body, situation, ticket, exempt)
    refused = illegal("archived", ticket)
    if refused:
        return refused
    moves = logged(ticket, operation, situation.at, "archived")
    return Decision((change(operation, "ticket", state="archived", closed_at=situation.at, moves=moves),))


def _answered_in_call(operation: Operation, body: Body, situation: Situation, ticket: Document, exempt: str) -> Outcome:
    """Close what was answered in the call at once; of these a sample is called all the same."""
    data, rules = ticket.data, situation.catalogue.rules
    if exempt != IN_CALL:
        return Refusal(Reason.of("malformed", detail=f"unknown exemption {exempt}"))
    if data.get("state") != "open" or data.get("station") != "front":
        return Refusal(Reason.of("ticket_state", state=data.get("state"), move="archived"))
    if data.get("kind") not in rules.tickets.exempt:
        return Refusal(Reason.of("not_exempt", kind=data.get("kind")))
    fields: dict[str, Any] = {"exempt": exempt, "minutes": data.get("minutes") or 0, "replied_at": situation.at}
    text = body.text("text")
    if in_sample(ticket.id, rules.follow_up_percent):
        moves = logged(ticket, operation, situation.at, "replied", text=text, exempt=exempt, sample=True)
        fields |= {"tries": 0, "rung": None, "rungs": {}, **laid("follow_up", ticket, situation)}
        due = station_due("follow_up", tier_of(ticket), situation.at, situation.catalogue)
        fields |= {"state": "replied", "station": "follow_up", "station_due": due}
    else:
        moves = logged(ticket, operation, situation.at, "archived", text=text, exempt=exempt)
        fields |= {**laid(None, ticket, situation), "state": "archived", "closed_at": situation.at}
    return Decision((change(operation, "ticket", **fields, moves=moves),))


def in_sample(document: str, percent: int) -> bool:
    """Tell whether a document is of those that are called though the policy exempts them: the same on every side."""
    return int.from_bytes(sha256(document.encode()).digest()[:4], "big") % 100 < percent


def _reopened(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = illegal("reopened", ticket)
    if refused:
        return refused
    fields = {**_back(operation, situation, ticket), **laid_back(operation, situation, ticket)}
    moves = logged(ticket, operation, situation.at, "reopened", text=body.text("reason"))
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _back(operation: Operation, situation: Situation, ticket: Document) -> dict[str, Any]:
    """Return the fields of a ticket that comes back to whoever was asked first, one level higher, with a new clock.

    The law's clock stays what it was; where it has run out already, the policy's alone counts.
    """
    data, catalogue, at = ticket.data, situation.catalogue, situation.at
    level = (data.get("level") or 0) + 1
    fields: dict[str, Any] = {
        "state": "reopened",
        "station": "front",
        "owner": data.get("first_responsible"),
        "level": level,
        "closed_at": None,
    }
    if operation.version < STRICT:
        return fields
    clock = clock_named(
        str(data.get("kind")), data.get("symptom"), catalogue, str(data.get("origin") or ""), bool(data.get("rural")),
        level,
    ) or clock_of_ticket(ticket, catalogue)  # fmt: skip
    policy = deadlines(clock, tier_of(ticket), at, catalogue).policy
    law = data.get("law_due")
    if policy is not None:
        due = min(policy, law) if law is not None and law > at else policy
        fields |= {"clock": clock.kind if clock else None, "clock_at": at, "clock_from": at}
        fields |= {"policy_due": policy, "due": due}
        if data.get("merged"):
            # those that were merged into it have no say in the new deadline
            fields["own"] = {**(data.get("own") or {}), "policy_due": policy, "due": due}
            fields["merged"] = [{**part, "policy_due": None, "due": None} for part in data["merged"]]
    return {**fields, "rung": None, "rungs": {}, "department": None}


def laid_back(operation: Operation, situation: Situation, ticket: Document) -> dict[str, Any]:
    """Return the clock of the station to which a ticket comes back, by its new deadline."""
    back = {**ticket.data, **_back(operation, situation, ticket)}
    laid_there = laid("resend", Document(ticket.scope, ticket.id, ticket.type, ticket.rev, back), situation)
    laid_there.pop("overtime", None)
    late = laid("resend", ticket, situation).get("overtime")
    return {**laid_there, **({"overtime": late} if late else {})}


KINDS = (
    Kind("ticket.replied", 2, own_document, on_existing("ticket", _replied)),
    Kind("ticket.followed_up", 2, own_document, on_existing("ticket", _followed_up)),
    Kind("ticket.archived", 2, own_document, on_existing("ticket", _archived)),
    Kind("ticket.reopened", 2, own_document, on_existing("ticket", _reopened)),
)
