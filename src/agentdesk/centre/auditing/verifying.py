"""Verifying a centre: everything, of one moment, in memory that doesn't grow with the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from agentdesk.centre.auditing.credentials import check_credentials
from agentdesk.centre.auditing.lineages import check_lineages
from agentdesk.centre.auditing.logs import check_documents, check_heads, check_logs
from agentdesk.centre.auditing.money import check_ledger_rows
from agentdesk.centre.auditing.words import check_word
from agentdesk.centre.authors import EVERY, SEALED_ALL
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Database, Snapshot
from agentdesk.domain.audit.chain import Finding
from agentdesk.domain.audit.words import SiteWord

MOST = 1_000
"""Findings that are told: who has more has other worries than their number."""


@dataclass(slots=True)
class Verified:
    """What was looked at, in rows, what is wrong, and what could not be told; `unsealed`: seals aren't kept for all."""

    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    more: bool = False
    unsealed: bool = False


def verify(
    database: Database, words: Iterable[SiteWord] = (), step: Callable[[int], None] = lambda _rows: None
) -> Verified:
    """Recompute everything that the centre's database says of itself, and compare it with sites' words.

    `step` is told how many rows were looked at. Raises StorageError.
    """
    words = tuple(words)

    def work(snapshot: Snapshot) -> Verified:
        sealed = snapshot.meta(SEALED_ALL)
        done = Verified(unsealed=sealed != EVERY)

        def count(rows: int) -> None:
            done.rows += rows
            step(rows)

        if wrong := snapshot.misshapen(MOST):
            # nothing can be computed of what isn't even a number
            done.findings = [Finding(f"table {table}", key, "unreadable", column) for table, key, column in wrong]
            done.more = True
            return done
        signer = Signer(database.secret())
        found = _all(snapshot, database, words, signer, count, done.unsealed)
        if sealed is None:
            found = (one for one in found if one.what not in ("seal", "receipt_seal"))
        done.findings = list(islice(found, MOST))
        done.more = next(found, None) is not None
        return done

    return database.read(work).result()


def _all(
    snapshot: Snapshot,
    database: Database,
    words: Iterable[SiteWord],
    signer: Signer,
    count: Callable[[int], None],
    unsealed: bool,
) -> Iterator[Finding]:
    yield from check_heads(snapshot, database.seals)
    yield from check_lineages(snapshot, database.seals, count)
    yield from check_logs(snapshot, count)
    yield from check_documents(snapshot, database.seals, count)
    yield from check_ledger_rows(snapshot, database.seals)
    yield from check_credentials(snapshot, database.seals, unsealed)
    for word in words:
        yield from check_word(snapshot, signer, word, count)
