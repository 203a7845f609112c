"""The words for the reasons that remedies, checks, credit and speed tests give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe
from agentdesk.desk.terms import money as terms_money

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]


def _remedy(code: object, catalogue: Catalogue | None) -> str:
    known = catalogue.remedies.get(str(code)) if catalogue else None
    return known.name.say(i18n.language()) if known else safe(code)


def _unit(code: object, catalogue: Catalogue | None) -> str:
    known = catalogue.departments.get(str(code)) if catalogue else None
    return known.name.say(i18n.language()) if known else safe(code)


def _given(v: Values, c: Catalogue | None) -> str:
    return _("given in this matter already: {number}").format(number=safe(v.get("number") or "")[-5:])


def _methods(v: Values, _c: Catalogue | None) -> str:
    ways = _(", ").join(terms.term(terms_money.METHODS, code) for code in v.get("methods") or ())
    return _("such a test proves nothing; it has to be made {ways}").format(ways=ways)


WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    "other_matter": lambda v, c: _("the matter is another customer's, or nothing that is made good"),
    "matter_void": lambda v, c: _("the promise was withdrawn or voided: there is nothing to make good"),
    "not_with": lambda v, c: _("not beside {name}, which gives the same").format(name=_remedy(v.get("remedy"), c)),
    "not_stackable": lambda v, c: _("stands alone; given already: {name}").format(name=_remedy(v.get("remedy"), c)),
    "remedy_given": _given,
    "no_such_step": lambda v, c: _("choose one of: {steps}").format(steps=_(", ").join(map(str, v.get("steps") or ()))),
    "remedy_state": lambda v, c: _("the remedy is {state}: this can't be done any more").format(
        state=terms.term(terms_money.REMEDY_STATES, v.get("state"))
    ),
    "law_stands": lambda v, c: _("the law gives it: nobody withdraws it"),
    "nothing_booked": lambda v, c: _("it costs nothing, or was given back: there is nothing to move"),
    "superior_only": lambda v, c: _("only a superior can do this"),
    "same_unit": lambda v, c: _("{unit} pays for it already").format(unit=_unit(v.get("department"), c)),
    "booked_elsewhere": lambda v, c: _("only {unit}, which pays for it, can object").format(
        unit=_unit(v.get("department"), c)
    ),
    "objected_already": lambda v, c: _("the objection waits for a manager already"),
    "no_objection": lambda v, c: _("no objection waits"),
    "check_closed": lambda v, c: _("this check is closed"),
    "collects_only": lambda v, c: _("it ends when the customer has paid"),
    "names_nobody": lambda v, c: _("name the provider"),
    "unknown_remedy": lambda v, c: _("the catalogue here doesn't know {code}").format(code=safe(v.get("remedy"))),
    "test_method": _methods,
    "test_runs": lambda v, c: _("the test has to be run {n} times").format(n=v.get("runs")),
}
"""Words by reason code."""
