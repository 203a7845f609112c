"""The centre's histories: noticing that the database was restored, and what a site and the centre tell each other.

An epoch names one unbroken history. Logs and lineages go on through a new one; what was lost is missing at their
ends, and comes back from the sites, which keep what they were told until it is durable.
"""

from __future__ import annotations

from dataclasses import replace

from agentdesk.centre.allowances import grant, present
from agentdesk.centre.authors import Means, author, draft, epoch_of, take_place
from agentdesk.centre.errors import Rejected
from agentdesk.centre.proofs import HistoryLost, Signer
from agentdesk.centre.storage.contract import Snapshot, Transaction
from agentdesk.centre.storage.rows import Epoch, LineageHead, ScopeHead
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Change
from agentdesk.domain.operation import GENESIS, head_hash
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.limits import MAX_OPERATIONS
from agentdesk.protocol.messages import Cursor, HelloAnswer, HelloRequest, LineageAnswer, LineageState

RECENT = 2 * MAX_OPERATIONS
"""Verdicts before a history's beginning that are asked for again in it, all the same.

A batch that was under way when the database was put back may have come in anew, before anybody noticed.
"""

DURABILITY = "durability"
"""The fact that says when an operation counts as durable: `committed` (the default), or `backup`."""


def begin_epoch(tx: Transaction, means: Means, cause: str, instead_of: str | None = None, lost: str = "") -> str:
    """Begin a new history of the centre and return its name; nothing is leased until it is settled.

    With `instead_of` none is begun if another epoch is current by now: somebody else has noticed the same. `lost` is
    the epoch that is known to have come before: one that itself is missing here, after a second restore, is written
    down, so that it proves no further loss.
    """
    take_place(tx)
    current = epoch_of(tx)
    at = means.now()
    going_on = current_epoch(tx)
    if lost and going_on is not None and lost not in {e.epoch for e in tx.epochs()}:
        tx.put_epoch(Epoch(lost, going_on.number, at, "lost", at))
        tx.put_epoch(going_on)
    if instead_of is not None and current != instead_of:
        return current
    number = max((e.number for e in tx.epochs()), default=0) + 1
    epoch = Epoch(means.random(8).hex(), number, at, cause)
    tx.put_epoch(epoch)
    fields = {"number": number, "began_at": at, "cause": cause}
    author(tx, means, draft("epoch.began", ORG, epoch.epoch, fields), [Change(ORG, epoch.epoch, "epoch", fields)])
    return epoch.epoch


def settle_epoch(tx: Transaction, means: Means) -> bool:
    """Settle the current epoch if every site that isn't closed has shown its leases in it; tell whether it is."""
    current = current_epoch(tx)
    if current is None or current.settled_at is not None:
        return True
    if any(not site.revoked and site.presented != current.epoch for site in tx.sites()):
        return False
    tx.put_epoch(Epoch(current.epoch, current.number, current.began_at, current.cause, means.now()))
    return True


def current_epoch(snapshot: Snapshot) -> Epoch | None:
    """Return the history that goes on now; None for a database from before histories were told apart."""
    name = snapshot.meta("epoch")
    return next((e for e in snapshot.epochs() if e.epoch == name), None)


def belongs(snapshot: Snapshot, signer: Signer, head: ScopeHead, cursor: Cursor) -> bool:
    """Tell whether a cursor points into a log; raises HistoryLost if it did once, and the row is gone.

    A row's hash stands for all before it, so its epoch doesn't matter.
    """
    if cursor.seq == 0:
        return head.floor <= 1  # where the beginning was cut, only a snapshot will do
    hash_ = cursor.hash.partition(".")[0]
    if cursor.seq == head.seq:
        found: str | None = head.hash
    elif head.floor <= cursor.seq < head.seq:
        found = snapshot.log_hash(head.scope, cursor.seq)
    elif cursor.seq < head.floor:
        return False  # it was cut, which is no loss
    else:
        found = None
    if found == hash_:
        return True
    if signer.is_cursor(head.scope, cursor.epoch, cursor.seq, cursor.hash):
        _notice(snapshot, cursor.epoch, f"a reader was further in {head.scope}")
    return False


def check_lineage(
    snapshot: Snapshot, signer: Signer, head: LineageHead, seq: int, hash_: str, proof: str, reader: str
) -> None:
    """Raise HistoryLost if the centre said once that it took a lineage further than it is now."""
    if seq <= head.seq:
        return
    epoch = signer.lineage_epoch(head.site, head.lineage, seq, hash_, proof)
    if epoch is not None:
        _notice(snapshot, epoch, f"{reader} has verdicts that are not here")


def check_token(snapshot: Snapshot, epoch: str, site: str) -> None:
    """Raise HistoryLost for a site that was enrolled here and isn't known."""
    _notice(snapshot, epoch, f"{site} was enrolled and is not here")


def _notice(snapshot: Snapshot, epoch: str, cause: str) -> None:
    """Raise HistoryLost unless the loss is known: then an epoch that came after says so."""
    current = epoch_of(snapshot)
    if epoch == current or epoch not in {e.epoch for e in snapshot.epochs()}:
        raise HistoryLost(cause, current, epoch)


def answer_hello(
    snapshot: Snapshot, signer: Signer, site_id: str, request: HelloRequest, now: int
) -> tuple[HelloAnswer, bool]:
    """Return how the centre knows a site, and whether it has something to note about it (`take_hello`).

    Raises HistoryLost if the site proves that history was lost, and Rejected for a closed site.
    """
    site = snapshot.site(site_id)
    if site is None or site.revoked:
        raise Rejected(ErrorCode.REVOKED, "this site was closed at the centre: ask who runs it")
    heads = {head.lineage: head for head in snapshot.lineages(site.id)}
    logs = snapshot.scopes([scope for scope in request.cursors if scope in site.scopes])
    for scope, cursor in request.cursors.items():
        if scope in site.scopes:
            belongs(snapshot, signer, logs.get(scope) or ScopeHead(scope, "", 0, ""), cursor)
    committed = snapshot.meta(DURABILITY) != "backup"
    name = epoch_of(snapshot)
    lineages = []
    for state in request.lineages:
        head = heads.get(state.lineage) or LineageHead(site.id, state.lineage, 0, GENESIS, 0)
        check_lineage(snapshot, signer, head, state.answered, state.answered_hash, state.proof, site.id)
        common = _common(snapshot, head, state)
        durable = head.seq if committed else head.durable
        shared = head.seq if request.epoch in ("", name) else max(0, head.began - RECENT)
        lineages.append(
            LineageAnswer(
                lineage=head.lineage,
                last_seq=head.seq,
                last_hash=head.hash,
                common=common,
                shared=shared,
                durable=durable,
            )
        )
    epoch = current_epoch(snapshot)
    answer = HelloAnswer(
        epoch=name,
        site=site.id,
        number=site.number,
        granted=list(site.scopes),
        lineages=lineages,
        server_time=now,
        recovering=epoch is not None and epoch.settled_at is None,
        recovery=signer.recovery,
    )
    unknown = any(state.current and state.lineage not in heads for state in request.lineages)
    behind = any(heads[s.lineage].epoch != name for s in request.lineages if s.lineage in heads)
    return answer, site.presented != name or unknown or behind


def _common(snapshot: Snapshot, head: LineageHead, state: LineageState) -> int:
    """Return the last operation that a site and the centre have alike, by the hashes that the site names."""
    marks = {state.answered: state.answered_hash, **dict(state.marks)}
    for seq in sorted(marks, reverse=True):
        if seq == 0:
            break
        if seq > head.seq:
            continue
        if seq == head.seq:
            if marks[seq] == head.hash:
                return seq
            continue
        row = next(iter(snapshot.archived(head.site, head.lineage, seq, seq)), None)
        if row is not None and head_hash(row.head) == marks[seq]:
            return seq
    return 0


def take_hello(tx: Transaction, means: Means, signer: Signer, site_id: str, request: HelloRequest) -> list[str]:
    """Note what a site has shown of itself: its leases, and a lineage that is new; returns what is to be looked at.

    A lineage that isn't the site's first one comes with a new number for its tickets, as a copy of the site may go on
    counting with the old one.
    """
    site = tx.lock_site(site_id)
    if site is None or site.revoked:
        raise Rejected(ErrorCode.REVOKED, "this site was closed at the centre: ask who runs it")
    take_place(tx)
    alarms = present(tx, means, site, request.leases, signer.secret)
    epoch = epoch_of(tx)
    lineage = next((state.lineage for state in request.lineages if state.current), None)
    moved = replace(site, presented=epoch)
    heads = {head.lineage for head in tx.lineages(site.id)}
    for name in sorted({state.lineage for state in request.lineages} & heads):
        head = tx.lock_lineage(site.id, name)
        if head is not None and head.epoch != epoch:
            tx.move_lineage(replace(head, epoch=epoch))
    if lineage is not None and lineage not in heads:
        tx.move_lineage(LineageHead(site.id, lineage, 0, GENESIS, site.enrolled_at, epoch=epoch))
        if heads:
            alarms.append(f"new_lineage:{lineage}")
            moved = replace(moved, number=tx.next_site_number())
    if moved != site:
        tx.put_site(moved)
    settle_epoch(tx, means)
    if lineage is not None and lineage not in heads:
        grant(tx, means, moved, lineage, signer.secret)
    return alarms
