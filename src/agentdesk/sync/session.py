"""One step of sync after another: the core says what to do, this does it to the store and the centre."""

from __future__ import annotations

import json
from typing import Protocol

from agentdesk.store.files import StoreError
from agentdesk.store.outbox import Waiting
from agentdesk.store.site import Site
from agentdesk.sync.client import Pulled, Pushed, RequestFailed
from agentdesk.sync.core import Pull, Push, SyncCore, Wait


class Centre(Protocol):
    """What a session asks of the centre; both raise RequestFailed."""

    def push(self, waiting: Waiting) -> Pushed: ...

    def pull(self, cursors: dict[str, tuple[str, int, str]], rows: int) -> Pulled: ...


class Session:
    """The sync of one site by the process that holds the lease; used by one thread."""

    def __init__(self, site: Site, centre: Centre, core: SyncCore, holder: str) -> None:
        self._site = site
        self._centre = centre
        self._core = core
        self._holder = holder
        self._was_cut = False
        self._push_problem: str | None = None

    def step(self) -> int:
        """Do what is due now and return when to come back, monotonic ms; never raises for a fault of the line."""
        site, core = self._site, self._core
        site.files.refresh()
        if site.line.state().cut:
            self._was_cut = True
            core.reachable = False
            self._note("offline")
            return site.clock.mono_ms() + 500
        if self._was_cut:
            self._was_cut = False
            core.hurry(site.clock.mono_ms())
        waiting = site.outbox.waiting()
        step = core.next(site.clock.mono_ms(), waiting)
        if isinstance(step, Wait):
            return step.until
        if isinstance(step, Push):
            self._push(step)
        else:
            self._pull(step)
        return site.clock.mono_ms()

    def _push(self, step: Push) -> None:
        site, core = self._site, self._core
        batch = site.outbox.batch(step.most, step.most_bytes)
        if batch is None:
            core.pushed(site.clock.mono_ms(), 0)
            return
        ids = [_id_of(head) for head, _, _ in batch.operations]
        try:
            answer = self._centre.push(batch)
        except RequestFailed as failed:
            if failed.failure == "gap" and failed.expect is not None:
                site.rewind(batch.lineage, failed.expect - 1)
            core.push_failed(site.clock.mono_ms(), failed.failure, failed.retry_after_ms)
            self._push_problem = str(failed)
            site.outbox.sent(ids[:1], site.clock.wall_ms(), str(failed))
            self._note("offline" if not core.reachable else "syncing", problem=str(failed))
            return
        site.take_answers(batch.lineage, answer.answers)
        core.pushed(site.clock.mono_ms(), len(answer.answers), answer.limits)
        self._push_problem = None
        self._note("syncing", offset=answer.offset)

    def _pull(self, step: Pull) -> None:
        site, core = self._site, self._core
        known = site.view.cursors()
        cursors = {scope: known.get(scope, ("", 0, "")) for scope in site.identity.scopes}
        try:
            answer = self._centre.pull(cursors, step.rows)
        except RequestFailed as failed:
            core.pull_failed(site.clock.mono_ms(), failed.failure, failed.retry_after_ms)
            self._note("offline" if not core.reachable else "syncing", problem=str(failed))
            return
        for scope in answer.reset:
            site.files.renew_replica(scope)
        for page in answer.pages:
            if page.rows or page.upto != cursors[page.scope][1]:
                site.take_page(page)
        core.pulled(site.clock.mono_ms(), answer.more)
        state = "syncing" if answer.more or site.outbox.waiting() else "online"
        # a pull that works must not hide that nothing can be sent
        self._note(state, offset=answer.offset, problem=self._push_problem)

    def _note(self, state: str, *, offset: int | None = None, problem: str | None = None) -> None:
        """Write the line's state where all desks see it, when it says something new."""
        site = self._site
        now, line = site.clock.wall_ms(), site.line.state()
        next_try = now + max(0, self._core.next_try - site.clock.mono_ms()) if state == "offline" else None
        same = line.state == state and line.problem == problem and line.holder == self._holder
        if same and offset is not None and line.offset is not None and abs(line.offset - offset) < 250:
            offset = line.offset
        recent = line.last_contact is not None and now - line.last_contact < 5_000
        if same and (recent or state == "offline") and (offset is None or offset == line.offset):
            return
        try:
            site.line.seen(state, now, self._holder, offset=offset, problem=problem, next_try=next_try)
        except StoreError:
            return  # a full disk: the state is only for show, and the next step tries again


def _id_of(head: str) -> str:
    found: str = json.loads(head)["id"]
    return found
