"""A session that is recorded is played again step by step: the same input gives the same picture, byte for byte."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events

from agentdesk.cli import launch
from agentdesk.cli.config import read_config
from agentdesk.cli.program import main
from agentdesk.domain.language.text import cells
from agentdesk.qa import svg
from agentdesk.qa.driving import visible_text
from agentdesk.replay.desk import RecordedDesk
from agentdesk.replay.play import playing
from agentdesk.replay.record import Recorder
from agentdesk.replay.tape import read
from tests.desk.driving import Hand, answered, running, until, wait_for
from tests.desk.world import WANG, Desk

HEAD = '{"session": 1, "program": "1", "size": [80, 24]}\n'


def recorded(folder: Path, file: Path, *, real: bool = False, **more: object) -> Desk:
    """Return a desk that records; an invented world is written as it is."""
    desk = Desk(folder, **more)  # type: ignore[arg-type]
    desk.app = RecordedDesk(desk.settings, Recorder(file, desk.clock, desk.entropy, real=real))
    return desk


class Watched:
    """Pictures of a desk at the steps of its recording."""

    def __init__(self, desk: Desk) -> None:
        self.app = desk.app
        self.clock = desk.clock
        self.pictures: dict[int, str] = {}

    async def look(self, hand: Hand) -> None:
        """Take a picture; nothing has come since that isn't shown, nor is on its way."""
        assert isinstance(self.app, RecordedDesk)
        await hand.pause()
        self.pictures[self.app.recorder.step] = svg.take(self.app)

    async def press(self, hand: Hand, *keys: str) -> None:
        """Press keys, and take a picture at each."""
        for key in keys:
            self.clock.advance(600)
            await hand.press(key)
            await self.look(hand)


async def a_call(desk: Desk) -> dict[int, str]:
    """Take a call: verify the caller, make a promise, tell it, write a note, open a ticket's page, wrap up."""
    seen = Watched(desk)
    async with running(desk) as hand:
        await seen.look(hand)
        await answered(desk, hand, WANG)
        await seen.look(hand)
        await seen.press(hand, "v", *"246810", "enter")
        await until(hand, lambda: desk.facts.verified)
        await seen.look(hand)
        await seen.press(hand, "1")
        await wait_for(hand, "承诺")
        await seen.press(hand, "enter")
        await wait_for(hand, "已承诺")
        await seen.press(hand, "escape", "n")
        await seen.press(hand, *"喜欢早上 13812345678 Li", "enter", "slash", *"186", "escape")
        await hand.resize_terminal(120, 40)
        await until(hand, lambda: len(svg.lines(svg.take(desk.app))) > 30)
        await seen.look(hand)
        await seen.press(hand, "a", "escape", "question_mark", "escape")
    return seen.pictures


def at(pictures: dict[int, str], number: int) -> str:
    """Return the picture at a step; looks at the files that found nothing new leave no step."""
    return pictures[max(one for one in pictures if one <= number)]


async def played(file: Path, upto: int | None = None) -> dict[int, str]:
    """Return the pictures of a recording, step by step; the desk did at each what it did in the session."""
    found: dict[int, str] = {}
    async with playing(read(file)) as player:
        async for step in player.steps(upto):
            found[step.number] = player.picture()
        assert not player.parted, player.parted
    return found


async def test_a_call_that_is_played_again_looks_the_same_at_every_step(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    live = await a_call(recorded(tmp_path / "desk", file))
    again = await played(file)
    assert len(live) > 25
    assert [number for number, picture in live.items() if at(again, number) != picture] == []
    middle = sorted(live)[len(live) // 2]
    assert at(await played(file, middle), middle) == live[middle]


async def test_a_recording_names_nobody_and_is_played_the_same_each_time(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    live = await a_call(recorded(tmp_path / "desk", file, real=True))
    written = file.read_text("utf-8")
    said = [
        "王敏慧",
        "张敏",
        "bj1024",
        '"1024"',
        "18612345678",
        "喜欢早上",
        "喜欢下午接电话",
        "每天晚上都掉线",
        "已开障碍单",
        "幸运点播",
    ]
    assert [one for one in said if one in written] == []
    typed = "".join(step.data["character"] or "" for step in read(file).steps if step.what == "key")
    assert [one for one in ("246810", "喜", "13812", "5678", "Li") if one in typed] == []
    first, second = await played(file), await played(file)
    assert first == second
    # the shape stays: what stood on a line stands there, as wide as it was
    for number, picture in live.items():
        lines, others = svg.lines(picture), svg.lines(at(first, number))
        assert [cells(line) for line in lines] == [cells(line) for line in others], number


async def test_a_number_that_comes_faster_than_any_hand_types_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    desk = recorded(tmp_path / "desk", file, real=True)
    async with running(desk) as hand:
        await answered(desk, hand, WANG)
        for key in "v246810":  # at once: the dialog isn't open yet
            desk.app.post_message(events.Key(key, key))
        await hand.pause()
    typed = "".join(step.data["character"] or "" for step in read(file).steps if step.what == "key")
    assert typed.startswith("v")
    assert len(typed) == len("v246810")
    assert not set(zip(typed[1:], "246810", strict=True)) & {(one, one) for one in "246810"}


async def test_what_was_written_before_the_desk_was_killed_is_played(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    await a_call(recorded(tmp_path / "desk", file))
    whole = file.read_bytes()
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(whole[: len(whole) * 9 // 10])
    recording = read(torn)
    assert recording.cut
    last = recording.steps[-1].number
    found, all_of_it = await played(torn, last - 1), await played(file)
    # what the last answers were may be lost; what was answered before isn't
    assert found == {number: picture for number, picture in all_of_it.items() if number < last}


async def test_a_disk_that_is_full_ends_the_recording_and_not_the_desk(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    desk = Desk(tmp_path / "desk")
    recorder = Recorder(file, desk.clock, desk.entropy)
    recorder._file.close()
    recorder._file = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115
    desk.app = RecordedDesk(desk.settings, recorder)
    async with running(desk) as hand:
        await until(hand, lambda: recorder.problem)
        assert "No space left" in recorder.problem
        await until(hand, lambda: "录制已停止" in visible_text(desk.app))
        await answered(desk, hand, WANG)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "no session"),
        ("no json\n", 1, "it isn't JSON"),
        ('{"other": 1}\n', 1, "no session"),
        ('{"session": 99, "program": "1", "size": [80, 24]}\n', 1, "its form is 99"),
        (HEAD, 2, "it ends before it begins"),
        (HEAD + '{"settings": {}, "keymap": null}\n{"what": 1}\n', 3, "it is none of a recording"),
        (HEAD + '{"settings": {}, "keymap": null}\n{"said": "x", "same": true}\n', 3, "wasn't said before"),
        (HEAD + '{"settings": {}, "keymap": null}\n{"said": "x", "v": {"$": "document", "v": 7}}\n', 3, "KeyError"),
        (HEAD + '{"settings": {"$": "value", "of": "os:system", "v": {}}, "keymap": null}\n', 1, "has no place"),
        (HEAD + '{"settings": {}, "keymap": null}\n{"said": "x", "v": {"$": "error", "of": "builtins:exec"}}\n', 3, ""),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, line: int, why: str
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(text, "utf-8")
    assert main(["replay", str(file)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"agentdesk replay: {file}, line {line}: ")
    assert why in told
    assert told.count("\n") == 1


def test_the_command_shows_a_step_and_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, picture = tmp_path / "session.jsonl", tmp_path / "step.svg"
    live = asyncio.run(a_call(recorded(tmp_path / "desk", file)))
    number = sorted(live)[8]
    assert main(["replay", str(file), "--step", str(number), "--svg", str(picture)]) == 0
    assert picture.read_text("utf-8") == live[number]
    assert capsys.readouterr().out.rstrip() == "\n".join(svg.lines(live[number])).rstrip()
    assert main(["replay", str(file), "--steps"]) == 0
    told = capsys.readouterr().out
    assert "key enter" in told
    assert "size 120 x 40" in told
    assert main(["replay", str(file), "--step", "99999"]) == 1
    assert "there is no step 99999" in capsys.readouterr().err


def test_a_site_says_in_which_folder_its_sessions_are_kept(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[desk]\nrecord = "sessions"\n', "utf-8")
    config = read_config(tmp_path)
    assert config.desk.record == "sessions"
    made = launch._desk(Desk(tmp_path / "desk").settings, None, tmp_path / config.desk.record)
    assert isinstance(made, RecordedDesk)
    assert made.recorder.path.parent == tmp_path / "sessions"
    made.recorder.end()
    (tmp_path / "taken").write_text("", "utf-8")
    without = launch._desk(Desk(tmp_path / "other").settings, None, tmp_path / "taken")
    assert not isinstance(without, RecordedDesk)
    assert "nothing is recorded" in without.settings.problems[0]
