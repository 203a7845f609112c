from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.condition.conditions import VOCABULARY, fails
from agentdesk.domain.decide import Allowance
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.amounts import BASES, computed
from agentdesk.domain.finance.authority import lowest_approvers
from agentdesk.domain.offering.approving import may_approve
from agentdesk.domain.offering.offers import WHY_NOT, assess, authority, cycle_start, day_of, due_at, offers
from agentdesk.domain.policy import TIERS, Condition, MoneyRule, Tier
from agentdesk.domain.verdict import Verdict
from tests.domain.world import (
    AGENT,
    COST,
    CREDIT,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    REGION,
    Centre,
    agent,
    codes,
    contact,
    customer,
    in_arrears,
    operation,
    overcharged,
)
from tests.policy import CATALOGUE
from tests.policy import template as made

PACKAGED = packaged()
CARDS = ("ordinary", "silver", "gold", "diamond", "supreme", "unheard")


def case(document: Document, *work: Document, **more: Any) -> Case:
    view = Customer(document)
    return Case(view, view.subscriptions[0], work, NOW, "agent", **more)


def given_before(template: str, at: int = NOW - DAY, document: str = "p0", **data: Any) -> Document:
    """Return a promise that was made before."""
    content = {"template": template, "state": "made", "at": at, "customer": "c1", "subscription": "c1-m", **data}
    return Document(REGION, document, "commitment", 1, content)


def ticket_before(due: int, **data: Any) -> Document:
    return Document(
        REGION,
        f"t{due}",
        "ticket",
        1,
        {"kind": "fault", "customer": "c1", "state": "open", "due": due, "at": NOW, **data},
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Cases of every sort: stopped or not, in arrears or not, with faults, services, work and allowances."""
    kind = draw(st.sampled_from(["mobile", "broadband", "fixed", "iptv", "convergent"]))
    money = st.integers(0, 60_000)
    stopped = draw(st.sampled_from([None, "arrears", "lost", "suspended", "fraud"]))
    moment = st.integers(NOW - 200 * DAY, NOW + 100 * DAY)
    line = {
        "kind": kind,
        "status": "stopped" if stopped else "active",
        "stop_reason": stopped,
        "fee": draw(money),
        "overage": {"charge": draw(money), "rated": draw(money)},
        "contract_end": draw(st.none() | moment),
        "fault_since": draw(st.none() | st.integers(NOW - 20 * DAY, NOW)),
        "rate_mbps": 100,
        "vas": draw(
            st.lists(
                st.fixed_dictionaries(
                    {"code": st.just("v"), "name": st.just("v"), "fee": money,
                     "source": st.sampled_from(["owner", "unknown", "trial"])}
                ),
                max_size=3,
            )
        ),
    }  # fmt: skip
    document = customer(
        line=line,
        account={"arrears": draw(money), "credit_repaid": draw(st.booleans())},
        card=draw(st.sampled_from(CARDS)),
        segment=draw(st.sampled_from(["personal", "family", "corporate"])),
        portrait=draw(st.sampled_from(["data", "voice", "price", ""])),
        lifecycle=draw(st.sampled_from(["entry", "normal", "appeal", ""])),
        flags=draw(st.lists(st.sampled_from(["arrears_list", "stopped_long"]), max_size=1)),
        speed_tests=draw(st.sampled_from([[], [{"subscription": "c1-m", "mbps": 20, "valid": True}]])),
        since=draw(st.sampled_from([0, NOW - 30 * DAY, NOW - 1000 * DAY])),
    )
    work = [
        given_before(
            draw(st.sampled_from([*CATALOGUE.templates, *PACKAGED.templates])),
            draw(st.integers(NOW - 100 * DAY, NOW - 1)),
            f"p{n}",
            money=draw(st.sampled_from([None, "cost", "credit"])),
            amount=draw(money),
            state=draw(st.sampled_from(["made", "voided", "fulfilled", "breached", "withdrawn"])),
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    work += [ticket_before(due) for due in draw(st.lists(moment, max_size=1))]
    view = Customer(document)
    return Case(
        view,
        draw(st.sampled_from([view.subscriptions[0], None])),
        tuple(work),
        NOW,
        draw(st.sampled_from(["agent", "expert", "team_leader", "unheard"])),
        level=draw(st.integers(0, 3)),
        caller_role=draw(st.sampled_from(["owner", "user", "agent", "handler", "other"])),
        online=draw(st.booleans()),
        cost_left=draw(st.none() | money),
        credit_left=draw(st.none() | money),
    )


CATALOGUES = {"small": CATALOGUE, "packaged": PACKAGED}
catalogues = st.sampled_from(sorted(CATALOGUES))  # by name: they are long to print


@given(cases(), catalogues, st.integers(0, 30))
def test_offers_are_the_same_every_time_ranked_and_at_most_so_many(case: Case, policy: str, most: int) -> None:
    catalogue = CATALOGUES[policy]
    found = offers(case, catalogue, most)
    backwards = replace(catalogue, templates=dict(list(catalogue.templates.items())[::-1]))
    assert found == offers(case, catalogue, most) == offers(case, backwards, most)
    assert len(found) <= most
    everything = offers(case, catalogue, 999)
    apart = [offer for offer in everything if offer.status == "inapplicable"]
    applying = everything[: len(everything) - len(apart)]
    kept = sum(offer.status == "inapplicable" for offer in found)
    # what is listed is the best of either sort, and only a full list cuts what applies, by two places at the most
    assert found == (*applying[: len(found) - kept], *apart[:kept])
    assert len(found) == min(most, len(everything)) or not apart[kept:]
    assert len(found) - kept >= min(len(applying), most - WHY_NOT)
    ranks = [(offer.status == "inapplicable", -offer.score, offer.template.code) for offer in found]
    assert ranks == sorted(ranks)
    assert len({offer.template.code for offer in found}) == len(found)


@given(cases(), catalogues)
def test_an_amount_is_the_computed_need_within_the_authority_and_the_allowance(case: Case, policy: str) -> None:
    catalogue = CATALOGUES[policy]
    for offer in offers(case, catalogue, 999):
        rule = offer.template.money
        if rule is None:
            assert (offer.amount, offer.ceiling) == (None, None)
        if rule is None or offer.amount is None:
            continue
        assert offer.amount == computed(rule, case, catalogue)
        if offer.status in ("available", "verify") and "above_authority" not in {r.code for r in offer.reasons}:
            assert offer.amount > 0
            assert offer.ceiling is None or offer.amount <= offer.ceiling
            # a refund is the customer's own money: no site leases it
            left = {"cost": case.cost_left, "credit": case.credit_left}.get(rule.kind)
            assert left is None or offer.amount <= left


@given(cases(), catalogues)
def test_a_status_says_why(case: Case, policy: str) -> None:
    catalogue = CATALOGUES[policy]
    for offer in offers(case, catalogue, 999):
        reasons = [reason.code for reason in offer.reasons]
        if offer.status == "available":
            assert not reasons
            assert case.level >= offer.template.verify
            assert all(fails(test, case, catalogue) is None for test in offer.template.applies)
        elif offer.status == "verify":
            assert reasons[0] == "verify"
            assert case.level < offer.template.verify
        elif offer.status == "approve":
            assert offer.approver is not None
            assert catalogue.roles[offer.approver].approves
            assert case.level >= offer.template.verify
        assert reasons or offer.status == "available"
        assert offer.due == due_at(offer.template, case.tier(catalogue), case.online, NOW, catalogue)
        assert (offer.mode == "later") is (not case.online and offer.template.offline.mode == "later")


@settings(max_examples=80)
@given(cases(), catalogues, st.integers(1, 80_000))
def test_what_is_offered_can_be_promised_and_what_isnt_cant(case: Case, policy: str, left: int) -> None:
    """The list and the decision agree: at the desk an operation is made or not; at the centre it is flagged."""
    catalogue = CATALOGUES[policy]
    case = replace(case, cost_left=left, credit_left=left, actor=AGENT, line=case.customer.subscriptions[0])
    level = contact(level=case.level, verification=None)
    level.data["verification"] = {"customer": "c1", "level": case.level, "caller_role": case.caller_role}  # type: ignore[index]
    for template in catalogue.templates.values():
        offer = assess(template, case, catalogue)
        rule = template.money
        lease = None if rule is None else Allowance(rule.kind, rule.kind, left)
        world = Centre(
            [agent(role=case.role), case.customer.document, level, *case.work],
            catalogue,
            leases={lease.id: lease} if lease else {},
            online=case.online,
        )
        body = {
            "number": "100010000018",
            "customer": "c1",
            "subscription": "c1-m",
            "template": template.code,
            "due": offer.due,
            "line": "up" if case.online else "down",
            "contact": "k1",
        }
        op = operation(
            "commitment.made",
            body,
            "new",
            role=case.role,
            amount=offer.amount or (1 if rule else 0),
            allowance=lease.id if lease else None,
            catalogue=catalogue.version,
        )
        judged = world.judge(op)
        if offer.status == "available":
            assert judged.verdict is Verdict.APPLIED, codes(judged)
        elif offer.amount or not rule:
            assert judged.verdict is Verdict.FLAGGED
            assert set(codes(judged)) >= {reason.code for reason in offer.reasons}
        assert world.get("new").data["state"] == "made"


# single rules


def status(
    template: str, document: Document, *work: Document, amount: int | None = None, **more: Any
) -> tuple[str, list[str]]:
    offer = assess(CATALOGUE.templates[template], case(document, *work, **more), CATALOGUE, amount)
    return offer.status, [reason.code for reason in offer.reasons]


def test_who_may_not_promise_is_offered_nothing() -> None:
    packaged = CATALOGUES["packaged"]
    free = next(one for one in packaged.templates.values() if one.money is None and not one.applies)
    offer = assess(free, replace(case(customer()), role="unheard"), packaged)
    assert (offer.status, [reason.code for reason in offer.reasons]) == ("inapplicable", ["not_allowed"])


def beijing(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(ZoneInfo("Asia/Shanghai"))))
def test_a_billing_cycle_is_a_calendar_month_in_china(at: datetime) -> None:
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert cycle_start(int(at.timestamp() * 1000)) == int(first.timestamp() * 1000)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert day_of(int(at.timestamp() * 1000)) == day_of(int(midnight.timestamp() * 1000))
    assert day_of(int(midnight.timestamp() * 1000) - 1) == day_of(int(midnight.timestamp() * 1000)) - 1


@pytest.mark.parametrize(
    ("before", "now", "free"),
    [
        ("2026-09-01 00:00", "2026-09-30 23:59", False),
        ("2026-08-31 23:59", "2026-09-01 00:00", True),
        # an operation that comes late is decided in its own month
        ("2026-10-01 00:00", "2026-09-30 23:59", True),
        ("2026-12-31 23:59", "2027-01-01 00:00", True),
    ],
)
def test_once_in_a_cycle_is_once_in_a_month_of_china(before: str, now: str, free: bool) -> None:
    promised = given_before("POWER2", beijing(before))
    at = beijing(now)
    offer = assess(CATALOGUE.templates["POWER2"], replace(case(customer(), promised), at=at), CATALOGUE)
    assert (offer.status == "available") is free


@pytest.mark.parametrize(
    ("promised", "free"),
    [
        (given_before("POWER2"), False),
        (given_before("POWER"), False),  # counts as the same
        (given_before("GIFT"), True),
        (given_before("POWER2", state="voided"), True),
        (given_before("POWER2", state="withdrawn"), True),
        (given_before("POWER2", state="held"), False),
        (given_before("POWER2", state="breached"), False),
        (given_before("POWER2", subscription="c1-other"), True),
        (given_before("POWER2", subscription=None), False),
    ],
    ids=["same", "counts-as-same", "other", "voided", "withdrawn", "held", "breached", "other-line", "no-line"],
)
def test_what_counts_as_given_this_cycle(promised: Document, free: bool) -> None:
    assert status("POWER2", customer(), promised) == (
        ("available", []) if free else ("inapplicable", ["once_per_cycle"])
    )


def test_a_customer_gets_so_much_in_ninety_days_from_the_front_line() -> None:
    def gift(days: float, amount: int = 9000, **data: Any) -> Document:
        return given_before("GIFT", NOW - int(days * DAY), f"p{days}", **{"money": "cost", "amount": amount, **data})

    assert status("GIFT", customer(), gift(1, 8000)) == ("available", [])
    assert status("GIFT", customer(), gift(1, 8001)) == ("approve", ["customer_90_days"])
    assert status("GIFT", customer(), gift(89.9)) == ("approve", ["customer_90_days"])
    assert status("GIFT", customer(), gift(90)) == ("available", [])
    assert status("GIFT", customer(card="gold"), gift(1)) == ("available", [])
    assert status("GIFT", customer(), gift(1, statutory=True)) == ("available", [])
    assert status("GIFT", customer(), gift(1, state="voided")) == ("available", [])
    assert status("GIFT", customer(), gift(1, money="credit")) == ("available", [])
    leader = replace(case(customer(), gift(1)), role="team_leader")
    assert assess(CATALOGUE.templates["GIFT"], leader, CATALOGUE).status == "available"


def test_an_agent_gives_so_much_and_so_often_on_one_day() -> None:
    def today(*amounts: int, at: int = NOW - HOUR, **data: Any) -> tuple[Document, ...]:
        made = {"money": "cost", "customer": "c9", "owner": AGENT, **data}
        return tuple(given_before("GIFT", at, f"d{n}", amount=a, **made) for n, a in enumerate(amounts))

    assert status("GIFT", customer(), today=today(198_000)) == ("available", [])
    assert status("GIFT", customer(), today=today(198_001)) == ("approve", ["agent_day_cost"])
    assert status("GIFT", customer(), today=today(198_001, state="voided")) == ("available", [])
    # 11:00 in Beijing less twelve hours is yesterday
    assert status("GIFT", customer(), today=today(198_001, at=NOW - 12 * HOUR)) == ("available", [])
    assert status("GIFT", customer(), today=today(*[100] * 7)) == ("available", [])
    assert status("GIFT", customer(), today=today(*[100] * 8)) == ("approve", ["agent_day_promises"])
    assert status("POWER2", customer(), today=today(*[100] * 8)) == ("approve", ["agent_day_promises"])
    assert status("CALL", customer(), today=today(*[100] * 8)) == ("available", [])


def test_authority_is_the_lower_of_role_and_template_and_the_law_has_neither() -> None:
    def limit(template: str, role: str = "agent") -> list[int | None]:
        return [authority(CATALOGUE.templates[template], role, tier, CATALOGUE) for tier in TIERS]

    assert limit("GIFT") == [5000, 10000, 20000]
    assert limit("GIFT", "expert") == [10000, 20000, 30000]
    assert limit("GIFT", "nobody") == [0, 0, 0]
    assert limit("POWER") == limit("POWER", "expert") == [10000, 20000, 30000]
    assert limit("LAW") == limit("POWER2") == limit("CALL") == [None, None, None]


@pytest.mark.parametrize(
    ("amount", "approver"), [(5000, None), (5001, "team_leader"), (30000, "team_leader"), (30001, "manager")]
)
def test_the_lowest_role_that_can_approves(amount: int, approver: str | None) -> None:
    offer = assess(CATALOGUE.templates["RATE"], case(overcharged(amount=amount), cost_left=10**9), CATALOGUE)
    expected = "available" if approver is None else "approve"
    beyond = ["customer_90_days"] if amount > 10_000 else []
    assert (offer.status, offer.approver, offer.amount) == (expected, approver, amount)
    assert [r.code for r in offer.reasons] == ([] if approver is None else ["above_authority", *beyond])


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("code", sorted(code for code, one in PACKAGED.templates.items() if one.money is not None))
def test_the_lowest_roles_and_each_above_them_that_approves_are_those_who_may(code: str, tier: Tier) -> None:
    template, roles = PACKAGED.templates[code], PACKAGED.roles.values()
    limits = {role.cost_limit[tier] for role in roles}
    for amount in sorted({0, 1, 10_000_000} | limits | {limit + 1 for limit in limits}):
        able = {role.id for role in roles if may_approve(template, role.id, tier, amount, PACKAGED)}
        lowest = lowest_approvers(template.money, tier, PACKAGED, amount)
        ranks = {PACKAGED.roles[role].rank for role in lowest}
        assert len(ranks) == (1 if able else 0)
        assert able == {role.id for role in roles if role.approves and any(role.rank >= rank for rank in ranks)}
        assert set(lowest) == {role for role in able if PACKAGED.roles[role].rank in ranks}


def test_two_roles_of_one_rank_may_approve_alike() -> None:
    money = next(one.money for one in PACKAGED.templates.values() if one.money is not None and one.money.kind == "cost")
    assert lowest_approvers(money, "standard", PACKAGED, 5_001) == ("duty_manager", "team_leader")


def test_what_nobody_may_approve_isnt_offered() -> None:
    assert status("RATE", overcharged(amount=100_001)) == ("inapplicable", ["above_authority", "customer_90_days"])
    # credit has the template's own ceilings for all roles
    assert status("POWER", in_arrears(arrears=9001), level=2) == ("inapplicable", ["above_authority"])


def test_the_law_gives_its_own_amount_to_everybody_and_no_more() -> None:
    for card in ("ordinary", "gold", "supreme"):
        assert assess(CATALOGUE.templates["LAW"], case(customer(card=card)), CATALOGUE).amount == 1000
    assert status("LAW", customer(), amount=1000) == ("available", [])
    assert status("LAW", customer(), amount=1001) == ("approve", ["above_need"])
    full = given_before("GIFT", money="cost", amount=10_000)
    assert status("LAW", customer(), full) == ("available", [])


def test_what_the_allowance_doesnt_cover_isnt_offered() -> None:
    assert status("GIFT", customer(), cost_left=2000, credit_left=0) == ("available", [])
    assert status("GIFT", customer(), cost_left=1999) == ("inapplicable", ["allowance"])
    assert status("POWER2", customer(), cost_left=0, credit_left=5000) == ("available", [])
    assert status("POWER2", customer(), credit_left=4999) == ("inapplicable", ["allowance"])
    assert status("CALL", customer(), cost_left=0, credit_left=0) == ("available", [])


def test_verification_comes_before_approval() -> None:
    assert status("POWER", in_arrears()) == ("verify", ["verify"])
    assert status("POWER", in_arrears(), level=1) == ("available", [])
    assert status("GIFT", customer(), caller_role="other") == ("inapplicable", ["caller_role"])


def test_what_doesnt_apply_is_shown_only_where_its_situation_is_the_callers() -> None:
    listed = {offer.template.code: offer for offer in offers(case(in_arrears(arrears=50_000), level=2), CATALOGUE)}
    assert listed["POWER"].status == "inapplicable"
    assert "RATE" not in listed
    assert list(listed)[-1] == "POWER"


def test_a_full_list_keeps_places_for_what_the_situation_asks_for_and_doesnt_apply() -> None:
    stopped = case(in_arrears(arrears=50_000), level=2)
    full = offers(stopped, CATALOGUE, 3)
    assert [(offer.template.code, offer.status) for offer in full][-1] == ("POWER", "inapplicable")
    assert len([offer for offer in full if offer.status != "inapplicable"]) == 2


def test_a_broken_promise_brings_the_call_back_to_the_top() -> None:
    broken = given_before("VISIT", due=NOW - HOUR)
    kept = given_before("VISIT", due=NOW - HOUR, state="fulfilled")
    rate = overcharged()
    assert offers(case(rate, broken), CATALOGUE)[0].template.code == "CALL"
    assert offers(case(rate, kept), CATALOGUE)[0].template.code == "RATE"


# amounts


def amount(basis: str, document: Document, *work: Document, **args: Any) -> int:
    return computed(MoneyRule("cost", basis, args), case(document, *work), CATALOGUE)


def test_late_work_pays_for_open_tickets_only() -> None:
    late = ticket_before(NOW - 25 * HOUR)
    assert amount("late_days", customer(), late) == 200
    assert amount("late_days", customer(), replace(late, data={**late.data, "state": "archived"})) == 0
    assert amount("late_days", customer(), ticket_before(NOW + 1)) == 0


@pytest.mark.parametrize(("arrears", "cover"), [(0, 1000), (1, 2000), (1000, 2000), (1001, 3000)])
def test_credit_covers_the_arrears_and_some_room_in_steps(arrears: int, cover: int) -> None:
    assert amount("arrears_cover", in_arrears(arrears=arrears), step=1000, room=1000) == cover


def test_days_of_a_fault_count_from_the_started_one_to_a_month() -> None:
    def fault(ms: int, **args: Any) -> int:
        return amount("fault_days", customer(line={"fault_since": NOW - ms, "fee": 3000}), **args)

    assert [fault(1), fault(DAY), fault(DAY + 1), fault(99 * DAY)] == [100, 100, 200, 3000]
    assert fault(DAY, times=2) == 200
    assert amount("fault_days", customer()) == 0


def test_services_of_unknown_origin_and_after_a_trial_are_paid_back_apart() -> None:
    vas = [
        {"code": n, "name": n, "fee": fee, "source": n} for n, fee in (("owner", 1), ("unknown", 20), ("trial", 300))
    ]
    document = customer(line={"vas": [*vas, vas[1]]})
    assert (amount("unknown_vas", document), amount("trial_vas", document)) == (40, 300)


@given(cases(), st.sampled_from(sorted(BASES)))
def test_no_need_is_negative(case: Case, basis: str) -> None:
    args: dict[str, Any] = {"amount": 100, "standard": 1, "vip": 2, "diamond": 3}
    assert computed(MoneyRule("cost", basis, args), case, CATALOGUE) >= 0


@given(cases())
def test_every_condition_holds_or_says_why_not(case: Case) -> None:
    args: dict[str, Any] = {
        "kinds": ["mobile", "fault"], "reasons": ["arrears"], "at_least": 6, "at_most": {"vip": 100}, "flags": ["x"],
        "sources": ["unknown"], "days_at_least": 1, "late": True, "tiers": ["vip"], "segments": ["family"],
        "within_days": 30, "portraits": ["data"], "stages": ["normal"], "below_percent": 80,
        "classes": ["fault"], "generations": ["4g"], "percent": 500, "methods": ["service_password"],
    }  # fmt: skip
    for name, word in VOCABULARY.items():
        for known in (word.arguments.keys(), word.arguments.keys() - word.optional):
            reason = fails(Condition(name, {key: args[key] for key in known}), case, CATALOGUE)
            assert reason is None or reason.code


def test_conditions_and_bases_have_names_that_the_catalogue_check_knows() -> None:
    with pytest.raises(KeyError):
        fails(Condition("unheard"), case(customer()), CATALOGUE)
    with pytest.raises(KeyError):
        computed(MoneyRule("cost", "unheard"), case(customer()), CATALOGUE)


def test_the_leases_of_these_tests_are_of_both_kinds() -> None:
    assert {COST.kind, CREDIT.kind} == {"cost", "credit"}
    assert MINUTE * 60 == HOUR


def test_what_is_picked_or_entered_first_is_asked_for_after_the_verification() -> None:
    picked = MoneyRule("refund", "disputed_items", {"kinds": ["feature"]})
    entered = MoneyRule("refund", "entered", {"most": 5000})
    templates = {"PICK": made("PICK", money=picked, verify=2), "READ": made("READ", money=entered)}
    catalogue = replace(CATALOGUE, templates=templates)

    def standing(code: str, level: int, kind: str = "feature", **inputs: Any) -> tuple[str, int | None]:
        rows = [{"kind": "fixed", "charge": kind, "name": "caller display", "amount": 300, "line": "c1-m"}]
        view = Customer(customer(bills=[{"account": "c1-a", "month": "2026-08", "issued": NOW - DAY, "lines": rows}]))
        case = Case(view, view.subscriptions[0], (), NOW, "agent", level=level, inputs=inputs)
        offer = assess(templates[code], case, catalogue)
        return offer.status, offer.amount

    assert standing("PICK", 0) == ("verify", None)
    assert standing("PICK", 2) == ("figures", None)
    assert standing("PICK", 2, items=["c1-a/2026-08/0"]) == ("available", 300)
    assert standing("PICK", 2, kind="voice")[0] == "inapplicable"
    assert standing("READ", 0) == ("figures", None)
    assert standing("READ", 0, receipt="77", amount=4200) == ("available", 4200)
