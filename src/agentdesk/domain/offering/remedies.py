"""Which service remedies (服务补救) make good what went wrong, how much of them, and why not (seeds 000).

A remedy is chosen under a *matter*: a commitment, a ticket or a dispute. It draws on the same authority, 90-day sum
and allowance as promises do (`domain.authority`), gives a charge back once with them (`domain.amounts`), and is booked
to the unit that caused it. The decision on a remedy asks `assess_remedy` again, at the desk and at the centre.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentdesk.domain.access import not_allowed
from agentdesk.domain.case import Case
from agentdesk.domain.condition.conditions import Reason, fails
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.amounts import COUNTED, computed
from agentdesk.domain.finance.authority import authority_of, beyond_authority
from agentdesk.domain.finance.charge_bases import figures_missing
from agentdesk.domain.finance.credit import credit_in_cycle
from agentdesk.domain.offering.offers import FIGURES, Status
from agentdesk.domain.policy import MoneyKind, MoneyRule
from agentdesk.domain.times.calendar import due
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Remedy, Tier

CATEGORIES = ("apology", "compensation", "gift", "priority", "correction")
"""The five categories (五大类), in the order in which they are shown."""

MATTERS = frozenset({"commitment", "ticket", "dispute"})
"""Types of document under which a remedy is given."""

RESPONSIBLE = "responsible"
NOBODY = "customer_service"
"""Who pays where no unit is responsible yet; it may rebook what was another's fault."""

LATER_MINUTES = 24 * 60

_ORDER: dict[Status, int] = {"available": 0, "verify": 1, "approve": 2, "figures": 3, "inapplicable": 4}


@dataclass(frozen=True, slots=True)
class RemedyOffer:
    """A remedy as it stands in one case under one matter.

    `quantity` is the step of `steps` (those that may be chosen) that is proposed or was asked for; `amount` is what it
    gives and `need` what was computed or the step costs, minor units (None: it gives no money); `ceiling` is the most
    that the role may give alone. `due` is ms UTC, `mode` says whether the line-down limit applies. `booked` is the
    unit that pays, `department` the one that does it. `reasons` say why the status is not `available`; `beyond` are
    those that an approval takes away.
    """

    remedy: Remedy
    status: Status
    quantity: int
    steps: tuple[int, ...]
    amount: int | None
    need: int | None
    ceiling: int | None
    due: int
    mode: Literal["same", "later"]
    booked: str
    department: str
    reasons: tuple[Reason, ...] = ()
    approver: str | None = None
    beyond: tuple[Reason, ...] = ()


def rule_of(remedy: Remedy) -> MoneyRule | None:
    """Return what a remedy gives as a rule of money; None where it gives none."""
    kind = money_kind(remedy)
    if kind is None:
        return None
    return MoneyRule(kind, remedy.basis or "entered", remedy.args, remedy.statutory, remedy.ceilings)


def money_kind(remedy: Remedy) -> MoneyKind | None:
    """Return which money a remedy gives; None where it gives none."""
    return None if remedy.money == "none" else remedy.money


def matter_of(document: Document) -> str:
    """Return the matter that a document belongs to: one that came of another is about the same."""
    return str(document.data.get("matter") or document.id)


def responsible_unit(under: Document) -> str:
    """Return the unit that caused what a remedy makes good, as far as it is known (赔偿责任倒追)."""
    data = under.data
    return str(data.get("responsible") or data.get("accountable") or data.get("department") or NOBODY)


def due_of(remedy: Remedy, tier: Tier, online: bool, at: int, catalogue: Catalogue) -> int:
    """Return by when a remedy that is given at an instant is the customer's, ms UTC."""
    usual = due(remedy.limits[tier], catalogue.calendars, at)
    if online or remedy.offline != "later":
        return usual
    minutes = catalogue.rules.remedy_later.get(remedy.money, LATER_MINUTES)
    return max(usual, at + minutes * MINUTE_MS)


def assess_remedy(
    remedy: Remedy,
    case: Case,
    catalogue: Catalogue,
    under: Document,
    quantity: int | None = None,
    amount: int | None = None,
    *,
    whoever: bool = False,
) -> RemedyOffer:
    """Return how a remedy stands under a matter; `quantity` and `amount` are what is to be given, else proposed.

    `whoever` leaves out whether the role may give remedies at all.
    """
    tier = case.tier(catalogue)
    mode: Literal["same", "later"] = "later" if not case.online and remedy.offline == "later" else "same"
    not_his = None if whoever else not_allowed(catalogue, case.role, "remedy.given")
    # whom his role keeps from it needs to read no further
    reasons = [] if not_his is None else [not_his]
    reasons += [reason for test in remedy.applies if (reason := fails(test, case, catalogue))]
    reasons += _circumstances(remedy, case, under)
    given = tuple(given_under(case, under))
    reasons += _beside(remedy, given, catalogue)
    steps = _steps_left(remedy, given)
    if not steps:
        reasons.append(Reason.of("remedy_given", number=_last(given, remedy.code)))
        steps = remedy.steps
    chosen = steps[0] if quantity is None else quantity
    if chosen not in steps:
        reasons.append(Reason.of("no_such_step", steps=steps))
    rule = rule_of(remedy)
    need: int | None = None
    ceiling: int | None = None
    approver: str | None = None
    beyond: list[Reason] = []
    if rule is not None:
        need = computed(rule, case, catalogue) * chosen if remedy.basis else remedy.unit_cost * chosen
        amount = need if amount is None else amount
        if rule.kind == "credit" and (earlier := credit_in_cycle(case)) is not None:
            reasons.append(Reason.of("once_per_cycle", number=earlier.data.get("number")))
        if amount <= 0:
            missing = figures_missing(remedy.basis or "", case, rule.args)
            reasons.append(Reason.of(missing or "nothing_due"))
            amount = None if missing else amount
        else:
            ceiling = authority_of(rule, case.role, tier, catalogue)
            beyond, approver = beyond_authority(rule, case, tier, catalogue, amount, need)
            beyond += _more_than_the_need(remedy, rule, amount, need, beyond)
            if beyond and approver is None:
                reasons += beyond
            left = case.left(rule.kind)
            if left is not None and amount > left:
                reasons.append(Reason.of("allowance", left=left, kind=rule.kind))
    else:
        amount = None
    status: Status = "available"
    if reasons:
        status = "figures" if all(reason.code in FIGURES for reason in reasons) else "inapplicable"
    elif beyond:
        status, reasons = "approve", list(beyond)
    if status != "inapplicable" and case.level < remedy.verify:
        status, reasons = "verify", [Reason.of("verify", level=remedy.verify), *reasons]
    booked = responsible_unit(under) if remedy.booked == RESPONSIBLE else remedy.booked
    when = due_of(remedy, tier, case.online, case.at, catalogue)
    return RemedyOffer(
        remedy, status, chosen, steps, amount, need, ceiling, when, mode, booked, remedy.department,
        tuple(reasons), approver, tuple(beyond),
    )  # fmt: skip


def remedies(case: Case, catalogue: Catalogue, under: Document, category: str | None = None) -> tuple[RemedyOffer, ...]:
    """Return the remedies of a category, or of all, under a matter: what can be given first, the law's own before all.

    What a basis finds due comes before what the agent has to size himself, what was caused by the unit that is
    responsible before the rest.
    """
    found = [
        assess_remedy(remedy, case, catalogue, under)
        for remedy in catalogue.remedies.values()
        if category in (None, remedy.category)
    ]
    return tuple(sorted(found, key=lambda offer: _rank(offer, under)))


def given_under(case: Case, under: Document) -> Iterable[Document]:
    """Yield the remedies that stand and were given under the same matter, oldest first."""
    matter = matter_of(under)
    for document in case.work:
        data = document.data
        stands = document.type == "remedy" and data.get("state") in COUNTED
        if stands and matter in (data.get("under"), data.get("matter")):
            yield document


def _rank(offer: RemedyOffer, under: Document) -> tuple[int, ...]:
    remedy = offer.remedy
    return (
        _ORDER[offer.status],
        0 if remedy.statutory else 1,
        0 if remedy.basis and offer.amount else 1,
        0 if offer.amount and offer.booked == responsible_unit(under) else 1,
        CATEGORIES.index(remedy.category) if remedy.category in CATEGORIES else len(CATEGORIES),
        int(remedy.code[1:]) if remedy.code[1:].isdigit() else 0,
    )


def _circumstances(remedy: Remedy, case: Case, under: Document) -> list[Reason]:
    reasons = []
    if under.type not in MATTERS or under.data.get("customer") != case.customer.document.id:
        reasons.append(Reason.of("other_matter"))
    elif under.data.get("state") in ("voided", "withdrawn"):
        reasons.append(Reason.of("matter_void"))
    if not case.online and remedy.offline == "none":
        reasons.append(Reason.of("line_down", instead=None))
    if remedy.callers and case.caller_role not in remedy.callers:
        reasons.append(Reason.of("caller_role", roles=remedy.callers))
    return reasons


def _beside(remedy: Remedy, given: Iterable[Document], catalogue: Catalogue) -> list[Reason]:
    """Return what was given before under the matter that this remedy can't stand beside."""
    for document in given:
        code = document.data.get("remedy")
        other = catalogue.remedies.get(str(code))
        if code in remedy.not_with or (other is not None and remedy.code in other.not_with):
            return [Reason.of("not_with", remedy=code, number=document.data.get("number"))]
        alone = not remedy.stackable or (other is not None and not other.stackable)
        if alone and code != remedy.code and remedy.money != "none" and document.data.get("money") is not None:
            return [Reason.of("not_stackable", remedy=code, number=document.data.get("number"))]
    return []


def _steps_left(remedy: Remedy, given: Iterable[Document]) -> tuple[int, ...]:
    """Return the sizes that are left: all that is given of one remedy in one matter is one size of it at most."""
    if remedy.money == "none" or remedy.basis:
        return remedy.steps
    used = sum(d.data.get("quantity") or 0 for d in given if d.data.get("remedy") == remedy.code)
    return tuple(step for step in remedy.steps if step <= max(remedy.steps) - used)


def _last(given: Iterable[Document], code: str) -> str | None:
    numbers = [d.data.get("number") for d in given if d.data.get("remedy") == code]
    return numbers[-1] if numbers else None


def _more_than_the_need(
    remedy: Remedy, rule: MoneyRule, amount: int, need: int, beyond: Iterable[Reason]
) -> list[Reason]:
    """Return that more is given than was computed, or than the step costs, unless that is said already."""
    if amount <= need or any(reason.code == "above_need" for reason in beyond):
        return []
    return [] if remedy.basis and rule.kind == "credit" else [Reason.of("above_need", need=need)]
