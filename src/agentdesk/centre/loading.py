"""Loading documents in bulk: how a sample world, or another system's data, gets into a region."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from agentdesk.centre.authors import Means, Written, author_whole, draft, found, system_means
from agentdesk.centre.enrol import check_region
from agentdesk.centre.storage.contract import Database, Transaction
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from agentdesk.domain.work.announcements import notice_scope

PART = 1_000
"""Documents in one transaction: others get their turn in between."""


def bulk_load(
    database: Database,
    region: str,
    documents: Iterable[Document],
    progress: Callable[[int], None] | None = None,
    *,
    source: str = "bulk",
    means: Means | None = None,
) -> Written:
    """Put documents of a region, of its announcements and of `org` in; what is there in the same state stays.

    `progress` is told the number of documents done. Each part is one operation of the centre's. Raises BadRegion,
    ValueError for a document of another scope, and StorageError.
    """
    scope = f"region/{check_region(region)}"
    allowed = {ORG, scope, notice_scope(scope)}
    means = means or system_means()
    load = means.new_id()
    waiting = iter(documents)
    total = Written()
    done = part = 0
    while batch := list(islice(waiting, PART)):
        scopes = {d.scope for d in batch}
        if not scopes <= allowed:
            raise ValueError(f"{(scopes - allowed).pop()} is not a scope of this load, which are {sorted(allowed)}")
        part += 1
        for scope in sorted(scopes):
            note = draft("documents.loaded", scope, load, {"source": source, "part": part})
            own = [d for d in batch if d.scope == scope]
            total += database.write(partial(_load, means, note, own)).result()
        done += len(batch)
        if progress is not None:
            progress(done)
    return total


def _load(means: Means, note: Draft, batch: list[Document], tx: Transaction) -> Written:
    found(tx, means)
    return author_whole(tx, means, note, batch)
