"""Early warnings (预警): what is about to happen with a customer, by the operator's rules, and what answers it.

Offers to stay (挽留) keep silent while a complaint is open or about porting: then the desk makes none by itself, and
what is asked about is answered first. Nothing here ever hinders porting out (携号转网).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Case
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import is_open
from agentdesk.domain.profile.portrait import monthly_bill, usage_of
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue
    from agentdesk.domain.profile.customers import WarningRule

Detect = Callable[[Case, int], Mapping[str, Any] | None]
"""Tells what a warning's words need where it holds; the figure is the rule's days, percent or count."""

PORTING = "porting"
"""The reason of a call in which somebody asks to take his number elsewhere."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that holds: its rule, what its words need, the offers linked, and why those keep silent (or not)."""

    rule: WarningRule
    values: Mapping[str, Any]
    offers: tuple[str, ...]
    silent: Reason | None = None


def _stopped(case: Case, _figure: int) -> Mapping[str, Any] | None:
    line = case.line
    if line is None or not line.stopped:
        return None
    owed = case.account.arrears if case.account and line.stop_reason == "arrears" else 0
    return {"reason": line.stop_reason, "at": line.stopped_at, "amount": owed}


def _arrears(case: Case, _figure: int) -> Mapping[str, Any] | None:
    account, line = case.account, case.line
    if account is None or not account.arrears or (line and line.stopped and line.stop_reason == "arrears"):
        return None
    return {"amount": account.arrears, "at": account.arrears_since}


def _payment_due(case: Case, days: int) -> Mapping[str, Any] | None:
    due = case.account.bill_due if case.account else None
    return {"at": due} if due is not None and 0 <= due - case.at <= days * DAY_MS else None


def _no_bill(case: Case, _figure: int) -> Mapping[str, Any] | None:
    return {} if case.account is not None and not case.account.billed else None


def _contract_ending(case: Case, days: int) -> Mapping[str, Any] | None:
    end = case.line.contract_end if case.line else None
    return {"at": end} if end is not None and 0 <= end - case.at <= days * DAY_MS else None


def _contract_ended(case: Case, days: int) -> Mapping[str, Any] | None:
    end = case.line.contract_end if case.line else None
    return {"at": end} if end is not None and -days * DAY_MS <= end - case.at < 0 else None


def _churn(case: Case, percent: int) -> Mapping[str, Any] | None:
    """Hold for a mark of the centre, and where the last month's use fell below a share of the mean."""
    if "churn" in case.customer.flags:
        return {"sign": "flag"}
    usage = usage_of(case.customer)
    mean, last = usage.get("mb"), usage.get("mb_last")
    if isinstance(mean, int) and isinstance(last, int) and mean >= 1024 and last * 100 < mean * percent:
        return {"sign": "usage", "percent": 100 - last * 100 // mean}
    return None


def _package_fit(case: Case, percent: int) -> Mapping[str, Any] | None:
    """Hold where the bills are so much above what the plans cost: another plan would be cheaper (套餐适配)."""
    plans = sum(line.fee for line in case.customer.subscriptions)
    bill = monthly_bill(case.customer)
    return {"bill": bill, "plans": plans} if plans and bill * 100 >= plans * (100 + percent) else None


def _single_sim(case: Case, months: int) -> Mapping[str, Any] | None:
    """Hold for one mobile line and nothing else: what leaves easily (单卡客户)."""
    lines = case.customer.subscriptions
    alone = len(lines) == 1 and lines[0].kind == "mobile" and case.customer.segment != "corporate"
    return {} if alone and case.months_in_network >= months else None


def _repeat(case: Case, days: int) -> Mapping[str, Any] | None:
    since = case.at - days * DAY_MS
    earlier = [d for d in case.contacts if (d.data.get("at") or 0) > since]
    return {"n": len(earlier) + 1, "days": days} if earlier else None


def _broken(case: Case, _figure: int) -> Mapping[str, Any] | None:
    """Hold where the last promise that stands was broken."""
    standing = [d for d in case.promises if d.data.get("state") not in ("voided", "withdrawn")]
    last = max(standing, key=lambda d: d.data.get("at") or 0, default=None)
    if last is None:
        return None
    data = last.data
    late = data.get("state") in ("made", "dispatched") and (data.get("due") or case.at) < case.at
    return {"number": data.get("number")} if data.get("state") == "breached" or data.get("late") or late else None


def _incident(case: Case, _figure: int) -> Mapping[str, Any] | None:
    """Hold where the customer is on the list of a common fault that isn't over."""
    attached = next((d for d in case.work if d.type == "attachment" and is_open(d)), None)
    if attached is not None:
        return {"number": attached.data.get("number"), "title": attached.data.get("title")}
    return {} if "incident" in case.customer.flags else None


DETECTORS: Mapping[str, Detect] = {
    "stopped": _stopped,
    "arrears": _arrears,
    "payment_due": _payment_due,
    "no_bill": _no_bill,
    "contract_ending": _contract_ending,
    "contract_ended": _contract_ended,
    "churn": _churn,
    "package_fit": _package_fit,
    "single_sim": _single_sim,
    "repeat": _repeat,
    "broken_promise": _broken,
    "incident": _incident,
}
"""The codes of warnings that a rule of the catalogue may name."""


def warnings_of(case: Case, catalogue: Catalogue) -> tuple[Warned, ...]:
    """Return the warnings that hold in a case, what is wrong already before what may come."""
    silent = silence(case, catalogue)
    found = []
    for code, detect in DETECTORS.items():
        rule = catalogue.customers.warnings.get(code)
        values = detect(case, rule.figure) if rule is not None else None
        if rule is None or values is None:
            continue
        kept = silent if rule.retention else None
        found.append(Warned(rule, values, () if kept else rule.offers, kept))
    return tuple(found)


def silence(case: Case, catalogue: Catalogue) -> Reason | None:
    """Return why the desk makes no offer to stay by itself; None where it may."""
    reason = catalogue.customers.reason_of(case.matter)
    if reason is not None and reason.silent:
        return Reason.of("silent_matter", matter=reason.id)
    for ticket in case.tickets:
        if ticket.data.get("kind") == "complaint" and is_open(ticket):
            return Reason.of("silent_complaint", number=ticket.data.get("number"))
    return None
