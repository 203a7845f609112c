"""The small catalogue with rules for tickets: pauses, windows for repeats, a ladder, causes, clocks of both kinds."""

from __future__ import annotations

from dataclasses import replace

from agentdesk.domain.policy import ClassNode, Limit, TicketClock
from agentdesk.domain.rules import PauseRule, TicketRules
from tests.policy import CATALOGUE as SMALL
from tests.policy import both, limits

CLASSES = (
    ClassNode("fault", both("fault"), "symptom", "fault"),
    ClassNode("fault.broadband", both("broadband"), "symptom", "fault", "network"),
    ClassNode("fault.broadband.drops", both("drops"), "symptom", "fault", "network"),
    ClassNode("fault.mobile", both("mobile"), "symptom", "fault", "network"),
    ClassNode("fault.mobile.slow", both("slow"), "symptom", "fault", "network"),
    ClassNode("complaint.billing", both("billing"), "symptom", "complaint", "service"),
    ClassNode("complaint.billing.twice", both("twice"), "symptom", "complaint", "service"),
    ClassNode("inquiry.tariff", both("tariff"), "symptom", "inquiry", "service"),
    ClassNode("cause.fault", both("cause"), "cause", "fault"),
    ClassNode("cause.fault.line", both("line"), "cause", "fault", "network"),
    ClassNode("cause.fault.line.cut", both("cut"), "cause", "fault", "network"),
)

CATALOGUE = replace(
    SMALL,
    classes={**SMALL.classes, **{node.code: node for node in CLASSES}},
    tickets={
        **SMALL.tickets,
        "fault.rural": TicketClock("fault.rural", limits(60 * 60), Limit(72 * 60)),
        "complaint.escalated": TicketClock("complaint.escalated", limits(48 * 60), Limit(15 * 24 * 60)),
        "appeal": TicketClock("appeal", limits(2 * 24 * 60), Limit(10 * 24 * 60)),
        "request": TicketClock("request", limits(600, "office")),
        "inquiry": TicketClock("inquiry", limits(24 * 60)),
    },
    rules=replace(
        SMALL.rules,
        repeat_days={"fault": 7, "complaint": 30, "inquiry": 3},
        ladder={"team_leader": 0, "manager": 240},
        tickets=TicketRules(
            pauses={
                "customer_later": PauseRule(both("later"), 90 * 24 * 60),
                "unreachable": PauseRule(both("unreachable"), 2 * 24 * 60, tries=3),
            },
            expert_first=("fault.mobile",),
            exempt=("inquiry",),
        ),
    ),
)
