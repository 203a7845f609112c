"""How tests drive a desk: what comes with the package, and the words of this desk in Chinese."""

from __future__ import annotations

from agentdesk.qa.driving import answered, ring, running, screen_text, until, verified, wait_for
from agentdesk.qa.hand import LONG_S, Hand
from tests.desk.world import Desk

__all__ = [
    "LONG_S",
    "Hand",
    "answered",
    "looked_for",
    "note_box",
    "promised",
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
