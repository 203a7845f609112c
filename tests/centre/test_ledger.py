"""Credit that comes back or is collected, costs that move, and the ledger that has all of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agentdesk.centre.budgets import repay
from agentdesk.centre.exposure import check_money
from agentdesk.centre.ledgers import check_ledger, month_of, read_ledger, sums
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
