"""What wakes the sync worker: a call from another thread, or the site's bell."""

from __future__ import annotations

import select
import socket
from contextlib import suppress

from agentdesk.store.bell import Bell


class Alarm:
    """One thread waits for it, any may ring it."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def ring(self) -> None:
        """Wake who waits, or let him not fall asleep."""
        with suppress(OSError):  # it rings already, or nobody waits any more
            self._far.send(b"!")

    def wait(self, ms: int, bell: Bell | None = None) -> bool:
        """Wait so long, at most; True if it rang meanwhile, or since the last call."""
        poll = select.poll()
        poll.register(self._near, select.POLLIN)
        if bell is not None:
            poll.register(bell, select.POLLIN)
        rang = False
        for found, _ in poll.poll(max(0, ms)):
            if bell is not None and found == bell.fileno():
                rang |= bell.heard()
            else:
                rang = True
                with suppress(BlockingIOError):
                    while self._near.recv(64):
                        pass
        return rang

    def close(self) -> None:
        self._near.close()
        self._far.close()
