"""Allowances: what is out never exceeds the limit but by what is booked by name, and a promise is always honoured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agentdesk.centre.allowances import grant, may_lease, present, set_target, write_off
from agentdesk.centre.budgets import set_budget
from agentdesk.centre.exposure import check_money
from agentdesk.centre.leases import SAMPLE_LEASE, lease_change
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.rows import Budget, Epoch, Exposure, Lease
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import MoneyKind
from agentdesk.protocol.messages import LeaseSlip
from tests.centre.kit import REGION, SCOPE, Site, World

FULL = SAMPLE_LEASE["credit"]


def leases(site: Site, kind: str = "credit") -> list[Lease]:
    found = site.world.centre.database.read(lambda s: s.leases(site.id)).result()
    return [x for x in found if x.kind == kind]


def lease(site: Site, kind: str = "credit") -> Lease:
    (found,) = leases(site, kind)
    return found


def budget(world: World, kind: str = "credit") -> Budget:
    return next(b for b in world.centre.database.read(lambda s: s.budgets([SCOPE])).result() if b.kind == kind)


def booked(world: World, kind: str = "credit") -> list[tuple[str, int]]:
    rows: list[Exposure] = world.centre.database.read(lambda s: s.exposures(SCOPE)).result()
    return [(row.cause, row.amount) for row in rows if row.kind == kind]


def check(world: World) -> None:
    assert world.centre.database.read(check_money).result() == []


def limit(world: World, amount: int, kind: MoneyKind = "credit") -> None:
    world.centre.database.write(lambda tx: set_budget(tx, world.means, REGION, kind, amount)).result()


def promise(site: Site, number: int = 1, amount: int = 10_000, **more: object) -> Operation:
    contact = site.contact(number)
    site.verify(contact, number)
    return site.promise(contact, number, amount, **more)


def returned(site: Site, amount: int, lease_id: str = "") -> Operation:
    name = lease_id or f"{site.id}.credit"
    fields: dict[str, Any] = {
        "actor": site.id,
        "role": "site",
        "scope": f"site/{site.id}",
        "allowance": name,
        "amount": amount,
    }
    return site.make("allowance.returned", name, {"why": "surplus"}, **fields)


def jobs(world: World) -> int:
    return world.centre.jobs.run_due()


def slips(site: Site) -> list[LeaseSlip]:
    """Return the leases of a site as it would show them."""
    names = ("kind", "budget", "lineage", "amount", "serial", "target", "signature")
    found = []
    for one in site.world.centre.database.read(lambda s: s.leases(site.id)).result():
        data = site.world.document(one.id, f"site/{site.id}").data
        found.append(LeaseSlip(id=one.id, spent=one.spent, **{name: data[name] for name in names}))
    return found


def show(site: Site, shown: Sequence[LeaseSlip], world: World | None = None) -> list[str]:
    """Have a site show leases to a centre."""
    world = world or site.world

    def work(tx):  # type: ignore[no-untyped-def]
        return present(tx, world.means, tx.lock_site(site.id), shown, world.centre.signer.secret)

    alarms: list[str] = world.centre.database.write(work).result()
    return alarms


def lease_to(site: Site, lineage: str) -> None:
    """Have a centre lease a lineage of a site what it lacks."""
    world = site.world

    def work(tx):  # type: ignore[no-untyped-def]
        grant(tx, world.means, tx.lock_site(site.id), lineage, world.centre.signer.secret)

    world.centre.database.write(work).result()


def give_up(site: Site, lease_id: str | None = None) -> int:
    world = site.world
    return world.centre.database.write(lambda tx: write_off(tx, world.means, site.id, lease_id, "boss")).result()


# promises


def test_a_promise_is_charged_to_its_lease_once(world: World) -> None:
    site = world.site()
    promise(site)
    site.push()
    site.push()

    assert (lease(site).spent, budget(world).settled) == (10_000, 10_000)
    assert world.document(f"{site.id}.credit", f"site/{site.id}").data["spent_settled"] == 10_000
    check(world)


def test_a_withdrawn_promise_gives_its_money_back(world: World) -> None:
    site = world.site()
    made = promise(site)
    site.make("commitment.withdrawn", made.document, {"reason": "客户不要了"}, deps=(made.id,))
    site.push()

    assert (lease(site).spent, budget(world).settled) == (0, 0)
    assert [x.amount for x in world.centre.database.read(lambda s: s.ledger(SCOPE)).result()] == [10_000, -10_000]
    check(world)


def test_another_site_that_withdraws_a_promise_frees_it_for_the_region_and_not_for_the_lease(world: World) -> None:
    here, there = world.site("here"), world.site("there")
    made = promise(here)
    here.push()
    there.make("commitment.withdrawn", made.document, {"reason": "客户不要了"})
    there.push()

    # the site that made it doesn't know yet: what it holds to be spent is spent
    assert (lease(here).spent, lease(there).spent, budget(world).settled) == (10_000, 0, 0)
    check(world)


def test_a_promise_beyond_its_lease_is_flagged_and_honoured_and_the_limit_covers_it(world: World) -> None:
    site = world.site()
    promise(site, amount=FULL + 5_000)
    taken = site.push()

    assert taken.verdicts[-1].verdict == "flagged"
    assert {r["code"] for r in json.loads(taken.verdicts[-1].reasons)} & {"allowance", "over_allowance"}
    assert (lease(site).spent, lease(site).amount) == (FULL + 5_000, FULL)
    assert (budget(world).exposed, booked(world)) == (0, [])
    check(world)


def test_what_goes_beyond_lease_and_limit_is_booked_by_name_and_covered_again(world: World) -> None:
    limit(world, 400_000)
    site = world.site()
    made = promise(site, amount=FULL + 150_000)
    site.push()
    assert booked(world) == [("over_lease", 50_000)]
    assert (budget(world).settled, budget(world).exposed) == (450_000, 50_000)

    site.make("commitment.withdrawn", made.document, {"reason": "不要了"}, deps=(made.id,))
    site.push()
    assert booked(world) == [("over_lease", 50_000), ("covered", -50_000)]
    assert budget(world).exposed == 0
    check(world)


def test_a_promise_on_no_lease_of_the_site_is_flagged_and_booked_where_the_limit_ends(world: World) -> None:
    here, there = world.site("here"), world.site("there")
    limit(world, 2 * FULL + 15_000)
    for allowance in (None, f"{there.id}.credit", f"{here.id}.cost"):
        promise(here, allowance=allowance)
        taken = here.push()
        assert taken.verdicts[-1].verdict == "flagged"
        assert "no_allowance" in {r["code"] for r in json.loads(taken.verdicts[-1].reasons)}
    assert (lease(here).spent, lease(here, "cost").spent, lease(there).spent) == (0, 0, 0)
    assert booked(world) == [("unleased", 5_000), ("unleased", 10_000)]
    check(world)


def test_words_told_after_the_promise_was_voided_cost_the_region_and_no_lease(world: World) -> None:
    site = world.site()
    made = promise(site)
    contact = made.data["contact"]
    site.make("commitment.voided", made.document, {"reason": "点错了", "contact": contact}, deps=(made.id,))
    site.spoken(made)
    site.push()

    assert world.document(made.document).data["state"] == "made"
    assert (lease(site).spent, budget(world).settled) == (0, 10_000)
    site.make("commitment.withdrawn", made.document, {"reason": "不要了"})
    site.push()
    assert (lease(site).spent, budget(world).settled) == (0, 0)
    check(world)


# topping up and returning


def test_a_lease_is_filled_when_less_than_half_is_left(world: World) -> None:
    site = world.site()
    promise(site, amount=145_000)
    assert not site.push().low
    promise(site, 2)
    taken = site.push()

    assert taken.low
    assert jobs(world)
    assert (lease(site).left, lease(site).serial) == (FULL, 2)
    assert world.document(f"{site.id}.credit", f"site/{site.id}").data["amount"] == lease(site).amount
    check(world)


def test_what_is_owed_is_leased_by_another_server_after_the_first_died(world: World) -> None:
    site = world.site()
    promise(site, amount=200_000)
    site.push()
    another = Centre(world.centre.database, world.means)
    assert another.jobs.run_due()
    assert lease(site).left == FULL
    check(world)


def test_no_more_is_leased_than_the_share_of_the_limit_that_may_be_out(world: World) -> None:
    limit(world, 500_000)
    held = [lease(world.site(f"s{n}")).left for n in range(3)]
    assert held == [FULL, 100_000, 0]
    check(world)


def test_what_a_site_returns_is_free_for_others(world: World) -> None:
    limit(world, 375_000)
    here, there = world.site("here"), world.site("there")
    assert (lease(here).left, lease(there).left) == (FULL, 0)
    returned(here, 120_000)
    taken = here.push()

    assert taken.verdicts[-1].verdict == "applied"
    assert (lease(here).left, lease(here).returned, lease(here).amount) == (180_000, 120_000, FULL)
    assert world.document(f"{here.id}.credit", f"site/{here.id}").data["returned"] == 120_000
    promise(there)  # on a lease that has nothing left
    there.push()
    jobs(world)
    assert lease(there).left == 110_000
    check(world)


def test_a_site_returns_no_more_than_it_has_left(world: World) -> None:
    site = world.site()
    promise(site, amount=200_000)
    returned(site, 150_000)
    taken = site.push()
    assert taken.verdicts[-1].verdict == "flagged"
    assert (lease(site).left, lease(site).returned) == (0, 100_000)
    check(world)


def test_a_recalled_lease_is_not_topped_up_until_its_target_rises_again(world: World) -> None:
    site = world.site()
    database = world.centre.database

    def target(amount: int) -> None:
        database.write(lambda tx: set_target(tx, world.means, site.id, {"credit": amount}, "boss")).result()

    target(0)
    assert world.document(f"{site.id}.credit", f"site/{site.id}").data["target"] == 0
    returned(site, FULL)
    assert not site.push().low
    assert lease(site).left == 0
    target(50_000)
    jobs(world)
    assert lease(site).left == 50_000
    check(world)


# lineages


def test_a_lease_of_an_older_database_becomes_that_of_the_first_lineage_that_draws_on_it(world: World) -> None:
    site = world.site()
    old = replace(lease(site), lineage="", serial=0, target=0)
    world.centre.database.write(lambda tx: tx.put_lease(old)).result()
    promise(site)
    assert site.push().low
    jobs(world)
    bound = lease(site)
    assert (bound.lineage, bound.target, bound.left) == (site.lineage, FULL, FULL - 10_000)
    assert show(site, slips(site)) == []
    check(world)


def test_another_lineage_gets_leases_of_its_own_once(world: World) -> None:
    site = world.site()
    promise(site)
    site.push()
    for _ in range(2):
        lease_to(site, "lineage-b")
    first, second = leases(site)
    assert (first.lineage, first.left) == (site.lineage, FULL - 10_000)
    assert (second.lineage, second.left) == ("lineage-b", FULL)
    check(world)


def test_a_site_that_lost_its_region_is_leased_nothing_of_its_budget(world: World) -> None:
    site = world.site()
    returned(site, FULL)
    site.push()
    row = world.centre.database.read(lambda s: s.site(site.id)).result()
    assert row is not None
    elsewhere = replace(row, scopes=tuple(scope for scope in row.scopes if scope != SCOPE))
    world.centre.database.write(lambda tx: tx.put_site(elsewhere)).result()
    lease_to(site, site.lineage)
    assert lease(site).left == 0


def test_a_copy_that_spends_the_same_lease_is_honoured_and_booked_by_name(world: World) -> None:
    limit(world, 375_000)
    site = world.site()
    promise(site, 1, 250_000)
    site.push()
    copy = Site(world, site.enrolled, site.clock, "lineage-copy", first_id=1_000)
    promise(copy, 2, 250_000, allowance=f"{site.id}.credit")
    taken = copy.push()

    assert taken.verdicts[-1].verdict == "flagged"
    assert (lease(site).spent, lease(site).left) == (500_000, -200_000)
    assert booked(world) == [("over_lease", 125_000)]
    check(world)


# what is given up


def test_what_is_written_off_is_leased_to_others_and_a_late_promise_is_booked_only_once(world: World) -> None:
    limit(world, 400_000)
    lost, other = world.site("lost"), world.site("other")
    made = promise(lost, 1, 100_000)
    assert give_up(lost) == 300_000 + 200_000
    assert booked(world) == [("written_off", 300_000)]
    lease_to(other, other.lineage)
    assert lease(other).left == FULL
    check(world)

    taken = lost.push()  # late, and inside its lease
    assert "over_allowance" not in taken.verdicts[-1].reasons
    assert world.document(made.document).data["state"] == "made"
    assert booked(world) == [("written_off", 300_000)]
    assert (budget(world).settled, budget(world).exposed) == (100_000, 300_000)
    check(world)


def test_a_site_that_comes_back_returns_what_was_written_off_and_gets_a_new_lease(world: World) -> None:
    site = world.site()
    give_up(site)
    assert world.document(f"{site.id}.credit", f"site/{site.id}").data["state"] == "written_off"
    promise(site, 1, 100_000)
    returned(site, 200_000)
    site.push()
    assert booked(world) == [("written_off", 300_000), ("returned", -200_000)]
    lease_to(site, site.lineage)
    old, new = leases(site)
    assert (old.left, new.left, new.lineage) == (0, FULL, site.lineage)
    check(world)


def test_what_is_given_back_to_a_lease_that_was_written_off_is_not_leased_again(world: World) -> None:
    limit(world, 375_000)
    lost, other = world.site("lost"), world.site("other")
    made = promise(lost, 1, 200_000)
    lost.push()
    give_up(lost)
    lost.make("commitment.withdrawn", made.document, {"reason": "不要了"}, deps=(made.id,))
    lost.push()
    lease_to(other, other.lineage)
    # the lost site may promise the whole lease once more, of which 100,000 were booked as exposed
    assert (lease(lost).left, lease(other).left) == (FULL, 175_000)
    assert booked(world) == [("written_off", 100_000)]
    check(world)


def test_one_lease_is_written_off_by_itself(world: World) -> None:
    site = world.site()
    assert give_up(site, f"{site.id}.cost") == SAMPLE_LEASE["cost"]
    assert give_up(site, f"{site.id}.cost") == 0
    assert (lease(site).state, lease(site, "cost").state) == ("open", "written_off")
    with pytest.raises(LookupError):
        give_up(site, "nothing")
    with pytest.raises(LookupError):
        world.centre.database.write(lambda tx: write_off(tx, world.means, "s-nobody", None, "boss")).result()
    check(world)


# a restored centre


def test_a_restored_centre_knows_its_leases_again_from_their_signatures(world: World) -> None:
    site = world.site()
    before = slips(site)
    promise(site, 1, 200_000)
    site.push()
    jobs(world)
    shown = slips(site)
    forgotten = replace(lease(site), amount=FULL, spent=0, serial=1)

    def forget(tx):  # type: ignore[no-untyped-def]
        tx.put_lease(forgotten)
        tx.put_budget(replace(budget(world), settled=0))

    world.centre.database.write(forget).result()
    assert show(site, before) == []
    assert lease(site).amount == FULL
    assert show(site, shown) == []
    assert (lease(site).amount, lease(site).serial, lease(site).spent) == (FULL + 200_000, 2, 0)


def test_leases_that_a_restored_centre_never_had_are_booked_as_far_as_the_limit_ends(world: World) -> None:
    limit(world, 400_000)
    here, there = world.site("here"), world.site("there")
    lost = replace(lease(here), id=f"{here.id}.credit.later", amount=250_000)
    data = lease_change(lost, world.centre.signer.secret).fields
    names = ("kind", "budget", "lineage", "amount", "serial", "target", "signature")
    slip = LeaseSlip(id=lost.id, **{name: data[name] for name in names})

    assert show(there, [slip]) == [f"forged_lease:{lost.id}"]
    assert show(here, [slip.model_copy(update={"amount": 260_000})]) == [f"forged_lease:{lost.id}"]
    assert show(here, [slip.model_copy(update={"signature": ""})]) == [f"forged_lease:{lost.id}"]
    assert booked(world) == []
    assert show(here, [slip]) == []
    assert show(here, [slip]) == []
    assert [x.left for x in leases(here)] == [FULL, 250_000]
    assert booked(world) == [("restored", 170_000)]
    assert lease(there).left == 20_000
    check(world)


def test_nothing_is_leased_while_a_restored_centre_waits_for_its_sites(world: World) -> None:
    site = world.site()
    promise(site, 1, 200_000)
    site.push()
    database = world.centre.database
    database.write(lambda tx: tx.put_epoch(Epoch("e-2", 2, world.clock.now, "restored"))).result()
    assert not database.read(may_lease).result()
    jobs(world)
    assert lease(site).left == 100_000
    late = world.site("late")
    assert leases(late) == []
    lease_to(late, late.lineage)

    settled = Epoch("e-2", 2, world.clock.now, "restored", world.clock.now)
    database.write(lambda tx: tx.put_epoch(settled)).result()
    world.clock.now += 60_000
    jobs(world)
    assert (lease(site).left, lease(late).left) == (FULL, FULL)
    check(world)


def test_a_late_promise_may_be_any_older_than_its_lease(world: World) -> None:
    """Whatever has become of the lease meanwhile, what was promised inside it is applied, and nothing is booked."""
    site = world.site()
    contact = site.contact()
    site.verify(contact)
    site.promise(contact, 1, 10_000)
    limit(world, 300_000)
    others = [world.site(f"s{n}") for n in range(2)]
    lease_to(site, "lineage-b")
    for one in others:
        lease_to(one, one.lineage)
    taken = site.push()
    assert [r.verdict for r in taken.verdicts] == ["applied"] * 3
    assert booked(world) == []
    check(world)
