"""The words of a promise: told to the customer, or voided as a mis-key before they were (DOMAIN rule 3).

What was said `instead` is kept: words whose time has passed meanwhile aren't read out.
Version 2 of the words told may have a receipt sent by SMS (`notify`): a mis-key never comes to a customer's telephone.
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.credit import RUNNING
from agentdesk.domain.kinds._common import change, logged, on_existing
from agentdesk.domain.kinds._receipts import receipt, receipt_need
from agentdesk.domain.kinds.commitments._shared import (
    booked,
    contact_of,
    ended,
    first_responsible,
    own_and_contact,
    units_told,
)
from agentdesk.domain.kinds.contact import ENDS
from agentdesk.domain.needs import Need
from agentdesk.domain.operation import Operation

OVER = ENDS | {"wrap_up"}
"""The moments from which on a call is over for the agent."""


def _spoken(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Mark the words to tell as spoken: from here on the promise can't be voided as a mis-key."""
    data = promise.data
    seconds = body.maybe_number("seconds")
    fields: dict[str, Any] = {"moves": logged(promise, operation, situation.at, "spoken", seconds=seconds)}
    if data.get("spoken_at") is None:
        fields |= {"spoken_at": situation.at, "spoken_s": seconds}
        other = body.maybe_text("instead")
        if other:
            fields["spoken_instead"] = other
    told = units_told(data.get("department"))
    first = data.get("spoken_at") is None and operation.version > 1
    sent = receipt(operation, body, situation, promise) if first else ()
    if data.get("state") != "voided":
        return Decision((change(operation, "commitment", told, **fields), *sent))
    # spoken is spoken: the promise stands again, and so does what it costs; its lease has been given it back since
    state = "held" if data.get("held_by") else "made"
    if data.get("money") == "credit" and data.get("credit_until") is not None:
        fields["credit"] = RUNNING
    again = change(operation, "commitment", told, **fields, state=state, closed_at=None, allowance=None)
    costs = booked(promise.scope, promise.id, {**data, "allowance": None}, 1)
    return Decision((again, *sent), costs, (Reason.of("voided_already"),))


def _spoken_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (*own_and_contact(operation, body), *(receipt_need(operation, body) if operation.version > 1 else ()))


def _voided(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Void a mis-key (DOMAIN rule 3): the same agent, before the words were spoken, at most 60 s after the call."""
    data = promise.data
    if first_responsible(promise) != operation.actor:
        return Refusal(Reason.of("not_yours", owner=first_responsible(promise)))
    if data.get("spoken_at") is not None:
        return Refusal(Reason.of("already_spoken"))
    if data.get("state") not in ("made", "held", "breached"):
        # a mis-key may come from a site that was cut off when the clock has broken it already
        return Refusal(Reason.of("promise_state", state=data.get("state"), move="voided"))
    if data.get("repaid_at") is not None:
        return Refusal(Reason.of("repaid_already"))
    if body.maybe_text("contact") != data.get("contact"):
        return Refusal(Reason.of("malformed", detail="name the contact in which it was promised"))
    contact = contact_of(operation, body, situation)
    if contact is None and data.get("contact") is not None:
        return Decision((), held=Reason.of("unknown_document", document=data["contact"]))
    window = situation.catalogue.rules.miskey_after_call_s * 1000
    if _since_call(operation, situation, promise, contact) > window:
        return Refusal(Reason.of("too_late_to_void", seconds=window // 1000))
    return ended(operation, body, situation, promise, "voided", body.text("reason"))


def _since_call(operation: Operation, situation: Situation, promise: Document, contact: Document | None) -> int:
    """Return the ms since the call ended for the agent; a promise without a call counts from its making."""
    if contact is None:
        made: int = promise.data["at"]
        return situation.at - made
    moments = contact.data.get("moments") or {}
    # moments are readings of the site's wall clock, right or wrong, and so is this
    return max((operation.wall - at for name, at in moments.items() if name in OVER), default=0)


KINDS = (
    Kind("commitment.spoken", 2, _spoken_needs, on_existing("commitment", _spoken), spoken=True),
    Kind("commitment.voided", 1, own_and_contact, on_existing("commitment", _voided)),
)
