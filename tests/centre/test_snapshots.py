"""Prepared snapshots: the same as the log from its beginning, whole or not there, for whom they are meant."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.centre import snapshots
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.preparing import Preparer
from agentdesk.centre.snapshots import Kept, Shelf, due, newest, prepare, shelf_of, standing
from agentdesk.centre.storage.contract import Database, Snapshot, StorageBusy
from agentdesk.centre.storage.copying import Stopped, copy_scope
from agentdesk.centre.storage.rows import ScopeHead
from agentdesk.domain.documents import Document
from agentdesk.protocol.snapshots import Manifest, Offered
from agentdesk.replica.loading import Loader, about
from agentdesk.replica.opening import open_disposable
from agentdesk.replica.packing import Unpacker
from agentdesk.replica.tables import create, indexes, put, set_cursor
from agentdesk.trust.streams import Opener
from tests.centre.kit import REGION, SCOPE, Site, World, customer
from tests.centre.test_http import error, served

T = TypeVar("T")

Rows = dict[str, list[tuple[Any, ...]]]


class RowByRow:
    """A database of which nobody knows that it is one file."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.folder = database.folder

    def read(self, work: Callable[[Snapshot], T]) -> Future[T]:
        return self._database.read(work)


def rows(path: Path) -> Rows:
    """Return all that stands in a replica file."""
    connection = open_disposable(path)
    try:
        found = {
            table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)
            for table in ("document", "holder", "cursor")
        }
        indexes = connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'")
        return found | {"indexes": sorted(indexes)}
    finally:
        connection.close()


def unpacked(world: World, manifest: Kept, target: Path) -> Path:
    """Open and load a snapshot as a site does."""
    shelf = shelf_of(world.centre.database)
    data = shelf.path(manifest).read_bytes()
    assert (len(data), sha256(data).hexdigest()) == (manifest.size, manifest.sha256)
    offered = shelf.offered(manifest)
    assert offered is not None
    opener, unpacker = (
        Opener(bytes.fromhex(offered.key), about(manifest.name, manifest.scope), manifest.size),
        Unpacker(manifest.content_size),
    )
    connection = open_disposable(target)
    try:
        loader = Loader(connection, SCOPE, manifest.rows, manifest.holders)
        connection.execute("BEGIN")
        for piece in unpacker.feed(b"".join(opener.feed(data))):
            loader.feed(piece)
        set_cursor(connection, SCOPE, manifest.epoch, manifest.seq, manifest.hash)
        connection.execute("COMMIT")
        for statement in indexes():
            connection.execute(statement)
    finally:
        connection.close()
    assert opener.finished
    assert unpacker.finished
    assert loader.finished
    assert loader.total == manifest.total
    return target


def pull_on(site: Site, target: Path, cursor: dict[str, Any]) -> Path:
    """Read the log into a replica file, from a cursor to its end."""
    connection = open_disposable(target)
    create(connection)
    while True:
        page = site.pull({SCOPE: cursor}, 7)[SCOPE]
        assert not page.get("reset")
        put(
            connection,
            [
                Document(
                    row["scope"],
                    row["id"],
                    row["type"],
                    row["rev"],
                    row["data"],
                    {name: (rev, lineage) for name, (rev, lineage) in row["revs"].items()},
                )
                for row in page["rows"]
            ],
        )
        set_cursor(connection, SCOPE, page["epoch"], page["upto"], page["hash"])
        cursor = {"epoch": page["epoch"], "seq": page["upto"], "hash": page["hash"]}
        if not page["more"]:
            break
    connection.close()
    return target


def at(manifest: Manifest) -> dict[str, Any]:
    return {"epoch": manifest.epoch, "seq": manifest.seq, "hash": manifest.hash}


def made(world: World, **more: Any) -> Kept:
    database = world.centre.database
    return prepare(database, shelf_of(database), SCOPE, world.means, **more)


def change(world: World, site: Site, what: int) -> None:
    """Change something of the region: calls, notes, customers who are new or have other numbers."""
    match what % 4:
        case 0:
            site.whole_call(1 + what % 3)
            site.push(site.made[-4:])
        case 1:
            site.note(f"c-{1 + what % 3}")
            site.push(site.made[-1:])
        case 2:
            moved = customer(1 + what % 3)
            moved.data["subscriptions"][0]["number"] = f"+86130{what:08d}"
            bulk_load(world.centre.database, REGION, [moved], means=world.means)
        case 3:
            new = [customer(n) for n in range(100 + what, 103 + what)]
            bulk_load(world.centre.database, REGION, new, means=world.means)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(history=st.lists(st.integers(0, 99) | st.just(-1), min_size=1, max_size=12))
def test_a_snapshot_and_what_came_after_it_equal_the_log_from_its_beginning(
    world: World, tmp_path: Path, history: list[int]
) -> None:
    site = world.site()
    last = made(world)
    for what in history:
        if what < 0:
            last = made(world)
        else:
            change(world, site, what)

    with TemporaryDirectory(dir=tmp_path) as name:
        from_file = pull_on(site, unpacked(world, last, Path(name) / "file.db"), at(last))
        from_log = pull_on(site, Path(name) / "log.db", {})
        assert rows(from_file) == rows(from_log)


def test_writes_go_on_while_a_snapshot_is_prepared_and_are_in_it_or_after_it(world: World, tmp_path: Path) -> None:
    site = world.site()
    bulk_load(world.centre.database, REGION, [customer(n) for n in range(10, 400)], means=world.means)
    first = made(world)
    done = threading.Event()

    def write() -> None:
        for what in range(60):
            change(world, site, what)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    found = [first]
    while not done.is_set():
        found.append(made(world))
    writer.join()

    from_log = rows(pull_on(site, tmp_path / "log.db", {}))
    kept = standing_now(world)
    assert kept[0] == found[-1]
    for manifest in kept:
        from_file = unpacked(world, manifest, tmp_path / f"{manifest.seq}.db")
        assert rows(pull_on(site, from_file, at(manifest))) == from_log


def standing_now(world: World) -> list[Kept]:
    shelf = shelf_of(world.centre.database)
    return world.centre.database.read(lambda snapshot: standing(snapshot, shelf)).result()


def test_row_by_row_gives_the_same_as_the_file_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    change(world, world.site(), 0)
    change(world, world.site(), 3)
    monkeypatch.setattr("agentdesk.centre.storage.copying.ROWS", 3)
    taken: list[list[bytes]] = [[], []]
    ends = [
        copy_scope(database, SCOPE, lambda head, to=to: to.append, lambda: False)  # type: ignore[arg-type,misc]
        for to, database in zip(taken, (world.centre.database, RowByRow(world.centre.database)), strict=True)
    ]

    assert ends[0] == ends[1]
    assert b"".join(taken[0]) == b"".join(taken[1])
    head, holders = ends[0]
    assert b"".join(taken[0]).count(b"\n") == 3 * head.documents + holders


def test_a_replica_from_pages_has_the_indexes_of_a_prepared_one(world: World, tmp_path: Path) -> None:
    from_file = unpacked(world, made(world), tmp_path / "file.db")
    from_log = pull_on(world.site(), tmp_path / "log.db", {})

    assert rows(from_file)["indexes"] == rows(from_log)["indexes"] != []


def test_nothing_is_prepared_twice_for_the_same_place(world: World) -> None:
    first = made(world)
    world.clock.now += 1
    assert made(world) == first
    world.site().note()
    change(world, world.site(), 1)
    assert made(world).seq > first.seq


def test_the_two_newest_stay_and_older_ones_go(world: World) -> None:
    site = world.site()
    seen = []
    for what in range(4):
        change(world, site, 1 + 4 * what)
        world.clock.now += 1
        seen.append(made(world))

    assert standing_now(world) == [seen[3], seen[2]]
    files = {path.name for path in shelf_of(world.centre.database).folder.iterdir()} - {".lock"}
    assert len(files) == 4


def test_what_was_left_by_a_killed_process_goes(world: World) -> None:
    shelf = shelf_of(world.centre.database)
    (shelf.folder / ".making").mkdir(parents=True)
    (shelf.folder / ".making" / "packed").write_bytes(b"half")
    (epoch,) = (one.epoch for one in world.centre.database.read(lambda snapshot: snapshot.epochs()).result())
    (shelf.folder / f"{epoch}-region-beijing-1-1.rows").write_bytes(b"without a manifest")
    for ending in (".db.zst", ".json"):
        (shelf.folder / f"{epoch}-region-beijing-2-1{ending}").write_bytes(b"as an earlier program made them")
    manifest = made(world)

    files = {path.name for path in shelf.folder.iterdir()}
    assert files == {".lock", manifest.name, manifest.name.replace(".rows", ".json")}


def test_what_another_centre_has_in_the_same_folder_is_left_alone(world: World) -> None:
    first = made(world)
    shelf = shelf_of(world.centre.database)
    theirs = first.model_copy(update={"name": "theirs-region-beijing-1-1.rows", "epoch": "theirs"})
    shelf.path(theirs).write_bytes(shelf.path(first).read_bytes())
    (shelf.folder / "theirs-region-beijing-1-1.json").write_text(theirs.model_dump_json())
    for what in (1, 5, 9):
        change(world, world.site(), what)
        made(world)

    assert theirs in shelf.all()
    assert theirs not in standing_now(world)
    assert first not in shelf.all()


def test_only_one_at_a_time_prepares(world: World) -> None:
    with shelf_of(world.centre.database).making(), pytest.raises(StorageBusy, match="another process"):
        made(world)


@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_preparing_can_be_stopped_at_any_time_and_leaves_nothing(
    world: World, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentdesk.centre.storage.copying.STEPS", 50)
    monkeypatch.setattr("agentdesk.centre.storage.copying.ROWS", 1)
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    with pytest.raises(Stopped):
        made(world, stop=stop)
    assert standing_now(world) == []
    assert {path.name for path in shelf_of(world.centre.database).folder.iterdir()} == {".lock"}


def test_a_snapshot_that_the_log_does_not_know_is_not_offered(world: World) -> None:
    """As after a restore from a backup that is older than the snapshot."""
    manifest = made(world)
    path = shelf_of(world.centre.database).folder / manifest.name.replace(".rows", ".json")
    for wrong in ({"seq": manifest.seq + 1}, {"hash": "0" * 32}, {"epoch": "another"}, {"tables": 99}, {"size": 1}):
        path.write_text(json.dumps({**manifest.model_dump(), **wrong}))
        assert standing_now(world) == []
    path.write_text("{")
    assert standing_now(world) == []
    path.write_text(manifest.model_dump_json())
    assert standing_now(world) == [manifest]


def test_the_folder_alone_opens_nothing(world: World) -> None:
    """Neither a row nor a key lies in it, and with another secret its snapshots are none: a new one is made."""
    site = world.site()
    manifest = made(world)
    database = world.centre.database
    shelf = shelf_of(database)
    offered = shelf.offered(manifest)
    assert offered is not None
    content = b"".join(path.read_bytes() for path in shelf.folder.iterdir())
    for known in (bytes.fromhex(offered.key), offered.key.encode(), site.id.encode(), b"subscriptions"):
        assert known not in content
    assert {path.stat().st_mode & 0o777 for path in shelf.folder.iterdir()} == {0o600}

    copied = Shelf(shelf.folder, lambda: bytes(32))
    assert copied.offered(manifest) is None
    assert database.read(lambda snapshot: standing(snapshot, copied)).result() == []


def test_no_two_snapshots_have_the_same_key(world: World) -> None:
    shelf = shelf_of(world.centre.database)
    first = shelf.offered(made(world))
    change(world, world.site(), 3)
    second = shelf.offered(made(world))
    assert first is not None
    assert second is not None
    assert first.key != second.key


@pytest.mark.parametrize(
    ("documents", "floor", "behind", "age", "expected"),
    [
        pytest.param(19_999, 0, None, 0, False, id="few documents come by pages"),
        pytest.param(20_000, 0, None, 0, True, id="many begin with a file"),
        pytest.param(5, 1, None, 0, True, id="a cut log has to have one"),
        pytest.param(100_000, 0, 19_999, 10**9, False, id="few changes are read in pages"),
        pytest.param(100_000, 0, 20_000, 0, False, id="not again at once"),
        pytest.param(100_000, 0, 20_000, 3_600_000, True, id="a fifth in an hour"),
        pytest.param(1_000_000, 0, 90_000, 10**9, False, id="less than a tenth"),
        pytest.param(100_000, 0, 100_000, 0, True, id="doubled, as while it is filled"),
    ],
)
def test_when_a_snapshot_is_due(documents: int, floor: int, behind: int | None, age: int, expected: bool) -> None:
    now = 10**12
    head = ScopeHead(SCOPE, "e", 1_000_000, "h", floor, documents)
    last = None
    if behind is not None:
        last = Manifest(
            name="x.rows",
            scope=SCOPE,
            epoch="e",
            seq=head.seq - behind,
            hash="h",
            tables=1,
            rows=documents,
            total=documents,
            holders=1,
            size=1,
            sha256="0" * 64,
            content_size=1,
            made_at=now - age,
        )
    assert due(head, last, now) is expected


def test_in_the_background_a_region_gets_its_snapshot_and_the_server_can_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "MIN_ROWS", 2)
    preparer = Preparer(world.centre.database, world.means, look_s=0.01)
    preparer.start()
    until = threading.Event()
    while not standing_now(world):
        until.wait(0.01)
    preparer.stop()

    assert set(newest(standing_now(world))) == {SCOPE}


# ---------------------------------------------------------------- over HTTP


def test_a_site_fetches_its_regions_snapshot_in_pieces(world: World) -> None:
    manifest = made(world)
    site = world.site()
    whole = shelf_of(world.centre.database).path(manifest).read_bytes()
    with served(world) as url, httpx.Client(base_url=url, auth=site.auth, timeout=30) as client:
        listed = client.get("/v1/snapshots").json()["snapshots"]
        assert [Offered.model_validate(one) for one in listed] == [shelf_of(world.centre.database).offered(manifest)]
        where = f"/v1/snapshots/{manifest.name}"
        tag = f'"{manifest.sha256}"'
        all_of_it = client.get(where)
        assert (all_of_it.status_code, all_of_it.content) == (200, whole)
        assert (all_of_it.headers["etag"], all_of_it.headers["accept-ranges"]) == (tag, "bytes")
        for asked, first, end in (
            ("bytes=0-0", 0, 1),
            ("bytes=5-99", 5, 100),
            ("bytes=100-", 100, len(whole)),
            ("bytes=-7", len(whole) - 7, len(whole)),
            (f"bytes=10-{10**12}", 10, len(whole)),
        ):
            part = client.get(where, headers={"range": asked, "if-range": tag})
            assert part.status_code == 206, asked
            assert part.content == whole[first:end]
            assert part.headers["content-range"] == f"bytes {first}-{end - 1}/{len(whole)}"
        changed = client.get(where, headers={"range": "bytes=5-99", "if-range": '"another"'})
        assert (changed.status_code, changed.content) == (200, whole)
        for beyond in (f"bytes={len(whole)}-", "bytes=-0", "bytes=9-3"):
            answer = client.get(where, headers={"range": beyond})
            assert answer.status_code == 416
            assert answer.headers["content-range"] == f"bytes */{len(whole)}"
        odd = client.get(where, headers={"range": "bytes=0-1,5-6"})
        assert (odd.status_code, len(odd.content)) == (200, len(whole))


def test_nobody_else_gets_it_and_names_lead_nowhere_else(world: World) -> None:
    manifest = made(world)
    site = world.site()
    stranger = world.site()
    moved = world.centre.database.write(
        lambda tx: tx.put_site(elsewhere(tx.lock_site(stranger.id)))  # a site of another region
    )
    moved.result()
    with served(world) as url, httpx.Client(base_url=url, timeout=30) as client:
        assert client.get("/v1/snapshots").status_code == 401
        assert client.get(f"/v1/snapshots/{manifest.name}").status_code == 401
        assert client.get("/v1/snapshots", auth=stranger.auth).json()["snapshots"] == []
        refused = client.get(f"/v1/snapshots/{manifest.name}", auth=stranger.auth)
        assert (refused.status_code, error(refused)) == (404, "not_found")
        for name in (
            manifest.name.replace(".rows", ".json"),
            ".lock",
            "..%2Fcentre.db",
            "%2e%2e%2f%2e%2e%2fcentre.db",
            "..%5Ccentre.db",
            f"%2e%2f{manifest.name}",
            f"{manifest.name}%00",
            "centre.db",
            "x" * 3000,
        ):
            answer = client.get(f"/v1/snapshots/{name}", auth=site.auth)
            assert answer.status_code == 404, name


def elsewhere(site: Any) -> Any:
    from dataclasses import replace

    scopes = tuple("region/elsewhere" if scope == SCOPE else scope for scope in site.scopes)
    return replace(site, region="elsewhere", scopes=scopes)
