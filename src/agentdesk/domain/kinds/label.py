"""Labels (来电标签): asked for by who had the call, approved by a superior, and over by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing, own_document
from agentdesk.domain.kinds._people import not_allowed
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.operation import Operation
from agentdesk.domain.profile.labels import SORTS
from agentdesk.domain.times.timers import Timer, done, first_open
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

EXPIRED = "label.expired"


def timer(document: Document, _catalogue: Catalogue) -> Timer | None:
    """Return when a label is over by itself."""
    until = document.data.get("until")
    if document.data.get("state") != "approved" or until is None:
        return None
    return first_open(document, (Timer(until, EXPIRED, "until"),))


def _asked(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    sort, reason = body.text("sort"), body.text("reason").strip()
    rule = situation.catalogue.rules.group.labels.get(sort)
    if sort not in SORTS or rule is None:
        return Refusal(Reason.of("malformed", detail=f"unknown sort of label {sort}"))
    if not reason:
        return Refusal(Reason.of("empty_note"))
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "sort": sort,
        "reason": reason,
        "contact": body.maybe_text("contact"),
        "asked_by": operation.actor,
        "state": "asked",
        "until": None,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "asked", text=reason),
    }
    return Decision((change(operation, "label", **fields),))


def _decides(operation: Operation, situation: Situation, label: Document) -> Refusal | None:
    """Refuse what isn't asked for any more, who isn't a superior, and one's own wish."""
    if label.data.get("state") != "asked":
        return Refusal(Reason.of("label_state", state=label.data.get("state")))
    if label.data.get("asked_by") == operation.actor:
        return Refusal(Reason.of("own_wish"))
    return not_allowed(operation, (), situation)


def _approved(operation: Operation, body: Body, situation: Situation, label: Document) -> Outcome:
    refused = _decides(operation, situation, label)
    if refused:
        return refused
    rule = situation.catalogue.rules.group.labels.get(str(label.data.get("sort")))
    most = rule.days if rule else 1
    wanted = body.maybe_number("days")
    days = most if wanted is None else wanted
    if not 1 <= days <= most:
        return Refusal(Reason.of("label_days", most=most))
    moves = logged(label, operation, situation.at, "approved", text=body.maybe_text("text"))
    fields: dict[str, Any] = {
        "state": "approved",
        "until": situation.at + days * DAY_MS,
        "approved_by": operation.actor,
    }
    return Decision((change(operation, "label", **fields, moves=moves),))


def _declined(operation: Operation, body: Body, situation: Situation, label: Document) -> Outcome:
    refused = _decides(operation, situation, label)
    if refused:
        return refused
    moves = logged(label, operation, situation.at, "declined", text=body.maybe_text("text"))
    return Decision((change(operation, "label", state="declined", moves=moves),))


def _ended(operation: Operation, body: Body, situation: Situation, label: Document) -> Outcome:
    """End a label before its time; a wish may be taken back by who asked."""
    state = label.data.get("state")
    if state not in ("asked", "approved"):
        return Refusal(Reason.of("label_state", state=state))
    own = state == "asked" and label.data.get("asked_by") == operation.actor
    refused = None if own else not_allowed(operation, (), situation)
    if refused:
        return refused
    moves = logged(label, operation, situation.at, "ended", text=body.text("reason"))
    return Decision((change(operation, "label", state="ended", ended_at=situation.at, moves=moves),))


def _expired(operation: Operation, body: Body, situation: Situation, label: Document) -> Outcome:
    rungs = done(label, body.text("rung"), situation.at)
    moves = logged(label, operation, situation.at, "expired")
    return Decision((change(operation, "label", state="expired", rungs=rungs, moves=moves),))


KINDS = (
    Kind("label.asked", 1, own_document, _asked),
    Kind("label.approved", 1, own_document, on_existing("label", _approved)),
    Kind("label.declined", 1, own_document, on_existing("label", _declined)),
    Kind("label.ended", 1, own_document, on_existing("label", _ended)),
    Kind(EXPIRED, 1, timed_needs, on_timer("label", _expired), timed=True),
)
