"""What a world knows of itself, beside the programs under test: what was shown as accepted, and what was answered.

It is told by the files' commits and by the messages, and never asks the code that it watches.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

SETTLED = frozenset({"applied", "merged", "flagged"})
NEEDS_A_PERSON = frozenset({"flagged", "held", "refused"})


@dataclass(slots=True)
class Made:
    """An operation that a site's disk took; `shown`: its agent was told that it is accepted."""

    id: str
    lineage: str
    seq: int
    kind: str
    scope: str
    document: str
    amount: int
    allowance: str | None
    head: str
    salt: str
    body: str
    machine: str
    at: int
    shown: bool = False
    bad: bool = False
    newer: bool = False
    """An updated centre can know it."""
    lost_with: str = ""
    """Why it need not be at its site any more: the machine went back to a copy without it."""
    let_go: bool = False
    """It is settled, and its site doesn't keep it any more."""
    gone: bool = False
    """It was nowhere but there."""

    @property
    def deps(self) -> tuple[str, ...]:
        return tuple(_parts(self.head).get("deps") or ())

    @property
    def short(self) -> str:
        """Return a name for the story."""
        return f"{self.kind} {self.id[-6:]} (#{self.seq})"


def _parts(head: str) -> dict[str, Any]:
    try:
        found = json.loads(head)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Answered(NamedTuple):
    """A verdict as it went out to a site; `reasons` are codes."""

    verdict: str
    reasons: tuple[str, ...]
    scope: str | None
    change: int | None


class Archived(NamedTuple):
    """An operation as the centre keeps it."""

    site: str
    lineage: str
    seq: int
    id: str
    kind: str
    head: str
    salt: str
    body: str
    verdict: str
    scope: str | None
    change: int | None


class Logged(NamedTuple):
    """A row of a scope's log."""

    seq: int
    home: str
    document: str
    action: str
    rev: int
    hash: str
    operation: str


class Line(NamedTuple):
    """A line of the ledger."""

    operation: str
    line: int
    kind: str
    amount: int
    allowance: str | None
    scope: str
    commitment: str


@dataclass(slots=True)
class CentreFacts:
    """What stands in the centre's files, as far as it was read; all of the history that is current now."""

    archive: dict[tuple[str, str, int], Archived] = field(default_factory=dict)
    by_id: dict[str, list[Archived]] = field(default_factory=dict)
    logs: dict[str, list[Logged]] = field(default_factory=dict)
    epochs: dict[str, str] = field(default_factory=dict)
    documents: dict[tuple[str, str], dict[int, str]] = field(default_factory=dict)
    """Texts of documents by revision, as far as a commit left them to be seen."""
    ledger: dict[tuple[str, str, int, int], Line] = field(default_factory=dict)
    held: set[tuple[str, str, int]] = field(default_factory=set)
    """Operations that may be decided later."""
    rowid: int = 0

    def is_in_log(self, scope: str, seq: int, hash_: str) -> bool:
        """Tell whether a cursor points at a row of a scope's log."""
        log = self.logs.get(scope, [])
        return seq == 0 or (seq <= len(log) and log[seq - 1].hash == hash_.partition(".")[0])


@dataclass(slots=True)
class Record:
    """All that is known."""

    made: dict[str, Made] = field(default_factory=dict)
    places: dict[tuple[str, int], str] = field(default_factory=dict)
    answers: dict[str, Answered] = field(default_factory=dict)
    """The last answer that left the centre for each operation."""
    centre: CentreFacts = field(default_factory=CentreFacts)
    seen: dict[str, int] = field(default_factory=dict)
    """How far each machine's operations were read, by rowid."""
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    """The lineages of the operations on each machine's disk."""
    missing: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many operations of a lineage are not on a machine's disk any more."""
    done: dict[str, set[str]] = field(default_factory=dict)
    """What agents took off the inbox, by machine."""
    provers: dict[str, str] = field(default_factory=dict)
    """Machines that have the centre's word for what it lost, with the epoch that it was lost in."""
    wished: set[str] = field(default_factory=set)
    """Operations of which their authors wanted that they are judged again, or put away."""
    bad_requests: dict[str, int] = field(default_factory=dict)
    broken_fetches: set[str] = field(default_factory=set)
    """Machines whose last file on its way broke off."""
    asked: dict[tuple[str, str], int] = field(default_factory=dict)
    """Requests sent, by machine and path."""

    def verdict(self, operation: str) -> str | None:
        """Return the verdict on an operation as the centre keeps it."""
        found = self.centre.by_id.get(operation)
        return found[-1].verdict if found else None


def codes(reasons: object) -> tuple[str, ...]:
    """Return the codes of a verdict's reasons."""
    if not isinstance(reasons, list):
        return ()
    return tuple(str(r.get("code")) for r in reasons if isinstance(r, Mapping))
