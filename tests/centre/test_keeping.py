"""Keeping the centre's database: backups, pruning, and what they must never change."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.centre.histories import RECENT
from agentdesk.centre.keeping import ARCHIVE_MS, backup, growth, set_durability, tidy
from agentdesk.centre.push import PRUNE_EVERY
from agentdesk.centre.storage.contract import StorageError
from agentdesk.centre.storage.opening import open_database
from agentdesk.domain.operation import GENESIS, head_hash, read, resealed
from tests.centre.kit import SCOPE, Site, World, build_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A centre in a file: backups of servers are made with their own tools."""
    return build_world(tmp_path)


def receipts(world: World, site: Site) -> list[int]:
    found = world.centre.database.read(lambda s: s.receipts_at(site.id, site.lineage, 1, 100_000)).result()
    return [receipt.seq for receipt in found]


def notes(site: Site, count: int) -> None:
    for n in range(count):
        site.make("note.added", site.name("note"), {"text": f"note {n}", "customer": "c-1"})


def push_in_batches(site: Site, size: int = 250) -> None:
    for start in range(0, len(site.made), size):
        site.push(site.made[start : start + size])


def test_receipts_go_when_the_site_has_them_and_nothing_can_be_lost(world: World) -> None:
    site = world.site()
    notes(site, PRUNE_EVERY + RECENT + 500)
    push_in_batches(site)
    assert min(receipts(world, site)) == PRUNE_EVERY
    assert tidy(world.centre.database, world.clock.now).receipts >= 250
    # the last batch was answered, but nobody has said that the answer arrived
    assert receipts(world, site) == list(range(PRUNE_EVERY + 250, PRUNE_EVERY + RECENT + 501))


def test_a_receipt_that_gives_reasons_stays(world: World) -> None:
    site = world.site()
    odd = site.make("note.foretold", site.name("note"), {"text": "of a newer program"})
    notes(site, PRUNE_EVERY + RECENT)
    (first, *_) = site.push(site.made[:1]).verdicts
    push_in_batches(site)
    assert receipts(world, site)[0] == 1 < receipts(world, site)[1] - 1
    again = Site(world, site.enrolled, site.clock, "another")
    again.made.append(read(resealed(odd.head, again.lineage, 1, GENESIS), odd.salt, odd.body))
    (told,) = again.push().verdicts
    assert (told.verdict, told.reasons) == (first.verdict, first.reasons) != ("held", "[]")


def test_receipts_stay_while_only_this_database_has_them_where_backups_count(world: World, tmp_path: Path) -> None:
    set_durability(world.centre.database, "backup")
    site = world.site()
    notes(site, PRUNE_EVERY + RECENT + 500)
    push_in_batches(site)
    assert min(receipts(world, site)) == 1
    backup(world.centre.database, tmp_path / "copy.db", world.means.now)
    tidy(world.centre.database, world.clock.now)
    assert min(receipts(world, site)) == PRUNE_EVERY + 250
    found = world.centre.database.read(growth).result()
    assert (found.durability, found.last_backup, found.unsaved) == ("backup", world.clock.now, 0)


def test_what_is_sent_again_after_its_receipt_went_is_known_by_its_id(world: World) -> None:
    site = world.site()
    notes(site, PRUNE_EVERY + RECENT + 500)
    push_in_batches(site)
    before = world.documents(SCOPE, *(o.document for o in site.made))
    again = Site(world, site.enrolled, site.clock, "another")
    for operation in site.made[:100]:
        head = resealed(
            operation.head, again.lineage, len(again.made) + 1, again.made[-1].hash if again.made else GENESIS
        )
        again.made.append(read(head, operation.salt, operation.body))
    taken = again.push()
    assert {receipt.verdict for receipt in taken.verdicts} == {"applied"}
    assert world.documents(SCOPE, *(o.document for o in site.made)) == before


def test_old_contents_are_erased_and_the_chain_can_still_be_followed(world: World) -> None:
    site = world.site()
    notes(site, 20)
    site.push()
    world.clock.now += ARCHIVE_MS + 1
    done = tidy(world.centre.database, world.clock.now)
    assert done.contents >= 20
    archived = world.centre.database.read(lambda s: s.archived(site.id, site.lineage, 1, 100)).result()
    assert {row.body for row in archived} == {None}
    assert [head_hash(row.head) for row in archived] == [o.hash for o in site.made]


def test_a_backup_is_a_database_of_one_moment_and_overwrites_nothing(world: World, tmp_path: Path) -> None:
    site = world.site()
    site.whole_call(1)
    site.push()
    copy = tmp_path / "copies" / "first.db"
    copy.parent.mkdir()
    assert backup(world.centre.database, copy, world.means.now) == copy.stat().st_size
    assert copy.stat().st_mode & 0o077 == 0
    with pytest.raises(StorageError, match="exists already"):
        backup(world.centre.database, copy, world.means.now)
    opened = open_database(f"sqlite:///{copy}")
    try:
        there = opened.read(lambda s: s.lineages(site.id)).result()
    finally:
        opened.close()
    assert [head.seq for head in there] == [len(site.made)]


def test_a_backup_that_finds_no_room_leaves_nothing_and_counts_nothing(world: World, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can't be written"):
        backup(world.centre.database, tmp_path / "missing" / "copy.db", world.means.now)
    assert world.centre.database.read(growth).result().last_backup is None
