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

from agentdesk.centre.authors import CENTRE, Means, author, draft
from agentdesk.centre.jobs import Tools, Work
from agentdesk.centre.judging import Entry, Judging, Ruled, rule_all
from agentdesk.centre.leases import site_scope
from agentdesk.centre.policies import Policies
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Job, Receipt, Site
from agentdesk.centre.waiting import Unreleasable, Waiting, all_held, code_of, instead_of, place, placed
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import UnknownKind, kind_named
from agentdesk.domain.documents import Change
from agentdesk.domain.kinds.operation import RETRIED, WITHDRAWN, stands
from agentdesk.domain.times.zone import DAY_MS
from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.replica.tables import encode

PAGE = 1_000
CHUNK = 200
"""Operations that one transaction judges again when a newer server starts."""

ARRIVES = frozenset(
    {
        "dependency_missing",
        "not_signed_in",
        "unknown_actor",
        "unknown_customer",
        "unknown_document",
        "unknown_template",
    }
)
"""Reasons that may go away by themselves, as what is missing comes later."""

FIRST_LOOK_MS = 5_000
LONGEST_LOOK_MS = 3_600_000
LOOKS_MS = 90 * DAY_MS
"""For how long the centre looks again by itself."""

MOST_TRIES = 3
"""How often work is begun that may take its server down with it."""


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

    They are named by id, or by place (`waiting.place`). Each is judged at its own instant, with what is known today.
    Those that are in force already are left alone. Raises Unreleasable for one that isn't here, is refused for good, or
    has no id of its own.
    """
    site = _site(tx, site_id)
    waiting = Waiting(tx, site, operations)
    operations = list(dict.fromkeys(waiting.named(operation) for operation in operations))
    instead = instead_of(tx, site, waiting.dependencies())
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

    It is named by id or by place (`waiting.place`), and its site is told so. Raises Unreleasable for one that is in
    force, and for what was spoken to a customer (DOMAIN rule 3).
    """
    site = _site(tx, site_id)
    waiting = Waiting(tx, site, [operation])
    operation = waiting.named(operation)
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
    known = after._replace(id=operation)
    tx.put_job(_told(means, site_id, [known], because, instead))
    return known


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
        elif result.verdict is Verdict.HELD and code_of(result.reasons) in ARRIVES:
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
        if row.id and _is_known(row.kind):
            by_site.setdefault(row.site, []).append(row.id)
    jobs = []
    for name, ids in by_site.items():
        waited = {r.id for r in tx.receipts(name, ids) if code_of(r.reasons) in ("newer_kind", "")}
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
    for lineage, seq in ((v["lineage"], v["seq"]) for v in data["verdicts"] if "seq" in v):
        standing |= {(place(lineage, seq), a.verdict, a.change) for a in tx.archived(job.site, lineage, seq, seq)}
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
        dependants = Waiting(tx, site, ()).depending_on(job.key)
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


def _site(tx: Transaction, site_id: str) -> Site:
    site = tx.lock_site(site_id)
    if site is None:
        raise Unreleasable(site_id, Reason.of("unknown_operation", operation=site_id))
    return site


def _missing(tx: Transaction, site: str) -> list[str]:
    """Return the operations of a site that wait for something that may come by itself."""
    held = {row.id for row in all_held(tx, site) if row.id}
    return sorted(
        {r.id for r in tx.receipts(site, held) if r.verdict == Verdict.HELD and code_of(r.reasons) in ARRIVES}
    )


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
        # what has no name of its own here has one at its site, which knows it by its place
        | ({"lineage": r.lineage, "seq": r.seq} if placed(r.id) == (r.lineage, r.seq) else {})
        for r in receipts
    ]
    data = {"verdicts": verdicts, "by": because.by, "what": because.what, "words": because.words or None, "at": now}
    return Job(site, "tell", means.new_id(), now, encode({**data, **more}))


def _is_known(kind: str) -> bool:
    try:
        kind_named(kind)
    except UnknownKind:
        return False
    return True
