"""A site that was enrolled without a key gets one: its files are written anew, encrypted, beside the old ones.

All of it is made in a folder of its own and on disk before anything of the site is touched. Then the vault takes its
place, which is the moment from which the site is an encrypted one: whoever opens it from there on needs the key, and
nothing plain is written any more. The files follow, one rename each; a run that was broken off among them is taken up
by the next one, one that was broken off before begins anew.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError
from agentdesk.cli.keying import KEY_BYTES, admit_machine, first_agent
from agentdesk.cli.machine import MachineClock, MachineEntropy
from agentdesk.cli.options import OUTBOX
from agentdesk.cli.progress import Progress
from agentdesk.trust.vault_file import FILE

if TYPE_CHECKING:
    from agentdesk.replica.driver import sqlite

STAGE = "encrypting"
PIECE = 2_000
PLAIN = b"SQLite format 3\0"


def encrypt(folder: Path, arguments: argparse.Namespace) -> None:
    """Encrypt a site's files; raises CommandError and leaves them as they are, or StoreError."""
    from agentdesk.store.site import Site
    from agentdesk.sync.lease import Lease
    from agentdesk.trust.vault import Vault, VaultError

    stage = folder / STAGE
    lease = Lease(folder)
    if not lease.take():
        raise CommandError("a desk or another program of this site syncs: end it first")
    try:
        if (folder / FILE).exists():
            if not stage.is_dir():
                raise CommandError(f"the files in {folder} are encrypted already")
            _swap(folder, stage)
            return
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(mode=0o700)
        key = MachineEntropy().token_bytes(KEY_BYTES)
        vault = Vault.create(stage, key)
        if arguments.no_machine_key:
            with closing(Site(folder, MachineClock(), MachineEntropy())) as site:
                first_agent(site, vault, key, arguments)
        else:
            admit_machine(stage, vault, key, arguments.machine_key)
        with _alone(folder) as outbox:
            _copy(folder, stage, outbox, key)
            # the vault first: from here on nobody opens a plain file
            os.rename(stage / FILE, folder / FILE)
            _keep_names(folder)
            _swap(folder, stage)
    except VaultError as error:
        raise CommandError(str(error)) from None
    finally:
        lease.give_back()


@contextmanager
def _alone(folder: Path) -> Iterator[sqlite.Connection]:
    """Open a plain outbox which nobody else has open, and keep everybody out; raises CommandError."""
    from agentdesk.replica.driver import sqlite
    from agentdesk.replica.opening import connect

    with closing(connect(folder / OUTBOX, isolation_level=None, timeout=1)) as outbox:
        try:
            outbox.execute("PRAGMA locking_mode=EXCLUSIVE")
            # out of its log: that isn't done while anybody else has the file open
            (mode,) = outbox.execute("PRAGMA journal_mode=DELETE").fetchone()
            outbox.execute("BEGIN EXCLUSIVE")
        except sqlite.OperationalError:
            mode = ""
        if mode != "delete":
            raise CommandError("a desk or another program has this site open: end it first")
        outbox.execute("COMMIT")
        yield outbox


def _copy(folder: Path, stage: Path, outbox: sqlite.Connection, key: bytes) -> None:
    """Write the outbox and the replicas that serve into the stage, encrypted and on disk."""
    (version,) = outbox.execute("PRAGMA user_version").fetchone()
    outbox.execute("ATTACH DATABASE ? AS keyed KEY ?", (str(stage / OUTBOX), f"x'{key.hex()}'"))
    outbox.execute("SELECT sqlcipher_export('keyed')").fetchone()
    outbox.execute(f"PRAGMA keyed.user_version = {int(version)}")
    outbox.execute("DETACH DATABASE keyed")
    files = [row[0] for row in outbox.execute("SELECT file FROM replica UNION SELECT file FROM successor")]
    with Progress("replicas encrypted", len(files)) as progress:
        for done, file in enumerate(files):
            if (folder / file).exists():
                _copy_replica(folder / file, stage / file, key)
            progress.to(done + 1)
    for path in stage.iterdir():
        os.chmod(path, 0o600)
        _keep(path)
    _keep_names(stage)


def _copy_replica(plain: Path, keyed: Path, key: bytes) -> None:
    """Write a replica's rows into a new file; its index is made anew, as it names rows by their places."""
    from agentdesk.replica.opening import open_disposable
    from agentdesk.replica.search import follow, prepare
    from agentdesk.replica.tables import create

    with closing(open_disposable(keyed, key)) as replica:
        create(replica)
        prepare(replica)
        replica.execute("ATTACH DATABASE ? AS plain KEY ''", (str(plain),))
        replica.execute("BEGIN IMMEDIATE")
        for table in ("document", "holder", "cursor", "tally"):
            replica.execute(f"INSERT INTO main.{table} SELECT * FROM plain.{table}")
        replica.execute("COMMIT")
        replica.execute("DETACH DATABASE plain")
        left = True
        while left:
            replica.execute("BEGIN IMMEDIATE")
            left = follow(replica, PIECE) > 0
            replica.execute("COMMIT")
        replica.execute("PRAGMA journal_mode=DELETE")
        replica.execute("PRAGMA journal_mode=WAL")


def _swap(folder: Path, stage: Path) -> None:
    """Put the encrypted files in the place of the plain ones, of which nothing is left."""
    for path in sorted(stage.glob("*.db")):
        plain = folder / path.name
        for beside in (f"{path.name}-wal", f"{path.name}-shm"):
            (folder / beside).unlink(missing_ok=True)
        handle = os.open(plain, os.O_RDWR) if plain.exists() else None
        os.rename(path, plain)
        _keep_names(folder)
        if handle is not None:
            # whoever waits for the old file finds none, and nothing of it stays
            with suppress(OSError):
                os.ftruncate(handle, 0)
                os.fsync(handle)
            os.close(handle)
    shutil.rmtree(stage, ignore_errors=True)
    for old in folder.glob("replica-*.db"):
        with old.open("rb") as file:
            plain_yet = file.read(len(PLAIN)) == PLAIN
        if plain_yet:
            old.unlink()  # of a generation that serves no more
    # what was fetched halfway is fetched again
    shutil.rmtree(folder / "incoming", ignore_errors=True)


def _keep(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_keep_names = _keep
