"""What every test stands on: one time zone, locale and terminal, no animation, no settings of the user's."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import textual.constants
from hypothesis import settings

from scripts import i18n

if TYPE_CHECKING:
    from tests.postgres import Server

ENVIRONMENT = {
    "TZ": "Asia/Shanghai",
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "COLUMNS": "80",
    "LINES": "24",
    "PYTHONUTF8": "1",
    "TEXTUAL_ANIMATIONS": "none",
}
OWN_FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")
USERS_OWN = ("LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR")

# Before any test module is imported, and inherited by every process that a test starts.
for name in [*USERS_OWN, *(name for name in os.environ if name.startswith("AGENTDESK_"))]:
    os.environ.pop(name, None)
os.environ.update(ENVIRONMENT)
if "PYTEST_XDIST_WORKER" not in os.environ:
    # keys of machines, sites and centres go there: never among the user's own; all workers have the same
    for name in OWN_FOLDERS:
        os.environ[name] = tempfile.mkdtemp(prefix="agentdesk-own-")
        atexit.register(shutil.rmtree, os.environ[name], ignore_errors=True)
time.tzset()
# The snapshot plugin imports Textual before this file is read: Textual has looked at the environment already.
setattr(textual.constants, "TEXTUAL_ANIMATIONS", "none")  # noqa: B010 - it is declared final

MORE_WORKERS = 2
_KEYS = pytest.StashKey[set[str]]()

# Deadlines tell more of the machine than of the code. On a build machine the examples are always the same.
settings.register_profile("dev", max_examples=60, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_configure(config: pytest.Config) -> None:
    """Tests read the translations as they are written now, also without `make`."""
    if not hasattr(config, "workerinput"):
        i18n.compile_stale()
        config.stash[_KEYS] = _keys()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tests write into folders of their own: a key that they left in the checkout fails the run."""
    if hasattr(session.config, "workerinput"):
        return
    before = session.config.stash[_KEYS]
    if left := sorted(_keys() - before):
        sys.stderr.write(f"\na test left {', '.join(left)} in {i18n.ROOT}\n")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _keys() -> set[str]:
    return {path.name for path in i18n.ROOT.glob("*.key")}


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `-n auto` means: more than there are cores, as a third of a test's time is waiting."""
    return len(os.sched_getaffinity(0)) + MORE_WORKERS


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this process's own, on which nothing lasts."""
    from tests.postgres import running

    with running() as server:
        yield server


@pytest.fixture(scope="session")
def durable_postgres() -> Iterator[Server]:
    """A PostgreSQL server of this process's own, on which a commit is on disk."""
    from tests.postgres import running

    with running(durable=True) as server:
        yield server


@pytest.fixture
def repository() -> Path:
    """The top of the checkout."""
    return i18n.ROOT
