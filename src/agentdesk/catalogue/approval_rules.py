"""From the files' words about approvals and disputed promises to the policy's values."""

from __future__ import annotations

from agentdesk.catalogue.parts import both_of
from agentdesk.catalogue.schema import ApprovalsEntry, DisputesEntry
from agentdesk.domain.offering.approving import ApprovalRules, DisputeRules


def approvals_of(entry: ApprovalsEntry) -> ApprovalRules:
    """Return how superiors are asked."""
    return ApprovalRules(
        entry.answer,
        entry.use,
        entry.later,
        both_of(entry.ask),
        both_of(entry.tell),
        both_of(entry.declined),
    )


def disputes_of(entry: DisputesEntry) -> DisputeRules:
    """Return what is said about disputed promises."""
    return DisputeRules(both_of(entry.taken), both_of(entry.honoured), both_of(entry.dismissed))
