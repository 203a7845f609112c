"""The words for every reason that the rules give: what is the matter, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import safe
from agentdesk.desk.wording import clocks as wording_clocks
from agentdesk.desk.wording import conditions as wording_conditions
from agentdesk.desk.wording import group as wording_group
from agentdesk.desk.wording import money as wording_money
from agentdesk.desk.wording import services as wording_services
from agentdesk.desk.wording import tickets as wording_tickets
from agentdesk.desk.wording.customers import WORDS as CUSTOMERS
from agentdesk.desk.wording.promises import WORDS as PROMISES
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.finance.money import format_minor

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]
Worded = Callable[[Values, "Catalogue | None"], str]


def say(reason: Reason, catalogue: Catalogue | None = None) -> str:
    """Return a reason in the language in use, one line; an unknown code stands for itself."""
    worded = WORDS.get(reason.code)
    if worded is None:
        return _("reason: {code}").format(code=safe(reason.code))
    return worded(reason.values, catalogue)


def say_all(reasons: Iterable[Reason], catalogue: Catalogue | None = None) -> str:
    """Return several reasons in one line."""
    return _("; ").join(say(reason, catalogue) for reason in reasons)


def money(amount: object) -> str:
    """Return an amount of minor units for the screen."""
    return format_minor(amount if isinstance(amount, int) else 0, "CNY", i18n.language())


def _list(table: Mapping[str, str], codes: object) -> str:
    items = codes if isinstance(codes, list | tuple) else ()
    return _(", ").join(safe(terms.term(table, code)) for code in items)


def _tiers(codes: object, catalogue: Catalogue | None) -> str:
    items = codes if isinstance(codes, list | tuple) else ()
    names = []
    for code in items:
        rule = catalogue.tiers.get(code) if catalogue else None
        names.append(rule.name.say(i18n.language()) if rule else terms.term(terms.TIERS, code))
    return _(", ").join(names)


def _template(code: object, catalogue: Catalogue | None) -> str:
    known = catalogue.templates.get(str(code)) if catalogue else None
    return known.name.say(i18n.language()) if known else safe(code)


def _stop_reason(v: Values, _c: Catalogue | None) -> str:
    return _("doesn't apply: the line is {stop}").format(stop=terms.term(terms.STOPS, v.get("reason")))


def _other_line(v: Values, _c: Catalogue | None) -> str:
    return _("for {kinds} only; choose the line with Tab").format(kinds=_list(terms.LINES, v.get("kinds")))


def _no_line(v: Values, _c: Catalogue | None) -> str:
    kinds = _list(terms.LINES, v.get("kinds"))
    return _("the customer has no {kinds}").format(kinds=kinds) if kinds else _("no line is chosen; press Tab")


def _too_new(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("months") or 0)
    return ngettext("in the network for less than {n} month", "in the network for less than {n} months", n).format(n=n)


def _fault_too_new(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("days") or 0)
    return ngettext("the fault is not yet {n} day old", "the fault is not yet {n} days old", n).format(n=n)


def _contract_runs(v: Values, _c: Catalogue | None) -> str:
    n = int(v.get("days") or 0)
    return ngettext(
        "the contract runs for more than {n} day yet", "the contract runs for more than {n} days yet", n
    ).format(n=n)


def _no_vas(v: Values, _c: Catalogue | None) -> str:
    sources = v.get("sources") or ()
    if "unknown" in sources:
        return _("no service of unknown source on this line")
    return _("no trial service on this line") if "trial" in sources else _("no value-added service on this line")


def _no_ticket(v: Values, _c: Catalogue | None) -> str:
    return _("no ticket is late") if v.get("late") else _("no open ticket of this kind")


def _line_down(v: Values, c: Catalogue | None) -> str:
    if v.get("instead"):
        return _("not while the line is down; instead: {name}").format(name=_template(v["instead"], c))
    return _("not while the line is down")


def _verify(v: Values, _c: Catalogue | None) -> str:
    return _("level {level}: press v").format(level=v.get("level"))


def _above(v: Values, _c: Catalogue | None) -> str:
    return _("above your authority of {amount}: a superior approves").format(amount=money(v.get("ceiling")))


def _ninety(v: Values, _c: Catalogue | None) -> str:
    return _("{given} given in 90 days, at most {most}: a superior approves").format(
        given=money(v.get("given")), most=money(v.get("most"))
    )


def _allowance(v: Values, _c: Catalogue | None) -> str:
    if v.get("kind") == "credit":
        return _("this site may still give credit of {amount}").format(amount=money(v.get("left")))
    return _("this site may still give away {amount}").format(amount=money(v.get("left")))


def _due_beyond(v: Values, _c: Catalogue | None) -> str:
    limit, due = v.get("limit"), v.get("due")
    if not isinstance(limit, int) or not isinstance(due, int):
        return _("the deadline is later than the policy allows")
    return _("the deadline {due} is later than the policy's {limit}").format(
        due=times.moment(due, limit), limit=times.moment(limit, limit)
    )


def _due_soon(v: Values, _c: Catalogue | None) -> str:
    limit, due = v.get("limit"), v.get("due")
    if not isinstance(limit, int) or not isinstance(due, int):
        return _("the deadline is sooner than the policy's")
    return _("the deadline {due} is sooner than the policy's {limit}").format(
        due=times.moment(due, limit), limit=times.moment(limit, limit)
    )


def _once(v: Values, _c: Catalogue | None) -> str:
    number = safe(v.get("number") or "")
    if number:
        return _("given once in this billing cycle already (ends in {tail})").format(tail=number[-5:])
    return _("given once in this billing cycle already")


def _promise_state(v: Values, _c: Catalogue | None) -> str:
    return _("the promise is {state}: this can't be done any more").format(
        state=terms.term(terms.PROMISE_STATES, v.get("state"))
    )


def _ticket_state(v: Values, _c: Catalogue | None) -> str:
    return _("the ticket is {state}: this move isn't possible now").format(
        state=terms.term(terms.TICKET_STATES, v.get("state"))
    )


def _role_differs(v: Values, _c: Catalogue | None) -> str:
    return _("signed in as {role}, but the centre knows {known}; sign in again").format(
        role=terms.term(terms.ROLES, v.get("role")), known=terms.term(terms.ROLES, v.get("known"))
    )


def _refused_by(v: Values, _c: Catalogue | None) -> str:
    words = safe(v.get("words") or "", 120)
    if words:
        return _("refused by {who}: {words}").format(who=safe(v.get("by")), words=words)
    return _("refused by {who}").format(who=safe(v.get("by")))


def _flag(v: Values, _c: Catalogue | None) -> str:
    return _("not for this customer: {flag}").format(flag=safe(terms.term(terms.FLAGS, v.get("flag"))))


WORDS: Mapping[str, Worded] = {
    **CUSTOMERS,
    **wording_clocks.WORDS,
    **wording_conditions.WORDS,
    **wording_group.WORDS,
    **wording_money.WORDS,
    **PROMISES,
    **wording_services.WORDS,
    **wording_tickets.WORDS,
    # who a template is for
    "other_line": _other_line,
    "no_line": _no_line,
    "not_stopped": lambda v, c: _("doesn't apply: the line isn't stopped"),
    "stop_reason": _stop_reason,
    "stopped": _stop_reason,
    "too_new": _too_new,
    "customer_flag": _flag,
    "credit_open": lambda v, c: _("the last credit isn't repaid yet"),
    "no_arrears": lambda v, c: _("doesn't apply: no arrears"),
    "arrears_above": lambda v, c: _("arrears above the limit of {amount}").format(amount=money(v.get("limit"))),
    "in_arrears": lambda v, c: _("first pay the arrears of {amount}").format(amount=money(v.get("arrears"))),
    "no_vas": _no_vas,
    "no_overage": lambda v, c: _("no disputed traffic on this bill"),
    "no_fault": lambda v, c: _("no fault is known on this line"),
    "fault_too_new": _fault_too_new,
    "no_ticket": _no_ticket,
    "no_broken_promise": lambda v, c: _("no promise was broken"),
    "other_tier": lambda v, c: _("for {tiers} only").format(tiers=_tiers(v.get("tiers"), c)),
    "other_segment": lambda v, c: _("for {segments} customers only").format(
        segments=_list(terms.SEGMENTS, v.get("segments"))
    ),
    "contract_runs": _contract_runs,
    "other_portrait": lambda v, c: _("not for this kind of user"),
    "other_lifecycle": lambda v, c: _("not at this stage of the customer's life cycle"),
    "no_flag": lambda v, c: _("the customer isn't marked for this"),
    "no_speed_test": lambda v, c: _("no valid speed test below the contract"),
    # how a promise stands
    "line_down": _line_down,
    "caller_role": lambda v, c: _("only to: {roles}").format(roles=_list(terms.CALLERS, v.get("roles"))),
    "once_per_cycle": _once,
    "nothing_due": lambda v, c: _("nothing to give: the computed amount is 0"),
    "pick_lines": lambda v, c: _("pick the lines of the bill first"),
    "enter_receipt": lambda v, c: _("enter what the receipt says first"),
    "above_authority": _above,
    "customer_90_days": _ninety,
    "allowance": _allowance,
    "no_allowance": lambda v, c: _("this site holds no allowance for it; the centre has to lease one"),
    "verify": _verify,
    "above_need": lambda v, c: _("the law gives {amount}: more is an approval's").format(amount=money(v.get("need"))),
    "agent_day_cost": lambda v, c: _("you gave {given} today, at most {most}: a superior approves").format(
        given=money(v.get("given")), most=money(v.get("most"))
    ),
    "agent_day_promises": lambda v, c: _("{n} promises of money today are the most: a superior approves").format(
        n=v.get("most")
    ),
    "unknown_line": lambda v, c: _("the line isn't this customer's: choose it again with Tab"),
    "over_allowance": _allowance,
    "due_beyond_limit": _due_beyond,
    "due_too_soon": _due_soon,
    "unknown_template": lambda v, c: _("the catalogue here doesn't know {code}").format(code=safe(v.get("template"))),
    # promises and tickets that exist
    "already_spoken": lambda v, c: _("the words were told already: the promise stands"),
    "voided_already": lambda v, c: _("it was voided before, but told all the same: it stands"),
    "too_late_to_void": lambda v, c: _("more than {n} s after the call: the promise stands").format(n=v.get("seconds")),
    "repaid_already": lambda v, c: _("the customer has paid it back already: the promise stands"),
    "not_yours": lambda v, c: _("only the agent who made it can do this"),
    "promise_state": _promise_state,
    "ticket_state": _ticket_state,
    "ticket_closed": lambda v, c: _("the ticket is closed: it was chased all the same"),
    "needs_follow_up": lambda v, c: _("it ends by a follow-up call only: ask the customer whether it is kept"),
    "unknown_department": lambda v, c: _("no such department: choose another"),
    "empty_note": lambda v, c: _("the note is empty: write something"),
    "long_note": lambda v, c: _("the note is too long: at most {n} characters").format(n=v.get("most")),
    # what the centre says
    "exists_already": lambda v, c: _("it exists already: nothing was done twice"),
    "malformed": lambda v, c: _("the entry can't be read: {detail}").format(detail=safe(v.get("detail"), 120)),
    "newer_fields": lambda v, c: _("somebody else changed it meanwhile: both stand"),
    "newer_kind": lambda v, c: _("the centre is older than this desk: it waits for a newer one"),
    "unknown_document": lambda v, c: _("what it is about isn't known here yet: wait for the next sync"),
    "unknown_customer": lambda v, c: _("the customer isn't known here yet: wait for the next sync"),
    "unknown_actor": lambda v, c: _("you aren't known at the centre: ask the administrator to sign you on"),
    "other_customer": lambda v, c: _("the contact is about another customer now: verify again"),
    "dependency": lambda v, c: _("it waits with the entry that it depends on"),
    "dependency_missing": lambda v, c: _("it depends on an entry that the centre doesn't have yet"),
    "catalogue_unknown": lambda v, c: _("the centre doesn't know this version of the catalogue"),
    "foreign_scope": lambda v, c: _("it belongs to a region that this site doesn't serve"),
    "foreign_lineage": lambda v, c: _("it was written by another site: the administrator looks into it"),
    "chain_broken": lambda v, c: _("an entry before it is missing: the administrator looks into it"),
    "reused_id": lambda v, c: _("two different entries have one id: the administrator looks into it"),
    "crashed": lambda v, c: _("the centre failed at it and keeps it: the administrator looks into it"),
    "too_large": lambda v, c: _("it is too large for the line: the centre has only its envelope"),
    "unreadable": lambda v, c: _("the centre can't read it and keeps it as it is"),
    "dismissed": lambda v, c: _("the author no longer works here: a superior decides"),
    "role_differs": _role_differs,
    "pin_unproved": lambda v, c: _("signed with a PIN that the centre doesn't know: a superior looks into it"),
    "not_signed_in": lambda v, c: _("the author hasn't signed in at this site: sign in with the line up"),
    # what is decided later
    "withdrawn": lambda v, c: _("withdrawn by {who}").format(who=safe(v.get("by"))),
    "refused_by": _refused_by,
    "spoken_stands": lambda v, c: _("it was said to the customer, so it stands: withdraw the promise itself"),
    "settled_already": lambda v, c: _("too late: it is in force already"),
    "refused_for_good": lambda v, c: _("it was put away for good: enter it anew"),
    "unknown_operation": lambda v, c: _("no such entry is known"),
    "unanswered": lambda v, c: _("the centre hasn't answered it yet: wait for the next sync"),
    "ask_anew": lambda v, c: _("it only asked for something: ask for it anew"),
    "not_here": lambda v, c: _("its content isn't on this machine any more"),
}
"""Words by reason code; a test looks for a code of the rules that has none here."""
