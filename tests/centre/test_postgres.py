"""PostgreSQL: what one writer makes true by itself holds for many at once, and through the faults of a server."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from agentdesk.centre.authors import Means, set_agents
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.contract import StorageBusy, StorageError, StorageFull, Transaction
from agentdesk.centre.storage.opening import KEY
from agentdesk.centre.storage.postgres.database import PostgresDatabase
from agentdesk.centre.storage.postgres.errors import worded
from agentdesk.centre.storage.postgres.wire import Wire
from agentdesk.domain.operation import Operation
from tests.centre.kit import REGION, SCOPE, Site, TestClock, World, catalogue, customer, random_bytes
from tests.postgres import Server
from tests.waiting import until

WAIT_S = 120.0


@pytest.fixture
def world(kept: tuple[str, Path], postgres: Server, tmp_path: Path) -> Iterator[World]:
    """A world whose agents and customers are there, over a database of its own on a server."""
    url, key = kept
    postgres.reset(url)
    (tmp_path / KEY).write_bytes(key.read_bytes())
    clock = TestClock()
    centre = Centre(PostgresDatabase(url, tmp_path / KEY), Means(clock, random_bytes(str(tmp_path))))
    yield World(centre, clock, url)
    centre.database.close()


@pytest.fixture
def empty(postgres: Server) -> Iterator[str]:
    """The URL of a new, empty database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def there(world: World, tmp_path: Path) -> Iterator[World]:
    """The same world as another process sees it, with connections and caches of its own."""
    centre = Centre(PostgresDatabase(world.url, tmp_path / KEY), Means(world.clock, random_bytes("there")))
    yield World(centre, world.clock, world.url)
    centre.database.close()


def driver_of(world: World) -> PostgresDatabase:
    database = world.centre.database
    assert isinstance(database, PostgresDatabase)
    return database


def at_once(*works: Callable[[], object]) -> None:
    """Do pieces of work at the same moment, and fail as the first of them that fails."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait(WAIT_S)
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(run, work) for work in works]:
            future.result(WAIT_S)


def hire(world: World, numbers: range) -> None:
    """Have more agents, as each may promise only so much in a day."""
    agents = [{"id": f"a-{n}", "name": f"员工{n}", "role": "agent", "region": SCOPE} for n in numbers]
    world.centre.database.write(lambda tx: set_agents(tx, world.means, agents)).result(WAIT_S)


def call(site: Site, number: int, agent: int) -> None:
    """Make a call with a promise of an agent's."""
    contact = site.contact(number)
    site.verify(contact, number)
    site.spoken(site.promise(contact, number, actor=f"a-{agent}"))


def test_of_promises_that_collide_exactly_one_is_unflagged(world: World, there: World) -> None:
    """Two workers, each with a promise that may be made once in a cycle, to the same customer."""
    one, two = world.site("one"), world.site("two")
    two.world = there
    hire(world, range(100, 225))
    for number in range(100, 125):
        bulk_load(world.centre.database, REGION, [customer(number)], means=world.means)
        batches: list[tuple[Site, list[Operation]]] = []
        for site, agent in ((one, number), (two, number + 100)):
            done = len(site.made)
            call(site, number, agent)
            batches.append((site, site.made[done:]))
        verdicts: list[str] = []

        def push(site: Site, batch: list[Operation], verdicts: list[str] = verdicts) -> None:
            taken = site.push(batch)
            verdicts.append(next(r.verdict for r, o in zip(taken.verdicts, batch, strict=True) if o.amount))

        at_once(*(lambda s=site, b=batch: push(s, b) for site, batch in batches))
        assert sorted(verdicts) == ["applied", "flagged"]


def test_batches_over_the_same_customers_hardly_ever_run_twice(world: World, there: World) -> None:
    """Eight writers in two processes, promises to overlapping customers in any order: no storm of deadlocks."""
    bulk_load(world.centre.database, REGION, [customer(n) for n in range(4, 31)], means=world.means)
    hire(world, range(1, 31))
    sites = [world.site(f"s{n}") for n in range(8)]
    for site in sites[4:]:
        site.world = there
    rounds, dice = 6, random.Random(5)
    batches: dict[str, list[list[Operation]]] = {}
    for site in sites:
        for _ in range(rounds):
            done = len(site.made)
            for number in dice.sample(range(1, 31), 12):
                call(site, number, agent=number)
            site.make(
                "ticket.opened", site.name("t"), {"number": "1", "kind": "fault", "customer": "c-1", "title": "x"}
            )
            batches.setdefault(site.id, []).append(site.made[done:])

    def push(site: Site) -> None:
        for batch in batches[site.id]:
            assert not {r.verdict for r in site.push(batch).verdicts} - {"applied", "flagged", "merged"}

    seen: list[int] = []
    stop = threading.Event()

    def poll() -> None:
        """Follow the region's log as a site does; whatever is seen must go on without a hole."""
        at = 0
        while not stop.is_set():
            last = 0
            for row in there.centre.database.read(lambda s, at=at: list(s.log(SCOPE, at, 10_000))).result():  # type: ignore[misc]
                seen.append(row.seq)
                last = row.seq
            at = last or at
        seen.extend(row.seq for row in there.centre.database.read(lambda s: list(s.log(SCOPE, at, 100_000))).result())

    poller = threading.Thread(target=poll)
    poller.start()
    try:
        at_once(*(lambda s=site: push(s) for site in sites))
    finally:
        stop.set()
        poller.join(WAIT_S)
    again = driver_of(world).again + driver_of(there).again
    head = world.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE]

    assert again <= rounds
    assert seen == list(range(1, head.seq + 1))
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0
    ledger = world.centre.database.read(lambda s: s.ledger(SCOPE)).result()
    assert len(ledger) == len(sites) * rounds * 12


def test_of_processes_that_start_on_an_empty_database_one_founds_the_centre(empty: str, tmp_path: Path) -> None:
    opened: list[Centre] = []

    def start() -> None:
        centre = Centre(PostgresDatabase(empty, tmp_path / KEY))
        opened.append(centre)
        centre.start(catalogue())

    at_once(*[start] * 4)
    read = opened[0].database.read
    lineage = read(lambda s: s.meta("lineage") or "").result()
    kinds = [o.kind for o in read(lambda s: s.archived("centre", lineage, 1, 99)).result()]
    epochs = read(lambda s: s.epochs()).result()
    secrets = {centre.database.secret() for centre in opened}
    for centre in opened:
        centre.database.close()

    assert kinds == ["catalogue.published"]
    assert len(epochs) == len(secrets) == 1


def test_a_document_that_came_between_is_decided_over_and_not_written_over(world: World, there: World) -> None:
    """Two sites make a document of the same id at once: one of them is refused, as it would be later."""
    one, two = world.site("one"), world.site("two")
    two.world = there
    for number in range(10):
        body = {"customer": "c-1", "text": "来电咨询"}
        for site in (one, two):
            site.make("note.added", f"note-{number}", body)
        verdicts: list[str] = []

        def push(site: Site, verdicts: list[str] = verdicts) -> None:
            verdicts.append(site.push(site.made[-1:]).verdicts[0].verdict)

        at_once(lambda: push(one), lambda: push(two))
        assert sorted(verdicts) == ["applied", "refused"]
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0


def test_a_connection_that_breaks_before_the_commit_is_replaced(world: World) -> None:
    runs: list[int] = []

    def work(tx: Transaction) -> None:
        tx.set_meta("n", "x")
        runs.append(1)
        if len(runs) == 1:
            cut_off(world.url)
        tx.set_meta("m", "x")

    world.centre.database.write(work).result(WAIT_S)
    assert len(runs) == 2
    assert world.centre.database.read(lambda s: (s.meta("n"), s.meta("m"))).result(WAIT_S) == ("x", "x")


def test_a_connection_that_breaks_in_the_commit_is_said_and_not_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    command = Wire.command

    def breaking(self: Wire, text: bytes) -> None:
        command(self, text)
        if text == b"COMMIT":
            cut_off(world.url)
            command(self, b"SELECT 1")

    def work(tx: Transaction) -> None:
        runs.append(1)
        tx.set_meta("n", "x")

    monkeypatch.setattr(Wire, "command", breaking)
    with pytest.raises(StorageError, match="while it committed"):
        world.centre.database.write(work).result(WAIT_S)
    monkeypatch.undo()

    assert len(runs) == 1
    assert world.centre.database.read(lambda s: s.meta("n")).result(WAIT_S) == "x"


def test_every_commit_is_a_durable_one(empty: str, tmp_path: Path) -> None:
    """Also where the server or the user is set to something faster; something stricter stays."""
    name = psycopg.conninfo.conninfo_to_dict(empty)["dbname"]
    for given, used in (("off", "on"), ("remote_apply", "remote_apply")):
        with psycopg.connect(empty, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = {given}")
        wire = Wire(empty, "test")
        assert wire.execute("SHOW synchronous_commit") == [(used,)]
        wire.close()


def test_what_moved_is_told_to_every_process(world: World, there: World) -> None:
    told: dict[str, int] = {}
    stop = there.centre.database.listen(told.update)
    site = world.site()
    site.note()
    site.push()
    last = world.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE].seq
    until(lambda: told.get(SCOPE) == last)
    stop()


def test_a_server_that_is_away_for_a_while_is_found_again(world: World) -> None:
    told: list[str] = []
    world.centre.database.listen(told.extend)
    for _ in range(3):
        world.centre.database.write(lambda tx: tx.set_meta("n", "x")).result(WAIT_S)
        cut_off(world.url)
        assert world.centre.database.read(lambda s: s.meta("n")).result(WAIT_S) == "x"
    del told[:]
    site = world.site()
    until(lambda: f"site/{site.id}" in told)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (errors.DiskFull("could not extend file"), StorageFull, "make room"),
        (errors.LockNotAvailable("canceling statement"), StorageBusy, "try again"),
        (errors.TooManyConnections("too many clients"), StorageBusy, "try again"),
        (errors.InsufficientPrivilege("permission denied"), StorageError, "grant"),
        (psycopg.OperationalError("connection refused\nis it running?"), StorageError, "check that it runs"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_of_the_server_is_one_line_that_says_what_to_do(
    error: psycopg.Error, kind: type[StorageError], said: str
) -> None:
    spoken = worded(error, "the database")

    assert type(spoken) is kind
    assert said in str(spoken)
    assert "\n" not in str(spoken)


def test_a_password_is_told_to_nobody(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as failed:
        PostgresDatabase("postgresql://me:very-secret@/x?host=/nowhere", tmp_path / KEY)

    assert "very-secret" not in str(failed.value)
    assert "x at /nowhere" in str(failed.value)


def test_garbage_in_names_is_held_and_kept_as_it_came(world: World) -> None:
    """A NUL, which no text of this database can hold."""
    site = world.site()
    odd = site.make("note.added", "note-\0-1", {"customer": "c-1", "text": "\0"})
    site.note()
    taken = site.push()
    kept = world.centre.database.read(lambda s: s.archived(site.id, site.lineage, 1, 1)).result()[0]

    assert [r.verdict for r in taken.verdicts] == ["held", "applied"]
    assert [r["code"] for r in json.loads(taken.verdicts[0].reasons)] == ["unreadable"]
    assert (kept.head, kept.salt, kept.body) == (odd.head, odd.salt, odd.body)


def cut_off(url: str) -> None:
    """End all connections to a database, as a server does that goes down."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
