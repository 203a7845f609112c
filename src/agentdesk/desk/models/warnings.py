"""Warnings (预警) on a caller's card: what went wrong, how long ago, and what is about to happen."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk import terms, wording
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.domain.documents import Document

DAY_MS = times.DAY_MS
CONTRACT_DAYS = 30
"""A contract that ends within so many days is a warning; one that ended up to as many days ago, too."""

BILL_DAYS = 7
REPEAT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning; `late` where something is late or lost, which alone is red."""

    code: str
    words: str
    late: bool = False


def warnings(facts: Facts) -> tuple[Warning, ...]:
    """Return the warnings of a caller, the gravest first."""
    found = [*_money(facts), *_service(facts), *_contact(facts)]
    return tuple(sorted(found, key=lambda w: not w.late))


def _money(facts: Facts) -> list[Warning]:
    case = facts.case
    if case is None:
        return []
    result: list[Warning] = []
    account, line = case.account, case.line
    arrears = account.arrears if account else 0
    stopped = line is not None and line.stopped
    if line is not None and stopped:
        words = terms.term(terms.STOPS, line.stop_reason)
        if arrears and line.stop_reason == "arrears":
            words = f"{words} {wording.money(arrears)}"
        if line.stopped_at:
            words = _("{what}, {ago}").format(what=words, ago=times.ago(line.stopped_at, facts.at))
        result.append(Warning("stopped", words))
    if arrears and not (stopped and line is not None and line.stop_reason == "arrears"):
        words = _("arrears {amount}").format(amount=wording.money(arrears))
        if account is not None and account.arrears_since:
            words = _("{what}, {ago}").format(what=words, ago=times.ago(account.arrears_since, facts.at))
        result.append(Warning("arrears", words))
    if account is not None and account.bill_due and 0 <= account.bill_due - facts.at <= BILL_DAYS * DAY_MS:
        result.append(Warning("payment_due", _("payment due {day}").format(day=times.day(account.bill_due))))
    if account is not None and not account.billed:
        result.append(Warning("no_bill", _("no bill yet")))
    return result


def _service(facts: Facts) -> list[Warning]:
    result: list[Warning] = []
    line, customer = facts.line, facts.customer
    if line is not None and line.contract_end is not None:
        days = times.days_between(line.contract_end, facts.at)
        if 0 <= days <= CONTRACT_DAYS:
            words = ngettext("contract ends in {n} day", "contract ends in {n} days", days).format(n=days)
            result.append(Warning("contract_ending", words))
        elif -CONTRACT_DAYS <= days < 0:
            result.append(Warning("contract_ended", _("contract ended {day}").format(day=times.day(line.contract_end))))
    if customer is not None and "churn" in customer.flags:
        result.append(Warning("churn", _("may leave")))
    return result


def _contact(facts: Facts) -> list[Warning]:
    result: list[Warning] = []
    current = facts.contact.id if facts.contact else None
    since = facts.at - REPEAT_DAYS * DAY_MS
    earlier = [d for d in facts.timeline if d.type == "contact" and d.id != current and (d.data.get("at") or 0) > since]
    if earlier:
        words = _("contact no. {n} in {days} days").format(n=len(earlier) + 1, days=REPEAT_DAYS)
        result.append(Warning("repeat", words))
    promises = sorted((d for d in facts.work if d.type == "commitment"), key=lambda d: d.data.get("at") or 0)
    standing = [d for d in promises if d.data.get("state") not in ("voided", "withdrawn")]
    if standing and _broken(standing[-1], facts.at):
        result.append(Warning("broken_promise", _("last promise broken"), late=True))
    return result


def _broken(promise: Document, at: int) -> bool:
    data = promise.data
    if data.get("state") == "breached" or data.get("late"):
        return True
    return data.get("state") in ("made", "dispatched") and (data.get("due") or at) < at
