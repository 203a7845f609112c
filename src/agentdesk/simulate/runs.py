"""Running many worlds: what each came to, and what all of them together say about the invariants."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from agentdesk.simulate.invariants import INVARIANTS, exercised
from agentdesk.simulate.plants import planted
from agentdesk.simulate.twins import compare
from agentdesk.simulate.world import World

TWIN_EVERY = 10
"""Each tenth world is run again with all its sites' clocks ten years off."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one seed came to: the digest of all that happened, and the broken invariant, if any, with the story."""

    seed: int
    digest: str
    operations: int
    drained_ms: int | None
    tally: Counter[str]
    met: dict[str, int]
    broken: str | None = None
    text: str = ""
    story: tuple[str, ...] = ()


@dataclass(slots=True)
class Summary:
    """What the worlds so far say: for each invariant how often it met its fault, and in how many worlds it held."""

    worlds: int = 0
    operations: int = 0
    met: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    failed: Outcome | None = None
    slowest_drain_ms: int = 0
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Take in what one world came to."""
        self.worlds += 1
        self.operations += outcome.operations
        self.faults.update(outcome.tally)
        self.slowest_drain_ms = max(self.slowest_drain_ms, outcome.drained_ms or 0)
        if outcome.broken is not None:
            self.failed = outcome
        for name, times in outcome.met.items():
            if times and name != outcome.broken:
                self.met[name] += times
                self.held[name] += 1

    @property
    def unmet(self) -> list[str]:
        """Return the invariants that never met their fault: nothing is known of them."""
        return [name for name in INVARIANTS if not self.met[name]]


def run_seed(seed: int, plant: str | None = None) -> Outcome:
    """Run the world of a seed, with a bug in the shipped code if one is planted."""
    with planted(plant), World(seed) as world:
        world.run()
        if not world.violations and seed % TWIN_EVERY == 0:
            compare(world)
        broken = world.violations[0] if world.violations else None
        return Outcome(
            seed,
            world.story.digest,
            world.operations,
            world.drained_in,
            world.tally,
            exercised(world),
            broken.invariant if broken else None,
            broken.text if broken else "",
            tuple(world.story.read()) if broken else (),
        )


def run_seeds(seeds: Iterable[int], plant: str | None = None, done: Callable[[int], None] | None = None) -> Summary:
    """Run worlds one after the other, until an invariant is broken; `done` is told the number of worlds so far."""
    summary = Summary()
    began = time.monotonic()
    for seed in seeds:
        summary.add(run_seed(seed, plant))
        summary.seconds = time.monotonic() - began
        if done is not None:
            done(summary.worlds)
        if summary.failed is not None:
            break
    return summary
