"""Documents: what operations change and screens show.

A document has one home scope, which orders its revisions. Its data is a JSON object; what lists and look-ups
need to find it by stands beside it as index columns, derived here once for site and centre alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Data = Mapping[str, Any]
FieldRevs = Mapping[str, tuple[int, str]]
"""For each field: the revision that wrote it and the lineage of the operation that did."""

EVERY_FIELD = "*"
"""In a document's revisions, and in those an author has seen: all fields that aren't named."""

OPEN_TICKET_STATES = frozenset(
    {"open", "dispatched", "accepted", "returned", "paused", "replied", "followed_up", "reopened"}
)
OPEN_COMMITMENT_STATES = frozenset({"made", "dispatched", "breached", "held"})

OPEN_STATES: Mapping[str, frozenset[str]] = {
    "ticket": OPEN_TICKET_STATES,
    "commitment": OPEN_COMMITMENT_STATES,
    "approval": frozenset({"open", "given"}),
    "dispute": frozenset({"open"}),
    "remedy": frozenset({"given"}),
    "check": frozenset({"open"}),
    "callback": frozenset({"open"}),
    "service_order": frozenset({"ordered", "late", "failed"}),
    "appointment": frozenset({"booked", "arrived"}),
    "attachment": frozenset({"open", "to_follow_up"}),
    "announcement": frozenset({"open"}),
    "management": frozenset({"open", "reopened", "solved"}),
    "label": frozenset({"asked"}),
    "handoff": frozenset({"open", "taken"}),
}
"""The states in which a document is unfinished work, by its type."""

CREDIT_OUT = frozenset({"running", "collecting"})
"""What `credit` says of a promise or remedy whose credit isn't repaid: it is open work, whatever its state."""

WORK_TYPES = frozenset(
    {
        "ticket",
        "commitment",
        "approval",
        "dispute",
        "remedy",
        "check",
        "callback",
        "service_order",
        "appointment",
        "attachment",
    }
)
"""A customer's work: what is done for him, or was lately. Announcements and management tickets are about many.

The centre finds it by an index over just these types: another one takes a migration of its database.
"""

WORK_WINDOW_MS = 100 * 86_400_000
"""Closed work is part of a customer's work for this long: longer than every policy window."""

MONEY_TYPES = frozenset({"commitment", "remedy"})
"""What an agent gives money by: they draw on the same bounds, and are found by who gave them since when."""

NUMBERED_TYPES = frozenset({*WORK_TYPES, "announcement", "management", "visit", "handoff"}) - {"check", "attachment"}
"""Documents that have a number of their own, to be found by."""

FOUND_BY: Mapping[str, str] = {
    **dict.fromkeys(NUMBERED_TYPES, "number"),
    "attachment": "announcement",
    "label": "number",
}
"""The field that a document is found by: its number; for an attachment its announcement, for a label who is meant."""


class Key(NamedTuple):
    """Where a document lives: its home scope and its id."""

    scope: str
    id: str


@dataclass(frozen=True, slots=True)
class Document:
    """One revision of a document; `rev` is its home scope's number, 0 while only a site knows it."""

    scope: str
    id: str
    type: str
    rev: int
    data: Data
    revs: FieldRevs = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return Key(self.scope, self.id)


@dataclass(frozen=True, slots=True)
class Change:
    """Fields that a decision sets on a document; `audience` are scopes beside the home scope that are told."""

    scope: str
    id: str
    type: str
    fields: Data
    audience: tuple[str, ...] = ()


class Index(NamedTuple):
    """The columns by which a document is found: `at` and `due` are ms UTC; `open` marks unfinished work."""

    customer: str | None
    state: str | None
    open: bool
    due: int | None
    at: int
    ref: str | None
    owner: str | None
    department: str | None
    name: str | None


def changed(before: Document | None, change: Change) -> Document:
    """Return the document after a change, still under its old revision."""
    if before is None:
        return Document(change.scope, change.id, change.type, 0, dict(change.fields))
    data = {**before.data, **change.fields}
    return Document(before.scope, before.id, before.type, before.rev, data, before.revs)


def stamped(before: Document | None, change: Change, rev: int, lineage: str) -> Document:
    """Return the document after a change, under the revision that its home scope gave to it."""
    if before is None:
        revs = {EVERY_FIELD: (rev, lineage)}
        return Document(change.scope, change.id, change.type, rev, dict(change.fields), revs)
    revs = dict.fromkeys(change.fields, (rev, lineage))
    data = {**before.data, **change.fields}
    return Document(before.scope, before.id, before.type, rev, data, {**before.revs, **revs})


def revision_of(document: Document, field_name: str) -> int:
    """Return the revision that wrote a field last."""
    written = document.revs.get(field_name) or document.revs.get(EVERY_FIELD)
    return written[0] if written else document.rev


def is_open(document: Document) -> bool:
    """Tell whether a document is unfinished work."""
    data = document.data
    return data.get("state") in OPEN_STATES.get(document.type, ()) or data.get("credit") in CREDIT_OUT


def due_of(document: Document) -> int | None:
    """Return by when something is to be done about a document, ms UTC; what was kept on credit, when that ends."""
    get = document.data.get
    kept = get("credit") in CREDIT_OUT and get("state") not in OPEN_STATES.get(document.type, ())
    due: int | None = get("credit_until") if kept else get("due")
    first: int | None = get("also_due")
    if kept or first is None or get("also_kept_at") is not None or get("also_missed_at") is not None:
        return due
    # what was announced first is to be done first
    return first if due is None else min(first, due)


def in_order(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return documents as every answer has them, so that site and centre see the same one first."""
    return tuple(sorted(documents, key=lambda d: (d.data.get("at") or 0, d.id)))


def index_of(document: Document) -> Index:
    """Return the columns by which a document is found."""
    get = document.data.get
    kind = document.type
    return Index(
        get("customer"),
        get("state"),
        is_open(document),
        due_of(document),
        get("at") or 0,
        get(FOUND_BY[kind]) if kind in FOUND_BY else None,
        get("owner"),
        get("department"),
        get("name") if kind == "customer" else None,
    )
