"""What speaks for an offer beside its own boosts: why somebody calls, what he was warned of, what he was promised.

Nothing here decides what may be promised: it orders what is offered, and gives each offer the reason it is there for.
Offers to stay keep silent where `warnings.silence` says so, and nothing ever ranks above what a call is `first` about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import is_open
from agentdesk.domain.profile.warnings import silence, warnings_of

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.policy import Catalogue

ASKED, ASKED_STEP = 120, 5
"""Points of what a call is about, and how much less each next one in the reason's list has."""
WARNED, WARNED_STEP = 3, 1
"""Points of what answers a warning: they order what is there, and bring nothing up on their own."""
PROMISED = -30
"""Points of what this line is promised already."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Points for one template, and the reason in words to be."""

    points: int
    why: Reason


@dataclass(frozen=True, slots=True)
class Leads:
    """What speaks for and against templates in a case, by code.

    `first` come before everything else; `silent` aren't offered by the desk itself, `hush` says why.
    """

    leads: Mapping[str, Lead] = field(default_factory=dict)
    first: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    hush: Reason | None = None

    def points(self, code: str) -> int:
        lead = self.leads.get(code)
        return lead.points if lead else 0


NOTHING = Leads()


def leads_of(case: Case, catalogue: Catalogue) -> Leads:
    """Return what speaks for templates in a case."""
    policy = catalogue.customers
    if not policy.warnings and not policy.reasons:
        return NOTHING
    found: dict[str, Lead] = {}
    reason = policy.reason_of(case.matter)
    if reason is not None:
        for place, code in enumerate((*reason.first, *reason.offers)):
            found[code] = Lead(max(1, ASKED - ASKED_STEP * place), Reason.of("lead_matter", matter=reason.id))
    for warned in warnings_of(case, catalogue):
        for place, code in enumerate(warned.offers):
            _add(found, code, max(1, WARNED - WARNED_STEP * place), Reason.of("lead_warning", warning=warned.rule.code))
    for promise in case.promises:
        data = promise.data
        code = str(data.get("template") or "")
        same_line = case.line is None or data.get("subscription") in (None, case.line.id)
        if is_open(promise) and same_line:
            found[code] = Lead(PROMISED, Reason.of("lead_promised", number=data.get("number")))
    hush = silence(case, catalogue)
    asked = {*reason.offers, *reason.first} if reason is not None else set()
    silent = frozenset(policy.retention) - asked if hush is not None else frozenset()
    return Leads(found, frozenset(reason.first) if reason else frozenset(), silent, hush)


def _add(found: dict[str, Lead], code: str, points: int, why: Reason) -> None:
    before = found.get(code)
    found[code] = Lead(points + before.points, before.why) if before else Lead(points, why)
