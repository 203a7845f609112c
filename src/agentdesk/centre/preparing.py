"""Preparing snapshots in the background: a thread of the server, at the lowest urgency, that never makes it wait."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress

from agentdesk.centre.authors import Means
from agentdesk.centre.snapshots import due, is_region, newest, prepare, shelf_of, standing
from agentdesk.centre.storage.contract import Database, Snapshot, StorageBusy, StorageError
from agentdesk.centre.storage.copying import Stopped

log = logging.getLogger("agentdesk.centre")

LOOK_S = 10.0
"""How often it is looked whether a snapshot is due."""
NICENESS = 15


class Preparer:
    """Keeps the snapshots of a database as new as they have to be, from `start` to `stop`."""

    def __init__(self, database: Database, means: Means, look_s: float = LOOK_S) -> None:
        self._database = database
        self._means = means
        self._look_s = look_s
        self._shelf = shelf_of(database)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End it, in the middle of a snapshot too; returns when it has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        _be_nice()
        while not self._stop.wait(self._look_s):
            try:
                self.prepare_due()
            except Stopped:
                return
            except StorageBusy:
                continue  # another process prepares them
            except StorageError as error:
                log.error("snapshot failed", extra={"error": type(error).__name__, "detail": str(error)})
            except Exception as error:
                # snapshots only spare time: a fault in them must not end them for good
                log.error("snapshot failed", extra={"error": type(error).__name__})

    def prepare_due(self) -> None:
        """Prepare the snapshots that are due now, in this thread; raises Stopped, StorageBusy and StorageError."""
        for scope in self._database.read(self._due).result():
            began = time.monotonic()
            made = prepare(self._database, self._shelf, scope, self._means, self._stop.is_set)
            log.info(
                "snapshot prepared",
                extra={
                    "scope": scope,
                    "seq": made.seq,
                    "rows": made.rows,
                    "bytes": made.size,
                    "s": round(time.monotonic() - began, 1),
                },
            )

    def _due(self, snapshot: Snapshot) -> list[str]:
        last = newest(standing(snapshot, self._shelf))
        now = self._means.now()
        return [h.scope for h in snapshot.heads() if is_region(h.scope) and due(h, last.get(h.scope), now)]


def _be_nice() -> None:
    """Let everything else go first: on Linux a thread has an urgency of its own."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
