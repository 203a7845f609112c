"""A demo's world for all tests of a process: its centre runs, its site is enrolled and synced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agentdesk.cli.demo_world import DemoWorld

CUSTOMERS = 60


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """A small world; tests may add to it, and don't count on what others left alone."""
    with DemoWorld(tmp_path_factory.mktemp("world"), CUSTOMERS, quiet=True) as running:
        yield running
