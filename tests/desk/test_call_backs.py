"""Who gives up waiting is called back; a call that broke off is rung back; what was promised is sent as a text."""

from __future__ import annotations

from pathlib import Path

from agentdesk.desk.calls.ringing_back import broke_off
from agentdesk.desk.screens.callbacks import CallBacksPage
from agentdesk.domain.documents import Document
from tests.desk.driving import (
    breaks_off,
    gives_up,
    promised,
    running,
    screen_text,
    until,
    verified,
    wait_for,
)
from tests.desk.world import LI, REGION, WANG, Desk, document_of, entries, fill

MOBILE = "186****5678"


def call_backs(desk: Desk) -> list[Document]:
    site = desk.site()
    try:
        return list(site.view.open_of("callback"))
    finally:
        site.close()


async def test_who_gave_up_is_listed_rung_and_served_with_what_he_waited_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await gives_up(desk, pilot, WANG)
        await until(pilot, lambda: call_backs(desk))
        await pilot.press("C")
        await wait_for(pilot, MOBILE)
        assert "等候 20 秒" in screen_text(pilot)
        await pilot.press("enter")
        assert isinstance(desk.app.screen, CallBacksPage), "Enter that was meant for what was there before rings nobody"
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "请在话机上手工拨号")
        assert "186 1234 5678" in screen_text(pilot)
        desk.clock.advance(500)
        await pilot.press("1")
        await until(pilot, lambda: desk.app.flow.contact is not None and desk.app.flow.contact.opened)
        await until(pilot, lambda: not call_backs(desk))
    site = desk.site()
    (opened,) = entries(site, "callback.opened")
    assert opened.body is not None
    assert (opened.body["caller"], opened.body["waited_s"], opened.body["customer"]) == ("+8618612345678", 20, "c-wang")
    contacts = [e.body for e in entries(site, "contact.opened") if e.body and e.body.get("callback")]
    assert [(c["direction"], c["callback"]) for c in contacts] == [("outbound", opened.document)]
    found = document_of(site, opened)
    assert (found.data["state"], found.data["result"]) == ("done", "reached")
    text = site.view.document(REGION, f"{opened.document}.sms")
    assert text is not None
    assert text.data["state"] == "queued"
    site.close()


async def test_who_waited_a_moment_only_or_gave_up_just_before_isnt_called_back_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await gives_up(desk, pilot, LI, 3_000)
        assert call_backs(desk) == []
        await gives_up(desk, pilot, LI)
        await until(pilot, lambda: len(call_backs(desk)) == 1)
        await gives_up(desk, pilot, LI)
        assert len(call_backs(desk)) == 1


async def test_a_call_that_broke_off_is_rung_back_twice_at_most(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await breaks_off(desk, pilot, WANG)
        await wait_for(pilot, "通话掉线")
        for _ in range(2):
            await pilot.press("C")
            await wait_for(pilot, "通话掉线：回拨")
            desk.clock.advance(500)
            await pilot.press("2")
        contact = desk.app.flow.contact
        assert contact is not None
        assert not broke_off(desk.app.flow, contact)
        document = contact.id
    site = desk.site()
    found = site.view.document(REGION, document)
    assert found is not None
    assert [t["result"] for t in found.data["rung_back"]] == ["no_answer", "no_answer"]
    site.close()


async def test_a_promise_that_is_told_sends_a_receipt_and_p_sends_it_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await promised(desk, pilot, "1")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: sms(desk))
        (first,) = sms(desk)
        assert first.data["state"] == "queued"
        about = str(first.data["about"])
        site = desk.site()
        promise = site.view.document(REGION, about)
        site.close()
        assert promise is not None
        assert promise.data["number"] in first.data["text"]
        desk.app.deal.open_document(promise)
        await wait_for(pilot, "短信回执")
        await pilot.press("p")
        await wait_for(pilot, "待发送")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: len(sms(desk)) == 2)


def sms(desk: Desk) -> list[Document]:
    site = desk.site()
    try:
        found = list(site.view.of_type(REGION, "notice"))
    finally:
        site.close()
    return sorted(found, key=lambda d: d.id)


async def test_a_call_back_goes_to_a_colleague_by_one_key_with_what_he_should_know(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    site = desk.site()
    fill(site, "org", [Document("org", "bj3001", "agent", 1, {"name": "陈静", "role": "agent"})], 11)
    site.close()
    async with running(desk) as pilot:
        await gives_up(desk, pilot, WANG)
        await until(pilot, lambda: call_backs(desk))
        await pilot.press("C")
        await wait_for(pilot, MOBILE)
        await pilot.press("h")
        await wait_for(pilot, "移交给谁")
        desk.clock.advance(500)
        await pilot.press(*"3001", "enter")
        await wait_for(pilot, "交接说明")
        desk.clock.advance(500)
        await pilot.press(*"rings after six", "enter")
        await until(pilot, lambda: [one.data["owner"] for one in call_backs(desk)] == ["bj3001"])
    site = desk.site()
    (handed,) = entries(site, "callback.handed_over")
    assert handed.body is not None
    assert (handed.body["to"], handed.body["note"]) == ("bj3001", "rings after six")
    site.close()
