"""Taking a batch of operations: one transaction, one stored verdict for each, whatever it is.

What was seen before is answered from its receipt. What can't be read, belongs elsewhere or crashes the rules is
kept and held, and never blocks what stands behind it; only what depends on it is held with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentdesk.centre.authors import epoch_of
from agentdesk.centre.errors import Rejected
from agentdesk.centre.histories import DURABILITY, RECENT, check_lineage
from agentdesk.centre.judging import Entry, Judging, Ruled, rule_all
from agentdesk.centre.policies import SCOPE as CATALOGUE
from agentdesk.centre.policies import Policies
from agentdesk.centre.proofs import Signer
from agentdesk.centre.reading import Unread, read_operation, unread
from agentdesk.centre.releasing import owed
from agentdesk.centre.storage.contract import Snapshot, Transaction
from agentdesk.centre.storage.rows import Archived, LineageHead, Receipt, Site
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.operation import GENESIS, body_digest, head_hash
from agentdesk.domain.times.instant import TOLERANCE_MS, ClockReading, Instant, estimate
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import PushRequest

PRUNE_EVERY = 1_000
"""How many verdicts a site acknowledges before their receipts are pruned."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch; `alarms` name what a person should look at, `low` that a lease wants topping up.

    `owes`: it leaves work to be done.
    """

    verdicts: tuple[Receipt, ...]
    last_seq: int
    site: Site
    alarms: tuple[str, ...]
    low: bool
    proof: str = ""
    durable: int = 0
    owes: bool = False


def take_batch(
    tx: Transaction, site_id: str, request: PushRequest, received: int, policies: Policies, signer: Signer
) -> Taken:
    """Take a batch of one lineage at the instant `received`, ms UTC.

    Raises Rejected, or HistoryLost when the site has verdicts that aren't here; then nothing is written.
    """
    site = tx.lock_site(site_id)
    if site is None or site.revoked:
        raise Rejected(ErrorCode.REVOKED, "this site was closed at the centre: ask who runs it")
    head = tx.lock_lineage(site.id, request.lineage) or LineageHead(
        site.id, request.lineage, 0, GENESIS, site.enrolled_at
    )
    if request.after_seq > head.seq:
        check_lineage(tx, signer, head, request.after_seq, request.after_hash, request.proof, site.id)
        raise Rejected(
            ErrorCode.GAP,
            f"operations {head.seq + 1} to {request.after_seq} are missing here",
            head.seq + 1,
            head.hash,
        )
    known = min(head.seq - request.after_seq, len(request.operations))
    verdicts = _seen_before(tx, head, request, known)
    fresh = request.operations[known:]
    if not fresh:
        return _taken(tx, signer, verdicts, head, site, (), False)
    entries = _entries(site, head, fresh, request, received)
    alarms = _duplicates(tx, site, entries)
    if request.unread:
        alarms += [f"unread:{entry.id or entry.seq}" for entry in entries]
    judging = Judging(tx, site, policies, secret=signer.secret)
    ruled = rule_all(tx, judging, entries, alarms)
    receipts = [_receipt(site, head.lineage, entry, r) for entry, r in zip(entries, ruled, strict=True)]
    tx.add_archived([_archived(entry, receipt, received) for entry, receipt in zip(entries, receipts, strict=True)])
    tx.add_receipts(receipts)
    jobs = list(owed(site.id, entries, ruled, received))
    for job in jobs:
        tx.drop_job(job)
        tx.put_job(job)
    last = entries[-1]
    certain = max((e.instant.at_ms for e in entries if e.instant.source == "monotonic"), default=0)
    moved = replace(
        head,
        seq=last.seq,
        hash=last.hash,
        certain_at=max(head.certain_at, certain - TOLERANCE_MS),
        acked=max(head.acked, request.after_seq),
    )
    tx.move_lineage(moved)
    if moved.acked // PRUNE_EVERY > head.acked // PRUNE_EVERY:
        tx.prune_receipts(site.id, head.lineage, prunable(tx, moved))
    taken = _taken(tx, signer, [*verdicts, *receipts], moved, site, tuple(alarms), judging.low)
    return replace(taken, owes=True) if jobs else taken


def prunable(snapshot: Snapshot, head: LineageHead) -> int:
    """Return below which operation of a lineage nobody asks for verdicts any more: the site has them for good."""
    return max(0, min(head.acked, durable_of(snapshot, head)) - RECENT)


def durable_of(snapshot: Snapshot, head: LineageHead) -> int:
    """Return up to which operation of a lineage nothing is lost with this database.

    Without a backup or a replica that is all that is committed.
    """
    return head.durable if snapshot.meta(DURABILITY) == "backup" else head.seq


def _taken(
    tx: Transaction,
    signer: Signer,
    verdicts: list[Receipt],
    head: LineageHead,
    site: Site,
    alarms: tuple[str, ...],
    low: bool,
) -> Taken:
    proof = signer.lineage(site.id, head.lineage, epoch_of(tx), head.seq, head.hash)
    return Taken(tuple(verdicts), head.seq, site, alarms, low, proof, durable_of(tx, head))


def _seen_before(tx: Transaction, head: LineageHead, request: PushRequest, count: int) -> list[Receipt]:
    """Return the receipts of operations that came before; a batch that tells another story is a fork."""
    after, expected = request.after_seq, request.after_hash
    if after == head.seq:
        if expected != head.hash:
            raise _forked(head)
        return []
    receipts = tx.receipts_at(head.site, head.lineage, max(1, after), after + count)
    if len(receipts) != count + (1 if after else 0):
        # pruned, as this site had acknowledged them: its files are older than it was; ids tell what came before
        raise _forked(head)
    if after:
        first = receipts.pop(0)
        if first.hash != expected:
            raise _forked(head)
    for receipt, (text, _, _) in zip(receipts, request.operations, strict=False):
        if receipt.hash != head_hash(text):
            raise _forked(head)
    return receipts


def _forked(head: LineageHead) -> Rejected:
    return Rejected(
        ErrorCode.FORKED,
        "the centre has other operations in this lineage: go on in a new one",
        head.seq + 1,
        head.hash,
    )


def _entries(
    site: Site, head: LineageHead, texts: Sequence[tuple[str, str, str]], request: PushRequest, received: int
) -> list[Entry]:
    """Read operations and check each one's place in the chain."""
    if request.sent is None:
        sent = ClockReading(received, 0, "")
    else:
        sent = ClockReading(request.sent.wall, request.sent.mono, request.sent.boot)
    entries = []
    previous, certain = head.hash, head.certain_at
    for seq, (text, salt, body) in enumerate(texts, head.seq + 1):
        hash_ = head_hash(text)
        found = unread(text, body) if request.unread else read_operation(text, salt, body)
        if isinstance(found, Unread):
            digest = found.digest or body_digest(salt, body)
            instant = Instant(received, "clamped", True)
            entry = Entry(seq, hash_, digest, text, salt, body, found.id, found.kind, None, instant, found.reason)
        else:
            problem = None
            if found.site != site.id or found.lineage != head.lineage:
                problem = Reason.of("foreign_lineage", site=found.site, lineage=found.lineage)
            elif found.seq != seq or found.prev != previous:
                problem = Reason.of("chain_broken", seq=found.seq)
            elif found.scope not in site.scopes or found.scope == CATALOGUE:
                problem = Reason.of("foreign_scope", scope=found.scope)
            reading = ClockReading(found.wall, found.mono, found.boot, found.offset)
            instant = estimate(reading, sent, received, certain)
            if instant.source == "monotonic":
                # not the instant itself: batches take longer or shorter over the line
                certain = max(certain, instant.at_ms - TOLERANCE_MS)
            entry = Entry(seq, hash_, found.digest, text, salt, body, found.id, found.kind, found, instant, problem)
        entries.append(entry)
        previous = hash_
    return entries


def _duplicates(tx: Transaction, site: Site, entries: list[Entry]) -> list[str]:
    """Find operations that came before under another place: a site that was restored sends them again.

    The same content gets the verdict that it has; another content under the same id is held, and an alarm.
    """
    alarms = []
    receipts = tx.receipts(site.id, [e.id for e in entries if e.id])
    earlier = {(r.id, r.digest): r for r in receipts}
    taken = {r.id for r in receipts}
    here: dict[str, Entry] = {}
    for entry in entries:
        if not entry.id:
            continue
        twin = here.setdefault(entry.id, entry)
        entry.receipt = earlier.get((entry.id, entry.digest))
        if entry.receipt is not None:
            continue
        if entry.id in taken or twin.digest != entry.digest:
            entry.problem = Reason.of("reused_id", id=entry.id)
            alarms.append(f"reused_id:{entry.id}")
        elif twin is not entry:
            entry.twin = twin
    return alarms


def _archived(e: Entry, receipt: Receipt, received: int) -> Archived:
    return Archived(
        receipt.site,
        receipt.lineage,
        e.seq,
        e.id,
        e.kind,
        e.head,
        e.salt,
        None if e.problem is not None and e.problem.code == "too_large" else e.body,
        received,
        e.instant.at_ms,
        e.instant.source,
        e.instant.marked,
        e.digest,
        receipt.verdict,
        receipt.scope,
        receipt.change,
    )


def _receipt(site: Site, lineage: str, e: Entry, ruled: Ruled) -> Receipt:
    return Receipt(
        site.id,
        lineage,
        e.seq,
        e.id,
        e.digest,
        e.hash,
        ruled.verdict.value,
        ruled.reasons,
        ruled.scope,
        ruled.change,
    )
