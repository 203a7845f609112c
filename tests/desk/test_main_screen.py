"""The desk with a caller on it: what there is room for can be read whole, and what is to be said is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.desk import i18n
from agentdesk.desk.models import scripts
from agentdesk.desk.models.offers import remark
from agentdesk.desk.models.rows import text, width
from agentdesk.desk.models.timeline import Past, timeline_rows
from agentdesk.desk.screens.desk import DeskScreen
from agentdesk.desk.widgets.lines import Lines
from tests.desk.driving import answered, ring, running
from tests.desk.world import DAY, NOW, SHARED, WANG, Desk


def shown(screen: DeskScreen, where: str) -> list[str]:
    """Return the lines of a block as they stand."""
    return [text(line) for line in screen.query_one(where, Lines).rows]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_wide_screen_says_every_reason_and_name_whole(tmp_path: Path, language: str) -> None:
    desk = Desk(tmp_path, language=language)
    async with running(desk, (160, 48)) as pilot:
        await answered(desk, pilot, WANG)
        screen, facts = desk.app.desk_screen, desk.contact.facts
        assert facts is not None
        main = shown(screen, "#main")
        said = "".join("".join(main).split())
        for line in desk.contact.board.lines:
            assert line.offer.template.name.say(i18n.language()) in "\n".join(main)
            assert "".join(remark(line.offer, facts)[0].split()) in said
        assert not any("…" in line for line in main)
        side = shown(screen, "#side")
        assert all(width_of <= screen.query_one("#side").size.width for width_of in map(cells, side))
        assert not any("…" in line for line in side)
        # what to say and what to ask stand at its foot
        assert _words("what to say") in "\n".join(side)
        assert _words("questions that may help") in "\n".join(side)


async def test_who_can_be_reached_has_the_whole_width_and_a_place_for_all_there_is_to_say(tmp_path: Path) -> None:
    desk = Desk(tmp_path, language="en")
    async with running(desk, (120, 40)) as pilot:
        await ring(desk, pilot, SHARED)
        lines = shown(desk.app.desk_screen, "#main")
        assert not any("…" in line for line in lines)
        assert sum(line.startswith(("1", "2", "3")) for line in lines) >= 3


async def test_what_is_to_be_said_has_no_open_blank_and_nothing_of_another_matter(tmp_path: Path) -> None:
    desk = Desk(tmp_path, language="en")
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        contact, facts, catalogue = desk.contact, desk.contact.facts, desk.app.catalogue
        assert facts is not None
        assert catalogue is not None
        filled = scripts.values(contact, "1024", "10010")
        for script in catalogue.scripts.values():
            said = scripts.sayable(script, contact, filled, facts)
            assert not any("..." in line or "{" in line for line in said)
            if script.code not in scripts.ABOUT_WORK:
                assert not any(filled.get("department", "-") in line for line in said)


@pytest.mark.parametrize("cells_wide", [50, 76])
def test_kinds_of_the_timeline_stand_whole_and_long_words_go_on_below(cells_wide: int) -> None:
    i18n.use("en")
    past = (
        Past(NOW - DAY, "mobile app", "wants to know what is in the plan that he has had for years", "done at once"),
        Past(NOW - 2 * DAY, "appointment", "repair at home", "booked"),
    )
    lines = [text(line) for line in timeline_rows(past, NOW, cells_wide, 20)]
    assert "mobile app" in lines[0]
    assert "appointment" in "".join(lines)
    assert any(line.startswith(" ") for line in lines)
    assert all(cells(line) <= cells_wide for line in lines)
    # where there is no height, each has one line
    assert len(timeline_rows(past, NOW, cells_wide, 2)) == 2


def cells(line: str) -> int:
    """Return how many cells a line takes without the blanks at its end."""
    from agentdesk.desk.models.rows import row

    return width(row(line.rstrip()))


def _words(english: str) -> str:
    return i18n._(english)
