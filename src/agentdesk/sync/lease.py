"""The sync lease: of all processes on a site, one syncs; it dies, another takes over.

The lease is a lock on a file, which the system takes back when its holder ends in whatever way.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import IO

from agentdesk.store.private import open_private


class Lease:
    """A claim on the right to sync a site's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sync.lock"
        self._handle: IO[str] | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def take(self) -> bool:
        """Try to become the process that syncs, without waiting."""
        if self._handle is not None:
            return True
        try:
            handle = open_private(self._path, "a+")
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        self._handle = handle
        # who it is is for show: on a full disk the lock holds all the same
        with suppress(OSError):
            os.ftruncate(handle.fileno(), 0)
            os.write(handle.fileno(), str(os.getpid()).encode())
        return True

    def give_back(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None
