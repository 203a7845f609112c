"""The same world again, where every site's wall clock is ten years off: nothing may come out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.simulate import invariants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentdesk.simulate.world import World

TEN_YEARS_MS = 3_652 * 86_400_000
WITHOUT = ("clock", "snapshots", "disk")
"""Clocks are written into operations: how long they are decides when a disk is full, and how many pieces a file has."""
NAME = "clocks_decide_nothing"


def compare(world: World) -> None:
    """Run a world's seed twice more, with right clocks and with wrong ones, and compare what became of everything."""
    from agentdesk.simulate.world import World as Twin

    skew = TEN_YEARS_MS if world.seed % 20 else -TEN_YEARS_MS
    with Twin(world.seed, without=WITHOUT) as right:
        right.run()
    with Twin(world.seed, skew, WITHOUT) as wrong:
        wrong.run()
    world.met[NAME] += 1
    mine, other = dict(_fates(right)), dict(_fates(wrong))
    for place in sorted(mine.keys() | other.keys()):
        if mine.get(place) != other.get(place):
            where, number = place
            invariants.broken(
                world, NAME, f"number {number} of {where} is {mine.get(place)}, ten years off {other.get(place)}"
            )
            return


def _fates(world: World) -> Iterator[tuple[tuple[str, int], Any]]:
    """Yield what became of each operation by its place: ids hold the time, so they can't be compared."""
    record = world.watch.record
    for made in record.made.values():
        answered = record.answers.get(made.id)
        fate = (answered.verdict, answered.reasons, answered.change) if answered else None
        yield (made.machine, made.seq), (made.kind, made.amount, fate)
