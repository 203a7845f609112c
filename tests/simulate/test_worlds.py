"""Whole worlds: what sync promises holds in them, and the same seed is the same world."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache

import pytest

from agentdesk.simulate.runs import Outcome, Summary, run_seed, run_seeds

SEEDS = (1, 2, 3, 6, 8, 10, 11, 18, 103)
"""Together they meet every fault; in the last an operation comes again after its receipt was pruned, which is rare."""
SAME = 3
"""A seed with several sites and faults of many sorts."""


@lru_cache(maxsize=1)
def some_worlds() -> Summary:
    return run_seeds(SEEDS)


@lru_cache(maxsize=1)
def one_world() -> Outcome:
    return run_seed(SAME)


def test_what_sync_promises_holds_in_every_world() -> None:
    summary = some_worlds()
    failed = summary.failed
    assert failed is None, "\n".join((*failed.story[-60:], f"{failed.broken}: {failed.text}"))
    assert summary.worlds == len(SEEDS)


def test_every_invariant_met_the_fault_that_it_stands_against() -> None:
    assert some_worlds().unmet == []


def test_the_same_seed_is_the_same_world() -> None:
    first, second = one_world(), run_seed(SAME)
    assert first.operations > 0
    assert first.digest == second.digest
    assert first.tally == second.tally


def test_another_seed_is_another_world() -> None:
    assert one_world().digest != run_seed(SAME + 1).digest


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_has_the_same_world(hash_seed: str) -> None:
    code = f"from agentdesk.simulate.runs import run_seed; print(run_seed({SAME}).digest)"
    env = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == one_world().digest
