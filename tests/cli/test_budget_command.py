"""`agentdesk budget`: what an operator of the centre sees of the money, and what he can do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.centre.exposure import check_money
from agentdesk.centre.storage.opening import open_database
from tests.centre.kit import REGION, SCOPE, World, build_world
from tests.cli.commands import Ran, inside


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A centre with two halls, the first of which has promised ¥100.00 of credit."""
    world = build_world(tmp_path)
    hall, _ = world.site("东城厅"), world.site("西城厅")
    contact = hall.contact()
    hall.verify(contact)
    hall.promise(contact)
    hall.push()
    yield world
    world.centre.database.close()


def budget(world: World, *words: object) -> Ran:
    return inside("budget", *words, "--database", world.url)


def test_budgets_are_listed_in_yuan_and_as_json(world: World) -> None:
    listed = budget(world, "list")
    assert listed.code == 0, listed.err
    heads, cost, credit = listed.out.splitlines()
    assert heads.split() == ["REGION", "KIND", "LIMIT", "PROMISED", "LEASED", "OUT", "EXPOSED", "FREE"]
    assert cost.split() == [REGION, "cost", "¥1,000,000.00", "¥0.00", "¥4,000.00", "¥0.00", "¥996,000.00"]
    assert credit.split() == [REGION, "credit", "¥1,500,000.00", "¥100.00", "¥5,900.00", "¥0.00", "¥1,494,000.00"]

    rows = budget(world, "list", "--json").json["budgets"]
    assert [(row["kind"], row["limit"], row["settled"], row["leased"]) for row in rows] == [
        ("cost", 100_000_000, 0, 400_000),
        ("credit", 150_000_000, 10_000, 590_000),
    ]


def test_a_region_shows_who_holds_what(world: World) -> None:
    shown = budget(world, "show", REGION)
    assert shown.code == 0, shown.err
    holders = [line.split()[1] for line in shown.out.splitlines() if line.startswith("s-")]
    assert sorted(holders) == ["东城厅", "东城厅", "西城厅", "西城厅"]
    assert "don't agree" not in shown.out
    held = budget(world, "show", REGION, "--json").json
    assert held["wrong"] == []
    assert sorted((x["kind"], x["left"]) for x in held["leases"]) == [
        ("cost", 200_000),
        ("cost", 200_000),
        ("credit", 290_000),
        ("credit", 300_000),
    ]
    assert "agentdesk budget list" in budget(world, "show", "nowhere").error


def test_a_limit_below_what_is_out_says_so_and_is_booked_by_name(world: World) -> None:
    ran = budget(world, "set", REGION, "credit", "5,000")
    assert ran.out.splitlines() == [
        "beijing may promise ¥5,000.00 of credit",
        "¥1,000.00 more than that are out already: they stand, and are booked as limit_lowered",
    ]
    booked = budget(world, "exposures").out
    assert "¥1,000.00" in booked
    assert "limit_lowered" in booked
    again = budget(world, "set", REGION, "credit", "9000", "--json").json
    assert (again["budget"]["limit"], again["budget"]["exposed"], again["newly_exposed"]) == (900_000, 0, 0)
    assert world.centre.database.read(check_money).result() == []


@pytest.mark.parametrize("amount", ["x", "-5", "1.234", ""])
def test_what_is_no_amount_is_one_line(world: World, amount: str) -> None:
    ran = budget(world, "set", REGION, "cost", *(["--", amount] if amount.startswith("-") else [amount]))
    assert ran.code != 0
    assert len(ran.err.splitlines()) == 1


def test_a_recalled_site_is_told_to_return_what_it_holds(world: World) -> None:
    ran = budget(world, "recall", "东城厅")
    assert "returns up to ¥4,900.00" in ran.out
    found = budget(world, "recall", "东城厅", "--leave", "500", "--kind", "credit", "--json").json
    assert [(x["kind"], x["target"]) for x in found["leases"]] == [("credit", 50_000)]
    lease = world.document(f"{found['site']}.cost", f"site/{found['site']}")
    assert lease.data["target"] == 0
    assert "there is no site" in budget(world, "recall", "南城厅").error


def test_writing_off_says_the_amount_at_risk_and_asks(world: World) -> None:
    asked = budget(world, "write-off", "东城厅")
    assert asked.code != 0
    assert "¥4,900.00" in asked.error
    assert "--yes" in asked.error
    assert budget(world, "exposures").out.startswith("nothing is exposed")

    done = budget(world, "write-off", "东城厅", "--yes")
    assert "¥4,900.00" in done.out
    rows = budget(world, "exposures", REGION, "--json").json["exposures"]
    assert sorted((x["cause"], x["kind"], x["amount"]) for x in rows) == [
        ("written_off", "cost", 200_000),
        ("written_off", "credit", 290_000),
    ]
    assert budget(world, "write-off", "东城厅", "--yes", "--json").json["written_off"] == 0
    assert world.centre.database.read(check_money).result() == []


def test_credit_that_was_repaid_is_free_again_once(world: World) -> None:
    site = world.centre.database.read(lambda s: s.sites()).result()[0]
    made = world.centre.database.read(lambda s: s.work(SCOPE, ["c-1"], 0)).result()
    (promise,) = [d for d in made if d.type == "commitment"]
    ran = budget(world, "repaid", REGION, promise.id)
    assert "¥100.00" in ran.out
    assert "nothing was done" in budget(world, "repaid", REGION, promise.id).out
    assert "there is no promise" in budget(world, "repaid", REGION, site.id).error
    rows = budget(world, "list", "--json").json["budgets"]
    assert [row["settled"] for row in rows] == [0, 0]
    assert world.document(promise.id).data["repaid_at"] is not None


def test_a_database_that_isnt_there_is_not_made(tmp_path: Path) -> None:
    for words in (["list"], ["show", "bj"], ["set", "bj", "cost", "5"], ["exposures"]):
        assert "does not exist" in inside("budget", *words, "--database", tmp_path / "no.db").error
    assert not (tmp_path / "no.db").exists()


def test_a_new_centre_has_no_budgets_yet(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'new.db'}").close()
    assert "no region has a budget yet" in inside("budget", "list", "--database", tmp_path / "new.db").out
