"""Allowances: always settled + what leases have left ≤ limit + what is booked as exposed."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.centre.allowances import set_budget, top_up
from agentdesk.centre.storage.rows import Budget, Lease
from agentdesk.domain.operation import Operation
from tests.centre.kit import REGION, SCOPE, Site, World


def lease(site: Site, kind: str = "credit") -> Lease:
    leases = site.world.centre.database.read(lambda s: s.leases(site.id)).result()
    return next(x for x in leases if x.kind == kind)


def budget(world: World, kind: str = "credit") -> Budget:
    return next(b for b in world.centre.database.read(lambda s: s.budgets([SCOPE])).result() if b.kind == kind)


def check(world: World) -> None:
    """The invariant, and that the ledger agrees with what budgets have settled."""
    left = world.centre.database.read(lambda s: s.outstanding(SCOPE)).result()
    ledger = world.centre.database.read(lambda s: s.ledger(SCOPE)).result()
    for kind in ("cost", "credit"):
        b = budget(world, kind)
        assert b.settled + left.get(kind, 0) <= b.limit + b.exposed
        assert b.settled == sum(line.amount for line in ledger if line.kind == kind)


def promise(site: Site, number: int = 1, amount: int = 10_000, **more: object) -> Operation:
    contact = site.contact(number)
    site.verify(contact, number)
    return site.promise(contact, number, amount, **more)


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


def shrink(world: World, site: Site, amount: int) -> None:
    small = replace(lease(site), amount=amount)
    world.centre.database.write(lambda tx: tx.put_lease(small)).result()


def test_a_promise_beyond_its_lease_is_flagged_honoured_and_booked(world: World) -> None:
    site = world.site()
    shrink(world, site, 4_000)
    made = promise(site)
    taken = site.push()

    assert taken.verdicts[-1].verdict == "flagged"
    assert {r["code"] for r in json.loads(taken.verdicts[-1].reasons)} & {"allowance", "over_allowance"}
    assert world.document(made.document).data["state"] == "made"
    assert (lease(site).spent, lease(site).amount) == (10_000, 10_000)
    assert budget(world).exposed == 0
    check(world)


def test_what_the_budget_does_not_cover_is_booked_as_exposed(world: World) -> None:
    site = world.site()
    shrink(world, site, 0)
    world.centre.database.write(lambda tx: set_budget(tx, REGION, "credit", 6_000)).result()
    promise(site)
    site.push()

    assert (budget(world).settled, budget(world).exposed) == (10_000, 4_000)
    check(world)


def test_a_promise_on_no_lease_of_the_site_is_flagged(world: World) -> None:
    here, there = world.site("here"), world.site("there")
    for allowance in (None, f"{there.id}.credit", f"{here.id}.cost"):
        promise(here, allowance=allowance)
        taken = here.push()
        assert taken.verdicts[-1].verdict == "flagged"
        assert "no_allowance" in {r["code"] for r in json.loads(taken.verdicts[-1].reasons)}
    assert (lease(here).spent, lease(here, "cost").spent, lease(there).spent) == (0, 0, 0)
    check(world)


def test_a_lease_is_filled_when_less_than_half_is_left(world: World) -> None:
    site = world.site()
    promise(site)
    assert not site.push().low
    shrink(world, site, 140_000)
    promise(site, 2)
    taken = site.push()
    world.centre.database.write(lambda tx: top_up(tx, world.means, taken.site)).result()

    assert taken.low
    assert lease(site).left == 300_000
    assert world.document(f"{site.id}.credit", f"site/{site.id}").data["amount"] == lease(site).amount
    check(world)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("promise"), st.integers(0, 2), st.integers(1, 400_000)),
            st.tuples(st.just("withdraw"), st.integers(0, 2), st.just(0)),
            st.tuples(st.just("top_up"), st.integers(0, 2), st.just(0)),
            st.tuples(st.just("limit"), st.just(0), st.integers(0, 2_000_000)),
        ),
        max_size=25,
    )
)
def test_the_invariant_holds_whatever_happens(world: World, steps: list[tuple[str, int, int]]) -> None:
    sites = [world.site(f"s{n}") for n in range(3)]
    open_: dict[str, list[Operation]] = {site.id: [] for site in sites}
    for what, which, amount in steps:
        site = sites[which]
        if what == "promise":
            open_[site.id].append(promise(site, 1, amount))
        elif what == "withdraw" and open_[site.id]:
            site.make("commitment.withdrawn", open_[site.id].pop().document, {"reason": "不要了"})
        elif what == "limit":
            world.centre.database.write(lambda tx, n=amount: set_budget(tx, REGION, "credit", n)).result()  # type: ignore[misc]
        if site.made:
            taken = site.push()
            if what == "top_up":
                world.centre.database.write(lambda tx, s=taken.site: top_up(tx, world.means, s)).result()  # type: ignore[misc]
        check(world)
