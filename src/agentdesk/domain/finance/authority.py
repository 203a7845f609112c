"""What a role may give alone, and who may approve what goes beyond it: one measure for promises and remedies.

Both draw on the same bounds (DOMAIN rules 4 and 5), so that a gift after a promise isn't a second budget. A refund of
the customer's own money is bounded by what is his: it needs an approval only beyond the computed need, or beyond a
ceiling that the policy gives it; it is no goodwill, so neither the 90 days nor the day's cost count it. Statutory
compensation has no bound but its own amount. All amounts are minor units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.case import Case
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.finance.amounts import COUNTED
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, MoneyRule, Role, Tier

NINETY_DAYS_MS = 90 * DAY_MS


def authority_of(rule: MoneyRule | None, role: str, tier: Tier, catalogue: Catalogue) -> int | None:
    """Return the highest amount a role may give alone; None where no tier or role binds."""
    if rule is None or rule.statutory:
        return None
    bounds = [rule.ceilings[tier]] if tier in rule.ceilings else []
    if rule.kind == "cost":
        known = catalogue.roles.get(role)
        bounds.append(known.cost_limit.get(tier, 0) if known else 0)
    return min(bounds) if bounds else None


def beyond_authority(
    rule: MoneyRule, case: Case, tier: Tier, catalogue: Catalogue, amount: int, need: int
) -> tuple[list[Reason], str | None]:
    """Return what goes beyond the author's authority, and the lowest role that may approve it, None if nobody may.

    `need` is what was computed, which bounds the law's amount and the customer's own money.
    """
    reasons: list[Reason] = []
    ceiling = authority_of(rule, case.role, tier, catalogue)
    if ceiling is not None and amount > ceiling:
        reasons.append(Reason.of("above_authority", ceiling=ceiling))
    if (rule.statutory or rule.kind == "refund") and amount > need:
        # what is given beyond the law's amount is no longer the law's, nor what is beyond his own the customer's
        reasons.append(Reason.of("above_need", need=need))
    author = catalogue.roles.get(case.role)
    if not rule.statutory and not (author is not None and author.approves):
        if rule.kind == "cost":
            given = cost_given(case, NINETY_DAYS_MS)
            most = catalogue.tiers[tier].customer_90_days
            if given + amount > most:
                reasons.append(Reason.of("customer_90_days", given=given, most=most))
        reasons += _day(case, author, amount if rule.kind == "cost" else 0)
    if not reasons:
        return [], None
    return reasons, next(iter(lowest_approvers(rule, tier, catalogue, amount)), None)


def approves(rule: MoneyRule | None, role: str, tier: Tier, catalogue: Catalogue, amount: int) -> bool:
    """Tell whether a role approves, and may give that much itself."""
    known = catalogue.roles.get(role)
    if known is None or not known.approves:
        return False
    limit = authority_of(rule, role, tier, catalogue)
    return limit is None or amount <= limit


def lowest_approvers(rule: MoneyRule | None, tier: Tier, catalogue: Catalogue, amount: int) -> tuple[str, ...]:
    """Return the roles that may approve an amount and stand lowest: all of one rank, by their ids.

    A higher rank never gives less, so that of the roles above them each that approves may approve it as well.
    """
    able = [role for role in catalogue.roles.values() if approves(rule, role.id, tier, catalogue, amount)]
    lowest = min((role.rank for role in able), default=0)
    return tuple(sorted(role.id for role in able if role.rank == lowest))


def cost_given(case: Case, window_ms: int) -> int:
    """Return the cost that promises and remedies gave the customer in a window, without the law's own."""
    return sum(
        d.data.get("amount") or 0
        for d in case.work
        if d.type in ("commitment", "remedy")
        and d.data.get("money") == "cost"
        and not d.data.get("statutory")
        and d.data.get("state") in COUNTED
        and (d.data.get("at") or 0) > case.at - window_ms
    )


def _day(case: Case, author: Role | None, cost: int) -> list[Reason]:
    """Return how money exceeds what one agent may give on one day of China's time (policy §2)."""
    from agentdesk.domain.offering.offers import day_of  # it imports this module

    if author is None:
        return []
    day = day_of(case.at)
    today = [
        d.data
        for d in case.today
        if d.data.get("money") is not None
        and not d.data.get("statutory")
        and d.data.get("state") in COUNTED
        and day_of(d.data.get("at") or 0) == day
    ]
    given = sum(data.get("amount") or 0 for data in today if data["money"] == "cost")
    reasons = []
    if author.daily_cost and cost and given + cost > author.daily_cost:
        reasons.append(Reason.of("agent_day_cost", given=given, most=author.daily_cost))
    if author.daily_promises and len(today) >= author.daily_promises:
        reasons.append(Reason.of("agent_day_promises", most=author.daily_promises))
    return reasons
