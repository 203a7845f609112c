from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agentdesk.replica.driver import most_attached, sqlite
from agentdesk.replica.tables import cursors
from agentdesk.store.attaching import replica_of
from agentdesk.store.errors import DiskFull, StoreError
from agentdesk.store.schema import OUTBOX_VERSION
from agentdesk.store.site import Site
from tests.domain.world import REGION, customer
from tests.store.world import (
    EPOCH,
    OWN,
    SCOPES,
    Centre,
    make_site,
    note,
    open_files,
    open_site,
    page,
    pull_all,
    push_all,
)


def names(folder: Path, pattern: str = "replica-*") -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def test_each_region_has_a_replica_and_all_the_rest_one() -> None:
    assert {scope: replica_of(scope) for scope in SCOPES} == {
        "catalogue": "small", "org": "small", REGION: REGION, OWN: "small"
    }  # fmt: skip


def test_the_outbox_waits_for_the_disk_and_is_upgraded_once(tmp_path: Path) -> None:
    files = open_files(tmp_path)
    assert files.outbox.execute("PRAGMA synchronous").fetchone() == (2,)
    assert files.outbox.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    files.close()
    again = open_files(tmp_path)
    assert again.outbox.execute("PRAGMA user_version").fetchone() == (OUTBOX_VERSION,)


def test_an_outbox_of_a_newer_program_is_left_as_it_is(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.files.outbox.execute("ALTER TABLE operation ADD COLUMN newer TEXT")
    site.files.outbox.execute(f"PRAGMA user_version = {OUTBOX_VERSION + 1}")
    site.close()
    site = open_site(tmp_path)
    site.commit(note("n1"))
    assert site.files.outbox.execute("PRAGMA user_version").fetchone() == (OUTBOX_VERSION + 1,)


# generations of replicas


def test_the_old_generation_serves_until_the_new_one_is_complete(tmp_path: Path) -> None:
    site = make_site(tmp_path, customer("c1"))
    before = names(tmp_path, "replica-region-*.db")
    site.files.renew_replica(REGION)
    assert site.files.being_filled() == {REGION}
    assert (site.pull_cursors()[REGION], site.pull_cursors()["org"][1]) == (("", 0, ""), 2)
    site.take_page(page(REGION, 5, customer("c2")))
    assert site.pull_cursors()[REGION] == (EPOCH, 5, "h5")
    assert [d.id for d in site.view.named("")] == ["c1"]
    assert site.view.cursors()[REGION] == (EPOCH, 10, "h10")

    # the program may end in between: the next one goes on
    site.close()
    site = open_site(tmp_path)
    site.take_page(page(REGION, 6, customer("c3")))
    assert site.complete_replicas()
    assert [d.id for d in site.view.named("")] == ["c2", "c3"]
    assert site.view.cursors()[REGION] == (EPOCH, 6, "h6")
    assert not site.complete_replicas()
    after = names(tmp_path, "replica-region-*.db")
    assert len(after) == len(before) == 1
    assert after != before


def test_a_new_generation_that_is_reset_begins_again(tmp_path: Path) -> None:
    site = make_site(tmp_path, customer("c1"))
    site.files.renew_replica(REGION)
    site.take_page(page(REGION, 5, customer("c2")))
    site.files.renew_replica(REGION)
    assert site.pull_cursors()[REGION] == ("", 0, "")
    assert len(names(tmp_path, "replica-region-*.db")) == 2
    site.take_page(page(REGION, 5, customer("c3")))
    site.complete_replicas()
    assert [d.id for d in site.view.named("")] == ["c3"]


def test_a_replica_that_was_never_there_needs_no_successor(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    site.files.renew_replica(REGION)
    assert site.files.being_filled() == frozenset()
    site.take_page(page(REGION, 5, customer("c3")))
    assert [d.id for d in site.view.named("")] == ["c3"]


def test_a_reset_of_a_small_scope_fetches_all_small_scopes_anew(tmp_path: Path) -> None:
    site = make_site(tmp_path, customer("c1"))
    site.files.renew_replica("org")
    wanted = site.pull_cursors()
    assert {scope for scope, cursor in wanted.items() if cursor == ("", 0, "")} == {"catalogue", "org", OWN}
    assert wanted[REGION] == (EPOCH, 10, "h10")


def test_pending_work_survives_a_new_generation(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, customer("c1")), Centre.of(customer("c1"))
    site.commit_all((note("n1"), note("n2")))
    site.files.renew_replica(REGION)
    site.take_page(page(REGION, 10, customer("c1")))
    site.complete_replicas()
    assert {d.id for d in site.view.timeline(REGION, "c1")} == {"n1", "n2"}
    push_all(site, centre)
    pull_all(site, centre)
    assert site.view.waiting_for(REGION, "n1") == 0
    assert {d.id for d in site.view.timeline(REGION, "c1")} == {"n1", "n2"}


def test_a_replica_that_somebody_deleted_is_fetched_anew(tmp_path: Path) -> None:
    make_site(tmp_path, customer("c1")).close()
    for path in tmp_path.glob("replica-region-*"):
        path.unlink()
    site = open_site(tmp_path)
    assert site.view.named("") == ()
    assert site.pull_cursors()[REGION] == ("", 0, "")
    site.take_page(page(REGION, 5, customer("c1")))
    assert [d.id for d in site.view.named("")] == ["c1"]
    site.close()
    assert [d.id for d in open_site(tmp_path).view.named("")] == ["c1"]


def test_what_a_crash_left_behind_is_swept_up(tmp_path: Path) -> None:
    site = make_site(tmp_path, customer("c1"))
    stray = tmp_path / "replica-region-bj-0002.db"
    shutil.copy(tmp_path / "replica-region-bj-0001.db", stray)
    site.files.renew_replica(REGION)
    replica = site.files.open_replica(REGION)
    assert cursors(replica) == {}
    replica.close()
    (tmp_path / "replica-small-0099.db-wal").touch()
    (tmp_path / "replica-small-0099.db").touch()
    site.complete_replicas()
    assert names(tmp_path, "*0099*") == []


def test_nothing_is_attached_inside_a_transaction(tmp_path: Path) -> None:
    site, other = make_site(tmp_path, customer("c1")), open_site(tmp_path, seed=2)
    other.files.renew_replica(REGION)
    other.take_page(page(REGION, 5, customer("c2")))
    other.complete_replicas()
    site.files.outbox.execute("BEGIN")
    assert not site.files.refresh()
    site.files.outbox.execute("COMMIT")
    assert site.files.refresh()
    assert not site.files.refresh()
    assert [d.id for d in site.view.named("")] == ["c2"]


def test_a_statement_that_is_being_read_keeps_its_file_for_now(tmp_path: Path) -> None:
    site, other = make_site(tmp_path, customer("c1"), customer("c2")), open_site(tmp_path, seed=2)

    def renew(name: str) -> None:
        other.files.renew_replica(REGION)
        other.take_page(page(REGION, 5, customer(name)))
        other.complete_replicas()
        assert site.files.refresh()
        assert [d.id for d in site.view.named("")] == [name]

    rows = site.files.outbox.execute(f"SELECT id FROM {site.files.attached.alias(REGION)}.document ORDER BY id")
    assert rows.fetchone() == ("c1",)
    renew("g1")
    assert rows.fetchone() == ("c2",)
    rows.close()
    renew("g2")
    assert len(site.files.outbox.execute("PRAGMA database_list").fetchall()) == 3


def test_more_regions_than_fit_are_said_plainly(tmp_path: Path) -> None:
    site = make_site(tmp_path, customer("c1"))
    most = most_attached(site.files.outbox)
    for n in range(most - 2):
        site.take_page(page(f"region/r{n}", 1))
    with pytest.raises(StoreError, match="too many regions"):
        site.take_page(page("region/more", 1))


# a full disk


def write_until_full(site: Site, size: int) -> int:
    """Write notes until it is refused, and return how many there are."""
    for n in range(10_000):
        try:
            site.commit(note(f"n{n}", "x" * size))
        except DiskFull:
            return n
    raise AssertionError("it never got full")


def test_a_full_outbox_records_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    outbox = site.files.outbox
    pages = outbox.execute("PRAGMA page_count").fetchone()[0]
    outbox.execute(f"PRAGMA max_page_count = {pages + 5}")
    written = write_until_full(site, 3000)
    assert not outbox.in_transaction
    assert site.outbox.waiting() == written
    assert site.view.document(REGION, f"n{written}") is None
    assert site.view.document(REGION, f"n{written - 1}") is not None
    with pytest.raises(DiskFull, match="nothing was recorded; free some space"):
        site.commit(note("again", "x" * 3000))
    outbox.execute("PRAGMA max_page_count = 1000000")
    site.commit(note("after", "x" * 3000))
    assert site.outbox.waiting() == written + 1


def test_a_full_replica_takes_nothing_in_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(tmp_path)
    big = [customer(f"c{n}", words="x" * 5000) for n in range(50)]
    opened = site.files.open_replica

    def small(scope: str) -> sqlite.Connection:
        replica = opened(scope)
        replica.execute("PRAGMA max_page_count = 30")
        return replica

    monkeypatch.setattr(site.files, "open_replica", small)
    with pytest.raises(DiskFull):
        site.take_page(page(REGION, 20, *big))
    assert site.view.cursors()[REGION] == (EPOCH, 10, "h10")
    assert site.view.document(REGION, "c7") is None
    monkeypatch.undo()
    site.take_page(page(REGION, 20, *big))
    assert site.view.cursors()[REGION] == (EPOCH, 20, "h20")


def test_a_replica_that_was_given_up_and_comes_again_is_another_file_to_a_desk_that_saw_neither(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    other = open_files(tmp_path)
    before = names(tmp_path, "replica-region*.db")
    site.files.drop_replica(REGION)
    site.take_page(page(REGION, 3, customer("c9")))
    other.refresh()
    assert not set(before) & set(names(tmp_path, "replica-region*.db"))
    alias = other.attached.alias(REGION)
    assert alias is not None
    assert other.outbox.execute(f"SELECT id FROM {alias}.document WHERE scope = ?", (REGION,)).fetchall() == [("c9",)]
