"""Deciding what was held: by its author, by a person at the centre, or by the centre itself when it has learnt more.

What is decided later is judged in a transaction of its own, with everything that was held only because it depended on
it. The site is told by documents of type `verdict` in its own scope, written by a job (`jobs`) that the same
transaction puts down: so each verdict is told, whatever dies in between, and scopes are locked last.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentdesk.centre.again import Again
from agentdesk.centre.authors import CENTRE, Means, author, draft
from agentdesk.centre.jobs import Tools, Work
from agentdesk.centre.judging import Entry, Judging, Ruled, rule_all
from agentdesk.centre.leases import site_scope
from agentdesk.centre.policies import SCOPE as CATALOGUE
from agentdesk.centre.policies import Policies
from agentdesk.centre.reading import Unread, read_operation
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Archived, Job, Receipt, Site
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import UnknownKind, kind_named
from agentdesk.domain.documents import Change
from agentdesk.domain.instant import Instant
from agentdesk.domain.kinds.operation import RETRIED, WITHDRAWN, stands
from agentdesk.domain.operation import GENESIS, head_hash
from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.replica.tables import encode

PAGE = 1_000
CHUNK = 200
"""Operations that one transaction judges again when a newer server starts."""

ARRIVES = frozenset({"dependency_missing", "unknown_document", "unknown_customer", "unknown_actor", "unknown_template"})
"""Reasons that may go away by themselves, as what is missing comes later."""

FIRST_LOOK_MS = 5_000
LONGEST_LOOK_MS = 3_600_000
LOOKS_MS = 90 * 86_400_000
"""For how long the centre looks again by itself."""

MOST_TRIES = 3
"""How often work is begun that may take its server down with it."""


class Unreleasable(Exception):
    """An operation can't be decided like this; the reason says why."""

    def __init__(self, operation: str, reason: Reason) -> None:
        super().__init__(f"{operation}: {reason.code}")
        self.operation = operation
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Because:
    """Who has operations decided: `what` is `released`, `refused`, `retried` or `withdrawn`; `words` are his own.

    `allowed`: he wants them to stand, whatever they were held for.
    """

    by: str
    what: str
    words: str = ""
    allowed: bool = False


def release(
    tx: Transaction, means: Means, policies: Policies, site_id: str, operations: Collection[str], because: Because
) -> tuple[Receipt, ...]:
    """Judge operations of a site again, with those held that depend on them; returns their receipts as they now are.

    Each is judged at its own instant, with what is known today. Those that are in force already are left alone.
    Raises Unreleasable for one that isn't here, or is refused for good.
    """
    site = _site(tx, site_id)
    waiting = _Waiting(tx, site, operations)
    instead = _instead(tx, site, waiting.dependencies())
    chosen = waiting.chosen(operations, instead)
    entries = [waiting.entry(row, because.allowed and row.id in operations) for row in chosen]
    if not entries:
        return ()
    ruled = rule_all(tx, Judging(tx, site, policies, instead), entries, [])
    changed = []
    for row, result in zip(chosen, ruled, strict=True):
        before = waiting.receipt(row)
        after = before._replace(
            verdict=result.verdict.value, reasons=result.reasons, scope=result.scope, change=result.change
        )
        for twin in waiting.twins(row):
            tx.change_receipt(after._replace(lineage=twin.lineage, seq=twin.seq, hash=twin.hash))
        asked = row.id in operations and because.by != CENTRE
        if asked or (before.verdict, before.change) != (after.verdict, after.change):
            changed.append(after)
    if changed:
        tx.put_job(_told(means, site_id, changed, because))
    return tuple(changed)


def refuse(tx: Transaction, means: Means, site_id: str, operation: str, because: Because, instead: str = "") -> Receipt:
    """Refuse an operation that has no effect, for good; `instead` names the one that takes its place.

    Raises Unreleasable for one that is in force, and for what was spoken to a customer (DOMAIN rule 3).
    """
    site = _site(tx, site_id)
    waiting = _Waiting(tx, site, [operation])
    row = waiting.original(operation)
    if row is None:
        raise Unreleasable(operation, Reason.of("unknown_operation", operation=operation))
    before = waiting.receipt(row)
    if Verdict(before.verdict) in SETTLED:
        raise Unreleasable(operation, Reason.of("settled_already", verdict=before.verdict))
    spoken = stands(row.kind, None, before.change is not None) if row.kind else None
    if spoken is not None:
        raise Unreleasable(operation, spoken)
    code = "withdrawn" if because.what == "withdrawn" else "refused_by"
    reason = {"code": code, "values": {"by": because.by, "words": because.words}}
    after = before._replace(verdict=Verdict.REFUSED.value, reasons=encode([reason]), scope=None, change=None)
    for twin in waiting.twins(row):
        tx.change_receipt(after._replace(lineage=twin.lineage, seq=twin.seq, hash=twin.hash))
    tx.put_job(_told(means, site_id, [after], because, instead))
    return after


def owed(site: str, entries: Iterable[Entry], ruled: Iterable[Ruled], received: int) -> Iterator[Job]:
    """Yield the work that a batch owes: what its operations ask for, and another look at what may come by itself.

    There is one such look for a site: put down anew it begins anew.
    """
    look = False
    for entry, result in zip(entries, ruled, strict=True):
        operation = entry.operation
        if operation is None or entry.receipt is not None:
            continue
        if operation.kind in (RETRIED, WITHDRAWN) and result.verdict in SETTLED:
            wish = {"operation": operation.document, "by": operation.actor}
            instead = operation.data.get("superseded_by")
            if isinstance(instead, str):
                wish["instead"] = instead
            kind = "retry" if operation.kind == RETRIED else "withdraw"
            yield Job(site, kind, operation.id, received, encode(wish))
        elif result.verdict is Verdict.HELD and _code(result.reasons) in ARRIVES:
            look = True
    if look:
        data = {"since": received, "wait": FIRST_LOOK_MS}
        yield Job(site, "reconsider", "", received + FIRST_LOOK_MS, encode(data))


def newer(version: str, now: int) -> Job:
    """Return the work that a newer server owes: what was held for it is judged again."""
    return Job(CENTRE, "newer", version, now, encode({"after": ["", "", 0]}))


# ---------------------------------------------------------------- the jobs


def _retry(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Do what an author asked for: judge his operation again."""
    data = json.loads(job.data)
    because = Because(data["by"], "retried")
    try:
        if job.tries <= MOST_TRIES:
            release(tx, tools.means, tools.policies, job.site, [data["operation"]], because)
            return ()
        problem = Reason.of("crashed", kind="")
    except Unreleasable as error:
        problem = error.reason
    return _answered(tx, tools, job.site, data["operation"], because, problem)


def _withdraw(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Do what an author asked for: put his operation away."""
    data = json.loads(job.data)
    because = Because(data["by"], "withdrawn")
    try:
        refuse(tx, tools.means, job.site, data["operation"], because, data.get("instead", ""))
    except Unreleasable as error:
        return _answered(tx, tools, job.site, data["operation"], because, error.reason)
    return ()


def _reconsider(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Look again at operations for which something was missing; later and later, but not for ever."""
    data = json.loads(job.data)
    now = tools.means.now()
    if job.tries > MOST_TRIES or now - data["since"] > LOOKS_MS:
        return ()
    missing = _missing(tx, job.site)
    release(tx, tools.means, tools.policies, job.site, missing, Because(CENTRE, "released"))
    if not _missing(tx, job.site):
        return ()
    wait = min(LONGEST_LOOK_MS, 2 * data["wait"])
    return (replace(job, due=now + wait, tries=0, data=encode({**data, "wait": wait})),)


def _newer(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Find what an older server didn't know; it is judged again site by site."""
    site, lineage, seq = json.loads(job.data)["after"]
    now = tools.means.now()
    rows = tx.held(None, PAGE, (site, lineage, seq))
    by_site: dict[str, list[str]] = {}
    for row in rows:
        if _is_known(row.kind):
            by_site.setdefault(row.site, []).append(row.id)
    jobs = []
    for name, ids in by_site.items():
        waited = {r.id for r in tx.receipts(name, ids) if _code(r.reasons) in ("newer_kind", "")}
        wanted = [id_ for id_ in ids if id_ in waited]
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            jobs.append(Job(name, "release", f"{job.key}.{chunk[0]}", now, encode({"operations": chunk})))
    if len(rows) == PAGE:
        last = rows[-1]
        jobs.append(replace(job, due=now, tries=0, data=encode({"after": [last.site, last.lineage, last.seq]})))
    return jobs


def _release(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Judge operations again for which the centre knows more by now."""
    if job.tries <= MOST_TRIES:
        operations = json.loads(job.data)["operations"]
        release(tx, tools.means, tools.policies, job.site, operations, Because(CENTRE, "released"))
    return ()


def _tell(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Tell a site of later verdicts, as an operation of the centre's own that names who decided."""
    data = json.loads(job.data)
    scope, means = site_scope(job.site), tools.means
    standing = {(r.id, r.verdict, r.change) for r in tx.receipts(job.site, [v["id"] for v in data["verdicts"]])}
    known = {d.id: d.data for d in tx.documents(scope, [v["id"] for v in data["verdicts"]])}
    changes = []
    for verdict in data["verdicts"]:
        if (verdict["id"], verdict["verdict"], verdict["change"]) not in standing:
            continue  # it was decided once more meanwhile, which is told for itself
        fields = {name: value for name, value in verdict.items() if name != "id"}
        round_ = known.get(verdict["id"], {}).get("round", 0) + 1
        fields |= {"by": data["by"], "what": data["what"], "at": data["at"], "round": round_}
        fields |= {name: data.get(name) for name in ("words", "answer", "instead")}
        changes.append(Change(scope, verdict["id"], "verdict", fields))
    if changes:
        body = {"operations": [change.id for change in changes], "words": data.get("words")}
        author(tx, means, draft(f"operation.{data['what']}", scope, changes[0].id, body, data["by"]), changes)
    if data.get("instead"):
        (withdrawn,) = data["verdicts"]
        return (Job(job.site, "replaced", withdrawn["id"], means.now()),)
    return ()


def _replaced(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Judge again what depended on an operation that another one has taken the place of."""
    if job.tries <= MOST_TRIES:
        site = _site(tx, job.site)
        dependants = _Waiting(tx, site, ()).depending_on(job.key)
        release(tx, tools.means, tools.policies, job.site, dependants, Because(CENTRE, "released"))
    return ()


JOBS: Mapping[str, Work] = {
    "retry": _retry,
    "withdraw": _withdraw,
    "reconsider": _reconsider,
    "newer": _newer,
    "release": _release,
    "tell": _tell,
    "replaced": _replaced,
}


# ---------------------------------------------------------------- what waits


class _Waiting:
    """The operations of a site that are held, and others that are asked about, as they were sent."""

    def __init__(self, tx: Transaction, site: Site, asked: Collection[str]) -> None:
        self._tx = tx
        self._site = site
        rows = {(row.lineage, row.seq): row for row in _all_held(tx, site.id)}
        for receipt in tx.receipts(site.id, asked):
            if (receipt.lineage, receipt.seq) not in rows:
                rows.update(
                    ((row.lineage, row.seq), row)
                    for row in tx.archived(site.id, receipt.lineage, receipt.seq, receipt.seq)
                )
        self._rows = sorted(rows.values(), key=_order)
        self._receipts: dict[tuple[str, int], Receipt] = {}
        by_id: dict[str, list[Receipt]] = {}
        for receipt in tx.receipts(site.id, {row.id for row in self._rows if row.id}):
            self._receipts[receipt.lineage, receipt.seq] = receipt
            by_id.setdefault(receipt.id, []).append(receipt)
        self._by_id = by_id
        self._heads = {(row.lineage, row.seq): _deps(row) for row in self._rows}

    def original(self, operation: str) -> Archived | None:
        """Return the first operation that came under an id; others under it with another content never count."""
        receipts = self._by_id.get(operation, [])
        if len({r.digest for r in receipts}) > 1:
            rows = [row for r in receipts for row in self._tx.archived(self._site.id, r.lineage, r.seq, r.seq)]
            return min(rows, key=_order)
        return next((row for row in self._rows if row.id == operation), None)

    def receipt(self, row: Archived) -> Receipt:
        return self._receipts[row.lineage, row.seq]

    def twins(self, row: Archived) -> list[Receipt]:
        """Return the receipts of an operation, one for each place in which it came."""
        return [r for r in self._by_id[row.id] if r.digest == row.digest]

    def dependencies(self) -> set[str]:
        """Return what the operations here depend on."""
        return {dep for deps in self._heads.values() for dep in deps}

    def depending_on(self, operation: str) -> list[str]:
        """Return what is held and names an operation as one that it depends on."""
        return [row.id for row in self._rows if row.id and operation in self._heads[row.lineage, row.seq]]

    def chosen(self, operations: Collection[str], instead: Mapping[str, str]) -> list[Archived]:
        """Return what is to be judged, in order: what is asked for, and what is held for it, one after the other.

        Raises Unreleasable.
        """
        chosen: dict[str, Archived] = {}
        for operation in operations:
            row = self.original(operation)
            if row is None:
                raise Unreleasable(operation, Reason.of("unknown_operation", operation=operation))
            receipt = self.receipt(row)
            if receipt.verdict == Verdict.REFUSED and _code(receipt.reasons) in ("withdrawn", "refused_by", ""):
                raise Unreleasable(operation, Reason.of("refused_for_good"))
            if Verdict(receipt.verdict) not in SETTLED:
                chosen[operation] = row
        grown = bool(chosen)
        while grown:
            grown = False
            for row in self._rows:
                if not row.id or row.id in chosen or self.receipt(row).verdict != Verdict.HELD:
                    continue
                deps = self._heads[row.lineage, row.seq]
                first = self.original(row.id)
                if first is row and any(instead.get(dep, dep) in chosen for dep in deps):
                    chosen[row.id] = row
                    grown = True
        return sorted(chosen.values(), key=_order)

    def entry(self, row: Archived, allowed: bool) -> Entry:
        """Return an operation on its way to another verdict."""
        receipt = self.receipt(row)
        booked = tuple(self._tx.booked(row.site, row.lineage, row.seq)) if receipt.change is not None else ()
        again = Again(receipt, booked, allowed)
        instant = Instant(row.made_at, row.source, bool(row.marked))  # type: ignore[arg-type]
        body = row.body or ""
        seal = (row.seq, receipt.hash, row.digest, row.head, row.salt, body, row.id, row.kind)
        if row.body is None:
            reason = Reason.of("too_large" if _code(receipt.reasons) == "too_large" else "not_here", kind=row.kind)
            return Entry(*seal, None, instant, reason, again=again)
        found = read_operation(row.head, row.salt, body)
        if isinstance(found, Unread):
            return Entry(*seal, None, instant, found.reason, again=again)
        problem = None
        if (found.site, found.lineage) != (row.site, row.lineage):
            problem = Reason.of("foreign_lineage", site=found.site, lineage=found.lineage)
        elif not allowed and (found.seq, found.prev) != (row.seq, self._before(row)):
            problem = Reason.of("chain_broken", seq=found.seq)
        elif found.scope not in self._site.scopes or found.scope == CATALOGUE:
            problem = Reason.of("foreign_scope", scope=found.scope)
        return Entry(*seal, found, instant, problem, again=again)

    def _before(self, row: Archived) -> str:
        if row.seq == 1:
            return GENESIS
        before = self._tx.archived(row.site, row.lineage, row.seq - 1, row.seq - 1)
        return head_hash(before[0].head) if before else ""


def _site(tx: Transaction, site_id: str) -> Site:
    site = tx.lock_site(site_id)
    if site is None:
        raise Unreleasable(site_id, Reason.of("unknown_operation", operation=site_id))
    return site


def _all_held(tx: Transaction, site: str) -> Iterator[Archived]:
    after = (site, "", 0)
    while page := tx.held(site, PAGE, after):
        yield from page
        after = (page[-1].site, page[-1].lineage, page[-1].seq)


def _instead(tx: Transaction, site: Site, operations: Collection[str]) -> dict[str, str]:
    """Return for operations that were withdrawn those that took their place, to the end."""
    found: dict[str, str] = {}
    wanted = set(operations)
    while wanted:
        documents = tx.documents(site_scope(site.id), sorted(wanted))
        new = {d.id: d.data["instead"] for d in documents if d.data.get("instead") and d.id not in found}
        found |= new
        wanted = set(new.values()) - found.keys()
    return {old: _last(found, old) for old in found}


def _missing(tx: Transaction, site: str) -> list[str]:
    """Return the operations of a site that wait for something that may come by itself."""
    held = {row.id for row in _all_held(tx, site) if row.id}
    return sorted({r.id for r in tx.receipts(site, held) if r.verdict == Verdict.HELD and _code(r.reasons) in ARRIVES})


def _last(found: Mapping[str, str], operation: str) -> str:
    seen = {operation}
    while operation in found and found[operation] not in seen:
        operation = found[operation]
        seen.add(operation)
    return operation


def _told(means: Means, site: str, receipts: Sequence[Receipt], because: Because, instead: str = "") -> Job:
    return _telling(means, site, receipts, because, {"instead": instead or None})


def _answered(
    tx: Transaction, tools: Tools, site: str, operation: str, because: Because, problem: Reason
) -> Iterable[Job]:
    """Tell an author why what he asked for wasn't done."""
    receipts = tx.receipts(site, [operation])[:1]
    answer = {"code": problem.code, "values": dict(problem.values)}
    return (_telling(tools.means, site, receipts, because, {"answer": answer}),) if receipts else ()


def _telling(means: Means, site: str, receipts: Sequence[Receipt], because: Because, more: Mapping[str, Any]) -> Job:
    now = means.now()
    verdicts = [
        {"id": r.id, "verdict": r.verdict, "reasons": json.loads(r.reasons), "scope": r.scope, "change": r.change}
        for r in receipts
    ]
    data = {"verdicts": verdicts, "by": because.by, "what": because.what, "words": because.words or None, "at": now}
    return Job(site, "tell", means.new_id(), now, encode({**data, **more}))


def _deps(row: Archived) -> tuple[str, ...]:
    """Return what an operation depends on, as far as its head can be read."""
    try:
        deps = json.loads(row.head).get("deps")
    except (ValueError, RecursionError, AttributeError):
        return ()
    return tuple(dep for dep in deps if isinstance(dep, str)) if isinstance(deps, list) else ()


def _order(row: Archived) -> tuple[int, str, int]:
    return row.received_at, row.lineage, row.seq


def _is_known(kind: str) -> bool:
    try:
        kind_named(kind)
    except UnknownKind:
        return False
    return True


def _code(reasons: str) -> str:
    """Return the first reason's code; none for an operation whose receipt was pruned."""
    found = json.loads(reasons)
    return str(found[0]["code"]) if found else ""
