"""Work that the centre owes: done once, soon after it is due, however often a server dies over it.

A job is a row of the database, put there by the transaction that owes it. Doing it and taking it off the list are one
transaction, under the lock of its site and of its row, so that its effect comes once, whichever of several servers
does it. Before that it is marked as tried in a transaction of its own: what takes its server down with it is tried
again later and later, and can see that it was tried before.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from agentdesk.centre.authors import Means
from agentdesk.centre.policies import Policies
from agentdesk.centre.storage.contract import Database, StorageError, Transaction
from agentdesk.centre.storage.rows import Job

log = logging.getLogger("agentdesk.centre")

LOOK_S = 1.0
"""How often a server looks for work that another process has put down."""

FIRST_RETRY_MS = 2_000
LONGEST_RETRY_MS = 3_600_000
PAGE = 100


@dataclass(frozen=True, slots=True)
class Tools:
    """What work is done with; `secret` gives the centre's own, which is kept outside the database."""

    means: Means
    policies: Policies
    secret: Callable[[], bytes]


Work = Callable[[Transaction, Tools, Job], Iterable[Job]]
"""Does a job, and returns what is to be done next; what it raises leaves the job to be tried again later."""


class Jobs:
    """The jobs of a database; `kinds` says which function does which kind of work, `also` does what isn't a job."""

    def __init__(
        self, database: Database, tools: Tools, kinds: Mapping[str, Work], also: Callable[[], int] = lambda: 0
    ) -> None:
        self._database = database
        self._also = also
        self._tools = tools
        self._kinds = kinds
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def run_due(self) -> int:
        """Do all that is due, and what that owes in turn; returns how many jobs were done. Raises StorageError."""
        done = 0
        while due := self._due():
            done += sum(self._run(job) for job in due)
        return done if self._stopping else done + self._also()

    def start(self) -> None:
        """Do what is due from now on, on a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="centre-jobs", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def stop(self) -> None:
        """Do no more; returns when the thread has ended."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping:
            try:
                self.run_due()
            except Exception as error:
                # the database can't do it now: it is looked at again soon
                log.warning("jobs wait", extra={"error": type(error).__name__})
            self._wake.wait(LOOK_S)
            self._wake.clear()

    def _due(self) -> list[Job]:
        if self._stopping:
            return []
        now = self._tools.means.now()
        return self._database.read(lambda snapshot: snapshot.jobs(now, PAGE)).result()

    def _run(self, job: Job) -> bool:
        claimed = self._database.write(partial(self._claim, job)).result()
        if claimed is None:
            return False
        work = self._kinds.get(job.kind)
        if work is None:
            log.warning("unknown job", extra={"kind": job.kind, "site": job.site})
            return False
        try:
            return self._database.write(partial(self._do, work, claimed)).result()
        except StorageError:
            raise
        except Exception as error:
            facts = {"kind": job.kind, "site": job.site, "tries": claimed.tries, "error": type(error).__name__}
            log.error("job failed", extra=facts)
            return False

    def _claim(self, job: Job, tx: Transaction) -> Job | None:
        """Mark a job as tried, so that nobody else does it now; None if it isn't due any more."""
        now = self._tools.means.now()
        found = self._take(tx, job)
        if found is None or found.due > now:
            return None
        wait = min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** min(found.tries, 16))
        claimed = replace(found, tries=found.tries + 1, due=now + wait)
        tx.drop_job(found)
        tx.put_job(claimed)
        return claimed

    def _do(self, work: Work, job: Job, tx: Transaction) -> bool:
        found = self._take(tx, job)
        if found is None:
            return False
        following = tuple(work(tx, self._tools, found))
        tx.drop_job(found)
        for one in following:
            tx.put_job(one)
        return True

    @staticmethod
    def _take(tx: Transaction, job: Job) -> Job | None:
        tx.lock_site(job.site)
        return tx.take_job(job)
