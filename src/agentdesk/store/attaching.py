"""The replicas that are current, attached to a connection to the outbox for reading.

Which ones are stands in the outbox, so that another process that brings a new generation is noticed with the next look.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agentdesk.replica.driver import most_attached, sqlite
from agentdesk.replica.opening import attach
from agentdesk.store.errors import StoreError

SMALL = "small"
"""The replica of all scopes that are not a region's: catalogue, org, the site's own."""

LOOK_MS = 200
"""How long a writer relies on its last look at which replicas are current; the old one still serves meanwhile."""

_Current = tuple[tuple[str, str, int], ...]


def replica_of(scope: str) -> str:
    """Return the name of the replica that a scope lies in: one for each region, one for all the rest.

    The name of a replica may stand for a scope in it.
    """
    return scope if scope.startswith("region/") else SMALL


class Attached:
    """The replicas that one connection to a site's outbox reads; `mono_ms` is a clock that never goes back."""

    def __init__(self, outbox: sqlite.Connection, folder: Path, key: bytes | None, mono_ms: Callable[[], int]) -> None:
        self._outbox = outbox
        self._folder = folder
        self._key = key
        self._mono_ms = mono_ms
        self._aliases: dict[str, str] = {}
        self._known: _Current = ()
        self._data_version = -1
        self._looked = -LOOK_MS
        self._numbered = 0
        self._old: list[str] = []
        self._most = most_attached(outbox)

    def is_stale(self) -> bool:
        """Tell whether the last look was too long ago for a writer to rely on."""
        return self._mono_ms() - self._looked > LOOK_MS

    def refresh(self) -> bool:
        """Attach the replica files that are current now; True if that changed anything.

        Inside a transaction nothing can be attached: it is done with the next look.
        """
        if self._outbox.in_transaction:
            return False
        self._looked = self._mono_ms()
        version = self._outbox.execute("PRAGMA main.data_version").fetchone()[0]
        if version == self._data_version:
            return False
        changed = self.follow()
        self._data_version = version
        return changed

    def _current(self) -> _Current:
        return tuple(self._outbox.execute("SELECT name, file, generation FROM replica ORDER BY name").fetchall())

    def follow(self) -> bool:
        """Attach what is current now, as whoever has just changed that; True if that changed anything here."""
        before = self._known
        while (rows := self._current()) != self._known:
            if self._attach(rows):
                self._known = rows
            # else another process has a newer generation, and took the file away that was just to be attached
        return self._known != before

    def _attach(self, rows: _Current) -> bool:
        """Attach what isn't yet; False if a file went away meanwhile because there is a newer one."""
        before = {name: file for name, file, _ in self._known}
        for name in self._aliases.keys() - {name for name, _, _ in rows}:
            self._old.append(self._aliases.pop(name))
        for name, file, _ in rows:
            if before.get(name) == file and name in self._aliases:
                continue
            alias = self._attached(file)
            if alias is None and self._current() != rows:
                return False
            if name in self._aliases:
                self._old.append(self._aliases.pop(name))
            if alias is not None:
                self._aliases[name] = alias
        self._detach_old()
        return True

    def _attached(self, file: str) -> str | None:
        """Attach a file and look into it, so that its log is open too; None if it isn't there."""
        self._detach_old()
        if len(self._aliases) + len(self._old) >= self._most:
            raise StoreError(f"this site follows too many regions: at most {self._most - 1} fit; ask for fewer")
        self._numbered += 1
        alias = f"replica{self._numbered}"
        try:
            attach(self._outbox, self._folder / file, alias, self._key)
        except sqlite.OperationalError:
            if (self._folder / file).exists():
                raise
            return None
        try:
            self._outbox.execute(f"SELECT count(*) FROM {alias}.cursor").fetchone()
        except sqlite.OperationalError:
            self._old.append(alias)
            if (self._folder / file).exists():
                raise
            return None
        return alias

    def _detach_old(self) -> None:
        for alias in tuple(self._old):
            # a reader in the middle of a statement keeps it for now
            with suppress(sqlite.OperationalError):
                self._outbox.execute(f"DETACH DATABASE {alias}")
                self._old.remove(alias)

    def alias(self, scope: str) -> str | None:
        """Return the attached schema in which a scope's documents lie, or None while there is none.

        Documents of a region that isn't replicated whole may have been told to the site through its other scopes.
        """
        return self._aliases.get(replica_of(scope)) or self._aliases.get(SMALL)

    def aliases(self) -> tuple[str, ...]:
        return tuple(self._aliases.values())

    def is_replicated(self, scope: str) -> bool:
        """Tell whether a scope's own replica is here."""
        return replica_of(scope) in self._aliases

    def small(self) -> str | None:
        """Return the attached schema of the scopes that aren't regions."""
        return self._aliases.get(SMALL)
