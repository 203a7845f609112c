"""Hostile texts in scenarios, in what their runs left, and on the page: an error that names the line, or a text."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agentdesk.qa import pictures, results
from agentdesk.qa.report import BadResult, load, page
from agentdesk.qa.results import PictureResult, Result, StepResult
from agentdesk.qa.scenarios.run import Stopped, play, understood
from agentdesk.qa.scenarios.text import LARGEST, LONGEST, Scenario, ScenarioError, read
from tests.cli.commands import inside
from tests.hostile import FILE_NAMES, HOSTILE, LONG_LINE, MARKUP, QUERIES, RARE_NAMES, drawable, json_texts
from tests.poisoned import POISON
from tests.qa.test_report import drawn

TEXTS = [text.encode("utf-8", "surrogatepass") for text in (*HOSTILE, *QUERIES, *FILE_NAMES, LONG_LINE)]
PLACES = (
    "场景: {}",
    "尺寸: {}",
    "尺寸: 80x24 {}",
    "语言: zh-CN, {}",
    "# {}",
    "{}",
    "假设 {}",
    "假设 客户: {} 13800002222 金卡",
    "假设 客户: 周建国 13800002222 欠费 {}",
    "假设 现在是 {}",
    "假设 坐席是 {}",
    "当 {} 来电",
    "当 {} 来电并通过核验",
    "当 按 {}",
    "当 输入 {}",
    "当 过 {} 分钟",
    "当 中心退回 {}: {}",
    "那么 屏幕有 {}",
    "图: {}",
    "当 {} calls and is verified",
)
"""Lines in which a text from outside stands."""


def harmless(said: str) -> None:
    for line in said.split("\n"):
        assert drawable(line), ascii(line)[:200]
    assert len(said) < 20_000


def written(folder: Path, *lines: bytes) -> Path:
    path = folder / "one.scenario.txt"
    path.write_bytes(b"\n".join([*lines, b""]))
    return path


@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_line_is_a_text_or_an_error_that_names_it(tmp_path: Path, place: str) -> None:
    for words in TEXTS:
        given = place.encode().replace(b"{}", words)
        # what breaks a line makes several of it
        broken = given.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
        path = written(tmp_path, "场景: x".encode(), given, "那么 屏幕有 x".encode())
        error, scenario = looked_at(path)
        if error is not None:
            harmless(str(error))
            assert str(error).startswith(f"{path}:{error.line}: ")
            first = 1 if len(given) > LARGEST or place.startswith("场景") else 2
            assert first <= error.line <= 3 + broken, (ascii(given)[:80], str(error)[:200])
        if scenario is not None:
            harmless(scenario.title)
            assert all(drawable(step.text) and len(step.text) <= LONGEST for step in scenario.steps)


def looked_at(path: Path) -> tuple[ScenarioError | None, Scenario | None]:
    """Return what is wrong with a scenario, and what it says as far as it can be read."""
    scenario = None
    try:
        scenario = read(path)
        understood(scenario)
    except ScenarioError as error:
        return error, scenario
    return None, scenario


@pytest.mark.parametrize("raw", [*json_texts().values(), "场景: x".encode("utf-16"), b"\x00" * 9, b"x" * (LARGEST + 1)])
def test_a_file_that_is_no_scenario_is_one_error(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(ScenarioError) as no:
        understood(read(written(tmp_path, raw)))
    harmless(str(no.value))


def test_what_isnt_utf_8_is_said_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "场景: x".encode(), "当 断网".encode("gb18030"), "那么 屏幕有 x".encode())
    with pytest.raises(ScenarioError, match=r":2: this line isn't UTF-8"):
        read(path)


def test_what_nobody_sees_is_named_by_its_number(tmp_path: Path) -> None:
    path = written(tmp_path, "场景: x".encode(), "那么 屏幕有 王\u202e明".encode())
    with pytest.raises(ScenarioError, match=r":2: the line has characters that nobody sees \(U\+202E\)"):
        read(path)


@pytest.mark.parametrize("name", RARE_NAMES)
def test_a_name_as_it_stands_on_a_certificate_may_stand_in_a_scenario(tmp_path: Path, name: str) -> None:
    scenario = read(written(tmp_path, "场景: x".encode(), f"那么 屏幕有 {name}".encode()))
    assert scenario.steps[0].says == f"屏幕有 {name}"


def played(folder: Path, *lines: str) -> Stopped:
    """Play a scenario that comes to an end before its last line, and return how."""
    path = written(folder, "场景: x".encode(), *(line.encode() for line in lines), "那么 待上传有 承诺".encode())
    number = len(lines) + 1

    def keep(name: str, _picture: str) -> None:
        raise AssertionError(f"{name} was taken")

    with pytest.raises(Stopped) as stopped:
        asyncio.run(play(read(path), "80x24", "zh-CN", folder / "desk", keep))
    assert stopped.value.error.line == number
    harmless(str(stopped.value.error))
    return stopped.value


@pytest.mark.parametrize(
    "line",
    [
        *("假设 现在是 2026-13-45 99:99", "假设 坐席是 [/]", "假设 客户: [red]红 13800002222 '; DROP"),
        *("假设 客户: 王 13800002222 欠费 1.2.3", "假设 客户: 王 13800002222 欠费 99999999999999999999999"),
        *("当 [@click=app.quit]点我[/] 来电", "当 中心退回 \\[b]: x", "当 中心退回 备注: ''"),
    ],
)
def test_a_step_that_means_nothing_is_an_error_with_its_line(tmp_path: Path, line: str) -> None:
    played(tmp_path, line)


@pytest.mark.parametrize("name", [*(name for name in FILE_NAMES if name.isprintable() and name), "[red]红[/red]"])
def test_a_picture_is_kept_beside_its_scenario_and_nowhere_else(tmp_path: Path, name: str) -> None:
    if len(name) > 200:
        name = name[:200]
    assert "a picture's name has" in str(played(tmp_path, "当 断网", f"图: {name}"))


def test_a_scenario_of_hostile_customers_and_answers_is_played_as_texts(tmp_path: Path) -> None:
    """Nobody's name, and no reason, is anything but read."""
    customers = [f"假设 客户: {words} 138000022{n:02}" for n, words in enumerate(MARKUP) if len(words) < 60]
    steps = ["当 13800002200 来电", "当 输入 [@click=app.quit]{0}", "当 中心退回 备注: self=1 code=2 values=3"]
    stopped = played(tmp_path, *customers, *steps, "当 没有 来电")
    assert "nobody is called" in str(stopped.error)


# ------------------------------------------------------------ what a run left, and its page


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


HTML = [
    "</pre><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<!--",
    "]]>",
    "</title></style><svg onload=alert(1)>",
    "&#27;[31m",
    "javascript:alert(1)",
]


def left(folder: Path, words: str) -> Result:
    """Return what a run left, with words in all of its texts."""
    svg = folder / f"{abs(hash(words))}.svg"
    svg.write_text(f"{drawn('旧')}{words}".encode("utf-8", "replace").decode(), "utf-8")
    after = folder / f"{abs(hash(words))}-after.svg"
    after.write_text(drawn(words.replace("<", "&lt;")).encode("utf-8", "replace").decode(), "utf-8")
    steps = (StepResult(3, words, "done", (words,)), StepResult(4, words, "failed", ()))
    pictures_ = (
        PictureResult(words, "changed", False, str(svg), str(after)),
        PictureResult(words, "new", True, None, f"{folder}/{words[:50]}.svg"),
    )
    return Result(words, words, __file__, words, "failed", f"{words}\n{words}", steps, pictures_)


def test_the_page_shows_hostile_texts_as_texts(tmp_path: Path) -> None:
    ours = Page(page([left(tmp_path, "words")], "today"))
    for words in [*HTML, *POISON]:
        found = page([left(tmp_path, words)], "today")
        for line in found.split("\n"):
            assert drawable(line), ascii(line)[:200]
        read_ = Page(found)
        assert read_.tags <= ours.tags
        assert read_.attributes <= ours.attributes
        assert all(link.startswith(("#", "data:image/svg+xml;base64,")) for link in read_.links)
        assert "default-src 'none'" in found


def test_what_a_run_left_of_hostile_names_is_found_again_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in [*HTML, *HOSTILE, *FILE_NAMES]:
        results.keep(tmp_path, left(tmp_path, words))
    assert len(load(tmp_path)) == len({*HTML, *HOSTILE, *FILE_NAMES})
    monkeypatch.chdir(tmp_path)
    ran = inside("qa", "report", "--results", tmp_path, "--out", tmp_path / "page.html")
    assert (ran.code, ran.err) == (1, "")
    for line in (tmp_path / "page.html").read_text("utf-8").split("\n"):
        assert drawable(line)


def forged() -> list[Any]:
    """Return results that nobody's run left."""
    good = asdict(Result("id", "title", __file__, "", "passed", "", (StepResult(1, "x", "done", ()),), ()))
    (step,) = good["steps"]
    picture = asdict(PictureResult("a", "new", False, None, "/etc/passwd"))
    return [
        *({**good, "outcome": words} for words in ('"><script>alert(1)</script>', None, 1, ["passed"])),
        *({**good, name: 1} for name in good),
        *({**good, "steps": [{**good["steps"][0], name: HTML[0]}]} for name in ("line", "state", "pictures", "more")),
        {**good, "pictures": [picture]},
        {**good, "pictures": [{**picture, "before": "../../secret", "after": "a.svg"}]},
        {**good, "pictures": [{**picture, "state": HTML[1], "after": "a.svg"}]},
        {**good, "pictures": [{**picture, "after": None}]},
        {**good, "pictures": [{**picture, "accepted": 1, "after": "a.svg"}]},
        *({**good, "steps": [{**good["steps"][0], "line": line}]} for line in (True, "1", 1.0, 1.5, None)),
        {**good, "steps": [{**good["steps"][0], "pictures": "abc"}]},
        *({name: good[name] for name in good if name != gone} for gone in good),
        *({**good, "steps": [{name: step[name] for name in step if name != gone}]} for gone in step),
        [good],
        None,
    ]


@pytest.mark.parametrize("raw", [*(json.dumps(one).encode() for one in forged()), *json_texts().values()])
def test_a_file_that_is_no_result_is_said_in_one_line_and_stands_on_no_page(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "one.json").write_bytes(raw)
    with pytest.raises(BadResult):
        load(tmp_path)
    ran = inside("qa", "report", "--results", tmp_path, "--out", tmp_path / "page.html")
    assert ran.code == 1
    assert "one.json is no result of a run" in ran.error
    assert not (tmp_path / "page.html").exists()


def test_a_difference_of_hostile_pictures_is_said_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    for words in POISON:
        text = words.replace("&", "&amp;").replace("<", "&lt;")
        escaped = "".join(f"&#{ord(one)};" if not one.isprintable() else one for one in text[:300])
        path.write_text(drawn(escaped), "utf-8")
        for after in (drawn("今"), drawn("今", line=999_999_999), drawn("今", x=1e300)):
            harmless(pictures.compare("a", path, after, accept=False).message())
