"""Making good at the desk: a remedy is chosen, given and told; disputed traffic is worked out; words of money."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.catalogue import packaged
from agentdesk.desk import i18n
from agentdesk.desk.models import remedies as words
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import text
from agentdesk.desk.models.speed import SpeedTest, read_test
from agentdesk.desk.models.warnings import warnings
from agentdesk.desk.screens.calculator import read_traffic, worked_out
from agentdesk.desk.screens.costs import cost_moves
from agentdesk.desk.screens.figures import read_picks, read_receipt
from agentdesk.desk.screens.promise_page import COST_KEYS
from agentdesk.desk.screens.remedy_page import moves_of
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.charges import Charge
from agentdesk.domain.finance.traffic import Traffic
from agentdesk.domain.offering.remedies import CATEGORIES
from tests.desk.driving import answered, read_then, running, screen_text, wait_for
from tests.desk.world import REGION, WANG, Desk, document_of, entries
from tests.domain.making_good import ticket
from tests.domain.world import DAY, HOUR, NOW, customer

SAMPLE = packaged()


async def test_a_remedy_is_given_under_the_ticket_and_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk, (120, 40)) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("j")
        await read_then(desk, pilot, "为哪件事补救", "1")
        await wait_for(pilot, "退费赔付")
        await pilot.press("1")
        await read_then(desk, pilot, "当场致歉", "enter")
        await read_then(desk, pilot, "不给", "enter")
        await read_then(desk, pilot, "已告知客户", "enter")
        await wait_for(pilot, "本事项已给予")
        assert "待兑现" in screen_text(pilot)

    site = desk.site()
    (given,) = entries(site, "remedy.given")
    remedy = document_of(site, given)
    assert (remedy.data["category"], remedy.data["state"]) == ("apology", "given")
    assert remedy.data["spoken_at"] is not None
    site.close()


def facts(*work: Document, **line: object) -> Facts:
    known = Customer(customer(line={"overage": {"charge": 4000, "rated": 1000}, **line}))
    return Facts(SAMPLE, NOW, True, "1024", "agent", known, known.subscriptions[0], work=work)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_all_remedies_are_listed_with_a_reason_where_they_cannot_be_given(language: str) -> None:
    i18n.use(language)
    for category in CATEGORIES:
        for offer in words.listed(facts(), ticket(), category):
            line = text(words.remedy_row(offer, facts(), 160))
            assert offer.remedy.name.say(language)[:6] in line
            assert "reason:" not in line
            rows = words.give_rows(offer, facts(), "10010", 76)
            assert all("{" not in text(row) for row in rows), offer.remedy.code


def test_the_card_counts_credit_down_and_says_when_it_is_overdue() -> None:
    content = {"customer": "c1", "state": "fulfilled", "money": "credit", "amount": 10_000, "credit": "running"}
    running_ = Document(REGION, "p", "commitment", 1, {**content, "at": NOW - HOUR, "credit_until": NOW + 14 * HOUR})
    late = Document(REGION, "p", "commitment", 1, {**running_.data, "credit": "collecting"})

    assert "credit_runs" in [w.code for w in warnings(facts(running_))]
    assert [w.late for w in warnings(facts(late)) if w.code == "credit_overdue"] == [True]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("3072 0.29 1024 10", Traffic(3072, 29, 1, 1024, 1000)),
        ("3072 0.29 0 10", None),
        ("3072 0.29", None),
        ("much 0.29 1024 10", None),
        ("3072 cheap 1024 10", None),
    ],
)
def test_traffic_is_read_from_four_figures(typed: str, found: Traffic | None) -> None:
    assert read_traffic(typed) == found
    if found is not None:
        assert "860.88" in worked_out(found)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("62 3 wired", SpeedTest(62, 3, "wired")),
        ("62 3 网线", SpeedTest(62, 3, "wired")),
        ("62", SpeedTest(62, 1, "wired")),
        ("62 3 guessed", None),
        ("fast", None),
        ("", None),
    ],
)
def test_a_speed_test_is_read_as_it_is_typed(typed: str, found: SpeedTest | None) -> None:
    assert read_test(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [("1 3", "ac"), ("3, 1，1", "ac"), ("2", "b"), ("4", None), ("0", None), ("film", None), ("", None)],
)
def test_lines_of_the_bill_are_picked_by_their_numbers(typed: str, found: str | None) -> None:
    bill = tuple(Charge(name, "content", name, 100, NOW) for name in "abc")
    picked = read_picks(typed, bill)
    assert (None if picked is None else "".join(charge.id for charge in picked)) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("20391 150", ("20391", 15_000)),
        ("收据 77 36.5", ("收据 77", 3_650)),
        ("20391", None),
        ("20391 0", None),
        ("20391 much", None),
        ("", None),
    ],
)
def test_a_receipt_is_its_number_and_an_amount(typed: str, found: tuple[str, int] | None) -> None:
    assert read_receipt(typed) == found


def test_what_was_picked_or_entered_stands_on_the_promise_as_it_was() -> None:
    def said(**inputs: object) -> str:
        promise = Document(REGION, "p", "commitment", 1, {"inputs": inputs})
        return "".join(text(row) for row in words.money_rows(promise, SAMPLE, NOW))

    assert "caller display ¥5.00" in said(items=["a/2026-08/0"], lines=[{"name": "caller display", "amount": 500}])
    assert "20391: ¥150.00" in said(receipt="20391", amount=15_000)


def test_what_can_be_done_about_a_promises_cost_follows_from_the_role() -> None:
    content = {"state": "fulfilled", "amount": 1000, "money": "cost", "booked": "network"}

    def able(role: str = "agent", approves: bool = False, **data: object) -> list[str]:
        document = Document(REGION, "p", "commitment", 1, {**content, **data})
        return [move for _key, move, _word in cost_moves(document, role, approves, COST_KEYS)]

    assert able() == ["objected"]
    assert able("department_handler") == ["rebooked", "objected"]
    assert able("team_leader", True, objection={"state": "open"}) == ["rebooked", "judged"]
    assert able("team_leader", True, state="voided") == []
    assert able("team_leader", True, amount=0) == []


def keys(document: Document, role: str = "agent", approves: bool = False) -> str:
    return "".join(key for key, _move, _word in moves_of(document, "1024", role, approves))


def test_what_can_be_done_with_a_remedy_follows_from_its_state_and_the_role() -> None:
    content = {"state": "given", "owner": "1024", "amount": 1000, "money": "cost", "booked": "network", "at": NOW - DAY}

    def remedy(**data: object) -> Document:
        return Document(REGION, "r", "remedy", 1, {**content, **data})

    assert keys(remedy()) == "sfxn"
    assert keys(remedy(spoken_at=NOW), "department_handler") == "fxrn"
    assert keys(remedy(state="done", objection={"state": "open"}), approves=True) == "rv"
    assert keys(remedy(automatic=True, statutory=True)) == "fn"
    assert keys(remedy(state="voided")) == ""
    check = Document(REGION, "c", "check", 1, {"state": "open", "purpose": "verification"})
    assert (keys(check), keys(Document(REGION, "c", "check", 1, {"state": "open", "purpose": "collection"}))) == (
        "c",
        "",
    )
