"""A hand on the keys of an app: each key has done all that it does before the next, however slow the machine is.

Textual's own pilot waits until the process uses little time, up to a second a key on a machine with other work.
This one looks whether anything is left to run.
"""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import Callable, Collection
from typing import Any

from textual import events
from textual.app import App
from textual.keys import KEY_NAME_REPLACEMENTS, KEY_TO_UNICODE_NAME, REPLACED_KEYS
from textual.pilot import Pilot

LONG_S = 60.0
"""Far more than anything here takes: only a failing test waits for so long."""

PAINTED_S = 5.0
"""Longer than a screen is ever still to be drawn, unless it is drawn again and again."""

LOOK_S = 0.002
"""How often to look for what another thread does."""

HOPS = 40
"""Steps of an event loop that doesn't tell what is ready; no message travels further."""

BESIDE = frozenset({"calls"})
"""Workers that run as long as the desk does."""


class Hand(Pilot[Any]):
    """A pilot who knows when everything has arrived.

    `beside` names the workers that never end.
    """

    def __init__(self, app: App[Any], beside: Collection[str] = BESIDE) -> None:
        super().__init__(app)
        self._beside = beside

    async def press(self, *keys: str) -> None:
        """Press keys; each has arrived, and what it began beside the screen is over, before the next."""
        for key in keys:
            self._send(key)
            await self.pause()

    async def strike(self, *keys: str) -> None:
        """Press keys that may begin something which isn't over yet."""
        for key in keys:
            self._send(key)
            await self._arrived()

    async def pause(self, delay: float | None = None) -> None:
        """Wait until every message has arrived and nothing runs beside the screen but what never ends."""
        end = time.monotonic() + LONG_S
        await self._arrived()
        while self._busy():
            assert time.monotonic() < end, f"it goes on and on: {[worker.name for worker in self.app.workers]}"
            await asyncio.sleep(LOOK_S)
            await self._arrived()

    async def resize_terminal(self, width: int, height: int) -> None:
        """Change the window's size, and wait until all screens have it: the app lets sizes gather for a moment."""
        await super().resize_terminal(width, height)
        end = time.monotonic() + LONG_S
        while self.app.size != (width, height):
            assert time.monotonic() < end, f"the window doesn't become {width}x{height}"
            await asyncio.sleep(LOOK_S)
        await self.pause()
        await self.pause()

    async def arrive(self) -> None:
        """Wait until every message has arrived and is painted, whatever still runs beside the screen."""
        await self._arrived()
        end = time.monotonic() + PAINTED_S
        while self._unpainted() and time.monotonic() < end:
            await asyncio.sleep(LOOK_S)
            await self._arrived()

    def _unpainted(self) -> bool:
        """Tell whether the screen on top is still to be laid out or drawn: Textual does both some 60 times a second."""
        if not self.app.screen_stack:
            return False
        screen = self.app.screen
        return bool(screen._layout_required or screen._repaint_required or screen._dirty_widgets)

    def _send(self, key: str) -> None:
        """Send a key by its name (`enter`, `slash`) or its character (`/`) as a keyboard does."""
        if len(key) == 1 and not key.isalnum():
            key = key_name(key)
        self.app.post_message(events.Key(key, _character(key)))

    def _busy(self) -> bool:
        return any(worker.is_running and worker.name not in self._beside for worker in self.app.workers)

    async def _arrived(self) -> None:
        """Let the loop run until nothing is left to run, paint, and let that come to an end, too."""
        await _nothing_ready()
        if not self.app.screen_stack:
            return  # the app has been left
        await super().pause(0)
        await _nothing_ready()


async def _nothing_ready() -> None:
    """Give way until all that still runs waits for a clock, a file or another thread."""
    ready = getattr(asyncio.get_running_loop(), "_ready", None)
    if ready is None:
        for _ in range(HOPS):
            await asyncio.sleep(0)
        return
    end = time.monotonic() + LONG_S
    await asyncio.sleep(0)
    while ready:
        assert time.monotonic() < end, "the app is busy with itself, and never comes to rest"
        await asyncio.sleep(0)


def key_name(character: str) -> str:
    """Return the name of the key of a character that is neither letter nor digit: `slash`, `question_mark`."""
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _character(key: str) -> str | None:
    name = REPLACED_KEYS.get(key, key)
    try:
        return unicodedata.lookup(KEY_TO_UNICODE_NAME.get(name, name))
    except KeyError:
        return key if len(key) == 1 else None


async def until(
    hand: Hand, met: Callable[[], object], shown: Callable[[], str] = str, patience_s: float = LONG_S
) -> None:
    """Wait until something holds, and all that led to it is shown; fail, and say what is shown, when it doesn't."""
    end = time.monotonic() + patience_s
    await hand.pause()
    while not met():
        if time.monotonic() > end:
            raise AssertionError(f"it didn't happen:\n{shown()}")
        await asyncio.sleep(LOOK_S)
        await hand.pause()
