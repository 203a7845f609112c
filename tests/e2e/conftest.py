"""A running centre for each test, and sites enrolled at it.

A world with two sites is made once in a process that runs tests, and copied for each of them: centre and sites are
what they were when all of them had been stopped in good order.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import Branch, Centre

SITES = 2


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """A centre with the sample's people and enrolled sites, all of them stopped."""
    world = tmp_path_factory.mktemp("prepared")
    centre = Centre(world / "centre")
    centre.fill()
    centre.start()
    try:
        for number in range(SITES):
            Branch.enrolled(world / f"site-{number}", centre)
        centre.stop()
    finally:
        centre.kill()
    return centre


@pytest.fixture
def centre(tmp_path: Path, prepared: Centre) -> Iterator[Centre]:
    """A centre with the sample's people, in a process of its own."""
    shutil.copytree(prepared.folder.parent, tmp_path / "world")
    running = Centre(tmp_path / "world" / "centre", prepared.now_ms)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def halls(centre: Centre) -> tuple[Branch, Branch]:
    """Two sites of the centre."""
    return Branch.prepared(centre, 0), Branch.prepared(centre, 1)


@pytest.fixture
def hall(centre: Centre) -> Branch:
    """A site of the centre."""
    return Branch.prepared(centre, 0)
