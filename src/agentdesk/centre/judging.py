"""Ruling a batch: all that its operations need is read in a few queries, they are folded in memory, and what
they changed is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from agentdesk.centre import telling
from agentdesk.centre.again import Again, judge_standing
from agentdesk.centre.allowances import owe_top_up
from agentdesk.centre.appending import Appending
from agentdesk.centre.charging import Book
from agentdesk.centre.gathering import gather
from agentdesk.centre.leases import site_scope
from agentdesk.centre.pins import is_proved
from agentdesk.centre.policies import Policies
from agentdesk.centre.storage.contract import StorageError, Transaction
from agentdesk.centre.storage.rows import Job, LedgerLine, Receipt, Site
from agentdesk.centre.timetable import keep
from agentdesk.domain.access import method_of
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import (
    Decision,
    Kind,
    MalformedBody,
    MoneyFact,
    Outcome,
    Refusal,
    Situation,
    UnknownKind,
    decide,
    kind_of,
    needs,
)
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.judgement import Judgement, judge
from agentdesk.domain.language.fold import Fold
from agentdesk.domain.needs import Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.instant import Instant
from agentdesk.domain.times.timers import CENTRE
from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.replica.tables import encode


@dataclass(slots=True)
class Entry:
    """One operation of a batch on its way to a verdict.

    `operation` is None if it can't be read. What was found out before the rules stands in `problem` (held for it),
    `receipt` (it came before under another place) or `twin` (it came before in this batch). `again`: it was judged
    before, and is judged once more.
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
    again: Again | None = None


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
    """The rules over the operations of one site in one transaction; `low` afterwards: a lease wants topping up.

    `instead` names for operations that were withdrawn those that took their place: who depends on one, depends on
    the other. With the centre's own `secret` it is checked what was signed with a PIN.
    """

    def __init__(
        self,
        tx: Transaction,
        site: Site,
        policies: Policies,
        instead: Mapping[str, str] | None = None,
        secret: bytes | None = None,
    ) -> None:
        self._tx = tx
        self._site = site
        self._scopes = frozenset(site.scopes)
        self._policies = policies
        self._instead = instead or {}
        self._secret = secret
        self._verdicts: dict[str, Verdict] = {}
        self._newest: Catalogue | None = None
        self.low = False

    def rule(self, entries: list[Entry]) -> list[Ruled]:
        """Rule operations in order and write what they change; whatever is raised, nothing is remembered."""
        asked = {id(e): _ask(e.operation) for e in entries if e.operation is not None and _is_open(e)}
        verdicts = {**self._earlier(entries), **self._verdicts}
        appending = Appending()
        fold = Fold(appending.number)
        known: dict[Key, Document] = {}
        earliest = min((e.instant.at_ms for e in entries), default=0)
        ruled = [e.operation for e in entries if id(e) in asked and e.operation is not None]
        wanted = [need for a in asked.values() for need in a.needs]
        for document in gather(self._tx, self._scopes, ruled, wanted, earliest):
            known[document.key] = document
        fold.load(known.values())
        book = Book(self._tx.leases(self._site.id), self._site.id)
        judged: list[tuple[Judgement, Document | None]] = []
        jobs: list[Job] = []
        facts: list[tuple[Entry, MoneyFact]] = []
        for entry in entries:
            operation = entry.operation
            last: Document | None = None
            if operation is None or id(entry) not in asked:
                judgement = _unruled(entry)
            else:
                judgement = self._judge(entry, operation, asked[id(entry)], fold, book, verdicts)
                if judgement.decision is not None:
                    changes = judgement.decision.changes
                    documents = fold.apply(judgement.decision, operation.lineage)
                    appending.add(operation.id, changes, documents, known)
                    jobs += telling.owed(documents, entry.instant.at_ms)
                    last = next((d for d in reversed(documents) if d.scope == operation.scope), None)
                    for fact in judgement.decision.money:
                        book.charge(fact, entry.id, entry.instant.at_ms)
                        facts.append((entry, fact))
                    book.give_up(operation.allowance, judgement.decision.returned, entry.id, entry.instant.at_ms)
            if entry.problem is None or entry.problem.code != "reused_id":
                verdicts[entry.id] = judgement.verdict
            judged.append((judgement, last))
        numbers = self._write(entries, appending, fold, book, facts, known)
        for job in jobs:
            self._tx.put_job(job)
        self._verdicts = verdicts
        result: dict[int, Ruled] = {}
        for entry, (judgement, last) in zip(entries, judged, strict=True):
            if entry.receipt is not None:
                r = entry.receipt
                result[id(entry)] = Ruled(Verdict(r.verdict), r.reasons, r.scope, r.change)
            elif entry.twin is not None and id(entry.twin) in result:
                result[id(entry)] = result[id(entry.twin)]
            else:
                scope = last.scope if last else None
                change = appending.real(last, numbers) if last else None
                if last is None and entry.again is not None:
                    scope, change = entry.again.receipt.scope, entry.again.receipt.change
                result[id(entry)] = Ruled(judgement.verdict, _reasons(judgement.reasons), scope, change)
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
        at, again = entry.instant.at_ms, entry.again
        outcome: Outcome | None = asked.refusal
        blocked, final = _blocked(operation, verdicts, self._instead)
        if asked.kind is not None and outcome is None:
            catalogue, published = self._policies.get(self._tx, operation.catalogue)
            situation = Situation(
                fold.answers(asked.needs, at),
                catalogue,
                at,
                book.allowance(operation.allowance),
                None,
                blocked,
                newest=self._in_force(),
                places=self._scopes,
                proved=self._is_proved(operation),
            )
            if again is not None:
                # who waits for another operation is nobody's to let go, but for words said on one that never comes
                allowed = again.allowed and (blocked is None or (final and asked.kind.spoken))
                situation = replace(situation, allowed=allowed)
                if again.stands:
                    document = fold.get(operation.scope, operation.document)
                    return judge_standing(operation, asked.kind, again, situation, document)
            outcome = decide(operation, situation)
            if isinstance(outcome, Decision):
                if not published:
                    unknown = Reason.of("catalogue_unknown", version=operation.catalogue)
                    outcome = replace(outcome, flags=(*outcome.flags, unknown))
                if self._site.id != CENTRE:  # which has no lease: what it gives is booked to the budget itself
                    outcome = _within_lease(situation, outcome)
        if blocked is not None and not isinstance(outcome, Decision):
            return Judgement(Verdict.HELD, (blocked,), None)
        judgement = judge(operation, asked.kind, outcome, fold.get(operation.scope, operation.document))
        decision = judgement.decision
        if decision is not None and not all(c.scope in self._scopes for c in decision.changes):
            return Judgement(Verdict.HELD, (Reason.of("foreign_scope", scope=operation.scope),), None)
        return judgement

    def _is_proved(self, operation: Operation) -> bool | None:
        """Tell whether an operation was signed with a PIN, if it says so; None for all others, which are most."""
        if method_of(operation) != "pin":
            return None
        if self._secret is None:
            return False  # what is decided later isn't looked at again: nobody vouches for it
        return is_proved(self._secret, self._tx.credential(operation.actor), operation)

    def _in_force(self) -> Catalogue:
        """Return the newest policy, asked for once for all operations."""
        if self._newest is None:
            self._newest = self._policies.get(self._tx, "")[0]
        return self._newest

    def _earlier(self, entries: Iterable[Entry]) -> dict[str, Verdict]:
        """Return the verdicts on what the batch depends on and brings not itself."""
        deps = {d for e in entries if e.operation is not None for d in e.operation.deps}
        if self._instead:
            deps = {self._instead.get(d, d) for d in deps}
        deps -= {e.id for e in entries}
        found: dict[str, Verdict] = {}
        for receipt in self._tx.receipts(self._site.id, deps) if deps else ():
            verdict = Verdict(receipt.verdict)
            if found.get(receipt.id) not in SETTLED:
                found[receipt.id] = verdict
        return found

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
            first = next(e.operation for e in entries if e.operation is not None and e.id == book.first)
            appending.add(first.id, leased, fold.apply(Decision(tuple(leased)), first.lineage), known)
            self.low = book.low(first.lineage)
            if self.low:
                owe_top_up(tx, site.id, first.lineage, max(e.instant.at_ms for e in entries))
        if facts:
            tx.add_ledger(_ledger(site, facts))
        numbers = appending.write(tx)
        keep(tx, self._policies, ((known.get(d.key), d) for d in appending.documents()))
        return numbers


def rule_all(tx: Transaction, judging: Judging, entries: list[Entry], alarms: list[str]) -> list[Ruled]:
    """Rule operations whatever happens: where something crashes, each by itself, and only that one is held for it."""
    try:
        return tx.attempt(partial(judging.rule, entries))
    except StorageError:
        raise
    except Exception as error:
        alarms.append(f"batch:{type(error).__name__}")
    ruled: dict[int, Ruled] = {}
    for entry in entries:
        if entry.twin is not None:
            ruled[id(entry)] = ruled[id(entry.twin)]
            continue
        try:
            (ruled[id(entry)],) = tx.attempt(partial(judging.rule, [entry]))
        except StorageError:
            raise
        except Exception as error:
            alarms.append(f"crashed:{entry.id or entry.seq}:{type(error).__name__}")
            entry.problem = Reason.of("crashed", kind=entry.kind)
            (ruled[id(entry)],) = tx.attempt(partial(judging.rule, [entry]))
    return list(ruled.values())


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


def _blocked(
    operation: Operation, verdicts: Mapping[str, Verdict], instead: Mapping[str, str]
) -> tuple[Reason | None, bool]:
    """Return why an operation can't stand: something that it depends on doesn't (finally: True), or never came."""
    for dependency in operation.deps:
        verdict = verdicts.get(instead.get(dependency, dependency) if instead else dependency)
        if verdict is None:
            return Reason.of("dependency_missing", operation=dependency), False
        if verdict not in SETTLED:
            return Reason.of("dependency", operation=dependency, verdict=verdict.value), verdict is Verdict.REFUSED
    return None, False


def _within_lease(situation: Situation, decision: Decision) -> Decision:
    """Flag a promise that its lease doesn't cover, or whose lease is of the other kind of money.

    A refund draws on none, as the money is the customer's; what moves a cost from one unit to another promises nothing.
    """
    allowance = situation.allowance
    for fact in decision.money:
        promised = sum(other.amount for other in decision.money if other.kind == fact.kind)
        said = any(f.code in ("allowance", "no_allowance") for f in decision.flags)
        if said or fact.kind == "refund" or min(fact.amount, promised) <= 0:
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
        lineage = entry.operation.lineage if entry.operation else ""
        if lines and (lines[-1].lineage, lines[-1].seq) == (lineage, entry.seq):
            line = lines[-1].line + 1
        else:
            line = 1 + (max((x.line for x in entry.again.booked), default=0) if entry.again else 0)
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
