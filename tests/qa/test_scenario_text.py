"""Scenarios as they are written: words in two languages, and errors that say where and what to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentdesk.qa.scenarios import people, words
from agentdesk.qa.scenarios.run import understood
from agentdesk.qa.scenarios.sentences import PLACES, SENTENCES, Sentence, meaning
from agentdesk.qa.scenarios.stage import Stage
from agentdesk.qa.scenarios.text import ScenarioError, Step, in_language, read

CHINESE = """\
# 一句说明
场景: 两个键
尺寸: 80x24
假设 断网
当 李强 来电
并且 按 回车 1
那么 屏幕有 "承诺" | "promise"
图: first
"""
ENGLISH = """\
Scenario: two keys
Sizes: 80x24
Given the line is cut
When Li Qiang calls
And the agent presses Enter 1
Then the screen says "承诺" | "promise"
Picture: first
"""
EXAMPLES = {
    "who": "李强",
    "what": "promise",
    "text": "13800002222",
    "keys": "Enter a",
    "number": "3",
    "size": "120x40",
    "time": "2026-11-24 14:32",
}


def written(folder: Path, text: str) -> Path:
    path = folder / "one.scenario.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_both_languages_say_the_same(tmp_path: Path) -> None:
    meant = []
    for text in (CHINESE, ENGLISH):
        scenario = read(written(tmp_path, text))
        assert scenario.sizes == ("80x24",)
        assert scenario.languages == ("zh-CN", "en")
        meant.append([(step.kind, found.act) for step, found in understood(scenario)])

    assert meant[0] == meant[1]
    assert [act for _kind, act in meant[0]] == ["is_cut", "calls", "presses", "on_screen", "takes_picture"]


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: f"{sentence.kind}-{sentence.act}")
def test_each_sentence_means_what_it_stands_for_and_something_does_it(sentence: Sentence) -> None:
    assert callable(getattr(Stage, sentence.act))
    for text in (*sentence.english, *sentence.chinese):
        says = text
        for name in PLACES:
            says = says.replace(f"<{name}>", EXAMPLES[name])
        found = meaning(Step(1, sentence.kind, says, says))
        assert found is not None, says
        assert found.act == sentence.act, says
        assert {name: EXAMPLES[name] for name in found.blanks} == dict(found.blanks)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("当 李强 来电\n那么 屏幕有 x\n", 1, "a scenario begins with its title"),
        ("场景: x\n当 李强 来电\n", 1, "a scenario expects something"),
        ("场景: x\n李强 来电\n", 2, "a line begins with one of these words"),
        ("场景: x\n并且 断网\n", 2, "needs a step before it"),
        ("场景: x\n当 断网\n假设 断网\n", 3, "what is given stands before"),
        ("场景: x\n尺寸: 大\n", 2, "such as 80x24"),
        ("场景: x\n语言: fr\n", 2, "the languages are zh-CN, en"),
        ("场景: x\n当 李强 打来一个电话\n那么 屏幕有 x\n", 2, "did you mean: <who> 打来电话"),
        ("Scenario: x\nWhen the line gets cut\nThen picture: x\n", 2, "did you mean: the line is cut"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(ScenarioError) as raised:
        understood(read(path))

    assert str(raised.value).startswith(f"{path}:{line}: ")
    assert problem in str(raised.value)


def test_where_two_languages_differ_each_desk_has_its_own_words() -> None:
    assert in_language("承诺 | promise", "zh-CN") == "承诺"
    assert in_language("承诺 | promise", "en") == "promise"
    assert in_language("王**", "en") == "王**"


@pytest.mark.parametrize(
    ("text", "pressed"),
    [
        ("回车 1 Enter", ["enter", "1", "enter"]),
        ("Esc、上 ctrl+t", ["escape", "up", "ctrl+t"]),
        ("ttc", ["t", "t", "c"]),
        ("/ ?", ["/", "?"]),
    ],
)
def test_keys_have_names_in_both_languages(text: str, pressed: list[str]) -> None:
    assert words.keys(text) == pressed


def test_words_stand_on_a_screen_wherever_its_lines_end() -> None:
    assert words.stands("within 4 h", " at the latest within\n 4 h   left")
    assert not words.stands("within 5 h", " at the latest within\n 4 h   left")


def test_a_customer_is_one_line() -> None:
    customer = people.customer_of("周建国 13800002222 金卡 欠费 88.00 停机", 0)

    assert customer.data["name"] == "周建国"
    assert customer.data["card"] == "gold"
    assert customer.data["accounts"][0]["arrears"] == 8800
    assert customer.data["subscriptions"][0]["status"] == "stopped"
    assert customer.data == people.customer_of("周建国, 13800002222, gold, arrears 88, stopped", 0).data


@pytest.mark.parametrize("text", ["周建国 金卡", "13800002222 金卡", "周建国 13800002222 铂金"])
def test_a_customer_who_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"customer|means nothing"):
        people.customer_of(text, 0)


def test_the_sentences_of_the_handbook_mean_the_same_in_both_languages(repository: Path, tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| ((?:Given|When|Then|Picture).*?) \| (.*?) \|$", (repository / "docs" / "QA.md").read_text("utf-8"), re.M
    )
    assert len(rows) >= len(SENTENCES)
    meant = []
    for side in zip(*rows, strict=True):
        steps = sorted(side, key=lambda text: not text.startswith(("Given", "假设")))
        scenario = read(written(tmp_path, "场景: x\n" + "\n".join(steps)))
        meant.append([found.act for _step, found in understood(scenario)])
    assert meant[0] == meant[1]
    assert set(meant[0]) == {sentence.act for sentence in SENTENCES}
