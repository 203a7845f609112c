"""What the plugin gives a test: a desk, its centre, its clock; and a hand that waits for what it began."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input

from agentdesk.desk.app import DeskApp
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.verdict import Verdict
from agentdesk.qa.cast import WANG
from agentdesk.qa.centre import ScriptedCentre
from agentdesk.qa.clock import NOW, FrozenClock
from agentdesk.qa.desk import Desk
from agentdesk.qa.driving import answered, come_to_rest, running, screen_text, wait_for
from agentdesk.qa.hand import Hand, key_name
from agentdesk.qa.plugin import MakeDesk, OpenDesk
from tests.waiting import until


async def noted(desk: Desk, hand: Hand, words: str) -> None:
    await hand.press("n")
    desk.clock.advance(500)
    await hand.press(*words, "enter")


async def test_a_centre_applies_what_its_script_doesnt_name(
    desk: Desk, open_desk: OpenDesk, qa_centre: ScriptedCentre, qa_clock: FrozenClock
) -> None:
    assert qa_clock.wall_ms() == NOW
    async with open_desk(desk) as hand:
        await answered(desk, hand, WANG)
        await noted(desk, hand, "abc")
        qa_centre.answers("note.added", Verdict.REFUSED, Reason.of("ticket_state", state="archived", move="noted"))
        answers = qa_centre.exchange()
        assert {answer.verdict for answer in answers} == {Verdict.APPLIED, Verdict.REFUSED}
        await wait_for(hand, "待您处理 1")
        assert qa_centre.exchange() == []


async def test_a_centre_can_be_out_of_reach(desk: Desk, open_desk: OpenDesk, qa_centre: ScriptedCentre) -> None:
    async with open_desk(desk) as hand:
        qa_centre.cut()
        await come_to_rest(desk, hand)
        assert "断网 2 分钟" in screen_text(hand)
        qa_centre.restore()
        await come_to_rest(desk, hand)
        assert "断网" not in screen_text(hand)


async def test_desks_of_one_test_have_worlds_of_their_own(make_desk: MakeDesk, open_desk: OpenDesk) -> None:
    one, other = make_desk(), make_desk(language="en")
    assert one.folder != other.folder
    async with open_desk(other, (120, 40)) as hand:
        await wait_for(hand, "my open work 2")


async def test_closed_desks_are_let_go(tmp_path: Path) -> None:
    for number in range(5):
        async with running(Desk(tmp_path / str(number))):
            pass
    # threads that wait for work hold what they did last
    until(lambda: _desks() <= 2, "closed desks are let go")


def _desks() -> int:
    gc.collect()
    return sum(isinstance(found, DeskApp) for found in gc.get_objects())


class Slow(App[None]):
    """An app whose keys begin something that takes a while."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.run_worker(self._work(event.value))

    async def _work(self, value: str) -> None:
        await asyncio.sleep(0.02)
        self.call_later(self.done.append, value)


async def test_a_key_has_done_all_that_it_does_before_the_next_one() -> None:
    app = Slow()
    async with app.run_test():
        hand = Hand(app)
        for count, key in enumerate("a王/", 1):
            await hand.press(key)
            assert len(app.done) == count
        assert app.done[-1] == "a王/"


@pytest.mark.parametrize(
    ("character", "name"),
    [("/", "slash"), ("?", "question_mark"), ("-", "minus"), (" ", "space"), ("。", "ideographic_full_stop")],
)
def test_keys_have_the_names_that_the_toolkit_gives_them(character: str, name: str) -> None:
    assert key_name(character) == name
