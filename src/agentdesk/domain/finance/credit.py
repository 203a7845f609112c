"""Credit (临时授信, 信用开机): it comes back, or it is collected; one at a time, and once in a billing cycle.

A promise or remedy of credit carries its own small life beside its state: `credit` is `running` until `credit_until`,
then `collecting`; `repaid` ends it. What runs or is collected is open work, and keeps the customer from the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import CREDIT_OUT, Document
from agentdesk.domain.finance.amounts import COUNTED
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.tiers import Tier

RUNNING, COLLECTING, REPAID = "running", "collecting", "repaid"
SAMPLE_DAYS: Mapping[str, int] = {"standard": 1, "vip": 2, "diamond": 3}
"""Days within which credit is to be repaid where the policy names none (policy §2)."""

CREDIT_TYPES = frozenset({"commitment", "remedy"})


def credit_fields(kind: str | None, amount: int, days: Mapping[Tier, int], tier: Tier, at: int) -> dict[str, Any]:
    """Return what a promise or remedy that gives credit begins its credit with; nothing for other money."""
    if kind != "credit" or amount <= 0:
        return {}
    return {"credit": RUNNING, "credit_until": at + (days.get(tier) or SAMPLE_DAYS[tier]) * DAY_MS}


def outstanding(work: Iterable[Document]) -> Document | None:
    """Return a promise or remedy whose credit isn't repaid, the one that is collected first."""
    found = [d for d in work if is_out(d)]
    found.sort(key=lambda d: d.data["credit"] != COLLECTING)
    return found[0] if found else None


def is_out(document: Document) -> bool:
    """Tell whether a document's credit isn't repaid yet."""
    return document.type in CREDIT_TYPES and document.data.get("credit") in CREDIT_OUT


def credit_in_cycle(case: Case, type_: str | None = None) -> Document | None:
    """Return the credit that the line had in this billing cycle already, repaid or not; of one type of document."""
    from agentdesk.domain.offering.offers import cycle_start  # it reaches this module through the conditions

    start = cycle_start(case.at)
    for document in case.work:
        data = document.data
        if (
            document.type in CREDIT_TYPES
            and type_ in (None, document.type)
            and data.get("money") == "credit"
            and data.get("state") in COUNTED
            and cycle_start(data.get("at") or 0) == start
            and (case.line is None or data.get("subscription") in (None, case.line.id))
        ):
            return document
    return None
