"""A fault of the program tells where it happened, and nothing of whom it was about: on screens, in logs, afterwards."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from agentdesk.centre.logs import JsonLines
from agentdesk.cli.commands import find
from agentdesk.desk.app import DeskApp
from agentdesk.domain.faults import place_of, told
from tests.cli.commands import inside
from tests.desk.driving import running, screen_text, until
from tests.desk.world import Desk, FrozenClock, SeededEntropy, make_site

PERSONAL = ("王敏慧", "18612345678")


def fails() -> None:
    name, number = PERSONAL
    try:
        raise KeyError(number)
    except KeyError as error:
        raise ValueError(f"{name} can't be read") from error


def harmless(text: str) -> None:
    assert not [one for one in PERSONAL if one in text], text


def caught() -> ValueError:
    try:
        fails()
    except ValueError as error:
        return error
    raise AssertionError


def test_a_fault_is_told_with_all_that_it_came_from_and_no_words_of_theirs() -> None:
    text = "\n".join([place_of(caught()), *told(caught())])
    harmless(text)
    assert text.count("ValueError") == 2
    assert "builtins.KeyError" in text
    assert "test_faults.py" in text


async def test_the_screen_says_where_a_fault_was_and_not_whom_it_was_about(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:

        async def work() -> None:
            fails()

        desk.app.spawn(work())
        await until(pilot, lambda: "ValueError" in screen_text(pilot))
        harmless(screen_text(pilot))
        assert [str(error) for error in desk.app.failures] == [f"{PERSONAL[0]} can't be read"]
        desk.app.failures.clear()


async def test_what_stays_on_the_terminal_after_a_fault_has_no_values_of_names_in_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk):
        app: DeskApp = desk.app
        try:
            fails()
        except ValueError:
            assert sys.exc_info()[1] is not None
            app._fatal_error()
        (left,) = app._exit_renderables
        assert isinstance(left, str)
        harmless(left)
        assert "in fails" in left
        app._exit_renderables.clear()


def test_a_command_that_breaks_prints_no_words_of_its_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_site(tmp_path, FrozenClock(), SeededEntropy())

    def search(*_: object) -> None:
        fails()

    monkeypatch.setattr(find, "search", search)
    broken = inside("find", "somebody", "--data", tmp_path)
    assert broken.code == 1
    harmless(broken.err)
    assert "test_faults.py" in broken.err


def test_a_line_of_the_centres_log_has_no_words_of_a_fault() -> None:
    error = caught()
    record = logging.LogRecord("agentdesk", logging.ERROR, "x.py", 1, "broken", None, (type(error), error, None))
    line = json.loads(JsonLines().format(record))
    harmless(json.dumps(line, ensure_ascii=False))
    assert any("ValueError" in one for one in line["traceback"])
