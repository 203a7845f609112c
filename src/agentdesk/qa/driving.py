"""How a desk is driven: calls, keys, and waiting for what is meant to happen, never for a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual._styles_cache import StylesCache
from textual.pilot import Pilot

from agentdesk.desk.app import DeskApp
from agentdesk.desk.models.rows import text
from agentdesk.desk.screens.desk import DeskScreen
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.page import Page
from agentdesk.desk.widgets.lines import Lines
from agentdesk.qa import hand, svg
from agentdesk.qa.cast import PASSWORD
from agentdesk.qa.desk import Desk
from agentdesk.qa.hand import LONG_S, Hand

ENTER_WAKES_MS = 500
"""Longer than Enter is dead after something opened."""

ROUNDS = 6
"""More often nothing that is painted makes something change."""


@asynccontextmanager
async def running(desk: Desk, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Hand]:
    """Run a desk until its phone is connected; whatever failed beside the screen fails the test."""
    try:
        async with desk.app.run_test(size=size):
            pilot = Hand(desk.app)
            await until(pilot, lambda: desk.phone is not None and desk.app.flow.switchboard is not None)
            yield pilot
            assert not desk.app.failures, desk.app.failures
    finally:
        let_go()


def let_go() -> None:
    """Free what Textual would keep of a desk that is closed.

    It keeps the painted lines of a thousand widgets for all apps of a process together.
    """
    StylesCache.get_inner_outer.cache_clear()


async def until(pilot: Pilot[None], met: Callable[[], object], patience_s: float = LONG_S) -> None:
    """Wait until something holds, and all that led to it is shown; fail when it doesn't happen."""
    await hand.until(pilot if isinstance(pilot, Hand) else Hand(pilot.app), met, lambda: screen_text(pilot), patience_s)


async def come_to_rest(desk: Desk, pilot: Hand) -> None:
    """Let the desk look at what others wrote, and at its clock, and paint both, until nothing changes any more."""
    before = None
    for _round in range(ROUNDS):
        await pilot.pause()
        if not desk.app.screen_stack:
            return  # it has been left
        await desk.app.look()
        for screen in desk.app.screen_stack:
            if isinstance(screen, DeskScreen | Dialog | Page):
                screen.tick()
        await pilot.pause()
        # what lies beneath a dialog is drawn by a clock of its own; what is painted may write something down
        for screen in desk.app.screen_stack:
            screen.refresh()
        await pilot.pause()
        after = screen_text(pilot)
        if after == before:
            return
        before = after


async def ring(desk: Desk, pilot: Hand, number: str, *, wake: bool = True) -> str:
    """Let somebody ring and wait until his card is painted; Enter is awake afterwards."""
    assert desk.phone is not None
    call_id, _new = await desk.phone.ring(number)
    await until(pilot, lambda: desk.app.flow.contact is not None and desk.app.flow.contact.opened)
    if wake:
        desk.clock.advance(ENTER_WAKES_MS)
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
    desk.clock.advance(ENTER_WAKES_MS)
    await pilot.press(*PASSWORD, "enter")
    await until(pilot, lambda: desk.facts.verified)
    return call_id


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


def visible_text(app: DeskApp) -> str:
    """Return what can be read on the screen as it is painted."""
    return "\n".join(svg.lines(svg.take(app)))
