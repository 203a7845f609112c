"""A running centre for each test, and sites enrolled at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import Centre


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A centre with the sample's people, in a process of its own."""
    running = Centre(tmp_path / "centre")
    running.fill()
    running.start()
    yield running
    running.kill()
