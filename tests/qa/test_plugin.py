"""The plugin as somebody meets it who has only the package: a folder of scenarios, and pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentdesk.cli.program import main

GOOD = """\
场景: 断网也能接电话
尺寸: 80x24
语言: zh-CN
假设 断网
当 李强 来电
那么 屏幕有 "断网 2 分钟"
图: 来电
"""
BAD = """\
Scenario: something that isn't so
Sizes: 80x24
Languages: en
When Li Qiang calls
Then the screen says "no such words"
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options, "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_scenarios_run_fail_with_their_line_are_accepted_and_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.scenario.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.scenario.txt").write_text(BAD, encoding="utf-8")

    first = run(tmp_path)
    assert first.returncode == 1
    assert f"{tmp_path / 'bad.scenario.txt'}:5: the screen doesn't say 'no such words'" in first.stdout
    assert "  | " in first.stdout, "what was on the screen is shown"
    assert "stopped for arrears" in first.stdout
    assert "good.scenario.txt:7: the picture 来电.zh-CN.80x24.svg isn't accepted yet" in first.stdout
    assert "Traceback" not in first.stdout

    second = run(tmp_path, "--accept-pictures", "good.scenario.txt", "--deselect", "bad.scenario.txt")
    assert second.returncode == 0, second.stdout
    assert (tmp_path / "pictures" / "good" / "来电.zh-CN.80x24.svg").is_file()

    out = tmp_path / "page.html"
    assert main(["qa", "report", "--results", str(tmp_path / ".qa"), "--out", str(out)]) == 1
    assert "2 runs, 1 failed" in capsys.readouterr().out
    shown = out.read_text(encoding="utf-8")
    assert "断网也能接电话" in shown
    assert "accepted in this run" in shown
    assert "no such words" in shown


def test_a_report_of_nothing_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qa", "report", "--results", str(tmp_path / "none")]) == 1
    assert "run pytest tests/scenarios first" in capsys.readouterr().err
