"""A desk in a browser: its page fetches nothing from another server, and a browser stands for a terminal."""

from __future__ import annotations

import re
import shlex
import sys

import pytest

from agentdesk.cli.errors import CommandError
from agentdesk.cli.terminal import needs_terminal
from agentdesk.desk.browser.__main__ import TEMPLATES, command_of, main, parser

PAGE = (TEMPLATES / "app_index.html").read_text("utf-8")
NAMED = re.compile(r"""(?:src|href)="([^"]*)"|url\("([^"]*)"\)|@import\s+"([^"]*)\"""")


def test_the_page_names_no_other_server() -> None:
    named = ["".join(found) for found in NAMED.findall(PAGE)]
    assert "static/js/textual.js" in named
    assert all(name.startswith(("static/", "data:")) for name in named), named
    # nor does anything else in it
    assert "//" not in re.sub(r"(?m)^\s*// .*$", "", PAGE)


def test_the_page_forbids_what_a_later_script_might_want() -> None:
    (policy,) = re.findall(r'Content-Security-Policy"\s+content="([^"]*)"', PAGE)
    sources = {word for part in policy.split(";") for word in part.split()[1:]}
    assert sources == {"'self'", "'unsafe-inline'", "data:", "{{", "app_websocket_url", "}}"}


def test_the_arguments_behind_the_command_are_the_commands_own() -> None:
    given = parser().parse_args(["--port", "8123", "demo", "--language", "zh-CN", "--data", "a b"])
    assert (given.host, given.port, given.command) == ("localhost", 8123, "demo")
    assert shlex.split(command_of([given.command, *given.arguments])) == [
        *(sys.executable, "-m", "agentdesk"),
        *("demo", "--language", "zh-CN", "--data", "a b"),
    ]


def test_without_textual_serve_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    assert main(["demo"]) == 1
    assert "pip install 'agentdesk[web]'" in capsys.readouterr().err


def test_a_browser_stands_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    with pytest.raises(CommandError, match="the desk needs a terminal"):
        needs_terminal()
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    needs_terminal()
