"""Work that the centre owes: its effect comes once, whoever does it and whatever dies over it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.centre.jobs import FIRST_RETRY_MS, LONGEST_RETRY_MS, Jobs, Tools, Work
from agentdesk.centre.storage.contract import StorageError, Transaction
from agentdesk.centre.storage.opening import open_database
from agentdesk.centre.storage.rows import Job
from tests.centre.kit import World

KEY = "count"


def add(tx: Transaction, _tools: Tools, job: Job) -> Iterable[Job]:
    """Count in the same transaction in which the job ends."""
    tx.set_meta(KEY, str(int(tx.meta(KEY) or 0) + int(job.data or 1)))
    return ()


def counted(world: World) -> int:
    return int(world.centre.database.read(lambda s: s.meta(KEY)).result() or 0)


def jobs_of(world: World, **kinds: Work) -> Jobs:
    return Jobs(world.centre.database, Tools(world.means, world.centre.policies, world.centre.database.secret), kinds)


def owe(world: World, *jobs: Job) -> None:
    def work(tx: Transaction) -> None:
        for job in jobs:
            tx.put_job(job)

    world.centre.database.write(work).result()


def owed(world: World) -> list[Job]:
    return world.centre.database.read(lambda s: s.jobs(2**53, 100)).result()


@pytest.fixture
def quiet(world: World) -> World:
    """A world in which nothing is owed."""
    world.centre.jobs.run_due()
    assert owed(world) == []
    return world


def test_what_is_due_is_done_once_and_what_isnt_waits(quiet: World) -> None:
    now = quiet.clock.now
    jobs = jobs_of(quiet, add=add)
    owe(quiet, Job("s-1", "add", "a", now), Job("s-1", "add", "b", now), Job("s-1", "add", "later", now + 1_000))
    assert jobs.run_due() == 2
    assert jobs.run_due() == 0
    assert counted(quiet) == 2
    quiet.clock.now += 1_000
    assert jobs.run_due() == 1
    assert owed(quiet) == []


def test_what_is_owed_twice_under_one_key_is_owed_once(quiet: World) -> None:
    job = Job("s-1", "add", "a", quiet.clock.now)
    owe(quiet, job, replace(job, data="100"))
    assert jobs_of(quiet, add=add).run_due() == 1
    assert counted(quiet) == 1


def test_work_that_fails_leaves_nothing_and_is_tried_later_and_later(quiet: World) -> None:
    tries = []

    def fails(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
        add(tx, tools, job)
        tries.append(job.tries)
        raise ZeroDivisionError("a bug")

    jobs = jobs_of(quiet, fails=fails, add=add)
    owe(quiet, Job("s-1", "fails", "a", quiet.clock.now), Job("s-2", "add", "b", quiet.clock.now))
    assert jobs.run_due() == 1
    assert counted(quiet) == 1, "the other one is done, and nothing of the one that failed"
    waits = []
    for _ in range(14):
        (job,) = owed(quiet)
        waits.append(job.due - quiet.clock.now)
        quiet.clock.now = job.due
        jobs.run_due()
    assert tries == list(range(1, 16))
    assert waits[:3] == [FIRST_RETRY_MS, 2 * FIRST_RETRY_MS, 4 * FIRST_RETRY_MS]
    assert waits[-1] == LONGEST_RETRY_MS
    jobs_of(quiet, fails=add).run_due()
    quiet.clock.now += LONGEST_RETRY_MS
    assert jobs_of(quiet, fails=add).run_due() == 1
    assert counted(quiet) == 2


def test_a_server_that_dies_over_a_job_has_marked_it_as_tried(quiet: World) -> None:
    class Died(BaseException):
        """The process ends here."""

    def dies(_tx: Transaction, _tools: Tools, _job: Job) -> Iterable[Job]:
        raise Died

    owe(quiet, Job("s-1", "work", "a", quiet.clock.now))
    with pytest.raises(Died):
        jobs_of(quiet, work=dies).run_due()
    (job,) = owed(quiet)
    assert (job.tries, job.due) == (1, quiet.clock.now + FIRST_RETRY_MS)
    # another server leaves it alone until then, and does it once
    other = jobs_of(quiet, work=add)
    assert other.run_due() == 0
    quiet.clock.now += FIRST_RETRY_MS
    assert other.run_due() == 1
    assert counted(quiet) == 1


def test_work_of_a_newer_server_is_left_to_it(quiet: World) -> None:
    owe(quiet, Job("s-1", "from-the-future", "a", quiet.clock.now), Job("s-1", "add", "b", quiet.clock.now))
    assert jobs_of(quiet, add=add).run_due() == 1
    assert [job.kind for job in owed(quiet)] == ["from-the-future"]


def test_a_job_may_leave_others_or_itself_for_later(quiet: World) -> None:
    def first(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
        add(tx, tools, job)
        again = replace(job, tries=0, due=tools.means.now() + 500)
        return (again, Job("s-1", "add", "after", tools.means.now()))

    owe(quiet, Job("s-1", "first", "a", quiet.clock.now))
    assert jobs_of(quiet, first=first, add=add).run_due() == 2
    assert [(job.kind, job.tries, job.due) for job in owed(quiet)] == [("first", 0, quiet.clock.now + 500)]


def test_several_workers_over_one_database_do_each_job_once(quiet: World, tmp_path: Path) -> None:
    count, now = 30, quiet.clock.now
    owe(quiet, *(Job(f"s-{n % 3}", "add", str(n), now) for n in range(count)))

    def note(tx: Transaction, _tools: Tools, job: Job) -> Iterable[Job]:
        tx.set_meta(f"did {job.key}", str(int(tx.meta(f"did {job.key}") or 0) + 1))
        return ()

    kinds: Mapping[str, Work] = {"add": note}
    done: list[int] = []
    problems: list[Exception] = []

    def work() -> None:
        database = open_database(quiet.url, tmp_path / "centre.key")
        try:
            jobs = Jobs(database, Tools(quiet.means, quiet.centre.policies, database.secret), kinds)
            done.append(jobs.run_due())
        except StorageError as problem:
            problems.append(problem)
        finally:
            database.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert sum(done) == count
    assert quiet.centre.database.read(lambda s: {s.meta(f"did {n}") for n in range(count)}).result() == {"1"}
    assert owed(quiet) == []


def test_the_worker_does_what_it_is_told_of_and_stops_when_asked(quiet: World) -> None:
    happened = threading.Event()

    def says(tx: Transaction, tools: Tools, job: Job) -> Iterable[Job]:
        happened.set()
        return add(tx, tools, job)

    jobs = jobs_of(quiet, says=says)
    jobs.start()
    try:
        owe(quiet, Job("s-1", "says", "a", quiet.clock.now))
        jobs.nudge()
        assert happened.wait(60)
    finally:
        jobs.stop()
    assert counted(quiet) == 1
