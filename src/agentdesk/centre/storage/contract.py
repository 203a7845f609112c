"""What the centre needs of a database; SQLite is the first driver, PostgreSQL the second.

Lock order inside a transaction, the same for everything that writes: site and lineage; names; documents, customers
among them (in one order, by scope and id; every rule about a customer locks that row, also if it only reads it);
leases and budgets (sorted); scopes (sorted), last but for the rows of the timetable (sorted). Without it two workers
grant the same once-per-cycle promise, or wait for each other. On SQLite the one writer makes the locks empty, but the
order of the calls is the same. Scope numbers are so taken in commit order: logs have no holes, and what a reader has
seen is a prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol, TypeVar

from agentdesk.centre.storage.rows import (
    Archived,
    Budget,
    Credential,
    EnrolCode,
    Epoch,
    Exposure,
    Job,
    Lease,
    LedgerLine,
    LineageHead,
    LogEntry,
    LogRow,
    Receipt,
    ScopeHead,
    Site,
    TimerRow,
    Tried,
)
from agentdesk.centre.storage.seals import Seals
from agentdesk.domain.documents import Document

T = TypeVar("T")


class StorageError(Exception):
    """The database can't do it now; the message is one line that says what to do."""


class StorageFull(StorageError):
    """The disk is full: nothing was written."""


class StorageBusy(StorageError):
    """Another process holds the database for too long."""


class Snapshot(Protocol):
    """Reads, all of one moment."""

    def meta(self, name: str) -> str | None:
        """Return one of the centre's own facts."""

    def site(self, site: str) -> Site | None: ...

    def sites(self) -> list[Site]: ...

    def scopes(self, names: Collection[str]) -> dict[str, ScopeHead]:
        """Return the heads of those scopes that have a log."""

    def heads(self) -> list[ScopeHead]:
        """Return the heads of all logs, by scope."""

    def log_hash(self, scope: str, seq: int) -> str | None:
        """Return the hash of a log's row, None if there is no such row."""

    def log(self, scope: str, after: int, limit: int) -> Iterator[LogRow]:
        """Yield a log's rows after a number, in order, each with its document as it stands now."""

    def log_entries(self, scope: str, after: int, limit: int) -> list[LogEntry]:
        """Return a log's rows after a number as they were written, in order."""

    def documents(self, scope: str, ids: Collection[str]) -> list[Document]: ...

    def of_type(self, scope: str, type_: str) -> list[Document]: ...

    def work(self, scope: str, customers: Collection[str], since: int) -> list[Document]:
        """Return the work of customers: all that is open, and what was made since an instant."""

    def attached(self, scope: str, announcement: str, most: int) -> list[Document]:
        """Return customers attached to an announcement that weren't told of its end, in any order."""

    def made_by(self, scope: str, owners: Collection[str], since: int) -> list[Document]:
        """Return the commitments that agents made since an instant."""

    def receipts(self, site: str, ids: Collection[str]) -> list[Receipt]:
        """Return the verdicts on operations by their ids, also of those whose receipts are pruned (without reasons)."""

    def lineages(self, site: str) -> list[LineageHead]:
        """Return the lineages of a site, by name."""

    def epochs(self) -> list[Epoch]:
        """Return the histories of this centre, oldest first."""

    def receipts_at(self, site: str, lineage: str, first: int, last: int) -> list[Receipt]:
        """Return the receipts of a lineage from one sequence number to another, in order."""

    def archived(self, site: str, lineage: str, first: int, last: int) -> list[Archived]: ...

    def held(self, site: str | None, most: int, after: tuple[str, str, int] = ("", "", 0)) -> list[Archived]:
        """Return operations that are held, of one site or of all, by site, lineage and seq, from after such a place."""

    def ledger(self, scope: str) -> list[LedgerLine]: ...

    def booked(self, site: str, lineage: str, seq: int) -> list[LedgerLine]:
        """Return what one operation was booked, by line."""

    def leases(self, site: str) -> list[Lease]: ...

    def budgets(self, scopes: Collection[str]) -> list[Budget]: ...

    def leased(self, scope: str) -> list[Lease]:
        """Return all leases drawn on a scope's budgets, by site and id."""

    def exposures(self, scope: str) -> list[Exposure]:
        """Return what is booked beyond a scope's budgets, oldest first."""

    def jobs(self, until: int, most: int) -> list[Job]:
        """Return work that is due, oldest first."""

    def timers(self, until: int, most: int) -> list[TimerRow]:
        """Return documents whose clocks are to be looked at, oldest first."""

    def open_keys(self, types: Collection[str], after: tuple[str, int, str], most: int) -> list[tuple[str, int, str]]:
        """Return the (scope, due, id) of unfinished work of some types, in that order, from after such a place."""

    def outstanding(self, scope: str) -> dict[str, int]:
        """Return for each kind of a scope's budgets the sum of what leases have left."""

    def budget_scopes(self) -> list[str]:
        """Return the scopes that have budgets, by name."""

    def settled(self, scope: str) -> dict[str, int]:
        """Return for each kind of money what the ledger says was promised in a scope."""

    def charged(self, site: str) -> dict[tuple[str, str, str], int]:
        """Return what the ledger says that a site's own operations drew, by lease, kind and scope."""

    def identities(self, scope: str, digests: Collection[str]) -> dict[str, str]:
        """Return which customer of a scope each known identity digest stands for."""

    def sizes(self) -> dict[str, int]:
        """Return how many rows the tables hold that grow: documents, scope_log, receipt, archive, ledger, held."""

    def check_log(self, scope: str) -> int:
        """Return the number of holes in a scope's log, from its floor on: anything but 0 is a bug."""

    def evidence(self, table: str, after: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        """Return rows of a sealed table (`seals.SEALED`) with their seals, by key from behind `after` on."""

    def misshapen(self, limit: int) -> list[tuple[str, str, str]]:
        """Return (table, key, column) of evidence where a number is none or a text is something else.

        A database that keeps to the sorts of its columns has none.
        """

    def lost_documents(self, scope: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Return the (number, document) of log rows whose document isn't here, or is older than the row says."""

    def unlogged_documents(self, scope: str, floor: int, limit: int) -> list[tuple[str, int]]:
        """Return the (id, revision) of a scope's documents, from a revision on, that its log knows nothing of."""

    def documents_of(self, customer: str) -> list[str]:
        """Return the ids of what is a customer's."""

    def customers_known_as(self, number: str, name: str) -> list[tuple[str, str]]:
        """Return (scope, id) of customers who are reached under a number, or whose id or whole name it is."""

    def log_scopes(self) -> list[str]:
        """Return the scopes of which there are log rows."""

    def holders(self, scope: str, customers: Collection[str]) -> list[tuple[Any, ...]]:
        """Return under which numbers customers are found, as rows of a replica, in any order."""

    def stray_holders(self, limit: int) -> list[tuple[str, str]]:
        """Return (scope, customer) of numbers that lead to nobody."""

    def stray_money(self, limit: int) -> list[tuple[str, str, int, int]]:
        """Return (site, lineage, number, line) of the ledger whose operation isn't there, or is another one."""

    def unbudgeted(self) -> list[tuple[str, str]]:
        """Return (scope, kind) of leases and ledger lines without a budget."""

    def below_zero(self, limit: int) -> list[tuple[str, str, str, int]]:
        """Return (promise, unit, kind, amount) of what stands below zero in the ledger."""

    def export_rows(self, scope: str, after: str, limit: int) -> list[tuple[Any, ...]]:
        """Return documents of a scope as rows of a replica (`replica.tables.COLUMNS`), by id from behind `after` on."""

    def export_holders(self, scope: str, after: tuple[str, str, str], limit: int) -> list[tuple[Any, ...]]:
        """Return who holds the numbers of a scope as rows of a replica, after a (number, customer, subscription)."""

    def credential(self, agent: str) -> Credential | None:
        """Return what an agent signs in with, None for one who has no password."""

    def credentials(self) -> list[Credential]: ...

    def tried(self, names: Collection[str]) -> dict[str, Tried]:
        """Return how often each of these was wrong, of those that were."""


class Transaction(Snapshot, Protocol):
    """Reads and writes, all or nothing; call the locks in the order of the module's text."""

    def attempt(self, work: Callable[[], T]) -> T:
        """Run a part that may fail by itself: then nothing of it is written, and what it raised comes through.

        What the database can't do now is raised as StorageError and no part's own fault.
        """

    def set_meta(self, name: str, value: str) -> None: ...

    def lock_site(self, site: str) -> Site | None: ...

    def lock_lineage(self, site: str, lineage: str) -> LineageHead | None: ...

    def move_lineage(self, head: LineageHead) -> None:
        """Write where a lineage stands now; a new one begins."""

    def lock_names(self, sort: str, names: Collection[str]) -> None:
        """Wait until nobody else holds these names of a sort: for rules about what has no row of its own to lock."""

    def lock_documents(self, scope: str, ids: Sequence[str]) -> list[Document]:
        """Return documents, held until the end of the transaction; `ids` are sorted."""

    def lock_budgets(self, scope: str) -> list[Budget]: ...

    def lock_scopes(self, names: Sequence[str]) -> dict[str, ScopeHead]:
        """Return the heads of scopes, held until the end; new ones begin. `names` are sorted."""

    def move_scopes(self, heads: Iterable[ScopeHead]) -> None: ...

    def append(self, entries: Iterable[LogEntry]) -> None: ...

    def cut_log(self, scope: str, floor: int) -> None:
        """Remove a log's rows below a number, and raise the scope's floor to it; its row is locked."""

    def put(self, documents: Sequence[Document]) -> None:
        """Write documents with their index columns, and the numbers that lead to customers."""

    def give_seals(self, table: str, after: Sequence[Any], limit: int, anew: bool) -> Sequence[Any] | None:
        """Seal rows of a table that have no seal, or all `anew`, by key from behind `after` on.

        Returns the key from behind which it goes on, None at the end.
        """

    def put_epoch(self, epoch: Epoch) -> None:
        """Write an epoch; a new one is that of all scopes from now on."""

    def change_receipt(self, receipt: Receipt) -> None:
        """Write another verdict in an operation's receipt, and in its archive row."""

    def prune_receipts(self, site: str, lineage: str, below: int) -> int:
        """Remove the receipts of a lineage below a number; returns how many.

        Those that give reasons stay: the archive has the verdict only, and who lost an answer is told why.
        """

    def erase_contents(self, site: str, lineage: str, first: int, last: int, before: int) -> int:
        """Erase the bodies of a lineage's operations that came before an instant and aren't held; returns how many.

        Heads stay, so that the chain can be followed.
        """

    def add_exposure(self, exposure: Exposure) -> None: ...

    def put_job(self, job: Job) -> None:
        """Write down work that is owed; what has the same key already stays as it is."""

    def take_job(self, job: Job) -> Job | None:
        """Return work as it stands, held until the end; None if it is done. The lock of its site comes before."""

    def drop_job(self, job: Job) -> None: ...

    def put_timers(self, rows: Sequence[TimerRow], over: Sequence[TimerRow]) -> None:
        """Write when documents are looked at next, and take those off that are over; both sorted, after the scopes."""

    def move_timer(self, row: TimerRow, to: TimerRow | None) -> bool:
        """Put a row in another's place, or take it off, if it still stands as it was; tells whether it did."""

    def add_receipts(self, receipts: Iterable[Receipt]) -> None: ...

    def add_archived(self, operations: Iterable[Archived]) -> None: ...

    def add_ledger(self, lines: Iterable[LedgerLine]) -> None: ...

    def put_lease(self, lease: Lease) -> None: ...

    def put_budget(self, budget: Budget) -> None: ...

    def put_site(self, site: Site) -> None: ...

    def next_site_number(self) -> int: ...

    def put_code(self, code: EnrolCode) -> None: ...

    def use_code(self, hash_: str, now: int) -> EnrolCode | None:
        """Take one use of a code that is still good; None if there is none."""

    def put_credential(self, credential: Credential) -> None: ...

    def drop_credential(self, agent: str) -> None: ...

    def put_tried(self, rows: Iterable[Tried], before: int) -> None:
        """Write how often somebody was wrong, his name locked; what nobody has tried since `before` is forgotten."""

    def put_identities(self, scope: str, identities: Iterable[tuple[str, str]]) -> None:
        """Remember which customer a (digest, customer) pair stands for."""


class Database(Protocol):
    """A database of the centre; work is a function of the transaction, and may run more than once.

    The future of `write` is done when the transaction is durable. It fails with what the work raised, in which
    case nothing of it was written, or with a StorageError.
    """

    def write(self, work: Callable[[Transaction], T]) -> Future[T]: ...

    def read(self, work: Callable[[Snapshot], T]) -> Future[T]: ...

    def listen(self, told: Callable[[Mapping[str, int]], None]) -> Callable[[], None]:
        """Have `told` called with the last numbers of scopes that moved, soon after a commit, whosever it was.

        It is called on a thread of the driver's, and neither waits nor raises. What moved several times may be told
        once, with the newest number; after a fault of the database all scopes may be told. Call what this returns to
        hear no more.
        """

    def backup(self, target: Path) -> list[tuple[str, str, int]]:
        """Copy the database, as of one moment, into a new file; returns the end of each lineage in it.

        Raises StorageError, also where that is done with the database's own tools.
        """

    def secret(self) -> bytes:
        """Return the centre's own secret, which is kept outside the database; raises StorageError."""

    @property
    def seals(self) -> Seals:
        """Return what makes the seals of this database's rows."""

    @property
    def folder(self) -> Path:
        """Return where the centre's files lie that are kept outside the database: its secret, prepared snapshots."""

    def close(self) -> None:
        """Finish what waits, then let go of the files."""
