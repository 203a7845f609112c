"""From a ringing number to what may be promised: holders, customer, open work, earlier contacts and offers.

And from what is typed to what is found, in the same world.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.offering.offers import offers
from agentdesk.domain.policy import Catalogue
from agentdesk.store.site import Site
from benchmarks import finding
from benchmarks.measure import Figure, percentile
from benchmarks.world import make_site

LOOKUPS = 2_000


def run(folder: Path, customers: int) -> list[Figure]:
    """Measure p50 and p99 of look-ups of random callers; the aim is 3 ms at the 99th percentile."""
    site = make_site(folder / f"site-{customers}", customers)
    catalogue = site.catalogue()
    numbers = numbers_of(site, 5_000)
    choose = random.Random(1)
    for number in choose.sample(numbers, min(200, len(numbers))):
        look_up(site, catalogue, number)
    samples = []
    for _ in range(LOOKUPS):
        number = choose.choice(numbers)
        before = time.perf_counter()
        look_up(site, catalogue, number)
        samples.append((time.perf_counter() - before) * 1000)
    found = finding.measure(site, customers)
    site.close()
    name = f"caller and offers, {customers:,} customers"
    return [
        Figure(f"{name}: p50", percentile(samples, 0.5), "ms"),
        Figure(f"{name}: p99", percentile(samples, 0.99), "ms", aim="≤ 3 ms"),
        *found,
    ]


def look_up(site: Site, catalogue: Catalogue, number: str) -> int:
    found = 0
    now = site.now()
    for holder in site.view.holders(number)[:1]:
        document = site.view.document(holder.scope, holder.customer)
        if document is None:
            continue
        customer = Customer(document)
        work = site.view.work(holder.scope, holder.customer, now)
        site.view.timeline(holder.scope, holder.customer, 20)
        case = Case(customer, customer.line_of(number), work, now, "agent", level=1)
        found += len(offers(case, catalogue))
    return found


def numbers_of(site: Site, most: int) -> list[str]:
    found: list[str] = []
    for alias in site.files.attached.aliases():
        rows = site.files.outbox.execute(f"SELECT number FROM {alias}.holder ORDER BY customer LIMIT ?", (most * 50,))
        found += [row[0] for row in rows]
    random.Random(2).shuffle(found)
    return found[:most]
