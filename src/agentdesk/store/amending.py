"""What an author does about an operation that waits for him: have it judged again, correct it, or withdraw it.

Each is an operation of its own in the site's chain, so that it is known who did what, and goes to the centre like
everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Key
from agentdesk.domain.kinds.operation import RETRIED, WITHDRAWN, stands
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import SETTLED
from agentdesk.replica.driver import sqlite
from agentdesk.store.committing import Committed, Refused
from agentdesk.store.outbox import Entry
from agentdesk.store.overlay import rebase
from agentdesk.store.site import Site

Deed = Literal["retry", "amend", "withdraw"]
DEEDS: tuple[Deed, ...] = ("retry", "amend", "withdraw")


def why_not(entry: Entry, deed: Deed) -> Reason | None:
    """Return why something can't be done about an operation, None if it can."""
    if entry.verdict is None:
        return Reason.of("unanswered")
    if entry.verdict in SETTLED:
        return Reason.of("settled_already", verdict=entry.verdict.value)
    if entry.kind in (RETRIED, WITHDRAWN):
        return Reason.of("ask_anew")
    code = entry.reasons[0].code if entry.reasons else ""
    if code == "withdrawn" or (code == "refused_by" and deed == "retry"):
        return Reason.of("refused_for_good")
    if deed == "retry":
        return None
    return stands(entry.kind, entry.document, entry.change is not None)


def ways_out(entry: Entry) -> tuple[Deed, ...]:
    """Return what can be done about an operation."""
    return tuple(deed for deed in DEEDS if why_not(entry, deed) is None)


def retry(site: Site, operation: str, actor: str, role: str) -> Committed:
    """Ask the centre to judge an operation again; raises Refused."""
    entry = _entry(site, operation, "retry")
    return site.commit(_wish(site, RETRIED, entry, actor, role, {}))


def withdraw(site: Site, operation: str, actor: str, role: str) -> Committed:
    """Withdraw an operation that has no effect: it is no longer shown here as if it came. Raises Refused."""
    entry = _entry(site, operation, "withdraw")

    def drafts() -> Iterator[Draft]:
        _let_go(site, entry)
        yield _wish(site, WITHDRAWN, entry, actor, role, {})

    return site.commit_all(drafts())[0]


def amend(site: Site, operation: str, changes: Mapping[str, Any], actor: str, role: str) -> Committed:
    """Put a corrected operation in the place of one that has no effect, which is withdrawn; both or neither.

    `changes` are fields of its body; None takes one away. It is decided here like any other. Raises Refused.
    """
    entry = _entry(site, operation, "amend")
    head = entry.head or {}
    body = {name: value for name, value in {**(entry.body or {}), **changes}.items() if value is not None}
    corrected = Draft(
        entry.kind,
        actor,
        role,
        entry.scope,
        entry.document,
        body,
        seen=_seen(site, entry),
        deps=tuple(head.get("deps") or ()),
        allowance=head.get("allowance"),
        amount=entry.amount,
        version=head.get("version") or 1,
    )

    def drafts() -> Iterator[Draft]:
        # each is asked for after the one before is written, in the same transaction
        _let_go(site, entry)
        yield corrected
        yield _wish(site, WITHDRAWN, entry, actor, role, {"superseded_by": _newest(site.files.outbox)})

    return site.commit_all(drafts())[0]


def _entry(site: Site, operation: str, deed: Deed) -> Entry:
    entry = site.outbox.entry(operation)
    if entry is None:
        raise Refused((Reason.of("unknown_operation", operation=operation),))
    reason = why_not(entry, deed)
    if reason is None and deed == "amend" and entry.body is None:
        reason = Reason.of("not_here")
    if reason is not None:
        raise Refused((reason,))
    return entry


def _wish(site: Site, kind: str, entry: Entry, actor: str, role: str, body: Mapping[str, Any]) -> Draft:
    return Draft(kind, actor, role, f"site/{site.identity.site}", entry.id, body)


def _seen(site: Site, entry: Entry) -> dict[str, int]:
    """Return the revisions that the author has before him now."""
    document = site.view.replicated(entry.scope, entry.document)
    return {"*": document.rev} if document is not None else {}


def _let_go(site: Site, entry: Entry) -> None:
    """Take an operation off what is shown as coming, in the transaction that is open."""
    outbox = site.files.outbox
    rows = outbox.execute("SELECT scope, id FROM pending WHERE operation = ?", (entry.id,)).fetchall()
    outbox.execute("DELETE FROM pending WHERE operation = ?", (entry.id,))
    rebase(outbox, site.view, site.catalogue, {Key(scope, document) for scope, document in rows})


def _newest(outbox: sqlite.Connection) -> str:
    """Return the operation that was written last."""
    row = outbox.execute("SELECT id FROM operation ORDER BY rowid DESC LIMIT 1").fetchone()
    return str(row[0])
