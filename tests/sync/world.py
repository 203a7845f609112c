"""A centre for tests: it judges what is pushed, gives pages of all scopes, and fails when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.store.intake import Page, PulledDocument
from agentdesk.store.outbox import Waiting
from agentdesk.store.site import Site
from agentdesk.sync.client import Greeted, Greeting, Pulled, Pushed, RequestFailed
from agentdesk.sync.core import Failure, Pace, SyncCore
from agentdesk.sync.session import Session
from tests.domain.world import REGION, FakeClock
from tests.store.world import Centre, make_site

Fault = Callable[[], None]


def fails(failure: Failure, after_ms: int | None = None, **more: Any) -> Fault:
    def fault() -> None:
        raise RequestFailed(failure, f"it is {failure}", after_ms, **more)

    return fault


@dataclass
class FakeCentre:
    """What a session asks, answered from memory; `faults` are raised one after the other, before or after the work."""

    clock: FakeClock
    known: Centre
    push_faults: list[Fault | None] = field(default_factory=list)
    lost_answers: int = 0
    pull_faults: list[Fault | None] = field(default_factory=list)
    seqs: dict[str, int] = field(default_factory=lambda: {"catalogue": 1, "org": 2, "site/site-1": 2})
    small: dict[str, tuple[Document, ...]] = field(default_factory=dict)
    reset: list[str] = field(default_factory=list)
    rows: int = 1000
    pushes: int = 0
    pulls: int = 0
    limits: tuple[int, int] = (500, 900_000)
    last_seq: dict[str, int] = field(default_factory=dict)
    server_ahead: int = 0

    def push(self, waiting: Waiting) -> Pushed:
        self.pushes += 1
        self._fault(self.push_faults)
        have = self.last_seq.get(waiting.lineage, 0)
        if waiting.after_seq > have:
            raise RequestFailed("gap", "operations are missing", None, have + 1)
        answers = self.known.push(waiting)
        self.last_seq[waiting.lineage] = max(have, answers[-1].seq if answers else 0)
        if self.lost_answers:
            self.lost_answers -= 1
            raise RequestFailed("dropped", "the answer was lost")
        return Pushed(answers, self.limits, self.server_ahead, self.known.epoch)

    def hello(self, greeting: Greeting) -> Greeted:
        raise RequestFailed("absent", "this centre knows no greetings")

    def pull(self, cursors: dict[str, tuple[str, int, str]], rows: int) -> Pulled:
        self.pulls += 1
        self._fault(self.pull_faults)
        pages, reset = [], []
        for scope, (epoch, seq, _) in cursors.items():
            if scope in self.reset or (seq and epoch != self.known.epoch):
                self.reset = [s for s in self.reset if s != scope]
                reset.append(scope)
            elif scope == REGION:
                pages.append(self.known.page(seq, min(rows, self.rows)))
            else:
                upto = self.seqs[scope]
                found = self.small.get(scope, ()) if seq < upto else ()
                pages.append(Page(scope, self.known.epoch, upto, "h", _rows(found)))
        more = bool(reset) or any(p.scope == REGION and p.upto < self.known.seq for p in pages)
        return Pulled(tuple(pages), tuple(reset), (), more, self.server_ahead)

    def _fault(self, faults: list[Fault | None]) -> None:
        if faults:
            fault = faults.pop(0)
            if fault is not None:
                fault()


def _rows(documents: tuple[Document, ...]) -> tuple[PulledDocument, ...]:
    return tuple(PulledDocument(d.key, d) for d in documents)


@dataclass
class Syncing:
    """A site, a centre and the session between them, in virtual time."""

    site: Site
    clock: FakeClock
    centre: FakeCentre
    core: SyncCore
    session: Session

    @staticmethod
    def of(folder: Path, *documents: Document, pace: Pace | None = None, seed: int = 1) -> Syncing:
        clock = FakeClock()
        site = make_site(folder, *documents, clock=clock)
        known = Centre.of(*(documents or _standing(site)))
        centre = FakeCentre(clock, known)
        for scope, kind in (("org", "agent"), ("catalogue", "catalogue"), ("site/site-1", "allowance")):
            centre.small[scope] = site.view.of_type(scope, kind)
        core = SyncCore(pace or Pace(), Random(seed).random)
        return Syncing(site, clock, centre, core, Session(site, centre, core, "test"))

    def run(self, ms: int, most_steps: int = 10_000) -> int:
        """Let time pass, doing what is due; returns how many steps that took."""
        end = self.clock.mono + ms
        for steps in range(most_steps):
            until = self.session.step()
            if until > self.clock.mono:
                if until >= end:
                    self.clock.pass_ms(end - self.clock.mono)
                    return steps + 1
                self.clock.pass_ms(until - self.clock.mono)
        raise AssertionError("it never comes to rest")

    @property
    def drained(self) -> bool:
        return self.site.outbox.waiting() == 0

    def restart(self, seed: int = 2) -> None:
        """Let another process take over: it knows what is on disk and nothing else."""
        self.core = SyncCore(self.core.pace, Random(seed).random)
        self.session = Session(self.site, self.centre, self.core, f"test {seed}")


def _standing(site: Site) -> tuple[Document, ...]:
    return tuple(d for name in ("c1", "k1") if (d := site.view.document(REGION, name)) is not None)
