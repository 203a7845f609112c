"""Importing customers from a file: streaming, in parts that are one transaction each, to any number of rows.

Two rows are the same customer when they have the same customer id of the other system or the same certificate (a row
with neither: the same number and name). Their lines, accounts and people are united, and a later value that isn't
empty wins. To import a file again changes only what it says differently.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from agentdesk.centre.authors import Means, Written, author_whole, draft, found, system_means, take_place
from agentdesk.centre.enrol import check_region
from agentdesk.centre.importer.cells import CellProblem, Parsed, RowReader
from agentdesk.centre.importer.merging import merge
from agentdesk.centre.importer.source import Record, Survey, Table, open_table, survey
from agentdesk.centre.own_key import RECOGNISING, mark_of
from agentdesk.centre.storage.contract import Database, StorageError, Transaction
from agentdesk.domain.documents import Document
from agentdesk.domain.language.spreadsheet import guarded

PART = 1_000
"""Rows in one transaction: others get their turn in between."""

_ADVICE = {
    "unclosed_quote": "a quote is opened and never closed: double the quotes that belong to a text",
    "damaged_characters": "characters are damaged: export the file again as UTF-8 or GB18030",
    "unreadable": "the line can't be read as a row of a table",
    "two_customers": "the customer id is known for one customer, the certificate for another: find out which is right",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows read, rows refused, and the share of the file that is done (0 to 1)."""

    rows: int
    rejected: int
    share: float


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an import; `written` counts customers, `rejects` is the file of refused lines, if any."""

    rows: int
    rejected: int
    written: Written
    encoding: str
    rejects: Path | None
    ignored: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one row isn't imported: a code and what to do about it."""

    line: int
    cells: Sequence[str]
    code: str
    advice: str


def import_customers(
    database: Database,
    path: Path,
    region: str,
    progress: Callable[[Progress], None] | None = None,
    *,
    means: Means | None = None,
) -> Report:
    """Import a CSV file of customers into a region; refused lines go to `<name>.rejected.csv` beside it.

    Raises ImportRefused when the file as a whole can't be read, BadRegion, and StorageError.
    """
    scope = f"region/{check_region(region)}"
    started = time.perf_counter()
    file = survey(path)
    table, records, stream = open_table(file)
    part = _Part(means or system_means(), database.secret(), scope, file)
    reader = RowReader(table.fields)
    rows = rejected = 0
    written = Written()
    waiting: Future[tuple[Written, list[Problem]]] | None = None
    with stream, _Rejects(path, table) as rejects:
        for batch in _parts(records):
            good, bad = _parse(batch, reader)
            if waiting is not None:
                more, refused = waiting.result()
                written += more
                rejected += rejects.add(refused)
            rows += len(batch)
            rejected += rejects.add(bad)
            waiting = database.write(partial(part.write, good)) if good else None
            if progress is not None:
                progress(Progress(rows, rejected, min(1.0, _position(stream) / file.size)))
        if waiting is not None:
            more, refused = waiting.result()
            written += more
            rejected += rejects.add(refused)
        if progress is not None:
            progress(Progress(rows, rejected, 1.0))
    ignored = tuple(h for h, field in zip(table.headers, table.fields, strict=True) if field is None and h.strip())
    seconds = time.perf_counter() - started
    return Report(rows, rejected, written, file.encoding, rejects.path if rejected else None, ignored, seconds)


class _Part:
    """What each part of one import shares."""

    def __init__(self, means: Means, secret: bytes, scope: str, file: Survey) -> None:
        self._means = means
        self._secret = secret
        self._scope = scope
        self._number = 0
        self._note = draft("customers.imported", scope, means.new_id(), {"file": file.path.name, "sha256": file.digest})

    def write(self, rows: Sequence[Parsed], tx: Transaction) -> tuple[Written, list[Problem]]:
        """Merge rows into their customers, in their order; those that contradict what is known are refused."""
        found(tx, self._means)
        take_place(tx)
        self._check_secret(tx)
        keys = [[self._digest(kind, text) for kind, text in row.keys] for row in rows]
        known = tx.identities(self._scope, {key for of_row in keys for key in of_row})
        new: dict[str, str] = {}
        owners: list[str | None] = []
        problems: list[Problem] = []
        for row, digests in zip(rows, keys, strict=True):
            candidates = {known[key] for key in digests if key in known}
            if len(candidates) > 1:
                problems.append(Problem(row.line_number, row.cells, "two_customers", _ADVICE["two_customers"]))
                owners.append(None)
                continue
            # ids that grow with time keep what is written together together in the database's indexes
            customer = candidates.pop() if candidates else f"c-{self._means.new_id()}"
            for key in digests:
                if key not in known:
                    known[key] = new[key] = customer
            owners.append(customer)
        ids = sorted({owner for owner in owners if owner is not None})
        before = {d.id: d for d in tx.lock_documents(self._scope, ids)}
        merged: dict[str, dict[str, Any]] = {}
        for row, owner in zip(rows, owners, strict=True):
            if owner is not None:
                base = merged.get(owner) or (before[owner].data if owner in before else None)
                merged[owner] = merge(base, row, owner, self._salt)
        documents = [Document(self._scope, owner, "customer", 0, data) for owner, data in merged.items()]
        self._number += 1
        lines = [rows[0].line_number, rows[-1].line_number]
        note = replace(self._note, body={**self._note.body, "part": self._number, "lines": lines})
        written = author_whole(tx, self._means, note, documents, before)
        if new:
            tx.put_identities(self._scope, new.items())
        return written, problems

    def _check_secret(self, tx: Transaction) -> None:
        """Refuse a secret that isn't the one of this database: with it every customer would be a new one."""
        check = mark_of(self._secret)
        known = tx.meta(RECOGNISING)
        if known is None:
            tx.set_meta(RECOGNISING, check)
        elif known != check:
            raise StorageError("the key file beside the database is not the one it was made with: put that one back")

    def _digest(self, kind: str, text: str) -> str:
        """Return what stands for a key in the database: a certificate can't be read from it, or tried out."""
        key = f"{kind}\n{self._scope}\n{text}"
        return blake2b(key.encode(), key=self._secret, digest_size=20).hexdigest()

    def _salt(self) -> str:
        return self._means.random(8).hex()


class _Rejects:
    """The file of refused lines, made with the first of them; an older one is taken away."""

    def __init__(self, source: Path, table: Table) -> None:
        self.path = source.with_name(f"{source.stem}.rejected.csv")
        self._headers = table.headers
        self._file: TextIO | None = None

    def __enter__(self) -> _Rejects:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, problems: Sequence[Problem]) -> int:
        """Write refused lines and return how many they are."""
        if problems and self._file is None:
            # as UTF-8 with a mark, so that a spreadsheet shows the Chinese in it; for its owner's eyes only
            # one that is there meanwhile isn't ours, and may be a link
            made = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(made, "w", encoding="utf-8-sig", errors="replace", newline="")
            csv.writer(self._file).writerow(["line", "reason", "what to do", *map(guarded, self._headers)])
        if self._file is not None:
            writer = csv.writer(self._file)
            for problem in problems:
                writer.writerow([problem.line, problem.code, problem.advice, *map(guarded, problem.cells)])
        return len(problems)


def _parts(records: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == PART:
            yield batch
            batch = []
    if batch:
        yield batch


def _parse(batch: Sequence[Record], reader: RowReader) -> tuple[list[Parsed], list[Problem]]:
    good: list[Parsed] = []
    bad: list[Problem] = []
    for line, cells, problem in batch:
        if problem is not None:
            bad.append(Problem(line, cells, problem, _ADVICE[problem]))
            continue
        try:
            good.append(reader.read(line, cells))
        except CellProblem as error:
            bad.append(Problem(line, cells, error.code, str(error)))
    return good, bad


def _position(stream: TextIO) -> int:
    try:
        return stream.buffer.tell()
    except (OSError, ValueError):
        return 0
