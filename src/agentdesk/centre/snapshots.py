"""Prepared snapshots: a scope as packed and encrypted rows, for sites that begin or have fallen far behind.

What lies in the folder with a manifest beside it is whole and never changes; a newer one has another name. A snapshot
counts as long as its place stands in the scope's log: a centre restored from a backup offers none from the future.

Each has a key of its own, and none lies there in the open: the manifest has it wrapped by the centre's secret, which is
kept elsewhere, so that who has the folder, or a copy of it, has nothing. What another secret wrapped isn't offered.
"""

from __future__ import annotations

import fcntl
import hmac
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Annotated

from pydantic import Field, ValidationError

from agentdesk.centre.authors import Means
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Database, Snapshot, StorageBusy, StorageError, StorageFull
from agentdesk.centre.storage.copying import copy_scope
from agentdesk.centre.storage.rows import ScopeHead
from agentdesk.protocol.snapshots import SUFFIX, Manifest, Offered
from agentdesk.replica.loading import about
from agentdesk.replica.packing import packer
from agentdesk.replica.tables import REPLICA_VERSION
from agentdesk.trust.streams import KEY_BYTES, Sealer
from agentdesk.trust.wrapping import NONCE_BYTES, WrongKey, unwrap, wrap

GENERATIONS = 2
"""Snapshots of a scope that are kept: the newest, and the one that somebody may be fetching still."""
MIN_ROWS = 20_000
"""Documents from which a snapshot is worth it: below that a site has the pages of the log as soon."""
MIN_GROWTH = 20_000
"""Changes behind a snapshot that a site reads in pages rather than being given a new one."""
GROWTH = 0.1
"""Share of a snapshot's documents that may have changed since; after PAUSE_MS a new one is prepared."""
PAUSE_MS = 3_600_000

FOLDER = "snapshots"
_SCRATCH = ".making"
_FORMER = ".db.zst"
"""How they were called while they were files of SQLite."""


class Kept(Manifest):
    """A snapshot as it lies here, with its key wrapped."""

    sealed_key: Annotated[str, Field(pattern=r"^[0-9a-f]{24,200}$")]


class Shelf:
    """The folder of a centre's snapshots; `secret` is what wraps their keys."""

    def __init__(self, folder: Path, secret: Callable[[], bytes]) -> None:
        self.folder = folder
        self._secret = secret

    def all(self) -> list[Kept]:
        """Return all snapshots that are whole, by scope, the newest first."""
        found = []
        for path in self.folder.glob("*.json"):
            with suppress(OSError, ValidationError):
                manifest = Kept.model_validate_json(path.read_bytes())
                if self.path(manifest).stat().st_size == manifest.size:
                    found.append(manifest)
        return sorted(found, key=lambda m: (m.scope, -m.made_at, -m.seq, m.name))

    def path(self, manifest: Manifest) -> Path:
        return self.folder / manifest.name

    def offered(self, kept: Kept) -> Offered | None:
        """Return a snapshot with its key, for who may have it; None where another centre's secret wrapped that."""
        sealed = bytes.fromhex(kept.sealed_key)
        try:
            key = unwrap(sealed[NONCE_BYTES:], self._by(), sealed[:NONCE_BYTES], kept.name.encode())
        except WrongKey:
            return None
        return Offered(**kept.model_dump(exclude={"sealed_key"}), key=key.hex())

    def sealed(self, key: bytes, name: str, nonce: bytes) -> str:
        """Return a snapshot's key as it may lie here."""
        return (nonce + wrap(key, self._by(), nonce, name.encode())).hex()

    def _by(self) -> bytes:
        # the secret itself is for more than this
        return hmac.digest(self._secret(), b"keys of snapshots", "sha256")

    @contextmanager
    def making(self) -> Iterator[Path]:
        """Be the one who prepares snapshots here; gives a folder for what isn't whole yet. Raises StorageBusy."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(self.folder / ".lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise StorageBusy("another process is preparing a snapshot: try again in a moment") from None
                scratch = self.folder / _SCRATCH
                shutil.rmtree(scratch, ignore_errors=True)  # whoever made it last may have been killed
                scratch.mkdir(mode=0o700)
                try:
                    yield scratch
                finally:
                    shutil.rmtree(scratch, ignore_errors=True)
        except OSError as error:
            raise _worded(error, self.folder) from error

    def put(self, packed: Path, manifest: Kept) -> None:
        """Take a finished file in: it is there for others once its manifest is."""
        packed.replace(self.path(manifest))
        text = packed.with_name("manifest")
        with os.fdopen(os.open(text, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(manifest.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        text.replace(self._manifest(manifest))
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def clear(self, counts: Collection[str], epochs: Collection[str]) -> None:
        """Remove what isn't needed any more: of each scope only the newest stay of those whose names count.

        What isn't of these epochs is left alone: another centre's database may lie in the same folder.
        """
        kept: dict[str, int] = {}
        for manifest in self.all():
            if manifest.epoch not in epochs:
                continue
            kept[manifest.scope] = kept.get(manifest.scope, 0) + (manifest.name in counts)
            if manifest.name not in counts or kept[manifest.scope] > GENERATIONS:
                # the manifest goes first: what has one is whole
                self._manifest(manifest).unlink(missing_ok=True)
                self.path(manifest).unlink(missing_ok=True)
        for path in self.folder.glob(f"*{SUFFIX}"):
            manifest_path = path.with_name(path.name.removesuffix(SUFFIX) + ".json")
            if path.name.partition("-")[0] in epochs and not manifest_path.exists():
                path.unlink(missing_ok=True)
        for path in self.folder.glob(f"*{_FORMER}"):
            if path.name.partition("-")[0] in epochs:
                path.with_name(path.name.removesuffix(_FORMER) + ".json").unlink(missing_ok=True)
                path.unlink(missing_ok=True)

    def _manifest(self, manifest: Manifest) -> Path:
        return self.folder / (manifest.name.removesuffix(SUFFIX) + ".json")


def shelf_of(database: Database) -> Shelf:
    """Return where a database's snapshots lie: beside it."""
    return Shelf(database.folder / FOLDER, database.secret)


def standing(snapshot: Snapshot, shelf: Shelf) -> list[Kept]:
    """Return the snapshots from which a site can go on with the log, by scope, the newest first."""
    manifests = shelf.all()
    heads = snapshot.scopes({m.scope for m in manifests}) if manifests else {}
    here = [m for m in manifests if m.scope in heads and _stands(snapshot, heads[m.scope], m)]
    return [m for m in here if shelf.offered(m) is not None]


def newest(manifests: Collection[Kept]) -> dict[str, Kept]:
    """Return of each scope the first of some snapshots."""
    found: dict[str, Kept] = {}
    for manifest in manifests:
        found.setdefault(manifest.scope, manifest)
    return found


def _stands(snapshot: Snapshot, head: ScopeHead, manifest: Manifest) -> bool:
    if manifest.tables != REPLICA_VERSION or manifest.epoch != head.epoch or manifest.seq > head.seq:
        return False
    hash_ = head.hash if manifest.seq == head.seq else snapshot.log_hash(head.scope, manifest.seq)
    return hash_ == manifest.hash.partition(".")[0]


def is_region(scope: str) -> bool:
    """Tell whether a scope is one of those that a site keeps in a file of their own."""
    return scope.startswith("region/")


def due(head: ScopeHead, last: Manifest | None, now: int) -> bool:
    """Tell whether a scope's snapshot is to be prepared anew at `now`, ms UTC.

    A cut log can't be read from its beginning any more: such a scope has a snapshot, however small it is.
    """
    if last is None:
        return head.documents >= MIN_ROWS or head.floor > 0
    grown = head.seq - last.seq
    if grown < MIN_GROWTH:
        return False
    return grown >= last.rows or (grown >= last.rows * GROWTH and now - last.made_at >= PAUSE_MS)


def prepare(
    database: Database, shelf: Shelf, scope: str, means: Means, stop: Callable[[], bool] = lambda: False
) -> Kept:
    """Prepare a scope's snapshot as it stands now, and remove those that it makes superfluous.

    One that was made at the same place already is returned. Raises LookupError for a scope without a log, Stopped,
    StorageBusy while another process prepares one, StorageFull, StorageError.
    """
    with shelf.making() as scratch:
        there = database.read(lambda snapshot: _made_already(snapshot, shelf, scope)).result()
        if there is not None:
            return there
        with _Packing(scratch / "packed", means) as packing:
            head, holders = copy_scope(database, scope, packing.begin, stop)
            packing.end()
        manifest = Kept(
            name=_name(head),
            scope=scope,
            epoch=head.epoch,
            seq=head.seq,
            hash=Signer(database.secret()).sealed(scope, head.epoch, head.seq, head.hash),
            tables=REPLICA_VERSION,
            rows=head.documents,
            total=head.total,
            holders=holders,
            size=packing.size,
            sha256=packing.hash.hexdigest(),
            content_size=packing.content_size,
            made_at=means.now(),
            sealed_key=shelf.sealed(packing.key, _name(head), means.random(NONCE_BYTES)),
        )
        shelf.put(packing.path, manifest)
        counts, epochs = database.read(lambda snapshot: _counted(snapshot, shelf)).result()
        shelf.clear(counts, epochs)
    return manifest


def _made_already(snapshot: Snapshot, shelf: Shelf, scope: str) -> Kept | None:
    head = snapshot.scopes([scope]).get(scope)
    last = newest(standing(snapshot, shelf)).get(scope)
    return last if head is not None and last is not None and last.seq == head.seq else None


def _counted(snapshot: Snapshot, shelf: Shelf) -> tuple[set[str], set[str]]:
    """Return the names of the snapshots that count, and the epochs of this centre."""
    epochs = {one.epoch for one in snapshot.epochs()} | {snapshot.meta("epoch") or ""}
    return {m.name for m in standing(snapshot, shelf)}, epochs


def _name(head: ScopeHead) -> str:
    return f"{head.epoch}-{head.scope.replace('/', '-')}-{REPLICA_VERSION}-{head.seq}{SUFFIX}"


class _Packing:
    """Packs rows, encrypts what comes of it and writes that: nothing else ever lies on the disk."""

    def __init__(self, path: Path, means: Means) -> None:
        self.path = path
        self._means = means
        self._file: IO[bytes] = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def __enter__(self) -> _Packing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def begin(self, head: ScopeHead) -> Callable[[bytes], None]:
        """Begin, or begin anew, a scope as it stands there."""
        self._file.seek(0)
        self._file.truncate()
        self._packer = packer()
        self.key = self._means.random(KEY_BYTES)  # another each time: what was begun before may have had other rows
        self._sealer = Sealer(self.key, about(_name(head), head.scope))
        self.hash = sha256()
        self.size = self.content_size = 0
        return self._take

    def end(self) -> None:
        """Write what is left, so that it is on the disk."""
        self._seal(self._packer.flush())
        self._write(self._sealer.finish())
        self._file.flush()
        os.fsync(self._file.fileno())

    def _take(self, data: bytes) -> None:
        self.content_size += len(data)
        self._seal(self._packer.compress(data))

    def _seal(self, data: bytes) -> None:
        for chunk in self._sealer.feed(data):
            self._write(chunk)

    def _write(self, data: bytes) -> None:
        self.hash.update(data)
        self.size += len(data)
        self._file.write(data)


def _worded(error: OSError, folder: Path) -> StorageError:
    if error.errno == 28:
        return StorageFull(f"the disk that holds {folder} is full: make room for a snapshot")
    return StorageError(f"{folder} can't be written ({error.strerror}): look at the folder and whose it is")
