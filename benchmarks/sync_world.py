"""A centre with people in it and sites that speak to it, as the sync benchmarks want them."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from agentdesk.catalogue import packaged
from agentdesk.centre.authors import set_agents
from agentdesk.centre.enrol import create_code
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.opening import open_database
from agentdesk.cli.machine import MachineClock
from agentdesk.domain.operation import Draft
from agentdesk.store.site import Identity, Site
from agentdesk.sync.client import CentreClient, RequestFailed, client_of
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import KEY_BYTES
from benchmarks.people import REGION, agents, customers


@dataclass(frozen=True, slots=True)
class World:
    """A centre's database that was filled: its URL, and a code with which sites enrol."""

    folder: Path
    database: str
    code: str


def make_world(folder: Path, database: str, people: int, sites: int = 1) -> World:
    """Fill a database with agents and customers; `sites` may enrol."""
    folder.mkdir(parents=True, exist_ok=True)
    opened = open_database(database, folder / "centre.key")
    try:
        centre = Centre(opened)
        centre.start(packaged())
        means = centre.means
        opened.write(lambda tx: set_agents(tx, means, agents())).result()
        bulk_load(opened, REGION, customers(people, int(time.time() * 1000)), means=means)
        code = opened.write(lambda tx: create_code(tx, means, REGION, uses=sites)).result()
    finally:
        opened.close()
    return World(folder, database, code)


def new_site(world: World, url: str, name: str) -> Site:
    """Enrol a site at a running centre; nothing is pulled yet."""
    clock, lineage = MachineClock(), secrets.token_hex(16)
    key = secrets.token_bytes(KEY_BYTES)
    client = CentreClient(url, SiteAuth(Credentials("", key), clock.wall_ms), clock)
    try:
        answer = client.enrol(world.code, name, name, lineage)
    finally:
        client.close()
    site = Site(world.folder / name, clock, secrets)
    scopes = tuple(answer.scopes)
    facts = (answer.site, answer.number, name, f"region/{REGION}", scopes, url, answer.token, key)
    site.enrol(Identity(*facts), lineage)
    return site


def pull_all(site: Site, client: CentreClient, rows: int = 5_000) -> int:
    """Pull until nothing is left; return how many rows came."""
    total = 0
    while True:
        answer = client.pull(dict(site.pull_cursors()), rows)
        for page in answer.pages:
            if page.size:
                site.take_page(page)
                total += page.size
        if not answer.more:
            return total


@contextlib.contextmanager
def hasty(site: Site) -> Iterator[Callable[[Draft], str]]:
    """Give a maker of operations that doesn't wait for the disk: for what is prepared, not measured."""
    connection = site.files.outbox
    connection.execute("PRAGMA synchronous = OFF")
    made = count()

    def make(draft: Draft) -> str:
        if next(made) % 1_000 == 0:
            site.line.seen("online", site.clock.wall_ms(), "benchmark", offset=0)
        return site.commit(draft).operation.id

    yield make
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchall()


def push_all(site: Site, client: CentreClient, most: int = 500) -> dict[str, int]:
    """Push all that waits; return how often each verdict was given."""
    counts: dict[str, int] = {}
    while (batch := site.outbox.batch(most, 900_000)) is not None:
        answer = client.push(batch)
        site.take_answers(batch.lineage, answer.answers, answer.epoch)
        for one in answer.answers:
            counts[one.verdict.value] = counts.get(one.verdict.value, 0) + 1
    return counts


__all__ = ["RequestFailed", "World", "client_of", "hasty", "make_world", "new_site", "pull_all", "push_all"]
