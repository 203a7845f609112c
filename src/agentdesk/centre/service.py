"""The centre at work: what its routes ask for, each one transaction of its database."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from agentdesk.centre import allowances, policies, push
from agentdesk.centre.authors import Means, epoch_of, found, system_means
from agentdesk.centre.enrol import authenticate, enrol
from agentdesk.centre.live import Live
from agentdesk.centre.pull import answer_pull
from agentdesk.centre.storage.contract import Database, Overloaded, Snapshot, Transaction
from agentdesk.centre.storage.rows import Site
from agentdesk.domain.policy import Catalogue
from agentdesk.protocol.messages import EnrolAnswer, EnrolRequest, PullRequest, PushRequest

log = logging.getLogger("agentdesk.centre")

MAX_WAITING = 200
"""Writes that may wait for their turn: about a second of work; more are told to come again."""


class Centre:
    """A centre over a database; `start` it once before it is asked anything."""

    def __init__(self, database: Database, means: Means | None = None) -> None:
        self.database = database
        self.means = means or system_means()
        self.policies = policies.Policies()
        self.live = Live(database)

    def start(self, catalogue: Catalogue | None = None) -> None:
        """Set up a new database, and publish a catalogue (the packaged one) that was never published there."""
        if catalogue is None:
            from agentdesk.catalogue import packaged

            catalogue = packaged()

        def work(tx: Transaction) -> bool:
            found(tx, self.means)
            return policies.publish(tx, self.means, catalogue, only_new=True)

        if self.database.write(work).result():
            log.info("catalogue published", extra={"version": catalogue.version})

    async def authenticate(self, token: str) -> Site:
        """Return the site of a token; raises Rejected."""
        return await asyncio.wrap_future(self.database.read(lambda snapshot: authenticate(snapshot, token)))

    async def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Make a machine a site; raises Rejected."""
        self._check_load()
        return await asyncio.wrap_future(self.database.write(lambda tx: enrol(tx, self.means, request)))

    async def push(self, site: str, request: PushRequest) -> tuple[push.Taken, str]:
        """Take a batch of a site; returns what became of it, and the epoch. Raises Rejected."""
        self._check_load()
        received = self.means.now()

        def work(tx: Transaction) -> tuple[push.Taken, str]:
            return push.take_batch(tx, site, request, received, self.policies), epoch_of(tx)

        taken, epoch = await asyncio.wrap_future(self.database.write(work))
        if taken.low:
            await self._top_up(taken.site)
        return taken, epoch

    async def pull(self, site: str, request: PullRequest) -> str:
        """Return the JSON text of what came after a site's cursors. Raises Rejected."""
        now = self.means.now()
        return await asyncio.wrap_future(self.database.read(lambda s: answer_pull(s, site, request, now)))

    async def epoch(self) -> str:
        """Return the identity of the centre's logs; raises StorageError when the database can't be read."""
        return await asyncio.wrap_future(self.database.read(_epoch))

    async def _top_up(self, site: Site) -> None:
        """Fill a site's leases in a transaction of its own: the batch is safe already, whatever happens here."""
        try:
            await asyncio.wrap_future(self.database.write(partial(_top_up, self.means, site)))
        except Exception as error:
            log.error("top-up failed", extra={"site": site.id, "error": type(error).__name__})

    def _check_load(self) -> None:
        if self.database.waiting > MAX_WAITING:
            raise Overloaded("the centre has more to write than it can: come again in a moment")


def _epoch(snapshot: Snapshot) -> str:
    return epoch_of(snapshot)


def _top_up(means: Means, site: Site, tx: Transaction) -> None:
    allowances.top_up(tx, means, site)
