"""The door before the desk and the lock over it: hostile names, numbers, passwords and answers are only read."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from agentdesk.desk.models.sign_in import reason
from agentdesk.desk.screens.gate import LONGEST_NUMBER, Gate
from agentdesk.desk.screens.lock import LockScreen
from agentdesk.desk.settings import SampleAgent
from agentdesk.desk.widgets.field import Field
from agentdesk.desk.widgets.secret import Secret
from agentdesk.domain.documents import Document
from agentdesk.qa.cast import AGENT
from agentdesk.qa.clock import FrozenClock, SeededEntropy
from agentdesk.qa.driving import come_to_rest
from agentdesk.sync.entering import Door, Entered, NotIn, Why
from agentdesk.trust.vault_file import FILE
from tests.desk.door import before
from tests.desk.driving import running, until
from tests.desk.locked import CHEAP, COLLEAGUE, KEY, OTHERS, PASSWORD, locked
from tests.desk.test_hostile import SIZES, harmless
from tests.desk.world import DAY, fill
from tests.hostile import HOSTILE, LONG_LINE, QUERIES, drawable
from tests.poisoned import POISON, Poisoner

TOLD: tuple[Why, ...] = ("bad", "not_his", "vault")
"""Answers that come with another room's words."""
TYPED = (*HOSTILE, *QUERIES, LONG_LINE)


class Answering(Door):
    """A door that answers with the next hostile words each time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, FrozenClock(), SeededEntropy(random.Random(3)))
        self.said = 0

    def enter(self, typed: str, password: str, new_password: str | None = None) -> Entered:
        self.said += 1
        words = POISON[self.said % len(POISON)]
        raise NotIn(TOLD[self.said % len(TOLD)], words=f"不行{words}")


def asks(gate: Gate) -> str:
    return gate.stage


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_whatever_is_pasted_at_the_sign_in_and_answered_there_is_a_text(tmp_path: Path, language: str) -> None:
    door = Answering(tmp_path)
    async with before(door, language=language) as (hand, gate):
        typed = TYPED if language == "zh-CN" else TYPED[::6]
        for count, words in enumerate(typed):
            gate.query_one(Field).post_message(events.Paste(words))
            await hand.pause()
            harmless(hand.app)
            await hand.press("1", "enter")
            assert asks(gate) == "password"
            assert drawable(gate.number)
            assert 1 <= len(gate.number) <= LONGEST_NUMBER
            gate.query_one(Secret).post_message(events.Paste(words))
            await hand.pause()
            await hand.press("x", "enter")
            harmless(hand.app)
            assert "不行" in gate.problem
            if count % 20 == 0:
                await hand.resize_terminal(*SIZES["160x48"])
                await hand.pause()
                harmless(hand.app)
                await hand.resize_terminal(*SIZES["80x24"])
            await hand.press("escape")
            assert asks(gate) == "number"
        assert door.said == len(typed)


async def test_the_number_that_a_file_or_the_command_line_names_is_a_text_at_the_sign_in(tmp_path: Path) -> None:
    for words in POISON[::3]:
        async with before(Answering(tmp_path), words) as (hand, _gate):
            harmless(hand.app)


@pytest.mark.parametrize("knows_the_key", [True, False])
def test_no_number_and_no_password_is_anything_but_wrong_to_a_door(tmp_path: Path, knows_the_key: bool) -> None:
    desk = locked(tmp_path)
    door = Door(tmp_path, desk.clock, desk.entropy, KEY if knows_the_key else None, CHEAP)
    for words in TYPED:
        for number, password in ((AGENT, words), (words, PASSWORD), (words, words)):
            desk.clock.advance(DAY)
            with pytest.raises(NotIn) as no:
                door.enter(number, password)
            assert drawable(reason(no.value))
            assert no.value.why in {"wrong", "locked", "unknown", "first", "line"}
            assert not any(PASSWORD in repr(error) for error in behind(no.value)), "what was typed is told nowhere"


def behind(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_a_vault_in_which_every_text_is_hostile_lets_nobody_in_and_says_nothing_of_them(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    path = tmp_path / FILE
    whole = json.loads(path.read_text("utf-8"))
    for words in TYPED:
        path.write_text(json.dumps(_poisoned(whole, words)), "utf-8")
        with pytest.raises(NotIn) as no:
            Door(tmp_path, desk.clock, desk.entropy, None, CHEAP).enter(AGENT, PASSWORD)
        assert drawable(reason(no.value))
        assert len(reason(no.value)) < 400


def _poisoned(value: object, words: str) -> object:
    """Return a vault with words behind each of its texts but the ciphers'."""
    if isinstance(value, dict):
        return {name: words if name == "agent" else _poisoned(item, words) for name, item in value.items()}
    return [_poisoned(item, words) for item in value] if isinstance(value, list) else value


async def test_the_lock_shows_who_sits_there_and_a_demos_staff_as_texts(tmp_path: Path) -> None:
    poisoner = Poisoner(0)
    staff = tuple(
        SampleAgent(*(poisoner.text(words) for words in ("bj", "张", "agent", "password", "318204"))) for _ in range(4)
    )
    desk = locked(tmp_path, sample_staff=staff)
    async with running(desk, SIZES["80x24"]) as pilot:
        for count, words in enumerate(POISON):
            named = {"name": f"张{words}", "number": f"10{words}", "role": f"agent{words}"}
            await desk.app.manner.take_over(Document("org", AGENT, "agent", count + 20, named))
            desk.app.lock.close(dismissed=count % 2 == 1)
            await until(pilot, lambda: isinstance(desk.app.screen, LockScreen))
            for size in SIZES.values() if count % 20 == 0 else (SIZES["80x24"],):
                await pilot.resize_terminal(*size)
                await come_to_rest(desk, pilot)
                harmless(desk.app)
            if count % 10 == 0:
                await pilot.press("tab")
                harmless(desk.app)
            desk.app.lock.open()
            await until(pilot, lambda: not isinstance(desk.app.screen, LockScreen))
            harmless(desk.app)


async def test_a_colleague_whom_the_centre_gave_hostile_names_takes_over_and_is_locked_out(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    poisoner = Poisoner(40)
    site = desk.site()
    known = site.view.document("org", COLLEAGUE)
    assert known is not None
    texts = {name: poisoner.text(str(value)) for name, value in known.data.items() if isinstance(value, str)}
    fill(site, "org", [replace(known, rev=known.rev + 1, data={**known.data, **texts, "role": "agent"})], upto=30)
    site.close()
    async with running(desk, SIZES["80x24"]) as pilot:
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(desk.app.screen, LockScreen))
        await pilot.press("tab", *COLLEAGUE, "enter")
        harmless(desk.app)
        await pilot.press(*("space" if letter == " " else letter for letter in OTHERS), "enter")
        await until(pilot, lambda: not isinstance(desk.app.screen, LockScreen))
        assert desk.app.settings.agent.id == COLLEAGUE
        harmless(desk.app)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(desk.app.screen, LockScreen))
        harmless(desk.app)
