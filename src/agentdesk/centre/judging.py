"""Ruling a batch: all that its operations need is read in a few queries, they are folded in memory, and what
they changed is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from agentdesk.centre.allowances import Book, is_low, site_scope
from agentdesk.centre.appending import Appending
from agentdesk.centre.policies import Policies
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import LedgerLine, Receipt, Site
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import (
    ORG,
    WORK_WINDOW_MS,
    DayNeed,
    Decision,
    DocumentNeed,
    Kind,
    MalformedBody,
    MoneyFact,
    Need,
    Outcome,
    Refusal,
    Situation,
    UnknownKind,
    WorkNeed,
    decide,
    kind_of,
    needs,
)
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.fold import Fold
from agentdesk.domain.instant import Instant
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import SETTLED, Judgement, Verdict, judge
from agentdesk.replica.tables import encode


@dataclass(slots=True)
class Entry:
    """One operation of a batch on its way to a verdict.

    `operation` is None if it can't be read. What was found out before the rules stands in `problem` (held for it),
    `receipt` (it came before under another place) or `twin` (it came before in this batch).
    """

    seq: int
    hash: str
    digest: str
    head: str
    salt: str
    body: str
    id: str
    kind: str
    operation: Operation | None
    instant: Instant
    problem: Reason | None = None
    receipt: Receipt | None = None
    twin: Entry | None = None


class Ruled(NamedTuple):
    """A verdict with its reasons as JSON text, and where its last change stands."""

    verdict: Verdict
    reasons: str
    scope: str | None = None
    change: int | None = None


class _Asked(NamedTuple):
    """What an operation asks for: its kind (None: not known here), its needs, or why it can't say them."""

    kind: Kind | None
    needs: tuple[Need, ...] = ()
    refusal: Refusal | None = None


class Judging:
    """The rules over the operations of one site in one transaction; `low` afterwards: a lease wants topping up."""

    def __init__(self, tx: Transaction, site: Site, policies: Policies) -> None:
        self._tx = tx
        self._site = site
        self._scopes = frozenset(site.scopes)
        self._policies = policies
        self._verdicts: dict[str, Verdict] = {}
        self.low = False

    def rule(self, entries: list[Entry]) -> list[Ruled]:
        """Rule operations in order and write what they change; whatever is raised, nothing is remembered."""
        asked = {e.seq: _ask(e.operation) for e in entries if e.operation is not None and _is_open(e)}
        verdicts = {**self._earlier(entries), **self._verdicts}
        appending = Appending()
        fold = Fold(appending.number)
        known: dict[Key, Document] = {}
        earliest = min((e.instant.at_ms for e in entries), default=0)
        for document in self._load([need for a in asked.values() for need in a.needs], earliest):
            known[document.key] = document
        fold.load(known.values())
        book = Book(self._tx.leases(self._site.id))
        judged: list[tuple[Judgement, Document | None]] = []
        facts: list[tuple[Entry, MoneyFact]] = []
        for entry in entries:
            operation = entry.operation
            last: Document | None = None
            if operation is None or entry.seq not in asked:
                judgement = _unruled(entry)
            else:
                judgement = self._judge(entry, operation, asked[entry.seq], fold, book, verdicts)
                if judgement.decision is not None:
                    changes = judgement.decision.changes
                    documents = fold.apply(judgement.decision, operation.lineage)
                    appending.add(operation.id, changes, documents, known)
                    last = next((d for d in reversed(documents) if d.scope == operation.scope), None)
                    for fact in judgement.decision.money:
                        book.charge(fact)
                        facts.append((entry, fact))
            if entry.problem is None or entry.problem.code != "reused_id":
                verdicts[entry.id] = judgement.verdict
            judged.append((judgement, last))
        numbers = self._write(entries, appending, fold, book, facts, known)
        self._verdicts = verdicts
        result: dict[int, Ruled] = {}
        for entry, (judgement, last) in zip(entries, judged, strict=True):
            if entry.receipt is not None:
                r = entry.receipt
                result[entry.seq] = Ruled(Verdict(r.verdict), r.reasons, r.scope, r.change)
            elif entry.twin is not None and entry.twin.seq in result:
                result[entry.seq] = result[entry.twin.seq]
            else:
                scope = last.scope if last else None
                change = appending.real(last, numbers) if last else None
                result[entry.seq] = Ruled(judgement.verdict, _reasons(judgement.reasons), scope, change)
        return list(result.values())

    def _judge(
        self,
        entry: Entry,
        operation: Operation,
        asked: _Asked,
        fold: Fold,
        book: Book,
        verdicts: Mapping[str, Verdict],
    ) -> Judgement:
        at = entry.instant.at_ms
        outcome: Outcome | None = asked.refusal
        if asked.kind is not None and outcome is None:
            catalogue, published = self._policies.get(self._tx, operation.catalogue)
            situation = Situation(fold.answers(asked.needs, at), catalogue, at, book.allowance(operation.allowance))
            outcome = decide(operation, situation)
            if isinstance(outcome, Decision):
                if not published:
                    unknown = Reason.of("catalogue_unknown", version=operation.catalogue)
                    outcome = replace(outcome, flags=(*outcome.flags, unknown))
                outcome = _within_lease(operation, situation, outcome)
        blocked = _blocked(operation, verdicts)
        if blocked is not None:
            if isinstance(outcome, Decision):
                outcome = replace(outcome, held=outcome.held or blocked)
            else:
                return Judgement(Verdict.HELD, (blocked,), None)
        judgement = judge(operation, asked.kind, outcome, fold.get(operation.scope, operation.document))
        decision = judgement.decision
        if decision is not None and not all(c.scope in self._scopes for c in decision.changes):
            return Judgement(Verdict.HELD, (Reason.of("foreign_scope", scope=operation.scope),), None)
        return judgement

    def _earlier(self, entries: Iterable[Entry]) -> dict[str, Verdict]:
        """Return the verdicts on what the batch depends on and brings not itself."""
        deps = {d for e in entries if e.operation is not None for d in e.operation.deps} - {e.id for e in entries}
        found: dict[str, Verdict] = {}
        for receipt in self._tx.receipts(self._site.id, deps) if deps else ():
            verdict = Verdict(receipt.verdict)
            if found.get(receipt.id) not in SETTLED:
                found[receipt.id] = verdict
        return found

    def _load(self, wanted: Iterable[Need], earliest: int) -> Iterable[Document]:
        """Read what operations need; what lies outside the site's scopes isn't there for it."""
        ids: dict[str, set[str]] = {}
        customers: dict[str, set[str]] = {}
        owners: dict[str, set[str]] = {}
        since: dict[str, int] = {}
        for need in wanted:
            if need.scope not in self._scopes:
                continue
            if isinstance(need, DocumentNeed):
                ids.setdefault(need.scope, set()).add(need.id)
            elif isinstance(need, WorkNeed):
                customers.setdefault(need.scope, set()).add(need.customer)
            elif isinstance(need, DayNeed):
                owners.setdefault(need.scope, set()).add(need.owner)
                since[need.scope] = min(need.since, since.get(need.scope, need.since))
        tx = self._tx
        for scope in sorted(customers):
            yield from tx.lock_documents(scope, sorted(customers[scope]))
        for scope in sorted(ids):
            rest = sorted(ids[scope] - customers.get(scope, set()))
            # agents are everybody's: to lock them would make all sites wait for each other
            yield from tx.documents(scope, rest) if scope == ORG else tx.lock_documents(scope, rest)
        for scope in sorted(customers):
            yield from tx.work(scope, customers[scope], earliest - WORK_WINDOW_MS)
        for scope in sorted(owners):
            yield from tx.made_by(scope, owners[scope], since[scope])

    def _write(
        self,
        entries: list[Entry],
        appending: Appending,
        fold: Fold,
        book: Book,
        facts: list[tuple[Entry, MoneyFact]],
        known: dict[Key, Document],
    ) -> dict[str, int]:
        tx, site = self._tx, self._site
        leased = book.settle(tx)
        if leased:
            for document in tx.lock_documents(site_scope(site.id), [change.id for change in leased]):
                known[document.key] = document
                fold.load([document])
            first = next(e.operation for e, _ in facts if e.operation is not None)
            appending.add(first.id, leased, fold.apply(Decision(tuple(leased)), first.lineage), known)
            self.low = is_low(tx.leases(site.id))
        if facts:
            tx.add_ledger(_ledger(site, facts))
        return appending.write(tx)


def _is_open(entry: Entry) -> bool:
    return entry.problem is None and entry.receipt is None and entry.twin is None


def _ask(operation: Operation) -> _Asked:
    try:
        kind = kind_of(operation)
    except UnknownKind:
        return _Asked(None)
    try:
        return _Asked(kind, needs(operation))
    except MalformedBody as error:
        return _Asked(kind, (), Refusal(Reason.of("malformed", detail=str(error))))


def _unruled(entry: Entry) -> Judgement:
    """Return the judgement on what never comes to the rules."""
    if entry.receipt is not None:
        return Judgement(Verdict(entry.receipt.verdict), (), None)
    reasons = (entry.problem,) if entry.problem else ()
    return Judgement(Verdict.HELD, reasons, None)


def _blocked(operation: Operation, verdicts: Mapping[str, Verdict]) -> Reason | None:
    """Return why an operation can't stand: something that it depends on doesn't, or never came."""
    for dependency in operation.deps:
        verdict = verdicts.get(dependency)
        if verdict is None:
            return Reason.of("dependency_missing", operation=dependency)
        if verdict not in SETTLED:
            return Reason.of("dependency", operation=dependency, verdict=verdict.value)
    return None


def _within_lease(operation: Operation, situation: Situation, decision: Decision) -> Decision:
    """Flag a promise that its lease doesn't cover, or whose lease is of the other kind of money."""
    allowance = situation.allowance
    for fact in decision.money:
        if fact.amount <= 0 or any(f.code in ("allowance", "no_allowance") for f in decision.flags):
            continue
        if allowance is None or allowance.kind != fact.kind:
            return replace(decision, flags=(*decision.flags, Reason.of("no_allowance")))
        if fact.amount > allowance.left:
            beyond = Reason.of("over_allowance", left=allowance.left, kind=fact.kind)
            return replace(decision, flags=(*decision.flags, beyond))
    return decision


def _reasons(reasons: tuple[Reason, ...]) -> str:
    if not reasons:
        return "[]"
    return encode([{"code": reason.code, "values": dict(reason.values)} for reason in reasons])


def _ledger(site: Site, facts: Iterable[tuple[Entry, MoneyFact]]) -> list[LedgerLine]:
    lines: list[LedgerLine] = []
    for entry, fact in facts:
        line = lines[-1].line + 1 if lines and lines[-1].seq == entry.seq else 1
        lineage = entry.operation.lineage if entry.operation else ""
        lines.append(
            LedgerLine(
                site.id,
                lineage,
                entry.seq,
                line,
                entry.id,
                fact.kind,
                fact.amount,
                fact.allowance,
                fact.scope,
                fact.customer,
                fact.commitment,
                fact.department,
                entry.instant.at_ms,
            )
        )
    return lines
