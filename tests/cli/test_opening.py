"""The desk opened from the command line in a real terminal: on a demo's world, and on a site by one of its agents."""

from __future__ import annotations

from pathlib import Path

from agentdesk.cli.demo_world import DemoWorld
from tests.cli.commands import PROGRAM, inside, runs
from tests.e2e.terminal import Terminal

LEAVE = "\x11"
"""ctrl+q."""


def test_a_demo_opens_the_desk_and_ends_without_a_trace_of_its_centre(tmp_path: Path) -> None:
    command = [*PROGRAM, "demo", "--customers", "60", "--no-calls", "--data", str(tmp_path), "--language", "en"]
    with Terminal(command) as terminal:
        shown = terminal.wait_for("bj1001", "live", seconds=90)
        centre = next(pid for pid in children(terminal.process.pid) if runs(pid))
        terminal.type(LEAVE)
        terminal.process.wait(60)
        terminal.read(0.5)

    assert terminal.process.returncode == 0
    assert "waiting 0" in shown
    assert str(tmp_path) in terminal.text().replace("\n", ""), "where its files are is said at the end"
    assert not runs(centre)


def test_a_call_from_the_command_line_rings_a_desk(world: DemoWorld) -> None:
    command = [*PROGRAM, "desk", "--agent", "bj1003", "--data", str(world.folder), "--language", "en"]
    with Terminal(command) as terminal:
        terminal.wait_for("bj1003", "ready", seconds=90)
        call = ("call", world.note.callers[0][0], "--agent", "bj1003", "--data", world.folder, "--json")
        while (rung := inside(*call)).code:
            assert "no desk" in rung.error, "its door opens a moment after the first frame"
            terminal.read(0.2)
        terminal.wait_for("ringing", "Diamond")

    assert rung.json["agent"] == "bj1003"


def test_a_second_desk_on_the_same_site_is_another_agents(world: DemoWorld) -> None:
    command = [*PROGRAM, "desk", "--agent", "bj1002", "--data", str(world.folder), "--language", "zh-CN"]
    with Terminal(command) as terminal:
        terminal.wait_for("bj1002", "网络正常", seconds=90)
        terminal.type(LEAVE)
        terminal.process.wait(60)

    assert terminal.process.returncode == 0


def test_an_agent_whom_nobody_knows_is_one_line_and_the_terminal_stays_as_it_was(world: DemoWorld) -> None:
    command = [*PROGRAM, "desk", "--agent", "nobody", "--data", str(world.folder)]
    with Terminal(command, columns=200) as terminal:
        terminal.process.wait(60)
        terminal.read(0.5)

    assert terminal.process.returncode == 1
    assert "agentdesk desk: agent 'nobody' is not known here" in terminal.text()
    assert b"\x1b[?1049h" not in terminal.raw, "the desk was never drawn"


def children(pid: int) -> list[int]:
    """The processes that a process has started, by any of its threads."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(text) for thread in threads for text in (thread / "children").read_text().split()]
