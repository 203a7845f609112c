"""The life of a remedy after it was given: told, carried out, voided as a mis-key, or wanted no more."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import change, logged, on_existing
from agentdesk.domain.kinds._money import booked, units
from agentdesk.domain.kinds.checks import ended_with
from agentdesk.domain.kinds.commitments._shared import contact_of, own_and_contact
from agentdesk.domain.kinds.contact import ENDS
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation

OVER = ENDS | {"wrap_up"}


def _needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (*own_and_contact(operation, body), DocumentNeed(operation.scope, f"{operation.document}.check"))


def _spoken(operation: Operation, body: Body, situation: Situation, remedy: Document) -> Outcome:
    """Mark the words as told: from here on the remedy can't be voided as a mis-key."""
    data = remedy.data
    seconds = body.maybe_number("seconds")
    fields: dict[str, Any] = {"moves": logged(remedy, operation, situation.at, "spoken", seconds=seconds)}
    if data.get("spoken_at") is None:
        fields |= {"spoken_at": situation.at, "spoken_s": seconds}
        other = body.maybe_text("instead")
        if other:
            fields["spoken_instead"] = other
    if data.get("state") != "voided":
        return Decision((change(operation, "remedy", units(data), **fields),))
    # spoken is spoken: it stands again, and so does what it costs; its lease has been given it back since
    fields |= {"state": "given", "closed_at": None, "allowance": None}
    if data.get("money") == "credit":
        fields["credit"] = "running"
    again = change(operation, "remedy", units(data), **fields)
    costs = booked(remedy.scope, remedy.id, {**data, "allowance": None}, 1)
    return Decision((again,), costs, (Reason.of("voided_already"),))


def _done(operation: Operation, body: Body, situation: Situation, remedy: Document) -> Outcome:
    """Carry a remedy out: the proof says that the customer has it."""
    data = remedy.data
    if data.get("state") != "given":
        return Refusal(Reason.of("remedy_state", state=data.get("state"), move="done"))
    proof = body.text("proof")
    if not proof.strip():
        return Refusal(Reason.of("empty_note"))
    late = (data.get("due") or situation.at) < situation.at
    moves = logged(remedy, operation, situation.at, "done", text=proof, late=late or None)
    fields = {"state": "done", "late": late, "closed_at": situation.at, "moves": moves}
    return Decision((change(operation, "remedy", units(data), **fields),))


def _voided(operation: Operation, body: Body, situation: Situation, remedy: Document) -> Outcome:
    """Void a mis-key (DOMAIN rule 3): the same agent, before the words were told, at most 60 s after the call."""
    data = remedy.data
    if data.get("owner") != operation.actor:
        return Refusal(Reason.of("not_yours", owner=data.get("owner")))
    if data.get("spoken_at") is not None:
        return Refusal(Reason.of("already_spoken"))
    contact = contact_of(operation, body, situation)
    if contact is None and data.get("contact") is not None:
        return Decision((), held=Reason.of("unknown_document", document=data["contact"]))
    since = situation.at - data["at"]
    if contact is not None:
        # moments are readings of the site's wall clock, right or wrong, and so is this
        ended = (contact.data.get("moments") or {}).items()
        since = max((operation.wall - at for name, at in ended if name in OVER), default=0)
    window = situation.catalogue.rules.miskey_after_call_s * 1000
    if since > window:
        return Refusal(Reason.of("too_late_to_void", seconds=window // 1000))
    return _ended(operation, body, situation, remedy, "voided")


def _withdrawn(operation: Operation, body: Body, situation: Situation, remedy: Document) -> Outcome:
    return _ended(operation, body, situation, remedy, "withdrawn")


def _ended(operation: Operation, body: Body, situation: Situation, remedy: Document, state: str) -> Outcome:
    """End a remedy before it was carried out: its money goes back to allowance and unit, and its check ends with it."""
    data, reason = remedy.data, body.text("reason")
    if data.get("state") != "given":
        return Refusal(Reason.of("remedy_state", state=data.get("state"), move=state))
    if data.get("repaid_at") is not None:
        return Refusal(Reason.of("repaid_already"))
    if data.get("automatic") and data.get("statutory"):
        return Refusal(Reason.of("law_stands"))
    fields = {
        "state": state,
        "closed_at": situation.at,
        "moves": logged(remedy, operation, situation.at, state, text=reason),
    }
    if data.get("credit") is not None:
        fields["credit"] = None
    closed: tuple[Change, ...] = (change(operation, "remedy", units(data), **fields),)
    closed += ended_with(operation, remedy, situation, state)
    return Decision(closed, booked(remedy.scope, remedy.id, data, -1))


KINDS = (
    Kind("remedy.spoken", 1, _needs, on_existing("remedy", _spoken), spoken=True),
    Kind("remedy.done", 1, _needs, on_existing("remedy", _done)),
    Kind("remedy.voided", 1, _needs, on_existing("remedy", _voided)),
    Kind("remedy.withdrawn", 1, _needs, on_existing("remedy", _withdrawn)),
)
