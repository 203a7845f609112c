"""Sites with sample customers in them, made straight from the sample world without a centre."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from agentdesk.catalogue import packaged
from agentdesk.catalogue.compiled import dump
from agentdesk.cli.machine import MachineClock
from agentdesk.domain.documents import Document, Key
from agentdesk.sample import World
from agentdesk.store.intake import Page, PulledDocument
from agentdesk.store.site import Identity, Site

T = TypeVar("T")

REGION = "region/bj"
SITE = "bench"
AGENT = "bj1001"
"""The sample's first agent, whose own work it is."""
PAGE = 20_000


def open_site(folder: Path) -> Site:
    """Open the store of a folder with the machine's own clock and randomness."""
    return Site(folder, MachineClock(), secrets)


def make_site(folder: Path, customers: int, seed: int = 1) -> Site:
    """Return a site whose replica holds so many sample customers with their work, an agent and two leases."""
    site = open_site(folder)
    scopes = ("catalogue", "org", REGION, f"site/{SITE}")
    site.enrol(Identity(SITE, 1, "Benchmark hall", REGION, scopes, "http://127.0.0.1:9", "none"), "bench-1")
    world = World(seed=seed, size=customers, region=REGION, now_ms=int(time.time() * 1000))
    catalogue = packaged()
    compiled = {"version": catalogue.version, "compiled": dump(catalogue)}
    take(site, "catalogue", [Document("catalogue", catalogue.version, "catalogue", 1, compiled)])
    take(site, "org", world.agents())
    leases = [
        Document(f"site/{SITE}", kind, "allowance", n, {"kind": kind, "amount": 10**12, "spent_settled": 0})
        for n, kind in enumerate(("cost", "credit"), 1)
    ]
    take(site, f"site/{SITE}", leases)
    take(site, REGION, world.customers())
    take(site, REGION, world.work())
    return site


def take(site: Site, scope: str, documents: Iterable[Document]) -> None:
    """Take documents in page by page, numbered on from where the scope stands."""
    for page in _pages(documents, PAGE):
        seq = site.view.cursors().get(scope, ("", 0, ""))[1]
        rows = tuple(
            PulledDocument(Key(d.scope, d.id), Document(d.scope, d.id, d.type, seq + n, d.data, d.revs))
            for n, d in enumerate(page, 1)
        )
        site.take_page(Page(scope, "bench", seq + len(rows), "", rows))


def _pages(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page
