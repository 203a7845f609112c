"""Giving a remedy: said to the customer, so at the centre what doesn't pass is honoured, flagged and booked.

`given → done`, or `voided` as a mis-key before it was told, or `withdrawn` by the customer. What it costs is a fact on
the ledger, booked to the unit that caused it; what is given first and looked into afterwards makes its check, in the
same decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.finance.credit import credit_fields
from agentdesk.domain.kinds._common import DUE_SLACK_MS, change, exists, logged
from agentdesk.domain.kinds._money import NO_SUCH, booked, units
from agentdesk.domain.kinds.checks import check_of
from agentdesk.domain.kinds.commitments._shared import contact_need, contact_of
from agentdesk.domain.kinds.identity import caller_role_of, methods_of, standing_level
from agentdesk.domain.needs import DayNeed, DocumentNeed, Need, WorkNeed
from agentdesk.domain.offering.approving import BEYOND, Wanted, uncovered
from agentdesk.domain.offering.remedies import (
    NOBODY,
    RESPONSIBLE,
    RemedyOffer,
    assess_remedy,
    due_of,
    matter_of,
    money_kind,
    responsible_unit,
)
from agentdesk.domain.offering.remedy_templates import template_of
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.zone import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Remedy

HOUR_MS = 60 * MINUTE_MS


def _given_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer, approval = body.text("customer"), body.maybe_text("approval")
    asked = (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        WorkNeed(operation.scope, customer),
        DocumentNeed(operation.scope, body.text("under")),
        *contact_need(operation, body),
        *((DocumentNeed(operation.scope, approval),) if approval else ()),
    )
    since = operation.wall - (operation.offset or 0) - DAY_MS - HOUR_MS
    return (*asked, DayNeed(operation.scope, operation.actor, since)) if operation.amount > 0 else asked


def _given(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    code, quantity, due = body.text("remedy"), body.number("quantity"), body.number("due")
    catalogue = situation.catalogue
    remedy = catalogue.remedies.get(code)
    found = situation.answers.document(operation.scope, body.text("customer"))
    customer = Customer(found) if found is not None and found.type == "customer" else None
    under = situation.answers.document(operation.scope, body.text("under"))
    flags: tuple[Reason, ...] = ()
    held: Reason | None = None
    if remedy is None:
        held = Reason.of(NO_SUCH, remedy=code)
    elif operation.amount < 0 or (operation.amount > 0) != (money_kind(remedy) is not None):
        held = Reason.of("malformed", detail="the amount doesn't fit the remedy")
    elif customer is None:
        held = Reason.of("unknown_customer", customer=body.text("customer"))
    elif under is None:
        held = Reason.of("unknown_document", document=body.text("under"))
    else:
        flags = _collisions(operation, body, situation, remedy, customer, under, quantity, due)
    kind = money_kind(remedy) if remedy else situation.allowance.kind if situation.allowance else None
    unit = remedy.booked if remedy else NOBODY
    if unit == RESPONSIBLE:
        unit = responsible_unit(under) if under else NOBODY
    tier = catalogue.tier_of(customer.card) if customer else "standard"
    fields = {
        "number": body.text("number"),
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        "under": body.text("under"),
        "matter": matter_of(under) if under else body.text("under"),
        **of_remedy(remedy, code, operation.catalogue),
        "quantity": quantity,
        "state": "given",
        "amount": operation.amount,
        "proposed": body.maybe_number("proposed"),
        "amount_reason": body.maybe_text("amount_reason"),
        "inputs": dict(body.mapping("inputs")) or None,
        "money": kind if operation.amount > 0 else None,
        "allowance": operation.allowance,
        "booked": unit,
        "due": due,
        "owner": operation.actor,
        "first_responsible": operation.actor,
        "site": operation.site,
        "line": body.text("line"),
        "tell": dict(body.mapping("tell")),
        "verification": dict(body.mapping("verification")),
        "approval": body.maybe_text("approval"),
        "spoken_at": None,
        "at": situation.at,
        **credit_fields(kind, operation.amount, remedy.days if remedy else {}, tier, situation.at),
        "moves": logged(None, operation, situation.at, "given"),
    }
    made = change(operation, "remedy", units(fields), **fields)
    checked = remedy is not None and remedy.check
    also: tuple[Change, ...] = (check_of(operation, made, situation),) if checked else ()
    also += _used(operation, body, situation)
    return Decision((made, *also), booked(operation.scope, operation.document, made.fields, 1), flags, held)


def of_remedy(remedy: Remedy | None, code: str, version: str) -> dict[str, object]:
    """Return what a document takes from its remedy; names, unit and basis stand even when the catalogue has changed."""
    return {
        "remedy": code,
        "catalogue": version,
        "category": remedy.category if remedy else None,
        "name_zh": remedy.name.zh if remedy else code,
        "name_en": remedy.name.en if remedy else code,
        "unit_zh": remedy.unit.zh if remedy else None,
        "unit_en": remedy.unit.en if remedy else None,
        "statutory": bool(remedy and remedy.statutory),
        "basis": remedy.basis if remedy else None,
        "department": remedy.department if remedy else None,
    }


def _collisions(
    operation: Operation,
    body: Body,
    situation: Situation,
    remedy: Remedy,
    customer: Customer,
    under: Document,
    quantity: int,
    due: int,
) -> tuple[Reason, ...]:
    """Return what a remedy collides with: none of it may be at the desk, all of it is honoured at the centre."""
    wanted = body.maybe_text("subscription")
    line = customer.subscription(wanted)
    contact = contact_of(operation, body, situation)
    kind, allowance = money_kind(remedy), situation.allowance
    leased = kind in ("cost", "credit")
    usable = leased and allowance is not None and allowance.kind == kind and allowance.open
    left = allowance.left if usable and allowance is not None else None
    case = Case(
        customer=customer,
        line=line,
        work=tuple(
            d for d in situation.answers.work(operation.scope, customer.document.id) if d.id != operation.document
        ),
        at=situation.at,
        role=operation.role,
        level=standing_level(contact, customer, line),
        methods=methods_of(contact, customer, line),
        caller_role=caller_role_of(contact),
        online=body.text("line") != "down" and situation.online is not False,
        cost_left=left if kind == "cost" else None,
        credit_left=left if kind == "credit" else None,
        actor=operation.actor,
        today=situation.answers.made(operation.scope, operation.actor) if kind is not None else (),
        inputs=body.mapping("inputs"),
    )
    # what a role may do at all is asked of every operation, by the newest policy
    offer = assess_remedy(remedy, case, situation.catalogue, under, quantity, operation.amount or None, whoever=True)
    flags = tuple(reason for reason in offer.reasons if reason.code not in BEYOND)
    flags += _unapproved(operation, body, situation, case, offer)
    if wanted is not None and line is None:
        flags = (*flags, Reason.of("unknown_line", line=wanted))
    if leased and not usable:
        flags = (*flags, Reason.of("no_allowance"))
    return (*flags, *_mistimed(remedy, case, situation, offer, due))


def _unapproved(
    operation: Operation, body: Body, situation: Situation, case: Case, offer: RemedyOffer
) -> tuple[Reason, ...]:
    """Return how a remedy goes beyond its author's authority without an approval that covers it."""
    if not offer.beyond:
        return ()
    name = body.maybe_text("approval")
    if name is None:
        return offer.beyond
    wanted = Wanted(
        template_of(offer.remedy),
        case.customer.document.id,
        case.line.id if case.line else None,
        operation.amount,
        case.tier(situation.catalogue),
        operation.actor,
        situation.at,
        operation.document,
    )
    missing = uncovered(situation.answers.document(operation.scope, name), wanted, situation.catalogue)
    return (*offer.beyond, *missing) if missing else ()


def _used(operation: Operation, body: Body, situation: Situation) -> tuple[Change, ...]:
    """Mark the approval that a remedy is given on as used: it is for one."""
    name = body.maybe_text("approval")
    approval = situation.answers.document(operation.scope, name) if name else None
    if approval is None or approval.type != "approval":
        return ()
    if approval.data.get("given_at") is None or approval.data.get("used_by") is not None:
        return ()
    fields = {
        "state": "used",
        "used_by": operation.document,
        "used_at": situation.at,
        "moves": logged(approval, operation, situation.at, "used"),
    }
    return (Change(approval.scope, approval.id, "approval", fields),)


def _mistimed(remedy: Remedy, case: Case, situation: Situation, offer: RemedyOffer, due: int) -> tuple[Reason, ...]:
    """Return how a spoken deadline is not the remedy's: too late for the rules, or too soon to be kept."""
    if abs(due - offer.due) <= DUE_SLACK_MS:
        return ()
    catalogue, tier = situation.catalogue, case.tier(situation.catalogue)
    if due > due_of(remedy, tier, case.online, situation.at + DUE_SLACK_MS, catalogue):
        return (Reason.of("due_beyond_limit", limit=offer.due, due=due),)
    if due < due_of(remedy, tier, case.online, situation.at - DUE_SLACK_MS, catalogue):
        return (Reason.of("due_too_soon", limit=offer.due, due=due),)
    return ()


KINDS = (Kind("remedy.given", 1, _given_needs, _given, spoken=True),)
