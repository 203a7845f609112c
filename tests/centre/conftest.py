"""A started centre for each test, on either database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.centre.authors import Means
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.contract import Database
from agentdesk.centre.storage.opening import KEY, open_database
from tests.centre.kit import TestClock, World, build_world, random_bytes
from tests.postgres import Server

DRIVERS = ["sqlite", "postgresql"]


@pytest.fixture(params=DRIVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'centre.db'}"
        return
    server: Server = request.getfixturevalue("postgres")
    made = server.create()
    yield made
    server.drop(made)


@pytest.fixture
def database(url: str, tmp_path: Path) -> Iterator[Database]:
    """A database with the tables of the centre and nothing in them."""
    made = open_database(url, tmp_path / KEY)
    yield made
    made.close()


@pytest.fixture(scope="session")
def kept(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A PostgreSQL database with a world in it, which every test finds as it was: its URL, and the file of its key."""
    folder = tmp_path_factory.mktemp("kept")
    url = postgres.create()
    database = build_world(folder, url=url).centre.database
    database.secret()
    database.close()
    postgres.keep(url)
    return url, folder / KEY


@pytest.fixture(params=DRIVERS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A centre with a region of three customers and two agents."""
    if request.param == "sqlite":
        made = build_world(tmp_path)
    else:
        server: Server = request.getfixturevalue("postgres")
        url, key = request.getfixturevalue("kept")
        server.reset(url)
        shutil.copy(key, tmp_path / KEY)
        clock = TestClock()
        means = Means(clock, random_bytes(str(tmp_path)))
        made = World(Centre(open_database(url, tmp_path / KEY), means), clock, url)
    yield made
    made.centre.database.close()
