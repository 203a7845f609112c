"""Visits (到厅): one customer at the counter, everything that is done for him, and the one slip he leaves with.

The slip (免填单/一台清/一单清) is made of what was done, so nobody fills in a form. No cash is handled here: only the
numbers of receipts are entered. And the end of a shift, with what was handed over.
"""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing, own_document
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.work.notices import is_mobile, notice

HOW = frozenset({"queue", "card", "number", "appointment"})
"""How a visit begins."""

WAYS = frozenset({"print", "sms", "none"})
"""How the slip is given."""

WHYS = frozenset({"end", "ill", "leave", "dismissed"})
"""Why a shift ends: by itself, or for an absence that a leader states."""

LONGEST_SLIP = 4_000


def _started(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    how = body.text("how")
    if how not in HOW:
        return Refusal(Reason.of("malformed", detail=f"unknown beginning {how}"))
    made = change(
        operation,
        "visit",
        number=body.text("number"),
        how=how,
        queue=body.maybe_text("queue"),
        waited=body.maybe_number("waited"),
        customer=body.maybe_text("customer"),
        contact=body.maybe_text("contact"),
        appointment=body.maybe_text("appointment"),
        clerk=operation.actor,
        site=operation.site,
        state="open",
        receipts=[],
        at=situation.at,
        moves=logged(None, operation, situation.at, "started"),
    )
    return Decision((made,))


def _receipted(operation: Operation, body: Body, situation: Situation, visit: Document) -> Outcome:
    """Enter the number of a receipt; no amount is taken here."""
    number = body.text("receipt").strip()
    if not number or len(number) > 40:
        return Refusal(Reason.of("malformed", detail="a receipt has a number of up to 40 characters"))
    receipts = [*(visit.data.get("receipts") or ()), {"number": number, "for": body.maybe_text("for")}]
    moves = logged(visit, operation, situation.at, "receipted", text=number)
    return Decision((change(operation, "visit", receipts=receipts, moves=moves),))


def _closed(operation: Operation, body: Body, situation: Situation, visit: Document) -> Outcome:
    """Close a visit with the slip: its text, what it lists, and how it was given."""
    if visit.data.get("state") != "open":
        return Refusal(Reason.of("visit_closed"))
    way, slip = body.text("way"), body.text("slip")
    if way not in WAYS or len(slip) > LONGEST_SLIP:
        return Refusal(Reason.of("malformed", detail="unknown way, or a slip that is too long"))
    closed = change(
        operation,
        "visit",
        state="closed",
        slip=slip,
        way=way,
        items=body.items("items"),
        closed_at=situation.at,
        moves=logged(visit, operation, situation.at, "closed", text=way),
    )
    to = body.maybe_text("to")
    if way == "sms" and is_mobile(to) and to is not None:
        return Decision((closed, notice(operation.scope, operation.document, to, slip, situation.at, urgent=True)))
    return Decision((closed,))


def _shift_ended(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Record the end of a shift: what stayed, what was handed over and to whom, by whom it was ended."""
    refused = exists(operation, situation)
    if refused:
        return refused
    items, why = body.items("items"), body.text("why")
    if why not in WHYS:
        return Refusal(Reason.of("malformed", detail=f"unknown reason {why}"))
    if not all(isinstance(item, dict) and {"document", "to"} <= item.keys() for item in items):
        return Refusal(Reason.of("malformed", detail="each item names its document and whom it went to"))
    made = change(
        operation,
        "shift",
        agent=body.text("agent"),
        by=operation.actor,
        why=why,
        items=items,
        kept=body.items("kept"),
        site=operation.site,
        at=situation.at,
        state="ended",
    )
    return Decision((made,))


def _shift_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    body.text("agent")
    return (DocumentNeed(operation.scope, operation.document),)


KINDS = (
    Kind("visit.started", 1, own_document, _started),
    Kind("visit.receipted", 1, own_document, on_existing("visit", _receipted)),
    Kind("visit.closed", 1, own_document, on_existing("visit", _closed)),
    Kind("agent.shift_ended", 1, _shift_needs, _shift_ended),
)
