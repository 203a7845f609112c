"""A started centre for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.centre.kit import World, build_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A centre with a region of three customers and two agents."""
    made = build_world(tmp_path)
    yield made
    made.centre.database.close()
