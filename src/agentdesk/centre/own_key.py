"""The centre's own key: the same on all machines over one database, and what becomes of a centre that has lost it.

With it the centre signs what it must know again whatever becomes of its database, and seals what customers are
recognised by. A database remembers a mark of the key that it was signed with, from which nobody learns the key: a
centre with another one would take its own word for a forgery, and so isn't started.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path

from agentdesk.centre.allowances import sign_again
from agentdesk.centre.auditing.sealing import seal_all
from agentdesk.centre.authors import Means
from agentdesk.centre.storage.contract import Database, Snapshot, StorageError, Transaction
from agentdesk.centre.storage.keys import load_secret
from agentdesk.centre.storage.opening import key_path, open_database

log = logging.getLogger("agentdesk.centre")

MARK = "key_mark"
"""The fact that names the key that a database was signed with."""

RECOGNISING = "secret_check"
"""The fact that names the key that imported customers are recognised by."""


class WrongKey(StorageError):
    """A centre's key is not the one that its database was signed with; the message says what to do."""


def mark_of(secret: bytes) -> str:
    """Return what a key is known by."""
    return blake2b(b"check", key=secret, digest_size=20).hexdigest()


def open_signed(url: str, key: Path | None = None) -> Database:
    """Open the database of a URL for a centre that signs; a new one takes the key that is there, or a new key.

    The log says where a new key lies, as nothing can be put back without it.
    Raises WrongKey, and StorageError as `open_database` does.
    """
    database = open_database(url, key)
    try:
        path = key_path(url, key)
        problem, marked = database.read(lambda s: (problem_of(path, s), s.meta(MARK) is not None)).result()
        if problem is None and not marked:
            new = not path.exists()
            # of several centres that begin at once with keys of their own, one prevails
            problem = database.write(partial(_take, path, mark_of(load_secret(path)))).result()
            if new and problem is None:
                log.info("a new key was made: keep a copy apart from the database's", extra={"file": str(path)})
        if problem is not None:
            raise WrongKey(problem)
    except BaseException:
        database.close()
        raise
    return database


def problem_of(path: Path, snapshot: Snapshot) -> str | None:
    """Return what is wrong with the key in a file, and what to do, in one line; None for the right one."""
    known = snapshot.meta(MARK) or snapshot.meta(RECOGNISING)
    if not path.exists():
        if known is None and not snapshot.sites():
            return None
        return (
            f"{path}, the key that this database was signed with, is missing: copy it there from the centre's other "
            "machines or from where it is kept; if it is lost, say: agentdesk centre key-lost"
        )
    if known in (None, mark_of(load_secret(path))):
        return None
    return (
        f"{path} is not the key that this database was signed with: put that one there (all machines of a centre have "
        "the same); if it is lost, move this one away and say: agentdesk centre key-lost"
    )


def _take(path: Path, mark: str, tx: Transaction) -> str | None:
    tx.lock_names("meta", [MARK])
    problem = problem_of(path, tx)
    if problem is None and tx.meta(MARK) is None:
        tx.set_meta(MARK, mark)
    return problem


@dataclass(frozen=True, slots=True)
class Replaced:
    """A new key: how many leases were signed with it, and whether imports still need the lost one."""

    path: Path
    leases: int
    imports: bool


def replace_lost(url: str, key: Path | None, means: Means) -> Replaced:
    """Make a new key in the place of one that is lost, and sign again what sites hold.

    No centre may be at work meanwhile. What proves that history was lost is signed anew as sites come by. Imports go on
    refusing the new key where customers were imported with the old one: each row would make a new customer. Raises
    WrongKey and StorageError.
    """
    path = key_path(url, key)
    if path.exists():
        raise WrongKey(f"{path} is there: if it is not the right key, move it away first; a new one takes its place")
    database = open_database(url, key)
    try:
        secret = load_secret(path)
        # the mark comes last: a centre that was cut off here isn't started before all of it is done again
        sites = [site.id for site in database.read(lambda s: s.sites()).result() if not site.revoked]
        again = [database.write(partial(sign_again, means=means, site_id=site, secret=secret)) for site in sites]
        signed = sum(done.result() for done in again)
        seal_all(database, anew=True)
        database.write(lambda tx: tx.set_meta(MARK, mark_of(secret))).result()
        imports = database.read(lambda s: s.meta(RECOGNISING)).result() is not None
    finally:
        database.close()
    return Replaced(path, signed, imports)
