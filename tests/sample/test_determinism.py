"""The same seed makes the same world, and a customer doesn't depend on who else is made."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.documents import Document
from agentdesk.sample import World
from agentdesk.sample.numbers import LARGEST
from tests.sample.worlds import NOW, instants, regions, seeds, world


def written(documents: Iterable[Document]) -> str:
    return "\n".join(json.dumps([d.scope, d.id, d.type, d.rev, d.data], ensure_ascii=False) for d in documents)


def test_another_process_makes_the_same_bytes() -> None:
    program = """
from tests.sample.test_determinism import written
from tests.sample.worlds import world
import sys
w = world(7, 120, "region/sh")
sys.stdout.buffer.write(written([*w.customers(), *w.work(), *w.agents()]).encode())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=120, env={"PYTHONHASHSEED": "5"}
    )
    ours = world(7, 120, "region/sh")
    assert done.stdout.decode() == written([*ours.customers(), *ours.work(), *ours.agents()])


@settings(max_examples=15)
@given(seeds, regions, instants, st.integers(1, 60), st.integers(1, LARGEST))
def test_a_customer_is_the_same_in_a_world_of_any_size(
    seed: int, region: str, now: int, small: int, large: int
) -> None:
    few, many = world(seed, small, region, now), world(seed, large, region, now)
    both = min(small, large)
    assert written(islice(few.customers(), both)) == written(islice(many.customers(), both))
    alone = World(seed, 1, region, now).customer(large - 1)
    assert alone == many.customer(large - 1)


@settings(max_examples=10)
@given(seeds, regions)
def test_work_made_alone_is_the_work_of_the_whole_world(seed: int, region: str) -> None:
    whole = world(seed, 150, region)
    alone = [document for index in range(150) for document in whole.work_of(index)]
    assert list(whole.work()) == alone


def test_seeds_and_regions_make_other_people() -> None:
    names = {
        (seed, region): [c.data["name"] for c in world(seed, 60, region).customers()]
        for seed in (1, 2)
        for region in ("bj", "sh")
    }
    assert len({json.dumps(people) for people in names.values()}) == 4


def test_moving_the_instant_moves_all_times_with_it() -> None:
    day = 86_400_000
    before, after = world(size=80), world(size=80, now_ms=NOW + day)
    for one, other in zip(before.customers(), after.customers(), strict=True):
        assert other.data["since"] - one.data["since"] == day
        assert other.data["name"] == one.data["name"]


@pytest.mark.parametrize("size", [0, -1, LARGEST + 1])
def test_a_size_outside_the_range_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="5000000"):
        World(1, size, "bj", NOW)


def test_an_unknown_region_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="bj, tj, sh"):
        World(1, 10, "region/atlantis", NOW)
    with pytest.raises(ValueError, match="customers 0 to"):
        World(1, 10, "bj", NOW).customer(-1)
