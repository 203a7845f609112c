"""A scope on its way here as one packed file: kept as it comes, unpacked beside it, verified, and only then taken in.

What came is on disk at once, so that a process that dies loses nothing of it: its successor unpacks it again and goes
on fetching behind it. Nothing here is seen by anybody before it is whole and right.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from agentdesk.replica.opening import open_disposable
from agentdesk.replica.packing import Damaged, Unpacker
from agentdesk.replica.tables import REPLICA_VERSION, create, cursors
from agentdesk.store.errors import DiskFull, saying

__all__ = ["Damaged", "Incoming", "Offer", "forget_incoming"]

FOLDER = "incoming"
SPARE = 64 * 1024 * 1024
"""Bytes of disk that a first sync leaves free: promises have to be written, too."""
MAPPED = 1 << 36
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Offer:
    """A scope that the centre has ready as one file, at (epoch, seq, hash) of its log.

    `tables` is the version of a replica's tables, `size` and `sha256` are the packed file's, `content_size` that of
    the file in it.
    """

    name: str
    scope: str
    epoch: str
    seq: int
    hash: str
    tables: int
    rows: int
    size: int
    sha256: str
    content_size: int

    @property
    def usable(self) -> bool:
        """Tell whether this program reads such files."""
        return self.tables == REPLICA_VERSION


class Incoming:
    """One file on its way into a site's folder; used by the process that syncs."""

    def __init__(self, folder: Path, offer: Offer) -> None:
        self.offer = offer
        self._site = folder
        self._folder = folder / FOLDER
        base = _base_of(offer.scope)
        self._state = self._folder / f"{base}.json"
        self._packed = self._folder / f"{base}.part"
        self._content = self._folder / f"{base}.db"
        self._hash = sha256()
        self._unpacker = Unpacker(offer.content_size)
        with self._saying():
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if self._started() != asdict(offer):
                # another one than was begun: from the start
                self._packed.unlink(missing_ok=True)
                self._state.write_text(json.dumps(asdict(offer)))
            self._remove_content()
            self.have = self._packed.stat().st_size if self._packed.exists() else 0
            if self.have > offer.size:
                self._packed.unlink()
                self.have = 0
            self._check_room()
            self._part: IO[bytes] = self._packed.open("ab", buffering=0)
            self._out: IO[bytes] = self._content.open("wb", buffering=0)
        self.unpacked = 0
        """Of the packed bytes that are here, those that are unpacked already."""

    @property
    def behind(self) -> bool:
        """Tell whether something that an earlier process fetched is still to be unpacked."""
        return self.unpacked < self.have

    @property
    def whole(self) -> bool:
        return self.unpacked == self.offer.size

    def catch_up(self, most: int) -> None:
        """Unpack some of what is here already; raises Damaged and DiskFull."""
        with self._saying():
            data = _read(self._packed, self.unpacked, min(most, self.have - self.unpacked))
            self._unpack(data)

    def feed(self, data: bytes) -> None:
        """Keep more bytes, and unpack them; raises Damaged and DiskFull."""
        if self.have + len(data) > self.offer.size:
            raise Damaged("more came than was said")
        with self._saying():
            _write(self._part, data)
            self.have += len(data)
            self._unpack(data)

    def verify(self) -> Path:
        """Return the file, which is right in every respect and durable; raises Damaged and DiskFull."""
        if self._hash.hexdigest() != self.offer.sha256 or not self._unpacker.finished:
            raise Damaged("it isn't what the centre sent")
        with self._saying(), saying(self._site):
            os.fsync(self._out.fileno())
            self._shut()
            _verify(self._content, self.offer)
        return self._content

    def close(self) -> None:
        """Let go of the files; what came stays for the next one, what was unpacked goes."""
        self._shut()
        self._remove_content()

    def discard(self) -> None:
        """Throw everything away that came."""
        self.close()
        for path in (self._state, self._packed):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # another scope's may be there
            self._folder.rmdir()

    def _shut(self) -> None:
        for file in (self._part, self._out):
            with suppress(OSError):
                file.close()

    def _unpack(self, data: bytes) -> None:
        self._hash.update(data)
        for piece in self._unpacker.feed(data):
            _write(self._out, piece)
        self.unpacked += len(data)

    def _started(self) -> object:
        try:
            return json.loads(self._state.read_bytes())
        except (OSError, ValueError):
            return None

    def _check_room(self) -> None:
        needed = self.offer.size - self.have + self.offer.content_size + SPARE
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise DiskFull(
                f"the disk of {self._site} has no room for {self.offer.scope}: "
                f"free {(needed - free) // 1_000_000 + 1} MB more, the rest goes on by itself"
            )

    def _remove_content(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._content.with_name(f"{self._content.name}{suffix}").unlink(missing_ok=True)

    @contextmanager
    def _saying(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = "is full" if error.errno in _NO_ROOM else f"can't be written ({error.strerror})"
            raise DiskFull(
                f"the disk of {self._site} {what}: {self.offer.scope} isn't all here yet; free some space, "
                "the rest goes on by itself"
            ) from error


def forget_incoming(folder: Path, scope: str | None = None) -> None:
    """Remove what was left of first syncs that nobody goes on with: of one scope, or of all."""
    if scope is None:
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        return
    base = _base_of(scope)
    for name in ("json", "part", "db", "db-wal", "db-shm"):
        with suppress(OSError):
            (folder / FOLDER / f"{base}.{name}").unlink(missing_ok=True)
    with suppress(OSError):  # another scope's may be there
        (folder / FOLDER).rmdir()


def _base_of(scope: str) -> str:
    """Return how the files of a scope are called on their way here."""
    return scope.replace("/", "-")


def _verify(path: Path, offer: Offer) -> None:
    """Raise Damaged unless a file is a sound replica of nothing but the scope, at the place that was said."""
    try:
        connection = open_disposable(path)
        try:
            connection.execute(f"PRAGMA mmap_size={MAPPED}")
            if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                raise Damaged("its pages don't fit together")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if (version, _shape(connection)) != (REPLICA_VERSION, _replica_shape()):
                raise Damaged("it has other tables than a replica")
            if cursors(connection) != {offer.scope: (offer.epoch, offer.seq, offer.hash)}:
                raise Damaged("it stands at another place than was said")
            for table in ("document", "holder"):
                for end in ("min", "max"):
                    (scope,) = connection.execute(f"SELECT {end}(scope) FROM {table}").fetchone()
                    if scope not in (None, offer.scope):
                        raise Damaged("documents of another scope are in it")
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # the disk's trouble, not the file's
        raise Damaged(str(error)) from None


def _shape(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    rows = connection.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY type, name")
    return [(kind, name, table) for kind, name, table in rows]


def _replica_shape() -> list[tuple[str, str, str]]:
    connection = sqlite3.connect(":memory:")
    try:
        create(connection)
        return _shape(connection)
    finally:
        connection.close()


def _read(path: Path, first: int, most: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        file.seek(first)
        data = file.read(most)
    if not data:
        raise Damaged("a part of it is gone")
    return data


def _write(file: IO[bytes], data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
