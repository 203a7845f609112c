"""Credit that comes back or is collected, costs that move, and the ledger that has all of it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from agentdesk.centre.budgets import repay, set_budget
from agentdesk.centre.exposure import check_money
from agentdesk.centre.ledgers import check_ledger, month_of, read_ledger, sums
from agentdesk.centre.loading_money import load_money
from agentdesk.domain.documents import Document
from tests.centre.kit import SCOPE, START, Site, World, catalogue

DAY = 86_400_000
HANDLER = "h-1"


def credit(world: World) -> tuple[Site, str]:
    site = world.site()
    made = site.whole_call(1)
    site.push()
    return site, made.document


def pass_to(world: World, at: int) -> None:
    world.clock.now = at
    world.centre.jobs.run_due()


def by_unit(world: World) -> dict[tuple[str, str], int]:
    lines = world.centre.database.read(lambda s: read_ledger(s, SCOPE)).result()
    assert check_ledger([booked.line for booked in lines]) == []
    assert world.centre.database.read(check_money).result() == []
    return {(s.department, s.kind): s.amount for s in sums(lines)}


def back(world: World, document: str) -> int:
    return world.centre.database.write(lambda tx: repay(tx, world.means, SCOPE, document)).result()


def test_credit_that_is_not_repaid_is_collected_and_repaying_ends_it(world: World) -> None:
    _, document = credit(world)
    until = world.document(document).data["credit_until"]
    assert until == START + 2 * DAY, "a gold card has two days"

    pass_to(world, until - 1)
    assert world.document(document).data["credit"] == "running"
    pass_to(world, until)

    assert world.document(document).data["credit"] == "collecting"
    task = world.document(f"{document}.collect")
    assert (task.data["state"], task.data["department"]) == ("open", "billing")
    assert by_unit(world) == {("billing", "credit"): 10_000}
    assert back(world, document) == 10_000
    assert world.document(document).data["credit"] == "repaid"
    assert world.document(task.id).data["result"] == "repaid"
    assert by_unit(world) == {}


def test_who_has_not_repaid_gets_no_other_credit_wherever_he_asks(world: World) -> None:
    site, document = credit(world)
    pass_to(world, START + 33 * DAY)  # another billing cycle
    other = world.site("elsewhere")
    other.clock.now = world.clock.now
    again = other.whole_call(1)
    taken = other.push()

    reasons = {r.id: [x["code"] for x in json.loads(r.reasons)] for r in taken.verdicts}
    assert "credit_open" in reasons[again.id]
    assert site.id != other.id
    assert document != again.document


def test_a_month_is_a_calendar_month_in_china(world: World) -> None:
    begin, end = month_of("2026-12")

    assert (end - begin) == 31 * DAY
    assert month_of("2027-01")[0] == end
    for wrong in ("2026", "2026-1", "x-1", "2026-13"):
        with pytest.raises(ValueError, match=r".+"):
            month_of(wrong)


def test_the_ledger_is_read_by_unit_and_month(world: World) -> None:
    credit(world)

    def read(**more: Any) -> int:
        return len(world.centre.database.read(lambda s: read_ledger(s, SCOPE, **more)).result())

    assert (read(), read(department="billing"), read(department="vas")) == (1, 1, 0)
    (line,) = world.centre.database.read(lambda s: read_ledger(s, SCOPE)).result()
    assert (line.code, line.name_zh) == ("U04", catalogue().templates["U04"].name.zh)
    assert (read(month="2026-09"), read(month="2026-10")) == (1, 0)


def test_what_is_loaded_with_money_is_booked_once_under_whom_it_names_and_leaves_the_budgets_right(
    world: World,
) -> None:
    def given(name: str, type_: str = "commitment", **data: Any) -> Document:
        known = {"customer": "c-1", "state": "made", "at": START - DAY, "department": "billing", "allowance": "theirs"}
        return Document(SCOPE, name, type_, 0, {**known, **data})

    loaded = [
        given("p-credit", money="credit", amount=10_000),
        given("p-refund", money="refund", amount=1_800, booked="vas", state="fulfilled"),
        given("r-cost", "remedy", money="cost", amount=3_000, booked="network", state="given"),
        given("p-void", money="cost", amount=500, state="voided"),
        given("p-repaid", money="credit", amount=700, repaid_at=START),
        given("p-words"),
    ]
    load = partial(load_money, world.centre.database, SCOPE.partition("/")[2], loaded, means=world.means)

    assert (load(), load()) == (3, 0)

    assert by_unit(world) == {("billing", "credit"): 10_000, ("vas", "refund"): 1_800, ("network", "cost"): 3_000}
    lines = world.centre.database.read(lambda s: read_ledger(s, SCOPE)).result()
    assert {booked.line.at for booked in lines} == {START - DAY}
    budgets = world.centre.database.read(lambda s: s.budgets([SCOPE])).result()
    assert {b.kind: (b.settled, b.exposed) for b in budgets} == {"cost": (3_000, 0), "credit": (10_000, 0)}


def test_loaded_money_beyond_a_budget_is_booked_by_name(world: World) -> None:
    region = SCOPE.partition("/")[2]
    world.centre.database.write(lambda tx: set_budget(tx, world.means, region, "cost", 1_000)).result()
    data = {"customer": "c-1", "state": "given", "at": START, "booked": "network", "money": "cost", "amount": 3_000}

    load_money(world.centre.database, region, [Document(SCOPE, "r-1", "remedy", 0, data)], means=world.means)

    assert by_unit(world) == {("network", "cost"): 3_000}
    found = world.centre.database.read(lambda s: s.exposures(SCOPE)).result()
    assert [(row.cause, row.amount) for row in found] == [("unleased", 2_000)]
