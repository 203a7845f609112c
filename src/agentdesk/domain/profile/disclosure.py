"""What a caller may hear and get at which level of verification: the one table that every card, screen and flow asks.

Levels are those of DOMAIN rule 11. The sample follows the policy: level 0 is for what concerns everybody, 1 for how
work on the line that rings goes on, 2 for money and contracts, 3 for what a certificate is needed for. What may be
promised says each template by itself (`Template.verify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.domain.condition.words import Reason
    from agentdesk.domain.policy import Template

NOBODY, OWN_NUMBER, VERIFIED, ID_CARD = 0, 1, 2, 3

FACTS: Mapping[str, int] = {
    "tariff": NOBODY,
    "outlet": NOBODY,
    "outage": NOBODY,
    "ticket_number": NOBODY,
    "appointment_time": NOBODY,
    "rights_standard": NOBODY,
    "progress": OWN_NUMBER,
    "engineer": OWN_NUMBER,
    "plan": OWN_NUMBER,
    "stopped": OWN_NUMBER,
    "rights": OWN_NUMBER,
    "points": OWN_NUMBER,
    "arrears": OWN_NUMBER,
    "name": VERIFIED,
    "balance": VERIFIED,
    "bill": VERIFIED,
    "contract": VERIFIED,
    "services": VERIFIED,
    "usage": VERIFIED,
    "whereabouts": VERIFIED,
    "payment": VERIFIED,
    "credits": VERIFIED,
    "people": VERIFIED,
    "address": VERIFIED,
    "contacts": VERIFIED,
    "certificate": ID_CARD,
    "call_detail": ID_CARD,
}
"""The level from which a fact may be told, by fact."""

WARNINGS: Mapping[str, str] = {
    "stopped": "stopped",
    "arrears": "arrears",
    "payment_due": "bill",
    "no_bill": "bill",
    "contract_ending": "contract",
    "contract_ended": "contract",
    "churn": "churn",
    "package_fit": "usage",
    "single_sim": "plan",
    "repeat": "progress",
    "broken_promise": "progress",
    "incident": "outage",
    "credit_runs": "credits",
    "credit_overdue": "credits",
}
"""The fact that a warning on the card tells, by the warning's code."""

INTERNAL = frozenset({"value", "portrait", "limits", "churn", "flags", "other_people"})
"""What is never told, and hidden where the customer looks on (客户可见)."""

_CONDITIONS: Mapping[str, frozenset[str]] = {
    "stopped": frozenset({"stopped", "not_stopped_for", "active", "closed"}),
    "arrears": frozenset({"arrears", "no_arrears"}),
    "credits": frozenset({"credit_repaid"}),
    "plan": frozenset(
        {"months_in_network", "shared_line", "line_opened", "plan_changed", "account_lines", "roaming_pack", "segment"}
    ),
    "services": frozenset({"vas", "cancel_failed"}),
    "usage": frozenset({"overage", "throttled", "reminder_missed", "carry_over", "gift_due", "network_generation"}),
    "whereabouts": frozenset({"abroad", "roaming"}),
    "contract": frozenset({"contract_ends", "contract_running", "rebate_due"}),
    "balance": frozenset({"balance", "deposit_held", "payment_unposted"}),
    "bill": frozenset({"bill_above_mean", "content_charge", "third_party_charge"}),
    "payment": frozenset({"direct_debit", "debit_failed", "payer_is_company"}),
    "address": frozenset({"rural", "no_port"}),
    "certificate": frozenset({"certificate_expired"}),
    "rights": frozenset({"tier"}),
    "flags": frozenset({"flag", "no_flag"}),
    "portrait": frozenset({"portrait", "lifecycle"}),
    "outage": frozenset({"announcement"}),
    "progress": frozenset(
        {
            *("fault", "speed_below", "device_returned", "open_ticket", "no_open_ticket", "ticket_level", "repeat"),
            *("missed_visit", "pending_order", "broken_promise"),
        }
    ),
}

CONDITIONS: Mapping[str, str] = {name: fact for fact, names in _CONDITIONS.items() for name in names}
"""The fact that an offer's reason tells, by the name of the condition that moved it up."""

PLAIN_CONDITIONS = frozenset(
    {"line", "has_line", "verification_method", "repeat_contact", "dropped_call", "abandoned_call", "waited"}
)
"""Conditions that tell nothing that the caller didn't say or live through himself."""

_REASONS: Mapping[str, frozenset[str]] = {
    "stopped": frozenset({"stopped", "not_stopped", "stop_reason", "line_closed", "not_closed"}),
    "arrears": frozenset({"no_arrears", "arrears_above", "in_arrears"}),
    "credits": frozenset({"credit_open"}),
    "plan": frozenset(
        {"too_new", "not_shared", "not_new", "plan_unchanged", "few_lines", "no_roaming_pack", "other_segment"}
    ),
    "services": frozenset({"no_vas", "no_failed_cancel"}),
    "usage": frozenset(
        {"no_overage", "not_throttled", "reminder_sent", "nothing_to_carry", "no_gift_due", "other_network"}
    ),
    "whereabouts": frozenset({"not_abroad", "not_roaming"}),
    "contract": frozenset({"contract_runs", "no_contract", "no_rebate_due"}),
    "balance": frozenset({"small_balance", "no_deposit", "all_posted"}),
    "bill": frozenset({"usual_bill", "no_content_charge", "no_third_party_charge", "nothing_due"}),
    "payment": frozenset({"no_direct_debit", "debit_went_through", "pays_himself"}),
    "address": frozenset({"not_rural", "port_free"}),
    "certificate": frozenset({"certificate_valid"}),
    "rights": frozenset({"other_tier"}),
    "flags": frozenset({"customer_flag", "no_flag"}),
    "portrait": frozenset({"other_portrait", "other_lifecycle"}),
    "outage": frozenset({"no_announcement"}),
    "limits": frozenset(
        {"above_authority", "customer_90_days", "agent_day_cost", "agent_day_promises", "allowance", "no_allowance"}
    ),
    "progress": frozenset(
        {
            *("no_fault", "fault_too_new", "no_speed_test", "device_out", "no_ticket", "ticket_open", "level_below"),
            *("no_repeat", "no_missed_visit", "no_order", "no_broken_promise", "once_per_cycle", "lead_promised"),
        }
    ),
}

REASONS: Mapping[str, str] = {code: fact for fact, codes in _REASONS.items() for code in codes}
"""The fact that a reason beside an offer tells, by its code; one that isn't here tells the policy's rule alone."""


def fact_of(reason: Reason) -> str | None:
    """Return the fact that a reason's words tell of the customer; None where they tell of none."""
    if reason.code == "because":
        return CONDITIONS.get(str(reason.values.get("condition")))
    if reason.code == "lead_warning":
        return WARNINGS.get(str(reason.values.get("warning")))
    return REASONS.get(reason.code)


def may_tell(fact: str, level: int) -> bool:
    """Tell whether a caller of a level may hear a fact; one that the table doesn't know is for level 3."""
    return fact not in INTERNAL and level >= FACTS.get(fact, ID_CARD)


def level_for(fact: str) -> int:
    """Return the level that a fact needs."""
    return FACTS.get(fact, ID_CARD)


def may_get(template: Template, level: int) -> bool:
    """Tell whether a caller of a level may be promised a template."""
    return level >= template.verify
