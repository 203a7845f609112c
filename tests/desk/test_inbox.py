"""The inbox on the desk: what needs a person, why, and each way out by one key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agentdesk.desk.models.rows import text, width
from agentdesk.desk.widgets.lines import Lines
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.store.outbox import Answer, Entry
from agentdesk.store.site import Site
from tests.desk.driving import Hand, running, screen_text, until, wait_for
from tests.desk.world import REGION, Desk, entries

AGENT = "bj1024"
HELD = (Verdict.HELD, Reason.of("crashed"), None)
REFUSED = (Verdict.REFUSED, Reason.of("ticket_state", state="archived", move="noted"), None)
FLAGGED = (Verdict.FLAGGED, Reason.of("newer_fields", fields=()), 11)
Said = tuple[Verdict, Reason, int | None]


def noted(site: Site, words: str) -> str:
    body = {"text": words, "customer": "c-wang"}
    return site.commit(Draft("note.added", AGENT, "agent", REGION, site.new_id(), body)).operation.id


def chased(site: Site) -> str:
    return site.commit(Draft("ticket.chased", AGENT, "agent", REGION, "t-2188", {})).operation.id


def answered_with(site: Site, said: Sequence[Said]) -> list[str]:
    """Make a note, or a chase, for each verdict; the last note waits for its own."""
    made = [noted(site, f"第 {n} 条") for n in range(len(said))]
    noted(site, "还没上传")
    waiting = site.outbox.batch(100, 1_000_000)
    assert waiting is not None
    answers = [
        Answer(id_, n, verdict, (reason,), REGION if change else None, change)
        for n, (id_, (verdict, reason, change)) in enumerate(zip(made, said, strict=True), 1)
    ]
    site.take_answers(waiting.lineage, answers)
    return made


def with_verdicts(desk: Desk, *said: Said) -> list[str]:
    site = desk.site()
    try:
        return answered_with(site, said)
    finally:
        site.close()


def on_disk(desk: Desk, kind: str) -> list[Entry]:
    site = desk.site()
    try:
        return entries(site, kind)
    finally:
        site.close()


async def opened(desk: Desk, pilot: Hand, count: int) -> None:
    """Open the outbox on the inbox."""
    await until(pilot, lambda: desk.app.pulse and desk.app.pulse.inbox == count)
    await pilot.press("o")
    await wait_for(pilot, f"[待您处理 {count}]")
    desk.clock.advance(500)


async def test_the_desk_at_rest_says_calmly_that_something_needs_its_agent(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_verdicts(desk, HELD, REFUSED)
    async with running(desk) as pilot:
        await wait_for(pilot, "2 条待您处理")
        assert "待您处理 2" in screen_text(pilot)


async def test_the_lists_are_one_key_apart_and_the_first_is_what_needs_a_person(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_verdicts(desk, HELD, REFUSED, FLAGGED)
    async with running(desk) as pilot:
        await opened(desk, pilot, 3)
        shown = screen_text(pilot)
        for words in ("挂起, 待人工", "被拒绝", "照办并标记"):
            assert words in shown
        await pilot.press("tab")
        await wait_for(pilot, "[待上传 1]")
        await pilot.press("tab")
        await wait_for(pilot, "[全部]")
        await pilot.press("shift+tab", "shift+tab")
        await wait_for(pilot, "[待您处理 3]")


async def test_an_entry_says_what_happened_why_and_what_can_be_done(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_verdicts(desk, REFUSED)
    async with running(desk) as pilot:
        await opened(desk, pilot, 1)
        await pilot.press("enter")
        await wait_for(pilot, "未生效。可以更正, 重试, 或撤回。")
        shown = screen_text(pilot)
        assert "工单已归档" in shown or "归档" in shown
        for words in ("r 重试", "e 更正", "d 撤回", "空格 已阅"):
            assert words in shown


async def test_one_key_has_it_tried_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (held,) = with_verdicts(desk, HELD)
    async with running(desk) as pilot:
        await opened(desk, pilot, 1)
        await pilot.press("r")
        await until(pilot, lambda: on_disk(desk, "operation.retried"))
    (wish,) = on_disk(desk, "operation.retried")
    assert (wish.document, wish.actor) == (held, AGENT)


async def test_a_correction_takes_the_place_of_the_old_entry(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (refused,) = with_verdicts(desk, REFUSED)
    async with running(desk) as pilot:
        await opened(desk, pilot, 1)
        await pilot.press("enter", "e")
        await wait_for(pilot, "撤回原来的, 由这一条代替")
        desk.clock.advance(500)
        await pilot.press("end", "!", "enter")
        await until(pilot, lambda: on_disk(desk, "operation.withdrawn"))
    (withdrawal,) = on_disk(desk, "operation.withdrawn")
    corrected = on_disk(desk, "note.added")[-1]
    assert withdrawal.document == refused
    assert withdrawal.body == {"superseded_by": corrected.id}
    assert corrected.body is not None
    assert corrected.body["text"] == "第 0 条!"


async def test_a_withdrawal_is_asked_for_once_more(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (refused,) = with_verdicts(desk, REFUSED)
    async with running(desk) as pilot:
        await opened(desk, pilot, 1)
        await pilot.press("d")
        await wait_for(pilot, "撤回?")
        await pilot.press("escape")
        await wait_for(pilot, "[待您处理 1]")
        assert on_disk(desk, "operation.withdrawn") == []
        await pilot.press("d")
        await wait_for(pilot, "撤回?")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: on_disk(desk, "operation.withdrawn"))
    assert [wish.document for wish in on_disk(desk, "operation.withdrawn")] == [refused]


async def test_who_has_seen_to_it_stays_known_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first, second = with_verdicts(desk, FLAGGED, HELD)
    async with running(desk) as pilot:
        await opened(desk, pilot, 2)
        await pilot.press("space")
        await wait_for(pilot, "[待您处理 1]")
    site = desk.site()
    assert [entry.id for entry in site.outbox.inbox()] == [second]
    assert [by for _, by in site.outbox.life(first).seen] == [AGENT]
    site.close()
    again = Desk(tmp_path, make=False)
    async with running(again) as pilot:
        await opened(again, pilot, 1)


async def test_what_was_said_to_a_customer_says_why_it_stands(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    site = desk.site()
    id_ = chased(site)
    waiting = site.outbox.batch(10, 1_000_000)
    assert waiting is not None
    site.take_answers(waiting.lineage, [Answer(id_, 1, Verdict.HELD, (Reason.of("unknown_actor"),), None, None)])
    site.close()
    async with running(desk) as pilot:
        await opened(desk, pilot, 1)
        assert "d 撤回" not in screen_text(pilot)
        await pilot.press("d")
        await wait_for(pilot, "已对客户说过, 照办: 请撤回承诺本身")
        await pilot.press("r")
        await until(pilot, lambda: on_disk(desk, "operation.retried"))


async def test_the_keys_of_the_list_have_their_help(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_verdicts(desk, HELD)
    async with running(desk) as pilot:
        await opened(desk, pilot, 1)
        await pilot.press("question_mark", "down", "down", "down", "down")
        await wait_for(pilot, "已处理: 从您的列表移除")
        await pilot.press("up", "up", "up")
        await wait_for(pilot, "请中心再判一次")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: on_disk(desk, "operation.retried"))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
async def test_nothing_is_wider_than_the_screen(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    desk = Desk(tmp_path, language=language)
    with_verdicts(desk, HELD, REFUSED, FLAGGED)
    async with running(desk, size) as pilot:
        await until(pilot, lambda: desk.app.pulse and desk.app.pulse.inbox == 3)
        await pilot.press("o")
        desk.clock.advance(500)
        for key in ("tab", "tab", "tab", "enter"):
            await pilot.press(key)
            for widget in desk.app.screen.query(Lines):
                assert all(width(line) <= size[0] for line in widget.rows), [text(line) for line in widget.rows]
