"""Several processes on one folder, and one that is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.domain.numbering.ids import check
from agentdesk.domain.operation import GENESIS, follows, read
from tests.domain.world import REGION, contact, customer, overcharged
from tests.processes import Process, Start, line, starting
from tests.store.world import OWN, lease, make_site, note, open_files, open_site, page


@pytest.fixture
def start(repository: Path) -> Iterator[Start]:
    with starting("tests.store.worker", repository) as begin:
        yield begin


def go(*processes: Process) -> None:
    """Let processes that say `ready` go on, all at once."""
    for process in processes:
        assert line(process) == "ready"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def rest(process: Process) -> list[str]:
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return out.splitlines()


def test_two_processes_and_two_sites_in_one_make_one_unbroken_chain(tmp_path: Path, start: Start) -> None:
    mine, too = make_site(tmp_path), open_site(tmp_path, seed=2)
    others = [start("notes", tmp_path, 40, name) for name in ("a", "b")]
    go(*others)
    made = []
    for n in range(20):
        made.append(mine.commit(note(f"m-{n}")).operation.id)
        made.append(too.commit(note(f"t-{n}")).operation.id)
    for other in others:
        made += rest(other)

    rows = mine.files.outbox.execute("SELECT head, salt, body FROM operation ORDER BY seq").fetchall()
    seq, previous = 0, GENESIS
    for operation in (read(*row) for row in rows):
        assert follows(operation, seq, previous)
        seq, previous = operation.seq, operation.hash
    assert seq == 120
    assert sorted(read(*row).id for row in rows) == sorted(made)
    assert all(mine.view.document(REGION, f"{name}-{n}") for name in "ab" for n in range(40))


def test_what_was_committed_is_there_after_a_kill(tmp_path: Path, start: Start) -> None:
    make_site(tmp_path).close()
    for round_ in range(5):
        process = start("notes", tmp_path, 1000, f"r{round_}")
        go(process)
        said = [line(process) for _ in range(20 + round_)]
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        said += process.stdout.read().splitlines()
        site = open_site(tmp_path, seed=round_)
        known = {row[0] for row in site.files.outbox.execute("SELECT id FROM operation")}
        assert known.issuperset(said)
        assert len(known) - site.outbox.waiting() == 0
        for n in range(20 + round_):
            assert site.view.document(REGION, f"r{round_}-{n}") is not None
        site.commit(note(f"after-{round_}"))
        site.close()


def test_numbers_are_given_once_across_processes(tmp_path: Path, start: Start) -> None:
    make_site(tmp_path).close()
    workers = [start("numbers", tmp_path, 50) for _ in range(3)]
    go(*workers)
    numbers = [number for worker in workers for number in rest(worker)]
    assert len(numbers) == len(set(numbers)) == 150
    assert all(check(number) for number in numbers)


def test_two_processes_never_promise_more_than_the_allowance(tmp_path: Path, start: Start) -> None:
    site = make_site(tmp_path, overcharged(card="supreme"), contact("k1", level=2))
    # eight promises a day are an agent's limit: less than the allowance must stop him here
    site.take_page(page(OWN, 3, lease("cost", 11_000, 3)))
    workers = [start("gifts", tmp_path, name) for name in ("a", "b")]
    go(*workers)
    said = [rest(worker) for worker in workers]
    assert [lines[-1] for lines in said] == ["allowance", "allowance"]
    left = sorted(int(amount) for lines in said for amount in lines[:-1])
    assert len(left) == 5
    assert left[0] == 1000
    assert site.allowances()["cost"].left == 1000


def test_many_processes_may_open_a_folder_for_the_first_time(tmp_path: Path, start: Start) -> None:
    workers = [start("first", tmp_path / "site") for _ in range(6)]
    go(*workers)
    assert {rest(worker)[0].count("replica") for worker in workers} == {2}
    files = open_files(tmp_path / "site")
    rows = files.outbox.execute("SELECT name, file FROM replica ORDER BY name").fetchall()
    assert [name for name, _ in rows] == [REGION, "small"]
    assert sorted(path.name for path in (tmp_path / "site").glob("replica-*.db")) == sorted(file for _, file in rows)


def test_another_process_goes_over_to_a_new_generation(tmp_path: Path, start: Start) -> None:
    site = make_site(tmp_path, customer("c1"))
    watcher = start("watch", tmp_path)
    assert line(watcher) == "ready"

    def seen() -> str:
        assert watcher.stdin is not None
        watcher.stdin.write("\n")
        watcher.stdin.flush()
        return line(watcher)

    assert seen() == "c1"
    for generation in range(2, 6):
        site.files.renew_replica(REGION)
        site.take_page(page(REGION, 1, customer(f"c{generation}")))
        assert seen() == f"c{generation - 1}"
        site.complete_replicas()
        assert seen() == f"c{generation}"
    assert len(list(tmp_path.glob("replica-region-bj-*.db"))) == 1


def test_files_that_may_not_grow_are_said_plainly_and_nothing_is_promised(tmp_path: Path, start: Start) -> None:
    make_site(tmp_path).close()
    said = rest(start("capped", tmp_path))
    for line_ in said[:2]:
        assert line_.startswith("DiskFull the disk of ")
        assert "nothing was recorded" in line_
    # what is there is shown, also by a desk that is opened now; what was refused isn't
    assert said[2:4] == ["True [True, True, False, False]"] * 2
    assert said[4] == "2"
