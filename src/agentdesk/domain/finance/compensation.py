"""What a broken promise gives by itself: compensation as its template says, computed at the instant of the breach.

Nobody has to ask for it, and no role bounds it: the policy published it. The law's own has no ceiling either; what is
the operator's word has those of the remedy by tier. It is booked to the unit that broke the promise, and to the
region's budget, also beyond its limit. When a broken promise is kept at last, what is due by then is made up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.decide import MoneyFact
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.finance.amounts import computed
from agentdesk.domain.offering.remedies import RESPONSIBLE, due_of, matter_of, responsible_unit, rule_of
from agentdesk.domain.work.notices import mobile_of, said_time, worded

if TYPE_CHECKING:
    from agentdesk.domain.decide import Situation
    from agentdesk.domain.operation import Operation
    from agentdesk.domain.policy import Catalogue, MoneyKind, Remedy

Given = tuple[tuple[Change, ...], tuple[MoneyFact, ...]]
NOTHING: Given = ((), ())
BREACH, KEPT = "breach", "kept"


def on_breach(operation: Operation, promise: Document, situation: Situation) -> Given:
    """Return the documents that are made with a breach, under ids that derive from the promise's, and their money.

    `situation` answers the promise, its customer and all his work. The money names no allowance: it is booked to the
    region's budget, also beyond its limit.
    """
    return _compensated(operation, promise, situation, BREACH)


def on_kept(operation: Operation, promise: Document, situation: Situation) -> Given:
    """Return what is due beside what the breach gave, when a broken promise is kept at last."""
    return _compensated(operation, promise, situation, KEPT) if promise.data.get("breached_at") else NOTHING


def compensation_of(promise: Document, catalogue: Catalogue) -> Remedy | None:
    """Return the remedy that a promise gives by itself when it is broken; None if it gives none."""
    template = catalogue.templates.get(promise.data.get("template") or "")
    remedy = catalogue.remedies.get(template.breach or "") if template else None
    return remedy if remedy is not None and remedy.money in ("cost", "refund") else None


def _compensated(operation: Operation, promise: Document, situation: Situation, when: str) -> Given:
    catalogue, data = situation.catalogue, promise.data
    remedy = compensation_of(promise, catalogue)
    found = situation.answers.document(promise.scope, str(data.get("customer") or ""))
    if remedy is None or found is None or found.type != "customer" or data.get("waits"):
        return NOTHING
    document = f"{promise.id}.{when}"
    customer = Customer(found)
    work = situation.answers.work(promise.scope, customer.document.id)
    if any(other.id == document for other in work):
        return NOTHING
    amount = amount_due(remedy, promise, customer, work, situation.at, catalogue)
    if amount <= 0:
        return NOTHING
    return _remedy(operation, promise, situation, remedy, customer, document, amount)


def amount_due(
    remedy: Remedy, promise: Document, customer: Customer, work: tuple[Document, ...], at: int, catalogue: Catalogue
) -> int:
    """Return what a promise that is broken gives at an instant, less what was given for it; minor units."""
    line = customer.subscription(promise.data.get("subscription"))
    if line is not None and line.fault_since is None:
        # who was promised that it would be mended had a fault when that was promised
        line = replace(line, fault_since=min(promise.data.get("at") or at, at))
    case = Case(customer, line, work, at, "", under=promise)
    rule = rule_of(remedy)
    if rule is None:
        return 0
    amount = computed(rule, case, catalogue) if remedy.basis else remedy.unit_cost * min(remedy.steps)
    ceiling = None if remedy.statutory else remedy.ceilings.get(case.tier(catalogue))
    if ceiling is None:
        return amount
    given = sum(
        d.data.get("amount") or 0
        for d in work
        if d.type == "remedy" and d.data.get("under") == promise.id and d.data.get("remedy") == remedy.code
    )
    return min(amount, max(0, ceiling - given))


def _remedy(
    operation: Operation,
    promise: Document,
    situation: Situation,
    remedy: Remedy,
    customer: Customer,
    document: str,
    amount: int,
) -> Given:
    from agentdesk.domain.kinds._common import logged  # the kinds import this module
    from agentdesk.domain.kinds.remedies.giving import of_remedy

    data, catalogue, at = promise.data, situation.catalogue, situation.at
    unit = responsible_unit(promise) if remedy.booked == RESPONSIBLE else remedy.booked
    unit = str(data.get("booked") or unit)
    due = due_of(remedy, catalogue.tier_of(customer.card), True, at, catalogue)
    fields = {
        # the customer has one number for the promise and for what it gave
        "number": data.get("number"),
        "customer": customer.document.id,
        "subscription": data.get("subscription"),
        "under": promise.id,
        "matter": matter_of(promise),
        **of_remedy(remedy, remedy.code, data.get("catalogue") or ""),
        "quantity": 1 if remedy.basis else min(remedy.steps),
        "state": "given",
        "amount": amount,
        "money": remedy.money,
        "allowance": None,
        "booked": unit,
        "automatic": True,
        "due": due,
        "owner": data.get("owner"),
        "spoken_at": None,
        "at": at,
        "moves": logged(None, operation, at, "compensated", rung=document.rpartition(".")[2]),
    }
    told = tuple(dict.fromkeys(f"department/{name}" for name in (remedy.department, unit) if name))
    change = Change(promise.scope, document, "remedy", fields, told)
    kind: MoneyKind = "refund" if remedy.money == "refund" else "cost"
    fact = MoneyFact(kind, amount, None, promise.scope, customer.document.id, document, unit)
    return (change, *_notice(promise, customer, catalogue, document, amount, due, at)), (fact,)


def _notice(
    promise: Document, customer: Customer, catalogue: Catalogue, document: str, amount: int, due: int, at: int
) -> tuple[Change, ...]:
    """Return the text that tells the customer what he gets; none for who has no mobile."""
    to = mobile_of(customer, customer.subscription(promise.data.get("subscription")))
    if to is None:
        return ()
    number = str(promise.data.get("number") or "")
    blanks = {
        "number": number,
        "promise": str(promise.data.get("name_zh") or ""),
        "amount": f"{amount // 100}.{amount % 100:02d}",
        "due": said_time(due, "zh"),
    }
    more = {"customer": customer.document.id, "number": number}
    text = worded(catalogue, "compensation", promise.scope, document, to, at, blanks=blanks, **more)
    return () if text is None else (text,)
