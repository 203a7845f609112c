"""How invariants are written down, looked at and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentdesk.simulate.record import Archived, Record

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Machine
    from agentdesk.simulate.world import World

Moment = Literal["centre", "site", "answer", "quiet", "end"]
"""After a commit of the centre; after one at a site; when an answer leaves; when all is quiet; when all is over."""


@dataclass(slots=True)
class Look:
    """What is looked at: the world, and what has just happened in it."""

    world: World
    moment: Moment
    fresh: tuple[Archived, ...] = ()
    machine: Machine | None = None
    file: str = ""
    site: str = ""
    path: str = ""
    answer: Any = None

    @property
    def record(self) -> Record:
        return self.world.watch.record


Check = Callable[[Look], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that holds in every world, with the function that looks."""

    name: str
    sentence: str
    moments: tuple[Moment, ...]
    met: tuple[str, ...]
    check: Check


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that doesn't hold: which, how it shows, and when, virtual ms."""

    invariant: str
    text: str
    at: int


INVARIANTS: dict[str, Invariant] = {}

_by_moment: dict[Moment, list[Invariant]] = {"centre": [], "site": [], "answer": [], "quiet": [], "end": []}


def invariant(sentence: str, *moments: Moment, met: tuple[str, ...]) -> Callable[[Check], Check]:
    """Write an invariant down; the function's name is its name."""

    def written(check: Check) -> Check:
        name = check.__name__
        made = Invariant(name, sentence, moments, met, check)
        INVARIANTS[name] = made
        for moment in moments:
            _by_moment[moment].append(made)
        return check

    return written


def look(world: World, moment: Moment, **facts: Any) -> None:
    """Look at all invariants of a moment; the first one that is broken ends the world."""
    if world.violations:
        return
    now = Look(world, moment, **facts)
    for one in _by_moment[moment]:
        for wrong in one.check(now):
            broken(world, one.name, wrong)
            return


def broken(world: World, name: str, wrong: str) -> None:
    """Note that an invariant is broken."""
    if not world.violations:
        world.violations.append(Violation(name, wrong, world.timeline.now))
        world.story.tell("BROKEN", "{}: {}", name, wrong)


def exercised(world: World) -> dict[str, int]:
    """Return how often each invariant met its fault in a world."""
    return {
        name: world.met[name] + sum(n for what, n in world.tally.items() if what.startswith(one.met))
        for name, one in INVARIANTS.items()
    }
