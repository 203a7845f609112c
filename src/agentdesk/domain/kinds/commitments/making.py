"""Commitments (即时承诺): a promise as an object with its own clock, owner, department and money.

A promise is checked here against its template, the caller's verification, the author's authority and the allowance
by the same `assess` that ranks the offers. At the desk what doesn't pass isn't promised; at the centre the promise
has been spoken already, so what doesn't pass is flagged, honoured and booked (DOMAIN rules 3 and 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.case import DAY_MS, Case, Customer
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import (
    Body,
    DayNeed,
    Decision,
    DocumentNeed,
    Kind,
    Need,
    Outcome,
    Situation,
    WorkNeed,
)
from agentdesk.domain.kinds._common import DUE_SLACK_MS, change, exists, logged
from agentdesk.domain.kinds.commitments._shared import booked, contact_need, contact_of, units_told
from agentdesk.domain.kinds.identity import caller_role_of, standing_level
from agentdesk.domain.offers import assess, due_at
from agentdesk.domain.operation import Operation

if TYPE_CHECKING:
    from agentdesk.domain.policy import Template

HOUR_MS = 3_600_000


def _today_need(operation: Operation) -> DayNeed:
    """Ask for what the agent promised in the last day and a bit: the instant isn't certain yet."""
    return DayNeed(operation.scope, operation.actor, operation.wall - (operation.offset or 0) - DAY_MS - HOUR_MS)


def _made_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    asked = (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        WorkNeed(operation.scope, customer),
        *contact_need(operation, body),
    )
    return (*asked, _today_need(operation)) if operation.amount > 0 else asked


def _made(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Make a promise. What was spoken stands: one that can't be checked is held, as a document whose clock runs."""
    refused = exists(operation, situation)
    if refused:
        return refused
    code, due = body.text("template"), body.number("due")
    template = situation.catalogue.templates.get(code)
    document = situation.answers.document(operation.scope, body.text("customer"))
    flags: tuple[Reason, ...] = ()
    held: Reason | None = None
    if template is None:
        held = Reason.of("unknown_template", template=code)
    elif operation.amount < 0 or (operation.amount > 0) != (template.money is not None):
        held = Reason.of("malformed", detail="the amount doesn't fit the template")
    elif document is None or document.type != "customer":
        held = Reason.of("unknown_customer", customer=body.text("customer"))
    else:
        flags = _collisions(operation, body, situation, template, Customer(document), due)
    kind = template.money.kind if template and template.money else None
    if kind is None and operation.amount > 0 and situation.allowance is not None:
        kind = situation.allowance.kind
    department = template.department if template else None
    fields = {
        "number": body.text("number"),
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        "template": code,
        "catalogue": operation.catalogue,
        "name_zh": template.name.zh if template else code,
        "name_en": template.name.en if template else code,
        "state": "made",
        "amount": operation.amount,
        "proposed": body.maybe_number("proposed"),
        "amount_reason": body.maybe_text("amount_reason"),
        "money": kind,
        "statutory": bool(template and template.money and template.money.statutory),
        "allowance": operation.allowance,
        "due": due,
        "department": department,
        "closing": template.closing if template else "call",
        "owner": operation.actor,
        "site": operation.site,
        "line": body.text("line"),
        "rank": body.maybe_number("rank"),
        "ask": dict(body.mapping("ask")),
        "tell": dict(body.mapping("tell")),
        "asked_s": body.maybe_number("asked_s"),
        "agreed_s": body.maybe_number("agreed_s"),
        "verification": dict(body.mapping("verification")),
        "spoken_at": None,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "made"),
    }
    made = change(operation, "commitment", units_told(department), **fields)
    return Decision((made,), booked(operation.scope, operation.document, made.fields, 1), flags, held)


def _collisions(
    operation: Operation, body: Body, situation: Situation, template: Template, customer: Customer, due: int
) -> tuple[Reason, ...]:
    """Return what a promise collides with: none of it may be at the desk, all of it is honoured at the centre."""
    wanted = body.maybe_text("subscription")
    line = customer.subscription(wanted)
    contact = contact_of(operation, body, situation)
    work = situation.answers.work(operation.scope, customer.document.id)
    money, allowance = template.money, situation.allowance
    usable = money is not None and allowance is not None and allowance.kind == money.kind and allowance.open
    left = allowance.left if usable and allowance is not None else None
    case = Case(
        customer=customer,
        line=line,
        work=tuple(d for d in work if d.id != operation.document),
        at=situation.at,
        role=operation.role,
        level=standing_level(contact, customer, line),
        caller_role=caller_role_of(contact),
        # a desk that has lost the line can't promise as if it were there, whatever was painted before
        online=body.text("line") != "down" and situation.online is not False,
        cost_left=left if money is not None and money.kind == "cost" else None,
        credit_left=left if money is not None and money.kind == "credit" else None,
        actor=operation.actor,
        today=situation.answers.made(operation.scope, operation.actor) if money is not None else (),
    )
    offer = assess(template, case, situation.catalogue, operation.amount or None)
    flags = () if offer.status == "available" else offer.reasons
    if wanted is not None and line is None:
        flags = (*flags, Reason.of("unknown_line", line=wanted))
    if money is not None and not usable:
        flags = (*flags, Reason.of("no_allowance"))
    return (*flags, *_mistimed(template, case, situation, offer.due, due))


def _mistimed(template: Template, case: Case, situation: Situation, computed: int, due: int) -> tuple[Reason, ...]:
    """Return how a spoken deadline is not the template's: too late for the rules, or too soon to be kept.

    The card may have been painted a while ago, before the office closed or the month ended.
    """
    if abs(due - computed) <= DUE_SLACK_MS:
        return ()
    tier, catalogue = case.tier(situation.catalogue), situation.catalogue
    if due > due_at(template, tier, case.online, situation.at + DUE_SLACK_MS, catalogue):
        return (Reason.of("due_beyond_limit", limit=computed, due=due),)
    if due < due_at(template, tier, case.online, situation.at - DUE_SLACK_MS, catalogue):
        return (Reason.of("due_too_soon", limit=computed, due=due),)
    return ()


KINDS = (Kind("commitment.made", 1, _made_needs, _made, spoken=True),)
