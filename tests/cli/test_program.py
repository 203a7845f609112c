"""The command line as a whole: help, errors of one line, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentdesk import __version__
from agentdesk.cli.program import COMMANDS
from tests.cli.commands import PROGRAM, agentdesk

NAMES = [command.name for command in COMMANDS]


def test_help_lists_every_command_and_what_the_exit_codes_mean() -> None:
    ran = agentdesk("--help")

    assert ran.code == 0
    assert all(f"  {name}" in ran.out for name in NAMES)
    assert "exit codes" in ran.out


def test_help_is_there_at_once() -> None:
    """What takes long to load isn't loaded for it; how long that takes depends on the machine."""
    heavy = {"textual", "httpx", "pydantic", "fastapi", "sqlite_utils", "sqlcipher3", "sqlite3", "rich", "asyncio"}
    code = (
        "import contextlib, sys\n"
        "from agentdesk.cli.program import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        f"print(sorted(set(sys.modules) & {heavy!r}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "usage: agentdesk" in done.stdout
    assert done.stderr.strip() == "[]"


def test_without_a_command_the_help_is_shown() -> None:
    assert agentdesk().out == agentdesk("--help").out


def test_the_version_is_the_packages() -> None:
    assert agentdesk("--version").out.strip() == f"agentdesk {__version__}"


@pytest.mark.parametrize("name", NAMES)
def test_each_command_explains_itself(name: str) -> None:
    ran = agentdesk(name, "--help")

    assert ran.code == 0
    assert ran.out.startswith(f"usage: agentdesk {name}")


@pytest.mark.parametrize(
    "words",
    [
        ("frobnicate",),
        ("find",),
        ("outbox",),
        ("outbox", "frob"),
        ("show", "1", "--frob"),
        ("serve", "--port", "x"),
        ("demo", "--customers", "many"),
        ("promise", "1"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_one_line_that_says_where_to_read_more(words: tuple[str, ...]) -> None:
    ran = agentdesk(*words)

    assert ran.code == 2
    assert ran.out == ""
    assert "--help" in ran.error


@pytest.mark.parametrize(
    "words",
    [
        ("find", "王"),
        ("show", "18612345678"),
        ("promise", "18612345678", "U01"),
        ("site", "status"),
        ("site", "sync"),
        ("outbox", "list"),
        ("desk",),
    ],
    ids=" ".join,
)
def test_a_folder_without_a_site_is_named_with_what_to_do(words: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "nothing"
    ran = agentdesk(*words, "--data", folder)

    assert ran.code == 1
    assert str(folder) in ran.error
    assert "agentdesk site enrol" in ran.error
    assert not folder.exists(), "looking must not make a folder"


def test_the_folder_comes_from_the_environment_and_the_option_overrules_it(tmp_path: Path) -> None:
    env = {"AGENTDESK_DATA": str(tmp_path / "a")}

    assert str(tmp_path / "a") in agentdesk("outbox", "list", env=env).error
    assert str(tmp_path / "b") in agentdesk("outbox", "list", "--data", tmp_path / "b", env=env).error


def test_the_default_folder_lies_in_the_users_own_data(tmp_path: Path) -> None:
    ran = agentdesk("outbox", "list", env={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "own")})

    assert str(tmp_path / "own" / "agentdesk") in ran.error


def test_a_file_that_is_no_database_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"not a database, but long enough to look like one" * 50)

    assert "--data" in agentdesk("outbox", "list", "--data", tmp_path).error


def test_who_reads_only_the_beginning_gets_no_error() -> None:
    command = f"{' '.join(PROGRAM)} catalogue show | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stderr == ""


def test_names_come_out_whole_or_escaped_in_any_locale() -> None:
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    ran = agentdesk("catalogue", "show", "U04", "--language", "zh-CN", env=env)

    assert ran.code == 0
    assert r"\u4fe1\u7528\u5f00\u673a" in ran.out
