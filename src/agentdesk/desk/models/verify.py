"""The verification dialog as plain state: method, who calls, what was typed (never shown), misses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agentdesk.desk import terms
from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models.promise import labelled
from agentdesk.desk.models.rows import EMPTY, Row, row

METHODS = ("service_password", "certificate_tail")
ROLES = ("owner", "user", "agent", "handler", "other")

_QUESTIONS = {
    "service_password": N_("Ask: please tell me the service password of this number."),
    "certificate_tail": N_("Ask: please tell me your full name and the last four characters of the certificate."),
}
LONGEST = 12


@dataclass(frozen=True, slots=True)
class VerifyView:
    """What the dialog shows; `typed` counts only, the text itself is kept elsewhere and never shown."""

    customer: str
    method: str
    caller: str
    typed: int
    misses: Mapping[str, int]
    allowed: int
    missing: frozenset[str]

    @property
    def open_methods(self) -> tuple[str, ...]:
        """Return the methods that may still be tried: not missed too often, and with something to compare."""
        return tuple(m for m in METHODS if self.misses.get(m, 0) < self.allowed and m not in self.missing)


def usable(view: VerifyView) -> VerifyView:
    """Return the dialog at a method that may be tried."""
    methods = view.open_methods
    return view if view.method in methods or not methods else replace(view, method=methods[0], typed=0)


def next_method(view: VerifyView) -> VerifyView:
    """Return the dialog at the next method."""
    return replace(view, method=_after(view.open_methods or METHODS, view.method), typed=0)


def next_role(view: VerifyView) -> VerifyView:
    """Return the dialog with the next kind of caller."""
    return replace(view, caller=_after(ROLES, view.caller))


def verify_rows(view: VerifyView) -> list[Row]:
    """Return the lines of the dialog."""
    lines = [row((_("verify"), "strong"), "  ", view.customer), EMPTY]
    if not view.open_methods:
        words = _("no way is left to verify on the phone: only at a counter, with the ID card")
        return [*lines, row((words, "warn"))]
    lines.append(row((_(_QUESTIONS[view.method]), "say")))
    lines.append(EMPTY)
    lines.append(labelled(_("method"), row((terms.term(terms.METHODS, view.method), "strong"), "   ", ("m", "key"))))
    lines.append(labelled(_("caller"), row((terms.term(terms.CALLERS, view.caller), "strong"), "   ", ("r", "key"))))
    shown = row(("*" * view.typed, "strong"), ("_", "accent"))
    lines.append(labelled(_("he says"), shown))
    missed = view.misses.get(view.method, 0)
    if missed:
        words = ngettext("missed {n} time, {most} allowed", "missed {n} times, {most} allowed", missed)
        lines.append(labelled("", row((words.format(n=missed, most=view.allowed), "warn"))))
    return lines


def accepts(character: str) -> bool:
    """Tell whether a character can be part of a secret: digits, and the X of a certificate."""
    return len(character) == 1 and (character.isdigit() or character in "xX")


def _after(choices: tuple[str, ...], present: str) -> str:
    index = choices.index(present) if present in choices else -1
    return choices[(index + 1) % len(choices)]
