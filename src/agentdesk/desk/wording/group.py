"""The words for reasons about what concerns many, labels, and other channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.rows import safe
from agentdesk.desk.terms import group as terms_group

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]


def _listed(values: object, table: Mapping[str, str] | None = None) -> str:
    items = values if isinstance(values, list | tuple) else ()
    return _(", ").join(safe(terms.term(table, one) if table else one, 40) for one in items)


def _count(v: Values) -> int:
    n = v.get("n")
    return n if isinstance(n, int) else 0


def _not_allowed(v: Values, _c: Catalogue | None) -> str:
    roles = _listed(v.get("roles"), terms.ROLES)
    return _("not in your role: ask {roles}").format(roles=roles) if roles else _("not in your role: ask a superior")


def _six(v: Values, _c: Catalogue | None) -> str:
    return _("the six haves aren't complete; missing: {names}").format(
        names=_listed(v.get("missing"), terms_group.SIX_HAVES)
    )


def _elsewhere(v: Values, _c: Catalogue | None) -> str:
    return _("ticket {number} belongs to management ticket {other} already: let it go there first").format(
        number=safe(v.get("number") or ""), other=safe(v.get("other") or "")
    )


def _meanwhile(v: Values, _c: Catalogue | None) -> str:
    n = _count(v)
    return ngettext(
        "{n} ticket joined meanwhile and has no answer yet: solve it once more",
        "{n} tickets joined meanwhile and have no answer yet: solve it once more",
        n,
    ).format(n=n)


def _measures(v: Values, _c: Catalogue | None) -> str:
    n = _count(v)
    text = ngettext("{n} measure isn't done yet: {names}", "{n} measures aren't done yet: {names}", n)
    return text.format(n=n, names=_listed(v.get("measures")))


def _children(v: Values, _c: Catalogue | None) -> str:
    n = _count(v)
    text = ngettext(
        "{n} ticket isn't followed up as solved: {names}", "{n} tickets aren't followed up as solved: {names}", n
    )
    return text.format(n=n, names=_listed(v.get("numbers")))


def _management(v: Values, _c: Catalogue | None) -> str:
    return _("the management ticket is {state}: this isn't possible now").format(
        state=terms.term(terms_group.MANAGEMENT_STATES, v.get("state"))
    )


def _attachment(v: Values, _c: Catalogue | None) -> str:
    return _("it is {state}: no call is due").format(state=terms.term(terms_group.ATTACHMENT_STATES, v.get("state")))


def _label(v: Values, _c: Catalogue | None) -> str:
    return _("the label is {state}: this isn't possible now").format(
        state=terms.term(terms_group.LABEL_STATES, v.get("state"))
    )


def _handoff(v: Values, _c: Catalogue | None) -> str:
    return _("it is {state}: somebody else was quicker").format(
        state=terms.term(terms_group.HANDOFF_STATES, v.get("state"))
    )


WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    "not_allowed": _not_allowed,
    "concerns_nobody": lambda v, c: _("say whom it concerns: an area, numbers or the beginning of numbers"),
    "announcement_over": lambda v, c: _("the announcement is over: tell the caller that it is mended"),
    "attached_already": lambda v, c: _("the customer is attached already: say the words, nothing more is needed"),
    "attachment_state": _attachment,
    "six_haves_missing": _six,
    "joined_elsewhere": _elsewhere,
    "joined_already": lambda v, c: _("these tickets have joined already"),
    "not_joined": lambda v, c: _("these tickets don't belong to it"),
    "joined_meanwhile": _meanwhile,
    "measure_done": lambda v, c: _("there is no such measure, or it is done already"),
    "measures_open": _measures,
    "children_open": _children,
    "management_state": _management,
    "label_state": _label,
    "label_days": lambda v, c: _("a label lasts 1 to {n} days").format(n=safe(v.get("most") or "")),
    "own_wish": lambda v, c: _("nobody approves his own wish: ask another superior"),
    "unknown_channel": lambda v, c: _("there is no such channel: choose another"),
    "handoff_state": _handoff,
    "words_first": lambda v, c: _("say the words first, then end the call"),
}
"""Words by reason code."""
