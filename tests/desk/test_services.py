"""Services by phone, flows, scripts and bills at the desk: few keys, and nothing is called done before it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentdesk.domain.documents import Document
from agentdesk.store.site import Site
from tests.desk.driving import answered, read_then, running, screen_text, until, verified, wait_for
from tests.desk.world import MINUTE, NOW, REGION, WANG, Desk, document_of, documents, entries, fill

MONTHS = [
    {
        "account": "c-wang-a",
        "month": month,
        "issued": NOW - days * 24 * 60 * MINUTE,
        "lines": [
            {"kind": "fixed", "name": "全能 129 元", "amount": 12_900, "line": "c-wang-1"},
            *(
                [{"kind": "overage", "name": "套外流量", "amount": 6_800, "line": "c-wang-1", "quantity": 9_000}]
                if over
                else []
            ),
        ],
        "use": {"c-wang-1": {"minutes": 90, "mb": 9_000}},
    }
    for month, days, over in (("2026-10", 24, True), ("2026-09", 55, False), ("2026-08", 86, False))
]


@contextmanager
def beside(desk: Desk) -> Iterator[Site]:
    """Open the desk's files beside it."""
    site = desk.site()
    try:
        yield site
    finally:
        site.close()


def billed() -> Document:
    """Return the first caller with three bills."""
    wang = next(d for d in documents() if d.id == "c-wang")
    return Document(REGION, "c-wang", "customer", 2, {**wang.data, "bills": MONTHS})


def with_bills(desk: Desk) -> None:
    """Give the first caller three bills."""
    with beside(desk) as site:
        fill(site, REGION, [billed()], 11)


async def test_a_service_is_ordered_by_its_initials_and_stands_in_open_work(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("s")
        await read_then(desk, pilot, "电话办理", *"ldxs")
        await pilot.press(*["backspace"] * 4, *"来电显示", "enter")
        await read_then(desk, pilot, "SM12", "1")
        await read_then(desk, pilot, "已复述", "enter")
        await read_then(desk, pilot, "已受理", "enter", "escape")
        await until(pilot, lambda: any(line.document.type == "service_order" for line in desk.app.desk_screen.work))
        assert desk.contact.matters[-1].outcome == "ordered"
        assert set(desk.contact.steps) >= {"receive", "listen", "propose", "agree"}

    with beside(desk) as site:
        (made,) = entries(site, "service.ordered")
        assert made.body is not None
        assert made.body["parameters"] == {"switch": "on"}
        assert "来电显示" in made.body["confirm"]["text"]
        order = document_of(site, made)
        assert order.data["state"] == "ordered"


async def test_with_the_line_down_a_service_is_noted_in_words_that_promise_no_more_than_that(tmp_path: Path) -> None:
    desk = Desk(tmp_path, online=False)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("s")
        await read_then(desk, pilot, "电话办理", *"来电显示", "enter")
        await read_then(desk, pilot, "SM12", "1")
        await read_then(desk, pilot, "系统现在连不上，我先给您登记", "enter")
        await wait_for(pilot, "来电显示先记下了")
        assert "改好了" not in screen_text(pilot)

    with beside(desk) as site:
        (made,) = entries(site, "service.ordered")
        assert made.body is not None
        assert (made.body["line"], "系统恢复后就办" in made.body["done"]["text"]) == ("down", True)


async def test_one_key_cancels_a_service_and_it_shows_as_being_cancelled(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("V")
        await read_then(desk, pilot, "手机早晚报", "2")
        await read_then(desk, pilot, "SM42", "enter")
        await read_then(desk, pilot, "已受理", "enter")
        await wait_for(pilot, "退订中")

    with beside(desk) as site:
        (made,) = entries(site, "service.ordered")
        assert made.body is not None
        assert (made.body["service"], made.body["parameters"]) == ("SM42", {"service": "news"})
        assert made.body["about"] == "手机早晚报"


async def test_with_the_line_down_a_promise_stands_in_the_place_of_what_cant_be_noted(tmp_path: Path) -> None:
    desk = Desk(tmp_path, online=False)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press("s")
        await read_then(desk, pilot, "电话办理", *"套餐变更", "enter")
        await wait_for(pilot, "先征询")
        assert "受理" not in screen_text(pilot).splitlines()[-1]

    with beside(desk) as site:
        assert entries(site, "service.ordered") == []


async def test_an_order_without_effect_stands_first_with_the_promise_one_key_away(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    late = {
        "number": "100010005550",
        "customer": "c-wang",
        "subscription": "c-wang-1",
        "service": "SM20",
        "name_zh": "漏话提醒",
        "name_en": "Missed calls",
        "parameters": {},
        "state": "late",
        "promise": "U02",
        "owner": "bj1024",
        "department": "vas",
        "due": NOW + 7 * MINUTE,
        "at": NOW - 3 * MINUTE,
        "moves": [],
    }
    with beside(desk) as site:
        fill(site, REGION, [Document(REGION, "o-1", "service_order", 3, late)], 12)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await wait_for(pilot, "改作承诺")
        line = next(line for line in desk.app.desk_screen.work if line.document.id == "o-1")
        await pilot.press(line.key)
        await wait_for(pilot, "超时未生效")
        await pilot.press("p")
        await wait_for(pilot, "先征询")


async def test_a_flow_is_walked_by_numbers_and_its_path_is_kept_in_the_contact(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("k")
        await read_then(desk, pilot, "问答流程", *"忘了交费", "enter")
        await read_then(desk, pilot, "Q201", "3")
        await wait_for(pilot, "手机营业厅")
        await pilot.press("b", "3", "enter")
        await until(pilot, lambda: desk.contact.matters)
        assert desk.contact.matters[-1].outcome == "told"

    with beside(desk) as site:
        (walked,) = entries(site, "contact.guided")
        assert walked.body is not None
        assert (walked.body["path"], walked.body["end"], walked.body["outcome"]) == ([["s1", 3]], "e1", "told")


async def test_what_to_say_now_follows_from_what_is_the_matter(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk, (120, 40)) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("i")
        await wait_for(pilot, "不要：")
        first = screen_text(pilot)
        await pilot.press("down")
        assert screen_text(pilot) != first
        await pilot.press("escape")
        # a desk of this width has what to say in its side pane
        await wait_for(pilot, "脚本   i")


async def test_bills_stand_side_by_side_once_the_caller_is_verified(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_bills(desk)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("F")
        await wait_for(pilot, "先核验")
        assert "129.00" not in screen_text(pilot)
        await pilot.press("escape")
        await pilot.press("v")
        desk.clock.advance(500)
        await pilot.press(*"246810", "enter")
        await until(pilot, lambda: desk.facts.verified)
        await pilot.press("F")
        await wait_for(pilot, "197.00")
        await pilot.press("down")
        await wait_for(pilot, "超出套餐")
        await pilot.press("f")
        await wait_for(pilot, "日常 39 元")
        assert "省" in screen_text(pilot)
