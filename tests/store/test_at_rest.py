"""What a stolen disk gives away: nothing; and what a wrong key does to a site's files: nothing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from agentdesk.replica.driver import cipher_version, sqlite
from agentdesk.replica.opening import attach, check_key, open_disposable, open_precious, open_scratch
from agentdesk.store.bell import Bell
from agentdesk.store.errors import StoreError, WrongDataKey
from agentdesk.store.files import Files
from agentdesk.store.incoming import Incoming
from agentdesk.store.presence import Presence, Present, near, protect
from agentdesk.store.site import Site
from agentdesk.sync.lease import Lease
from tests.domain.world import AGENT, REGION, FakeClock, contact, customer, overcharged
from tests.store.world import Dice, fill, identity, make_site, note, open_site, page
from tests.sync.whole import crowd, packed

KEY = sha256(b"the data key of a test").digest()

NAME, NUMBER, CERTIFICATE = "欧阳明月", "13912345678", "110101199003078515"
NOTED, DRAFTED, TOKEN = "他的母亲住在三里屯的院子里", "还没有说完的半句话", "token-that-nobody-may-see"
ASKING = "坐席司马相如"
KNOWN = (NAME, NUMBER, CERTIFICATE, NOTED, DRAFTED, TOKEN, ASKING)


@pytest.fixture
def anybody() -> Iterator[None]:
    """Let new files be everybody's, unless whoever makes them says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def a_days_work(folder: Path, key: bytes | None) -> tuple[Site, Incoming]:
    """Let a site take in customers, find them, note things down, keep drafts, sync, and fetch a region half."""
    site = open_site(folder, FakeClock(), key=key)
    site.enrol(identity(token=TOKEN), "lineage-1")
    somebody = customer("c2", name=NAME, words=NOTED, line={"number": f"+86{NUMBER}"}, certificate=CERTIFICATE)
    fill(site, overcharged(), contact("k1", level=2), somebody, *(replace(d, rev=2) for d in crowd(300)))
    site.commit_all([note(f"n{n}", NOTED) for n in range(40)])
    site.keep_draft("note/c2", DRAFTED)
    while site.search.follow():
        pass
    assert [found.id for found in site.view.named(NAME)] == ["c2"]
    # a sort that doesn't fit into memory, and a generation that is being filled
    site.files.outbox.execute("PRAGMA cache_size = 10")
    site.files.outbox.execute(
        "CREATE TEMP TABLE aside AS SELECT data || d.id AS text FROM "
        f"{site.files.attached.alias(REGION)}.document AS d ORDER BY text"
    )
    site.files.renew_replica(REGION)
    site.take_page(page(REGION, 11, somebody))
    offer, data = packed([*crowd(40), somebody], 150)
    coming = Incoming(folder, offer, key)
    coming.feed(data)
    Presence(folder, "near-ask-desk-1").say(Present(REGION, "c2", AGENT, ASKING, words=NOTED), 0)
    return site, coming


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def found(folder: Path) -> set[str]:
    """Return what stands readable in a folder: of what is known of somebody, and of the keys."""
    every = content(folder)
    texts = {text for text in KNOWN if text.encode() in every or text.encode("utf-16-le") in every}
    keys = {"key" for form in (KEY, KEY.hex().encode(), KEY.hex().upper().encode()) if form in every}
    return texts | keys


def test_no_byte_of_a_days_work_can_be_read_from_the_disk(tmp_path: Path) -> None:
    """While it runs, with its logs and what is on its way; and after it has ended."""
    site, coming = a_days_work(tmp_path / "keyed", KEY)
    names = {path.name for path in (tmp_path / "keyed").rglob("*")}
    assert {
        "near-ask-desk-1.json",
        "outbox.db",
        "outbox.db-wal",
        "region-bj.part",
        "region-bj.db",
        "replica-region-bj-0002.db",
    } <= names
    assert found(tmp_path / "keyed") == set()
    coming.close()
    site.close()
    assert found(tmp_path / "keyed") == set()
    assert b"SQLite format 3" not in content(tmp_path / "keyed")


def test_without_a_key_all_of_it_can_be_read(tmp_path: Path) -> None:
    """So that the test above looks for what is there."""
    _, coming = a_days_work(tmp_path / "plain", None)
    assert found(tmp_path / "plain") == set(KNOWN)
    coming.close()


def test_what_is_put_aside_stays_in_memory(tmp_path: Path) -> None:
    for open_one in (open_precious, open_disposable, open_scratch):
        connection = open_one(tmp_path / f"{open_one.__name__}.db", KEY)
        assert connection.execute("PRAGMA temp_store").fetchone() == (2,)
        connection.close()


def test_nobody_else_may_open_a_file_of_a_site(tmp_path: Path, anybody: None) -> None:
    folder = tmp_path / "site"
    _, coming = a_days_work(folder, KEY)
    lease, bell = Lease(folder), Bell(folder)
    assert lease.take()
    paths = [folder, *folder.rglob("*")]
    names = {path.name for path in paths}
    assert {"outbox.db-wal", "outbox.db-shm", "sync.lock", "sync.bell", "migrate.lock", "near-ask-desk-1.json"} <= names
    assert [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    bell.close()
    lease.give_back()
    coming.close()


def test_desks_of_a_site_read_what_they_say_to_each_other_and_nobody_else_does(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a", key=KEY)
    folder = site.files.folder
    said = Present(REGION, "c2", AGENT, ASKING, words=NOTED)
    Presence(folder, "near-ask-1").say(said, 0)
    assert near(folder, "ask", 0) == (said,)
    path = folder / "presence" / "near-ask-1.json"
    path.rename(path.with_name("near-ask-2.json"))
    assert near(folder, "ask", 0) == (), "it is bound to its name"
    path.write_text('{"at": 0, "present": []}')
    assert near(folder, "ask", 0) == ()
    protect(folder, bytes(32))
    path.with_name("near-ask-2.json").rename(path)
    assert near(folder, "ask", 0) == ()
    protect(folder, KEY)
    assert near(folder, "ask", 0) == (said,)


# ---------------------------------------------------------------- the wrong key


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def left_by_a_dead_process(folder: Path, key: bytes | None) -> Path:
    """Make a site's files as they lie there when its last process was killed: with a log that isn't taken in."""
    site = make_site(folder / "alive", key=key)
    site.commit(note("n1"))
    dead = folder / "dead"
    shutil.copytree(folder / "alive", dead, ignore=shutil.ignore_patterns("*-shm"))
    assert (dead / "outbox.db-wal").stat().st_size
    return dead


@pytest.mark.parametrize(
    ("made_with", "opened_with"),
    [(KEY, None), (KEY, bytes(32)), (None, KEY)],
    ids=["none for a keyed one", "another one", "one for a plain one"],
)
def test_the_wrong_key_is_one_line_and_changes_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], made_with: bytes | None, opened_with: bytes | None
) -> None:
    folder = left_by_a_dead_process(tmp_path, made_with)
    before = state(folder)
    for _ in range(2):
        with pytest.raises(WrongDataKey, match="don't open with this data key") as refused:
            Site(folder, FakeClock(), Dice(1), opened_with)
        assert isinstance(refused.value, StoreError)
        assert "\n" not in str(refused.value)
        assert str(folder) in str(refused.value)
    assert state(folder) == before
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", ""), "the library says nothing to the terminal"

    site = open_site(folder, key=made_with)
    assert site.view.document(REGION, "n1") is not None


def test_a_key_of_another_length_is_no_key(tmp_path: Path) -> None:
    for key in (b"", b"short", bytes(33)):
        with pytest.raises(ValueError, match="32 bytes"):
            Files(tmp_path / "new", key=key)
    assert not (tmp_path / "new" / "outbox.db").exists()


def test_a_replica_of_another_site_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    make_site(tmp_path / "a", key=KEY).close()
    make_site(tmp_path / "b", key=bytes(32)).close()
    name = "replica-region-bj-0001.db"
    shutil.copyfile(tmp_path / "b" / name, tmp_path / "a" / name)
    with pytest.raises(WrongDataKey):
        Site(tmp_path / "a", FakeClock(), Dice(1), KEY)


def test_one_wrong_byte_of_a_page_is_found(tmp_path: Path) -> None:
    """Encryption alone would give other texts for it."""
    path = tmp_path / "some.db"
    connection = open_disposable(path, KEY)
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.execute("INSERT INTO t VALUES (hex(randomblob(20000)))")
    connection.close()
    data = bytearray(path.read_bytes())
    data[3 * 4096 + 100] ^= 1
    path.write_bytes(data)
    connection = open_disposable(path, KEY)
    with pytest.raises(sqlite.DatabaseError):
        connection.execute("SELECT x FROM t").fetchall()
    connection.close()


def test_a_key_fits_a_file_that_is_not_there_or_empty(tmp_path: Path) -> None:
    check_key(tmp_path / "none.db", KEY)
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "empty.db").touch()
    check_key(tmp_path / "empty.db", KEY)
    assert (tmp_path / "empty.db").read_bytes() == b""


def test_plain_and_keyed_files_are_not_attached_to_each_other(tmp_path: Path) -> None:
    main = open_precious(tmp_path / "main.db", KEY)
    open_disposable(tmp_path / "plain.db").close()
    open_disposable(tmp_path / "other.db", bytes(32)).close()
    for name, key in (("plain", KEY), ("other", KEY), ("other", None)):
        with pytest.raises(sqlite.DatabaseError, match="not a database"):
            attach(main, tmp_path / f"{name}.db", "replica1", key)
    main.close()


def test_several_processes_open_a_keyed_folder_at_once(tmp_path: Path) -> None:
    """Each looks at the key first, while others write."""
    site = make_site(tmp_path, key=KEY)
    code = (
        "import secrets, sys; from pathlib import Path; from tests.store.test_at_rest import *\n"
        "for n in range(20):\n"
        "    site = Site(Path(sys.argv[1]), FakeClock(), secrets, KEY)\n"
        "    site.commit(note(f'{sys.argv[2]}-{n}'))\n"
        "    site.close()"
    )
    workers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("a", "b", "c")]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    assert site.outbox.waiting() == 60


def test_the_version_of_the_library_is_told() -> None:
    version, _, sqlite_version = cipher_version().partition(", ")
    assert version.startswith("4.")
    assert sqlite_version == f"SQLite {sqlite.sqlite_version}"
