"""Comparing the centre with a site's word: what chains alone can't show, as their ends may be cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from agentdesk.centre.auditing.lineages import place
from agentdesk.centre.leases import site_scope
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.domain.audit.chain import Finding
from agentdesk.domain.audit.words import SiteWord, WordOperation
from agentdesk.domain.operation import head_hash
from agentdesk.domain.verdict import SETTLED, Verdict

PAGE = 500
_FINAL = SETTLED | {Verdict.REFUSED}


def check_word(snapshot: Snapshot, signer: Signer, word: SiteWord, step: Callable[[int], None]) -> Iterator[Finding]:
    """Tell where the centre has something else, or less, than it once told a site."""
    heads = {head.lineage: head for head in snapshot.lineages(word.site)}
    for one in word.lineages:
        said = signer.lineage_epoch(word.site, one.lineage, one.answered, one.answered_hash, one.proof)
        have = heads[one.lineage].seq if one.lineage in heads else 0
        if one.answered > have:
            what = "lost" if said is not None else "unproven"
            yield Finding(place(word.site, one.lineage), _range(have + 1, one.answered), what)
    logs = snapshot.scopes(list(word.cursors))
    for scope, (epoch, seq, sealed) in sorted(word.cursors.items()):
        head = logs.get(scope)
        if seq == 0 or not signer.is_cursor(scope, epoch, seq, sealed):
            continue  # it proves nothing
        if head is None or head.seq < seq:
            yield Finding(f"log {scope}", _range((head.seq if head else 0) + 1, seq), "lost")
        elif seq >= head.floor and snapshot.log_hash(scope, seq) != sealed.partition(".")[0]:
            yield Finding(f"log {scope}", str(seq), "told_otherwise")
    own = word.cursors.get(site_scope(word.site), ("", 0, ""))[1]
    known = logs.get(site_scope(word.site))
    # a site that has heard all has also heard what was decided later
    informed = known is not None and own == known.seq
    operations = word.operations()
    while page := tuple(islice(operations, PAGE)):
        yield from _operations(snapshot, word.site, page, informed)
        step(len(page))


def _operations(snapshot: Snapshot, site: str, page: tuple[WordOperation, ...], informed: bool) -> Iterator[Finding]:
    by_lineage: dict[str, list[WordOperation]] = {}
    for one in page:
        by_lineage.setdefault(one.lineage, []).append(one)
    for lineage, some in by_lineage.items():
        first, last = min(o.seq for o in some), max(o.seq for o in some)
        rows = {row.seq: row for row in snapshot.archived(site, lineage, first, last)}
        where = place(site, lineage)
        for one in some:
            row, at = rows.get(one.seq), str(one.seq)
            if row is None:
                if one.verdict is not None:
                    yield Finding(where, at, "lost")
                continue
            if head_hash(row.head) != one.hash:
                yield Finding(where, at, "other_here")
                continue
            told = (one.verdict, one.scope, one.change)
            heard = informed or row.verdict not in _FINAL
            if one.verdict is not None and heard and told != (row.verdict, row.scope, row.change):
                yield Finding(where, at, "told_otherwise", f"{one.verdict}, {row.verdict}")


def _range(first: int, last: int) -> str:
    return str(first) if first >= last else f"{first}-{last}"
