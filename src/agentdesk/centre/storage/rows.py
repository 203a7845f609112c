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
    """A site and the hash of its token; `number` begins its ticket numbers.

    `presented` is the epoch in which it last showed the leases that it holds. It signs with `public_key`; `turns`
    counts the tokens that it was given after its first. The newest of them, and the key that goes with it, are
    `next_…` until they were used once: until then the ones before are good too.
    """

    id: str
    number: int
    name: str
    region: str
    token_hash: str
    scopes: tuple[str, ...]
    revoked: bool
    enrolled_at: int
    presented: str = ""
    public_key: str = ""
    turns: int = 0
    next_key: str = ""
    next_token_hash: str = ""


@dataclass(frozen=True, slots=True)
class LineageHead:
    """Where a lineage stands; `certain_at` is an instant before which no later operation was made.

    Its site has kept the verdicts up to `acked`; up to `durable` nothing is lost with this database. It was at
    `began` when the history began that comes after `epoch`, the one in which its site greeted last.
    """

    site: str
    lineage: str
    seq: int
    hash: str
    certain_at: int
    acked: int = 0
    durable: int = 0
    epoch: str = ""
    began: int = 0


@dataclass(frozen=True, slots=True)
class ScopeHead:
    """Where a scope's log stands: its last number, and the hash of that row (empty at 0).

    Rows below `floor` are cut. `documents` and `total` are the number of documents at home here and the sum of their
    revisions, which tell whether a replica has them all.
    """

    scope: str
    epoch: str
    seq: int
    hash: str
    floor: int = 0
    documents: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Epoch:
    """One unbroken history of the centre; it is settled once every site has shown its leases or was written off."""

    epoch: str
    number: int
    began_at: int
    cause: str
    settled_at: int | None = None


class LogEntry(NamedTuple):
    """One row of a scope's log: a pointer to a document of the scope `home`, and the operation that changed it."""

    scope: str
    seq: int
    home: str
    document: str
    action: Action
    rev: int
    hash: str
    operation: str


class LogRow(NamedTuple):
    """A row of a log joined with its document as it stands now; `data` and `revs` are JSON texts.

    From `customer` on they are the columns by which a document is found (`replica.tables`).
    """

    seq: int
    hash: str
    home: str
    document: str
    action: Action
    type: str
    rev: int
    data: str
    revs: str
    customer: str | None
    state: str | None
    open: int
    due: int | None
    at: int
    ref: str | None
    owner: str | None
    department: str | None
    name: str | None


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
    """One operation as it was sent, when it came, when it was made as far as can be told, and its first verdict."""

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
    digest: str
    verdict: str
    scope: str | None
    change: int | None


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
    """What one lineage of a site may promise from a budget: leased in all, spent of it, and returned unspent.

    `amount` only grows, by what the centre leases; `spent` and `returned` move by operations of the site alone, so
    that either side can be told again after a restore. `target` is what it should hold; `serial` counts the versions
    that the site was given; `state` is `open` or `written_off` (what was left is booked as exposed).
    """

    site: str
    id: str
    kind: MoneyKind
    budget: str
    amount: int
    spent: int
    lineage: str = ""
    serial: int = 0
    target: int = 0
    returned: int = 0
    state: str = "open"

    @property
    def left(self) -> int:
        """Return what may still be promised; below 0 a copy of the site has promised more than it was leased."""
        return self.amount - self.spent - self.returned


@dataclass(frozen=True, slots=True)
class Exposure:
    """An amount that may be, or was, promised beyond a budget, with its cause: what the limit can't answer for."""

    scope: str
    kind: MoneyKind
    id: str
    site: str
    lease: str
    cause: str
    amount: int
    at: int


@dataclass(frozen=True, slots=True)
class Job:
    """Work that the centre owes a site: done once, soon after `due`, however often a server dies over it.

    `tries` counts how often it was begun.
    """

    site: str
    kind: str
    key: str
    due: int
    data: str = ""
    tries: int = 0


class TimerRow(NamedTuple):
    """When a document's clock is looked at next; `tries` counts how often that was begun since it last moved."""

    scope: str
    id: str
    due: int
    tries: int = 0


@dataclass(frozen=True, slots=True)
class EnrolCode:
    """A code that makes machines sites, or gives one `site` a new key; kept as a hash."""

    hash: str
    region: str
    name: str
    uses: int
    expires_at: int
    site: str = ""


@dataclass(frozen=True, slots=True)
class Credential:
    """What an agent signs in with: an argon2id hash as PHC text, and whether he must choose another password first.

    `pin` is what a superior's PIN was made into, as JSON, sealed by the centre's own key; empty where he has none.
    """

    agent: str
    hash: str
    must_change: bool
    changed_at: int
    signed_in_at: int = 0
    pin: str = ""
    pin_changed_at: int = 0


class Tried(NamedTuple):
    """How often somebody was wrong (`domain.tries`): an agent, known or not, or all of a site."""

    who: str
    failures: int
    at: int
    until: int
