"""Conditions on the line in question and on the account that pays for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.line_facts import NETWORKS, NO_ACCOUNT_FACTS, NO_LINE_FACTS, AccountFacts, LineFacts
from agentdesk.domain.condition.words import Reason, Test, Word
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.policy import Catalogue

STOP_REASONS = frozenset({"arrears", "lost", "suspended", "real_name", "fraud", "court", "credit_control"})
"""Why a line can be stopped; `credit_control` is a sudden use beyond what the account is good for."""

BILLS_COMPARED = 3
"""The earlier bills that make the mean which an unusual one is held against."""


def _line_fact(told: Callable[[LineFacts], object], otherwise: Callable[[], Reason]) -> Test:
    def test(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
        return None if told(case.line.facts if case.line else NO_LINE_FACTS) else otherwise()

    return test


def _account_fact(told: Callable[[AccountFacts], object], otherwise: Callable[[], Reason]) -> Test:
    def test(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
        return None if told(case.account.facts if case.account else NO_ACCOUNT_FACTS) else otherwise()

    return test


def _not_stopped_for(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    stopped = case.line is not None and case.line.stopped and case.line.stop_reason in args["reasons"]
    return Reason.of("stop_reason", reason=case.line.stop_reason) if stopped and case.line else None


def _closed(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    return None if case.line is not None and case.line.status == "closed" else Reason.of("not_closed")


def _network(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    seen = case.line.facts.network if case.line else ""
    return None if seen in args["generations"] else Reason.of("other_network", network=seen)


def _contract_running(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    end = case.line.contract_end if case.line else None
    return None if end is not None and end > case.at else Reason.of("no_contract")


def _line_opened(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    days = args["within_days"]
    opened = case.line.opened_at if case.line else 0
    return None if opened and 0 <= case.at - opened <= days * DAY_MS else Reason.of("not_new", days=days)


def _plan_changed(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    days = args["within_days"]
    change = case.line.dues.plan_change if case.line else None
    return None if change and 0 <= case.at - change.at <= days * DAY_MS else Reason.of("plan_unchanged", days=days)


def _rebate_due(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    rebate = case.line.dues.rebate if case.line else None
    return None if rebate is not None and rebate.due > rebate.paid else Reason.of("no_rebate_due")


def _content_charge(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    charges = case.line.charges if case.line else ()
    return None if any(charge.kind == "content" for charge in charges) else Reason.of("no_content_charge")


def _bill_above_mean(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    """Hold when the newest bill is so many percent of the mean of those before it, or more."""
    from agentdesk.domain.finance.bills import bills  # it reads customers, who are read here

    account = case.account.id if case.account else ""
    totals = [bill.total for bill in bills(case.customer) if bill.account == account][: BILLS_COMPARED + 1]
    percent = args["percent"]
    if len(totals) > 1 and totals[0] * 100 * (len(totals) - 1) >= percent * max(1, sum(totals[1:])):
        return None
    return Reason.of("usual_bill", percent=percent)


def _balance(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    least = args["at_least"]
    held = case.account.balance if case.account else 0
    return None if held >= least else Reason.of("small_balance", least=least)


def _deposit_held(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    held = (case.account.facts.deposit if case.account else 0) or (case.line.dues.deposit if case.line else 0)
    return None if held else Reason.of("no_deposit")


def _direct_debit(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    return None if case.account is not None and case.account.direct_debit else Reason.of("no_direct_debit")


def _account_lines(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    least = args["at_least"]
    account = case.account.id if case.account else None
    count = sum(line.account == account for line in case.customer.subscriptions)
    return None if count >= least else Reason.of("few_lines", least=least)


def _certificate_expired(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    expires = case.customer.document.data.get("certificate_expires")
    return None if isinstance(expires, int) and expires < case.at else Reason.of("certificate_valid")


WORDS: Mapping[str, Word] = {
    "not_stopped_for": Word(_not_stopped_for, {"reasons": list}, choices={"reasons": STOP_REASONS}),
    "closed": Word(_closed, {}),
    "abroad": Word(_line_fact(lambda f: f.abroad, lambda: Reason.of("not_abroad")), {}),
    "roaming": Word(_line_fact(lambda f: f.roaming, lambda: Reason.of("not_roaming")), {}),
    "roaming_pack": Word(_line_fact(lambda f: f.roaming_pack, lambda: Reason.of("no_roaming_pack")), {}),
    "throttled": Word(_line_fact(lambda f: f.throttled, lambda: Reason.of("not_throttled")), {}),
    "shared_line": Word(_line_fact(lambda f: f.shared, lambda: Reason.of("not_shared")), {}),
    "rural": Word(_line_fact(lambda f: f.rural, lambda: Reason.of("not_rural")), {}),
    "reminder_missed": Word(_line_fact(lambda f: f.missed_reminder, lambda: Reason.of("reminder_sent")), {}),
    "carry_over": Word(_line_fact(lambda f: f.missing_carry_over, lambda: Reason.of("nothing_to_carry")), {}),
    "gift_due": Word(_line_fact(lambda f: f.missing_gift, lambda: Reason.of("no_gift_due")), {}),
    "cancel_failed": Word(_line_fact(lambda f: f.failed_cancel, lambda: Reason.of("no_failed_cancel")), {}),
    "no_port": Word(_line_fact(lambda f: f.no_port, lambda: Reason.of("port_free")), {}),
    "device_returned": Word(_line_fact(lambda f: f.returned_device, lambda: Reason.of("device_out")), {}),
    "third_party_charge": Word(_line_fact(lambda f: f.third_party, lambda: Reason.of("no_third_party_charge")), {}),
    "content_charge": Word(_content_charge, {}),
    "network_generation": Word(_network, {"generations": list}, choices={"generations": NETWORKS}),
    "contract_running": Word(_contract_running, {}),
    "line_opened": Word(_line_opened, {"within_days": int}),
    "plan_changed": Word(_plan_changed, {"within_days": int}),
    "rebate_due": Word(_rebate_due, {}),
    "bill_above_mean": Word(_bill_above_mean, {"percent": int}),
    "balance": Word(_balance, {"at_least": int}),
    "deposit_held": Word(_deposit_held, {}),
    "direct_debit": Word(_direct_debit, {}),
    "debit_failed": Word(_account_fact(lambda f: f.failed_debit, lambda: Reason.of("debit_went_through")), {}),
    "payer_is_company": Word(_account_fact(lambda f: f.company_pays, lambda: Reason.of("pays_himself")), {}),
    "payment_unposted": Word(_account_fact(lambda f: f.unposted, lambda: Reason.of("all_posted")), {}),
    "account_lines": Word(_account_lines, {"at_least": int}),
    "certificate_expired": Word(_certificate_expired, {}),
}
