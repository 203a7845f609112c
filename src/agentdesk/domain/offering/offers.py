"""Which instant commitments to offer, in which order, with what amount and deadline, and why not.

`assess` is the one place that says whether a template may be promised in a case. The screen ranks its answers, and
the decision on a promise asks it again, at the desk and at the centre (DOMAIN rule 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from agentdesk.domain.access import not_allowed
from agentdesk.domain.case import Case
from agentdesk.domain.condition.conditions import Reason, fails
from agentdesk.domain.condition.situation import Entry, Situation, index_of
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.amounts import COUNTED, computed
from agentdesk.domain.finance.authority import authority_of, beyond_authority
from agentdesk.domain.finance.charge_bases import figures_missing
from agentdesk.domain.finance.credit import credit_in_cycle
from agentdesk.domain.profile.ranking import leads_of
from agentdesk.domain.times.calendar import Limit, due, earlier_of
from agentdesk.domain.times.zone import DAY_MS, zone

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Template, Tier
    from agentdesk.domain.profile.ranking import Leads

Status = Literal["available", "verify", "approve", "figures", "inapplicable"]
"""`figures`: the agent has to pick or enter what the amount follows from, before anything can be promised."""

CYCLE_ZONE = "Asia/Shanghai"
"""Billing cycles (账期) are calendar months in China's time."""

FIRST = 1_000
"""Points of what a call is first about: more than all boosts together."""

WHY_NOT = 2
"""Places of a full list of offers that are kept for strongly boosted ones that don't apply."""

COUNTED_STATES = COUNTED

FIGURES = frozenset({"pick_lines", "enter_receipt"})
"""Reasons that the agent takes away himself: by picking charges of the bill, by entering what a receipt says."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A template as it stands in one case.

    `amount` is the proposed (None, too, while figures are wanted) and `ceiling` the highest amount that the role may
    promise alone, minor units (None: the template gives no money, or no ceiling binds); `due` and `also` (its second
    deadline) are ms UTC, `mode` says whether the line-down words and limit apply; `approver` is the lowest role that
    may approve, the first of its rank (`lowest_approvers`). `reasons` say why the status is not `available`, `because`
    why it is offered at all.
    """

    template: Template
    status: Status
    amount: int | None
    ceiling: int | None
    due: int
    mode: Literal["same", "later"]
    reasons: tuple[Reason, ...] = ()
    approver: str | None = None
    score: int = 0
    beyond: tuple[Reason, ...] = ()
    because: Reason | None = None
    also: int | None = None


def time_limit(template: Template, tier: Tier, online: bool) -> Limit:
    """Return the limit that is promised: the template's own, or its line-down one (DOMAIN rule 12)."""
    if not online and template.offline.mode == "later" and template.offline.limit is not None:
        return template.offline.limit
    return template.limits[tier]


def due_at(template: Template, tier: Tier, online: bool, at: int, catalogue: Catalogue, wait_ms: int = 0) -> int:
    """Return when a promise made at `at` is due, ms UTC: the earlier of policy and law (DOMAIN rule 6).

    `wait_ms` is what the customer agreed to wait before it begins; the law's clock doesn't wait for that.
    """
    policy = due(time_limit(template, tier, online), catalogue.calendars, at + wait_ms)
    law = due(template.law, catalogue.calendars, at) if template.law else None
    return earlier_of(policy, law)


def also_due_at(
    template: Template, tier: Tier, online: bool, at: int, catalogue: Catalogue, wait_ms: int = 0
) -> int | None:
    """Return when the second deadline of a promise made at `at` is, ms UTC; None where its template has none."""
    also = template.also
    if also is None:
        return None
    later = also.later if not online and template.offline.mode == "later" else None
    return due(later or also.limits[tier], catalogue.calendars, at + wait_ms)


def assess(
    template: Template, case: Case, catalogue: Catalogue, amount: int | None = None, *, whoever: bool = False
) -> Offer:
    """Return how a template stands in a case; `amount` is what is to be promised instead of the computed need.

    `whoever` leaves out whether the role may promise at all.
    """
    tier = case.tier(catalogue)
    mode: Literal["same", "later"] = "later" if not case.online and template.offline.mode == "later" else "same"
    due_ms = due_at(template, tier, case.online, case.at, catalogue)
    reasons = [reason for test in template.applies if (reason := fails(test, case, catalogue))]
    if not case.online and template.offline.mode == "none":
        reasons.append(Reason.of("line_down", instead=template.offline.instead))
    if template.callers and case.caller_role not in template.callers:
        reasons.append(Reason.of("caller_role", roles=template.callers))
    if template.once_per == "cycle" and (earlier := _this_cycle(template, case, catalogue)):
        reasons.append(Reason.of("once_per_cycle", number=earlier.data.get("number")))
    if not whoever and (not_his := not_allowed(catalogue, case.role, "commitment.made")) is not None:
        reasons.append(not_his)
    ceiling = approver = None
    beyond: list[Reason] = []
    if template.money is not None and not reasons:
        need = computed(template.money, case, catalogue)
        amount = need if amount is None else amount
        if amount <= 0:
            missing = figures_missing(template.money.basis, case, template.money.args)
            reasons.append(Reason.of(missing or "nothing_due"))
            amount = None if missing else amount
        else:
            ceiling = authority(template, case.role, tier, catalogue)
            beyond, approver = beyond_authority(template.money, case, tier, catalogue, amount, need)
            if approver is None and beyond:
                reasons += beyond
            # an approval widens the authority, never the allowance: this stands beside whatever a superior may say
            left = case.left(template.money.kind)
            if left is not None and amount > left:
                reasons.append(Reason.of("allowance", left=left, kind=template.money.kind))
    elif template.money is None:
        amount = None
    status: Status = "available"
    if reasons:
        status = "figures" if all(reason.code in FIGURES for reason in reasons) else "inapplicable"
        # the agent can still verify by another method
        status = "verify" if all(reason.code == "other_method" for reason in reasons) else status
    elif beyond:
        status, reasons = "approve", beyond
    # the verification comes first: a bill isn't read to somebody unknown
    if status != "inapplicable" and case.level < template.verify:
        status = "verify"
        reasons = [Reason.of("verify", level=template.verify), *reasons]
    also = also_due_at(template, tier, case.online, case.at, catalogue)
    return Offer(template, status, amount, ceiling, due_ms, mode, tuple(reasons), approver, 0, tuple(beyond), also=also)


def offers(case: Case, catalogue: Catalogue, most: int = 9) -> tuple[Offer, ...]:
    """Return the offers of a case, best first, at most `most`.

    What doesn't apply is listed only while its situation is the caller's (a boost holds, and it is for this kind of
    line and customer at all), behind all that does. So that a long list of what does can't hide why the obvious one
    doesn't, the last `WHY_NOT` places are kept for those that would have stood among the first `most`.
    """
    if most < 1:
        return ()
    index = index_of(catalogue)
    situation = Situation(index, case)
    leads = leads_of(case, catalogue)
    applying: list[_Row] = []
    apart: list[_Row] = []
    for entry in index.of(case.line.kind if case.line else None):
        template = entry.template
        code = template.code
        if code in leads.silent:
            continue
        points = situation.points(entry.boosts) + leads.points(code) + (FIRST if code in leads.first else 0)
        if situation.all_hold(entry.applies):
            applying.append((-template.weight - points, code, points, entry))
        elif points > 0 and situation.all_hold(entry.about):
            apart.append((-template.weight - points, code, points, entry))
    applying.sort(key=_PLACE)
    best: list[tuple[_Row, Offer]] = []
    # assessing is what takes time: it stops where the list is full, and what is left stands behind anyway
    for row in applying:
        if len(best) == most:
            break
        offer = assess(row[3].template, case, catalogue)
        if offer.status != "inapplicable":
            best.append((row, offer))
        elif row[2] > 0:
            apart.append(row)
    apart.sort(key=_PLACE)
    strong = [row for row in apart if len(best) < most or _PLACE(row) < _PLACE(best[-1][0])]
    if len(best) == most:
        del best[max(most - min(len(strong), WHY_NOT), 0) :]
    best += [(row, assess(row[3].template, case, catalogue)) for row in strong[: most - len(best)]]
    return tuple(replace(offer, score=-row[0], because=_because(row[3], situation, leads)) for row, offer in best)


_Row = tuple[int, str, int, Entry]
"""A template's rank (less is better), its code, its points beside its weight, and its entry."""

_PLACE = itemgetter(0, 1)


def _because(entry: Entry, situation: Situation, leads: Leads) -> Reason | None:
    """Return why an offer stands where it does: what the call is about, else the strongest boost that holds."""
    lead = leads.leads.get(entry.template.code)
    if lead is not None and lead.why.code != "lead_warning":
        return lead.why
    held = situation.strongest(entry.boosts)
    if held is not None:
        when = entry.template.boosts[held].when
        return Reason.of("because", condition=when.name, **when.args)
    return lead.why if lead is not None else None


def authority(template: Template, role: str, tier: Tier, catalogue: Catalogue) -> int | None:
    """Return the highest amount a role may promise alone in minor units; None where no tier or role binds."""
    return authority_of(template.money, role, tier, catalogue)


def _this_cycle(template: Template, case: Case, catalogue: Catalogue) -> Document | None:
    """Return a promise of this template, or of one that counts as the same, of the same line and billing cycle.

    Two count as the same when either names the other, and so does a remedy that gave credit, for a promise of credit.
    """
    if template.money is not None and template.money.kind == "credit" and (given := credit_in_cycle(case, "remedy")):
        return given
    same, start = {template.code, *template.once_with}, cycle_start(case.at)
    for promise in case.promises:
        data = promise.data
        code = data.get("template")
        if code not in same:
            other = catalogue.templates.get(code or "")
            if other is None or template.code not in other.once_with:
                continue
        if (
            data.get("state") in COUNTED_STATES
            and cycle_start(data.get("at") or 0) == start
            and (case.line is None or data.get("subscription") in (None, case.line.id))
        ):
            return promise
    return None


def day_of(at: int) -> int:
    """Return the number of the day of an instant in China's time."""
    local = zone(CYCLE_ZONE)
    return (at + local.offset(at)) // DAY_MS


def cycle_start(at: int) -> int:
    """Return when the billing cycle that holds an instant began, ms UTC."""
    return _cycle_start_of_hour(at // 3_600_000)


@lru_cache(maxsize=512)
def _cycle_start_of_hour(hour: int) -> int:
    local = zone(CYCLE_ZONE)
    return local.instant(local.day(hour * 3_600_000).replace(day=1), 0)
