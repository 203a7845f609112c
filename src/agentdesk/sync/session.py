"""One step of sync after another: the core says what to do, this does it to the store and the centre."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from agentdesk.domain.decide import ORG
from agentdesk.store.attaching import replica_of
from agentdesk.store.errors import StoreError
from agentdesk.store.intake import Page
from agentdesk.store.outbox import Waiting
from agentdesk.store.site import Site
from agentdesk.sync.client import Greeted, Greeting, Pulled, Pushed, RequestFailed
from agentdesk.sync.core import Hello, Pull, Push, SyncCore, Wait
from agentdesk.sync.first_sync import Cursor, FirstSync
from agentdesk.sync.recovery import seal_again

CUT_LOOK_MS = 500
"""How soon to look again whether a person has given the line back, ms."""

CONTACT_MS = 5_000
"""How old the noted last contact may grow while nothing else changes, ms."""

OFFSET_NOISE_MS = 250
"""A clock's error that differs by less is the same, ms: requests take longer or shorter."""

INDEX_PAUSE_MS = 20
"""How long a session rests between two pieces of the search index, ms: others have the machine, too."""

UP = frozenset({"online", "live"})
"""The states of a line on which nothing is under way."""


class Centre(Protocol):
    """What a session asks of the centre; all raise RequestFailed."""

    def hello(self, greeting: Greeting) -> Greeted: ...

    def push(self, waiting: Waiting) -> Pushed: ...

    def pull(self, cursors: dict[str, tuple[str, int, str]], rows: int) -> Pulled: ...


class Session:
    """The sync of one site by the process that holds the lease; used by one thread.

    `problem` is what went wrong last, in words, None while all is well.
    """

    def __init__(
        self, site: Site, centre: Centre, core: SyncCore, holder: str, first_sync: FirstSync | None = None
    ) -> None:
        self._site = site
        self._first_sync = first_sync
        self._centre = centre
        self._core = core
        self._holder = holder
        self._recovered = False
        self._was_cut = False
        self._epoch: str | None = None
        """The centre's history as of the last greeting; None for a centre that knows no greetings."""
        self.problem: str | None = None

    def step(self) -> int:
        """Do what is due now and return when to come back, monotonic ms.

        Never raises for a fault of the line, nor for a full disk here: what could not be kept is asked for again.
        """
        site, core = self._site, self._core
        try:
            return self._step()
        except StoreError as error:
            self.problem = str(error)
            self._recovered = False  # a page may be in its replica, and what it settles not in the outbox
            now = site.clock.mono_ms()
            core.hello_failed(now, "local")
            core.push_failed(now, "local")
            core.pull_failed(now, "local")
            return core.next_try

    def nudge(self) -> None:
        """Look at once for what is new."""
        self._core.nudge(self._site.clock.mono_ms())

    def news_by_themselves(self, live: bool) -> None:
        """Take in whether news come by themselves now, and let all desks see it."""
        if live != self._core.live:
            self._core.news_by_themselves(self._site.clock.mono_ms(), live)
            if self._site.line.written().state in UP:
                self._note(self._up())

    @property
    def reachable(self) -> bool:
        """Tell whether the centre answered last."""
        return self._core.reachable

    def _up(self) -> str:
        return "live" if self._core.live else "online"

    def _step(self) -> int:
        site, core = self._site, self._core
        site.files.refresh()
        if not self._recovered:
            # whoever synced before, or this one, may have come no further than between a page and what it settles
            site.recover()
            self._recovered = True
        if site.line.state().cut:
            self._was_cut = True
            core.reachable = False
            self._note("offline")
            return self._index(site.clock.mono_ms() + CUT_LOOK_MS)
        if self._was_cut:
            self._was_cut = False
            core.hurry(site.clock.mono_ms())
        step = core.next(site.clock.mono_ms(), site.outbox.waiting())
        if isinstance(step, Wait):
            return self._index(self._fetch(step.until))
        if isinstance(step, Hello):
            self._hello()
        elif isinstance(step, Push):
            self._push(step)
        else:
            self._pull(step)
        return site.clock.mono_ms()

    def _hello(self) -> None:
        """Greet the centre, and come to terms about what either has lost."""
        site, core = self._site, self._core
        greeting = Greeting(site.epoch(), site.lineages(), site.pull_cursors(), site.leases())
        try:
            answer = self._centre.hello(greeting)
        except RequestFailed as failed:
            now = site.clock.mono_ms()
            if failed.failure == "absent":
                self._epoch = None
                core.hello(now)  # a centre from before there were greetings
            else:
                core.hello_failed(now, failed.failure, failed.retry_after_ms)
                self._failed(failed)
            return
        agreed = site.agree(answer.standing)
        self._epoch = answer.standing.epoch
        with suppress(StoreError):  # the next greeting tries again; `agentdesk doctor` tells of a vault without a seal
            seal_again(site, answer.recovery)
        site.tidy()
        core.hello(site.clock.mono_ms(), mended=bool(agreed.again or agreed.moved))
        if agreed.lineage is not None:
            # the centre gives a new lineage its number and leases with a greeting
            core.greet_again(site.clock.mono_ms())
        self._worked("syncing", answer.offset)

    def _fetch(self, until: int) -> int:
        """Use the time until something else is due for the first sync; return when to come back."""
        first_sync, core, now = self._first_sync, self._core, self._site.clock.mono_ms()
        due = first_sync.next_step if first_sync is not None else None
        if first_sync is None or due is None:
            return until
        if due > now:
            return min(until, due)
        if first_sync.fetching:
            first_sync.step()
            now = self._site.clock.mono_ms()
            if first_sync.problem is not None:
                self._failed(first_sync.problem)
        if first_sync.fetching:
            return now
        # it is here, or the centre has to be asked what else there is: both begin with a pull
        core.nudge(now)
        return core.next_try

    def _index(self, until: int) -> int:
        """Use the time until something else is due for the search index; return when to come back."""
        now = self._site.clock.mono_ms()
        if until <= now or not self._site.search.follow():
            return until
        return min(until, self._site.clock.mono_ms() + INDEX_PAUSE_MS)

    @property
    def _is_fetching(self) -> bool:
        return self._first_sync is not None and self._first_sync.fetching

    def _push(self, step: Push) -> None:
        site, core = self._site, self._core
        batch = site.outbox.batch(step.most, step.most_bytes)
        if batch is None:
            core.push_failed(site.clock.mono_ms(), "local")
            return
        if step.unread:
            operations = (
                batch.operations if step.whole else tuple((head, salt, None) for head, salt, _ in batch.operations)
            )
            batch = replace(batch, operations=operations, unread=True)
        try:
            answer = self._centre.push(batch)
        except RequestFailed as failed:
            core.push_failed(site.clock.mono_ms(), failed.failure, failed.retry_after_ms, failed.limits)
            wanted = failed.expect if failed.failure == "gap" and self._epoch is None else None
            if wanted is not None and site.rewind(batch.lineage, wanted - 1):
                core.rewound(site.clock.mono_ms())
            self._failed(failed)
            with suppress(StoreError):  # on a full disk: this is only for show
                site.outbox.sent([batch.first], site.clock.wall_ms(), str(failed))
            return
        answered = site.take_answers(batch.lineage, answer.answers, answer.epoch, answer.word)
        core.pushed(site.clock.mono_ms(), answered, answer.limits)
        if self._is_another(answer.epoch):
            core.greet_again(site.clock.mono_ms())
        if answered:
            self._worked("syncing" if site.outbox.waiting() else self._up(), answer.offset)
        else:
            self._failed("the centre's answer names none of the operations that were sent")

    def _pull(self, step: Pull) -> None:
        site, core = self._site, self._core
        everything = cursors = site.pull_cursors()
        try:
            if self._first_sync is not None:
                cursors = self._first_sync.leave_out(cursors)
            answer = self._centre.pull(cursors, step.rows)
        except RequestFailed as failed:
            core.pull_failed(site.clock.mono_ms(), failed.failure, failed.retry_after_ms)
            self._failed(failed)
            return
        if answer.denied or any(self._is_another(page.epoch) for page in answer.pages):
            # nothing is taken in before both sides agree on what was lost, and on what this site may see
            core.pulled(site.clock.mono_ms(), more=True)
            core.greet_again(site.clock.mono_ms())
            return
        begun_anew = {replica_of(scope) for scope in answer.reset if not self._is_cut_off(scope, cursors)}
        for name in sorted(begun_anew):
            site.files.renew_replica(name)
        organisation = False
        for page in answer.pages:
            cursor = cursors.get(page.scope)
            if cursor is None or replica_of(page.scope) in begun_anew:
                continue  # it goes on from where the old generation was, not from the start
            if page.rows or (page.epoch, page.upto) != cursor[:2]:
                self._take(page)
                organisation = organisation or page.scope == ORG
        if organisation:
            with suppress(StoreError):  # whoever signs in next is told of a vault that can't be read
                site.settle_vault()
        if not answer.more:
            if len(cursors) == len(everything):
                site.complete_replicas()
            site.return_surplus()
        core.pulled(site.clock.mono_ms(), answer.more)
        if self._epoch is not None and not everything.keys() >= set(answer.granted):
            core.greet_again(site.clock.mono_ms())  # there is more to see than before
        if self._first_sync is not None:
            self._first_sync.line_is_up()
        busy = answer.more or site.outbox.waiting() or self._is_fetching
        self._worked("syncing" if busy else self._up(), answer.offset)

    def _is_cut_off(self, scope: str, cursors: Mapping[str, Cursor]) -> bool:
        """Tell whether a scope can't even be read from the beginning of its log; then its file is waited for."""
        if self._first_sync is None or cursors.get(scope, ("", 0, ""))[1]:
            return False
        self._first_sync.cut_off(scope)
        return True

    def _take(self, page: Page) -> None:
        """Take a page in; a replica that differs from the centre's count is fetched again, once."""
        files = self._site.files
        name = replica_of(page.scope)
        fetched_again = name in files.being_filled()
        if not self._site.take_page(page) and not fetched_again:
            self._site.differed(page.scope)
            files.renew_replica(name)

    def _is_another(self, epoch: str) -> bool:
        """Tell whether an answer is of another history than the one that this session began in."""
        return self._epoch is not None and epoch not in ("", self._epoch)

    def _failed(self, problem: object) -> None:
        self.problem = str(problem)
        self._note("syncing" if self._core.reachable else "offline")

    def _worked(self, state: str, offset: int) -> None:
        self.problem = self._first_sync.problem if self._first_sync is not None else None
        self._note(state, offset)

    def _note(self, state: str, offset: int | None = None) -> None:
        """Write the line's state where all desks see it, when it says something new."""
        site, problem = self._site, self.problem
        now, line = site.clock.wall_ms(), site.line.written()
        next_try = None
        if state == "offline" and not line.cut:
            next_try = now + max(0, self._core.next_try - site.clock.mono_ms())
        same = line.state == state and line.problem == problem and line.holder == self._holder
        if same and offset is not None and line.offset is not None and abs(line.offset - offset) < OFFSET_NOISE_MS:
            offset = line.offset
        # a contact a few seconds ago is as good as one now; one in the future was noted by a clock since set back
        recent = line.last_contact is not None and 0 <= now - line.last_contact < CONTACT_MS
        stands = recent if state != "offline" else next_try is None or (line.next_try or 0) > now
        if same and stands and (offset is None or offset == line.offset):
            return
        with suppress(StoreError):  # on a full disk: this is only for show, and the next step tries again
            site.line.seen(state, now, self._holder, offset=offset, problem=problem, next_try=next_try)
