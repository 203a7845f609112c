"""A small catalogue for tests: one template for each thing that a template can ask for. Invented, like its figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from agentdesk.domain.policy import (
    TIERS,
    Bilingual,
    Boost,
    Card,
    Catalogue,
    ClassNode,
    Condition,
    Department,
    MoneyRule,
    Offline,
    Role,
    Rules,
    SixHaves,
    StationClock,
    Template,
    TicketClock,
    Tier,
    TierRule,
)
from agentdesk.domain.rules import ChannelRule, GroupRules, LabelRule
from agentdesk.domain.times.calendar import BusinessCalendar, Limit, week
from tests import knowledge

VERSION = "test-1"


def both(text: str) -> Bilingual:
    return Bilingual(f"{text} 中", text)


def per_tier(standard: int, vip: int, diamond: int) -> dict[Tier, int]:
    return {"standard": standard, "vip": vip, "diamond": diamond}


def limits(minutes: int, calendar: str = "") -> dict[Tier, Limit]:
    limit = Limit(minutes, "working", calendar) if calendar else Limit(minutes)
    return dict.fromkeys(TIERS, limit)


SIX = SixHaves(both("target"), both("measures"), both("owner"), both("limit"), both("supervision"), both("assessment"))


def template(
    code: str,
    *,
    applies: tuple[Condition, ...] = (),
    verify: int = 0,
    minutes: int = 60,
    calendar: str = "",
    offline: Offline | None = None,
    money: MoneyRule | None = None,
    closing: Literal["call", "proof"] = "proof",
    **more: Any,
) -> Template:
    return Template(
        code=code,
        programme="test",
        group="test",
        source="sample",
        name=both(code),
        note=both(f"about {code}"),
        verify=verify,
        applies=applies,
        limits=limits(minutes, calendar),
        department=more.pop("department", "service"),
        offline=offline or Offline("same"),
        ask=both("may I, by {due}?"),
        tell=both("it is promised, number {number}"),
        six=SIX,
        money=money,
        closing=closing,
        **more,
    )


MOBILE = Condition("line", {"kinds": ["mobile"]})
LATER = Offline("later", Limit(240), both("may I, later?"), both("promised for later"))

TEMPLATES = (
    # anybody may get it, and it holds with the line down
    template("CALL", weight=5, boosts=(Boost(Condition("broken_promise"), 20),)),
    # other words and another limit with the line down; the customer is asked afterwards
    template("VISIT", minutes=120, calendar="office", offline=LATER, closing="call", weight=4, law=Limit(48 * 60)),
    # not with the line down
    template("SIM", verify=2, offline=Offline("none", instead="CALL"), weight=3),
    # cost: the overage above the package rate, once in a billing cycle
    template(
        "RATE",
        applies=(MOBILE, Condition("overage")),
        money=MoneyRule("cost", "overage"),
        once_per="cycle",
        weight=9,
        closing="call",
    ),
    # credit with ceilings by tier; either of two counts
    template(
        "POWER",
        applies=(MOBILE, Condition("stopped", {"reasons": ["arrears"]})),
        money=MoneyRule(
            "credit", "arrears_cover", {"step": 1000, "room": 1000}, ceilings=per_tier(10000, 20000, 30000)
        ),
        once_per="cycle",
        once_with=("POWER2",),
        minutes=10,
        offline=LATER,
        verify=1,
        weight=20,
        boosts=(Boost(Condition("stopped", {"reasons": ["arrears"]}), 30),),
    ),
    template(
        "POWER2",
        applies=(MOBILE,),
        money=MoneyRule("credit", "fixed", {"amount": 5000}),
        once_per="cycle",
        once_with=("POWER",),
    ),
    # what the law gives: no tier, no ceiling, but its own amount
    template("LAW", applies=(MOBILE,), money=MoneyRule("cost", "month_fee", {"percent": 10}, statutory=True)),
    # cost as often as one likes, so that sums matter
    template("GIFT", applies=(MOBILE,), money=MoneyRule("cost", "fixed", {"amount": 2000}), callers=("owner", "agent")),
)

ROLES = (
    Role("agent", both("agent"), 10, per_tier(5000, 10000, 20000), daily_cost=200_000, daily_promises=8),
    Role("expert", both("expert"), 20, per_tier(10000, 20000, 30000)),
    Role("manager", both("manager"), 40, per_tier(100000, 200000, 500000), approves=True),
    Role("team_leader", both("team leader"), 30, per_tier(30000, 50000, 100000), approves=True),
    Role("department_handler", both("handler"), 0, per_tier(0, 0, 0)),
)

GROUP = GroupRules(
    common_tickets=3,
    publishes=("agent", "team_leader"),
    manages=("agent", "team_leader"),
    away_department="service",
    labels={
        "nuisance": LabelRule(both("nuisance"), 30, both("goodbye"), both("faults are taken")),
        "threat": LabelRule(both("threat"), 90, both("I end the call"), both("safety first")),
        "silent": LabelRule(both("silent"), 7, both("I hear nothing"), both("wait")),
    },
    channels={"hotline": ChannelRule(both("hotline"), 30), "sms": ChannelRule(both("SMS"), 10)},
)

OFFICE = BusinessCalendar(
    "office",
    week([(9 * 60, 12 * 60), (13 * 60, 18 * 60)]),
    holidays=frozenset({date(2026, 10, day) for day in range(1, 8)}),
    workdays=frozenset({date(2026, 10, 10)}),
)


def by_id(items: tuple[Any, ...]) -> Mapping[str, Any]:
    return {item.id: item for item in items}


CATALOGUE = Catalogue(
    version=VERSION,
    tiers={
        "standard": TierRule("standard", both("standard"), "--", 3000, 10000),
        "vip": TierRule("vip", both("VIP"), "++", 5000, 20000),
        "diamond": TierRule("diamond", both("diamond"), "<>", 10000, 50000),
    },
    cards=by_id(
        (
            Card("ordinary", both("ordinary"), "standard"),
            Card("gold", both("gold"), "vip"),
            Card("supreme", both("supreme"), "diamond"),
        )
    ),
    roles=by_id(ROLES),
    departments=by_id(
        (Department("service", both("service"), "office"), Department("network", both("network"), "office"))
    ),
    calendars={"office": OFFICE},
    services=knowledge.SERVICES,
    flows=knowledge.FLOWS,
    scripts=knowledge.SCRIPTS,
    plans=knowledge.PLANS,
    mix=knowledge.MIX,
    templates={t.code: t for t in TEMPLATES},
    tickets={
        "fault": TicketClock("fault", limits(36 * 60), Limit(48 * 60)),
        "fault.rural": TicketClock("fault.rural", limits(60 * 60), Limit(72 * 60)),
        "complaint": TicketClock("complaint", limits(5 * 24 * 60), Limit(15 * 24 * 60)),
        "appeal": TicketClock("appeal", {}, Limit(10 * 24 * 60)),
    },
    stations={
        "front": StationClock("front", limits(30)),
        "expert": StationClock("expert", limits(120, "office")),
        "department_accept": StationClock("department_accept", limits(30, "office")),
        "department_reply": StationClock("department_reply", {}, per_tier(240, 180, 120)),
        "resend": StationClock("resend", limits(60)),
        "follow_up": StationClock("follow_up", limits(24 * 60)),
    },
    classes={"fault.rural": ClassNode("fault.rural", both("rural fault"), "symptom", "fault", "network")},
    rules=Rules(group=GROUP),
)
