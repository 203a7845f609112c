"""Escrow in any order: sites that spend, give back, return and are copied, a centre that leases, writes off and is
put back to an earlier state. At every commit nothing is out that isn't within the limit or booked by name.

The sites are models that go by the site's rules; the centre is the real one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agentdesk.centre.allowances import set_target, write_off
from agentdesk.centre.authors import Means
from agentdesk.centre.budgets import set_budget
from agentdesk.centre.errors import Rejected
from agentdesk.centre.exposure import check_money
from agentdesk.centre.histories import begin_epoch, take_hello
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.opening import KEY, open_database
from agentdesk.domain.operation import Operation
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import HelloRequest, LeaseSlip, LineageState
from tests.centre.kit import REGION, SCOPE, Site, TestClock, World, build_world, random_bytes

T = TypeVar("T")

LIMIT = 700_000
"""Of the credit of the region, in minor units: enough for two full leases and not for three."""

MONEY = frozenset({"allowance", "over_allowance", "no_allowance"})
"""Reasons that say that a promise goes beyond its lease."""

SETTLED = frozenset({"applied", "merged", "flagged"})


@cache
def beginning() -> Path:
    """Return a folder with a world that nothing has happened in."""
    folder = Path(mkdtemp(prefix="escrow-"))
    world = build_world(folder)
    world.centre.database.write(lambda tx: set_budget(tx, world.means, REGION, "credit", LIMIT)).result()
    world.centre.database.close()
    return folder


@dataclass
class Made:
    """An operation of a hall, with what it takes to make it again in another lineage."""

    operation: Operation
    again: Callable[[Site], Operation]
    lease: str | None = None
    amount: int = 0


@dataclass
class Hall:
    """A site by its rules: it spends what is left of its lineage's leases, and counts what comes back once answered."""

    site: Site
    made: list[Made] = field(default_factory=list)
    answered: int = 0
    leases: dict[str, dict[str, Any]] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    given_back: dict[str, int] = field(default_factory=dict)
    """What answered operations gave back to each lease."""
    promises: list[tuple[str, str, int]] = field(default_factory=list)
    """Promises that stand, as far as the hall knows: document, lease, amount."""
    greets: bool = False

    def left(self, lease: str) -> int:
        return int(self.leases[lease]["amount"]) - self.spent.get(lease, 0) + self.given_back.get(lease, 0)

    def own(self) -> list[str]:
        """Return the leases of the lineage that have something left."""
        return [x for x, data in self.leases.items() if data["lineage"] == self.site.lineage and self.left(x) > 0]

    def spendable(self) -> list[str]:
        return [x for x in self.own() if self.leases[x]["state"] == "open"]

    def make(self, again: Callable[[Site], Operation], lease: str | None = None, amount: int = 0) -> Operation:
        operation = again(self.site)
        self.made.append(Made(operation, again, lease, amount))
        if lease is not None and amount > 0:
            self.spent[lease] = self.spent.get(lease, 0) + amount
        return operation


class Escrow(RuleBasedStateMachine):
    """What can happen to the credit of one region."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="escrow-")
        shutil.copytree(beginning(), self.path, dirs_exist_ok=True)
        self.clock = TestClock()
        self.means = Means(self.clock, random_bytes("escrow"))
        self.world = self.opened()
        self.halls: list[Hall] = []
        self.copies = 0
        self.calm = True
        """Nobody was copied, nothing restored."""
        self.named = False
        """Something happened that is booked by name: a write-off, or a limit below what was out."""

    @property
    def path(self) -> Path:
        return Path(self.folder.name)

    def opened(self) -> World:
        url = f"sqlite:///{self.path / 'centre.db'}"
        return World(Centre(open_database(url, self.path / KEY), self.means), self.clock, url)

    def teardown(self) -> None:
        self.world.centre.database.close()
        self.folder.cleanup()

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.world.centre.database.write(work).result()

    def hall(self, number: int) -> Hall:
        return self.halls[number % len(self.halls)]

    @initialize()
    def begin(self) -> None:
        for name in ("north", "south", "west"):
            self.halls.append(Hall(self.world.site(name)))
            self.pull(len(self.halls) - 1)

    # at the sites

    @rule(number=st.integers(0, 9), share=st.integers(1, 100), customer=st.integers(1, 3))
    def promise(self, number: int, share: int, customer: int) -> None:
        hall = self.hall(number)
        if not (leases := hall.spendable()):
            return
        lease = leases[0]
        amount = max(1, hall.left(lease) * share // 100)
        body = {
            "number": hall.site.name("no"),
            "customer": f"c-{customer}",
            "subscription": f"sub-{customer}",
            "template": "U04",
            "due": self.clock.now + 600_000,
            "line": "up",
            "proposed": amount,
        }
        document, id_ = hall.site.name("promise"), hall.site.name("op")

        def again(site: Site) -> Operation:
            return site.make("commitment.made", document, body, id_=id_, allowance=lease, amount=amount)

        hall.make(again, lease, amount)
        hall.promises.append((document, lease, amount))

    @rule(number=st.integers(0, 9), which=st.integers(0, 99))
    def withdraw(self, number: int, which: int) -> None:
        hall = self.hall(number)
        if not hall.promises:
            return
        document, lease, amount = hall.promises.pop(which % len(hall.promises))
        id_ = hall.site.name("op")
        hall.make(
            lambda site: site.make("commitment.withdrawn", document, {"reason": "不要了"}, id_=id_), lease, -amount
        )

    @rule(number=st.integers(0, 9), other=st.integers(0, 9))
    def withdraw_elsewhere(self, number: int, other: int) -> None:
        """Withdraw what another site promised: it stays spent there."""
        here, there = self.hall(number), self.hall(other)
        if here.site.id == there.site.id or not there.promises:
            return
        document, _, _ = there.promises[0]
        id_ = here.site.name("op")
        here.make(lambda site: site.make("commitment.withdrawn", document, {"reason": "不要了"}, id_=id_))

    @rule(number=st.integers(0, 9))
    def give_up_surplus(self, number: int) -> None:
        hall = self.hall(number)
        for lease in hall.own():
            data, left = hall.leases[lease], hall.left(lease)
            surplus = left if data["state"] != "open" else left - data["target"]
            if data["state"] != "open" or 2 * left > 3 * data["target"]:
                id_ = hall.site.name("op")
                fields = {"actor": hall.site.id, "role": "site", "scope": f"site/{hall.site.id}"}

                def again(site: Site, lease: str = lease, id_: str = id_, amount: int = surplus) -> Operation:
                    more: dict[str, Any] = {**fields, "allowance": lease, "amount": amount}  # noqa: B023
                    return site.make("allowance.returned", lease, {"why": "surplus"}, id_=id_, **more)

                hall.make(again, lease, surplus)

    @rule(number=st.integers(0, 9))
    def pull(self, number: int) -> None:
        hall = self.hall(number)
        known = self.world.centre.database.read(lambda s: s.leases(hall.site.id)).result()
        hall.leases = {
            x.id: dict(self.world.document(x.id, f"site/{hall.site.id}").data) for x in known if x.kind == "credit"
        }

    @rule(number=st.integers(0, 9), most=st.integers(1, 4), lost=st.booleans())
    def push(self, number: int, most: int, lost: bool) -> None:
        """Send the next few operations; the answer may be lost, and then they are sent again some day."""
        hall = self.hall(number)
        if hall.greets:
            self.hello(hall)
        batch = hall.made[hall.answered : hall.answered + most]
        if not batch:
            return
        try:
            taken = hall.site.push([one.operation for one in batch])
        except Rejected as rejected:
            if rejected.code == ErrorCode.GAP:
                self.forget(hall, (rejected.expect or 1) - 1)
            elif rejected.code == ErrorCode.FORKED:
                self.fork(hall)
            else:
                raise
            return
        for one, receipt in zip(batch, taken.verdicts, strict=True):
            self.check_verdict(one, receipt.verdict, receipt.reasons)
            if lost:
                continue
            hall.answered += 1
            if one.amount < 0 and one.lease is not None and receipt.verdict in SETTLED:
                hall.given_back[one.lease] = hall.given_back.get(one.lease, 0) - one.amount

    def check_verdict(self, one: Made, verdict: str, reasons: str) -> None:
        codes = {reason["code"] for reason in json.loads(reasons)}
        if one.operation.kind == "commitment.made":
            assert verdict != "refused"
        if self.calm:
            assert not codes & MONEY, (one.operation.kind, codes)

    # what goes wrong

    @precondition(lambda self: self.copies < 2)
    @rule(number=st.integers(0, 9))
    def copy(self, number: int) -> None:
        """Copy a site's files: both go on from here."""
        hall = self.hall(number)
        self.copies += 1
        self.calm = False
        site = hall.site
        twin = Site(
            *(self.world, site.enrolled, site.clock, site.lineage, list(site.made), dict(site.cursors)),
            first_id=10_000 * self.copies,
        )
        more = {name: dict(getattr(hall, name)) for name in ("leases", "spent", "given_back")}
        self.halls.append(
            Hall(twin, list(hall.made), hall.answered, **more, promises=list(hall.promises), greets=hall.greets)
        )

    def fork(self, hall: Hall) -> None:
        """Go on in a new lineage, with what the centre hasn't answered."""
        old, rest = hall.site, hall.made[hall.answered :]
        self.copies += 1
        lineage = f"{old.lineage[:30]}-{self.copies}"
        hall.site = Site(self.world, old.enrolled, old.clock, lineage, first_id=10_000 * self.copies)
        hall.made, hall.answered = [], 0
        for one in rest:
            hall.made.append(Made(one.again(hall.site), one.again, one.lease, one.amount))
        self.hello(hall)

    def forget(self, hall: Hall, answered: int) -> None:
        """Go back: the centre has lost what it answered."""
        for one in hall.made[answered : hall.answered]:
            if one.amount < 0 and one.lease is not None and one.lease in hall.given_back:
                hall.given_back[one.lease] = max(0, hall.given_back[one.lease] + one.amount)
        hall.answered = min(hall.answered, answered)

    def hello(self, hall: Hall) -> None:
        """Begin a session: show the leases that the hall holds, and find out what the centre has."""
        site, signer = hall.site, self.world.centre.signer
        names = ("kind", "budget", "lineage", "amount", "serial", "target", "signature")
        shown = [LeaseSlip(id=x, **{name: data[name] for name in names}) for x, data in hall.leases.items()]
        seq = len(hall.made)
        state = LineageState(lineage=site.lineage, seq=seq, answered=hall.answered, current=True)
        request = HelloRequest(lineages=[state], leases=shown)
        alarms = self.write(lambda tx: take_hello(tx, self.means, signer, site.id, request))
        assert not [x for x in alarms if x.startswith("forged")]
        hall.greets = False
        heads = {x.lineage: x.seq for x in self.world.centre.database.read(lambda s: s.lineages(site.id)).result()}
        if heads.get(site.lineage, 0) < hall.answered:
            self.forget(hall, heads.get(site.lineage, 0))
        self.pull(self.halls.index(hall))

    @rule()
    def back_up(self) -> None:
        """Keep the centre's files as they are now."""
        self.world.centre.database.close()
        shutil.rmtree(self.path / "backup", ignore_errors=True)
        (self.path / "backup").mkdir()
        shutil.copy(self.path / "centre.db", self.path / "backup")
        self.reopen()

    @precondition(lambda self: (self.path / "backup").exists())
    @rule()
    def restore(self) -> None:
        """Put the centre's files back; its sites find it out when they speak to it."""
        self.calm = False
        self.world.centre.database.close()
        for file in self.path.glob("centre.db-*"):
            file.unlink()
        shutil.copy(self.path / "backup" / "centre.db", self.path)
        self.reopen()
        self.write(lambda tx: begin_epoch(tx, self.means, "restored"))
        for hall in self.halls:
            hall.greets = True

    def reopen(self) -> None:
        opened = self.opened()
        self.world = opened
        for hall in self.halls:
            hall.site.world = opened

    # at the centre

    @rule()
    def work_off(self) -> None:
        self.clock.now += 60_000
        self.world.centre.jobs.run_due()

    @rule(number=st.integers(0, 9))
    def give_up(self, number: int) -> None:
        site = self.hall(number).site.id
        if self.write(lambda tx: write_off(tx, self.means, site, None, "boss")):
            self.named = True

    @rule(number=st.integers(0, 9), amount=st.sampled_from([0, 50_000, 300_000]))
    def retarget(self, number: int, amount: int) -> None:
        site = self.hall(number).site.id
        self.write(lambda tx: set_target(tx, self.means, site, {"credit": amount}, "boss"))

    @rule(amount=st.integers(0, 2 * LIMIT))
    def limit(self, amount: int) -> None:
        after = self.write(lambda tx: set_budget(tx, self.means, REGION, "credit", amount))
        self.named = self.named or after.exposed > 0

    # what always holds

    @invariant()
    def the_money_is_right(self) -> None:
        assert self.world.centre.database.read(check_money).result() == []

    @invariant()
    def nothing_is_exposed_without_a_cause(self) -> None:
        if self.calm and not self.named:
            budgets = self.world.centre.database.read(lambda s: s.budgets([SCOPE])).result()
            assert [b.exposed for b in budgets] == [0] * len(budgets)

    @invariant()
    def no_hall_holds_more_than_the_centre_counts(self) -> None:
        """What a hall may still promise is out for the centre, too."""
        if not self.calm:
            return
        for hall in self.halls:
            known = {x.id: x for x in self.world.centre.database.read(lambda s, h=hall: s.leases(h.site.id)).result()}  # type: ignore[misc]
            for lease in hall.leases:
                assert hall.left(lease) <= known[lease].left


TestEscrow = Escrow.TestCase
TestEscrow.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
