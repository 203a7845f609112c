"""What encryption costs: the same site keyed and plain, in turns; opening it; a first sync beside `cp` and checks."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import time
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

from agentdesk.centre import bulk_load
from agentdesk.centre.authors import system_means
from agentdesk.centre.snapshots import prepare, shelf_of
from agentdesk.centre.storage.opening import open_database
from agentdesk.cli.machine import MachineClock
from agentdesk.replica.opening import connect
from agentdesk.sample import World
from agentdesk.store.incoming import Incoming, Offer
from agentdesk.store.site import Site
from benchmarks.commit import note, promise, some
from benchmarks.lookup import look_up, numbers_of
from benchmarks.measure import Figure, in_turns, percentile
from benchmarks.world import REGION, make_site

KEY = sha256(b"a benchmark's data key").digest()
AIM = "≤ 1.3 x"
EACH = 200
ROUNDS = 5
LOOKUPS = 2_000
OPENINGS = 50
REPEATED = 3
PIECE = 1 << 20


def run(folder: Path, customers: int) -> list[Figure]:
    """Measure a site of so many customers with a data key against the same one without."""
    make_site(folder / "plain", customers).close()
    encrypt(folder / "plain", folder / "keyed")
    plain = Site(folder / "plain", MachineClock(), secrets)
    keyed = Site(folder / "keyed", MachineClock(), secrets, KEY)
    figures = [*_commits(keyed, plain), *_look_ups(keyed, plain, customers), *_opening(folder)]
    plain.close()
    keyed.close()
    for name in ("plain", "keyed"):
        shutil.rmtree(folder / name)
    return [*figures, *_first_sync(folder, customers)]


def encrypt(plain: Path, keyed: Path) -> None:
    """Copy a site's files into another folder, encrypted."""
    keyed.mkdir(mode=0o700)
    for path in plain.glob("*.db"):
        connection = connect(path, isolation_level=None)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("ATTACH DATABASE ? AS keyed KEY ?", (str(keyed / path.name), f"x'{KEY.hex()}'"))
        connection.execute("SELECT sqlcipher_export('keyed')").fetchone()
        connection.execute(f"PRAGMA keyed.user_version = {version}")
        connection.close()


def _commits(keyed: Site, plain: Site) -> list[Figure]:
    figures = []
    for name in ("note.added", "commitment.made"):
        draft = note if name == "note.added" else promise(plain)
        ours, bare = in_turns(partial(some, keyed, draft, EACH), partial(some, plain, draft, EACH), ROUNDS)
        figures += [
            _cost(f"encrypted, {name}: durable", ours.wall / EACH * 1e6, bare.wall / EACH * 1e6, "µs/op"),
            Figure(f"encrypted, {name}: CPU", ours.cpu / EACH * 1e6, "µs/op", bare.cpu / EACH * 1e6),
        ]
    return figures


def _look_ups(keyed: Site, plain: Site, customers: int) -> list[Figure]:
    numbers, choose = numbers_of(plain, 5_000), random.Random(1)
    samples: dict[bool, list[float]] = {True: [], False: []}
    catalogue = plain.catalogue()
    keyed.catalogue()
    for turn in range(LOOKUPS):
        number = choose.choice(numbers)
        for is_keyed in (True, False) if turn % 2 else (False, True):
            before = time.perf_counter()
            look_up(keyed if is_keyed else plain, catalogue, number)
            samples[is_keyed].append((time.perf_counter() - before) * 1000)
    warm = {which: taken[LOOKUPS // 10 :] for which, taken in samples.items()}
    name = f"encrypted, caller and offers, {customers:,} customers"
    return [
        _cost(f"{name}: {said}", percentile(warm[True], share), percentile(warm[False], share), "ms")
        for said, share in (("p50", 0.5), ("p99", 0.99))
    ]


def _opening(folder: Path) -> list[Figure]:
    def opened(name: str, key: bytes | None) -> None:
        Site(folder / name, MachineClock(), secrets, key).close()

    ours, bare = in_turns(partial(opened, "keyed", KEY), partial(opened, "plain", None), OPENINGS)
    one = connect(folder / "keyed" / "outbox.db", KEY, isolation_level=None)
    one.close()
    took = []
    for _ in range(OPENINGS):
        before = time.perf_counter()
        one = connect(folder / "keyed" / "outbox.db", KEY, isolation_level=None)
        one.execute("SELECT count(*) FROM sqlite_master").fetchone()
        took.append((time.perf_counter() - before) * 1000)
        one.close()
    return [
        Figure("encrypted: opening a file", median(took), "ms", aim="< 2 ms"),
        Figure("encrypted: opening a site with its replicas", ours.wall * 1000, "ms", bare.wall * 1000),
    ]


def _first_sync(folder: Path, customers: int) -> list[Figure]:
    """Load a prepared snapshot into a keyed file, in turns with copying such a file and verifying it; without a line.

    Whoever is given a file as it is has to hash it and to look whether its pages fit together: that is the floor.
    """
    database = open_database(f"sqlite:///{folder / 'centre.db'}")
    world = World(seed=1, size=customers, region=REGION, now_ms=int(time.time() * 1000))
    region = REGION.removeprefix("region/")
    for documents in (world.customers(), world.work()):
        bulk_load(database, region, documents)
    before = time.perf_counter()
    kept = prepare(database, shelf_of(database), REGION, system_means())
    prepared = time.perf_counter() - before
    found = shelf_of(database).offered(kept)
    assert found is not None
    counts = (found.tables, found.rows, found.total, found.holders)
    place = (found.scope, found.epoch, found.seq, found.hash)
    offer = Offer(found.name, *place, *counts, found.size, found.sha256, found.content_size, bytes.fromhex(found.key))
    data = shelf_of(database).path(kept)
    database.close()
    made = folder / "region.db"

    def load() -> None:
        coming = Incoming(folder, offer, KEY)
        with data.open("rb") as file:
            while piece := file.read(PIECE):
                coming.feed(piece)
        coming.verify().replace(made)
        coming.discard()

    def load_plain() -> None:
        coming = Incoming(folder, offer, None)
        coming.feed(data.read_bytes())
        coming.verify().replace(folder / "plain.db")
        coming.discard()

    def copy() -> None:
        digest, copied = sha256(), folder / "copy.db"
        with (folder / "plain.db").open("rb") as source, copied.open("wb") as target:
            while piece := source.read(PIECE):
                target.write(piece)
            os.fsync(target.fileno())
        with copied.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        connection = connect(copied)
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        connection.close()
        copied.unlink()

    load_plain()
    ours, bare = in_turns(load, copy, REPEATED)
    rows = f"{offer.rows:,} documents"
    return [
        Figure(f"first sync, {rows}: loaded encrypted", ours.wall, "s", bare.wall, ours.wall / bare.wall, "≤ 10 x"),
        Figure(f"first sync, {rows}: CPU", ours.cpu, "s", bare.cpu),
        Figure(f"first sync, {rows}: prepared at the centre", prepared, "s"),
        Figure(f"first sync, {rows}: on the wire, and as a file", offer.size / 1e6, "MB", made.stat().st_size / 1e6),
    ]


def _cost(name: str, value: float, floor: float, unit: str) -> Figure:
    return Figure(name, value, unit, floor, value / floor, AIM)
