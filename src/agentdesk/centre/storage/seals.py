"""Seals: each row that is evidence bears a mark made with the centre's key over all that it says.

The key lies outside the database: who can write into the database and hasn't the key can change a row, but not its
seal. That a row is missing, or stands in another's place, is told by the chains (`centre.auditing`); a seal tells that
a row was changed or put in, whatever column it was.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from agentdesk.centre.storage.reads import (
    ARCHIVE,
    BUDGET,
    CREDENTIAL,
    EPOCH,
    EXPOSURE,
    LEASE,
    LEDGER,
    LINEAGE,
    RECEIPT,
    SCOPE,
    SITE,
)
from agentdesk.centre.storage.rows import Archived
from agentdesk.replica.tables import COLUMNS

SIZE = 12
"""Bytes of a seal: 96 bits, which nobody guesses."""

BODY = Archived._fields.index("body")
"""What an archived row's seal leaves out: a content may be erased, and the head has its digest."""
MARKED = Archived._fields.index("marked")


class Sealed(NamedTuple):
    """A table whose rows are sealed: its columns as they are written, of which the first `key` name the row."""

    key: int
    columns: tuple[str, ...]

    @property
    def listed(self) -> str:
        """Return the columns as a statement names them."""
        return ", ".join(self.columns)

    @property
    def keys(self) -> tuple[str, ...]:
        return self.columns[: self.key]


def _table(key: int, columns: str) -> Sealed:
    return Sealed(key, tuple(columns.split(", ")))


SEALED: Mapping[str, Sealed] = {
    "meta": _table(1, "name, value"),
    "site": _table(1, SITE),
    "epoch": _table(1, EPOCH),
    "scope": _table(1, SCOPE),
    "lineage": _table(2, LINEAGE),
    "archive": _table(3, ARCHIVE),
    "receipt": _table(3, RECEIPT),
    "document": _table(2, COLUMNS),
    "ledger": _table(4, LEDGER),
    "budget": _table(2, BUDGET),
    "allowance": _table(2, LEASE),
    "exposure": _table(3, EXPOSURE),
    "credential": _table(1, CREDENTIAL),
}
"""The tables that are evidence. Not in it: a log's rows, which are chained; `holder`, which follows from the customers;
what only says what is to be done next (`job`, `timer`), how often somebody was wrong (`tried`), and what lets a machine
in or knows a customer again, each use of which is an operation (`enrol_code`, `identity`)."""

CHAINED = ("scope_log", "holder")
"""Evidence that bears no seal: it is chained, or follows from what is sealed."""


class Seals:
    """Makes seals with the key that a centre keeps outside its database; it is read with the first one."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret
        self._key = b""

    def seal(self, table: str, row: Sequence[object]) -> str:
        """Return the seal of a row, given with its table's columns in their order; the same on every database."""
        if not self._key:
            self._key = blake2b(b"seal", key=self._secret()).digest()
        if table == "archive":
            row = _archived(row)
        # ASCII alone, so that what is sealed reads the same in every version of the language
        text = table + ascii(tuple(row))
        return urlsafe_b64encode(blake2b(text.encode(), key=self._key, digest_size=SIZE).digest()).decode()


def _archived(row: Sequence[object]) -> tuple[object, ...]:
    """Return an archived row as it is sealed: the same whether it is to be written or was read, on either database."""
    texts = (one.decode("utf-8", "surrogatepass") if isinstance(one, bytes) else one for one in row[:BODY])
    return (*texts, *row[BODY + 1 : MARKED], bool(row[MARKED]), *row[MARKED + 1 :])
