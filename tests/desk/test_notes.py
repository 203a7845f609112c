"""Notes: nothing that was typed is lost, whatever ends the program."""

from __future__ import annotations

from pathlib import Path

from agentdesk.desk.widgets.field import Words
from tests.desk.driving import answered, note_box, running, until, wait_for
from tests.desk.world import WANG, Desk, entries


async def test_a_draft_is_on_disk_after_a_pause_and_there_again_for_the_same_customer(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await note_box(desk, pilot)
        await pilot.press(*"half a sen")
        await until(pilot, lambda: "half a sen" in other.drafts().values() if (other := desk.site()) else False)
        # the program ends here without a word: nothing is asked, nothing saved on the way out

    again = Desk(tmp_path, make=False)
    async with running(again) as pilot:
        await answered(again, pilot, WANG)
        await pilot.press("n")
        await until(pilot, lambda: again.app.screen.query(Words))
        words = again.app.screen.query_one(Words)
        await until(pilot, lambda: words.text == "half a sen")
        again.clock.advance(500)
        await pilot.press(*"tence", "enter")
        await wait_for(pilot, "备注已保存")

    site = again.site()
    assert [e.body["text"] for e in entries(site, "note.added") if e.body] == ["half a sentence"]
    assert not [key for key in site.drafts() if key.startswith("note/")]
    site.close()


async def test_leaving_the_box_keeps_the_draft(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await note_box(desk, pilot)
        await pilot.press(*"later", "escape")
        site = desk.site()
        await until(pilot, lambda: "later" in site.drafts().values())
        site.close()


async def test_an_empty_note_is_refused_in_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await note_box(desk, pilot)
        await pilot.press("enter")
        await wait_for(pilot, "内容是空的")
