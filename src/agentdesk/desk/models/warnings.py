"""Warnings (预警) on a caller's card: what went wrong, how long ago, what is about to happen, and what answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agentdesk.desk import terms, wording
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.group import banners
from agentdesk.desk.models.rows import safe
from agentdesk.desk.models.telling import sign
from agentdesk.domain.finance.credit import outstanding
from agentdesk.domain.profile.disclosure import WARNINGS
from agentdesk.domain.profile.warnings import Warned, warnings_of

LATE = frozenset({"broken_promise"})
"""Where something is late or lost; that alone is red."""


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning; `late` where something is late or lost. `offers` are what answers it, best first.

    `untold` is the sign of what keeps it from the caller (`telling.sign`); empty where he may hear it.
    """

    code: str
    words: str
    late: bool = False
    offers: tuple[str, ...] = ()
    untold: str = ""


def warnings(facts: Facts, whole: bool = False) -> tuple[Warning, ...]:
    """Return the warnings of a caller, the gravest first; `whole` has those too that aren't for the card."""
    found = [Warning(code, words, code == "label") for code, words in banners(facts)]
    if facts.case is None:
        return tuple(found)
    found += _credit(facts)
    found += [
        Warning(w.rule.code, say(w, facts.at), w.rule.code in LATE, w.offers)
        for w in warnings_of(facts.case, facts.catalogue)
        if (whole or w.rule.card) and not (w.rule.code == "incident" and facts.announced)
    ]
    found = [replace(w, untold=sign(WARNINGS[w.code], facts)) if w.code in WARNINGS else w for w in found]
    return tuple(sorted(found, key=lambda w: not w.late))


def _credit(facts: Facts) -> list[Warning]:
    """Return the credit that isn't repaid: how long it runs yet, or that it is overdue."""
    out = outstanding(facts.work)
    if out is None:
        return []
    amount = wording.money(out.data.get("amount"))
    left, _late = times.left(out.data.get("credit_until"), facts.at)
    if out.data.get("credit") == "collecting":
        return [Warning("credit_overdue", _("credit of {amount} overdue").format(amount=amount), late=True)]
    return [Warning("credit_runs", _("credit of {amount}: {left}").format(amount=amount, left=left))]


def _stopped(v: Mapping[str, Any], at: int) -> str:
    words = terms.term(terms.STOPS, v.get("reason"))
    if v.get("amount"):
        words = f"{words} {wording.money(v['amount'])}"
    return _since(words, v, at)


def _since(words: str, v: Mapping[str, Any], at: int) -> str:
    return _("{what}, {ago}").format(what=words, ago=times.ago(v["at"], at)) if v.get("at") else words


def _ending(v: Mapping[str, Any], at: int) -> str:
    days = times.days_between(v["at"], at)
    return ngettext("contract ends in {n} day", "contract ends in {n} days", days).format(n=days)


def _churn(v: Mapping[str, Any], _at: int) -> str:
    if v.get("sign") == "usage":
        return _("uses {percent} % less than before").format(percent=v.get("percent"))
    return _("may leave")


def _fit(v: Mapping[str, Any], _at: int) -> str:
    return _("bills {bill} a month, plans {plans}").format(
        bill=wording.money(v.get("bill")), plans=wording.money(v.get("plans"))
    )


def _incident(v: Mapping[str, Any], _at: int) -> str:
    title = safe(v.get("title") or "", 30)
    return _("on the list of a common fault: {title}").format(title=title) if title else _("on an incident list")


SAID: Mapping[str, Callable[[Mapping[str, Any], int], str]] = {
    "stopped": _stopped,
    "arrears": lambda v, at: _since(_("arrears {amount}").format(amount=wording.money(v.get("amount"))), v, at),
    "payment_due": lambda v, at: _("payment due {day}").format(day=times.day(v["at"])),
    "no_bill": lambda v, at: _("no bill yet"),
    "contract_ending": _ending,
    "contract_ended": lambda v, at: _("contract ended {day}").format(day=times.day(v["at"])),
    "churn": _churn,
    "package_fit": _fit,
    "single_sim": lambda v, at: _("one SIM and nothing else"),
    "repeat": lambda v, at: _("contact no. {n} in {days} days").format(n=v.get("n"), days=v.get("days")),
    "broken_promise": lambda v, at: _("last promise broken"),
    "incident": _incident,
}


def say(warned: Warned, at: int) -> str:
    """Return a warning in words; `at` is now."""
    return SAID[warned.rule.code](warned.values, at)
