"""The plugin as somebody meets it who has only the package: a folder of scenarios, and pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentdesk.cli.program import main
from tests.hostile import drawable

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


def test_a_hostile_scenario_is_one_error_with_its_line_and_pytest_prints_nothing_of_it(tmp_path: Path) -> None:
    for number, words in enumerate(["\x1b]0;x\x07王", "\u202e明小", "Z" + "\u0301" * 50, "很长" * 20_000]):
        text = BAD.replace("Li Qiang", words)
        (tmp_path / f"hostile-{number}.scenario.txt").write_text(text, encoding="utf-8")
    (tmp_path / "bytes.scenario.txt").write_bytes(BAD.replace("Li Qiang", "李强").encode("gb18030"))

    done = run(tmp_path)

    assert done.returncode != 0
    said = done.stdout + done.stderr
    for name in ("hostile-0", "hostile-1", "hostile-2", "hostile-3", "bytes"):
        assert f"{name}.scenario.txt:4: " in said
    assert all(map(drawable, said.split("\n")))
    assert "Traceback" not in said


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


def test_the_example_of_the_plugin_in_the_documentation_runs_as_it_stands_there(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "QA.md").read_text(encoding="utf-8")
    (tmp_path / "test_example.py").write_text(page.split("```python\n")[1].split("```")[0], encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n", encoding="utf-8")

    first = run(tmp_path, "--snapshot-update")
    assert first.returncode == 0, first.stdout
    second = run(tmp_path)
    assert second.returncode == 0, second.stdout
    assert "1 passed" in second.stdout


def test_a_report_of_nothing_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qa", "report", "--results", str(tmp_path / "none")]) == 1
    assert "run pytest tests/scenarios first" in capsys.readouterr().err
