"""Plans and bills: sums over what was used, never less than the fee, and two months side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.case import Customer
from agentdesk.domain.finance.bills import bills, compared, uses
from agentdesk.domain.finance.plans import GB, Use, best, best_mixes, cost, fitting, present_plan
from tests.domain.world import NOW, customer
from tests.knowledge import MIX, PLANS

a_use = st.builds(Use, st.just("2026-08"), st.integers(0, 5000), st.integers(0, 500 * GB))
a_plan = st.sampled_from(sorted(PLANS))


@given(a_plan, a_use)
def test_a_plan_costs_its_fee_and_what_is_beyond_it(code: str, use: Use) -> None:
    plan = PLANS[code]
    found = cost(plan, use)
    assert found.total >= plan.fee
    within = use.minutes <= plan.minutes and use.mb <= plan.mb
    assert (found.total == plan.fee) == within


@given(a_plan, a_use, st.integers(0, 500), st.integers(0, 50 * GB))
def test_more_use_never_costs_less(code: str, use: Use, minutes: int, mb: int) -> None:
    more = Use(use.month, use.minutes + minutes, use.mb + mb)
    assert cost(PLANS[code], more).total >= cost(PLANS[code], use).total


@given(st.lists(a_use, max_size=3), a_plan)
def test_the_best_costs_least_and_saves_what_the_sums_say(months: list[Use], code: str) -> None:
    found = best(PLANS.values(), months, PLANS[code])
    assert bool(found) == bool(months)
    totals = [fit.total for fit in found]
    assert totals == sorted(totals)
    for fit in found:
        assert fit.total == sum(one.total for one in fit.months)
        assert fit.saves == fitting(PLANS[code], months).total - fit.total
    if found:
        assert found[0].total <= fitting(PLANS[code], months).total


@given(st.lists(a_use, min_size=1, max_size=3))
def test_a_free_mix_is_the_sum_of_its_portions(months: list[Use]) -> None:
    for fit in best_mixes(MIX, months, most=9):
        voice, data = fit.plan.code.split("+")
        assert fit.plan.fee == MIX.voice[voice].fee + MIX.data[data].fee


def test_a_gigabyte_that_was_begun_is_paid_whole() -> None:
    small = PLANS["small"]
    assert cost(small, Use("m", 0, 5 * GB)).data == 0
    assert cost(small, Use("m", 0, 5 * GB + 1)).data == small.over_gb


def test_a_plan_that_is_no_longer_sold_is_taken_for_one_of_the_same_fee() -> None:
    assert present_plan(PLANS, "large", 1) is PLANS["large"]
    assert present_plan(PLANS, "日常旧套餐", 2000) is PLANS["small"]
    assert present_plan(PLANS, "日常旧套餐", 1) is None


LINE = {"kind": "fixed", "name": "套餐", "amount": 9900, "line": "c1-m"}
NEWS = {"kind": "third_party", "code": "news", "name": "手机早晚报", "amount": 300, "line": "c1-m"}
OVER = {"kind": "overage", "name": "套外流量", "amount": 1500, "line": "c1-m", "quantity": 3000}
BILLS = [
    {
        "account": "c1-a",
        "month": "2026-07",
        "issued": NOW,
        "lines": [LINE, NEWS],
        "use": {"c1-m": {"mb": 9, "minutes": 7}},
    },
    {"account": "c1-a", "month": "2026-08", "issued": NOW, "lines": [LINE, OVER], "use": {"c1-m": {"mb": 5}}},
]


def test_bills_come_newest_first_and_their_sum_is_that_of_their_lines() -> None:
    found = bills(Customer(customer(bills=BILLS)))
    assert [(bill.month, bill.total) for bill in found] == [("2026-08", 11_400), ("2026-07", 10_200)]


def test_two_months_stand_side_by_side_whatever_one_of_them_lacks() -> None:
    now, before = bills(Customer(customer(bills=BILLS)))
    pairs = {pair.line.kind: (pair.now, pair.before, pair.change) for pair in compared(now, before)}
    assert pairs == {"fixed": (9900, 9900, 0), "overage": (1500, 0, 1500), "third_party": (0, 300, -300)}
    assert sum(pair.change for pair in compared(now, before)) == now.total - before.total
    assert [pair.before for pair in compared(now, None)] == [0, 0]
    assert compared(None, None) == ()


def test_the_use_of_a_line_is_that_of_its_last_bills() -> None:
    who = Customer(customer(bills=BILLS))
    assert [(use.month, use.minutes, use.mb) for use in uses(who, "c1-m")] == [("2026-08", 0, 5), ("2026-07", 7, 9)]
    assert uses(who, "c1-x") == ()
    assert bills(Customer(customer())) == ()
