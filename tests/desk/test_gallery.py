"""Every screen of the desk has its pictures, in both languages, at 80x24 and 120x40.

Beside it as it usually is: with too much, with nothing, with an error, without a line to the centre. On none of them
stands anybody unmasked but a caller who was verified.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

import agentdesk.desk as room
from agentdesk.qa.driving import come_to_rest
from agentdesk.qa.plugin import Snap
from tests.desk.door import before
from tests.desk.driving import running, until
from tests.desk.gallery import DOORS, STATES, WAYS, furnish, go, words
from tests.desk.locked import Closed
from tests.desk.masked import unmasked
from tests.desk.world import Desk

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
LANGUAGES = ("zh-CN", "en")


def screens() -> set[str]:
    """Return the screens that are shown: those of the desk that no other one is made of, and those that are both."""
    found: set[type[Screen[object]]] = set()
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        for one in vars(importlib.import_module(module.name)).values():
            if isinstance(one, type) and issubclass(one, Screen) and one.__module__ == module.name:
                found.add(one)
    made_of = {base for one in found for base in one.__mro__[1:]}
    return {one.__name__ for one in found if one not in made_of} | {"AskDialog"}


def test_each_screen_has_a_picture() -> None:
    assert screens() == {*WAYS, "SignInScreen"}


def test_each_picture_is_there_in_both_languages_and_sizes() -> None:
    folder = Path(__file__).parent / "__snapshots__" / "test_gallery"
    names = {f"{name}-{language}" for name in {**WAYS, **STATES} for language in LANGUAGES}
    wanted = {f"test_a_screen[{name}].{size}.svg" for name in names for size in SIZES}
    doors = {f"{name}-{language}" for name in DOORS for language in LANGUAGES}
    wanted |= {f"test_a_door[{name}].{size}.svg" for name in doors for size in SIZES}
    assert {path.name for path in folder.glob("*.svg")} == wanted


def laid_out(screen: Screen[Any]) -> tuple[int, int]:
    """Return the size that a screen was laid out for last."""
    return (screen._compositor.size.width, screen._compositor.size.height)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*WAYS, *STATES])
async def test_a_screen(snap: Snap, tmp_path: Path, name: str, language: str) -> None:
    way = WAYS.get(name) or STATES[name]
    door = Closed(tmp_path, way.says) if way.says is not None else None
    desk = Desk(tmp_path, language=language, role=way.role, online=way.online, door=door)
    furnish(desk, way)
    async with running(desk, SIZES["80x24"]) as pilot:
        await go(desk, pilot, way)
        assert type(desk.app.screen).__name__ == name.partition("-")[0]
        for size, cells in SIZES.items():
            await pilot.resize_terminal(*cells)
            await until(pilot, lambda cells=cells: laid_out(desk.app.screen) == cells)  # type: ignore[misc]
            await come_to_rest(desk, pilot)
            assert not unmasked(pilot, name.partition("-")[0], way.start == "verified")
            snap(desk.app, size)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DOORS)
async def test_a_door(snap: Snap, tmp_path: Path, name: str, language: str) -> None:
    keys, says = DOORS[name]
    async with before(Closed(tmp_path, says), language=language) as (hand, gate):
        for word in words(keys):
            for key in word[1:-1] if word.startswith("'") else [word]:
                await hand.press({" ": "space"}.get(key, key))
        for size, cells in SIZES.items():
            await hand.resize_terminal(*cells)
            await until(hand, lambda cells=cells: laid_out(gate) == cells)  # type: ignore[misc]
            snap(hand.app, size)
