"""From the ring to the promise that was told: three keys, and never a word before it is on disk."""

from __future__ import annotations

from pathlib import Path

from agentdesk.store.errors import DiskFull
from tests.desk.driving import answered, promised, ring, running, screen_text, until, wait_for
from tests.desk.world import SHARED, WANG, Desk, document_of, entries

FREE = "3"
"""The key of an offer that needs no more than the own number of the first caller."""


async def test_a_promise_takes_three_keys_from_the_ring(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await ring(desk, pilot, WANG)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.state == "talking")
        desk.clock.advance(42_000)
        await pilot.press(FREE)
        desk.clock.advance(1_500)
        await pilot.press("enter")
        await wait_for(pilot, "已承诺")

    site = desk.site()
    made = [entry for entry in site.outbox.entries() if entry.kind == "commitment.made"]
    assert len(made) == 1
    whole = site.outbox.entry(made[0].id)
    assert whole is not None
    assert whole.body is not None
    assert (whole.body["asked_s"], whole.body["agreed_s"]) == (42, 43)
    assert whole.body["verification"] == {"level": 1, "method": "own_number"}
    assert whole.body["ask"]["text"] != whole.body["tell"]["text"]
    assert whole.body["rank"] == 3
    promise = document_of(site, whole)
    assert promise.data["state"] == "made"
    site.close()


async def test_the_words_to_tell_are_marked_as_spoken_with_one_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await promised(desk, pilot, FREE)
        desk.clock.advance(5_000)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.contact and desk.contact.promises[0].told)
        await wait_for(pilot, "本地已存")
        assert desk.app.desk_screen.work[0].document.id == desk.contact.promises[0].document.id

    site = desk.site()
    spoken = next(entry for entry in site.outbox.entries() if entry.kind == "commitment.spoken")
    whole = site.outbox.entry(spoken.id)
    assert whole is not None
    assert whole.body is not None
    assert whole.body["seconds"] == 5
    site.close()


async def test_enter_is_dead_for_a_moment_after_the_ring_and_after_a_dialog_opens(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await ring(desk, pilot, WANG, wake=False)
        await pilot.press("enter")
        await pilot.pause()
        assert desk.app.flow.state == "reserved"
        desk.clock.advance(400)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.state == "talking")
        await pilot.press(FREE)
        await pilot.press("enter")
        desk.clock.advance(399)
        await pilot.press("enter")
        await pilot.pause()
        assert not desk.contact.promises
        desk.clock.advance(1)
        await pilot.press("enter")
        await wait_for(pilot, "已承诺")
        # and the same Enter, held down, doesn't mark as told what nobody has read yet
        await pilot.press("enter")
        await pilot.pause()
        assert not desk.contact.promises[0].told


async def test_a_full_disk_is_said_and_nothing_is_called_promised(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await until(pilot, lambda: desk.contact.recorded)

        def full(site):  # type: ignore[no-untyped-def]
            def commit_all(drafts):  # type: ignore[no-untyped-def]
                raise DiskFull("full")

            site.commit_all = commit_all

        await desk.app.backend.run(full)
        await pilot.press(FREE)
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "磁盘已满")
        assert "已承诺" not in screen_text(pilot)
        assert not desk.contact.promises


async def test_a_second_deadline_stands_in_the_dialog_is_spoken_and_kept_by_one_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, SHARED)
        await pilot.press("1")
        await until(pilot, lambda: desk.contact.board.of("J02"))
        line = desk.contact.board.of("J02")
        assert line is not None
        await pilot.press(line.key)
        await wait_for(pilot, "中间时限")
        assert "今天 22:32 前   首次联系" in screen_text(pilot)
        desk.clock.advance(1_500)
        await pilot.press("enter")
        await wait_for(pilot, "已承诺")
        assert "最迟 今天 22:32 先打电话" in screen_text(pilot)
        desk.clock.advance(1_500)
        await pilot.press("enter")
        await until(pilot, lambda: desk.contact.promises[0].told)
        promise = desk.contact.promises[0].document
        desk.app.deal.open_document(promise)
        await wait_for(pilot, "剩 8 小时")
        await pilot.press("k")
        await wait_for(pilot, "到那时做了什么")
        desk.clock.advance(500)
        await pilot.press(*"rung", "enter")
        await wait_for(pilot, "按时做到")

    site = desk.site()
    (made,), (kept,) = entries(site, "commitment.made"), entries(site, "commitment.also_kept")
    assert made.body is not None
    assert made.body["also"] < made.body["due"]
    held = document_of(site, made)
    assert (kept.document, held.data["also_due"]) == (made.document, made.body["also"])
    assert held.data["also_kept_at"] < held.data["also_due"]
    site.close()
