"""How tests drive a desk: rings, keys and waiting for what is meant to happen, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from agentdesk.desk.models.rows import text
from agentdesk.desk.widgets.lines import Lines
from tests.desk.world import PASSWORD, Desk

LONG_S = 60.0
"""Far more than anything here takes: only a failing test waits for so long."""

HOPS = 8
"""Over more widgets no message travels: from the app down to a field, up again, and to a screen that it opens."""


class Hand(Pilot[None]):
    """A pilot whose every key has done all that it does before the next one, however slow the machine is."""

    async def press(self, *keys: str) -> None:
        """Press keys; each has arrived, and what it began beside the screen is over, before the next."""
        for key in keys:
            await super().press(key)
            await self.pause()

    async def strike(self, *keys: str) -> None:
        """Press keys that may begin something which isn't over yet."""
        for key in keys:
            await super().press(key)
            await self._arrived()

    async def pause(self, delay: float | None = None) -> None:
        """Wait until every message has arrived and nothing runs beside the screen but the phone."""
        end = time.monotonic() + LONG_S
        await self._arrived()
        while self._busy():
            assert time.monotonic() < end, f"it goes on and on: {[worker.name for worker in self.app.workers]}"
            await asyncio.sleep(0.005)
            await self._arrived()

    def _busy(self) -> bool:
        return any(worker.is_running and worker.name != "calls" for worker in self.app.workers)

    async def _arrived(self) -> None:
        for _ in range(HOPS):
            if not self.app.screen_stack:
                return  # the desk has been left
            await super().pause(0)


@asynccontextmanager
async def running(desk: Desk, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Hand]:
    """Run a desk until its phone is connected; whatever failed beside the screen fails the test."""
    async with desk.app.run_test(size=size):
        pilot = Hand(desk.app)
        await until(pilot, lambda: desk.phone is not None and desk.app.flow.switchboard is not None)
        yield pilot
        assert not desk.app.failures, desk.app.failures


async def until(pilot: Pilot[None], met: Callable[[], object]) -> None:
    """Wait until something holds, and all that led to it is shown; fail when it doesn't happen."""
    end = time.monotonic() + LONG_S
    while not met():
        if time.monotonic() > end:
            raise AssertionError(f"it didn't happen:\n{screen_text(pilot)}")
        await asyncio.sleep(0.01)
        await pilot.pause()
    await pilot.pause()


async def ring(desk: Desk, pilot: Hand, number: str, *, wake: bool = True) -> str:
    """Let somebody ring and wait until his card is painted; Enter is awake afterwards."""
    assert desk.phone is not None
    call_id, _new = await desk.phone.ring(number)
    await until(pilot, lambda: desk.app.flow.contact is not None and desk.app.flow.contact.opened)
    if wake:
        desk.clock.advance(500)
    return call_id


async def answered(desk: Desk, pilot: Hand, number: str) -> str:
    """Let somebody ring, and answer."""
    call_id = await ring(desk, pilot, number)
    await pilot.press("enter")
    await until(pilot, lambda: desk.app.flow.state == "talking")
    return call_id


async def verified(desk: Desk, pilot: Hand, number: str) -> str:
    """Let somebody ring, answer, and verify him by his service password."""
    call_id = await answered(desk, pilot, number)
    await pilot.press("v")
    desk.clock.advance(500)
    await pilot.press(*PASSWORD, "enter")
    await until(pilot, lambda: desk.facts.verified)
    return call_id


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


async def wait_for(pilot: Hand, words: str) -> None:
    """Wait until words stand on the screen."""
    await until(pilot, lambda: words in screen_text(pilot))


def screen_text(pilot: Pilot[None]) -> str:
    """Return what the screen on top and the ones that shine through show, as text."""
    lines = []
    for screen in pilot.app.screen_stack:
        for widget in screen.query(Lines):
            if widget.display:
                lines += [text(line) for line in widget.rows]
    return "\n".join(lines)
