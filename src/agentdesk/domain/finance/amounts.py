"""How much a promise or a remedy gives: the computed need, in minor units, never the limit (DOMAIN rule 4).

A *basis* is a function of the case. Those in `BY_CHARGE` give back a charge, or what the law gives for a time: what
was given on the same basis before, for the same line and the same charge, is taken off, so that a promise and a
remedy together never give more than the charge. What the agent read or picked himself comes in `Case.inputs`, is
checked here like everything else, and is kept with the promise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Case
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.charge_bases import CHARGE_BASES, OF_A_BILL, picked_in, reached
from agentdesk.domain.finance.money import pro_rata
from agentdesk.domain.finance.traffic import Traffic, difference
from agentdesk.domain.times.lateness import broken, days_late, late_tickets
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, MoneyRule

Basis = Callable[[Case, "Catalogue", Mapping[str, Any]], int]

COUNTED = frozenset(
    {"made", "dispatched", "fulfilled", "breached", "held", "honoured", "given", "done"},
)
"""States of promises and remedies whose money stands."""


def _fixed(_case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    return int(args["amount"])


def _by_tier(case: Case, catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    return int(args[case.tier(catalogue)])


def _arrears_cover(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Cover the old arrears with some room for new use, rounded up to a step (old arrears count: policy §2)."""
    arrears = case.account.arrears if case.account else 0
    step = int(args.get("step", 1000))
    return -(-(arrears + int(args.get("room", 0))) // step) * step


def _unknown_vas(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    return sum(v.fee for v in case.line.vas if v.source == "unknown") if case.line else 0


def _trial_vas(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    return sum(v.fee for v in case.line.vas if v.source == "trial") if case.line else 0


def _overage(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back what disputed traffic cost above the package-equivalent rate (seeds 000).

    From the bill where billing has rated it both ways; else, or where the agent works it out anew, by `traffic`
    from what he read. Where a bill is known its charge bounds the refund.
    """
    if case.line is None:
        return 0
    traffic = Traffic.read(case.inputs)
    if traffic is None:
        return max(0, case.line.overage_charge - case.line.overage_rated)
    charged = case.line.overage_charge
    found = difference(traffic)
    return min(found, charged) if charged else found


def _fault_days(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Waive the month's fee for the days of the fault, started days counting whole (电信条例)."""
    if case.line is None or case.line.fault_since is None or case.line.fault_since > case.at:
        return 0
    days = max(1, -(-(case.at - case.line.fault_since) // DAY_MS))
    return pro_rata(case.line.fee, min(days, 30), 30) * int(args.get("times", 1))


def _late_days(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Pay a share of the fee for each day that the oldest open ticket is late (电信条例: 1 % a day)."""
    return pro_rata((case.line.fee if case.line else 0) * days_late(case), int(args.get("percent", 1)), 100)


def _month_fee(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    return pro_rata(case.line.fee, int(args.get("percent", 100)), 100) if case.line else 0


def _days_late(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Pay so much for each day that the oldest open ticket is late, for so many days at most (policy §1)."""
    return int(args["amount"]) * min(days_late(case), int(args.get("most", 30)))


def _install_fee_days(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Pay a share of the installation fee for each day late, never more than the fee (电信条例: 1 % a day)."""
    fee = case.line.dues.install_fee if case.line else 0
    return min(fee, pro_rata(fee * days_late(case), int(args.get("percent", 1)), 100))


def _first_refund(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give once more what was refunded first, once it is proved that it was taken wrongly (returned double)."""
    proved = [c.data for c in case.work if c.type == "check" and c.data.get("result") in ("confirmed", "provider")]
    line = case.line.id if case.line else None
    return sum(c.get("amount") or 0 for c in proved if c.get("subscription") in (None, line))


BASES: Mapping[str, tuple[Basis, Mapping[str, type]]] = {
    "fixed": (_fixed, {"amount": int}),
    "by_tier": (_by_tier, {"standard": int, "vip": int, "diamond": int}),
    "arrears_cover": (_arrears_cover, {"step": int, "room": int}),
    "unknown_vas": (_unknown_vas, {}),
    "trial_vas": (_trial_vas, {}),
    "overage": (_overage, {}),
    "fault_days": (_fault_days, {"times": int}),
    "late_days": (_late_days, {"percent": int}),
    "month_fee": (_month_fee, {"percent": int}),
    "days_late": (_days_late, {"amount": int, "most": int}),
    "install_fee_days": (_install_fee_days, {"percent": int}),
    "first_refund": (_first_refund, {}),
    **CHARGE_BASES,
}
"""Each basis with the names and types of its arguments."""

NEEDED: Mapping[str, frozenset[str]] = {
    "fixed": frozenset({"amount"}),
    "days_late": frozenset({"amount"}),
    "by_tier": frozenset({"standard", "vip", "diamond"}),
}
"""The arguments that a basis can't do without; all others may be left out."""

BY_CHARGE = frozenset(BASES) - {"fixed", "by_tier", "arrears_cover", "month_fee", "entered"}
"""Bases that give back one charge, or what is due for one time: given once, whoever gives it."""

LASTING = frozenset({"deposit", "prepaid_fee", "exit_fee", "first_refund"})
"""Bases whose charge is no month's own: what was given counts for as long as it is remembered."""


def computed(rule: MoneyRule, case: Case, catalogue: Catalogue) -> int:
    """Return the computed need of a case in minor units, less what was given for it; KeyError for an unknown basis."""
    basis, _ = BASES[rule.basis]
    need = basis(case, catalogue, rule.args)
    if rule.basis in BY_CHARGE and need > 0:
        return max(0, need - given_for(rule.basis, case, catalogue))
    return max(0, need)


def given_for(basis: str, case: Case, catalogue: Catalogue) -> int:
    """Return what promises and remedies have given on a basis for this line and charge, minor units.

    Where the charges are a bill's lines, what was given for one of them on another basis counts as well.
    """
    since = _since(basis, case)
    line = case.line.id if case.line else None
    return sum(
        _counted(basis, d, case, catalogue)
        for d in case.work
        if d.type in ("commitment", "remedy")
        and d.data.get("state") in COUNTED
        and (d.data.get("at") or 0) >= since
        and d.data.get("subscription") in (None, line)
        and ((on := basis_of(d, catalogue)) == basis or (basis in OF_A_BILL and on in OF_A_BILL))
    )


def _counted(basis: str, given: Document, case: Case, catalogue: Catalogue) -> int:
    """Return how much of what was given is for what is in question: that of the lines of the bill that both reach."""
    amount, on = int(given.data.get("amount") or 0), basis_of(given, catalogue) or ""
    inputs = given.data.get("inputs") or {}
    alike = on == basis and (basis != "disputed_items" or not picked_in(inputs))
    if alike or case.line is None:
        return amount
    before, now = reached(on, case, inputs), reached(basis, case, case.inputs)
    return min(amount, sum(now[one] for one in before.keys() & now.keys()))


def basis_of(document: Document, catalogue: Catalogue) -> str | None:
    """Return on what basis a promise or remedy gave its money; None where it gave none, or nobody knows any more."""
    basis = document.data.get("basis")
    if basis is None and document.type == "commitment":
        template = catalogue.templates.get(document.data.get("template") or "")
        return template.money.basis if template and template.money else None
    return basis if isinstance(basis, str) else None


def _since(basis: str, case: Case) -> int:
    """Return from when on money that was given was given for the same charge, ms UTC."""
    from agentdesk.domain.offering.offers import cycle_start  # it imports this module

    if basis in LASTING:
        return 0
    if basis == "fault_days":
        return (case.line.fault_since if case.line else None) or 0
    if basis in ("late_days", "days_late", "install_fee_days"):
        promise = broken(case)
        late = late_tickets(case) if promise is None else (promise,)
        return min((t.data.get("at") or 0 for t in late), default=0)
    begun = cycle_start(case.at)
    if basis in OF_A_BILL and case.line is not None:
        # the newest bill stands for some hours of the next cycle: what it has isn't given back again then
        return min((begun, *(c.at for c in case.line.charges)))
    return begun
