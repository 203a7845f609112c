"""Who is received in the hall: whoever has the number or the name that was typed, and nobody whose number begins so."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.desk.queries import finding
from tests.desk.driving import running, until, wait_for
from tests.desk.gallery import APPOINTMENT
from tests.desk.world import REGION, Desk, fill

MEANT = {
    "18612345678": [("c-wang", "c-wang-1")],
    "+86 186-1234-5678": [("c-wang", "c-wang-1")],
    "186 1234": [],
    "1861234567": [],
    "王敏慧": [("c-wang", None)],
    "wmh": [("c-wang", None)],
    "1000 1000 5572": [("a-1", None)],
    "05572": [("a-1", None)],
    "zzzz": [],
    "": [],
}


@pytest.mark.parametrize("typed", MEANT)
def test_what_is_typed_means_what_it_is_as_it_stands(tmp_path: Path, typed: str) -> None:
    site = Desk(tmp_path).site()
    fill(site, REGION, [APPOINTMENT], upto=20)
    site.search.follow()
    found = finding.meant(site, typed)
    assert [(one.document.id, one.line) for one in found if one.document is not None] == MEANT[typed]
    site.close()


async def test_a_name_as_it_sounds_begins_a_visit(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("B")
        await wait_for(pilot, "身份证")
        desk.clock.advance(500)
        await pilot.press(*"王敏慧", "enter")
        await until(pilot, lambda: desk.app.contact is not None)
        assert desk.app.screen is desk.app.desk_screen
        assert desk.contact.channel == "hall"
