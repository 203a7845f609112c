"""What a caller may hear and get at which level of verification: the one table that every card, screen and flow asks.

Levels are those of DOMAIN rule 11. The sample follows the policy: level 0 is for what concerns everybody, 1 for how
work on the line that rings goes on, 2 for money and contracts, 3 for what a certificate is needed for. What may be
promised says each template by itself (`Template.verify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

INTERNAL = frozenset({"value", "portrait", "limits", "churn", "other_people"})
"""What is never told, and hidden where the customer looks on (客户可见)."""


def may_tell(fact: str, level: int) -> bool:
    """Tell whether a caller of a level may hear a fact; one that the table doesn't know is for level 3."""
    return fact not in INTERNAL and level >= FACTS.get(fact, ID_CARD)


def level_for(fact: str) -> int:
    """Return the level that a fact needs."""
    return FACTS.get(fact, ID_CARD)


def may_get(template: Template, level: int) -> bool:
    """Tell whether a caller of a level may be promised a template."""
    return level >= template.verify
