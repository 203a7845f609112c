"""The centre's own secret, kept outside its database: who has the database alone can't try out certificates."""

from __future__ import annotations

import os
from pathlib import Path

from agentdesk.centre.storage.contract import StorageError

BYTES = 32


def load_secret(path: Path, random: bytes | None = None) -> bytes:
    """Return the secret of a file that only its owner reads; a missing one is made. Raises StorageError."""
    try:
        made = random if random is not None else os.urandom(BYTES)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            secret = path.read_bytes()
        else:
            with os.fdopen(descriptor, "wb") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
            secret = made
    except OSError as error:
        raise StorageError(f"{path} can't be used ({error.strerror}): it has to be yours alone") from error
    if len(secret) != BYTES:
        raise StorageError(f"{path} is not a key of the centre: put the right one back")
    return secret
