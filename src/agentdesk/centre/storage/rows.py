"""What the centre's tables hold, as frozen values. Times are ms UTC, money is minor units.

What comes in hundreds with each batch is a named tuple, whose fields are the columns: it goes to the database
as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from agentdesk.domain.policy import MoneyKind

Action = Literal["put", "leave"]


@dataclass(frozen=True, slots=True)
class Site:
    """A site and the hash of its token; `number` begins its ticket numbers."""

    id: str
    number: int
    name: str
    region: str
    token_hash: str
    scopes: tuple[str, ...]
    revoked: bool
    enrolled_at: int


@dataclass(frozen=True, slots=True)
class LineageHead:
    """Where a lineage stands; `certain_at` is an instant before which no later operation was made."""

    site: str
    lineage: str
    seq: int
    hash: str
    certain_at: int


@dataclass(frozen=True, slots=True)
class ScopeHead:
    """Where a scope's log stands: its last number, and the hash of that row (empty at 0)."""

    scope: str
    epoch: str
    seq: int
    hash: str


class LogEntry(NamedTuple):
    """One row of a scope's log: a pointer to a document of the scope `home`."""

    scope: str
    seq: int
    home: str
    document: str
    action: Action
    rev: int
    hash: str


class LogRow(NamedTuple):
    """A row of a log joined with its document as it stands now; `data` and `revs` are JSON texts."""

    seq: int
    hash: str
    home: str
    document: str
    action: Action
    type: str
    rev: int
    data: str
    revs: str


class Receipt(NamedTuple):
    """The verdict on one operation; `reasons` is JSON text, `scope` and `change` say where its changes end."""

    site: str
    lineage: str
    seq: int
    id: str
    digest: str
    hash: str
    verdict: str
    reasons: str
    scope: str | None
    change: int | None


class Archived(NamedTuple):
    """One operation as it was sent, when it came, and when it was made as far as can be told."""

    site: str
    lineage: str
    seq: int
    id: str
    kind: str
    head: str
    salt: str
    body: str | None
    received_at: int
    made_at: int
    source: str
    marked: bool


class LedgerLine(NamedTuple):
    """One money fact; never pruned."""

    site: str
    lineage: str
    seq: int
    line: int
    operation: str
    kind: MoneyKind
    amount: int
    allowance: str | None
    scope: str
    customer: str
    commitment: str
    department: str
    at: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be promised in a scope: `settled` is charged already, `exposed` is booked beyond the limit."""

    scope: str
    kind: MoneyKind
    limit: int
    settled: int
    exposed: int


@dataclass(frozen=True, slots=True)
class Lease:
    """What one site may promise from a budget: leased in all, and spent of it."""

    site: str
    id: str
    kind: MoneyKind
    budget: str
    amount: int
    spent: int

    @property
    def left(self) -> int:
        return self.amount - self.spent


@dataclass(frozen=True, slots=True)
class EnrolCode:
    """A code that makes machines sites, kept as a hash."""

    hash: str
    region: str
    name: str
    uses: int
    expires_at: int
