"""The words for reasons about approvals, disputed promises, and the moves of a promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe
from agentdesk.desk.terms import promises as terms_promises

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]


def _who(v: Values) -> str:
    return safe(v.get("approver") or "", 24)


def _tail(v: Values) -> str:
    return safe(v.get("number") or "", 24)[-5:]


def _insufficient(v: Values, _c: Catalogue | None) -> str:
    role = terms.term(terms.ROLES, v.get("role"))
    return _("{who} ({role}) may not approve this").format(who=_who(v), role=role)


def _doubtful(v: Values, _c: Catalogue | None) -> str:
    return _("the approval of {who} is in doubt ({why})").format(
        who=_who(v), why=_(", ").join(safe(code, 24) for code in v.get("codes") or ())
    )


WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    "no_second_deadline": lambda v, c: _("no interim deadline is open with this promise"),
    "approval_unknown": lambda v, c: _("the approval isn't known here: wait for the next sync, or ask again"),
    "approval_other": lambda v, c: _("approval {tail} is for something else, or for less: ask again").format(
        tail=_tail(v)
    ),
    "approval_used": lambda v, c: _("approval {tail} of {who} was used for another promise already").format(
        tail=_tail(v), who=_who(v)
    ),
    "approval_not_given": lambda v, c: _("nobody has approved it: {state}").format(
        state=terms.term(terms_promises.APPROVAL_STATES, v.get("state"))
    ),
    "approval_lapsed": lambda v, c: _("approval {tail} has lapsed: ask again").format(tail=_tail(v)),
    "approval_state": lambda v, c: _("the approval is {state}: this can't be done any more").format(
        state=terms.term(terms_promises.APPROVAL_STATES, v.get("state"))
    ),
    "approval_insufficient": _insufficient,
    "approval_doubtful": _doubtful,
    "own_approval": lambda v, c: _("nobody approves what he asked for himself ({who})").format(who=_who(v)),
    "statutory_waits": lambda v, c: _("the law gives it: the customer doesn't wait for an approval"),
    "awaits_approval": lambda v, c: _("it waits for an approval: it can't be kept before"),
    "promise_closed": lambda v, c: _("the promise is {state}: it was chased all the same").format(
        state=terms.term(terms.PROMISE_STATES, v.get("state"))
    ),
    "same_owner": lambda v, c: _("he minds it already"),
    "dispute_state": lambda v, c: _("the dispute is {state} already").format(
        state=terms.term(terms_promises.DISPUTE_STATES, v.get("state"))
    ),
}
"""Words by reason code."""
