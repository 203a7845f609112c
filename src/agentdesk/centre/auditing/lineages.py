"""The archive, lineage by lineage: the chain, the contents, the receipts, and the ends that are noted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agentdesk.centre.auditing.rows import rows_of, sealed_well
from agentdesk.centre.authors import CENTRE
from agentdesk.centre.keeping import ERASED
from agentdesk.centre.push import PRUNE_EVERY, durable_of, prunable
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.rows import Archived, LineageHead, Receipt
from agentdesk.centre.storage.seals import Seals
from agentdesk.domain.audit.chain import Finding, Follower, Link
from agentdesk.domain.operation import head_hash
from agentdesk.domain.verdict import Verdict

Step = Callable[[int], None]

_REASONED = frozenset({Verdict.FLAGGED, Verdict.HELD, Verdict.REFUSED})
"""Verdicts that always come with reasons, so that their receipts are never pruned."""
_BROKEN = frozenset({Verdict.HELD, Verdict.REFUSED})


def check_lineages(snapshot: Snapshot, seals: Seals, step: Step) -> Iterator[Finding]:
    """Go through the whole archive with its receipts, in one pass."""
    heads = {(h.site, h.lineage): h for name in _sites(snapshot) for h in snapshot.lineages(name)}
    erased = int(snapshot.meta(ERASED) or 0)
    receipts = _Receipts(snapshot, seals)
    check: _Lineage | None = None
    for row in rows_of(snapshot, "archive", step):
        archived = Archived(*row[:-1])
        name = archived.site, archived.lineage
        if check is None or check.name != name:
            if check is not None:
                yield from check.end(heads.pop(check.name, None))
            check = _Lineage(snapshot, name, heads.get(name), erased)
        yield from check.take(archived, sealed_well(seals, "archive", row), receipts)
    if check is not None:
        yield from check.end(heads.pop(check.name, None))
    yield from receipts.rest()
    for (site, lineage), head in sorted(heads.items()):
        if head.seq:
            yield Finding(place(site, lineage), f"1-{head.seq}", "missing")


def place(site: str, lineage: str) -> str:
    """Return the name of a lineage in a finding."""
    return f"lineage {site}/{lineage}"


def _sites(snapshot: Snapshot) -> list[str]:
    return [CENTRE, *(site.id for site in snapshot.sites())]


class _Lineage:
    """One lineage of the archive on its way through."""

    def __init__(self, snapshot: Snapshot, name: tuple[str, str], head: LineageHead | None, erased: int) -> None:
        self.name = name
        self._follower = Follower(place(*name))
        self._erased = erased
        self._head = head
        self._prunable = 0
        if head is not None and (erased or head.acked >= PRUNE_EVERY):
            self._prunable = durable_of(snapshot, head) if name[0] == CENTRE else prunable(snapshot, head)
        self._kept = False
        """Whether a receipt without reasons was met: pruning takes all of those below a number."""

    def take(self, row: Archived, sealed: bool, receipts: _Receipts) -> Iterator[Finding]:
        receipt, stray = receipts.next(row)
        yield from stray
        broken = row.verdict in _BROKEN
        columns = {"id": row.id, "kind": row.kind, "digest": row.digest}
        link = Link(row.seq, row.head, row.salt, row.body, columns, broken, sealed)
        # what was too large to be read never had a content here
        erasable = row.received_at < self._erased or broken
        yield from self._follower.take(link, may_be_erased=erasable)
        if not sealed:
            yield Finding(self._follower.where, str(row.seq), "seal")
        yield from self._receipt(row, receipt)

    def _receipt(self, row: Archived, receipt: Receipt | None) -> Iterator[Finding]:
        where, at = self._follower.where, str(row.seq)
        if receipt is None:
            # the archive has the verdict; receipts without reasons go, all below a number
            if row.seq >= self._prunable or self._kept or row.verdict in _REASONED:
                yield Finding(where, at, "no_receipt")
            return
        self._kept = self._kept or receipt.reasons == "[]"
        pairs = {
            "id": (receipt.id, row.id),
            "digest": (receipt.digest, row.digest),
            "hash": (receipt.hash, head_hash(row.head)),
            "verdict": (receipt.verdict, row.verdict),
            "scope": (receipt.scope, row.scope),
            "change": (receipt.change, row.change),
        }
        for name, (said, is_) in pairs.items():
            if said != is_:
                yield Finding(where, at, "receipt_differs", name)

    def end(self, head: LineageHead | None) -> Iterator[Finding]:
        if head is None:
            yield Finding(self._follower.where, f"1-{self._follower.seq}", "no_head")
        else:
            yield from self._follower.end(head.seq, head.hash)


class _Receipts:
    """The receipts in the order of the archive, one at a time."""

    def __init__(self, snapshot: Snapshot, seals: Seals) -> None:
        self._rows = rows_of(snapshot, "receipt")
        self._seals = seals
        self._next: Sequence[Any] | None = next(self._rows, None)

    def next(self, row: Archived) -> tuple[Receipt | None, list[Finding]]:
        """Return the receipt of an archived operation, and what is wrong with those that are nobody's before it."""
        stray: list[Finding] = []
        while self._next is not None and tuple(self._next[:3]) < (row.site, row.lineage, row.seq):
            stray.append(self._stray())
        if self._next is None or tuple(self._next[:3]) != (row.site, row.lineage, row.seq):
            return None, stray
        found = self._next
        if not sealed_well(self._seals, "receipt", found):
            stray.append(Finding(place(row.site, row.lineage), str(row.seq), "receipt_seal"))
        self._next = next(self._rows, None)
        receipt = Receipt(*found[:-1])
        if not _is_json(receipt.reasons):
            stray.append(Finding(place(row.site, row.lineage), str(row.seq), "receipt_differs", "reasons"))
        return receipt, stray

    def rest(self) -> Iterator[Finding]:
        """Tell of the receipts behind the last archived operation."""
        while self._next is not None:
            yield self._stray()

    def _stray(self) -> Finding:
        assert self._next is not None
        site, lineage, seq = self._next[:3]
        self._next = next(self._rows, None)
        return Finding(place(site, lineage), str(seq), "stray_receipt")


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False
