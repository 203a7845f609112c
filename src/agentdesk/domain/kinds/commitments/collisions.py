"""What a promise collides with: template, verification, authority and its approval, allowance, deadline (DOMAIN 3, 5).

None of it may be at the desk; at the centre the promise has been spoken already, so all of it is honoured, flagged and
booked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import DUE_SLACK_MS
from agentdesk.domain.kinds.commitments._shared import contact_of
from agentdesk.domain.kinds.identity import caller_role_of, methods_of, standing_level
from agentdesk.domain.offering.approving import BEYOND, Wanted, fits, uncovered
from agentdesk.domain.offering.offers import Offer, also_due_at, assess, due_at
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Template


def approval_of(operation: Operation, body: Body, situation: Situation) -> Document | None:
    """Return the approval that a promise was made on; version 1 knew none."""
    wanted = body.maybe_text("approval") if operation.version > 1 else None
    found = situation.answers.document(operation.scope, wanted) if wanted else None
    return found if found is not None and found.type == "approval" else None


def waits(operation: Operation, body: Body) -> bool:
    """Tell whether the customer agreed to wait until a promise is approved."""
    return operation.version > 1 and body.maybe_text("approval") is not None and body.data.get("waits") is True


def collisions(
    operation: Operation, body: Body, situation: Situation, template: Template, customer: Customer, due: int
) -> tuple[Reason, ...]:
    """Return what a promise collides with."""
    wanted = body.maybe_text("subscription")
    line = customer.subscription(wanted)
    contact = contact_of(operation, body, situation)
    work = situation.answers.work(operation.scope, customer.document.id)
    money, allowance = template.money, situation.allowance
    leased = money is not None and money.kind != "refund"
    usable = leased and money is not None and allowance is not None and allowance.kind == money.kind and allowance.open
    left = allowance.left if usable and allowance is not None else None
    case = Case(
        customer=customer,
        line=line,
        work=tuple(d for d in work if d.id != operation.document),
        at=situation.at,
        role=operation.role,
        level=standing_level(contact, customer, line),
        methods=methods_of(contact, customer, line),
        caller_role=caller_role_of(contact),
        # a desk that has lost the line can't promise as if it were there, whatever was painted before
        online=body.text("line") != "down" and situation.online is not False,
        cost_left=left if money is not None and money.kind == "cost" else None,
        credit_left=left if money is not None and money.kind == "credit" else None,
        actor=operation.actor,
        today=situation.answers.made(operation.scope, operation.actor) if money is not None else (),
        inputs=body.mapping("inputs"),
    )
    # what a role may do at all is asked of every operation, by the newest policy
    offer = assess(template, case, situation.catalogue, operation.amount or None, whoever=True)
    flags = tuple(reason for reason in offer.reasons if reason.code not in BEYOND)
    flags += _unapproved(operation, body, situation, case, offer)
    if wanted is not None and line is None:
        flags = (*flags, Reason.of("unknown_line", line=wanted))
    if leased and not usable:
        flags = (*flags, Reason.of("no_allowance"))
    wait = situation.catalogue.rules.approvals.later * MINUTE_MS if waits(operation, body) else 0
    return (*flags, *_mistimed(template, case, situation, due, body.maybe_number("also"), wait))


def _unapproved(operation: Operation, body: Body, situation: Situation, case: Case, offer: Offer) -> tuple[Reason, ...]:
    """Return how a promise goes beyond its author's authority without an approval that covers it."""
    if not offer.beyond:
        return ()
    if operation.version < 2 or body.maybe_text("approval") is None:
        return offer.beyond
    approval = approval_of(operation, body, situation)
    catalogue, template = situation.catalogue, offer.template
    wanted = Wanted(
        template,
        case.customer.document.id,
        case.line.id if case.line else None,
        operation.amount,
        case.tier(catalogue),
        operation.actor,
        situation.at,
        operation.document,
    )
    if waits(operation, body) and approval is not None and approval.data.get("given_at") is None:
        # nothing is given yet: the promise is held until somebody does
        if template.money is not None and template.money.statutory:
            return (*offer.beyond, Reason.of("statutory_waits"))
        if fits(approval, wanted) and approval.data.get("commitment") == operation.document:
            return ()
    missing = uncovered(approval, wanted, catalogue)
    return (*offer.beyond, *missing) if missing else ()


def _mistimed(
    template: Template, case: Case, situation: Situation, due: int, also: int | None, wait: int
) -> tuple[Reason, ...]:
    """Return how a spoken deadline, or the second one, is not the template's: too late for the rules, or too soon.

    The card may have been painted a while ago, before the office closed or the month ended.
    """
    tier, catalogue = case.tier(situation.catalogue), situation.catalogue
    found = _apart(due, lambda at: due_at(template, tier, case.online, at, catalogue, wait), situation.at)
    if found or also is None:
        return found
    return _apart(also, lambda at: also_due_at(template, tier, case.online, at, catalogue, wait), situation.at)


def _apart(told: int, due: Callable[[int], int | None], at: int) -> tuple[Reason, ...]:
    """Return how what was told differs from what the policy says of an instant, give or take how long a card stands."""
    computed, latest, soonest = due(at), due(at + DUE_SLACK_MS), due(at - DUE_SLACK_MS)
    if computed is None or latest is None or soonest is None or abs(told - computed) <= DUE_SLACK_MS:
        return ()
    if told > latest:
        return (Reason.of("due_beyond_limit", limit=computed, due=told),)
    return (Reason.of("due_too_soon", limit=computed, due=told),) if told < soonest else ()
