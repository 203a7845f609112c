"""A page that lies open shows what sync brings; the cursor stays on its line, and Enter sleeps where that has gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agentdesk.desk.screens.page import Page
from agentdesk.desk.screens.worklist import WorklistScreen
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.verdict import Verdict
from agentdesk.store.outbox import Answer
from tests.desk.driving import Hand, gives_up, running, screen_text, wait_for
from tests.desk.gallery import ASKED, HANDED, MANAGED, document
from tests.desk.world import HOUR, LI, MINUTE, NOW, REGION, WANG, Desk, fill


def ticket(number: int) -> Document:
    words = {"number": f"10001000{number}", "kind": "fault", "title": f"掉线{number}", "state": "accepted"}
    whose = {"owner": "bj1024", "first_responsible": "bj1024", "station": "department", "tier": "standard"}
    return document("ticket", f"t-{number}", **words, **whose, department="broadband_maintenance", due=NOW + HOUR)


def call_back(number: int) -> Document:
    caller = f"+86138000{number:05}"
    data = {"number": f"10002000{number}", "caller": caller, "waited_s": 20, "state": "open", "customer": None}
    return document("callback", f"cb-{number}", **data, due=NOW + number * MINUTE)


def asked(number: int) -> Document:
    return Document(REGION, f"v-{number}", "approval", 3, {**ASKED.data, "number": f"10003000{number}", "at": number})


def managed(number: int) -> Document:
    return Document(REGION, f"m-{number}", "management", 3, {**MANAGED.data, "title": f"合并{number}", "at": number})


def handed(number: int) -> Document:
    return Document(REGION, f"h-{number}", "handoff", 3, {**HANDED.data, "number": f"10005000{number}"})


LISTS: dict[str, Callable[[int], Document]] = {"l": ticket, "C": call_back, "g": asked, "A": managed, "X": handed}
"""Keys of the pages that list documents, and the nth document that stands there."""


def comes(desk: Desk, documents: Sequence[Document], upto: int) -> None:
    site = desk.site()
    fill(site, REGION, documents, upto=upto)
    site.close()


def gone(one: Document) -> Document:
    """Return a document as it is when it has been done with."""
    return Document(one.scope, one.id, one.type, one.rev + 1, {**one.data, "state": "closed", "answer": "no"})


async def opened(desk: Desk, pilot: Hand, key: str) -> Page:
    await pilot.press(key)
    page = desk.app.screen
    assert isinstance(page, Page)
    return page


@pytest.mark.parametrize("key", LISTS)
async def test_a_list_shows_what_comes_and_the_cursor_stays_on_its_line(tmp_path: Path, key: str) -> None:
    one = LISTS[key]
    desk = Desk(tmp_path)
    comes(desk, [one(3), one(5)], 20)
    async with running(desk) as pilot:
        page = await opened(desk, pilot, key)
        before = list(page.subjects())
        at = before.index(one(5).key)
        await pilot.press(*["down"] * at)
        comes(desk, [one(2), one(4), one(6)], 21)
        await desk.app.look()
        await pilot.pause()
        after = list(page.subjects())
        assert {one(n).key for n in (2, 4, 6)} <= set(after) - set(before)
        assert after[page.cursor] == one(5).key
        desk.clock.advance(500)
        assert desk.app.doze.over(page), "who stands on his line may go on"


@pytest.mark.parametrize("key", LISTS)
async def test_enter_sleeps_for_a_moment_where_its_line_has_gone(tmp_path: Path, key: str) -> None:
    one = LISTS[key]
    desk = Desk(tmp_path)
    comes(desk, [one(3), one(4), one(5)], 20)
    async with running(desk) as pilot:
        page = await opened(desk, pilot, key)
        at = list(page.subjects()).index(one(4).key)
        await pilot.press(*["down"] * at)
        desk.clock.advance(500)
        comes(desk, [gone(one(4))], 21)
        await desk.app.look()
        await pilot.pause()
        assert one(4).key not in page.subjects()
        assert not desk.app.doze.over(page)
        await pilot.press("enter")
        assert desk.app.screen is page, "Enter was meant for a line that isn't there any more"
        desk.clock.advance(500)
        assert desk.app.doze.over(page)


async def test_what_is_done_elsewhere_changes_the_page_of_a_document_that_lies_open(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    comes(desk, [ticket(3)], 20)
    async with running(desk) as pilot:
        desk.app.deal.open_document(ticket(3))
        await wait_for(pilot, "掉线3")
        comes(desk, [Document(REGION, "t-3", "ticket", 4, {**ticket(3).data, "title": "光缆断了"})], 21)
        await desk.app.look()
        await wait_for(pilot, "光缆断了")


async def test_who_gives_up_while_the_call_backs_lie_open_stands_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("C")
        await wait_for(pilot, "没有待回电的客户")
        await gives_up(desk, pilot, LI)
        await desk.app.look()
        await wait_for(pilot, "139****1111")


async def test_the_outbox_that_lies_open_tells_what_became_of_what_waited(tmp_path: Path) -> None:
    desk = Desk(tmp_path, online=False)
    async with running(desk) as pilot:
        await gives_up(desk, pilot, WANG)
        page = await opened(desk, pilot, "o")
        await wait_for(pilot, "本地已存")
        site = desk.site()
        waiting = site.outbox.batch(100, 10**6)
        assert waiting is not None
        made = [e for e in (site.outbox.entry(str(one)) for one in page.subjects()) if e is not None]
        why = Reason.of("newer_fields", fields=())
        answers = [Answer(e.id, e.seq, Verdict.FLAGGED, (why,), REGION, 30) for e in sorted(made, key=lambda e: e.seq)]
        site.take_answers(waiting.lineage, answers)
        site.close()
        await desk.app.look()
        await wait_for(pilot, "没有待上传的")
        assert f"待您处理 {len(made)}" in screen_text(pilot)


async def test_a_page_is_read_once_as_it_opens_and_once_more_when_it_is_come_back_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    load = WorklistScreen.load

    async def counted(self: WorklistScreen) -> None:
        read.append("worklist")
        await load(self)

    monkeypatch.setattr(WorklistScreen, "load", counted)
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await opened(desk, pilot, "l")
        assert read == ["worklist"]
        await pilot.press("question_mark", "escape")
        assert read == ["worklist"] * 2
