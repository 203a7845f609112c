"""The first sync: whole files where there are some, pages where there are none, and pushes in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.domain.documents import Document
from agentdesk.store.errors import DiskFull
from agentdesk.store.incoming import FOLDER, Incoming, Offer
from agentdesk.store.intake import Standing
from agentdesk.store.line import Fetching
from agentdesk.sync.core import Pace, SyncCore
from agentdesk.sync.first_sync import DAMAGED_MOST, LONGEST_STEP_MS, FirstSync
from agentdesk.sync.session import Session
from tests.domain.world import REGION, FakeClock, agent
from tests.store.world import Centre, close_all, identity, note, open_site
from tests.sync.whole import FakeSnapshots, crowd, packed
from tests.sync.world import FakeCentre, Syncing, fails

CROWD = crowd(150)


@dataclass
class Beginning(Syncing):
    """A site that has nothing yet, and a centre that has its region ready as a file."""

    snapshots: FakeSnapshots
    first_sync: FirstSync

    @staticmethod
    def at(folder: Path, seq: int = 150, *, behind: int = 0) -> Beginning:
        """Begin; the file is `behind` changes older than the log's end."""
        clock = FakeClock()
        site = open_site(folder / "site", clock)
        site.enrol(identity(), "lineage-1")
        known = Centre.of(*CROWD)
        known.seq = seq
        known.log = {document.rev: document.key for document in CROWD}
        snapshots = FakeSnapshots(clock)
        offer, data = packed(CROWD[: seq - behind], seq - behind)
        snapshots.files[offer] = data
        centre = FakeCentre(clock, known)
        centre.small["org"] = (agent(),)
        centre.rows = 40
        core = SyncCore(Pace(), Random(1).random)
        first_sync = FirstSync(site, snapshots, core.pace, Random(1).random)
        session = Session(site, centre, core, "test", first_sync)
        return Beginning(site, clock, centre, core, session, snapshots, first_sync)

    @property
    def offer(self) -> Offer:
        return next(iter(self.snapshots.files))

    @property
    def here(self) -> list[str]:
        """Return which of the crowd can be seen here."""
        return [d.id for d in CROWD if self.site.view.document(REGION, d.id) is not None]

    def restart(self, seed: int = 2) -> None:
        """Let another process take over, as after `kill -9`: nothing was put in order."""
        incoming = self.first_sync._incoming
        if incoming is not None:
            incoming._shut()
        self.core = SyncCore(self.core.pace, Random(seed).random)
        self.first_sync = FirstSync(self.site, self.snapshots, self.core.pace, Random(seed).random)
        self.session = Session(self.site, self.centre, self.core, f"test {seed}", self.first_sync)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Beginning]:
    made = Beginning.at(tmp_path)
    yield made
    made.first_sync.close()


EVERYBODY = [document.id for document in CROWD]


def test_a_region_comes_as_one_file_and_the_rest_by_pages(tmp_path: Path) -> None:
    world = Beginning.at(tmp_path, behind=30)
    world.run(20_000)

    assert world.here == EVERYBODY
    assert world.site.pull_cursors()[REGION][1] == 150
    assert world.snapshots.asked == 1
    assert world.snapshots.sent == world.offer.size
    assert world.site.line.state().fetching is None
    assert world.site.line.state().state == "online"
    assert not (world.site.files.folder / FOLDER).exists()


@pytest.mark.parametrize("why", ["the centre is older", "nothing is ready", "it is of other tables"])
def test_without_a_file_that_fits_it_comes_by_pages(world: Beginning, why: str) -> None:
    if why == "the centre is older":
        world.snapshots.knows_none = True
    elif why == "nothing is ready":
        world.snapshots.files.clear()
    else:
        from dataclasses import replace

        world.snapshots.files = {replace(world.offer, tables=99): b""}
    world.run(20_000)

    assert world.here == EVERYBODY
    assert (world.snapshots.asked, world.snapshots.pieces) == (1, 0)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=15
)
@given(cuts=st.lists(st.integers(0, 30_000), max_size=6), restarts=st.sets(st.integers(1, 40), max_size=3))
def test_a_line_that_breaks_anywhere_and_processes_that_die_cost_no_byte_twice(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], restarts: set[int]
) -> None:
    world = Beginning.at(tmp_path_factory.mktemp("cuts"))
    world.snapshots.cuts = list(cuts)
    world.snapshots.rate = 1
    for step in range(2_000):
        if step in restarts:
            world.restart()
        until = world.session.step()
        if until > world.clock.mono:
            world.clock.pass_ms(until - world.clock.mono)
        seen = world.here
        assert seen in ([], EVERYBODY), "all or nothing"
        if seen and world.site.line.state().state == "online":
            break
    assert world.here == EVERYBODY
    assert world.snapshots.sent == world.offer.size
    world.first_sync.close()
    close_all()


def test_pushes_go_on_while_a_slow_line_fetches(world: Beginning) -> None:
    world.snapshots.at_once = 1_000
    world.snapshots.rate = 1
    while not world.snapshots.sent:
        world.session.step()
    waited: list[int] = []
    for n in range(12):
        made_at = world.clock.mono
        world.site.commit(note(f"n{n}"))
        while world.site.outbox.waiting():
            until = world.session.step()
            world.clock.pass_ms(max(0, until - world.clock.mono))
        waited.append(world.clock.mono - made_at)
    assert max(waited) <= LONGEST_STEP_MS + 500
    assert world.here == []
    world.snapshots.rate = 10_000
    world.run(60_000)
    assert world.here == EVERYBODY


def test_how_far_it_is_can_be_seen_by_every_desk(world: Beginning, monkeypatch: pytest.MonkeyPatch) -> None:
    world.snapshots.rate = 4
    world.snapshots.at_once = 1_000
    other = open_site(world.site.files.folder, world.clock)
    seen: list[Fetching] = []
    verify = Incoming.verify

    def looking(incoming: Incoming) -> Path:
        state = other.line.state().fetching
        assert state is not None
        seen.append(state)
        return verify(incoming)

    monkeypatch.setattr(Incoming, "verify", looking)
    while not world.here:
        until = world.session.step()
        world.clock.pass_ms(max(0, until - world.clock.mono))
        state = other.line.state()
        if state.fetching is not None and (not seen or seen[-1] != state.fetching):
            assert state.state == "syncing"
            seen.append(state.fetching)

    assert seen[-1].phase == "checking"
    done = [one.done for one in seen]
    assert done == sorted(done)
    assert {one.total for one in seen} == {world.offer.size}
    rates = [one.rate for one in seen[3:] if one.phase == "fetching"]
    assert rates
    assert all(2_500 <= rate <= 5_000 for rate in rates), rates
    assert seen[-2].left_ms is not None
    world.run(5_000)
    assert other.line.state().fetching is None


def test_a_region_that_is_lost_while_it_comes_is_never_taken_in(world: Beginning) -> None:
    while world.first_sync._incoming is None or not world.first_sync._incoming.whole:
        until = world.session.step()
        world.clock.pass_ms(max(0, until - world.clock.mono))
    world.site.agree(Standing(world.centre.known.epoch, 7, ("catalogue", "org", "site/site-1"), ()))
    # the line fails before the next pull, and what has come is all there
    world.centre.pull_faults = [fails("dropped")] * 3
    world.run(60_000)
    assert world.here == []
    assert not world.first_sync.fetching
    assert not world.site.files.attached.is_replicated(REGION)
    assert not (world.site.files.folder / FOLDER).exists()


def test_what_came_of_a_region_that_is_lost_goes_though_nobody_has_it_open(world: Beginning) -> None:
    world.snapshots.rate = 2
    while world.first_sync._incoming is None or not world.first_sync._incoming.have:
        until = world.session.step()
        world.clock.pass_ms(max(0, until - world.clock.mono))
    # a disk that is full lets go of the file, and what came of it stays for later
    world.first_sync.close()
    other = world.site.files.folder / FOLDER / "region-99.part"
    other.write_bytes(b"another region's")
    world.site.agree(Standing(world.centre.known.epoch, 7, ("catalogue", "org", "site/site-1"), ()))
    world.run(60_000)
    assert [path.name for path in (world.site.files.folder / FOLDER).iterdir()] == [other.name]


def test_a_damaged_file_is_fetched_again_and_never_shown(world: Beginning) -> None:
    world.snapshots.damage = [world.offer.size // 2]
    problems = set()
    while not world.here:
        until = world.session.step()
        problems.add(world.site.line.written().problem)
        world.clock.pass_ms(max(0, until - world.clock.mono))

    assert world.here == EVERYBODY
    assert any("came damaged and is fetched again" in str(problem) for problem in problems)
    assert world.snapshots.sent > world.offer.size


def test_a_file_that_is_always_damaged_makes_room_for_pages(world: Beginning) -> None:
    world.snapshots.damage = [100] * 99
    world.run(120_000)

    assert world.here == EVERYBODY
    assert len(world.snapshots.damage) == 99 - DAMAGED_MOST
    assert world.site.line.state().fetching is None


def test_when_the_file_changes_it_begins_anew_with_the_new_one(world: Beginning, tmp_path: Path) -> None:
    world.snapshots.rate = 1
    while not world.snapshots.sent:
        world.session.step()
    offer, data = packed(CROWD[:140], 140)
    world.snapshots.files = {offer: data}
    world.run(600_000)

    assert world.here == EVERYBODY
    assert world.site.pull_cursors()[REGION][1] == 150
    assert world.snapshots.asked == 2


def test_where_the_log_was_cut_a_file_is_waited_for(world: Beginning) -> None:
    """The cursor of a site that was away for long, or of one that begins: only a snapshot will do."""
    ready, world.snapshots.files = world.snapshots.files, {}
    pulls = world.centre.pull

    def cut(cursors: dict[str, tuple[str, int, str]], rows: int) -> object:
        if cursors.get(REGION, ("", 150, ""))[1] < 150:
            world.centre.reset = [REGION]
        return pulls(cursors, rows)

    world.centre.pull = cut  # type: ignore[method-assign, assignment]
    world.run(60_000)
    assert world.here == []
    assert world.snapshots.asked <= 8, "not again and again"
    assert "prepares region/bj" in str(world.site.line.state().problem)
    assert world.site.view.of_type("org", "agent") is not None

    world.snapshots.files = ready
    world.run(30_000)
    assert world.here == EVERYBODY
    assert world.site.line.state().problem is None


def test_a_scope_begun_anew_keeps_its_old_generation_until_the_file_is_here(world: Beginning, tmp_path: Path) -> None:
    world.run(20_000)
    assert world.here == EVERYBODY
    world.centre.reset = [REGION]
    world.snapshots.rate = 1
    for _ in range(400):
        until = world.session.step()
        world.clock.pass_ms(max(0, until - world.clock.mono))
        assert world.here == EVERYBODY
    world.run(600_000)
    assert world.here == EVERYBODY
    assert world.site.pull_cursors()[REGION][1] == 150
    assert len(list(world.site.files.folder.glob("replica-region-bj-*.db"))) == 1
    assert not world.site.files.being_filled()


def test_a_full_disk_is_said_keeps_promises_going_and_goes_on_by_itself(
    world: Beginning, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_incoming: Incoming) -> None:
        raise DiskFull("the disk has no room for region/bj: free 12 MB more")

    with monkeypatch.context() as patch:
        patch.setattr(Incoming, "_check_room", full)
        world.run(40_000)
        assert world.here == []
        assert "free 12 MB more" in str(world.site.line.state().problem)
        world.site.commit(note("n1"))
        world.run(10_000)
        assert world.drained, "what is promised goes out all the same"
    world.run(60_000)
    assert world.here == EVERYBODY
    assert world.site.line.state().problem is None


def test_what_a_dead_process_left_behind_is_cleared_away(world: Beginning) -> None:
    world.run(20_000)
    left = world.site.files.folder / FOLDER
    left.mkdir()
    (left / "region-bj.part").write_bytes(b"x")
    world.site.line.fetching(Fetching(REGION, "fetching", 1, 2, 3, 4))
    world.restart()
    world.run(5_000)

    assert not left.exists()
    assert world.site.line.state().fetching is None


def test_nothing_is_asked_for_where_a_region_is_here_already(world: Beginning) -> None:
    world.run(20_000)
    asked = world.snapshots.asked
    document = Document(REGION, "x0", "customer", 151, CROWD[0].data)
    world.centre.known.documents[document.key] = document
    world.centre.known.seq = 151
    world.centre.known.log[151] = document.key
    world.restart()
    world.run(20_000)
    assert world.site.pull_cursors()[REGION][1] == 151
    assert world.snapshots.asked == asked
