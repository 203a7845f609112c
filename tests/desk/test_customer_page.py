"""All about a customer on one page, what the call is about, and the branch hall with its one slip."""

from __future__ import annotations

from pathlib import Path

from agentdesk.desk.models.hall import plain
from agentdesk.desk.queries.tickets import queue
from agentdesk.desk.screens.customer import CustomerPage
from agentdesk.domain.documents import Document
from tests.desk.driving import answered, read_then, running, screen_text, until, wait_for
from tests.desk.test_main_screen import shown
from tests.desk.world import DAY, NOW, PASSWORD, REGION, WANG, Desk, entries, fill

OUTLET = {
    "name": "东街营业厅",
    "address": "北京市东城区东街1号",
    "place": [39_900_000, 116_400_000],
    "calendar": "halls",
    "services": ["sim"],
    "desks": 2,
}


def card_of(desk: Desk) -> str:
    """Return what stands on the caller's card, in one line."""
    return " ".join(shown(desk.app.desk_screen, "#card"))


def with_hall(desk: Desk) -> None:
    """Add an outlet and a colleague to the site."""
    site = desk.site()
    fill(
        site,
        "org",
        [
            Document("org", "bj1024", "agent", 1, {"name": "张敏", "role": "agent"}),
            Document("org", "bj3001", "agent", 1, {"name": "陈静", "role": "clerk"}),
            Document("org", "o-1", "outlet", 1, OUTLET),
        ],
        upto=11,
    )
    site.close()


async def test_the_page_tells_why_and_what_the_call_is_about_ranks_the_offers(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk, (120, 40)) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("R")
        await wait_for(pilot, "权益, 逐层")
        shown = screen_text(pilot)
        assert "机场贵宾通道" in shown  # by the diamond card
        assert "不适用: 号码没有停机" in shown  # a right that can't be used now
        assert "流失预警" in shown
        assert "内部信息" in shown
        await pilot.press("c")
        await wait_for(pilot, "客户可见")
        # the desk behind the page has its own warnings: what the customer sees begins with the page's title
        assert "内部信息" not in screen_text(pilot).partition("客户可见")[2]
        # why he leaves is the agent's to ask: the customer's own view has no key for it
        await pilot.press("l", "c")
        await wait_for(pilot, "客户全貌")
        await pilot.press("l")
        await wait_for(pilot, "客户为什么要离网")
        await pilot.press("5")
        await wait_for(pilot, "您常去的地方信号不好")
        await pilot.press("escape")
        await pilot.press("M")
        await read_then(desk, pilot, "客户为什么来电", *"porting", "enter")
        await until(pilot, lambda: desk.contact.target.matter == "porting" and desk.contact.board.lines)
        lines = desk.contact.board.lines
        assert lines[0].code == "L05"
        assert not set(desk.facts.catalogue.customers.retention) & {line.code for line in lines}
        await wait_for(pilot, "携转资格当场说明")

    site = desk.site()
    (left,) = entries(site, "contact.leaving_told")
    assert left.body is not None
    assert left.body["reason"] == "network"
    (named,) = entries(site, "contact.matter_named")
    assert named.body == {"matter": "porting", "source": "agent"}
    site.close()


async def test_what_is_missing_stands_on_the_card_of_a_verified_caller_until_he_told_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, language="en")
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        assert "not known yet" not in card_of(desk), "nobody unverified is asked for it"
        await pilot.press("v")
        desk.clock.advance(500)
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, lambda: desk.facts.verified)
        for what, told in (("whom to ask for", "mother"), ("when it suits", "evenings"), ("the address", "East1")):
            await wait_for(pilot, f"not known yet: {what}")
            assert card_of(desk).count("not known yet") == 1, "one thing at a time"
            await pilot.press("R")
            await wait_for(pilot, "ask and enter it with")
            await pilot.press("e")
            desk.clock.advance(500)
            await pilot.press(*told, "enter")
            await until(pilot, lambda: isinstance(desk.app.screen, CustomerPage))
            await pilot.press("escape")
        await until(pilot, lambda: "not known yet" not in card_of(desk))


async def test_a_visit_is_received_booked_and_leaves_with_one_slip(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_hall(desk)
    async with running(desk, (100, 30)) as pilot:
        await pilot.press("B")
        await wait_for(pilot, "营业厅")
        await pilot.press("w")
        await read_then(desk, pilot, "接替人的工号", *"3001", "enter")
        await until(pilot, lambda: desk.app.deeds.by.agent == "bj3001")
        await pilot.press("t", "t", "c")
        await wait_for(pilot, "已叫号: A001")
        assert "1 人等候" in screen_text(pilot)
        await pilot.press(*WANG[3:], "enter")
        await until(pilot, lambda: desk.app.flow.contact is not None and desk.app.hall.visit is not None)
        assert desk.contact.channel == "hall"
        await pilot.press("B", "n")
        await wait_for(pilot, "预约什么?")
        await pilot.press("1")
        await wait_for(pilot, "在哪个网点?")
        await pilot.press("1")
        await wait_for(pilot, "什么时间?")
        await pilot.press("2")
        await wait_for(pilot, "今日预约 1")
        assert "已预约: 告知客户时间" in screen_text(pilot)
        await pilot.press("p")
        await until(pilot, lambda: desk.app.hall.visit is None)

    (slip,) = (tmp_path / "slips").glob("*.txt")
    text = slip.read_text("utf-8")
    assert "预约: 号卡" in text
    assert "陈静" in text
    assert "王敏慧" not in text  # nobody was verified: the name stays masked
    site = desk.site()
    (booked,) = entries(site, "appointment.booked")
    assert booked.actor == "bj3001"
    assert booked.body is not None
    assert f"  {booked.body['place']}\n" in text, "a slip says where he is expected"
    assert " 前" not in text, "and when: a time to come is no limit"
    assert not any(day in text for day in ("今天", "明天")), "a slip is read on other days, too"
    assert "==" in text
    assert not any(rule in plain(text) for rule in ("==", "--")), "a text message has no rules"
    (started,) = entries(site, "visit.started")
    assert started.body is not None
    assert (started.body["how"], started.body["queue"]) == ("queue", "A001")
    site.close()


async def test_what_is_due_after_the_shift_goes_over_with_one_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with_hall(desk)
    async with running(desk) as pilot:
        await pilot.press("z")
        await wait_for(pilot, "待移交 2")
        await pilot.press("space")
        await read_then(desk, pilot, "待移交 1", "enter")
        await read_then(desk, pilot, "移交给谁?", *"bj3001", "enter")
        await wait_for(pilot, "首问责任不变")

    site = desk.site()
    (ended,) = entries(site, "agent.shift_ended")
    assert ended.body is not None
    (item,) = ended.body["items"]
    assert (item["to"], len(ended.body["kept"])) == ("bj3001", 1)
    handed = site.view.document(REGION, item["document"])
    assert handed is not None
    assert handed.data["owner"] == "bj3001"
    assert handed.data["first_responsible"] == "bj1024"
    site.close()


async def test_a_leader_hands_over_the_work_of_who_is_ill_and_says_why(tmp_path: Path) -> None:
    desk = Desk(tmp_path, role="team_leader")
    with_hall(desk)
    site = desk.site()
    theirs = {"customer": "c-zhao", "state": "made", "owner": "bj3001", "name_zh": "限时回电", "name_en": "Call-back"}
    promise = {**theirs, "template": "U02", "number": "100010000932", "due": NOW + DAY, "at": NOW, "moves": []}
    waiting = {**promise, "number": "100010000933", "waits": True, "department": "billing", "state": "held"}
    staff = {"bj2007": {"name": "赵云", "role": "agent"}, "bj1024": {"name": "张敏", "role": "team_leader"}}
    fill(site, "org", [Document("org", who, "agent", 2, known) for who, known in staff.items()], upto=12)
    fill(site, REGION, [Document(REGION, "p-1", "commitment", 1, promise)], upto=12)
    fill(site, REGION, [Document(REGION, "p-2", "commitment", 1, {**promise, "department": "billing"})], upto=13)
    fill(site, REGION, [Document(REGION, "p-3", "commitment", 1, waiting)], upto=14)
    fill(site, "org", [Document("org", "bj3002", "agent", 1, {"name": "孙", "department": "billing"})], upto=13)
    # what waits for an approval is nobody's work in the department yet
    lying = queue(site, "bj3002", "department_handler", "department").mine
    assert [d.id for d in lying] == ["p-2"]
    site.close()
    async with running(desk) as pilot:
        await pilot.press("z")
        await wait_for(pilot, "待移交")
        await pilot.press("tab")
        await read_then(desk, pilot, "不在岗人的工号", *"3001", "enter")
        await read_then(desk, pilot, "他为何不在岗", "1")
        await wait_for(pilot, "陈静 bj3001")
        await read_then(desk, pilot, "待移交 3", "enter")
        await read_then(desk, pilot, "移交给谁?", *"bj2007", "enter")
        await wait_for(pilot, "首问责任不变")

    site = desk.site()
    (ended,) = entries(site, "agent.shift_ended")
    assert ended.actor == "bj1024"
    assert ended.body is not None
    assert {item["to"] for item in ended.body["items"]} == {"bj2007"}
    for name in ("p-1", "p-2", "p-3"):
        handed = site.view.document(REGION, name)
        assert handed is not None
        assert (handed.data["owner"], handed.data["first_responsible"]) == ("bj2007", "bj3001")
    site.close()
