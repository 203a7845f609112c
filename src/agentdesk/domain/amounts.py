"""How much a promise gives: the computed need, in minor units, never the limit (DOMAIN rule 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import DAY_MS, Case
from agentdesk.domain.documents import index_of
from agentdesk.domain.money import pro_rata

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, MoneyRule

Basis = Callable[[Case, "Catalogue", Mapping[str, Any]], int]


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
    """Give back what disputed traffic cost above the package-equivalent rate (seeds 000)."""
    return max(0, case.line.overage_charge - case.line.overage_rated) if case.line else 0


def _fault_days(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Waive the month's fee for the days of the fault, started days counting whole."""
    if case.line is None or case.line.fault_since is None:
        return 0
    days = max(1, -(-(case.at - case.line.fault_since) // DAY_MS))
    return pro_rata(case.line.fee, min(days, 30), 30) * int(args.get("times", 1))


def _late_days(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Pay a share of the fee for each day that the oldest open ticket is late (电信条例: 1 % a day)."""
    late = [t.data["due"] for t in case.tickets if index_of(t).open and t.data.get("due") and t.data["due"] < case.at]
    if case.line is None or not late:
        return 0
    days = -(-(case.at - min(late)) // DAY_MS)
    return pro_rata(case.line.fee * days, int(args.get("percent", 1)), 100)


def _month_fee(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    return pro_rata(case.line.fee, int(args.get("percent", 100)), 100) if case.line else 0


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
}
"""Each basis with the names and types of its arguments."""

NEEDED: Mapping[str, frozenset[str]] = {
    "fixed": frozenset({"amount"}),
    "by_tier": frozenset({"standard", "vip", "diamond"}),
}
"""The arguments that a basis can't do without; all others may be left out."""


def computed(rule: MoneyRule, case: Case, catalogue: Catalogue) -> int:
    """Return the computed need of a case in minor units; KeyError for an unknown basis."""
    basis, _ = BASES[rule.basis]
    return basis(case, catalogue, rule.args)
