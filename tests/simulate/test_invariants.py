"""What the invariants call broken, and what they don't: a world is believed as far as these are right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agentdesk.centre.storage.contract import Transaction
from agentdesk.simulate.disks import another_program
from agentdesk.simulate.invariants import is_drained
from agentdesk.simulate.invariants.base import Look
from agentdesk.simulate.invariants.orders import an_order_ends_once
from agentdesk.simulate.invariants.quiet import lost_scopes_are_gone
from agentdesk.simulate.invariants.site import one_place_one_operation
from agentdesk.simulate.record import Archived, Made
from agentdesk.simulate.world import World

QUIET_MS, LONG_MS = 60_000, 300_000


@pytest.fixture
def world() -> Iterator[World]:
    """A world in which nothing goes wrong and nobody writes."""
    with World(3) as made:
        made.build()
        made.until(QUIET_MS)
        yield made


def cancelled(lineage: str, seq: int, operation: str) -> Archived:
    head = json.dumps({"document": "order-1"})
    return Archived("s-1", lineage, seq, operation, "service.cancelled", head, "", "", "applied", None, None)


@pytest.mark.parametrize(
    ("second", "broken"), [("o-1", []), ("o-2", ["order-1 is service.cancelled and service.cancelled"])]
)
def test_an_order_that_a_copied_site_tells_of_again_has_ended_once(
    world: World, second: str, broken: list[str]
) -> None:
    rows = (cancelled("lineage-1", 7, "o-1"), cancelled("lineage-2", 1, second))
    for row in rows:
        world.watch.record.centre.archive[row.site, row.lineage, row.seq] = row
    assert list(an_order_ends_once(Look(world, "centre", fresh=rows))) == broken


def test_all_has_arrived_only_once_a_site_knows_which_scopes_are_its_own(world: World) -> None:
    machine = world.machines[0]
    assert is_drained(world, machine)

    def taken_away(tx: Transaction) -> None:
        site = tx.lock_site(machine.site)
        assert site is not None
        tx.put_site(replace(site, scopes=tuple(s for s in site.scopes if not s.startswith("region/"))))

    world.server.do(taken_away)
    assert not is_drained(world, machine)
    world.until(LONG_MS)
    assert is_drained(world, machine)
    assert not world.violations
    assert list(lost_scopes_are_gone(Look(world, "quiet"))) == []


def test_a_lease_is_overdrawn_by_what_is_made_and_not_by_what_counts_again(world: World) -> None:
    machine = world.machines[0]
    with another_program(machine.folder / "outbox.db", world.key) as file:
        lease, data = file.execute("SELECT id, data FROM lease LIMIT 1").fetchone()
        beyond = json.loads(data)["amount"] + 1
        file.execute("INSERT OR REPLACE INTO spending (allowance, spent) VALUES (?, ?)", (lease, beyond))
    look = Look(world, "site", machine=machine, file="outbox.db")
    assert list(one_place_one_operation(look)) == []

    place = ("o-1", "lineage-1", 1, "commitment.made", f"region/{machine.region}", "p-1", 1, lease)
    world.watch.record.made["o-1"] = Made(*place, "{}", "", "", machine.name, world.timeline.now)
    world.memory(f"spending {machine.name}").clear()
    assert list(one_place_one_operation(look)) == [f"{machine.name} has spent {beyond} of the {beyond - 1} of {lease}"]
