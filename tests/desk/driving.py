"""How tests drive a desk: rings, keys and waiting for what is meant to happen, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from agentdesk.desk.models.rows import text
from agentdesk.desk.widgets.lines import Lines
from tests.desk.world import Desk


@asynccontextmanager
async def running(desk: Desk, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """Run a desk until its phone is connected; whatever failed beside the screen fails the test."""
    async with desk.app.run_test(size=size) as pilot:
        await until(pilot, lambda: desk.phone is not None and desk.app.flow.switchboard is not None)
        yield pilot
        assert not desk.app.failures, desk.app.failures


async def until(pilot: Pilot[None], met: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until something holds; fail when it doesn't in time."""
    for _ in range(int(seconds / 0.01)):
        if met():
            await pilot.pause()
            return
        await asyncio.sleep(0.01)
        await pilot.pause()
    raise AssertionError(f"it didn't happen:\n{screen_text(pilot)}")


async def ring(desk: Desk, pilot: Pilot[None], number: str, *, wake: bool = True) -> str:
    """Let somebody ring and wait until his card is painted; Enter is awake afterwards."""
    assert desk.phone is not None
    call_id, _new = await desk.phone.ring(number)
    await until(pilot, lambda: desk.app.flow.contact is not None and desk.app.flow.contact.opened)
    if wake:
        desk.clock.advance(500)
    return call_id


async def answered(desk: Desk, pilot: Pilot[None], number: str) -> str:
    """Let somebody ring, and answer."""
    call_id = await ring(desk, pilot, number)
    await pilot.press("enter")
    await until(pilot, lambda: desk.app.flow.state == "talking")
    return call_id


async def wait_for(pilot: Pilot[None], words: str) -> None:
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
