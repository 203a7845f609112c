"""The verification dialog as plain state: method, who calls, what was typed (never shown), misses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agentdesk.desk import terms
from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models.promise import labelled
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.domain.kinds.identity import STRONG

ROLES = ("owner", "user", "agent", "handler", "other")
NAMED = frozenset({"agent", "handler"})
"""Callers who act for somebody else: their own name and certificate are noted (代办、经办)."""

_QUESTIONS = {
    "service_password": N_("Ask: please tell me the service password of this number."),
    "certificate_tail": N_("Ask: please tell me your full name and the last four characters of the certificate."),
    "sms_code": N_("Ask: please read me the six digits of the message that comes now."),
    "id_card": N_("Read the ID card with the reader, or type its number."),
    "face_check": N_("The app has just checked the caller's face: Enter takes it."),
}
LONGEST = {"service_password": 12, "certificate_tail": 4, "sms_code": 6, "id_card": 18}


@dataclass(frozen=True, slots=True)
class VerifyView:
    """What the dialog shows; `typed` counts only, the text itself is kept elsewhere and never shown.

    `methods` are those that this situation has; `today` are the customer's misses of the day wherever they were,
    `most_today` how many there may be; `handler` is who acts for the owner, `sent` when a code was asked for.
    """

    customer: str
    method: str
    caller: str
    typed: int
    misses: Mapping[str, int]
    allowed: int
    missing: frozenset[str]
    methods: tuple[str, ...] = ("service_password", "certificate_tail")
    today: int = 0
    most_today: int = 5
    handler: str = ""
    sent: bool = False

    @property
    def counter_only(self) -> bool:
        """Tell whether nothing that is said counts any more today."""
        return self.today >= self.most_today

    @property
    def open_methods(self) -> tuple[str, ...]:
        """Return the methods that may still be tried: not missed too often, and with something to compare."""
        return tuple(
            m
            for m in self.methods
            if self.misses.get(m, 0) < self.allowed and m not in self.missing and (m in STRONG or not self.counter_only)
        )


def usable(view: VerifyView) -> VerifyView:
    """Return the dialog at a method that may be tried."""
    methods = view.open_methods
    return view if view.method in methods or not methods else replace(view, method=methods[0], typed=0)


def next_method(view: VerifyView) -> VerifyView:
    """Return the dialog at the next method."""
    return replace(view, method=_after(view.open_methods or view.methods, view.method), typed=0)


def next_role(view: VerifyView) -> VerifyView:
    """Return the dialog with the next kind of caller."""
    return replace(view, caller=_after(ROLES, view.caller), handler="")


def verify_rows(view: VerifyView) -> list[Row]:
    """Return the lines of the dialog."""
    lines = [row((_("verify"), "strong"), "  ", view.customer), EMPTY]
    if not view.open_methods:
        if view.counter_only:
            words = _("missed {n} times today: only at a counter with the ID card, or by the face check in the app")
            return [*lines, row((words.format(n=view.today), "warn"))]
        words = _("no way is left to verify on the phone: only at a counter, with the ID card")
        return [*lines, row((words, "warn"))]
    lines.append(row((_(_QUESTIONS[view.method]), "say")))
    lines.append(EMPTY)
    other = ("   ", ("m", "key")) if len(view.open_methods) > 1 else ()
    lines.append(labelled(_("method"), row((terms.term(terms.METHODS, view.method), "strong"), *other)))
    lines.append(labelled(_("caller"), row((terms.term(terms.CALLERS, view.caller), "strong"), "   ", ("r", "key"))))
    if view.caller in NAMED:
        who = row((view.handler, "strong")) if view.handler else row((_("name and certificate"), "warn"))
        lines.append(labelled(_("who acts"), row(who, "   ", ("n", "key"))))
    if view.method == "sms_code" and not view.sent:
        lines.append(labelled("", row((_("Enter sends a code to the line in question"), "quiet"))))
    if view.method != "face_check":
        shown = row(("*" * view.typed, "strong"), ("_", "accent"))
        lines.append(labelled(_("he says"), shown))
    count = view.misses.get(view.method, 0)
    if count:
        words = ngettext("missed {n} time, {most} allowed", "missed {n} times, {most} allowed", count)
        lines.append(labelled("", row((words.format(n=count, most=view.allowed), "warn"))))
    return lines


def missed(method: str, view: VerifyView) -> str:
    """Return what is said after a miss: ask again, or that another method is up; else the dialog itself says it."""
    if not view.open_methods:
        return ""
    if view.method == method:
        return _("no match: ask again")
    return _("no match, no more tries that way: now {method}").format(method=terms.term(terms.METHODS, view.method))


def accepts(character: str) -> bool:
    """Tell whether a character can be part of a secret: digits, and the X of a certificate."""
    return len(character) == 1 and (character.isdigit() or character in "xX")


def _after(choices: tuple[str, ...], present: str) -> str:
    index = choices.index(present) if present in choices else -1
    return choices[(index + 1) % len(choices)]
