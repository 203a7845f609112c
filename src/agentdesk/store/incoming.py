"""A scope on its way here as one encrypted file: kept as it comes, opened and loaded beside it, and only then taken in.

What came is on disk at once, so that a process that dies loses nothing of it: its successor loads it again and goes on
fetching behind it. The key that opens it is given with the offer and is nowhere on this disk; what is loaded lies in a
file of the site's own, with the site's key. Nothing here is seen by anybody before it is whole and right.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO

from agentdesk.replica.driver import sqlite
from agentdesk.replica.loading import Loader, about
from agentdesk.replica.opening import open_disposable, open_scratch
from agentdesk.replica.packing import Damaged, Unpacker
from agentdesk.replica.tables import REPLICA_VERSION, cursors, indexes, set_cursor
from agentdesk.replica.tally import Tally, set_tally
from agentdesk.store.errors import DiskFull, saying
from agentdesk.store.private import open_private, write_private
from agentdesk.trust.streams import Forged, Opener

__all__ = ["Damaged", "Incoming", "Offer", "forget_incoming"]

FOLDER = "incoming"
SPARE = 64 * 1024 * 1024
"""Bytes of disk that a first sync leaves free: promises have to be written, too."""
GROWTH = 1.5
"""How many times as large a file is as the rows in it, at most: its indexes, and what encryption takes."""
UNFOLDS = 200
"""How many times as large rows are as the file that they are packed in, at most: ten times is usual."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Offer:
    """A scope that the centre has ready as one file, at (epoch, seq, hash) of its log.

    `tables` is the version of a replica's tables, `size` and `sha256` are the encrypted file's, `content_size` that of
    the rows in it: so many documents (`rows`) with a sum of their revisions (`total`), and so many `holders`. `key`
    opens it, and is never written down.
    """

    name: str
    scope: str
    epoch: str
    seq: int
    hash: str
    tables: int
    rows: int
    total: int
    holders: int
    size: int
    sha256: str
    content_size: int
    key: bytes = field(repr=False)

    @property
    def usable(self) -> bool:
        """Tell whether this program reads such files."""
        return self.tables == REPLICA_VERSION

    def written_down(self) -> dict[str, object]:
        """Return what may stand on a disk."""
        return {name: value for name, value in asdict(self).items() if name != "key"}


class Incoming:
    """One file on its way into a site's folder; used by the process that syncs. `key` is the site's data key."""

    def __init__(self, folder: Path, offer: Offer, key: bytes | None = None) -> None:
        if offer.content_size > UNFOLDS * offer.size:
            raise Damaged("it would unfold to more than rows ever do")
        self.offer = offer
        self._key = key
        self._site = folder
        self._folder = folder / FOLDER
        base = _base_of(offer.scope)
        self._state = self._folder / f"{base}.json"
        self._packed = self._folder / f"{base}.part"
        self._content = self._folder / f"{base}.db"
        self._hash = sha256()
        self._opener = Opener(offer.key, about(offer.name, offer.scope), offer.size)
        self._unpacker = Unpacker(offer.content_size)
        with self._saying(), saying(folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if self._started() != offer.written_down():
                # another one than was begun: from the start
                self._packed.unlink(missing_ok=True)
                write_private(self._state, json.dumps(offer.written_down()))
            self._remove_content()
            self.have = self._packed.stat().st_size if self._packed.exists() else 0
            if self.have > offer.size:
                self._packed.unlink()
                self.have = 0
            self._check_room()
            self._part: IO[bytes] = open_private(self._packed, "ab", buffering=0)
            self._connection: sqlite.Connection | None = open_scratch(self._content, key)
            self._loader = Loader(self._connection, offer.scope, offer.rows, offer.holders)
        self.unpacked = 0
        """Of the encrypted bytes that are here, those that are loaded already."""
        self._indexes = list(indexes())

    @property
    def behind(self) -> bool:
        """Tell whether something that an earlier process fetched is still to be loaded."""
        return self.unpacked < self.have

    @property
    def whole(self) -> bool:
        return self.unpacked == self.offer.size

    @property
    def indexed(self) -> bool:
        """Tell whether all is made that can be made of what came."""
        return not self._indexes

    def catch_up(self, most: int) -> None:
        """Load some of what is here already; raises Damaged and DiskFull."""
        with self._saying():
            data = _read(self._packed, self.unpacked, min(most, self.have - self.unpacked))
            self._load(data)

    def feed(self, data: bytes) -> None:
        """Keep more bytes, and load them; raises Damaged and DiskFull."""
        if self.have + len(data) > self.offer.size:
            raise Damaged("more came than was said")
        with self._saying():
            _write(self._part, data)
            self.have += len(data)
            self._load(data)

    def index(self) -> None:
        """Make the next index of what was loaded, once it is whole; raises Damaged and DiskFull."""
        self._check_whole()
        with self._saying(), saying(self._site):
            self._open.execute(self._indexes[0])
            del self._indexes[0]

    def verify(self) -> Path:
        """Return the file, which is right in every respect and durable; raises Damaged and DiskFull."""
        while not self.indexed:
            self.index()
        self._check_whole()
        offer = self.offer
        with self._saying(), saying(self._site):
            connection = self._open
            connection.execute("BEGIN IMMEDIATE")
            set_cursor(connection, offer.scope, offer.epoch, offer.seq, offer.hash)
            set_tally(connection, offer.scope, Tally(offer.rows, offer.total))
            connection.execute("COMMIT")
            self._shut()
            with self._content.open("rb") as file:
                os.fsync(file.fileno())
            _verify(self._content, offer, self._key)
        return self._content

    def close(self) -> None:
        """Let go of the files; what came stays for the next one, what was loaded goes."""
        self._shut()
        self._remove_content()

    def discard(self) -> None:
        """Throw everything away that came."""
        self.close()
        for path in (self._state, self._packed):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # another scope's may be there
            self._folder.rmdir()

    @property
    def _open(self) -> sqlite.Connection:
        assert self._connection is not None
        return self._connection

    def _shut(self) -> None:
        with suppress(OSError):
            self._part.close()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _load(self, data: bytes) -> None:
        self._hash.update(data)
        with saying(self._site):
            connection = self._open
            connection.execute("BEGIN IMMEDIATE")
            try:
                for chunk in self._opener.feed(data):
                    for piece in self._unpacker.feed(chunk):
                        self._loader.feed(piece)
            except Forged as error:
                raise Damaged(str(error)) from None
            connection.execute("COMMIT")
        self.unpacked += len(data)

    def _check_whole(self) -> None:
        """Raise Damaged unless what came is what the centre sent, and what was loaded is what it counted."""
        if self._hash.hexdigest() != self.offer.sha256 or not self._opener.finished or not self._unpacker.finished:
            raise Damaged("it isn't what the centre sent")
        if not self._loader.finished or self._loader.total != self.offer.total:
            raise Damaged("it hasn't the documents that the centre counted")

    def _started(self) -> object:
        try:
            return json.loads(self._state.read_bytes())
        except (OSError, ValueError):
            return None

    def _check_room(self) -> None:
        needed = self.offer.size - self.have + int(self.offer.content_size * GROWTH) + SPARE
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


def _verify(path: Path, offer: Offer, key: bytes | None) -> None:
    """Raise Damaged unless a file is a replica of the scope, at the place and with as many documents as was said."""
    connection = open_disposable(path, key)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (documents,) = connection.execute("SELECT count(*) FROM document").fetchone()
        if (version, documents) != (REPLICA_VERSION, offer.rows):
            raise Damaged("what was loaded isn't what came")
        if cursors(connection) != {offer.scope: (offer.epoch, offer.seq, offer.hash)}:
            raise Damaged("it stands at another place than was said")
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
