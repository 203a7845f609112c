"""What a room loads when it is imported: the desk's first paint waits for nothing it doesn't show."""

from __future__ import annotations

import subprocess
import sys

import pytest

RUN_HELP = """
import runpy, sys
sys.argv = ["agentdesk", "--help"]
try:
    runpy.run_module("agentdesk", run_name="__main__")
except SystemExit:
    pass
"""


def every_module(room: str) -> str:
    """A program that imports a room with all of its modules."""
    return f"""
import importlib, pkgutil, agentdesk.{room} as room
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    importlib.import_module(module.name)
"""


SHOW_LOADED = "\nprint(); print(*sorted({name.partition('.')[0] for name in sys.modules}))"

HEAVY = {"faker", "fastapi", "holidays", "httpx", "phonenumbers", "pydantic", "sqlite_utils", "uvicorn"}
TABLE = [
    pytest.param("import agentdesk.desk.app", HEAVY, id="desk"),
    pytest.param(every_module("domain"), HEAVY | {"sqlcipher3", "sqlite3", "textual"}, id="domain"),
    pytest.param(every_module("replica"), HEAVY | {"textual"}, id="replica"),
    pytest.param(every_module("store"), HEAVY | {"textual"}, id="store"),
    pytest.param(every_module("telephony"), HEAVY | {"textual"}, id="telephony"),
    pytest.param(RUN_HELP, HEAVY | {"rich", "sqlcipher3", "sqlite3", "textual"}, id="help"),
]


@pytest.mark.parametrize(("statement", "unwanted"), TABLE)
def test_an_import_loads_only_what_it_needs(statement: str, unwanted: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{statement}{SHOW_LOADED}"],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "agentdesk" in loaded
    assert not loaded & unwanted


FIRST_FRAME = "import agentdesk.cli.commands.desk, agentdesk.cli.agents, agentdesk.store.site, agentdesk.desk.app"
LATER = {"calendar", "case", "commitment", "decide", "numbers", "offers", "operation", "policy"}
"""Modules of the domain with many types, which nothing on the first frame is made of."""
WRITING = {"access", "allowances", "amending", "committing", "intake", "lineages", "overlay", "search", "tidying"}
"""Modules of the store that the first frame, which only reads, does without."""


def test_the_first_frame_waits_for_no_policy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{FIRST_FRAME}\nprint(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )

    names = done.stdout.split()
    loaded = {name.rpartition(".")[2] for name in names if name.startswith("agentdesk.domain.")}
    assert "documents" in loaded
    assert not loaded & LATER
    kept = {name.rpartition(".")[2] for name in names if name.startswith("agentdesk.store.")}
    assert "view" in kept
    assert not kept & WRITING
