"""The themes: every tone stands out from what is behind it, and nothing is told by colour alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from agentdesk.desk import glyphs
from agentdesk.desk.glyphs import Glyphs
from agentdesk.desk.models.rows import Row
from agentdesk.desk.themes import ANSI, CONTRAST, DARK, LIGHT, THEMES
from agentdesk.desk.widgets.lines import Lines
from agentdesk.desk.widgets.tones import tones
from tests.desk.driving import Hand, answered, running, until, wait_for
from tests.desk.world import WANG, Desk

LEAST = {DARK.name: 3.0, LIGHT.name: 3.0, CONTRAST.name: 7.0}
"""How far a text stands out at least from what is behind it, as WCAG counts it."""
TOLD = ("late", "warn", "good", "mark", "tier-standard", "tier-vip", "tier-diamond")
"""Tones that say something: their words must say it as well."""


def ratio(one: Color, other: Color) -> float:
    """Return how far two colours stand out from each other (WCAG 2, contrast ratio)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    parts = [part / 255 for part in (colour.r, colour.g, colour.b)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST], ids=lambda one: one.name)
def test_every_tone_stands_out_from_what_is_behind_it(theme: Theme) -> None:
    grounds = [theme.background, theme.surface, theme.panel, theme.variables["selected"]]
    for name, style in tones(theme).items():
        if name in ("", "selected") or style.color is None:
            continue
        behind = [style.bgcolor.name] if style.bgcolor is not None else grounds
        for ground in behind:
            contrast = ratio(Color.parse(style.color.name), Color.parse(str(ground)))
            assert contrast >= LEAST[theme.name], (name, ground, contrast)


def test_the_terminals_theme_has_every_tone_and_no_colour_of_its_own() -> None:
    own = tones(ANSI)
    assert set(own) == set(tones(DARK))
    for style in own.values():
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_system_defined


@pytest.mark.parametrize("name", THEMES)
async def test_the_desk_can_be_drawn_in_every_theme(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path, theme=name)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        assert desk.app.theme == THEMES[name].name
        await pilot.press("slash")
        await wait_for(pilot, "号码、姓名")


def painted(pilot: Hand) -> list[Row]:
    return [line for screen in pilot.app.screen_stack for lines in screen.query(Lines) for line in lines.rows]


WORD = re.compile(r"\w", re.UNICODE)


def tells(text: str) -> bool:
    """Tell whether a text says something without its colour: a word of letters, or a sign of the desk's own."""
    signs = {sign for one in (glyphs.NARROW, glyphs.WIDE) for sign in _signs(one)}
    return bool(re.search(r"[^\W\d_]", text)) or any(sign in text for sign in signs)


def _signs(found: Glyphs) -> list[str]:
    names = ("diamond", "vip", "standard", "done", "warning", "changed", "here", "centre", "person")
    return [getattr(found, name) for name in names]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_nothing_is_told_by_colour_alone(tmp_path: Path, language: str) -> None:
    """Walk through the screens: what a tone says stands there as a word or a sign."""
    desk = Desk(tmp_path, language=language)
    async with running(desk, (140, 48)) as pilot:
        seen: set[tuple[str, str]] = set()

        def look() -> None:
            seen.update((span.tone, span.text.strip()) for line in painted(pilot) for span in line)

        look()
        await pilot.press("l")
        await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)
        look()
        await pilot.press("escape")
        await answered(desk, pilot, WANG)
        look()
        for key in ("a", "b", "o", "R", "l", "C", "g"):
            await pilot.press(key)
            await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)
            look()
            await pilot.press("escape")
            await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
        for tone, text in seen:
            assert tone not in TOLD or not text or tells(text), (tone, text)
        for text in {text for tone, text in seen if tone == "late"}:
            # what is late says so: nowhere does the same stand there as if all were well
            assert ("good", text) not in seen
            assert not WORD.search(text) or ("strong", text) not in seen, text
