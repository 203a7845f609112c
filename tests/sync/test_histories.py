"""Centres put back to an older state, sites put back and copied: nothing is lost and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.centre.authors import epoch_of
from agentdesk.centre.histories import begin_epoch
from agentdesk.centre.keeping import set_durability
from agentdesk.centre.storage.contract import Transaction
from agentdesk.domain.times.zone import DAY_MS
from agentdesk.domain.verdict import Verdict
from agentdesk.store.tidying import tidy
from agentdesk.sync.core import Pace
from tests.centre.kit import SCOPE
from tests.sync.histories import Node, Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    found = Story(tmp_path)
    yield found
    found.close()


def epoch(story: Story) -> str:
    return story.centre.database.read(epoch_of).result()


def test_a_session_begins_with_a_greeting_and_the_site_knows_the_history(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.sync()
    assert hall.site.epoch() == epoch(story)
    assert hall.site.allowances().keys() == {"cost", "credit"}


def test_what_a_restored_centre_lost_comes_back_from_the_sites_once(story: Story) -> None:
    hall, branch = story.enrolled("hall"), story.enrolled("branch")
    kept = hall.note("before the backup")
    hall.sync()
    branch.sync()
    before = epoch(story)
    backup = story.backup()
    lost = [hall.note("after the backup"), branch.note("there too")]
    hall.sync()
    branch.sync()

    story.restore(backup)
    new = branch.note("after the restore")
    hall.note("unsent")
    for node in (branch, hall, branch):
        node.sync()

    assert epoch(story) != before
    for one in (kept, *lost, new):
        assert story.document(one.operation.document) is not None
    for node in (hall, branch):
        assert {verdict for verdict, _ in node.verdicts().values()} == {Verdict.APPLIED}
        assert node.site.outbox.waiting() == 0
        for one in (kept, *lost, new):
            document, there = node.seen(one), story.document(one.operation.document)
            assert document is not None
            assert there is not None
            assert (document.rev, document.data) == (there.rev, there.data)
    assert story.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0


def test_a_restore_is_noticed_before_a_new_verdict_is_given_to_who_can_prove_it(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.sync()
    backup = story.backup()
    hall.note()
    hall.sync()
    before = epoch(story)
    story.restore(backup)
    hall.note("new")
    hall.session.step()  # whatever the first request is, the centre has another epoch after it
    while epoch(story) == before:
        assert hall.verdicts()[hall.ids()[0]][0] is None
        hall.session.step()
    hall.sync()
    assert len(story.centre.database.read(lambda s: s.epochs()).result()) == 2


def test_a_restore_by_command_is_taken_in_like_one_that_was_noticed(story: Story) -> None:
    hall = story.enrolled("hall")
    one = hall.note()
    hall.sync()
    story.centre.database.write(lambda tx: begin_epoch(tx, story.means, "restored by hand")).result()
    two = hall.note("later")
    hall.sync()
    assert hall.site.epoch() == epoch(story)
    assert hall.seen(one) is not None
    assert hall.seen(two) is not None
    assert hall.site.view.waiting_for(SCOPE, two.operation.document) == 0


def test_a_site_enrolled_after_the_backup_is_known_again_with_all_it_made(story: Story) -> None:
    backup = story.backup()
    hall = story.enrolled("hall")
    one = hall.note()
    hall.sync()
    story.restore(backup)
    two = hall.note("after")
    hall.sync()
    sites = story.centre.database.read(lambda s: s.sites()).result()
    assert [site.id for site in sites] == [hall.site.identity.site]
    assert story.document(one.operation.document) is not None
    assert hall.seen(two) is not None


def test_a_site_put_back_goes_on_in_a_new_lineage_and_doubles_nothing(story: Story) -> None:
    hall = story.enrolled("hall")
    first = hall.note("first")
    hall.sync()
    backup = story.kept(hall)
    lineage, number = hall.lineage, hall.site.identity.number
    second = hall.note("second")
    hall.sync()
    story.put_back(hall, backup)
    third = hall.note("third")
    hall.sync()
    hall.sync()

    assert hall.lineage != lineage
    assert hall.site.identity.number != number
    assert hall.site.outbox.waiting() == 0
    assert hall.verdicts()[third.operation.id][0] is Verdict.APPLIED
    for one in (first, second, third):
        assert story.document(one.operation.document) is not None
        assert hall.seen(one) is not None
    assert {lease.id for lease in hall.site.allowances().values()}, "the new lineage has leases of its own"


def test_a_site_put_back_with_unsent_operations_that_came_through_before_keeps_their_verdicts(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.sync()
    one = hall.note("sent after the backup was taken")
    backup = story.kept(hall)
    hall.sync()
    two = hall.note("known to the centre alone")
    hall.sync()
    before = story.document(one.operation.document)
    assert before is not None
    story.put_back(hall, backup)
    hall.sync()
    assert hall.verdicts()[one.operation.id][0] is Verdict.APPLIED
    assert story.document(one.operation.document) == before
    assert hall.seen(two) is not None


def test_copies_of_a_site_each_keep_what_they_made(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.note()
    hall.sync()
    copy = story.copied(hall, "copy")
    ours, theirs = hall.note("ours"), copy.note("theirs")
    unsent = [copy.note(f"unsent {n}") for n in range(3)]
    hall.sync()
    copy.sync()
    hall.note("more")
    hall.sync()
    copy.sync()

    assert hall.lineage != copy.lineage
    for one in (ours, theirs, *unsent):
        assert story.document(one.operation.document) is not None
        assert hall.seen(one) is not None
        assert copy.seen(one) is not None
    assert not set(hall.site.allowances()) or {x.id for x in hall.site.allowances().values()}.isdisjoint(
        {x.id for x in copy.site.allowances().values()}
    )
    assert hall.site.next_number() != copy.site.next_number()


def test_a_copy_is_found_out_when_it_greets_also_if_it_has_made_nothing(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.note()
    hall.sync()
    copy = story.copied(hall, "copy")
    hall.note("further")
    hall.sync()
    before = copy.lineage
    copy.session.step()
    assert copy.lineage != before == hall.lineage
    hall.sync()
    assert hall.lineage == before


def test_the_chain_of_a_new_lineage_can_be_followed(story: Story) -> None:
    from agentdesk.domain.operation import GENESIS, follows, read

    hall = story.enrolled("hall")
    hall.sync()
    copy = story.copied(hall, "copy")
    hall.note()
    hall.sync()
    for n in range(4):
        copy.note(str(n))
    copy.sync()
    rows = copy.site.files.outbox.execute(
        "SELECT head, salt, body FROM operation WHERE lineage = ? ORDER BY seq", (copy.lineage,)
    ).fetchall()
    seq, previous = 0, GENESIS
    for row in rows:
        operation = read(*row)
        assert follows(operation, seq, previous)
        seq, previous = operation.seq, operation.hash
    assert seq == 4


def test_centre_and_site_put_back_at_once(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.note("common")
    hall.sync()
    files = story.kept(hall)
    two = hall.note("two")
    hall.sync()
    backup = story.backup()
    hall.note("three")
    hall.sync()
    story.restore(backup)
    story.put_back(hall, files)
    four = hall.note("four")
    hall.sync()
    assert hall.site.outbox.waiting() == 0
    assert hall.seen(two) is not None
    assert hall.seen(four) is not None


def test_a_forged_proof_changes_nothing(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.sync()
    backup = story.backup()
    hall.note()
    hall.sync()
    before = epoch(story)
    with hall.site.files.writing() as outbox:
        outbox.execute("UPDATE chain SET proof = 'feed.0123456789abcdef'")
        outbox.execute("DELETE FROM replica")
    story.restore(backup)
    story.put_back(hall, story.kept(hall))
    hall.sync()
    assert epoch(story) == before
    assert hall.site.outbox.waiting() == 0


def test_a_replica_that_lacks_a_document_is_noticed_and_fetched_again(story: Story) -> None:
    hall, branch = story.enrolled("hall"), story.enrolled("branch")
    one = branch.note("from elsewhere")
    branch.sync()
    hall.sync()
    with hall.site.files.filling(SCOPE) as replica:
        # a fault that forgot a document and what it counted
        (rev,) = replica.execute("SELECT rev FROM document WHERE id = ?", (one.operation.document,)).fetchone()
        replica.execute("DELETE FROM document WHERE id = ?", (one.operation.document,))
        replica.execute("UPDATE tally SET documents = documents - 1, total = total - ? WHERE scope = ?", (rev, SCOPE))
    assert hall.seen(one) is None
    branch.note("something new")
    branch.sync()
    hall.sync()
    assert hall.seen(one) is not None


def narrow(story: Story, node: Node, scopes: tuple[str, ...]) -> None:
    """Let a site see its own scope and a few others only."""

    def changed(tx: Transaction) -> None:
        site = tx.lock_site(node.site.identity.site)
        assert site is not None
        tx.put_site(replace(site, scopes=(*scopes, f"site/{site.id}")))

    story.centre.database.write(changed).result()


@pytest.mark.parametrize("scopes", [("catalogue", "org"), ("org",)])
def test_what_a_site_may_no_longer_see_goes_from_its_replicas_and_what_it_made_is_delivered(
    story: Story, scopes: tuple[str, ...]
) -> None:
    hall = story.enrolled("hall")
    seen = hall.note("seen")
    hall.sync()
    hall.line.down = True
    late = hall.note("late")
    narrow(story, hall, scopes)
    hall.line.down = False
    hall.sync()
    assert hall.site.identity.scopes == (*scopes, f"site/{hall.site.identity.site}")
    assert hall.seen(seen) is None
    assert hall.site.view.holders("+8618600000001") == ()
    assert hall.verdicts()[late.operation.id][0] is Verdict.HELD


def test_a_restore_between_two_polls_is_noticed_also_by_a_site_that_has_nothing_to_send(story: Story) -> None:
    hall = story.enrolled("hall")
    narrow(story, hall, ("catalogue", "org"))
    hall.sync()
    backup = story.backup()
    hall.sync()
    held = hall.note("changes no log that the site sees")
    hall.sync()
    assert hall.verdicts()[held.operation.id][0] is Verdict.HELD
    story.restore(backup)

    def known() -> list[str]:
        site, ids = hall.site.identity.site, [held.operation.id]
        return [receipt.verdict for receipt in story.centre.database.read(lambda s: s.receipts(site, ids)).result()]

    assert known() == []
    hall.clock.now += Pace().greet_ms
    hall.sync()
    assert known() == ["held"]


def test_a_centre_put_back_twice_is_known_again_though_it_has_forgotten_the_epoch_between(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.sync()
    backup = story.backup()
    one = hall.note("in the first history")
    hall.sync()
    story.restore(backup)
    two = hall.note("in the second, which the first restore began")
    hall.sync()
    story.restore(backup)
    three = hall.note("in the third")
    hall.sync()
    for made in (one, two, three):
        assert story.document(made.operation.document) is not None
        assert hall.seen(made) is not None
    assert hall.site.epoch() == epoch(story)


def test_a_scope_that_is_granted_or_lost_while_a_session_runs_is_noticed_by_it(story: Story) -> None:
    hall = story.enrolled("hall")
    name = hall.site.identity.site

    def grant(tx: Transaction, *scopes: str) -> None:
        row = tx.lock_site(name)
        assert row is not None
        tx.put_site(replace(row, scopes=scopes))

    before = hall.site.identity.scopes
    story.centre.database.write(lambda tx: grant(tx, *before, "region/elsewhere")).result()
    hall.sync()
    assert hall.site.identity.scopes == (*before, "region/elsewhere")
    story.centre.database.write(lambda tx: grant(tx, *before)).result()
    hall.sync()
    assert hall.site.identity.scopes == before


def test_what_is_at_the_centre_for_good_goes_from_the_outbox_and_changes_nothing(story: Story) -> None:
    hall = story.enrolled("hall")
    made = [hall.note(str(n)) for n in range(30)]
    hall.sync()
    waiting = hall.note("not sent")
    now = hall.clock.wall_ms() + 1
    assert tidy(hall.site.files, now, keep_ms=0, keep_last=5) == 26
    assert tidy(hall.site.files, now, keep_ms=0, keep_last=5) == 0
    assert {one.operation.id for one in made[26:]} | {waiting.operation.id} == set(hall.ids())
    story.reopened(hall)
    hall.sync()
    assert hall.site.outbox.waiting() == 0
    for one in (*made, waiting):
        assert hall.seen(one) is not None
    name, lineage = hall.site.identity.site, hall.lineage
    assert len(story.centre.database.read(lambda s: s.archived(name, lineage, 1, 99)).result()) == 31


def test_what_was_answered_a_moment_ago_stays_however_long_ago_it_was_made(story: Story) -> None:
    hall = story.enrolled("hall")
    made = [hall.note(str(n)) for n in range(3)]
    hall.clock.now += 40 * DAY_MS
    hall.sync()
    assert tidy(hall.site.files, hall.clock.wall_ms() + 1, keep_ms=DAY_MS, keep_last=0) == 0
    assert {one.operation.id for one in made} == set(hall.ids())
    assert tidy(hall.site.files, hall.clock.wall_ms() + DAY_MS + 1, keep_ms=DAY_MS, keep_last=0) == 3


def test_an_outbox_that_was_tidied_comes_to_terms_with_a_restored_centre(story: Story) -> None:
    hall = story.enrolled("hall")
    for n in range(20):
        hall.note(str(n))
    hall.sync()
    tidy(hall.site.files, hall.clock.wall_ms() + 1, keep_ms=0, keep_last=4)
    backup = story.backup()
    lost = [hall.note(f"lost {n}") for n in range(6)]
    hall.sync()
    story.restore(backup)
    hall.sync()
    for one in lost:
        assert story.document(one.operation.document) is not None
    assert hall.site.outbox.waiting() == 0
    assert len(hall.site.lineages()) == 1


def test_nothing_goes_that_only_the_centres_own_disk_has(story: Story) -> None:
    set_durability(story.centre.database, "backup")
    hall = story.enrolled("hall")
    for n in range(10):
        hall.note(str(n))
    hall.sync()
    story.reopened(hall)
    hall.sync()
    assert tidy(hall.site.files, hall.clock.wall_ms() + 1, keep_ms=0, keep_last=0) == 0


def test_a_log_that_stands_still_is_known_to_be_of_the_new_history(story: Story) -> None:
    hall = story.enrolled("hall")
    hall.note()
    hall.sync()
    story.centre.database.write(lambda tx: begin_epoch(tx, story.means, "restored by hand")).result()
    hall.sync()
    assert {cursor[0] for cursor in hall.site.pull_cursors().values()} == {epoch(story)}
