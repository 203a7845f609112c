"""A bell in a site's folder: whoever commits rings it, and the process that syncs needn't look all the time.

It is a datagram to a port of this machine; the port and a word that only the folder's owner can read stand in
`sync.bell`. A bell that nobody hears, or that rings for nothing, does no harm: the process that syncs looks by itself
now and then, too.
"""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress
from pathlib import Path

from agentdesk.domain.comparing import same_secret
from agentdesk.store.small_files import write_whole

NAME = "sync.bell"
HOST = "127.0.0.1"


def ring(folder: Path) -> None:
    """Ring a folder's bell, without waiting; nothing happens when nobody listens."""
    try:
        port, word = (folder / NAME).read_text().split()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            door.setblocking(False)
            door.sendto(word.encode(), (HOST, int(port)))
    except (OSError, ValueError, OverflowError):
        pass  # it is heard of later


class Bell:
    """The bell of a folder, heard by one process; raises OSError when it can't be hung up."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._word = secrets.token_hex(16)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((HOST, 0))
            self._socket.setblocking(False)
            write_whole(self._path, f"{self._socket.getsockname()[1]} {self._word}")
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        return self._socket.fileno()

    def heard(self) -> bool:
        """Tell whether it rang since the last call."""
        rang = False
        with suppress(BlockingIOError):
            while True:
                rang |= same_secret(self._socket.recv(64), self._word)
        return rang

    def close(self) -> None:
        """Take it down, unless another process has hung up its own meanwhile."""
        with suppress(OSError):
            if self._path.read_text().endswith(self._word):
                self._path.unlink()
        self._socket.close()
