"""What the clocks of documents do by themselves at the centre: once, in order, whoever does it and whatever dies."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from agentdesk.centre.exposure import check_money
from agentdesk.centre.histories import begin_epoch
from agentdesk.centre.jobs import Tools
from agentdesk.centre.storage.contract import StorageError, Transaction
from agentdesk.centre.storage.rows import Archived, TimerRow
from agentdesk.centre.timing import FIRST_RETRY_MS, REST_MS, Timers
from agentdesk.domain.decide import MoneyFact
from agentdesk.domain.kinds import credits, promise_clocks
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import CENTRE, next_timer
from tests.centre.kit import SCOPE, START, Site, World, catalogue

MINUTE = 60_000
DAY = 1_440 * MINUTE
_LADDER = [name for name, _ in promise_clocks.ladder(catalogue())]
RUNGS = ["owner", *_LADDER[:-1], credits.RUNG, _LADDER[-1]]
"""What becomes of the promise that the sites here make: its credit of two days is over before the last rung."""


def promised(world: World, number: int = 1, name: str = "hall") -> tuple[Site, Operation]:
    site = world.site(name)
    made = site.whole_call(number)
    site.push()
    return site, made


def timetable(world: World) -> dict[str, TimerRow]:
    rows = world.centre.database.read(lambda s: s.timers(2**53, 10_000)).result()
    return {row.id: row for row in rows}


def done_by_clock(world: World, document: str | None = None) -> list[tuple[str, str, int]]:
    """Return what the centre's clock did, in the order of its chain: document, rung, the instant it was due."""

    def read(s: Any) -> list[Archived]:
        (head,) = s.lineages(CENTRE)
        found: list[Archived] = s.archived(CENTRE, head.lineage, 1, head.seq)
        return found

    found = []
    for row in world.centre.database.read(read).result():
        if row.kind.startswith("commitment."):
            body, head = json.loads(row.body or ""), json.loads(row.head)
            found.append((head["document"], body["rung"], body["at"]))
    return [one for one in found if document in (None, one[0])]


def pass_to(world: World, at: int) -> int:
    world.clock.now = at
    return world.centre.jobs.run_due()


def test_each_rung_is_done_at_its_instant_once_and_told_to_the_sites(world: World) -> None:
    _, made = promised(world)
    promise = world.document(made.document)
    timer = next_timer(promise, catalogue())
    assert timer is not None
    world.centre.jobs.run_due()
    assert timetable(world)[made.document].due == timer.at
    for rung in RUNGS:
        timer = next_timer(world.document(made.document), catalogue())
        assert timer is not None
        assert timer.rung == rung
        pass_to(world, timer.at - 1)
        assert rung not in (world.document(made.document).data.get("rungs") or {})
        pass_to(world, timer.at)
        pass_to(world, timer.at + 1)
        assert world.document(made.document).data["rungs"][rung] == timer.at
    assert [rung for _, rung, _ in done_by_clock(world)] == RUNGS
    assert made.document not in timetable(world)
    told = {row.document for row in world.centre.database.read(lambda s: s.log_entries(SCOPE, 0, 100)).result()}
    assert made.document in told
    department = f"department/{promise.data['department']}"
    assert len(world.centre.database.read(lambda s: s.log_entries(department, 0, 100)).result()) >= len(RUNGS)


def test_after_a_day_down_the_rungs_come_one_at_a_time_in_order(world: World) -> None:
    promises = [promised(world, number, f"s-{number}")[1] for number in (1, 2, 3)]
    due = world.document(promises[0].document).data["due"]
    pass_to(world, due + DAY)
    for made in promises:
        mine = done_by_clock(world, made.document)
        assert [rung for _, rung, _ in mine] == RUNGS[:4]
        assert [at for _, _, at in mine] == sorted(at for _, _, at in mine)
        data = world.document(made.document).data
        assert data["state"] == "breached"
        assert [m["due_at"] for m in data["moves"] if "due_at" in m] == [at for _, _, at in mine]
    pass_to(world, due + 3 * DAY)
    assert len(done_by_clock(world)) == len(RUNGS) * 3


def test_what_was_kept_in_time_is_left_alone(world: World) -> None:
    site, made = promised(world)
    site.make("commitment.withdrawn", made.document, {"reason": "no more"})
    site.push(site.made[-1:])
    assert made.document not in timetable(world)
    pass_to(world, START + 3 * DAY)
    assert done_by_clock(world) == []
    assert world.document(made.document).data["state"] == "withdrawn"


def test_a_note_moves_no_clock_and_a_site_cant_do_what_a_clock_does(world: World) -> None:
    site, made = promised(world)
    world.centre.jobs.run_due()
    before = timetable(world)
    timer = next_timer(world.document(made.document), catalogue())
    assert timer is not None
    site.note()
    body = {"rung": timer.rung, "at": timer.at}
    site.make(timer.kind, made.document, body, actor=CENTRE, role=CENTRE)
    world.clock.now = site.clock.now = timer.at
    taken = site.push(site.made[-2:])
    assert [v.verdict for v in taken.verdicts] == ["applied", "refused"]
    assert timetable(world) == before


def test_documents_that_were_there_before_are_looked_at_once(world: World) -> None:
    _, made = promised(world)
    world.centre.jobs.run_due()
    expected = timetable(world)

    def forget(tx: Transaction) -> None:
        tx.put_timers((), sorted(expected.values()))
        tx.set_meta("timers", "an older program")

    world.centre.database.write(forget).result()
    assert timetable(world) == {}
    world.centre.start(catalogue())
    world.centre.jobs.run_due()
    assert timetable(world) == expected
    assert made.document in expected


def test_whenever_a_worker_dies_each_rung_is_done_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, made = promised(world)
    due = world.document(made.document).data["due"]
    write = world.centre.database.write
    countdown = iter([1, 2, 3, 1, 2, 3, 4, 1, 2, 3])

    def dying(left: int) -> Any:
        def attempt(work: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise StorageError("the process dies")
            return write(work)

        return attempt

    for step, left in enumerate(countdown):
        world.clock.now = due + 2 * DAY + step * 2 * FIRST_RETRY_MS
        monkeypatch.setattr(world.centre.database, "write", dying(left))
        with suppress(StorageError):
            world.centre.timers.run_due()
    monkeypatch.setattr(world.centre.database, "write", write)
    pass_to(world, due + 5 * DAY)
    assert [rung for _, rung, _ in done_by_clock(world)] == RUNGS


def test_several_workers_do_each_rung_once(world: World) -> None:
    promises = [promised(world, number % 3 + 1, f"s-{number}")[1] for number in range(6)]
    due = max(world.document(made.document).data["due"] for made in promises)
    world.centre.jobs.run_due()
    world.clock.now = due + 5 * DAY
    workers = [_worker(world) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda worker: worker.run_due(), workers))
    world.clock.now += 10 * FIRST_RETRY_MS
    world.centre.jobs.run_due()
    done = done_by_clock(world)
    assert len(done) == len(set(done)) == len(RUNGS) * len(promises)
    for made in promises:
        assert [rung for _, rung, _ in done_by_clock(world, made.document)] == RUNGS


def _worker(world: World) -> Timers:
    database = world.centre.database
    return Timers(database, Tools(world.means, world.centre.policies, database.secret))


def test_a_timer_that_fails_doesnt_keep_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = (promised(world, number, f"s-{number}")[1] for number in (1, 2))
    due = world.document(good.document).data["due"]

    def fails(operation: Operation, *_: object) -> Any:
        if operation.document == bad.document:
            raise ZeroDivisionError("a bug")
        return (), ()

    monkeypatch.setattr(promise_clocks, "on_breach", fails)
    pass_to(world, due)
    assert world.document(good.document).data["state"] == "breached"
    assert world.document(bad.document).data["state"] == "made"
    monkeypatch.undo()
    pass_to(world, due + FIRST_RETRY_MS)
    assert world.document(bad.document).data["state"] == "breached"
    assert len(done_by_clock(world)) == 4


@pytest.fixture
def compensated(monkeypatch: pytest.MonkeyPatch) -> int:
    """Have each breach give a sum that is beyond what the region's budget has left."""
    amount = 120_000_000

    def gives(operation: Operation, promise: Any, _situation: Any) -> Any:
        fact = MoneyFact("cost", amount, None, promise.scope, promise.data["customer"], promise.id, "network")
        return (), (fact,)

    monkeypatch.setattr(promise_clocks, "on_breach", gives)
    return amount


def test_what_a_breach_gives_is_booked_to_the_budget_by_name_also_beyond_it(world: World, compensated: int) -> None:
    _, made = promised(world)
    pass_to(world, world.document(made.document).data["due"] + MINUTE)

    def read(s: Any) -> Any:
        lines = [line for line in s.ledger(SCOPE) if line.site == CENTRE]
        (budget,) = [b for b in s.budgets([SCOPE]) if b.kind == "cost"]
        return lines, budget, s.exposures(SCOPE), check_money(s)

    lines, budget, exposures, wrong = world.centre.database.read(read).result()
    assert wrong == []
    assert [(line.amount, line.commitment, line.allowance, line.department) for line in lines] == [
        (compensated, made.document, None, "network")
    ]
    assert budget.settled == compensated
    assert budget.exposed > 0
    assert [e.cause for e in exposures] == ["unleased"]
    assert all(e.site == CENTRE for e in exposures)


def test_a_restored_centre_waits_for_its_sites_and_does_the_same_again(world: World) -> None:
    _, made = promised(world)
    due = world.document(made.document).data["due"]
    world.centre.jobs.run_due()
    world.clock.now = due

    def restored(tx: Transaction) -> None:
        begin_epoch(tx, world.means, "test", tx.meta("epoch") or "", "")

    world.centre.database.write(restored).result()
    world.centre.jobs.run_due()
    assert done_by_clock(world) == []
    pass_to(world, due + REST_MS)
    assert [rung for _, rung, _ in done_by_clock(world)] == RUNGS[:2]
