"""Every planted bug is found by an invariant that doesn't know of it; so the invariants are worth something."""

from __future__ import annotations

import pytest

from agentdesk.simulate.plants import PLANTS, planted
from agentdesk.simulate.runs import run_seed, run_seeds

WITHIN = 200
LOOK_AT = {
    "always-lease": 6,
    "bare-sequence": 6,
    "believed": 3,
    "by-sequence": 9,
    "flags-unsaid": 3,
    "free-of-others": 10,
    "handed-over-once": 14,
    "kept-give-back": 12,
    "pull-behind-push": 8,
    "receipts-expire": 5,
    "reclaimed": 27,
    "retry-on-write": 11,
    "same-name": 3,
    "taken-off": 20,
    "tidied-early": 14,
    "unchained": 13,
    "unmarked": 2,
    "unnoticed": 6,
    "unremembered": 11,
}
"""A seed that has found it before, to look at first; any other change may move it, and then all are looked at."""


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_a_planted_bug_is_found(plant: str) -> None:
    summary = run_seeds([LOOK_AT.get(plant, 1)], plant)
    if summary.failed is None:
        summary = run_seeds(range(1, WITHIN + 1), plant)
    assert summary.failed is not None, f"{plant} is not found within {WITHIN} seeds"


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_a_plant_is_gone_afterwards(plant: str) -> None:
    one = PLANTS[plant]
    before = getattr(one.owner, one.attribute)
    with planted(plant):
        assert getattr(one.owner, one.attribute) is not before
    assert getattr(one.owner, one.attribute) is before


def test_a_failing_world_tells_its_story_and_does_so_again() -> None:
    first, second = run_seed(1, "cursor-first"), run_seed(1, "cursor-first")
    assert first.broken is not None
    assert first.story == second.story
    assert any("BROKEN" in line for line in first.story)
