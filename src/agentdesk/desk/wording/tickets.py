"""The words for why a move of a ticket isn't possible, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import safe

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]
MINUTE_MS = 60_000


def _class(code: object, catalogue: Catalogue | None) -> str:
    node = catalogue.classes.get(str(code)) if catalogue else None
    return node.name.say(i18n.language()) if node else safe(code)


def _department(code: object, catalogue: Catalogue | None) -> str:
    known = catalogue.departments.get(str(code)) if catalogue and code else None
    return known.name.say(i18n.language()) if known else safe(code or "")


def _pause_tries(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("tries") or 0)
    return ngettext(
        "only after {n} call that reached nobody: try again", "only after {n} calls that reached nobody: try again", n
    ).format(n=n)


WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    "lies_there": lambda v, c: _("it lies there already: choose another"),
    "expert_first": lambda v, c: _("{name} goes to the expert seat first").format(name=_class(v.get("symptom"), c)),
    "unknown_agent": lambda v, c: _("nobody here has the number {agent}: choose another").format(
        agent=safe(v.get("agent"))
    ),
    "needs_cause": lambda v, c: _("a reply names the cause: choose it on all three levels"),
    "unknown_class": lambda v, c: _("no such class in the tree: choose another"),
    "class_too_wide": lambda v, c: _("{name} has finer classes: choose one of them").format(
        name=_class(v.get("node"), c)
    ),
    "needs_score": lambda v, c: _("ask for the score too: 1 to 5 in front of the words"),
    "needs_person": lambda v, c: _("this is followed up by a person: ring, or visit"),
    "not_exempt": lambda v, c: _("a {kind} is followed up: only an inquiry can be closed in the call").format(
        kind=terms.term(terms.TICKETS, v.get("kind"))
    ),
    "pause_reason": lambda v, c: _("the policy knows no such reason to pause: the clock runs on"),
    "pause_over": lambda v, c: _("that moment has passed: say until when it is paused"),
    "pause_too_long": lambda v, c: _("too long: this reason pauses for {span} at most").format(
        span=times.span(int(v.get("most") or 0) * MINUTE_MS)
    ),
    "pause_tries": _pause_tries,
    "same_ticket": lambda v, c: _("it is this ticket itself: choose another"),
    "other_customers_ticket": lambda v, c: _("{number} is another customer's: link it instead").format(
        number=safe(v.get("number"), 24)
    ),
    "not_linked": lambda v, c: _("they aren't linked"),
    "not_merged": lambda v, c: _("it isn't part of that ticket"),
    "judged_already": lambda v, c: _("judged for good: {unit} is responsible").format(
        unit=_department(v.get("department"), c)
    ),
    "not_judged": lambda v, c: _("there is no judgement to object to"),
}
