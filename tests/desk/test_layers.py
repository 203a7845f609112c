"""What lies beneath another screen costs only what can be seen of it, and is right again once it is on top."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate
from textual.screen import Screen

from agentdesk.desk import news
from agentdesk.desk.models.rows import text
from agentdesk.desk.widgets.lines import Lines
from tests.desk.driving import Hand, answered, running, wait_for
from tests.desk.world import WANG, Desk

SECONDS = 5
MUCH = 2_048


@pytest.fixture(autouse=True)
def no_looks_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn here is drawn for the seconds: news that come on a slow machine may lay a screen out."""
    monkeypatch.setattr(news, "PULSE_S", 3_600.0)


def top_row(desk: Desk, screen: Screen[object]) -> str:
    """Return what a screen's first line says."""
    return text(screen.query(Lines).first().rows[0])


async def seconds_pass(desk: Desk, pilot: Hand, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the clock tick and return the sizes of what is drawn for it, bytes; a whole screen is refused."""
    drawn: list[int] = []

    def display(screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate):
            assert isinstance(renderable, ChopsUpdate), "the whole screen is drawn for a second that passed"
            drawn.append(len(renderable.render_segments(desk.app.console).encode()))

    await pilot.pause()
    with monkeypatch.context() as patch:
        patch.setattr(desk.app, "_display", display)
        for _ in range(SECONDS):
            desk.clock.advance(1_000)
            desk.app._tick()
            await pilot.pause(0.05)
    return drawn


async def test_a_second_beneath_a_page_draws_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    async with running(desk, (120, 40)) as pilot:
        below = desk.app.screen
        await pilot.press("l")
        await wait_for(pilot, "本人")
        before = top_row(desk, below)
        drawn = await seconds_pass(desk, pilot, monkeypatch)
        assert drawn
        assert max(drawn) < MUCH
        await pilot.press("escape")
        assert desk.app.screen is below
        assert top_row(desk, below) != before


async def test_a_second_beneath_a_dialog_draws_the_line_that_shines_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    async with running(desk, (120, 40)) as pilot:
        await answered(desk, pilot, WANG)
        below = desk.app.screen
        await pilot.press("n")
        await wait_for(pilot, "保存")
        before = top_row(desk, below)
        drawn = await seconds_pass(desk, pilot, monkeypatch)
        assert drawn
        assert max(drawn) < MUCH
        assert top_row(desk, below) != before
