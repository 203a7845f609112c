"""What holds at every commit of the centre."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b, sha256
from typing import Any

from agentdesk.centre.exposure import check_money
from agentdesk.centre.storage.sqlite import SqliteDialect, SqliteSnapshot
from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.record import SETTLED

CRASHES = ("desk died", "desk killed", "centre died", "centre killed")
RESENT = ("request doubled", "answer lost", "answer cut off", "500 after", "answer died", "slow message")
SPOKEN = frozenset(
    {
        "commitment.made",
        "commitment.spoken",
        "remedy.given",
        "remedy.spoken",
        "service.ordered",
        "ticket.opened",
        "ticket.chased",
    }
)
GIVES = frozenset({"commitment.made", "remedy.given"})
OWN = "centre"


@invariant(
    "Each operation has at most one effect, in one commit, whatever was sent again; one that was spoken and held has "
    "what the hold kept from it once it is decided, and no more.",
    "centre",
    met=RESENT,
)
def at_most_one_effect(look: Look) -> Iterator[str]:
    facts = look.record.centre
    for archived in look.fresh:
        twins = facts.by_id[archived.id]
        if archived.id and len(twins) > 1 and len({(t.site, t.head) for t in twins}) == 1:
            yield f"{archived.kind} {archived.id} stands in the archive {len(twins)} times"
    fresh = {archived.id for archived in look.fresh}
    lines: dict[tuple[str, int], int] = defaultdict(int)
    for line in facts.ledger.values():
        if line.operation in fresh:
            lines[line.operation, line.line] += 1
    for (operation, number), count in lines.items():
        if count > 1:
            yield f"line {number} of {operation} stands in the ledger {count} times"
    seen: dict[str, Any] = look.world.memory("effects")
    before: set[str] = seen.setdefault("operations", set())
    held: set[str] = seen.setdefault("held", set())
    changed = set()
    for scope, log in facts.logs.items():
        for row in log[seen.get(scope, 0) :]:
            if row.home == scope:
                changed.add(row.operation)
                if row.operation in before and row.operation not in held:
                    yield f"{row.operation} changes {row.document} again in a later commit"
        seen[scope] = len(log)
    held |= {operation for operation in changed - before if look.record.verdict(operation) == "held"}
    held -= changed & before
    before |= changed


@invariant(
    "Operations of a lineage stand at the centre in their order, none skipped, each following the one before by its "
    "hash unless it is held for that.",
    "centre",
    met=(*RESENT, "request lost", *CRASHES, "odd: garbled head"),
)
def in_order_without_gaps(look: Look) -> Iterator[str]:
    facts = look.record.centre
    for archived in look.fresh:
        if archived.site == OWN:
            continue
        before = facts.archive.get((archived.site, archived.lineage, archived.seq - 1))
        if archived.seq > 1 and before is None:
            yield f"{archived.kind} has number {archived.seq} of {archived.lineage}, but none stands before it"
            continue
        if archived.verdict not in SETTLED:
            continue
        head = _json(archived.head)
        expected = sha256(before.head.encode()).hexdigest() if before is not None else "0" * 64
        if head.get("prev") != expected or head.get("seq") != archived.seq:
            yield f"{archived.kind} #{archived.seq} is {archived.verdict}, though it doesn't follow the one before"
    rows = look.world.watch.file(look.world.server.file).execute(
        "SELECT l.lineage, l.last_seq, (SELECT max(seq) FROM archive a WHERE a.site = l.site "
        "AND a.lineage = l.lineage) FROM lineage l"
    )
    for lineage, last, archived_last in rows.fetchall():
        if last != (archived_last or 0):
            yield f"{lineage} is said to end at {last}, its last operation is {archived_last}"


@invariant(
    "An operation whose dependency is refused, held or unknown is never applied.",
    "centre",
    met=("odd:", "refused dependency"),
)
def nothing_stands_on_what_fell(look: Look) -> Iterator[str]:
    record = look.record
    for archived in look.fresh:
        if archived.site == OWN:
            continue
        for dependency in _json(archived.head).get("deps") or ():
            verdict = record.verdict(dependency)
            if verdict not in SETTLED:
                look.world.met["nothing_stands_on_what_fell"] += 1
                if archived.verdict in SETTLED:
                    yield f"{archived.kind} is {archived.verdict}, though it depends on one that is {verdict}"


@invariant(
    "A scope's log has no hole, its rows never change, and each is chained to the one before.",
    "centre",
    met=(*CRASHES, "centre's disk full", "centre's file busy", "commit shared", "crashed operation"),
)
def logs_grow_only_at_their_end(look: Look) -> Iterator[str]:
    known: dict[str, Any] = look.world.memory("logs")
    facts = look.record.centre
    for scope, log in facts.logs.items():
        seq, hash_ = known.get(scope, (0, ""))
        epoch = facts.epochs[scope]
        for row in log[seq:]:
            if row.seq != seq + 1:
                yield f"the log of {scope} goes from {seq} to {row.seq}"
                return
            text = f"{hash_}\n{epoch}\n{row.home}\n{row.document}\n{row.action}\n{row.rev}\n{row.operation}"
            if seq >= known.get(f"epoch {scope}", 0) and blake2b(text.encode(), digest_size=16).hexdigest() != row.hash:
                yield f"row {row.seq} of {scope} isn't chained to the one before"
            seq, hash_ = row.seq, row.hash
        known[scope] = (seq, hash_)
    for scope, head in _heads(look).items():
        if known.get(scope, (0, ""))[0] != head:
            yield f"{scope} is said to be at {head}, its log ends at {known.get(scope, (0, ''))[0]}"


def _heads(look: Look) -> dict[str, int]:
    file = look.world.watch.file(look.world.server.file)
    return dict(file.execute("SELECT scope, seq FROM scope").fetchall())


@invariant(
    "At every commit of the centre: settled + what is leased and not spent <= limit + exposed; what is settled is what "
    "the ledger says; and nothing is exposed where no site was copied, no centre restored and nothing written off.",
    "centre",
    met=("promised at the edge", *CRASHES, *RESENT),
)
def budgets_hold(look: Look) -> Iterator[str]:
    if not look.fresh:
        return
    file = look.world.watch.file(look.world.server.file)
    outstanding = {
        (scope, kind): left
        for scope, kind, left in file.execute(
            "SELECT budget, kind, sum(max(0, amount - spent - returned)) FROM allowance GROUP BY budget, kind"
        ).fetchall()
    }
    ledger: dict[tuple[str, str], int] = defaultdict(int)
    leased: dict[str, int] = defaultdict(int)
    for line in look.record.centre.ledger.values():
        ledger[line.scope, line.kind] += line.amount
        if line.allowance is not None:
            leased[line.allowance] += line.amount
    yield from check_money(SqliteSnapshot(file, SqliteDialect()))
    budgets = file.execute('SELECT scope, kind, "limit", settled, exposed FROM budget').fetchall()
    for scope, kind, limit, settled, exposed in budgets:
        left = outstanding.get((scope, kind), 0)
        if settled + left > limit + exposed:
            yield f"{scope} {kind}: {settled} settled and {left} leased are more than {limit} and {exposed} exposed"
        if settled != ledger[scope, kind]:
            yield f"{scope} {kind}: {settled} are settled, the ledger says {ledger[scope, kind]}"
        if exposed and not look.world.may_expose:
            yield f"{scope} {kind}: {exposed} are exposed, and nothing happened that could"
        if limit - settled < limit // 3:
            look.world.met["budgets_hold"] += 1
    for lease, amount, spent in file.execute("SELECT id, amount, spent FROM allowance").fetchall():
        if spent > amount and not look.world.may_expose:
            yield f"{lease}: {spent} are spent of {amount}"
        # what another site gives back may free the budget rather than the lease
        if spent < leased[lease]:
            yield f"{lease}: {spent} are said to be spent, the ledger says {leased[lease]}"


@invariant(
    "What was spoken to a customer is never refused, and each promise of money that stands is in the ledger with its "
    "amount.",
    "centre",
    met=("collision", "odd:", "agent dismissed", *RESENT),
)
def promises_stand(look: Look) -> Iterator[str]:
    facts = look.record.centre
    for archived in look.fresh:
        if archived.verdict == "refused" and archived.kind in SPOKEN:
            yield f"{archived.kind} {archived.id} was spoken, and is refused"
        if archived.verdict == "flagged":
            look.world.met["promises_stand"] += 1
        if archived.kind not in GIVES or archived.verdict not in SETTLED:
            continue
        amount = _json(archived.head).get("amount") or 0
        # one that was declined before it came is booked and given back in one
        booked = sum(max(0, line.amount) for line in facts.ledger.values() if line.operation == archived.id)
        if amount != booked:
            yield f"a promise of {amount} is {archived.verdict}, and {booked} are in the ledger"


@invariant(
    "A promise inside what its site had on its lease is never refused, held or flagged for want of money, however "
    "late it comes.",
    "answer",
    met=("promised offline", *CRASHES, "line down"),
)
def a_lease_is_worth_its_amount(look: Look) -> Iterator[str]:
    if look.path != "/v1/push" or look.world.may_expose:
        return
    for verdict in look.answer["verdicts"]:
        made = look.record.made.get(verdict["id"])
        if made is None or made.kind not in GIVES or not made.amount:
            continue
        for reason in verdict.get("reasons") or ():
            if reason["code"] in ("over_allowance", "allowance", "no_allowance"):
                yield f"{made.short} of {made.amount} is {verdict['verdict']}: {reason['code']} {reason['values']}"


@invariant(
    "What the centre keeps of an operation is what its site made, byte for byte; what it doesn't know or can't read "
    "is held as it came.",
    "centre",
    met=("odd:",),
)
def kept_as_it_came(look: Look) -> Iterator[str]:
    for archived in look.fresh:
        made = look.record.made.get(archived.id)
        if archived.site == OWN or made is None:
            continue
        head, kept = made.head, archived.head
        if look.world.may_fork:
            # it may have gone on in a new lineage, with all else as it was
            head, kept = _unplaced(head), _unplaced(kept)
        if (kept, archived.salt, archived.body) != (head, made.salt, made.body):
            yield f"{made.short} isn't kept as it was made"
        if made.bad and archived.verdict != "held" and not (made.newer and look.world.server.updated):
            yield f"{made.short} can't be known here, and is {archived.verdict}"


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _unplaced(head: str) -> str:
    return json.dumps({name: value for name, value in _json(head).items() if name not in ("lineage", "seq", "prev")})


@invariant(
    "While a restored centre waits for its sites to show what they hold, nothing is leased.",
    "centre",
    met=("centre restored",),
)
def nothing_is_leased_while_recovering(look: Look) -> Iterator[str]:
    if not any(a.site == OWN and a.kind == "allowance.granted" for a in look.fresh):
        return
    row = (
        look.world.watch.file(look.world.server.file)
        .execute("SELECT settled_at FROM epoch e JOIN meta m ON m.name = 'epoch' AND m.value = e.epoch")
        .fetchone()
    )
    if row is not None and row[0] is None:
        yield "something is leased, and not every site has shown its leases yet"
