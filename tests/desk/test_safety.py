"""Customers' data is hostile until it was cleaned: no markup, escape or turning control reaches the screen."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from textual.pilot import Pilot

from agentdesk.domain.documents import Document
from tests.desk.driving import answered, looked_for, running, until, wait_for
from tests.desk.world import HOSTILE, PASSWORD, REGION, Desk, customer, fill
from tests.hostile import HOSTILE as CORPUS

POISON = "".join(CORPUS[::7])[:900]


def shown(pilot: Pilot[None]) -> str:
    """Return every character that the terminal would get, without the styles."""
    lines = []
    for screen in pilot.app.screen_stack:
        screen.refresh()
        for strip in screen._compositor.render_strips():
            lines.append("".join(segment.text for segment in strip if not segment.control))
            for segment in strip:
                style = segment.style
                assert style is None or not style.meta.get("@click"), "a text of a customer became a link"
    return "\n".join(lines)


def harmless(text: str) -> None:
    """Check that nothing in a text is obeyed by a terminal."""
    bad = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not bad, bad
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def poisoned() -> list[Document]:
    """Return a customer and his work with poison in every text."""
    document = customer(
        "c-poison",
        POISON,
        "+8613577778888",
        lines=[{"plan": POISON, "home": POISON}],
        people=[{"number": "+8613577778888", "name": POISON, "relation": POISON}],
        portrait=POISON,
        value=POISON,
        lifecycle=POISON,
    )
    ticket = {
        "number": "100010009999",
        "kind": POISON,
        "title": POISON,
        "words": POISON,
        "symptom": POISON,
        "customer": "c-poison",
        "state": "open",
        "station": POISON,
        "department": POISON,
        "owner": "bj1024",
        "at": 1,
        "due": 2,
        "moves": [{"at": 1, "what": POISON, "by": POISON, "text": POISON, "department": POISON}],
    }
    promise = {
        "number": POISON,
        "template": POISON,
        "name_zh": POISON,
        "name_en": POISON,
        "customer": "c-poison",
        "state": "made",
        "due": 3,
        "owner": "bj1024",
        "department": POISON,
        "tell": {"text": POISON},
        "at": 1,
        "moves": [],
    }
    contact = {"channel": POISON, "customer": "c-poison", "summary": POISON, "matters": [{"title": POISON}], "at": 1}
    return [
        document,
        Document(REGION, "t-poison", "ticket", 3, ticket),
        Document(REGION, "p-poison", "commitment", 3, promise),
        Document(REGION, "k-poison", "contact", 3, contact),
        Document(REGION, "n-poison", "note", 3, {"customer": "c-poison", "text": POISON, "at": 1}),
    ]


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
async def test_poison_in_every_text_of_a_customer_does_nothing_on_any_screen(tmp_path: Path, wide: bool) -> None:
    desk = Desk(tmp_path, wide=wide)
    site = desk.site()
    fill(site, REGION, poisoned(), upto=12)
    site.close()
    async with running(desk, (120, 40)) as pilot:
        harmless(shown(pilot))
        await answered(desk, pilot, "+8613577778888")
        harmless(shown(pilot))
        await pilot.press("v")
        desk.clock.advance(500)
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, lambda: desk.facts.verified)
        harmless(shown(pilot))
        for key in ("a", "b", "l", "o", "tab", "n", "t", "1"):
            await pilot.press(key)
            await pilot.pause()
            harmless(shown(pilot))
            await pilot.press("escape", "escape")
            await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
        await looked_for(pilot, "13577778888")
        harmless(shown(pilot))
    assert not desk.app.failures


async def test_a_name_that_is_markup_is_shown_as_it_is_written_and_masked_until_verified(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, HOSTILE)
        assert "点我" not in shown(pilot)
        await pilot.press("v")
        desk.clock.advance(500)
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, lambda: desk.facts.verified)
        await wait_for(pilot, "王[@click=app.quit]点我[/]红逆{name}")
        harmless(shown(pilot))
