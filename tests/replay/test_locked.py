"""A session at a desk that was locked is played again: who came in is let in, and nothing of what he typed is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.desk.screens.lock import LockScreen
from agentdesk.domain.documents import Document
from agentdesk.qa.cast import AGENT
from agentdesk.replay.desk import RecordedDesk
from agentdesk.replay.record import Recorder
from agentdesk.replay.tape import read
from tests.desk.driving import answered, running, until
from tests.desk.locked import COLLEAGUE, OTHERS, PASSWORD, PIN, give_pin, locked
from tests.desk.world import WANG, Desk, fill
from tests.replay.test_replay import Watched, at, played


def recorded(folder: Path, file: Path) -> Desk:
    """Return a desk on a locked site, whose agent signed in, that records an invented world."""
    desk = locked(folder)
    desk.app = RecordedDesk(desk.settings, Recorder(file, desk.clock, desk.entropy, real=False))
    return desk


def keys(words: str) -> list[str]:
    return ["space" if one == " " else one for one in words]


@pytest.mark.parametrize(
    ("by", "typed"),
    [
        ("his password", [*keys(PASSWORD), "enter"]),
        ("his PIN", ["f2", *PIN, "enter"]),
        ("a colleague", ["tab", *COLLEAGUE, "enter", *keys(OTHERS), "enter"]),
    ],
)
async def test_a_desk_that_was_locked_and_opened_looks_the_same_again(
    tmp_path: Path, by: str, typed: list[str]
) -> None:
    file = tmp_path / "session.jsonl"
    desk = recorded(tmp_path / "desk", file)
    site = desk.site()
    give_pin(site, AGENT)
    site.close()
    seen = Watched(desk)
    async with running(desk) as hand:
        if by != "a colleague":
            await answered(desk, hand, WANG)
        await seen.look(hand)
        await seen.press(hand, "ctrl+l")
        await until(hand, lambda: isinstance(desk.app.screen, LockScreen))
        await seen.look(hand)
        await hand.press(*typed)
        await until(hand, lambda: not isinstance(desk.app.screen, LockScreen))
        await seen.look(hand)
        if by == "a colleague":
            assert desk.app.settings.agent.id == COLLEAGUE
        await seen.press(hand, "n" if by != "a colleague" else "l")
        # what sync brings is looked at together with whether he may still sit there
        site = desk.site()
        fill(site, "org", [Document("org", "bj9999", "agent", 1, {"name": "某人", "role": "agent"})], upto=30)
        site.close()
        desk.clock.advance(1_000)
        desk.app.news.beat()
        await seen.look(hand)
        await seen.press(hand, "escape")
    assert ("Lock.stand" in file.read_text("utf-8")) is (by != "his PIN")
    again = await played(file)
    assert [number for number, picture in seen.pictures.items() if at(again, number) != picture] == []
    steps = read(file).steps
    assert [step.what for step in steps if step.what in ("entered", "unlocked")] == [
        "unlocked" if by == "his PIN" else "entered"
    ]
    pressed = [step.data["key"] for step in steps if step.what == "key"]
    assert pressed[pressed.index("ctrl+l") + 1 :] == [pressed[-2], "escape"], "nothing that was typed at the lock"
