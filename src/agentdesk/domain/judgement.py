"""From a decision at the centre to its verdict. What was spoken to a customer is never refused (DOMAIN rule 3)."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.domain.condition.words import Reason
from agentdesk.domain.decide import Decision, Kind, Outcome, Refusal
from agentdesk.domain.documents import EVERY_FIELD, Document
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reasons; `decision` holds the changes to append, None when there are none."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    decision: Decision | None


def judge(operation: Operation, kind: Kind | None, outcome: Outcome | None, before: Document | None) -> Judgement:
    """Return the judgement on an operation; `before` is its document as it stood.

    A `kind` or `outcome` of None means that this server doesn't know the kind: held for a newer one.
    """
    if kind is None or outcome is None:
        return Judgement(Verdict.HELD, (Reason.of("newer_kind", kind=operation.kind),), None)
    if isinstance(outcome, Refusal):
        return Judgement(Verdict.HELD if kind.spoken else Verdict.REFUSED, (outcome.reason,), None)
    if outcome.held is not None:
        # a held promise is a document whose clock runs: its changes stand, marked as held
        return Judgement(Verdict.HELD, (outcome.held, *outcome.flags), outcome if kind.spoken else None)
    if outcome.flags:
        return Judgement(Verdict.FLAGGED, outcome.flags, outcome)
    newer = _newer_fields(operation, before)
    if newer:
        return Judgement(Verdict.MERGED, (Reason.of("newer_fields", fields=newer),), outcome)
    return Judgement(Verdict.APPLIED, (), outcome)


def _newer_fields(operation: Operation, before: Document | None) -> tuple[str, ...]:
    """Return the fields that another lineage wrote after the author of an operation had looked."""
    if before is None or not operation.seen:
        return ()
    return tuple(
        sorted(
            name
            for name, (rev, lineage) in before.revs.items()
            if lineage != operation.lineage and rev > operation.seen.get(name, operation.seen.get(EVERY_FIELD, 0))
        )
    )
