"""Where things are: the line, what waits, what the centre answered, and promises while the line is down."""

from __future__ import annotations

from pathlib import Path

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.verdict import Verdict
from agentdesk.store.outbox import Answer
from tests.desk.driving import Hand, answered, promised, running, screen_text, until, wait_for
from tests.desk.world import NOW, REGION, WANG, Desk, entries, fill

MINUTE = 60_000


async def told(desk: Desk, pilot: Hand) -> None:
    """Answer a call, make a promise and tell it."""
    await answered(desk, pilot, WANG)
    await promised(desk, pilot, "3")
    desk.clock.advance(500)
    await pilot.press("enter")
    await until(pilot, lambda: desk.contact.promises[0].told)


async def test_a_promise_turns_from_here_to_at_the_centre_by_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await told(desk, pilot)
        await wait_for(pilot, "○ 本地已存")
        promise = desk.contact.promises[0].document

        other = desk.site()
        waiting = other.outbox.batch(100, 1_000_000)
        assert waiting is not None
        found = reversed(other.outbox.entries())
        answers = [Answer(e.id, e.seq, Verdict.APPLIED, (), e.scope, 11) for e in found]
        other.take_answers(waiting.lineage, answers)
        fill(other, REGION, [d for d in (other.view.document(REGION, promise.id),) if d is not None], upto=11)
        other.close()

        await wait_for(pilot, "● 中心已收")
        await wait_for(pilot, "网络正常")


async def test_the_line_down_is_said_with_what_waits_and_the_words_and_limits_change(tmp_path: Path) -> None:
    desk = Desk(tmp_path, online=False)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        shown = screen_text(pilot)
        assert "断网 2 分钟, " in shown
        assert "条待上传" in shown
        assert "断网: 最迟 今天 16:32" in shown
        await promised(desk, pilot, "3", "以上即断网话术和时限")

    site = desk.site()
    (made,) = entries(site, "commitment.made")
    assert made.body is not None
    assert made.body["line"] == "down"
    assert made.body["due"] - NOW > 119 * MINUTE
    site.close()


async def test_what_isnt_possible_while_the_line_is_down_opens_what_is_instead(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await desk.app.news.cut_line()
        await wait_for(pilot, "断网时不能承诺; 改为: ")
        key = next(line.key for line in desk.contact.board.lines if line.offer.template.offline.mode == "none")
        await pilot.press(key)
        await wait_for(pilot, "我安排人在")


async def test_the_line_cut_under_an_open_dialog_changes_words_and_deadline_and_puts_enter_to_sleep(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("3")
        await wait_for(pilot, "今天 14:42 前")
        desk.clock.advance(500)
        await pilot.press("ctrl+o")
        await wait_for(pilot, "情况有变")
        await pilot.press("enter")
        await pilot.pause()
        assert not desk.contact.promises
        assert "今天 16:32 前" in screen_text(pilot)


async def test_ctrl_o_cuts_and_restores_the_line_in_a_demo(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("ctrl+o")
        await wait_for(pilot, "断网 不到 1 分钟, 0 条待上传")
        await pilot.press("ctrl+o")
        await wait_for(pilot, "网络正常")


async def test_the_outbox_shows_verdicts_with_reasons_and_the_whole_life(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await told(desk, pilot)
        other = desk.site()
        waiting = other.outbox.batch(100, 1_000_000)
        assert waiting is not None
        made = next(e for e in other.outbox.entries() if e.kind == "commitment.made")
        reason = Reason.of("once_per_cycle", number="100010000777")
        other.take_answers(waiting.lineage, [Answer(made.id, made.seq, Verdict.FLAGGED, (reason,), REGION, 11)])
        other.close()
        await wait_for(pilot, "待您处理 1")
        await wait_for(pilot, "! 待您处理")

        await pilot.press("o")
        await wait_for(pilot, "照办并标记")
        assert "本账期已用过一次 (尾号 00777)" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "已生效并标记")
        await pilot.press("escape", "space")
        await until(pilot, lambda: desk.app.pulse and desk.app.pulse.inbox == 0)


async def test_the_worklist_goes_from_mine_to_all(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("l")
        await wait_for(pilot, "[本人 2]")
        await pilot.press("tab", "tab", "tab")
        await wait_for(pilot, "[全网点 3]")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "处理过程")


async def test_a_refused_start_says_what_to_do(tmp_path: Path) -> None:
    desk = Desk(tmp_path, make=False)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.app.begun and desk.app.flow.message)
        assert desk.app.flow.message is not None
        assert "run `agentdesk site enrol URL CODE" in desk.app.flow.message.words
        assert "enrol" in screen_text(pilot)
