"""Contacts (接触): one conversation on any channel, from the ring to the wrap-up.

The facts that can't be filled in later are recorded here: the switch's call id, every moment of the call, when the
card was painted and the first key pressed, which offers were shown, taken and passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, exists, instants, logged, on_existing, own_document
from agentdesk.domain.kinds.guiding import STEPS
from agentdesk.domain.operation import Operation

MOMENTS = frozenset(
    {
        "offered",
        "ringing",
        "popped",
        "first_key",
        "answered",
        "held",
        "retrieved",
        "transfer_started",
        "transferred",
        "abandoned",
        "ended",
        "wrap_up",
    }
)
ENDS = frozenset({"abandoned", "ended", "transferred"})


def _opened(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    outbound: dict[str, Any] = {
        name: body.text(name) for name in ("direction", "callback") if body.data.get(name) is not None
    }
    return Decision(
        (
            change(
                operation,
                "contact",
                call=body.text("call"),
                channel=body.text("channel"),
                caller=body.maybe_text("caller"),
                caller_name=body.maybe_text("caller_name"),
                customer=body.maybe_text("customer"),
                subscription=body.maybe_text("subscription"),
                queue=body.maybe_text("queue"),
                ivr_path=body.maybe_text("ivr_path"),
                agent=operation.actor,
                site=operation.site,
                state="ringing",
                at=situation.at,
                moments=instants(body, "moments", MOMENTS),
                moves=logged(None, operation, situation.at, "opened"),
                **outbound,
            ),
        )
    )


def _moments(contact: Document) -> Mapping[str, int]:
    moments: Mapping[str, int] = contact.data.get("moments") or {}
    return moments


def _answered(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    moments = {**_moments(contact), **instants(body, "moments", MOMENTS)}
    return Decision((change(operation, "contact", state="talking", agent=operation.actor, moments=moments),))


def _turned(operation: Operation, body: Body, _situation: Situation, contact: Document) -> Outcome:
    """Turn to another customer or line: verification falls to 0 (DOMAIN rule 11)."""
    customer = body.maybe_text("customer")
    fields: dict[str, Any] = {"customer": customer, "subscription": body.maybe_text("subscription")}
    if customer != contact.data.get("customer"):
        fields["verification"] = None
    return Decision((change(operation, "contact", **fields),))


def _moment(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    moment, at = body.text("moment"), body.number("at")
    if moment not in MOMENTS:
        return Refusal(Reason.of("malformed", detail=f"unknown moment {moment}"))
    moves = logged(contact, operation, situation.at, moment, at_ms=at, details=dict(body.mapping("details")) or None)
    moments = {**_moments(contact), moment: at}
    fields: dict[str, Any] = {"moments": moments, "moves": moves}
    if moment in ENDS and contact.data.get("state") != "wrapped_up":
        fields["state"] = "ended"
    return Decision((change(operation, "contact", **fields),))


def _offers_shown(operation: Operation, body: Body, _situation: Situation, contact: Document) -> Outcome:
    shown = [
        *(contact.data.get("offers") or ()),
        {"at": body.number("at"), "offers": body.items("offers"), "op": operation.id},
    ]
    return Decision((change(operation, "contact", offers=shown),))


def _wrapped_up(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    moments = {**_moments(contact), **instants(body, "moments", MOMENTS)}
    # the steps came with version 2: a contact wrapped up before has none
    steps = instants(body, "steps", frozenset(STEPS)) if operation.version > 1 else {}
    stamped: dict[str, Any] = {"steps": steps} if steps else {}
    return Decision(
        (
            change(
                operation,
                "contact",
                **stamped,
                state="wrapped_up",
                moments=moments,
                matters=body.items("matters"),
                summary=body.maybe_text("summary"),
                dropped_by=body.maybe_text("dropped_by"),
                wrapped_up_at=situation.at,
            ),
        )
    )


KINDS = (
    Kind("contact.opened", 1, own_document, _opened),
    Kind("contact.answered", 1, own_document, on_existing("contact", _answered)),
    Kind("contact.turned", 1, own_document, on_existing("contact", _turned)),
    Kind("contact.moment", 1, own_document, on_existing("contact", _moment)),
    Kind("contact.offers_shown", 1, own_document, on_existing("contact", _offers_shown)),
    Kind("contact.wrapped_up", 2, own_document, on_existing("contact", _wrapped_up)),
)
