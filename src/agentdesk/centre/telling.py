"""Telling everybody who was attached to an announcement that it is over: piece by piece, as an author of its own.

One fault may have thousands attached, and no push may wait for them. The end of an announcement puts down a job; each
piece is an operation of the centre's. At the end stands how many came, and how many suffered and said nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from agentdesk.centre.authors import CENTRE, author, draft, take_place
from agentdesk.centre.jobs import Tools
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Job
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.work.announcements import NOTICE, notice_scope, region_of, silent, told
from agentdesk.replica.tables import encode

TELL = "announcement"

PIECE = 200
"""Attachments that one transaction tells."""

AGAIN_MS = 600_000
"""How long after the end it is looked once more: a push that didn't know of the end may have come in beside it."""


def owed(documents: Iterable[Document], at: int) -> Iterable[Job]:
    """Yield the work that changed documents owe: an announcement that is over is told."""
    for document in documents:
        data = document.data
        if document.type == "announcement" and data.get("state") == "over" and not data.get("told_at"):
            yield Job(CENTRE, TELL, document.id, at, encode({"scope": document.scope, "told": 0, "again": False}))


def tell(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    """Tell a piece of those attached; what follows is the next piece, the sum, and one more look later."""
    data = json.loads(job.data)
    scope, count, again = str(data["scope"]), int(data["told"]), bool(data["again"])
    take_place(tx)
    announcement = next(iter(tx.lock_documents(scope, [job.key])), None)
    if announcement is None or announcement.data.get("state") != "over":
        return
    now = tools.means.now()
    catalogue, _ = tools.policies.get(tx, "")
    region = region_of(scope)
    ids = [document.id for document in tx.attached(region, job.key, PIECE)]
    piece = [document for document in tx.lock_documents(region, sorted(ids)) if document.data.get("state") == "open"]
    changes: list[Change] = []
    for attachment in piece:
        changes += told(attachment, announcement, now, catalogue.rules.group.follow_up, f"{job.key}.told")
    if changes:
        body = {"attachments": [attachment.id for attachment in piece]}
        author(tx, tools.means, draft("announcement.told", region, piece[0].id, body), changes)
    count += len(piece)
    more = {"scope": scope, "told": count, "again": again}
    if len(ids) == PIECE:
        yield Job(CENTRE, TELL, job.key, now, encode(more))
        return
    _sum_up(tx, tools, announcement, count, now)
    if not again:
        yield Job(CENTRE, TELL, job.key, now + AGAIN_MS, encode({**more, "again": True}))


def _sum_up(tx: Transaction, tools: Tools, announcement: Document, count: int, now: int) -> None:
    """Record who came and who said nothing, unless that stands there already (seeds 003, C25)."""
    data = announcement.data
    affected = data.get("affected")
    affected = int(affected) if affected is not None else int(data.get("listed") or 0)
    if data.get("told_at") and data.get("attached") == count:
        return
    fields = {"told_at": data.get("told_at") or now, "attached": count, "silent": silent(affected, count)}
    change = Change(announcement.scope, announcement.id, "announcement", fields)
    author(tx, tools.means, draft("announcement.summed_up", announcement.scope, announcement.id, fields), [change])


def grant_notices(tx: Transaction) -> None:
    """Let sites that were enrolled before there were announcements hear of their region's."""
    from dataclasses import replace

    for site in tx.sites():
        if (scopes := with_notices(site.scopes)) != site.scopes:
            locked = tx.lock_site(site.id)
            tx.put_site(replace(locked or site, scopes=scopes))


def with_notices(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Return a site's scopes with the announcements of its regions in front: they come first in every sync."""
    regions = [scope for scope in scopes if scope.startswith("region/")]
    wanted = [notice_scope(region) for region in regions]
    rest = [scope for scope in scopes if not scope.startswith(NOTICE)]
    kept = [scope for scope in scopes if scope.startswith(NOTICE) and scope not in wanted]
    return (*wanted, *kept, *rest)
