"""The demo's world: made once, used again, and its centre never outlives who started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.cli.demo_world import DemoWorld, Note, read_note, write_note
from agentdesk.cli.embedded import EmbeddedCentre
from agentdesk.cli.errors import CommandError
from tests.cli.commands import agentdesk, inside, runs
from tests.waiting import until

STARTER = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have asked not to be hung up on
from agentdesk.cli.demo_world import DemoWorld
with DemoWorld(Path(sys.argv[1]), 60, quiet=True) as world:
    world.centre.wait()
    print(world.centre.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was a demo's once."""
    path = tmp_path_factory.mktemp("demo")
    with DemoWorld(path, 60, quiet=True):
        pass
    return path


def test_a_world_has_everything_but_the_desk(world: DemoWorld) -> None:
    note = json.loads((world.folder / "demo.json").read_text("utf-8"))
    status = inside("site", "status", "--data", world.folder, "--json").json

    assert note["ready"]
    assert note["callers"][0][0].startswith("+86")
    assert (world.folder / "centre.db").is_file()
    assert status["waiting"] == 0
    assert world.folder.stat().st_mode & 0o077 == 0


def test_the_ledger_has_what_the_samples_promises_and_remedies_cost(world: DemoWorld) -> None:
    told = inside("ledger", "--database", world.database, "--lines", "--json").json
    budgets = inside("budget", "show", "bj", "--database", world.database, "--json").json

    assert {line["code"] for line in told["lines"]} >= {"U04", "U10", "U11", "R207"}
    assert all(line["amount"] > 0 and line["department"] for line in told["lines"])
    assert budgets["wrong"] == []


def test_a_second_start_is_immediate_and_keeps_what_was_promised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DemoWorld(folder, 60, quiet=True) as world:
        number = world.note.callers[0][0]
        world.centre.wait()
        made = inside("promise", number, "U06", "--data", folder, "--json").json
    slow: list[str] = []
    with ExitStack() as stack:
        with monkeypatch.context() as patch:
            patch.setattr(EmbeddedCentre, "wait", lambda *_: slow.append("waits for the centre"))
            patch.setattr(DemoWorld, "_make", lambda *_: slow.append("makes the sample"))
            stack.enter_context(DemoWorld(folder, quiet=True))
        again = inside("outbox", "show", made["operation"]["id"], "--data", folder, "--json").json

    assert not slow
    assert made["operation"]["verdict"] == "applied"
    assert again["verdict"] == "applied"


def test_plain_commands_work_on_the_folder_after_the_demo(folder: Path) -> None:
    assert read_note(folder) is not None
    number = json.loads((folder / "demo.json").read_text("utf-8"))["callers"][0][0]

    shown = inside("show", number, "--data", folder, "--json").json
    made = inside("promise", number, "U02", "--data", folder, "--json").json

    assert shown["offers"]
    assert made["promised"]
    assert made["operation"]["state"] == "here"


def test_after_the_line_was_cut_the_next_demo_begins_with_it_up(folder: Path) -> None:
    left = DemoWorld(folder, quiet=True).open_site()
    left.line.cut(True, 0)
    left.close()
    with DemoWorld(folder, quiet=True) as world:
        site = world.open_site()
        cut = site.line.state().cut
        site.close()

    assert not cut


def test_one_folder_has_one_demo(world: DemoWorld) -> None:
    with pytest.raises(CommandError, match="already") as caught:
        DemoWorld(world.folder, 60, quiet=True).__enter__()

    assert f"agentdesk desk --data {world.folder}" in str(caught.value)


def test_the_files_of_a_real_site_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"precious")
    with pytest.raises(CommandError, match="folder of its own"):
        DemoWorld(tmp_path, 60, quiet=True).__enter__()

    assert (tmp_path / "outbox.db").read_bytes() == b"precious"


NOTE = Note(45, 3, 1_000_000_000, ready=True)


@pytest.mark.parametrize(
    ("note", "customers", "seed", "hours", "serves"),
    [
        (NOTE, None, None, 0, True),
        (NOTE, 45, 3, 23.9, True),
        (NOTE, None, None, 24, False),
        (NOTE, None, None, -0.1, False),
        (NOTE, 46, None, 0, False),
        (NOTE, None, 0, 0, False),
        (replace(NOTE, ready=False), None, None, 0, False),
        (replace(NOTE, version="0.0.0"), None, None, 0, False),
        (replace(NOTE, format=0), None, None, 0, False),
    ],
)
def test_a_world_serves_while_its_clocks_are_fresh_and_it_is_the_one_asked_for(
    note: Note, customers: int | None, seed: int | None, hours: float, serves: bool
) -> None:
    assert note.serves(customers, seed, note.made_at + int(hours * 3_600_000)) is serves


def test_a_stale_world_is_made_anew_as_it_was_asked_for_and_nothing_else_is_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with DemoWorld(tmp_path, 45, seed=3, quiet=True) as world:
        before = world.note
    write_note(tmp_path, replace(before, made_at=before.made_at - 25 * 3_600_000))
    with DemoWorld(tmp_path, quiet=True) as world:
        after = world.note

    assert (after.customers, after.seed) == (45, 3)
    assert after.made_at >= before.made_at
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_world_that_was_never_finished_is_made_anew(tmp_path: Path) -> None:
    write_note(tmp_path, Note(60, 1, 0))
    (tmp_path / "centre.db").write_bytes(b"half a database")
    with DemoWorld(tmp_path, 41, quiet=True) as world:
        assert world.note.ready
        assert world.note.customers == 41


def test_a_centre_that_breaks_comes_back_on_the_same_port(folder: Path) -> None:
    with DemoWorld(folder, quiet=True) as world:
        world.centre.wait()
        first = world.centre.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)

        until(lambda: world.centre.pid not in (None, first))
        until(lambda: inside("site", "sync", "--data", folder).code == 0)


def start_and_end(folder: Path, how: signal.Signals) -> int:
    """Start a demo's world in a process, end that by a signal, and give the id of the centre that it had."""
    command = [sys.executable, "-c", STARTER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        centre = int(starter.stdout.readline())
        assert runs(centre)
        starter.send_signal(how)
        starter.wait(60)
    return centre


def test_a_closed_terminal_takes_the_centre_along(folder: Path) -> None:
    centre = start_and_end(folder, signal.SIGHUP)

    until(lambda: not runs(centre))


def test_a_killed_demo_leaves_no_centre_and_the_next_one_starts(folder: Path) -> None:
    centre = start_and_end(folder, signal.SIGKILL)

    until(lambda: not runs(centre))
    with DemoWorld(folder, quiet=True) as world:
        world.centre.wait()


def test_a_number_of_customers_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    for wrong in ("0", "6000000", "-5", "ten"):
        ran = agentdesk("demo", "--customers", wrong, "--data", tmp_path / "d")
        assert ran.code == 2
        assert "--customers" in ran.error
