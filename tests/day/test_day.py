"""The list of docs/DAY.md, played as it stands there: twenty calls one after the other at one desk."""

from __future__ import annotations

from pathlib import Path

from agentdesk.qa.centre import ScriptedCentre
from agentdesk.qa.clock import MINUTE
from agentdesk.qa.driving import ENTER_WAKES_MS, come_to_rest, ring, running, until, visible_text
from agentdesk.qa.hand import Hand
from agentdesk.telephony.model import CallMoment
from tests.day.calls import PAGE, PLAYED, Listed, Played, came_out, done, listed
from tests.day.world import prepare
from tests.desk.world import Desk

CALLS = listed(PAGE.read_text(encoding="utf-8"))
SIZE = (100, 36)


def test_the_list_is_whole_and_counts_its_keys_right() -> None:
    assert [call.number for call in CALLS] == list(PLAYED) == list(range(1, 21))
    for call in CALLS:
        assert call.keys == sum(1 for step in call.steps if step.key), call.title
        assert call.typed == sum(len(step.text) for step in call.steps), call.title


async def test_twenty_calls_are_done_with_the_keys_of_the_list(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    site = desk.site()
    prepare(site)
    site.close()
    centre = ScriptedCentre(desk.site)
    async with running(desk, SIZE) as hand:
        for call in CALLS:
            before = done(desk.site)
            await begun(desk, hand, PLAYED[call.number], centre)
            await played(desk, hand, call)
            made = [entry for entry in done(desk.site).values() if entry.id not in before]
            problem = came_out(PLAYED[call.number], made) or (desk.app.flow.contact and "a contact is left open")
            assert not problem, f"{call.number}. {call.title}: {problem}\n{visible_text(desk.app)}"
            desk.clock.advance(2 * MINUTE)
            centre.restore()
            centre.exchange()
            await come_to_rest(desk, hand)


async def begun(desk: Desk, hand: Hand, play: Played, centre: ScriptedCentre) -> None:
    """Let a call begin."""
    if play.begin == "line down":
        centre.cut()
        await come_to_rest(desk, hand)
    if play.begin == "gave up":
        call_id = await ring(desk, hand, play.caller)
        desk.clock.advance(MINUTE // 3)
        assert desk.phone is not None
        await desk.phone.move(call_id, CallMoment.ABANDONED)
        await until(hand, lambda: desk.app.flow.contact is None)
        await come_to_rest(desk, hand)
    elif play.begin != "nobody":
        await ring(desk, hand, play.caller)


async def played(desk: Desk, hand: Hand, call: Listed) -> None:
    """Press the keys of a call, not before each screen is awake."""
    for step in call.steps:
        desk.clock.advance(ENTER_WAKES_MS)
        await hand.press(*step.pressed)
