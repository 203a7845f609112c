"""The sign-in before a desk, run alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agentdesk.desk.screens.sign_in import SignInApp, SignInScreen
from agentdesk.qa.hand import Hand
from agentdesk.sync.entering import Door


@asynccontextmanager
async def before(door: Door, number: str = "", language: str = "zh-CN") -> AsyncIterator[tuple[Hand, SignInScreen]]:
    """Stand before a door, in a small window in which nothing moves."""
    app = SignInApp(door, number, language, "dark", wide=False)
    app.animation_level = "none"
    async with app.run_test(size=(80, 24)):
        hand, gate = Hand(app), app.screen
        assert isinstance(gate, SignInScreen)
        await hand.pause()
        yield hand, gate
