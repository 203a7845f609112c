"""How tests drive a desk: what comes with the package, and the words of this desk in Chinese."""

from __future__ import annotations

from agentdesk.qa.driving import answered, ring, running, screen_text, until, verified, wait_for
from agentdesk.qa.hand import LONG_S, Hand
from agentdesk.telephony.model import CallMoment
from tests.desk.world import Desk

__all__ = [
    "LONG_S",
    "Hand",
    "answered",
    "breaks_off",
    "gives_up",
    "looked_for",
    "note_box",
    "promised",
    "read_then",
    "ring",
    "running",
    "screen_text",
    "until",
    "verified",
    "wait_for",
]


async def promised(desk: Desk, pilot: Hand, key: str, asked: str = "") -> None:
    """Make the promise of a key, once the words asked are on the screen; it isn't told yet."""
    await pilot.press(key)
    await wait_for(pilot, asked)
    desk.clock.advance(500)
    await pilot.press("enter")
    await wait_for(pilot, "已承诺")


async def read_then(desk: Desk, pilot: Hand, words: str, *keys: str) -> None:
    """Press keys once words stand on the screen for so long that Enter is awake there."""
    await wait_for(pilot, words)
    desk.clock.advance(500)
    await pilot.press(*keys)


async def breaks_off(desk: Desk, pilot: Hand, number: str) -> None:
    """Answer somebody, and let the network drop the call."""
    call_id = await answered(desk, pilot, number)
    assert desk.phone is not None
    await desk.phone.move(call_id, CallMoment.ENDED, reason="network out of order")
    await until(pilot, lambda: not desk.contact.live)


async def gives_up(desk: Desk, pilot: Hand, number: str, after_ms: int = 20_000) -> None:
    """Let somebody wait in vain and hang up."""
    call_id = await ring(desk, pilot, number)
    assert desk.phone is not None
    desk.clock.advance(after_ms)
    await desk.phone.move(call_id, CallMoment.ABANDONED)
    await until(pilot, lambda: desk.app.flow.contact is None)


async def looked_for(pilot: Hand, typed: str, found: str = "") -> None:
    """Open the search, type, and wait until words of what is found stand there."""
    await pilot.press("slash")
    await wait_for(pilot, "号码、姓名")
    await pilot.press(*typed)
    await wait_for(pilot, found)


async def note_box(desk: Desk, pilot: Hand) -> None:
    """Open the box for a note, and wait until its Enter is awake."""
    await pilot.press("n")
    await wait_for(pilot, "保存")
    desk.clock.advance(500)
