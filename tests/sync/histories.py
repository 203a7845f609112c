"""Sites on disk and a centre on disk, with the shipped session, client, routes and service between them."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import httpx

from agentdesk.centre import Centre, create_app
from agentdesk.centre.authors import Means
from agentdesk.centre.enrol import create_code
from agentdesk.centre.storage.opening import open_database
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.store.committing import Committed
from agentdesk.store.site import Identity, Site
from agentdesk.sync.client import CentreClient, client_of
from agentdesk.sync.core import Pace, SyncCore
from agentdesk.sync.session import Session
from agentdesk.sync.signing import Credentials, SiteAuth
from tests.centre.kit import AGENT, REGION, SCOPE, TestClock, build_world, catalogue, random_bytes
from tests.store.world import OPENED, Dice


class Inside(httpx.BaseTransport):
    """Carries requests to the application of a centre in this process; `down` is a line that is cut."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.down = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("no route")

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            answer = await transport.handle_async_request(
                httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
            )
            content = await answer.aread()
            return httpx.Response(answer.status_code, headers=answer.headers, content=content)

        return asyncio.run(ask())


@dataclass
class Node:
    """A site's files, its clock, and its session."""

    folder: Path
    clock: TestClock
    site: Site
    line: Inside
    session: Session
    seed: int

    def sync(self, most: int = 400) -> None:
        """Do what is due until nothing is for a while, letting time pass."""
        quiet = 0
        for _ in range(most):
            until = self.session.step()
            now = self.clock.mono_ms()
            if until > now:
                quiet += 1
                if quiet > 3 and not self.site.outbox.waiting():
                    return
                self.clock.now += until - now
        raise AssertionError(f"it doesn't come to rest: {self.session.problem}")

    def note(self, text: str = "calls back", customer: int = 1) -> Committed:
        site = self.site
        body = {"text": text, "customer": f"c-{customer}"}
        return site.commit(Draft("note.added", AGENT, "agent", SCOPE, site.new_id(), body))

    def reveal(self, customer: int = 1) -> Committed:
        """Have an agent look at a customer's name."""
        site = self.site
        body = {"customer": f"c-{customer}", "reason": "asked", "shown": ["name"], "seconds": 30}
        return site.commit(Draft("reveal.noted", AGENT, "agent", SCOPE, site.new_id(), body, version=2))

    def ids(self) -> list[str]:
        return [e.id for e in self.site.outbox.entries(10_000)]

    def verdicts(self) -> dict[str, tuple[Verdict | None, tuple[Reason, ...]]]:
        return {e.id: (e.verdict, e.reasons) for e in self.site.outbox.entries(10_000)}

    @property
    def lineage(self) -> str:
        return next(one.lineage for one in self.site.lineages() if one.current)

    def seen(self, committed: Committed) -> Document | None:
        return self.site.view.replicated(SCOPE, committed.operation.document)


class Story:
    """A centre that can be put back to what it was, and sites that can be put back or copied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        world = build_world(folder)
        self.means: Means = world.means
        self.clock = world.clock
        world.centre.database.close()
        self.centre = self._started()
        self.nodes: list[Node] = []

    @property
    def path(self) -> Path:
        return self.folder / "centre.db"

    def close(self) -> None:
        self.centre.database.close()

    def enrolled(self, name: str) -> Node:
        code = self.centre.database.write(lambda tx: create_code(tx, self.means, REGION)).result()
        line = Inside(create_app(self.centre.database, self.means))
        clock = TestClock(self.clock.now)
        site = self._opened(self.folder / name, clock, len(self.nodes) + 1)
        lineage = site.new_id()
        key = sha256(code.encode()).digest()
        auth = SiteAuth(Credentials("", key), clock.wall_ms)
        answer = CentreClient("http://centre", auth, clock, line).enrol(code, name, "machine", lineage)
        facts = (answer.site, answer.number, name, REGION, tuple(answer.scopes), "http://centre", answer.token, key)
        site.enrol(Identity(*facts), lineage)
        node = self._node(site, clock, line, len(self.nodes) + 1)
        node.sync()
        return node

    def copied(self, node: Node, name: str) -> Node:
        """Return a copy of a site's files on another machine."""
        node.site.close()
        shutil.copytree(node.folder, self.folder / name)
        seed = 100 + len(self.nodes)
        clock = TestClock(node.clock.now)
        copy = self._node(self._opened(self.folder / name, clock, seed), clock, Inside(node.line.app), seed)
        self.reopened(node)
        return copy

    def kept(self, node: Node) -> Path:
        """Return a backup of a site's files."""
        node.site.close()
        backup = self.folder / f"backup-{node.folder.name}-{Random(node.clock.now).random()}"
        shutil.copytree(node.folder, backup)
        self.reopened(node)
        return backup

    def put_back(self, node: Node, backup: Path) -> None:
        node.site.close()
        shutil.rmtree(node.folder)
        shutil.copytree(backup, node.folder)
        node.seed += 1000
        self.reopened(node)

    def reopened(self, node: Node) -> None:
        node.site = self._opened(node.folder, node.clock, node.seed)
        node.session = self._session(node.site, node.line)

    def backup(self) -> Path:
        """Return a backup of the centre's database."""
        self.centre.database.close()
        copy = self.folder / f"centre-backup-{len(list(self.folder.glob('centre-backup-*')))}.db"
        shutil.copy(self.path, copy)
        self._again()
        return copy

    def restore(self, backup: Path) -> None:
        self.centre.database.close()
        for file in self.folder.glob("centre.db-*"):
            file.unlink()
        shutil.copy(backup, self.path)
        (self.folder / "centre.db-wal").unlink(missing_ok=True)
        self._again()

    def ledger(self) -> list[tuple[str, int]]:
        lines = self.centre.database.read(lambda s: s.ledger(SCOPE)).result()
        return [(line.operation, line.amount) for line in lines]

    def document(self, document_id: str) -> Document | None:
        found = self.centre.database.read(lambda s: s.documents(SCOPE, [document_id])).result()
        return found[0] if found else None

    def _again(self) -> None:
        self.centre = self._started()
        for node in self.nodes:
            node.line.app = create_app(self.centre.database, self.means)

    def _started(self) -> Centre:
        centre = Centre(open_database(f"sqlite:///{self.path}"), self.means)
        centre.start(catalogue())
        return centre

    def _opened(self, folder: Path, clock: TestClock, seed: int) -> Site:
        site = Site(folder, clock, Dice(seed))
        OPENED.append(site)
        return site

    def _session(self, site: Site, line: Inside) -> Session:
        client = client_of(site, line)
        return Session(site, client, SyncCore(Pace(), Random(7).random), "test")

    def _node(self, site: Site, clock: TestClock, line: Inside, seed: int) -> Node:
        node = Node(site.files.folder, clock, site, line, self._session(site, line), seed)
        self.nodes.append(node)
        return node


__all__ = ["Inside", "Node", "Story", "random_bytes"]
