"""Service in building blocks (积木式叠加): the standard, what the tier adds, what a club adds, what the years add.

Each right says which layer it comes from and why this customer has it, and whether it can be used now: seeds 003.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.domain.case import Case
from agentdesk.domain.condition.conditions import Reason, fails
from agentdesk.domain.offering.offers import assess
from agentdesk.domain.profile.customers import LAYERS, Right

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


@dataclass(frozen=True, slots=True)
class Entitled:
    """A right that a customer has: why he has it, and why it can't be used now (nothing where it can)."""

    right: Right
    why: Reason
    not_now: tuple[Reason, ...] = ()

    @property
    def usable(self) -> bool:
        return not self.not_now


def clubs_of(case: Case) -> tuple[str, ...]:
    """Return the clubs that a customer belongs to."""
    return tuple(str(club) for club in case.customer.document.data.get("clubs") or ())


def rights_of(case: Case, catalogue: Catalogue) -> tuple[Entitled, ...]:
    """Return the union of the layers for a customer, layer by layer, each right once."""
    found = []
    for right in catalogue.customers.rights.values():
        why = _why(right, case, catalogue)
        if why is not None:
            found.append(Entitled(right, why, _not_now(right, case, catalogue)))
    found.sort(key=lambda entitled: LAYERS.index(entitled.right.layer))
    return tuple(found)


def next_benefit(case: Case, catalogue: Catalogue) -> tuple[Right, int] | None:
    """Return the next right that the years will bring, and in how many months."""
    ahead = [
        (right.months - case.months_in_network, right)
        for right in catalogue.customers.rights.values()
        if right.layer == "tenure" and right.months > case.months_in_network
    ]
    if not ahead:
        return None
    months, right = min(ahead, key=lambda pair: pair[0])
    return right, months


def _why(right: Right, case: Case, catalogue: Catalogue) -> Reason | None:
    """Return why a customer has a right, None where he hasn't."""
    tier = case.tier(catalogue)
    if right.layer == "standard":
        return Reason.of("right_standard")
    if right.layer == "tier":
        return Reason.of("right_tier", card=case.customer.card, tier=tier) if tier in right.tiers else None
    if right.layer == "feature":
        return Reason.of("right_club", club=right.club) if right.club in clubs_of(case) else None
    months = case.months_in_network
    return Reason.of("right_tenure", months=right.months) if months >= right.months else None


def _not_now(right: Right, case: Case, catalogue: Catalogue) -> tuple[Reason, ...]:
    reasons = tuple(reason for test in right.needs if (reason := fails(test, case, catalogue)))
    template = catalogue.templates.get(right.offer or "")
    if template is None or reasons:
        return reasons
    offer = assess(template, case, catalogue)
    return () if offer.status == "available" else offer.reasons
