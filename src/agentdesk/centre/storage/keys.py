"""The centre's own secret, kept outside its database: who has the database alone can't try out certificates."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from agentdesk.centre.storage.contract import StorageError

BYTES = 32


def load_secret(path: Path, random: bytes | None = None) -> bytes:
    """Return the secret of a file that only its owner reads; a missing one is made. Raises StorageError."""
    try:
        if not path.exists():
            _make(path, random if random is not None else os.urandom(BYTES))
        secret = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} can't be used ({error.strerror}): it has to be yours alone") from error
    if len(secret) != BYTES:
        raise StorageError(f"{path} is not a key of the centre: put the right one back")
    return secret


def _make(path: Path, secret: bytes) -> None:
    """Write a new secret; of several processes that do so at once, one prevails, and nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
