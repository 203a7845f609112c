"""The centre at work: what its routes ask for, each one transaction of its database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property, partial
from typing import TypeVar

from agentdesk import __version__
from agentdesk.centre import allowances, policies, push, releasing, telling, timetable
from agentdesk.centre.admission import Admission
from agentdesk.centre.authors import Means, epoch_of, found, system_means
from agentdesk.centre.callers import (
    KEYLESS,
    Caller,
    NotHere,
    Turned,
    authenticate,
    checked,
    key_of,
    own_key,
    token_of,
)
from agentdesk.centre.codes import codes
from agentdesk.centre.credentials import Credentials
from agentdesk.centre.enrol import check_newcomer, enrol, readmit
from agentdesk.centre.errors import Rejected
from agentdesk.centre.histories import answer_hello, begin_epoch, take_hello
from agentdesk.centre.jobs import Jobs, Tools, Work
from agentdesk.centre.live import Live
from agentdesk.centre.nonces import Nonces
from agentdesk.centre.notices import Sender, sending
from agentdesk.centre.presence import Presences
from agentdesk.centre.proofs import HistoryLost, Signer
from agentdesk.centre.pull import answer_pull
from agentdesk.centre.rates import Rates
from agentdesk.centre.releasing import newer
from agentdesk.centre.rotating import rotate, turn
from agentdesk.centre.storage.contract import Database, Snapshot, Transaction
from agentdesk.centre.storage.rows import Job, Site
from agentdesk.centre.timing import Timers
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.timers import timed_types
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import (
    EnrolAnswer,
    EnrolRequest,
    HelloAnswer,
    HelloRequest,
    PullRequest,
    PushRequest,
    RotateAnswer,
    RotateRequest,
)
from agentdesk.trust.signatures import Asked, Stamp

T = TypeVar("T")


def _top_up(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    allowances.work_off(tx, tools.means, tools.secret(), job)
    left = tx.take_job(job)  # while nothing may be leased it stays owed
    return () if left is None else (replace(left, tries=0, due=tools.means.now() + OWED_MS),)


def _walk(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
    return timetable.walk_on(tx, job, tools.means.now())


JOBS: Mapping[str, Work] = {
    **releasing.JOBS,
    allowances.TOP_UP: _top_up,
    timetable.WALK: _walk,
    telling.TELL: telling.tell,
}
"""What the centre does afterwards, by the kind of job."""

OWED_MS = 10_000
"""How long what can't be leased yet waits for another look."""

log = logging.getLogger("agentdesk.centre")

PROGRAM = "program"
"""The centre's fact that names the program that started on it last."""

CLOCKS = "timers"
"""The centre's fact that says which clocks its documents were looked at for."""

NOTICES = "notices"
"""The centre's fact that says that all sites hear of their regions' announcements."""

PACKAGED = "catalogue.packaged"
"""The centre's fact that says from what the packaged catalogue was made that was published last."""

_MENDS = 4
"""What one request may prove: lost are a site, the history that it was in, and the one that it asks about; its next
key is in use."""


class Centre:
    """A centre over a database; `start` it once before it is asked anything."""

    def __init__(self, database: Database, means: Means | None = None) -> None:
        self.database = database
        self.means = means or system_means()
        self.policies = policies.Policies()
        tools = Tools(self.means, self.policies, database.secret)
        self.timers = Timers(database, tools)
        self.send_with(None)
        self.jobs = Jobs(database, tools, JOBS, self.timers.run_due)
        self.live = Live(database)
        self.presences = Presences(self.means.now)
        self.credentials = Credentials(database, self.means, self.policies, database.secret)
        self.admission = Admission()
        self.nonces = Nonces(self.means.now)
        self.rates = Rates(self.means.clock.mono_ms)

    def start(self, catalogue: Catalogue | None = None) -> None:
        """Set up a new database, and publish a catalogue (the packaged one) that was never published there."""
        mark = ""
        if catalogue is None:
            from agentdesk.catalogue import packaged, packaged_mark

            # making it takes most of a second, and nearly always it is known already
            mark = packaged_mark()
            if self.database.read(lambda snapshot: snapshot.meta(PACKAGED)).result() != mark:
                catalogue = packaged()

        def work(tx: Transaction) -> bool:
            found(tx, self.means)
            if tx.meta(PROGRAM) != __version__:
                tx.set_meta(PROGRAM, __version__)
                tx.put_job(newer(__version__, self.means.now()))
            if tx.meta(NOTICES) is None:
                tx.set_meta(NOTICES, "granted")
                telling.grant_notices(tx)
            clocks = " ".join((__version__, *sorted(timed_types())))
            if tx.meta(CLOCKS) != clocks:
                tx.set_meta(CLOCKS, clocks)
                tx.put_job(timetable.walk(clocks, self.means.now()))
            if catalogue is None:
                return False
            if mark:
                tx.set_meta(PACKAGED, mark)
            return policies.publish(tx, self.means, catalogue, only_new=True)

        if self.database.write(work).result() and catalogue is not None:
            log.info("catalogue published", extra={"version": catalogue.version})

    def send_with(self, sender: Sender | None) -> None:
        """Have texts to customers sent by a sender from now on; without one they stay queued."""
        self.timers.prepare["notice"] = sending(sender, self.means.now)
        self.timers.prepare["code"] = codes(sender, self.means.now, self.means.random)

    @cached_property
    def signer(self) -> Signer:
        """Return what signs for this centre; raises StorageError when its key can't be read."""
        return Signer(self.database.secret())

    async def admit(self, asked: Asked, *, keyless: bool = False) -> Caller:
        """Let a request by that is a site's, before its body is read; raises Rejected.

        Token and signature are checked, and that neither is old; whether the site is open still is looked up together
        with what it asks for. `keyless` lets one by that has a token and no key yet: it signs with any.
        """
        token = token_of(asked)
        signer = self.signer
        made = signer.token_site(token, "")
        if made is not None:
            key = made[0].public_key
        else:
            # what anybody can send never comes to the writer
            key = await asyncio.wrap_future(self.database.read(lambda snapshot: key_of(snapshot, signer, token)))
        if not key and not keyless:
            raise Rejected(ErrorCode.UNAUTHORISED, KEYLESS)
        stamp = checked(asked, key or own_key(asked))
        self._fresh(self.nonces.take(stamp))
        return Caller(token, stamp.key, asked.headers.get("content-digest", ""))

    def newcomer(self, asked: Asked) -> Caller:
        """Let a request by that is signed with a key which nobody knows yet, before its body is read; raises Rejected.

        It isn't remembered, as anybody can send one: a code is good only once anyway.
        """
        stamp: Stamp = checked(asked, own_key(asked))
        self._fresh(self.nonces.is_now(stamp))
        return Caller("", stamp.key, asked.headers.get("content-digest", ""))

    def _fresh(self, fresh: bool) -> None:
        if not fresh:
            message = "signed at another time than the centre's, or sent twice: sign it again by the time given here"
            raise Rejected(ErrorCode.STALE, message, server_time=self.means.now())

    async def authenticate(self, caller: Caller) -> Site:
        """Return the site that asks; raises Rejected."""
        return await self._knowing(
            lambda: self.database.read(lambda snapshot: authenticate(snapshot, caller, self.signer))
        )

    async def enrol(self, caller: Caller, request: EnrolRequest) -> EnrolAnswer:
        """Make a machine a site; raises Rejected."""
        check_newcomer(caller, request)
        with self.admission.turn(0):
            return await asyncio.wrap_future(
                self.database.write(lambda tx: enrol(tx, self.means, request, self.signer))
            )

    async def rotate(self, caller: Caller, request: RotateRequest) -> RotateAnswer:
        """Give a site its next key and token; raises Rejected."""
        return await self._knowing(
            lambda: self.database.write(lambda tx: rotate(tx, self.means, caller, request, self.signer))
        )

    async def hello(self, site: str, request: HelloRequest) -> HelloAnswer:
        """Find out with a site what either side has lost. Raises Rejected."""

        def ask(snapshot: Snapshot) -> tuple[HelloAnswer, bool]:
            return answer_hello(snapshot, self.signer, site, request, self.means.now())

        answer, owed = await self._knowing(lambda: self.database.read(ask))
        if owed:
            alarms = await asyncio.wrap_future(
                self.database.write(lambda tx: take_hello(tx, self.means, self.signer, site, request))
            )
            if alarms:
                log.warning("hello", extra={"site": site, "alarms": alarms})
            answer, _ = await asyncio.wrap_future(self.database.read(ask))
        return answer

    async def push(self, caller: Caller, request: PushRequest) -> tuple[push.Taken, str]:
        """Take a batch of the site that asks; returns what became of it, and the epoch. Raises Rejected."""
        received = self.means.now()

        def work(tx: Transaction) -> tuple[push.Taken, str]:
            site = authenticate(tx, caller, self.signer)
            return push.take_batch(tx, site.id, request, received, self.policies, self.signer), epoch_of(tx)

        taken, epoch = await self._knowing(lambda: self.database.write(work))
        if taken.low or taken.owes:
            self.jobs.nudge()
        return taken, epoch

    async def pull(self, caller: Caller, request: PullRequest) -> tuple[str, str]:
        """Return the site that asks, and the text of what came after its cursors. Raises Rejected."""
        now = self.means.now()

        def ask(snapshot: Snapshot) -> tuple[str, str]:
            site = authenticate(snapshot, caller, self.signer)
            return site.id, answer_pull(snapshot, site, request, now, self.signer)

        return await self._knowing(lambda: self.database.read(ask))

    async def _knowing(self, ask: Callable[[], Future[T]]) -> T:
        """Ask the database; if that proves that it has lost history or a site, mend that first, and ask again."""
        for _ in range(_MENDS):
            try:
                return await asyncio.wrap_future(ask())
            except HistoryLost as lost:
                await asyncio.wrap_future(self.database.write(partial(self._begin_epoch, lost=lost)))
            except NotHere as lost:
                log.warning("site readmitted", extra={"site": lost.site.id})
                await asyncio.wrap_future(self.database.write(partial(readmit, means=self.means, lost=lost.site)))
            except Turned as used:
                log.info("site uses its next key", extra={"site": used.site})
                await asyncio.wrap_future(
                    self.database.write(
                        partial(turn, means=self.means, site_id=used.site, hash_=used.token_hash),
                    )
                )
        return await asyncio.wrap_future(ask())

    def _begin_epoch(self, tx: Transaction, lost: HistoryLost) -> None:
        log.error("history lost", extra={"cause": lost.cause, "epoch": lost.epoch, "lost": lost.lost})
        begin_epoch(tx, self.means, lost.cause, lost.epoch, lost.lost)

    async def epoch(self) -> str:
        """Return the identity of the centre's logs; raises StorageError when the database can't be read."""
        return await asyncio.wrap_future(self.database.read(_epoch))


def _epoch(snapshot: Snapshot) -> str:
    return epoch_of(snapshot)
