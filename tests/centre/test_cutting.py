"""Cutting logs: as a prefix, below one horizon, never beyond a snapshot; and nobody sees a difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.centre.cutting import HORIZON_MS, ROWS, Cut, cut_logs
from agentdesk.centre.loading import bulk_load
from agentdesk.domain.times.zone import DAY_MS
from tests.centre.kit import REGION, SCOPE, Site, World, build_world, customer
from tests.centre.test_snapshots import at, change, made, pull_on, rows, unpacked


def tidy(world: World, days: int = 1) -> list[Cut]:
    """Let time pass and tidy on each day, as a timer does; returns what was cut."""
    cuts: list[Cut] = []
    for _ in range(days):
        world.clock.now += DAY_MS
        cuts += cut_logs(world.centre.database, world.clock.now)
    return cuts


def head(world: World) -> Any:
    return world.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE]


def test_only_what_is_beyond_the_horizon_and_behind_a_snapshot_goes(world: World) -> None:
    site = world.site()
    tidy(world)
    old = head(world).seq
    change(world, site, 0)
    assert tidy(world, 40) == []
    assert head(world).floor == 0, "without a snapshot nothing is cut"

    manifest = made(world)
    change(world, site, 4)
    assert tidy(world) == [Cut(SCOPE, 0, manifest.seq)], "never beyond the snapshot"
    assert tidy(world) == []
    assert old < manifest.seq < head(world).seq
    newest = made(world)
    assert tidy(world, HORIZON_MS // DAY_MS - 3) == [], "not before its time"
    assert tidy(world, 3) == [Cut(SCOPE, manifest.seq, newest.seq)]
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0


def test_a_cursor_below_the_floor_is_told_to_begin_anew_and_one_at_it_goes_on(world: World, tmp_path: Path) -> None:
    site = world.site()
    early = site.pull()[SCOPE]
    cursor = {"epoch": early["epoch"], "seq": early["upto"], "hash": early["hash"]}
    change(world, site, 0)
    manifest = made(world)
    tidy(world, 40)

    assert head(world).floor == manifest.seq
    for below in (cursor, {}):
        page = site.pull({SCOPE: below})[SCOPE]
        assert page.get("reset")
        assert not page.get("rows")
    change(world, site, 1)
    whole = pull_on(site, unpacked(world, manifest, tmp_path / "file.db"), at(manifest))
    assert len(rows(whole)["document"]) == head(world).documents


def test_a_long_log_is_cut_in_small_transactions(world: World) -> None:
    bulk_load(world.centre.database, REGION, (customer(n) for n in range(10, 10 + ROWS + 2_500)), means=world.means)
    made(world)
    tidy(world, 36)
    world.clock.now += DAY_MS

    assert head(world).floor == head(world).seq, "cut already: all of it lies beyond the horizon"
    assert cut_logs(world.centre.database, world.clock.now) == []
    assert world.centre.database.read(lambda s: len(s.log_entries(SCOPE, 0, 10_000))).result() == 1


class Twins:
    """Two worlds with the same history, of which one is cut."""

    def __init__(self, folder: Path) -> None:
        self.worlds = []
        for name in ("cut", "whole"):
            (folder / name).mkdir(parents=True)
            self.worlds.append(build_world(folder / name))
        self.sites = [world.site() for world in self.worlds]

    def both(self, do: Any) -> list[Any]:
        return [do(world, site) for world, site in zip(self.worlds, self.sites, strict=True)]

    def close(self) -> None:
        for world in self.worlds:
            world.centre.database.close()


def plain(pages: dict[str, Any], site: Site) -> Any:
    """Return what a page says without what differs from world to world: random ids and their hashes."""
    page = pages[SCOPE]
    return (
        page.get("reset", False),
        page["upto"],
        page["more"],
        [(row["type"], row["rev"], row["action"], row["data"].get("name")) for row in page["rows"]],
    )


@settings(max_examples=6, deadline=None)
@given(history=st.lists(st.integers(0, 99), min_size=1, max_size=6), later=st.lists(st.integers(0, 99), max_size=4))
def test_cutting_changes_no_answer(tmp_path_factory: Any, history: list[int], later: list[int]) -> None:
    twins = Twins(tmp_path_factory.mktemp("twins"))
    try:
        for what in history:
            twins.both(lambda world, site, what=what: change(world, site, what))
        twins.both(lambda world, _site: made(world))
        before = twins.both(lambda _world, site: site.pull()[SCOPE])
        tidy(twins.worlds[0], 40)
        twins.worlds[1].clock.now += 40 * DAY_MS
        floor = head(twins.worlds[0]).floor
        assert (floor, head(twins.worlds[1]).floor) == (before[0]["upto"], 0)

        resent = twins.both(lambda _world, site: [r.verdict for r in site.push().verdicts] if site.made else [])
        assert resent[0] == resent[1]
        for what in later:
            twins.both(lambda world, site, what=what: change(world, site, what))
        cursors = [{"epoch": p["epoch"], "seq": p["upto"], "hash": p["hash"]} for p in before]
        answers = [
            plain(site.pull({SCOPE: cursor}, 3), site) for site, cursor in zip(twins.sites, cursors, strict=True)
        ]
        assert answers[0] == answers[1]
        assert not answers[0][0]
        assert [world.centre.database.read(lambda s: s.check_log(SCOPE)).result() for world in twins.worlds] == [0, 0]
    finally:
        twins.close()
