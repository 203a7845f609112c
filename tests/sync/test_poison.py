"""An operation over which the centre falls, or that no line takes: kept as it is, held, and nobody waits for it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agentdesk.cli.machine import MachineClock
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.protocol.limits import MAX_PUSH_BYTES
from agentdesk.store.amending import retry
from agentdesk.store.committing import Committed
from agentdesk.store.outbox import Waiting
from agentdesk.sync.client import CentreClient, Pushed, RequestFailed
from agentdesk.sync.core import Failure, Pace, Push, SyncCore
from agentdesk.sync.session import Session
from agentdesk.sync.signing import auth_of
from tests.centre.kit import AGENT, SCOPE
from tests.sync.histories import Node, Story

BAD = "over this it falls"
PACE = Pace()


def fails(core: SyncCore, failure: Failure, times: int, answers: bool = True) -> None:
    for _ in range(times):
        if answers:
            core.pulled(0, more=False)
        core.push_failed(0, failure)
        core.greeted = True


@pytest.mark.parametrize("failure", ["server", "dropped"])
def test_an_operation_at_which_the_centre_fails_three_times_alone_is_sent_unread(failure: Failure) -> None:
    core = SyncCore(replace(PACE, most_operations=1), lambda: 0.5, greeted=True)
    fails(core, failure, 2)
    assert core.next(10**9, 5) != Push(1, PACE.most_bytes, unread=True)
    fails(core, failure, 1)
    core.pulled(10**9, more=False)
    assert core.next(10**9, 5) == Push(1, PACE.most_bytes, unread=True)
    core.pushed(10**9, 1)
    assert core.next(10**9, 4) == Push(1, PACE.most_bytes)


@pytest.mark.parametrize("failure", ["server", "dropped"])
def test_a_centre_that_answers_nothing_is_down_and_no_operation_is_to_blame(failure: Failure) -> None:
    core = SyncCore(replace(PACE, most_operations=1), lambda: 0.5, greeted=True)
    fails(core, failure, 1)
    fails(core, failure, 50, answers=False)
    core.pulled(10**9, more=False)
    assert core.next(10**9, 5) == Push(1, PACE.most_bytes)


def test_one_operation_that_is_too_large_goes_without_its_body() -> None:
    core = SyncCore(PACE, lambda: 0.5, greeted=True)
    core.pulled(0, more=False)
    for _ in range(40):
        step = core.next(1, 5)
        assert isinstance(step, Push)
        if step.unread:
            break
        core.push_failed(1, "too_large", None, (1, 1))
    assert step == Push(1, 1, unread=True, whole=False)
    core.pushed(1, 1)
    step = core.next(1, 4)
    assert isinstance(step, Push)
    assert not step.unread


# over HTTP


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    found = Story(tmp_path)
    yield found
    found.close()


def note(node: Node, text: str, deps: tuple[str, ...] = ()) -> Committed:
    site = node.site
    draft = Draft("note.added", AGENT, "agent", SCOPE, site.new_id(), {"text": text, "customer": "c-1"}, deps=deps)
    return site.commit(draft)


def codes(node: Node) -> dict[str, tuple[Verdict | None, tuple[str, ...]]]:
    return {id_: (verdict, tuple(r.code for r in reasons)) for id_, (verdict, reasons) in node.verdicts().items()}


def test_what_crashes_the_server_is_kept_unread_and_the_rest_goes_on(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentdesk.centre.reading import read_operation

    def falls(head: str, salt: str, body: str) -> Any:
        if BAD in body:
            raise MemoryError("too much for this machine")
        return read_operation(head, salt, body)

    node = story.enrolled("hall")
    with monkeypatch.context() as patched:
        patched.setattr("agentdesk.centre.push.read_operation", falls)
        before = note(node, "before")
        bad = note(node, BAD)
        dependant = note(node, "depends", (bad.operation.id,))
        after = [note(node, f"after {n}") for n in range(20)]
        node.sync()

    said = codes(node)
    assert said[bad.operation.id] == (Verdict.HELD, ("crashed",))
    assert said[dependant.operation.id] == (Verdict.HELD, ("dependency",))
    assert {said[made.operation.id][0] for made in (before, *after)} == {Verdict.APPLIED}
    operation = bad.operation
    (kept,) = story.centre.database.read(
        lambda s: s.archived(operation.site, operation.lineage, operation.seq, operation.seq)
    ).result()
    assert (kept.head, kept.salt, kept.body, kept.id) == (operation.head, operation.salt, operation.body, operation.id)
    # nothing is lost: once the fault is mended it is as good as any
    retry(node.site, operation.id, AGENT, "agent")
    node.sync()
    story.centre.jobs.run_due()
    node.sync()
    assert codes(node)[operation.id] == codes(node)[dependant.operation.id] == (Verdict.APPLIED, ())


def test_what_is_too_large_for_the_line_is_held_by_its_envelope_and_kept_here(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = story.enrolled("hall")
    first = note(node, "small")
    large = note(node, "x" * 3_000)
    after = note(node, "after")
    with monkeypatch.context() as patched:
        # a line that takes less than the centre does
        patched.setattr("agentdesk.centre.routes.MAX_PUSH_BYTES", 2_500)
        node.sync()

    said = codes(node)
    assert said[large.operation.id] == (Verdict.HELD, ("too_large",))
    assert said[first.operation.id] == said[after.operation.id] == (Verdict.APPLIED, ())
    operation = large.operation
    (kept,) = story.centre.database.read(
        lambda s: s.archived(operation.site, operation.lineage, operation.seq, operation.seq)
    ).result()
    assert (kept.head, kept.body) == (operation.head, None)
    entry = node.site.outbox.entry(operation.id)
    assert entry is not None
    assert entry.body is not None
    assert entry.body["text"] == "x" * 3_000
    retry(node.site, operation.id, AGENT, "agent")
    node.sync()
    story.centre.jobs.run_due()
    node.sync()
    assert codes(node)[operation.id] == (Verdict.HELD, ("too_large",))


GARBLED = ["", "{", "[]", '{"id":7}', "nothing that was ever JSON", '{"id":"' + "x" * 5_000 + '"}']


def garble(node: Node, committed: Committed, head: str) -> None:
    """Change an operation's head on the site's disk, as a failing disk or another program may."""
    with node.site.files.writing() as outbox:
        outbox.execute("UPDATE operation SET head = ? WHERE id = ?", (head, committed.operation.id))


@pytest.mark.parametrize("head", GARBLED)
def test_an_operation_whose_head_the_disk_has_garbled_is_answered_by_its_place(story: Story, head: str) -> None:
    node = story.enrolled("hall")
    before, bad, after = (note(node, text) for text in ("before", "bad", "after"))
    garble(node, bad, head)
    node.sync()
    said = codes(node)
    assert said[before.operation.id] == (Verdict.APPLIED, ())
    assert said[bad.operation.id] == (Verdict.HELD, ("unreadable",))
    # what stands behind it is kept too, though the chain doesn't say so any more
    assert said[after.operation.id][0] is not None
    later = note(node, "later")
    node.sync()
    assert codes(node)[later.operation.id] == (Verdict.APPLIED, ())
    entry = node.site.outbox.entry(bad.operation.id)
    assert entry is not None
    assert (entry.seq, entry.verdict) == (bad.operation.seq, Verdict.HELD)


@pytest.mark.parametrize("head", GARBLED)
def test_what_the_disk_has_garbled_moves_on_with_the_rest_when_histories_part(story: Story, head: str) -> None:
    node = story.enrolled("hall")
    backup = story.kept(node)
    note(node, "lost with the files")
    node.sync()
    story.put_back(node, backup)
    made = [note(node, text) for text in ("first", "bad", "last")]
    garble(node, made[1], head)
    node.sync()
    said = codes(node)
    assert said[made[0].operation.id] == (Verdict.APPLIED, ())
    assert said[made[1].operation.id] == (Verdict.HELD, ("unreadable",))
    assert said[made[2].operation.id] == (Verdict.APPLIED, ())


def test_the_largest_operation_that_is_made_here_fits_into_a_push(story: Story) -> None:
    node = story.enrolled("hall")
    sizes = []

    def measured(waiting: Waiting) -> Pushed:
        wire = [(head, salt, body or "") for head, salt, body in waiting.operations]
        sizes.append(len(json.dumps({"operations": wire}).encode()))
        raise RequestFailed("busy", "measured")

    body = {"call": "c", "channel": "phone", "caller_name": "\U0001f600" * 45_000}
    node.site.commit(Draft("contact.opened", AGENT, "agent", SCOPE, node.site.new_id(), body))
    batch = node.site.outbox.batch(1, 1)
    assert batch is not None
    with pytest.raises(RequestFailed):
        measured(batch)
    assert sizes[0] < MAX_PUSH_BYTES


SERVE = """
import os, signal, sys
import agentdesk.centre.push as push
from agentdesk.centre.serving import serve

real = push.read_operation

def falls(head, salt, body):
    if "over this it falls" in body:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(head, salt, body)

push.read_operation = falls
serve(port=int(sys.argv[2]), database_url=sys.argv[1])
"""


class Falling:
    """A centre in a process of its own that dies over an operation, and is started again each time."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.starts = 0
        self.port = 0
        self.child: subprocess.Popen[str] | None = None

    def up(self) -> None:
        """Start it if it isn't running, and wait until it takes requests."""
        if self.child is not None and self.child.poll() is None:
            return
        self.stop()
        command = [sys.executable, "-c", SERVE, f"sqlite:///{self.database}", str(self.port)]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line.startswith("centre ready on http://")
        self.port = int(line.rstrip().rpartition(":")[2])
        self.starts += 1

    def stop(self) -> None:
        if self.child is not None:
            self.child.terminate()
            self.child.wait()
            assert self.child.stdout is not None
            self.child.stdout.close()
            self.child = None


def test_a_centre_that_dies_over_an_operation_takes_it_unread_in_the_end(tmp_path: Path) -> None:
    story = Story(tmp_path)
    node = story.enrolled("hall")
    made = [note(node, "before"), note(node, BAD), note(node, "after")]
    story.close()
    falling = Falling(story.path)
    falling.up()
    clock = MachineClock()
    client = CentreClient(f"http://127.0.0.1:{falling.port}", auth_of(node.site), clock)
    pace = Pace(poll_ms=1, first_retry_ms=10, longest_retry_ms=20, most_operations=1)
    session = Session(node.site, client, SyncCore(pace, Random(1).random), "test")
    try:
        while node.site.outbox.waiting():
            falling.up()
            until = session.step()
            node.clock.now = max(node.clock.now + 1, node.clock.now + until - node.clock.mono_ms())
            time.sleep(0.001)
        said = codes(node)
        assert [said[one.operation.id][0] for one in made] == [Verdict.APPLIED, Verdict.HELD, Verdict.APPLIED]
        assert falling.starts == 1 + pace.halve_after
    finally:
        client.close()
        falling.stop()
