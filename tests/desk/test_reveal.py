"""Personal data is masked; one key with a reason shows it, after that was written down, and not for long."""

from __future__ import annotations

from pathlib import Path

from agentdesk.desk.screens.reveal import RevealDialog
from agentdesk.desk.terms.revealing import FIELDS as FIELD_WORDS
from agentdesk.desk.terms.revealing import WHY
from agentdesk.domain.kinds.reveal import FIELDS
from agentdesk.domain.profile.looking import REASONS
from tests.desk.driving import answered, running, screen_text, until, wait_for
from tests.desk.world import WANG, Desk, catalogue, entries

PLAIN = "186 1234 5678"


def test_every_reason_has_words() -> None:
    assert set(WHY) == set(REASONS)
    assert set(FIELD_WORDS) == set(FIELDS)


async def test_what_is_shown_was_written_down_first_with_its_reason_and_goes_by_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        assert "王敏慧" not in screen_text(pilot)
        await pilot.press("U")
        await wait_for(pilot, "为什么查看")
        assert "王敏慧" not in screen_text(pilot)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(desk.app.screen, RevealDialog))
        site = desk.site()
        (noted,) = entries(site, "reveal.noted")
        site.close()
        assert noted.body is not None
        assert (noted.body["customer"], noted.body["reason"]) == ("c-wang", "ring_back")
        assert set(noted.body["shown"]) <= set(FIELDS)
        assert {"name", "numbers"} <= set(noted.body["shown"])
        assert noted.body["seconds"] == catalogue().rules.reveal_s
        assert "王敏慧" in screen_text(pilot)
        assert PLAIN.replace(" ", "") in screen_text(pilot).replace(" ", "").replace("-", "")
        # a new size of the terminal gives no new time
        desk.clock.advance(catalogue().rules.reveal_s * 1000 - 1)
        await pilot.resize_terminal(81, 25)
        desk.app.screen.tick()  # type: ignore[attr-defined]
        await pilot.pause()
        assert isinstance(desk.app.screen, RevealDialog)
        desk.clock.advance(1)
        desk.app.screen.tick()
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
        assert "王敏慧" not in screen_text(pilot)


async def test_without_a_reason_nothing_is_shown_and_nothing_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("l")
        await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)
        await pilot.press("U")
        await wait_for(pilot, "为什么查看")
        await pilot.press("escape")
        assert "王敏慧" not in screen_text(pilot)
        site = desk.site()
        assert entries(site, "reveal.noted") == []
        site.close()


async def test_from_a_list_it_is_the_customer_of_the_line_under_the_cursor(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("l")
        await until(pilot, lambda: getattr(desk.app.screen, "count", 0) >= 1)
        await pilot.press("U")
        await wait_for(pilot, "为什么查看")
        await pilot.press("1")
        await until(pilot, lambda: isinstance(desk.app.screen, RevealDialog))
        site = desk.site()
        (noted,) = entries(site, "reveal.noted")
        site.close()
        assert noted.body is not None
        assert noted.body["about"]
