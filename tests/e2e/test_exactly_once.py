"""What was promised reaches the centre exactly once, whatever happens on the way."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time

from agentdesk.store.site import Site
from agentdesk.sync.runner import SyncThread
from tests.e2e.proxy import BadLine
from tests.e2e.world import SCOPE, Branch, Centre, stopped_customer
from tests.waiting import until


def _drain(site: Site) -> None:
    """Wait until the centre has answered all that a site made."""

    def empty() -> bool:
        site.files.refresh()
        return site.outbox.waiting() == 0

    until(empty)


def _counts(centre: Centre) -> tuple[int, int]:
    """Return how many operations of sites the centre has, and how many different ids they have."""
    rows = centre.ask("SELECT count(*), count(DISTINCT id) FROM receipt WHERE site <> 'centre'")
    return rows[0][0], rows[0][1]


def test_a_lost_answer_to_a_push_changes_nothing_twice(centre: Centre, hall: Branch) -> None:
    line = BadLine(centre.port)
    site = hall.open()
    site.move_centre(line.url)
    made = [hall.note(site, f"note {n}").operation.id for n in range(20)]
    line.lose_answers = 1
    worker = SyncThread(hall.folder, hall.open)
    worker.start()
    try:
        _drain(site)
    finally:
        worker.stop()
    assert line.lost == 1, "the centre answered, and the site never heard it"
    assert _counts(centre) == (20, 20)
    verdicts = {entry.id: entry.verdict for entry in site.outbox.entries()}
    assert [verdicts[i] for i in made] == ["applied"] * 20
    site.close()
    line.close()


def test_killing_the_centre_in_the_middle_of_batches_loses_and_doubles_nothing(centre: Centre, hall: Branch) -> None:
    site = hall.open()
    sampled = {row[0] for row in centre.ask("SELECT id FROM document WHERE scope = ? AND type = 'note'", SCOPE)}
    worker = SyncThread(hall.folder, hall.open)
    worker.start()
    made = []
    try:
        for round_ in range(5):
            made += [hall.note(site, f"note {round_} {n}").operation.id for n in range(150)]
            time.sleep(0.02 * round_)
            centre.kill()
            made.append(hall.note(site, "made while the centre was down").operation.id)
            centre.start()
        _drain(site)
    finally:
        worker.stop()
    assert _counts(centre) == (len(made), len(made))
    known = {row[0] for row in centre.ask("SELECT id FROM receipt")}
    assert known.issuperset(made)
    notes = {row[0] for row in centre.ask("SELECT id FROM document WHERE scope = ? AND type = 'note'", SCOPE)}
    assert len(notes - sampled) == len(made)
    holes = centre.ask("SELECT max(seq) - count(*) FROM scope_log WHERE scope = ?", SCOPE)[0][0]
    assert holes == 0
    site.close()


def test_promises_of_two_sites_that_cannot_see_each_other_both_stand_and_one_is_flagged(
    centre: Centre, halls: tuple[Branch, Branch]
) -> None:
    customer, line, amount = stopped_customer(centre.sample)
    made = []
    for hall in halls:
        site = hall.open()
        promise = hall.promise(site, "U04", customer, line, amount)
        made.append(promise.operation.id)
        site.close()
    for hall in halls:
        hall.sync()
    verdicts = dict(centre.ask("SELECT id, verdict FROM receipt WHERE id IN (?, ?)", *made))
    assert sorted(verdicts.values()) == ["applied", "flagged"]
    assert verdicts[made[1]] == "flagged", "the one that came second"
    states = centre.ask(
        "SELECT state FROM document WHERE scope = ? AND type = 'commitment' AND customer = ?", SCOPE, customer.id
    )
    assert states == [("made",), ("made",)], "both are honoured"
    assert centre.ask("SELECT sum(amount) FROM ledger") == [(2 * amount,)], "and both are booked"
    site = halls[1].open()
    assert [entry.id for entry in site.outbox.inbox()] == [made[1]], "its author is told"
    site.close()


def test_two_processes_of_one_site_share_one_chain_and_everything_arrives(centre: Centre, hall: Branch) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from agentdesk.cli.unlocking import opened
        from agentdesk.domain.operation import Draft
        from agentdesk.sync.runner import SyncThread

        folder, agent, role, name = Path(sys.argv[1]), *sys.argv[2:5]
        site = opened(folder)
        worker = SyncThread(folder, lambda: opened(folder))
        worker.start()
        for n in range(100):
            body = {"customer": "c", "text": f"{name} {n}"}
            site.commit(Draft("note.added", agent, role, "region/bj", site.new_id(), body))
        print("done", flush=True)
        sys.stdin.read()
        """
    )
    agent = centre.agent
    desks = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(hall.folder), agent.id, agent.data["role"], name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    site = hall.open()
    try:
        for desk in desks:
            assert desk.stdout is not None
            assert desk.stdout.readline() == "done\n"
        _drain(site)
        # whichever syncs is killed; the other takes over
        holder = site.line.state().holder
        first = next(desk for desk in desks if holder == f"pid {desk.pid}")
        first.kill()
        first.communicate()
        late = hall.note(site, "after one desk died").operation.id
        _drain(site)
        assert centre.ask("SELECT verdict FROM receipt WHERE id = ?", late) == [("applied",)]
    finally:
        for desk in desks:
            desk.kill()
            desk.communicate()
    assert _counts(centre) == (201, 201)
    sequence = [row[0] for row in centre.ask("SELECT seq FROM receipt WHERE site <> 'centre' ORDER BY seq")]
    assert sequence == list(range(1, 202))
    site.close()
