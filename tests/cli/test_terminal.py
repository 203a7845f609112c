"""What the terminal can show, and the refusal of one that can't."""

from __future__ import annotations

import os
import pty
import select
import termios
from pathlib import Path

import pytest

from agentdesk.cli.terminal import WidthProbe, charset
from tests.cli.commands import agentdesk


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({}, "UTF-8"),
        ({"LANG": "zh_CN.UTF-8"}, "UTF-8"),
        ({"LANG": "en_US.utf8"}, "UTF-8"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.GB18030"}, "GB18030"),
        ({"LANG": "zh_CN.GBK", "LC_CTYPE": "C.UTF-8"}, "UTF-8"),
        ({"LANG": "zh_CN.GBK@x"}, "GBK"),
        ({"LC_ALL": "C"}, "ASCII"),
        ({"LC_ALL": "POSIX"}, "ASCII"),
    ],
)
def test_the_environment_says_which_characters_the_terminal_has(
    env: dict[str, str], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    assert charset() == found


@pytest.mark.parametrize("command", ["desk", "demo"])
def test_what_draws_the_desk_refuses_a_locale_that_would_break_names(command: str, tmp_path: Path) -> None:
    (tmp_path / "outbox.db").touch()
    ran = agentdesk(command, "--data", tmp_path, env={"LC_ALL": "zh_CN.GB18030"})

    assert ran.code == 1
    assert "GB18030" in ran.error
    assert "UTF-8" in ran.error


def test_the_desk_needs_a_terminal_and_says_what_scripts_use(tmp_path: Path) -> None:
    ran = agentdesk("demo", "--data", tmp_path / "new")

    assert "agentdesk find" in ran.error
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("answer", "wide"), [(b"\x1b[7;2R", False), (b"\x1b[7;3R", True), (b"", False)])
def test_the_terminal_is_asked_how_wide_it_draws_ambiguous_characters(answer: bytes, wide: bool) -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    with WidthProbe(slave, slave) as probe:
        asked = os.read(master, 100)
        os.write(master, answer)
        found = probe.wide()
    after = termios.tcgetattr(slave)
    echoed = select.select([master], [], [], 0)[0]
    os.close(master)
    os.close(slave)

    assert found is wide
    assert asked.endswith(b"\x1b[6n\r\x1b[K"), "what was printed to ask goes again"
    assert after == before
    assert not echoed, "the answer must not appear on the screen"


def test_a_terminal_is_left_as_it_was_whatever_happens() -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    with pytest.raises(KeyboardInterrupt), WidthProbe(slave, slave, seconds=0.01):
        raise KeyboardInterrupt
    after = termios.tcgetattr(slave)
    os.close(master)
    os.close(slave)

    assert after == before


def test_where_nobody_can_be_asked_characters_are_taken_to_be_narrow(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb+") as file, WidthProbe(file.fileno(), file.fileno()) as probe:
        assert not probe.wide()
