"""Disputed promises (承诺争议): "you promised me", and there is no record of it.

What the customer remembers is written down as he says it, with what the desk found by number and day. The clock is its
own (`dispute`); a superior decides. Honoured, it is made a promise that is booked to the unit of whoever is said to
have made it (责任倒追); dismissed, it is explained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, MalformedBody, MoneyFact, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import DUE_SLACK_MS, change, exists, logged, on_existing
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.kinds.commitments._shared import units_told
from agentdesk.domain.kinds.commitments.making import of_template
from agentdesk.domain.kinds.promise_clocks import ladder
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.offering.approving import may_approve, told
from agentdesk.domain.offering.offers import due_at
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.clocks import ticket_due
from agentdesk.domain.times.timers import Timer, done, first_open
from agentdesk.domain.times.zone import MINUTE_MS
from agentdesk.domain.work.notices import said_time

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Tier

CLOCK = "dispute"
ESCALATED = "dispute.escalated"


def promise_id(dispute: str) -> str:
    """Return the id of the promise that an honoured dispute makes."""
    return f"{dispute}.promise"


def _needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = DocumentNeed(operation.scope, body.text("customer"))
    return (DocumentNeed(operation.scope, operation.document), customer)


def _texts(body: Body, name: str) -> list[str]:
    found = body.items(name)
    if not all(isinstance(one, str) for one in found):
        raise MalformedBody(f"{name} must be a list of texts")
    return list(found)


def _opened(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    words = body.text("words")
    if not words.strip():
        return Refusal(Reason.of("malformed", detail="the customer's words are missing"))
    customer = situation.answers.document(operation.scope, body.text("customer"))
    held = None if customer is not None else Reason.of("unknown_customer", customer=body.text("customer"))
    tier = situation.catalogue.tier_of(Customer(customer).card) if customer else "standard"
    due, law = ticket_due(CLOCK, None, tier, situation.at, situation.catalogue)
    spoken = body.maybe_number("due")
    flags: tuple[Reason, ...] = ()
    if spoken is not None and due is not None and spoken > due + DUE_SLACK_MS:
        flags = (Reason.of("due_beyond_limit", limit=due, due=spoken),)
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        "words": words,
        "day": body.maybe_text("day"),
        "phone": body.maybe_text("phone"),
        "remembered": body.maybe_text("remembered"),
        "contacts": _texts(body, "contacts"),
        "promises": _texts(body, "promises"),
        "tier": tier,
        "state": "open",
        "owner": operation.actor,
        "first_responsible": operation.actor,
        "site": operation.site,
        "at": situation.at,
        # the deadline that the customer was told stands, whatever a later computation says
        "due": spoken if spoken is not None else due,
        "law_due": law,
        "moves": logged(None, operation, situation.at, "opened", text=words),
    }
    return Decision((change(operation, "dispute", **fields),), flags=flags, held=held)


def _decided(operation: Operation, body: Body, situation: Situation, dispute: Document) -> Outcome:
    """Decide a dispute: honoured by a promise that is booked, or dismissed with the reason to tell."""
    data = dispute.data
    if data.get("state") != "open":
        return Refusal(Reason.of("dispute_state", state=data.get("state")))
    if body.text("customer") != data.get("customer"):
        return Refusal(Reason.of("malformed", detail="the dispute is another customer's"))
    honoured, reason = body.flag("honoured"), body.text("reason")
    role = situation.catalogue.roles.get(operation.role)
    flags: tuple[Reason, ...] = ()
    if role is None or not role.approves:
        flags = (Reason.of("approval_insufficient", role=operation.role, approver=operation.actor),)
    if operation.actor == data.get("first_responsible"):
        flags = (*flags, Reason.of("own_approval", approver=operation.actor))
    unit = body.maybe_text("unit")
    fields: dict[str, Any] = {
        "decided_by": operation.actor,
        "decided_role": operation.role,
        "decided_at": situation.at,
        "closed_at": situation.at,
        "answer": reason,
        "accountable": unit,
        "moves": logged(
            dispute, operation, situation.at, "honoured" if honoured else "dismissed", text=reason, department=unit
        ),
    }
    rules, customer = situation.catalogue.rules.disputes, situation.answers.document(operation.scope, data["customer"])
    number = str(data.get("number") or "")
    if not honoured:
        blanks = {"number": number, "reason": reason}
        text = told(rules.dismissed, customer, dispute, situation.at, "dismissed", blanks)
        return Decision((change(operation, "dispute", **fields, state="dismissed"), *text), flags=flags)
    made = _promised(operation, body, situation, dispute)
    if not isinstance(made, tuple):
        return made
    promise, money, beyond = made
    own = change(operation, "dispute", **fields, state="honoured", promise=promise.id)
    due = said_time(promise.fields["due"], "zh")
    blanks = {"number": number, "promise": str(promise.fields["name_zh"]), "due": due}
    text = told(rules.honoured, customer, dispute, situation.at, "honoured", blanks)
    return Decision((own, promise, *text), money, (*flags, *beyond))


def _promised(
    operation: Operation, body: Body, situation: Situation, dispute: Document
) -> tuple[Change, tuple[MoneyFact, ...], tuple[Reason, ...]] | Refusal | Decision:
    """Return the promise that honours a dispute, what it costs, and how it goes beyond who decided."""
    catalogue, code = situation.catalogue, body.text("template")
    template, data = catalogue.templates.get(code), dispute.data
    if template is None:
        return Decision((), held=Reason.of("unknown_template", template=code))
    if operation.amount < 0 or (operation.amount > 0) != (template.money is not None):
        return Refusal(Reason.of("malformed", detail="the amount doesn't fit the template"))
    tier: Tier = data.get("tier") or "standard"
    flags: tuple[Reason, ...] = ()
    if template.money is not None:
        if not may_approve(template, operation.role, tier, operation.amount, catalogue):
            flags = (Reason.of("approval_insufficient", role=operation.role, approver=operation.actor),)
        lease = situation.allowance
        if lease is None or lease.kind != template.money.kind or not lease.open:
            flags = (*flags, Reason.of("no_allowance"))
        elif operation.amount > lease.left:
            flags = (*flags, Reason.of("allowance", left=lease.left, kind=lease.kind))
    kind = template.money.kind if template.money else None
    unit = body.maybe_text("unit")
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "customer": data.get("customer"),
        "subscription": data.get("subscription"),
        "contact": None,
        "contact_scope": None,
        **of_template(template, code, operation.catalogue),
        "tier": tier,
        "state": "made",
        "amount": operation.amount,
        "money": kind,
        "allowance": operation.allowance,
        "due": due_at(template, tier, True, situation.at, catalogue),
        "owner": data.get("owner"),
        "first_responsible": data.get("first_responsible"),
        "accountable": unit,
        "dispute": dispute.id,
        "approver": operation.actor,
        "site": operation.site,
        "line": "up",
        "ask": {},
        "tell": dict(body.mapping("tell")),
        "spoken_at": None,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "made", text=data.get("number")),
    }
    units = tuple(dict.fromkeys((*units_told(template.department), *units_told(unit))))
    promise = Change(dispute.scope, promise_id(dispute.id), "commitment", fields, units)
    if kind is None or operation.amount <= 0:
        return promise, (), flags
    accountable = unit or template.department
    fact = MoneyFact(
        kind, operation.amount, operation.allowance, dispute.scope, str(data["customer"]), promise.id, accountable
    )
    return promise, (fact,), flags


def timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return what the clock of an open dispute does next: one superior after the other is told."""
    due = document.data.get("due")
    if document.data.get("state") != "open" or due is None:
        return None
    rungs = ladder(catalogue)
    return first_open(document, (Timer(due + max(0, m) * MINUTE_MS, ESCALATED, name) for name, m in rungs))


def _escalated(operation: Operation, body: Body, situation: Situation, dispute: Document) -> Outcome:
    rung, due = body.text("rung"), body.number("at")
    own = change(
        operation,
        "dispute",
        told=rung,
        level=(dispute.data.get("level") or 0) + 1,
        rungs=done(dispute, rung, situation.at),
        moves=logged(dispute, operation, situation.at, "escalated", rung=rung, due_at=due),
    )
    return Decision((own,))


KINDS = (
    Kind("dispute.opened", 1, _needs, _opened, spoken=True),
    Kind("dispute.decided", 1, _needs, on_existing("dispute", _decided)),
    Kind(ESCALATED, 1, timed_needs, on_timer("dispute", _escalated), timed=True),
)
