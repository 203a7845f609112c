"""The words for the conditions of templates, services and remedies that a case doesn't meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.rows import safe
from agentdesk.domain.finance.money import format_minor

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]


def _money(amount: object) -> str:
    return format_minor(amount if isinstance(amount, int) else 0, "CNY", i18n.language())


def _not_new(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("days") or 0)
    return ngettext(
        "the line was opened more than {n} day ago", "the line was opened more than {n} days ago", n
    ).format(n=n)


def _plan_unchanged(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("days") or 0)
    return ngettext("no change of plan in the last {n} day", "no change of plan in the last {n} days", n).format(n=n)


def _few_lines(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("least") or 0)
    return ngettext("the account has less than {n} line", "the account has less than {n} lines", n).format(n=n)


def _ticket_open(v: Values, _c: Catalogue | None) -> str:
    number = safe(v.get("number") or "")
    if number:
        return _("there is an open ticket for it already (ends in {tail}): chase that one").format(tail=number[-5:])
    return _("there is an open ticket for it already: chase that one")


def _no_earlier_contact(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("days") or 0)
    return ngettext("no other contact in the last {n} day", "no other contact in the last {n} days", n).format(n=n)


def _other_network(v: Values, _c: Catalogue | None) -> str:
    seen = safe(v.get("network") or "")
    if seen:
        return _("the phone was last seen on {network}").format(network=seen.upper())
    return _("it isn't known which network the phone uses")


def _methods(codes: object) -> str:
    items = codes if isinstance(codes, list | tuple) else ()
    return _(", ").join(safe(terms.term(terms.METHODS, code)) for code in items)


WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    # the line
    "line_closed": lambda v, c: _("the line is closed"),
    "not_closed": lambda v, c: _("doesn't apply: the line isn't closed"),
    "not_abroad": lambda v, c: _("the line isn't abroad now"),
    "not_roaming": lambda v, c: _("the line isn't away from home now"),
    "no_roaming_pack": lambda v, c: _("no roaming pack on this line"),
    "not_throttled": lambda v, c: _("the line isn't throttled"),
    "not_shared": lambda v, c: _("no second card shares this line's plan"),
    "not_rural": lambda v, c: _("the line isn't in a rural area"),
    "reminder_sent": lambda v, c: _("the reminder of use was delivered"),
    "nothing_to_carry": lambda v, c: _("no data is missing from last month"),
    "no_gift_due": lambda v, c: _("no gift of data is outstanding"),
    "no_failed_cancel": lambda v, c: _("no cancellation has failed on this line"),
    "port_free": lambda v, c: _("a port is free at the address"),
    "device_out": lambda v, c: _("the equipment isn't back yet"),
    "no_third_party_charge": lambda v, c: _("nobody else charges by this line's bill"),
    "no_content_charge": lambda v, c: _("nothing was bought once on this bill"),
    "other_network": _other_network,
    "no_contract": lambda v, c: _("no contract is running on this line"),
    "not_new": _not_new,
    "plan_unchanged": _plan_unchanged,
    "no_rebate_due": lambda v, c: _("no rebate is outstanding"),
    "usual_bill": lambda v, c: _("the bill is below {percent} % of the usual").format(percent=v.get("percent")),
    # who calls, and how that is known
    "other_method": lambda v, c: _("verify by {methods}: press v").format(methods=_methods(v.get("methods"))),
    # the account
    "small_balance": lambda v, c: _("the balance is below {amount}").format(amount=_money(v.get("least"))),
    "no_deposit": lambda v, c: _("no deposit is held"),
    "no_direct_debit": lambda v, c: _("the account isn't paid by direct debit"),
    "debit_went_through": lambda v, c: _("no direct debit has failed"),
    "pays_himself": lambda v, c: _("the company doesn't pay this account"),
    "all_posted": lambda v, c: _("no payment is missing from the balance"),
    "few_lines": _few_lines,
    "certificate_valid": lambda v, c: _("the certificate hasn't expired"),
    # the work
    "ticket_open": _ticket_open,
    "level_below": lambda v, c: _("no ticket was raised to level {n} yet").format(n=v.get("least")),
    "no_repeat": lambda v, c: _("nothing of the kind was mended lately"),
    "no_missed_visit": lambda v, c: _("no visit was missed"),
    "no_announcement": lambda v, c: _("the customer isn't attached to an announcement"),
    "no_order": lambda v, c: _("no order is under way"),
    # this call and those before it
    "no_earlier_contact": _no_earlier_contact,
    "no_dropped_call": lambda v, c: _("no call broke off in the last day"),
    "no_abandoned_call": lambda v, c: _("no call was given up in the last day"),
    "not_waited": lambda v, c: _("nobody kept him waiting for {n} min").format(n=v.get("minutes")),
}
