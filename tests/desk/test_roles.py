"""What a desk offers to each role: nothing that the role may not do, and why, before a customer hears of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.desk.actions import DESK, all_actions
from agentdesk.desk.actions.made import MADE
from agentdesk.desk.models import remedies as making_good
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.offers import ranked
from agentdesk.desk.models.services import service_lines
from agentdesk.domain.access import has_right, may
from agentdesk.domain.case import Customer
from agentdesk.domain.decide import Allowance, kind_named
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.remedies import CATEGORIES
from agentdesk.domain.policy import MoneyKind
from tests.desk.driving import Hand, looked_for, read_then, running, screen_text, until, verified, wait_for
from tests.desk.world import DAY, NOW, REGION, WANG, Desk, catalogue, documents, entries, fill
from tests.domain.making_good import ticket

ROLES = sorted(catalogue().roles)
UNLIKE = sorted({str(sorted(role.rights or ())): name for name, role in sorted(catalogue().roles.items())}.values())
"""One role of each set of rights."""

LEASES: dict[MoneyKind, Allowance] = {
    "cost": Allowance("lease-cost", "cost", 10_000_000),
    "credit": Allowance("lease-credit", "credit", 10_000_000),
}
NOT_HIS = "你的岗位不能做"


def seated(folder: Path, role: str, *more: Document) -> Desk:
    """Return a desk at which somebody sits who has a role."""
    Desk(folder)
    desk = Desk(folder, role=role, make=False)
    site = desk.site()
    staff = [("bj1024", 2, {"name": "张敏", "role": role}), ("bj3001", 1, {"name": "陈静", "role": "clerk"})]
    fill(site, "org", [Document("org", who, "agent", rev, known) for who, rev, known in staff], upto=20)
    fill(site, REGION, more, upto=20)
    site.close()
    return desk


async def look_up(desk: Desk, pilot: Hand) -> None:
    """Find a customer by hand: nobody calls, and nothing is written down yet."""
    await looked_for(pilot, "18612345678", "王** 女士")
    desk.clock.advance(500)
    await pilot.press("enter")

    def there() -> bool:
        facts = desk.app.contact.facts if desk.app.contact is not None else None
        return facts is not None and facts.customer is not None and desk.app.screen is desk.app.desk_screen

    await until(pilot, there)


def known(role: str, level: int, online: bool = True) -> list[Facts]:
    """Return what a desk of a role knows of each line of the cast, the callers verified so far."""
    found = []
    for document in documents():
        if document.type == "customer":
            customer = Customer(document)
            data = {"verification": {"customer": document.id, "level": level, "caller_role": "owner"}}
            contact = Document(REGION, "k1", "contact", 1, data)
            facts = Facts(catalogue(), NOW, online, "bj1024", role, customer, contact=contact, allowances=LEASES)
            found += [replace(facts, line=line) for line in customer.subscriptions]
    return found


@pytest.mark.parametrize("online", [True, False])
@pytest.mark.parametrize("name", ROLES)
def test_whatever_a_desk_shows_as_open_the_role_may_do(name: str, online: bool) -> None:
    role = catalogue().roles[name]
    for facts in (one for level in (0, 2) for one in known(name, level, online)):
        assert facts.customer is not None
        under = ticket(customer=facts.customer.document.id)
        for line in ranked(facts).lines:
            assert line.offer.status == "inapplicable" or may(role, "commitment.made")
            assert line.offer.status != "approve" or line.offer.ceiling or may(role, "approval.asked")
        for category in CATEGORIES:
            for offer in making_good.listed(facts, under, category):
                assert offer.status == "inapplicable" or may(role, "remedy.given")
                assert offer.status != "approve" or offer.ceiling or may(role, "approval.asked")
        for service in service_lines(facts):
            assert service.standing.status == "inapplicable" or may(role, "service.ordered")


def test_who_may_ask_for_no_approval_is_led_to_nothing_that_needs_one() -> None:
    """Neither may promise money alone; one of the two may ask a superior, the other reads that he may not."""
    asks = [line.offer for facts in known("department_handler", 2) for line in ranked(facts).lines]
    reads = [line.offer for facts in known("follow_up_caller", 2) for line in ranked(facts).lines]
    wanting = {offer.template.code for offer in asks if offer.status == "approve"}
    assert wanting
    for offer in reads:
        assert offer.status != "approve"
        if offer.beyond:
            assert offer.template.code in wanting
            assert offer.status == "inapplicable"
            assert [reason.code for reason in offer.reasons[:2]] == ["above_authority", "not_allowed"]


def test_what_is_said_to_come_of_actions_is_what_people_do() -> None:
    assert set(MADE) <= set(all_actions())
    for kinds in MADE.values():
        assert kinds
        assert not any(kind_named(kind).timed for kind in kinds)


@pytest.mark.parametrize("name", UNLIKE)
async def test_a_key_whose_operation_the_role_may_not_do_says_so_and_opens_nothing(tmp_path: Path, name: str) -> None:
    role = catalogue().roles[name]
    desk = seated(tmp_path, name)
    async with running(desk, (120, 40)) as pilot:
        await look_up(desk, pilot)
        home = desk.app.desk_screen
        for action in DESK:
            kinds = MADE.get(action.id, ())
            barred = bool(kinds) and not any(may(role, kind) for kind in kinds)
            assert (action.id in home._useless()) >= barred
            if barred:
                desk.app.flow.say("", "quiet")
                await home.run_action(action.does)
                assert desk.app.screen is home, action.id
                assert desk.app.flow.message is not None
                assert NOT_HIS in desk.app.flow.message.words, action.id
    site = desk.site()
    assert all(has_right(role.rights or (), entry.kind) for entry in site.outbox.entries())
    site.close()


async def test_remedies_and_services_say_that_the_role_may_not_and_enter_opens_nothing(tmp_path: Path) -> None:
    desk = seated(tmp_path, "follow_up_caller")
    async with running(desk, (140, 40)) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press("j")
        await read_then(desk, pilot, "为哪件事补救", "1")
        for category in "12345":
            await pilot.press(category)
            await wait_for(pilot, "(0)")
            await wait_for(pilot, NOT_HIS)
        desk.clock.advance(500)
        page = desk.app.screen
        await pilot.press("enter")
        assert desk.app.screen is page
        await pilot.press("escape", "s")
        await wait_for(pilot, "电话办理")
        listed = desk.app.screen
        await read_then(desk, pilot, NOT_HIS, "enter")
        assert desk.app.screen is listed
        await pilot.press("escape", "V")
        await wait_for(pilot, "幸运点播")
        await pilot.press("1")
        await wait_for(pilot, NOT_HIS)
        await pilot.press("escape")
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
    site = desk.site()
    assert not [one for one in site.outbox.entries() if one.kind.partition(".")[0] in ("remedy", "service")]
    site.close()


async def test_a_shift_is_handed_over_without_what_the_role_may_not_hand_over(tmp_path: Path) -> None:
    booked = {
        "number": "100010000950",
        "customer": "c-zhao",
        "state": "booked",
        "owner": "bj1024",
        "purpose": "card",
        "where": "o-1",
        "slot": NOW + DAY,
        "due": NOW + DAY,
        "at": NOW,
        "moves": [],
    }
    desk = seated(tmp_path, "follow_up_caller", Document(REGION, "ap-1", "appointment", 1, booked))
    async with running(desk, (120, 40)) as pilot:
        await pilot.press("z")
        await wait_for(pilot, "待移交")
        await until(pilot, lambda: "预约" in screen_text(pilot).partition("待移交")[2])
        for place, line in enumerate(desk.app.screen._lines):  # type: ignore[attr-defined]
            if line.id == "ap-1":
                await pilot.press("home", *["down"] * place, "space")
        await wait_for(pilot, NOT_HIS)
        await read_then(desk, pilot, "待移交", "enter")
        await read_then(desk, pilot, "移交给谁?", *"bj3001", "enter")
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
    site = desk.site()
    (ended,) = entries(site, "agent.shift_ended")
    assert ended.body is not None
    assert "ap-1" in ended.body["kept"]
    assert ended.body["items"]
    site.close()


async def test_who_may_write_no_contact_down_notes_what_he_has_to_say(tmp_path: Path) -> None:
    desk = seated(tmp_path, "inspector")
    async with running(desk, (120, 40)) as pilot:
        await look_up(desk, pilot)
        await pilot.press("n")
        await read_then(desk, pilot, "保存", *"heard", "enter")
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
    site = desk.site()
    (noted,) = entries(site, "note.added")
    assert noted.body is not None
    assert (noted.body["customer"], noted.body.get("contact")) == ("c-wang", None)
    assert not entries(site, "contact.opened")
    site.close()


async def test_who_calls_after_a_common_fault_writes_down_that_the_customer_isnt_content(tmp_path: Path) -> None:
    """It opens the management ticket again, which none of his rights was to: neither was written down."""
    about = {"number": "100010003001", "customer": "c-li", "at": NOW, "moves": []}
    ticket_ = {**about, "kind": "fault", "state": "replied", "tier": "vip", "management": "m-1"}
    managed = {**about, "state": "solved", "tickets": ["t-a"], "measures": []}
    both = (Document(REGION, "t-a", "ticket", 1, ticket_), Document(REGION, "m-1", "management", 1, managed))
    desk = seated(tmp_path, "follow_up_caller", *both)
    async with running(desk):
        done = await desk.app.deeds.move(both[0], "followed_up", {"answer": "unsatisfied", "score": 1, "text": "again"})
        assert done.ok, done.problem
    site = desk.site()
    (reopened,) = entries(site, "management.reopened")
    assert reopened.document == "m-1"
    site.close()
