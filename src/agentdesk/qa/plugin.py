"""A plugin for pytest: desks on a small world, a centre that follows a script, scenarios, pictures.

Fixtures: `make_desk` and `desk` give desks on worlds of their own, `open_desk` opens one; `qa_clock` and `qa_centre`
belong to `desk`; `snap` compares pictures. Files that end in `.scenario.txt` are tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion
    from textual.app import App

    from agentdesk.qa.centre import ScriptedCentre
    from agentdesk.qa.clock import FrozenClock
    from agentdesk.qa.desk import Desk
    from agentdesk.qa.hand import Hand
    from agentdesk.qa.pictures import Compared

SCENARIO = ".scenario.txt"


class MakeDesk(Protocol):
    """What the fixture `make_desk` gives: a desk with settings of its own (`language`, `online`, `role`, …)."""

    def __call__(self, **settings: Any) -> Desk: ...


class OpenDesk(Protocol):
    """What the fixture `open_desk` gives: a desk runs within the block."""

    def __call__(self, desk: Desk, size: tuple[int, int] = (80, 24)) -> AbstractAsyncContextManager[Hand]: ...


class Snap(Protocol):
    """What the fixture `snap` gives: the picture of a running app is compared with the accepted one."""

    def __call__(self, app: App[Any], name: str = "") -> None: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take options for pictures and their report."""
    group = parser.getgroup("agentdesk")
    group.addoption(
        "--accept-pictures",
        action="store_true",
        dest="accept_pictures",
        help="accept all pictures as they are now, those of scenarios, too (as --snapshot-update does)",
    )
    group.addoption(
        "--qa-results", dest="qa_results", default=".qa", help="folder for what `agentdesk qa report` shows (.qa)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let both options for accepting pictures mean the same."""
    if config.option.accept_pictures:
        config.option.update_snapshots = True


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect scenarios."""
    if not file_path.name.endswith(SCENARIO):
        return None
    from agentdesk.qa.scenarios.collect import ScenarioFile

    found: pytest.File = ScenarioFile.from_parent(parent, path=file_path)
    return found


@pytest.fixture
def make_desk(tmp_path: Path) -> MakeDesk:
    """Make a desk on a fresh copy of the small world; takes what `Desk` takes (`language`, `online`, `role`, …)."""
    made = 0

    def make(**settings: Any) -> Desk:
        from agentdesk.qa.desk import Desk

        nonlocal made
        made += 1
        return Desk(tmp_path / f"desk-{made}", **settings)

    return make


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A desk in Chinese on a fresh copy of the small world; it isn't open yet."""
    return make_desk()


@pytest.fixture
def open_desk() -> OpenDesk:
    """Open a desk at a size; gives the hand that presses its keys."""
    from agentdesk.qa.driving import running

    return running


@pytest.fixture
def qa_clock(desk: Desk) -> FrozenClock:
    """The clock of `desk`: it stands still until it is moved."""
    return desk.clock


@pytest.fixture
def qa_centre(desk: Desk) -> ScriptedCentre:
    """The centre of `desk`: it answers as it is told, when it is told."""
    from agentdesk.qa.centre import ScriptedCentre

    return ScriptedCentre(desk.site)


@pytest.fixture
def snap(request: pytest.FixtureRequest, snapshot: SnapshotAssertion) -> Iterator[Snap]:
    """Compare the picture of a running app with the accepted one; several in a test have names."""
    from agentdesk.qa import kept as keeping
    from agentdesk.qa import results, svg
    from agentdesk.qa.scenarios.collect import accepting, results_folder

    compared: list[Compared] = []
    node = request.node

    def look(app: App[Any], name: str = "") -> None:
        found = keeping.compare(snapshot, name, svg.take(app), accepting(request.config))
        compared.append(found)
        if not found.fine:
            pytest.fail(found.message(), pytrace=False)

    yield look
    if compared:
        kept = results.keep_pictures(results_folder(request.config), node.nodeid, compared)
        fine = all(one.fine for one in compared)
        words = "\n".join(one.message() for one in compared if not one.fine)
        result = results.Result(
            node.nodeid, node.name, str(node.path), "", "passed" if fine else "failed", words, (), kept
        )
        results.keep(results_folder(request.config), result)
