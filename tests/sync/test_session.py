"""A session over real files, with a centre in memory and virtual time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain.decide import Decision
from agentdesk.domain.documents import Change, Document, Key
from agentdesk.domain.verdict import Verdict
from agentdesk.replica.tables import put, set_cursor
from agentdesk.store import intake
from agentdesk.store.committing import Refused
from agentdesk.store.errors import DiskFull
from agentdesk.store.site import Site
from agentdesk.sync.core import Failure
from tests.domain.world import AGENT, DAY, NOW, REGION, contact, customer, overcharged
from tests.store.world import Centre, draft, gift, note, promised, ticket
from tests.sync.world import Syncing, fails

SECOND = 1000
MINUTE = 60 * SECOND


def seen(site: Site, document: str) -> Document | None:
    return site.view.document(REGION, document)


def test_what_is_written_arrives_once_and_comes_back(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit_all([note(f"n{n}") for n in range(5)])
    world.run(5 * SECOND)
    assert world.drained
    assert [op.document for op in world.centre.known.taken] == [f"n{n}" for n in range(5)]
    for n in range(5):
        assert world.site.view.waiting_for(REGION, f"n{n}") == 0
        assert seen(world.site, f"n{n}") == world.centre.known.documents[Key(REGION, f"n{n}")]
    state = world.site.line.state()
    assert (state.state, state.online, state.problem, state.holder) == ("online", True, None, "test")


def test_a_lost_answer_brings_the_same_verdicts(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit_all([note(f"n{n}") for n in range(5)])
    world.centre.lost_answers = 3
    world.run(MINUTE)
    assert world.drained
    assert len(world.centre.known.taken) == 5
    assert {e.verdict for e in world.site.outbox.entries()} == {Verdict.APPLIED}


def test_a_long_queue_goes_in_batches_in_order(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.centre.limits = (7, 900_000)
    world.site.commit_all([note(f"n{n}") for n in range(40)])
    world.core.most = 7
    world.run(MINUTE)
    assert world.drained
    assert [op.seq for op in world.centre.known.taken] == list(range(1, 41))
    assert world.centre.pushes == 6


@pytest.mark.parametrize("failure", ["unreachable", "dropped", "busy", "server", "too_large", "unauthorised", "forked"])
def test_the_queue_drains_by_itself_after_any_fault(tmp_path: Path, failure: Failure) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit(note("n1"))
    world.centre.push_faults = [fails(failure)] * 6
    world.centre.pull_faults = [fails(failure)] * 6
    world.run(20 * MINUTE)
    assert world.drained
    assert world.session.problem is None
    assert world.site.line.state().online
    entry = world.site.outbox.entries()[0]
    assert (entry.state, entry.tries) == ("centre", 6)


def test_pulls_go_on_while_pushes_fail(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit(note("mine"))
    world.centre.push_faults = [fails("server")] * 10_000
    theirs = Change(REGION, "theirs", "note", {"text": "x", "customer": "c1", "at": NOW})
    world.centre.known.apply(Decision((theirs,)), "lineage-2")
    world.run(MINUTE)
    assert seen(world.site, "theirs") is not None
    assert seen(world.site, "mine") is not None
    assert world.site.outbox.waiting() == 1


@pytest.mark.parametrize("cut", [False, True], ids=["online", "cut"])
def test_what_came_in_large_pages_is_found_by_its_words_when_nothing_else_is_to_be_done(
    tmp_path: Path, cut: bool
) -> None:
    world = Syncing.of(tmp_path)
    notes = tuple(
        Change(REGION, f"n{n}", "note", {"text": f"重启光猫 {n}", "customer": "c1", "at": NOW + n}) for n in range(700)
    )
    world.centre.known.apply(Decision(notes), "lineage-2")
    if cut:
        world.site.take_page(world.centre.known.page(10))
        assert world.site.search.left() == 700
        world.site.line.cut(True, NOW)
    world.run(MINUTE)
    assert world.site.search.left() == 0
    assert len(world.site.search.worded("光猫", 1000)) == 700


def test_no_fault_makes_a_loop(tmp_path: Path) -> None:
    for n, failure in enumerate(("unreachable", "server", "too_large", "gap", "forked")):
        world = Syncing.of(tmp_path / str(n))
        world.site.commit(note("n1"))
        world.centre.push_faults = [fails(failure, expect=99)] * 10_000  # type: ignore[arg-type]
        world.run(10 * MINUTE)
        assert world.centre.pushes < 60
        assert world.centre.pulls < 400


# the line


def test_the_line_is_in_sight_of_all_desks(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.run(5 * SECOND)
    online_since = world.site.line.state().since
    world.clock.pass_ms(DAY // 2)
    world.centre.pull_faults = [fails("unreachable")] * 1000
    world.run(MINUTE)
    down = world.site.line.state()
    assert (down.state, down.online, down.problem) == ("offline", False, "it is unreachable")
    assert down.since > online_since
    assert down.next_try is not None
    assert 0 < down.next_try - world.clock.wall <= 30 * SECOND
    world.run(MINUTE)
    assert world.site.line.state().since == down.since
    world.centre.pull_faults = []
    world.run(MINUTE)
    up = world.site.line.state()
    assert (up.online, up.problem, up.next_try) == (True, None, None)
    assert up.since > down.since


def test_all_desks_see_whether_news_come_by_themselves(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.run(5 * SECOND)
    world.session.news_by_themselves(True)
    assert world.site.line.state().state == "live"
    world.site.commit(note("n1"))
    world.run(5 * SECOND)
    assert (world.drained, world.site.line.state().state) == (True, "live")
    pulls = world.centre.pulls
    world.run(5 * MINUTE)
    assert world.centre.pulls - pulls <= 11
    assert world.site.line.state().online
    world.session.news_by_themselves(False)
    assert world.site.line.state().state == "online"
    world.centre.pull_faults = [fails("unreachable")] * 1000
    world.run(MINUTE)
    world.session.news_by_themselves(True)
    assert world.site.line.state().state == "offline", "only an answer says that the centre is there"


@pytest.mark.parametrize("lead", [0, 1000, -DAY, DAY])
def test_the_clocks_error_is_known_after_the_first_answer(tmp_path: Path, lead: int) -> None:
    world = Syncing.of(tmp_path)
    world.centre.server_ahead = lead
    world.run(5 * SECOND)
    assert world.site.line.state().offset == lead
    assert world.site.now() == world.clock.wall - lead


def test_a_clock_that_is_set_back_takes_the_line_down_for_a_moment_only(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.run(5 * SECOND)
    world.clock.wall -= DAY
    assert not world.site.line.state().online
    world.run(3 * SECOND)
    assert world.site.line.state().online


def test_a_line_that_is_cut_is_left_alone_and_drains_when_it_is_given_back(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.run(5 * SECOND)
    world.site.line.cut(True, world.clock.wall)
    asked = (world.centre.pushes, world.centre.pulls)
    world.site.commit(note("n1"))
    world.run(10 * MINUTE)
    assert (world.centre.pushes, world.centre.pulls) == asked
    assert not world.site.line.state().online
    assert not world.drained
    world.site.line.cut(False, world.clock.wall)
    world.run(2 * SECOND)
    assert world.drained
    assert world.site.line.state().online


def test_a_cut_forgets_the_waiting_times(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit(note("n1"))
    world.centre.push_faults = [fails("server")] * 12
    world.run(MINUTE)
    world.centre.push_faults = []
    world.site.line.cut(True, world.clock.wall)
    world.run(SECOND)
    world.site.line.cut(False, world.clock.wall)
    world.run(SECOND)
    assert world.drained


# pages


def test_pages_are_taken_in_until_there_are_no_more(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.centre.rows = 3
    for n in range(20):
        change = Change(REGION, f"x{n}", "note", {"text": str(n), "customer": "c1", "at": NOW})
        world.centre.known.apply(Decision((change,)), "lineage-2")
    world.run(3 * SECOND)
    assert len(world.site.view.timeline(REGION, "c1", 99)) == 21
    assert world.site.view.cursors()[REGION][1] == 30


def test_a_page_and_its_cursor_are_taken_in_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Syncing.of(tmp_path)
    change = Change(REGION, "x1", "note", {"text": "x", "customer": "c1", "at": NOW})
    world.centre.known.apply(Decision((change,)), "lineage-2")

    def full(*_args: object) -> None:
        raise DiskFull("the disk is full")

    monkeypatch.setattr(intake, "set_cursor", full)
    world.run(MINUTE)
    assert seen(world.site, "x1") is None
    assert world.site.view.cursors()[REGION][1] == 10
    assert world.session.problem == "the disk is full"
    assert world.centre.pulls < 20
    monkeypatch.undo()
    world.run(MINUTE)
    assert seen(world.site, "x1") is not None
    assert world.session.problem is None


def test_an_answer_that_couldnt_be_kept_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit(note("n1"))
    take, fail = world.site.take_answers, [True] * 5

    def full(*args: object) -> int:
        if fail:
            fail.pop()
            raise DiskFull("the disk is full")
        return take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(world.site, "take_answers", full)
    world.run(5 * MINUTE)
    assert world.drained
    assert len(world.centre.known.taken) == 1


# resets, restores


def test_a_reset_fetches_the_scope_anew_while_the_old_one_serves(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path, customer("c1"), contact("k1"))
    world.run(SECOND)
    known = world.centre.known
    known.epoch, known.seq, known.log = "e2", 0, {}
    for document in (customer("c1"), customer("c2")):
        known.apply(Decision((Change(REGION, document.id, "customer", document.data),)), "centre")
    world.centre.rows = 1
    names = set()
    while world.site.view.cursors()[REGION][0] != "e2":
        names.add(tuple(d.id for d in world.site.view.named("")))
        world.clock.pass_ms(max(0, world.session.step() - world.clock.mono))
    assert names == {("c1",)}
    assert [d.id for d in world.site.view.named("")] == ["c1", "c2"]
    assert len(list(tmp_path.glob("replica-region-*.db"))) == 1


def test_a_reset_of_one_small_scope_loses_no_row_of_another(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.run(SECOND)
    small = world.centre.small
    # the same answer that resets one scope has a page of another, which goes on from an old cursor
    world.centre.seqs["catalogue"] = 2
    world.centre.reset = ["org"]
    world.run(10 * SECOND)
    view = world.site.view
    assert view.of_type("org", "agent") == small["org"] != ()
    assert view.of_type("catalogue", "catalogue") == small["catalogue"] != ()
    assert view.of_type("site/site-1", "allowance") == small["site/site-1"] != ()
    assert world.site.files.being_filled() == frozenset()
    assert {scope: cursor[1] for scope, cursor in view.cursors().items()} == {
        "catalogue": 2, "org": 2, "site/site-1": 2, REGION: 10
    }  # fmt: skip


def test_a_centre_that_was_restored_gets_again_what_it_lost(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    for n in range(6):
        world.site.commit(gift(f"p{n}", 2000) if n % 2 else note(f"n{n}"))
        world.run(3 * SECOND)
    old = world.centre.known
    # the backup has the first two; it begins a new epoch
    restored = Centre.of(*[d for d in old.documents.values() if d.id not in {f"n{n}" for n in (2, 4)} | {"p3", "p5"}])
    restored.seq, restored.epoch = 12, "e2"
    restored.log = {n: key for n, key in old.log.items() if n <= 12}
    restored.receipts = {at: answer for at, answer in old.receipts.items() if at[1] <= 2}
    world.centre.known, world.centre.last_seq = restored, {"lineage-1": 2}
    world.site.commit(note("n9"))
    world.run(2 * MINUTE)
    assert world.drained
    assert [op.seq for op in restored.taken] == [3, 4, 5, 6, 7]
    for name in ("n0", "p1", "n2", "p3", "n4", "p5", "n9"):
        assert seen(world.site, name) == restored.documents[Key(REGION, name)]
        assert world.site.view.waiting_for(REGION, name) == 0
    assert world.site.allowances()["cost"].left == 94_000


def test_a_gap_that_cant_be_filled_asks_for_nothing_it_hasnt(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit(note("n1"))
    world.centre.push_faults = [fails("gap", expect=50)] * 3
    world.run(MINUTE)
    assert world.drained


def test_another_process_mends_what_a_crash_left(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    world.site.commit(note("n1"))
    world.run(SECOND, most_steps=10)
    world.site.commit(note("n2"))
    batch = world.site.outbox.batch(500, 10**6)
    assert batch is not None
    world.site.take_answers(batch.lineage, world.centre.known.push(batch), "e1")
    found = world.centre.known.page(world.site.view.cursors()[REGION][1])
    with world.site.files.filling(REGION) as replica:  # and then it dies
        put(replica, [row.document for row in found.rows if row.document])
        set_cursor(replica, REGION, found.epoch, found.upto, found.digest)
    assert world.site.view.waiting_for(REGION, "n2") == 1
    world.restart()
    world.run(SECOND)
    assert world.site.view.waiting_for(REGION, "n2") == 0


# everything at once

STEPS: list[Callable[[int], object]] = [
    lambda n: note(f"n{n}"),
    lambda n: ticket(f"t{n % 3}"),
    lambda n: draft("ticket.chased", f"t{n % 3}", {}),
    lambda n: promised(f"p{n}"),
    lambda n: gift(f"g{n}"),
]
FAULTS: list[Failure] = ["unreachable", "dropped", "busy", "server", "too_large", "unauthorised", "malformed"]


class Life(RuleBasedStateMachine):
    """A site's days: work, faults, restarts of the one who syncs, resets and restores of the centre."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sync-"))
        self.world = Syncing.of(self.folder, overcharged(), contact("k1", level=2))
        self.made: list[str] = []
        self.count = 0

    def teardown(self) -> None:
        self.world.site.close()
        shutil.rmtree(self.folder)

    @rule(step=st.sampled_from(STEPS))
    def work(self, step: Callable[[int], object]) -> None:
        self.count += 1
        try:
            done = self.world.site.commit(step(self.count))  # type: ignore[arg-type]
        except Refused:
            return
        self.made.append(done.operation.id)

    @rule(ms=st.sampled_from([100, 2500, 20_000]))
    def pass_time(self, ms: int) -> None:
        self.world.run(ms)

    @rule(push=st.lists(st.sampled_from(FAULTS), max_size=4), pull=st.lists(st.sampled_from(FAULTS), max_size=4))
    def break_things(self, push: list[Failure], pull: list[Failure]) -> None:
        self.world.centre.push_faults = [fails(f) for f in push]
        self.world.centre.pull_faults = [fails(f) for f in pull]

    @rule(answers=st.integers(1, 3))
    def lose_answers(self, answers: int) -> None:
        self.world.centre.lost_answers = answers

    @rule()
    def another_process_takes_over(self) -> None:
        self.world.restart()

    @rule(cut=st.booleans())
    def cut(self, cut: bool) -> None:
        self.world.site.line.cut(cut, self.world.clock.wall)

    @rule(scope=st.sampled_from([REGION]))
    @precondition(lambda self: self.world.centre.known.seq > 10)
    def reset(self, scope: str) -> None:
        known = self.world.centre.known
        # the log is cut: everything stands in it anew
        known.log = {}
        for key in [key for key in known.documents if key.scope == scope]:
            known.seq += 1
            known.log[known.seq] = key
        self.world.centre.reset = [scope]

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        taken = [op.id for op in self.world.centre.known.taken]
        assert taken == self.made[: len(taken)]
        assert self.world.site.outbox.waiting() >= len(self.made) - len(taken)

    @rule()
    def come_to_rest(self) -> None:
        """After the faults stop everything arrives and comes back by itself, with no new write."""
        world = self.world
        world.centre.push_faults, world.centre.pull_faults, world.centre.lost_answers = [], [], 0
        world.site.line.cut(False, world.clock.wall)
        world.run(3 * MINUTE)
        assert world.drained
        assert [op.id for op in world.centre.known.taken] == self.made
        for key, document in world.centre.known.documents.items():
            if key.scope == REGION:
                assert world.site.view.document(*key) == document
        assert world.site.files.outbox.execute("SELECT count(*) FROM pending").fetchone() == (0,)
        assert world.site.line.state().online
        spent = sum(f.amount for f in world.centre.known.money)
        assert world.site.allowances()["cost"].left == 100_000 - spent


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)


def test_the_author_is_told_of_what_needs_him(tmp_path: Path) -> None:
    world = Syncing.of(tmp_path)
    made = world.site.commit(note("n1")).operation
    world.centre.known.forced[made.id] = Verdict.REFUSED
    world.run(5 * SECOND)
    assert [(e.id, e.verdict, e.actor) for e in world.site.outbox.inbox()] == [(made.id, Verdict.REFUSED, AGENT)]
    assert seen(world.site, "n1") is None
