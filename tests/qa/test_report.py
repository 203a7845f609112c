"""The report: one page that needs nothing else, with and without failures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentdesk.qa import pictures, results
from agentdesk.qa.report import load, page
from agentdesk.qa.results import Outcome, PictureResult, Result, StepResult

ROW = (
    '<svg xmlns="http://www.w3.org/2000/svg">\n<text class="terminal-s1" x="{x}" y="20" textLength="61"'
    ' clip-path="url(#terminal-line-{line})">{text}</text>\n</svg>\n'
)


def drawn(text: str, line: int = 0, x: float = 0) -> str:
    return ROW.format(text=text, line=line, x=x)


def result(folder: Path, outcome: Outcome, *found: pictures.Compared, title: str = "欠费 <开机>") -> Result:
    steps = (StepResult(3, "当 李强 来电", "done", ()), StepResult(4, "那么 屏幕有 <x>", "failed", ()))
    kept: tuple[PictureResult, ...] = results.keep_pictures(folder, "id", found)
    message = "one.scenario.txt:4: the screen doesn't say '<x>'" if outcome == "failed" else ""
    return Result("id", title, __file__, "zh-CN 80x24", outcome, message, steps, kept)


def compared(folder: Path, before: str | None, after: str, accept: bool = False) -> pictures.Compared:
    path = folder / "accepted.svg"
    if before is not None:
        path.write_text(before, encoding="utf-8")
    return pictures.compare("first", path, after, accept)


def test_nothing_has_run_yet() -> None:
    assert "Nothing has run yet" in page([], "today")


def test_a_page_without_failures_shows_each_picture_once(tmp_path: Path) -> None:
    found = page([result(tmp_path, "passed", compared(tmp_path, drawn("一"), drawn("一")))], "today")

    assert "1 run, 0 failures; 1 picture, 0 to look at." in found
    assert "<h2>Failures</h2>" not in found
    assert found.count("<img") == 1
    assert "欠费 &lt;开机&gt;" in found


def test_a_page_with_failures_shows_steps_and_both_pictures_and_what_changed(tmp_path: Path) -> None:
    found = page([result(tmp_path, "failed", compared(tmp_path, drawn("旧的话"), drawn("新的话")))], "today")

    assert "1 run, 1 failure; 1 picture, 1 to look at." in found
    assert "<h2>Failures</h2>" in found
    assert "the screen doesn&#x27;t say &#x27;&lt;x&gt;&#x27;" in found
    assert found.count("<img") == 2
    assert '<span class="went">  1 - 旧的话</span>' in found
    assert '<span class="came">  1 + 新的话</span>' in found
    assert "✗" in found


def test_a_page_fetches_nothing(tmp_path: Path) -> None:
    found = page([result(tmp_path, "passed", compared(tmp_path, None, drawn("一")))], "today")

    assert set(re.findall(r'(?:src|href)="([^"#:]*:?)', found)) <= {"data:", ""}
    assert "not accepted yet" in found


def test_what_was_accepted_in_a_run_is_shown_beside_what_it_replaced(tmp_path: Path) -> None:
    one = compared(tmp_path, drawn("旧的话"), drawn("新的话"), accept=True)

    assert one.fine
    assert one.path.read_text(encoding="utf-8") == drawn("新的话")
    found = page([result(tmp_path, "passed", one)], "today")
    assert "changed, accepted in this run" in found
    assert "Accepted in this run" in found
    assert found.count("<img") == 2


def test_results_are_found_again_as_long_as_their_file_is_there(tmp_path: Path) -> None:
    kept = result(tmp_path, "passed", compared(tmp_path, None, drawn("一")))
    results.keep(tmp_path, kept)
    results.keep(tmp_path, Result("gone", "x", str(tmp_path / "gone.txt"), "", "passed", "", (), ()))

    assert load(tmp_path) == [kept]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (drawn("一"), drawn("一"), []),
        (drawn("一"), drawn("二"), ["  1 - 一", "  1 + 二"]),
        (drawn("一"), drawn("一", x=12.2), ["  1 - 一", "  1 +  一"]),
        (drawn("一"), drawn("一").replace("s1", "s2"), ["the words are the same; colours or places differ"]),
    ],
)
def test_a_difference_is_said_in_lines_of_the_screen(before: str, after: str, said: list[str]) -> None:
    assert pictures.difference(before, after) == said
