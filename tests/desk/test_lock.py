"""The lock over the desk: nobody sees a customer through it, nothing that is open gets lost, and who may opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from agentdesk.desk.models.rows import text
from agentdesk.desk.screens.lock import LockScreen
from agentdesk.desk.screens.note import NoteDialog
from agentdesk.desk.widgets.field import Words
from agentdesk.desk.widgets.lines import Lines
from agentdesk.qa.cast import AGENT, WANG
from agentdesk.qa.hand import Hand
from agentdesk.qa.world import entries
from agentdesk.replay.desk import RecordedDesk
from agentdesk.replay.record import Recorder
from agentdesk.trust.vault import Vault
from agentdesk.trust.vault_file import load
from tests.desk.driving import answered, note_box, ring, running, screen_text, until, verified, wait_for
from tests.desk.locked import COLLEAGUE, KEY, LEADER, OTHERS, PASSWORD, PIN, give_pin, locked
from tests.desk.world import MINUTE, Desk

PRIVATE = ("王", "186", "5678", "宽带", "钻石")


def lock_of(desk: Desk) -> LockScreen:
    screen = desk.app.screen
    assert isinstance(screen, LockScreen)
    return screen


async def lock(desk: Desk, pilot: Hand) -> None:
    await pilot.press("ctrl+l")
    await until(pilot, lambda: isinstance(desk.app.screen, LockScreen))


async def say(desk: Desk, pilot: Hand, words: str) -> None:
    """Type something at the lock, and wait until it was looked at."""
    await pilot.press(*("space" if letter == " " else letter for letter in words), "enter")
    await until(pilot, lambda: getattr(desk.app.screen, "stage", "") != "working")


def drawn(screen: Screen[Any]) -> str:
    """Return all that a screen draws, whatever it is made of."""
    lines = [text(row) for one in screen.query(Lines) for row in one.rows]
    size = screen.size
    whole = screen._compositor.render_strips(size)
    return "\n".join([*lines, *("".join(segment.text for segment in strip) for strip in whole)])


async def test_nothing_of_a_customer_is_seen_through_the_lock_and_all_is_there_again(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await note_box(desk, pilot)
        await pilot.press(*"rings")
        contact = desk.contact
        await lock(desk, pilot)
        seen = drawn(desk.app.screen)
        assert "通话仍在继续" in seen
        assert not [word for word in PRIVATE if word in seen]
        # none of the desk's keys reaches through it
        await pilot.press("ctrl+p", "question_mark", "f1", "escape", "ctrl+q", "ctrl+o", "1")
        assert isinstance(desk.app.screen, LockScreen)
        await pilot.press("backspace", "backspace")
        await say(desk, pilot, PASSWORD)
        await until(pilot, lambda: isinstance(desk.app.screen, NoteDialog))
        assert desk.contact is contact
        assert contact.live
        assert desk.app.screen.query_one(Words).text == "rings"


async def test_a_call_that_comes_rings_on_the_lock_without_a_name(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await lock(desk, pilot)
        assert desk.phone is not None
        await ring(desk, pilot, WANG)
        await wait_for(pilot, "有来电振铃")
        assert not [word for word in PRIVATE if word in drawn(desk.app.screen)]
        await say(desk, pilot, PASSWORD)
        await until(pilot, lambda: not isinstance(desk.app.screen, LockScreen))
        assert desk.contact.ringing
        assert "王** 女士" in screen_text(pilot)


async def test_what_wants_to_come_over_the_lock_waits_until_it_is_open(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await lock(desk, pilot)
        desk.app.push_screen(NoteDialog(desk.contact, None))
        await pilot.pause()
        assert isinstance(desk.app.screen, LockScreen)
        assert not [word for word in PRIVATE if word in drawn(desk.app.screen)]
        await say(desk, pilot, PASSWORD)
        await until(pilot, lambda: isinstance(desk.app.screen, NoteDialog))


async def test_a_wrong_password_is_counted_in_the_vault_and_opens_nothing(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await lock(desk, pilot)
        await say(desk, pilot, "nein")
        await wait_for(pilot, "锁定前还可试 4 次")
        assert isinstance(desk.app.screen, LockScreen)
        content = load(tmp_path)
        assert content is not None
        assert content.entries[AGENT].tries.failures == 1
        # at once the next one isn't even looked at
        await say(desk, pilot, PASSWORD)
        assert isinstance(desk.app.screen, LockScreen)
        lock_of(desk)._free_at = 0.0
        desk.clock.advance(1_000)
        await say(desk, pilot, PASSWORD)
        await until(pilot, lambda: not isinstance(desk.app.screen, LockScreen))


async def test_another_vault_laid_into_the_folder_opens_nothing(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await lock(desk, pilot)
        (tmp_path / "vault.json").unlink()
        other = Vault.create(tmp_path, bytes(32))
        other.admit(bytes(32), AGENT, "known to a thief", desk.clock.wall_ms() + MINUTE, desk.clock.wall_ms())
        await say(desk, pilot, "known to a thief")
        assert isinstance(desk.app.screen, LockScreen)


async def test_an_idle_desk_locks_itself_and_one_on_which_somebody_talks_does_not(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await until(pilot, lambda: desk.app.catalogue is not None)
        assert desk.app.catalogue is not None
        idle_ms = desk.app.catalogue.rules.idle_lock_s * 1000
        await answered(desk, pilot, WANG)
        desk.clock.advance(idle_ms + 1)
        desk.app.lock.tick()
        await pilot.pause()
        assert not desk.app.lock.on
        await desk.app.flow.wrap_up([], "")
        desk.clock.advance(idle_ms - 1)
        desk.app.lock.tick()
        await pilot.pause()
        assert not desk.app.lock.on
        desk.clock.advance(1)
        desk.app.lock.tick()
        await until(pilot, lambda: isinstance(desk.app.screen, LockScreen))


async def test_a_colleague_takes_over_in_two_keys_and_his_password_and_what_was_open_stays_the_others(
    tmp_path: Path,
) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press("ctrl+l", "tab")
        await wait_for(pilot, "先办完")  # a caller is on the line
        await say(desk, pilot, PASSWORD)
        assert desk.phone is not None
        contact = desk.contact
        await desk.phone.end(contact.call_id, "hung up")
        await until(pilot, lambda: not contact.live)
        await pilot.press("ctrl+l", "tab")
        await wait_for(pilot, "换人接手")
        await say(desk, pilot, "1025")
        await say(desk, pilot, OTHERS)
        await until(pilot, lambda: desk.app.settings.agent.id == COLLEAGUE)
        await until(pilot, lambda: not desk.app.lock.on)
        assert desk.app.contact is None
        assert "王敏慧" not in drawn(desk.app.screen)
        await pilot.press("ctrl+l", "tab")
        await wait_for(pilot, "换人接手")
        await say(desk, pilot, "1024")
        await say(desk, pilot, PASSWORD)
        await until(pilot, lambda: desk.app.settings.agent.id == AGENT and desk.app.contact is not None)
        assert desk.contact.id == contact.id


async def test_a_superior_unlocks_his_own_desk_by_pin_where_the_policy_lets_him(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    site = desk.site()
    give_pin(site, AGENT)
    site.close()
    async with running(desk) as pilot:
        await until(pilot, lambda: desk.app.catalogue is not None)
        await lock(desk, pilot)
        await wait_for(pilot, "用审批码")
        await pilot.press("f2")
        await say(desk, pilot, "000000")
        await wait_for(pilot, "审批码不对")
        lock_of(desk)._free_at = 0.0
        desk.clock.advance(1_000)
        await say(desk, pilot, PIN)
        await until(pilot, lambda: not isinstance(desk.app.screen, LockScreen))


async def test_who_was_dismissed_is_locked_out_in_the_middle_of_his_work(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await until(pilot, lambda: desk.app.catalogue is not None)
        desk.app.sits_since(desk.clock.wall_ms())
        site = desk.site()
        from agentdesk.domain.documents import Document
        from agentdesk.qa.world import fill

        gone = {"name": "张敏", "role": "agent", "dismissed_at": desk.clock.wall_ms()}
        fill(site, "org", [Document("org", AGENT, "agent", 9, gone)], upto=20)
        site.close()
        await desk.app.look()
        await until(pilot, lambda: isinstance(desk.app.screen, LockScreen))
        await say(desk, pilot, PASSWORD)
        assert isinstance(desk.app.screen, LockScreen)


async def test_an_approval_is_signed_by_pin_and_carries_what_only_its_owner_can_say(tmp_path: Path) -> None:
    desk = locked(tmp_path, online=True)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        for keys in (("2",), ("e", *"260", "space", "x", "enter"), ("g",), ("s",)):
            desk.clock.advance(500)
            await pilot.press(*keys)
        await wait_for(pilot, "请上级输入工号")
        for words, seen in ((LEADER, "请输入审批码"), ("000000", "审批码不对")):
            desk.clock.advance(2_000)
            await pilot.press(*words, "enter")
            await wait_for(pilot, seen)
        site = desk.site()
        assert not entries(site, "approval.given")
        desk.clock.advance(2_000)
        await pilot.press(*PIN)
        assert PIN not in drawn(desk.app.screen)
        await pilot.press("enter")
        await wait_for(pilot, "请写明理由")
        desk.clock.advance(500)
        await pilot.press(*"yes", "enter")
        await wait_for(pilot, "承诺")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: bool(entries(site, "approval.given")))
        (given,) = entries(site, "approval.given")
        site.close()
        assert given.body is not None
        assert given.body["sign"]["method"] == "pin"
        assert len(given.body["sign"]["word"]) == 64


async def test_nothing_secret_is_left_on_the_desk_or_in_its_files(tmp_path: Path) -> None:
    desk = locked(tmp_path)
    async with running(desk) as pilot:
        await lock(desk, pilot)
        for letter in PASSWORD:
            await pilot.press("space" if letter == " " else letter)
            assert PASSWORD[:4] not in drawn(desk.app.screen)
        assert "•••" in drawn(desk.app.screen)
        assert "••••" not in drawn(desk.app.screen)
        await say(desk, pilot, "")
        await until(pilot, lambda: not desk.app.lock.on)
    secrets = [word.encode() for word in (PASSWORD, OTHERS, PIN, KEY.hex())]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [one for one in secrets if one in data], path


async def test_a_site_without_passwords_says_that_there_is_nothing_to_lock_with(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("ctrl+l")
        await wait_for(pilot, "无从锁起")
        assert not desk.app.lock.on


@pytest.mark.parametrize("name", ["password", "pin"])
def test_settings_never_print_what_is_secret(tmp_path: Path, name: str) -> None:
    from agentdesk.desk.settings import SampleAgent

    desk = locked(tmp_path)
    assert KEY.hex() not in repr(desk.settings)
    assert repr(KEY) not in repr(desk.settings)
    assert "hunter22" not in repr(SampleAgent("1", "2", "3", **{"password": "x", name: "hunter22"}))


async def test_a_recording_has_nothing_of_a_password_or_a_pin(tmp_path: Path) -> None:
    desk = locked(tmp_path / "site", demo=False)
    file = tmp_path / "session.jsonl"
    desk.app = RecordedDesk(desk.settings, Recorder(file, desk.clock, desk.entropy))
    async with running(desk) as pilot:
        await pilot.press("l")
        await lock(desk, pilot)
        await pilot.press("Z", "Q", "9", "7", "9", "enter")
        await until(pilot, lambda: lock_of(desk).stage != "working")
    keys = [line for line in file.read_text("utf-8").splitlines() if '"key"' in line]
    assert [line for line in keys if '"ctrl+l"' in line]
    assert not [line for line in keys if any(f'"{key}"' in line for key in "ZQ97")]
