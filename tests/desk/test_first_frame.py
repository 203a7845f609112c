"""What was read before the desk opened is its first frame, and what changed since follows by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.desk import queries
from agentdesk.desk.app import DeskApp
from tests.desk.driving import Hand, running, screen_text, wait_for
from tests.desk.world import REGION, Desk, fill, work


def read_before(desk: Desk) -> None:
    """Give a desk its first frame."""
    site = desk.site()
    desk.settings = replace(desk.settings, first=(queries.pulse(site), queries.open_work(site, "bj1024")))
    site.close()


async def test_the_first_frame_needs_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    read_before(desk)
    app = DeskApp(desk.settings)
    monkeypatch.setattr(app, "_start", lambda: None)
    async with app.run_test(size=(80, 24)):
        shown = screen_text(Hand(app))
    assert "本人在途 2" in shown
    assert "网络正常" in shown


async def test_what_changed_since_it_was_read_is_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    read_before(desk)
    site = desk.site()
    other = next(d for d in work() if d.id == "t-0417")
    fill(site, REGION, [replace(other, rev=11, data={**other.data, "state": "archived"})], upto=11)
    site.close()
    desk.app = DeskApp(desk.settings)
    async with running(desk) as pilot:
        await wait_for(pilot, "本人在途 1")
