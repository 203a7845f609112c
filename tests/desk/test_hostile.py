"""A world in which every text that comes from outside is hostile, on every screen: it is read there, and does nothing.

What is looked at are the bytes that go to the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.widget import Widget
from textual.widgets import Input, TextArea

from agentdesk.desk.widgets.field import Field, Words
from agentdesk.desk.widgets.lines import Lines
from agentdesk.desk.widgets.secret import Secret
from agentdesk.qa.driving import come_to_rest
from agentdesk.sync.entering import Door
from tests.costs import calls
from tests.desk.driving import running
from tests.desk.gallery import STATES, WAYS, Way, furnish, go
from tests.desk.locked import Closed
from tests.desk.world import Desk
from tests.hostile import drawable
from tests.poisoned import Poisoner, poison

SIZES = {"80x24": (80, 24), "160x48": (160, 48)}
OURS = re.compile(r"\x1b\[(?:\d+;\d+H|[\d;]*m)")
"""What Textual sends to draw: where a line begins, and colours."""
MOST_CALLS = 400_000
"""Functions that are called to draw a whole screen anew: so many wherever it is drawn, whatever stands on it."""


def sent(app: App[Any]) -> Iterator[tuple[str, set[int]]]:
    """Yield the bytes that draw each screen anew, as text, and by how many cells its lines are too long or short."""
    for screen in app.screen_stack:
        strips = screen._compositor.render_strips()
        raw = screen._compositor.render_full_update().render_segments(app.console)
        wide = screen._compositor.size.width
        yield raw, {sum(cell_len(segment.text) for segment in strip) - wide for strip in strips}


def harmless(app: App[Any]) -> None:
    """Check what goes to the terminal now."""
    for raw, off in sent(app):
        for line in OURS.sub("", raw).split("\n"):
            assert drawable(line), ascii(line)[:200]
        assert off == {0}
    for screen in app.screen_stack:
        for strip in screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                assert style is None or (style.link is None and not style.meta.get("@click")), segment.text


def closed(folder: Path, way: Way) -> Door | None:
    """Return the door of a way on which a desk is locked."""
    return Closed(folder, way.says) if way.says is not None else None


@pytest.mark.parametrize("name", [*WAYS, *STATES])
async def test_on_every_screen_hostile_texts_are_read_and_do_nothing(tmp_path: Path, name: str) -> None:
    way = WAYS.get(name) or STATES[name]
    order = [*WAYS, *STATES].index(name)
    words = Poisoner(order * 11)
    door = closed(tmp_path, way)
    said = {"hotline": words.text("10010"), "problems": (words.text("文件"),)}
    desk = Desk(tmp_path, role=way.role, online=way.online, door=door, **said)  # type: ignore[arg-type]
    furnish(desk, way)
    site = desk.site()
    poison(site, desk.folder, order * 7)
    site.close()
    async with running(desk, SIZES["80x24"]) as pilot:
        assert desk.phone is not None
        desk.phone.ring = partial(desk.phone.ring, name=words.text("王"), queue=words.text("热线"))  # type: ignore[method-assign]
        await go(desk, pilot, _reopened(desk, way))
        assert type(desk.app.screen).__name__ == name.partition("-")[0]
        for size in SIZES.values():
            await pilot.resize_terminal(*size)
            await come_to_rest(desk, pilot)
            harmless(desk.app)
            assert calls(lambda: list(sent(desk.app))) < MOST_CALLS
        drawn = {type(widget) for screen in desk.app.screen_stack for widget in screen.walk_children(Widget)}
        assert not {kind for kind in drawn if issubclass(kind, Input | TextArea)} - {Field, Words, Secret}
        assert all(issubclass(kind, Lines | Field | Words | Secret) for kind in drawn if _draws(kind))


def _draws(kind: type[Widget]) -> bool:
    """Tell whether a widget draws texts of its own, and is no mere frame around others."""
    return any(
        "render" in vars(one) or "render_line" in vars(one) for one in kind.__mro__[: kind.__mro__.index(Widget)]
    )


def _reopened(desk: Desk, way: Way) -> Way:
    """Return a way whose document is the poisoned one."""
    if way.opens is None:
        return way
    site = desk.site()
    found = site.view.document(way.opens.scope, way.opens.id)
    site.close()
    return replace(way, opens=found)
