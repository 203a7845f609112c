"""Prepared snapshots: a scope as a packed replica file, for sites that begin or have fallen far behind.

What lies in the folder with a manifest beside it is whole and never changes; a newer one has another name. A snapshot
counts as long as its place stands in the scope's log: a centre restored from a backup offers none from the future.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Database, Snapshot, StorageBusy, StorageError, StorageFull
from agentdesk.centre.storage.copying import Stopped, copy_scope
from agentdesk.centre.storage.rows import ScopeHead
from agentdesk.protocol.snapshots import SUFFIX, Manifest
from agentdesk.replica.packing import PIECE, packer
from agentdesk.replica.tables import REPLICA_VERSION

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


class Shelf:
    """The folder of a centre's snapshots."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Manifest]:
        """Return all snapshots that are whole, by scope, the newest first."""
        found = []
        for path in self.folder.glob("*.json"):
            with suppress(OSError, ValidationError):
                manifest = Manifest.model_validate_json(path.read_bytes())
                if self.path(manifest).stat().st_size == manifest.size:
                    found.append(manifest)
        return sorted(found, key=lambda m: (m.scope, -m.made_at, -m.seq, m.name))

    def path(self, manifest: Manifest) -> Path:
        return self.folder / manifest.name

    @contextmanager
    def making(self) -> Iterator[Path]:
        """Be the one who prepares snapshots here; gives a folder for what isn't whole yet. Raises StorageBusy."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self.folder / ".lock").open("a") as lock:
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

    def put(self, packed: Path, manifest: Manifest) -> None:
        """Take a finished file in: it is there for others once its manifest is."""
        packed.replace(self.path(manifest))
        text = packed.with_name("manifest")
        with text.open("wb") as file:
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

    def _manifest(self, manifest: Manifest) -> Path:
        return self.folder / (manifest.name.removesuffix(SUFFIX) + ".json")


def shelf_of(database: Database) -> Shelf:
    """Return where a database's snapshots lie: beside it."""
    return Shelf(database.folder / FOLDER)


def standing(snapshot: Snapshot, shelf: Shelf) -> list[Manifest]:
    """Return the snapshots from which a site can go on with the log, by scope, the newest first."""
    manifests = shelf.all()
    heads = snapshot.scopes({m.scope for m in manifests}) if manifests else {}
    return [m for m in manifests if m.scope in heads and _stands(snapshot, heads[m.scope], m)]


def newest(manifests: Collection[Manifest]) -> dict[str, Manifest]:
    """Return of each scope the first of some snapshots."""
    found: dict[str, Manifest] = {}
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
    database: Database, shelf: Shelf, scope: str, now: int, stop: Callable[[], bool] = lambda: False
) -> Manifest:
    """Prepare a scope's snapshot as it stands now, and remove those that it makes superfluous.

    One that was made at the same place already is returned. Raises LookupError for a scope without a log, Stopped,
    StorageBusy while another process prepares one, StorageFull, StorageError.
    """
    with shelf.making() as scratch:
        there = database.read(lambda snapshot: _made_already(snapshot, shelf, scope)).result()
        if there is not None:
            return there
        content, packed = scratch / "content.db", scratch / "packed"
        signer = Signer(database.secret())
        head = copy_scope(database, scope, content, lambda h: signer.sealed(h.scope, h.epoch, h.seq, h.hash), stop)
        size, digest, content_digest = _pack(content, packed, stop)
        manifest = Manifest(
            name=f"{head.epoch}-{scope.replace('/', '-')}-{REPLICA_VERSION}-{head.seq}{SUFFIX}",
            scope=scope,
            epoch=head.epoch,
            seq=head.seq,
            hash=signer.sealed(scope, head.epoch, head.seq, head.hash),
            tables=REPLICA_VERSION,
            rows=head.documents,
            size=size,
            sha256=digest,
            content_size=content.stat().st_size,
            content_sha256=content_digest,
            made_at=now,
        )
        shelf.put(packed, manifest)
        counts, epochs = database.read(lambda snapshot: _counted(snapshot, shelf)).result()
        shelf.clear(counts, epochs)
    return manifest


def _made_already(snapshot: Snapshot, shelf: Shelf, scope: str) -> Manifest | None:
    head = snapshot.scopes([scope]).get(scope)
    last = newest(standing(snapshot, shelf)).get(scope)
    return last if head is not None and last is not None and last.seq == head.seq else None


def _counted(snapshot: Snapshot, shelf: Shelf) -> tuple[set[str], set[str]]:
    """Return the names of the snapshots that count, and the epochs of this centre."""
    epochs = {one.epoch for one in snapshot.epochs()} | {snapshot.meta("epoch") or ""}
    return {m.name for m in standing(snapshot, shelf)}, epochs


def _pack(content: Path, packed: Path, stop: Callable[[], bool]) -> tuple[int, str, str]:
    """Pack a file; return the size and the SHA-256 of what came out, and the SHA-256 of what went in."""
    plain, made, size = sha256(), sha256(), 0
    packing = packer()
    with content.open("rb", buffering=0) as source, packed.open("xb", buffering=0) as target:
        while True:
            if stop():
                raise Stopped
            data = source.read(PIECE)
            plain.update(data)
            out = packing.compress(data) if data else packing.flush()
            made.update(out)
            size += len(out)
            target.write(out)
            if not data:
                break
        os.fsync(target.fileno())
    return size, made.hexdigest(), plain.hexdigest()


def _worded(error: OSError, folder: Path) -> StorageError:
    if error.errno == 28:
        return StorageFull(f"the disk that holds {folder} is full: make room for a snapshot")
    return StorageError(f"{folder} can't be written ({error.strerror}): look at the folder and whose it is")
