"""Judging what was held once more, with what is known today: at most one effect, whatever was done before.

An operation that was held without effect is decided as if it came now, at its own instant. One that was spoken to a
customer may have its effect already: the promise stands as a document whose clock runs. Then only what the hold kept
from it is made good: its mark is taken away, what wasn't known then is filled in where nobody has written since, and
the ledger gets the difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from agentdesk.centre.storage.rows import LedgerLine, Receipt
from agentdesk.domain.decide import Allowance, Decision, Kind, MoneyFact, Outcome, Refusal, Situation, decide, released
from agentdesk.domain.documents import Change, Document, is_open, revision_of
from agentdesk.domain.judgement import Judgement
from agentdesk.domain.needs import Answers
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict

_OWN = frozenset({"state", "moves", "flags", "held_by", "held_from"})
"""Fields of a document that more than its first operation writes."""


@dataclass(frozen=True, slots=True)
class Again:
    """What is known of an operation that is judged again.

    `receipt` is its verdict so far, `booked` its lines of the ledger; `allowed`: a person wants it to stand.
    """

    receipt: Receipt
    booked: tuple[LedgerLine, ...] = ()
    allowed: bool = False

    @property
    def stands(self) -> bool:
        """Tell whether the operation has its effect already."""
        return self.receipt.change is not None


def judge_standing(
    operation: Operation, kind: Kind, again: Again, situation: Situation, document: Document | None
) -> Judgement:
    """Return the judgement on an operation whose effect stands; its decision only makes good what the hold kept."""
    if document is None:
        return Judgement(Verdict.HELD, (), None)
    own = replace(situation, answers=_without(situation.answers, document), allowance=_before(again, situation))
    outcome: Outcome = decide(operation, situation)
    made = isinstance(outcome, Refusal) and outcome.reason.code == "exists_already"
    if made:
        outcome = decide(operation, own)
    if isinstance(outcome, Refusal):
        if not again.allowed:
            return Judgement(Verdict.HELD, (outcome.reason,), None)
        outcome = Decision((), flags=(outcome.reason,))
    if outcome.held is not None:
        return Judgement(Verdict.HELD, (outcome.held, *outcome.flags), None)
    fields = released(document, operation)
    marks = list(document.data.get("flags") or ())
    new = [flag.code for flag in outcome.flags if flag.code not in marks]
    if new and kind.spoken:
        fields["flags"] = marks + new
    if made:
        fields |= _filled(document, outcome, again)
    audience = tuple(dict.fromkeys(scope for change in outcome.changes for scope in change.audience))
    changes: tuple[Change, ...] = ()
    if fields:
        changes = (Change(document.scope, document.id, document.type, fields, audience),)
    if made:
        changes += _taken(outcome, own)
    money = _difference(outcome.money, again.booked) if made and is_open(document) else ()
    verdict = Verdict.FLAGGED if outcome.flags else Verdict.APPLIED
    return Judgement(verdict, outcome.flags, Decision(changes, money))


def _without(answers: Answers, document: Document) -> Answers:
    """Return answers as they were before a document was made."""
    found = {need: tuple(d for d in some if d.key != document.key) for need, some in answers.found.items()}
    return Answers(found, answers.partial)


def _before(again: Again, situation: Situation) -> Allowance | None:
    """Return the allowance as it was before the operation was charged to it."""
    lease = situation.allowance
    if lease is None:
        return None
    return replace(lease, left=lease.left + sum(x.amount for x in again.booked if x.allowance == lease.id))


def _filled(document: Document, outcome: Decision, again: Again) -> dict[str, Any]:
    """Return what wasn't known when a document was made, where nobody has written since."""
    change = next((c for c in outcome.changes if (c.scope, c.id) == document.key), None)
    if change is None:
        return {}
    return {
        name: value
        for name, value in change.fields.items()
        if name not in _OWN and document.data.get(name) != value and revision_of(document, name) == again.receipt.change
    }


def _taken(outcome: Decision, situation: Situation) -> tuple[Change, ...]:
    """Return what marks an approval as used that wasn't there yet when something was given on it."""
    marks = []
    for change in outcome.changes:
        approval = situation.answers.document(change.scope, change.id)
        if change.type == "approval" and approval is not None and approval.data.get("used_by") is None:
            marks.append(change)
    return tuple(marks)


def _difference(wanted: tuple[MoneyFact, ...], booked: tuple[LedgerLine, ...]) -> tuple[MoneyFact, ...]:
    """Return what is yet to be booked, so that the ledger has what is wanted, and once."""
    missing = list(wanted)
    undone = []
    for line in booked:
        same = next(
            (f for f in missing if (f.kind, f.amount, f.allowance) == (line.kind, line.amount, line.allowance)), None
        )
        if same is not None:
            missing.remove(same)
        else:
            undone.append(
                MoneyFact(
                    line.kind,
                    -line.amount,
                    line.allowance,
                    line.scope,
                    line.customer,
                    line.commitment,
                    line.department,
                )
            )
    return (*undone, *missing)
