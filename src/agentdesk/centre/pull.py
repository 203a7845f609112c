"""Giving a site what came after its cursors: pages of scope logs, all of one moment.

A page's rows are the newest state of each document that its part of the log names. A document that changed again
later so comes early, and once more; a replica takes what is newer than what it has. The texts of the documents go
out as they lie in the database: nothing is parsed and written again.
"""

from __future__ import annotations

from collections.abc import Iterator

from agentdesk.centre.authors import epoch_of
from agentdesk.centre.forms import Form, form_of
from agentdesk.centre.histories import belongs
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.rows import LogRow, ScopeHead, Site
from agentdesk.domain.work.announcements import NOTICE
from agentdesk.protocol.limits import MAX_PULL_BYTES
from agentdesk.protocol.messages import Cursor, PullRequest
from agentdesk.replica.tables import encode

SLICE = 500
"""Log rows that are asked for at a time: a page ends by its bytes, and documents may be as large as a push."""


def answer_pull(snapshot: Snapshot, site: Site, request: PullRequest, now: int, signer: Signer) -> str:
    """Return the text of a PullAnswer, as JSON or as lines (`forms`).

    Raises HistoryLost when a cursor is the centre's own and its row isn't here.
    """
    granted = site.scopes
    heads = snapshot.scopes([scope for scope in request.cursors if scope in granted])
    room = MAX_PULL_BYTES
    form = form_of(request.lines)
    pages = []
    # announcements first, whatever order a site asks in: they are what an agent needs before a region's bulk
    for scope, cursor in sorted(request.cursors.items(), key=lambda one: not one[0].startswith(NOTICE)):
        if scope not in granted:
            pages.append(encode({"scope": scope, "denied": True}))
            continue
        # a log without rows is of this history, too
        head = heads.get(scope) or ScopeHead(scope, epoch_of(snapshot), 0, "")
        if not belongs(snapshot, signer, head, cursor):
            pages.append(encode({"scope": scope, "epoch": head.epoch, "reset": True}))
            continue
        page, used = _page(snapshot, signer, head, cursor, request.limit, room, form)
        # at least a row of each scope goes out, so that no scope starves behind a large one
        room = max(1, room - used)
        pages.append(page)
    return form.answer(pages, granted, now)


def _page(
    snapshot: Snapshot, signer: Signer, head: ScopeHead, cursor: Cursor, limit: int, room: int, form: Form
) -> tuple[str, int]:
    """Return one scope's page as text, and how many characters of documents are in it."""
    rows: dict[tuple[str, str], tuple[str, str]] = {}
    upto, hash_, used = cursor.seq, cursor.hash.partition(".")[0], 0
    for row in _rows(snapshot, head, cursor, limit):
        key = (row.home, row.document)
        if key not in rows or rows[key][0] != row.action:
            text = form.row(row)
            if rows and used + len(text) > room:
                break
            used += len(text)
            rows[key] = (row.action, text)
        upto, hash_ = row.seq, row.hash
    # a page that ends before the log does has more behind it, also when the rest are documents it has already
    more = upto < head.seq
    sealed = signer.sealed(head.scope, head.epoch, upto, hash_) if upto else ""
    start = encode(
        {
            "scope": head.scope,
            "epoch": head.epoch,
            "upto": upto,
            "hash": sealed,
            "more": more,
            "documents": head.documents,
            "total": head.total,
        }
    )
    return form.page(start, [text for _, text in rows.values()]), used


def _rows(snapshot: Snapshot, head: ScopeHead, cursor: Cursor, limit: int) -> Iterator[LogRow]:
    """Yield the rows after a cursor; a database that hands over whole results is asked for few at a time."""
    after = cursor.seq
    while limit > 0 and after < head.seq:
        before = limit
        for row in snapshot.log(head.scope, after, min(limit, SLICE)):
            yield row
            after, limit = row.seq, limit - 1
        if limit == before:
            return
