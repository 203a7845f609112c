from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.operation import GENESIS, head_hash
from agentdesk.domain.verdict import Verdict
from agentdesk.store.outbox import Answer, Waiting
from agentdesk.store.site import Site
from tests.domain.world import AGENT, NOW, REGION, FakeClock
from tests.store.world import EPOCH, Centre, make_site, note, promised, push_all


def batch(site: Site, most: int = 500, most_bytes: int = 10**6) -> Waiting:
    found = site.outbox.batch(most, most_bytes)
    assert found is not None
    return found


def applied(operation_id: str, seq: int, verdict: Verdict = Verdict.APPLIED) -> Answer:
    return Answer(operation_id, seq, verdict, (), REGION, 10 + seq)


def test_a_batch_is_the_next_operations_and_what_they_follow(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path), Centre.of()
    assert site.outbox.batch(500, 10**6) is None
    made = [site.commit(note(f"n{n}")).operation for n in range(5)]
    first = batch(site, 2)
    assert (first.lineage, first.after_seq, first.after_hash) == ("lineage-1", 0, GENESIS)
    assert first.operations == tuple((op.head, op.salt, op.body) for op in made[:2])
    site.take_answers("lineage-1", centre.push(first), EPOCH)
    second = batch(site)
    assert (second.after_seq, second.after_hash) == (2, head_hash(made[1].head))
    assert [json.loads(head)["seq"] for head, _, _ in second.operations] == [3, 4, 5]


@settings(max_examples=15)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=8), st.integers(1, 9000))
def test_a_batch_is_no_larger_on_the_wire_than_allowed_but_never_empty(sizes: list[int], most: int) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        site = make_site(Path(folder))
        site.commit_all([note(f"n{n}", '"\\' * (size // 2) + "x") for n, size in enumerate(sizes)])
        found = batch(site, 500, most)
        wire = json.dumps([list(texts) for texts in found.operations], ensure_ascii=False, separators=(",", ":"))
        assert len(found.operations) == 1 or len(wire.encode()) <= most
        site.close()


def test_answers_move_the_mark_in_order_only(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made = [site.commit(note(f"n{n}")).operation for n in range(4)]
    take = site.take_answers
    assert take("lineage-1", [applied(made[1].id, 2)], EPOCH) == 0
    assert (site.outbox.waiting(), batch(site).after_seq) == (4, 0)
    assert take("lineage-1", [applied(made[0].id, 1)], EPOCH) == 1
    assert batch(site).after_seq == 1
    assert take("lineage-1", [applied(op.id, op.seq) for op in made], EPOCH) == 3
    assert (site.outbox.waiting(), site.outbox.batch(1, 1)) == (0, None)
    assert take("lineage-1", [applied(op.id, op.seq) for op in made], EPOCH) == 0
    assert take("unheard", [applied(made[0].id, 1)], EPOCH) == 0


def test_answers_to_something_else_are_left_alone(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made = [site.commit(note(f"n{n}")).operation for n in range(2)]
    wrong = [applied("unheard", 1), applied(made[0].id, 2), applied(made[1].id, 9)]
    assert site.take_answers("lineage-1", wrong, EPOCH) == 0
    assert [entry.verdict for entry in site.outbox.entries()] == [None, None]
    assert site.outbox.waiting() == 2


def test_the_same_answer_again_changes_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    site = make_site(tmp_path, clock=clock)
    made = site.commit(note("n1")).operation
    flagged = Answer(made.id, 1, Verdict.FLAGGED, (Reason.of("dismissed", actor=AGENT),), REGION, 11)
    site.take_answers("lineage-1", [flagged], EPOCH)
    site.outbox.done(made.id, AGENT, NOW)
    clock.pass_ms(1000)
    site.take_answers("lineage-1", [flagged], EPOCH)
    site.take_answers("lineage-1", [applied(made.id, 1)], EPOCH)
    (entry,) = site.outbox.entries()
    assert (entry.verdict, entry.answered_at, [r.code for r in entry.reasons]) == (Verdict.FLAGGED, NOW, ["dismissed"])
    assert site.outbox.inbox() == ()


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_needs_a_person_is_in_the_inbox_once_until_it_is_seen_to(tmp_path: Path, verdict: Verdict) -> None:
    site = make_site(tmp_path)
    made = site.commit(note("n1")).operation
    for _ in range(2):
        site.take_answers("lineage-1", [applied(made.id, 1, verdict)], EPOCH)
    needed = verdict in (Verdict.FLAGGED, Verdict.HELD, Verdict.REFUSED)
    assert [e.id for e in site.outbox.inbox()] == ([made.id] if needed else [])
    site.outbox.done(made.id, AGENT, NOW)
    assert site.outbox.inbox() == ()


def test_a_held_operation_comes_back_to_the_inbox_when_it_is_decided(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made = site.commit(note("n1")).operation
    site.take_answers("lineage-1", [Answer(made.id, 1, Verdict.HELD, (), None, None)], EPOCH)
    site.outbox.done(made.id, AGENT, NOW)
    site.take_answers("lineage-1", [Answer(made.id, 1, Verdict.REFUSED, (), None, None)], EPOCH)
    assert [(e.id, e.verdict) for e in site.outbox.inbox()] == [(made.id, Verdict.REFUSED)]


def test_the_life_of_an_operation_can_be_told(tmp_path: Path) -> None:
    clock = FakeClock()
    site, centre = make_site(tmp_path, clock=clock), Centre.of()
    made = site.commit(promised("p1")).operation

    def state() -> str:
        entry = site.outbox.entry(made.id)
        assert entry is not None
        return entry.state

    assert state() == "here"
    site.outbox.sent([made.id], NOW + 1)
    assert state() == "sent"
    site.outbox.sent([made.id], NOW + 2, "no line")
    entry = site.outbox.entry(made.id)
    assert entry is not None
    assert (entry.state, entry.tries, entry.last_sent_at, entry.problem) == ("here", 2, NOW + 2, "no line")
    assert entry.body == made.data
    assert entry.head is not None
    assert entry.head["id"] == made.id
    assert (entry.customer, entry.actor, entry.amount, entry.at) == ("c1", AGENT, 0, NOW)
    push_all(site, centre)
    assert state() == "answered"
    site.take_page(centre.page(10))
    assert state() == "centre"


def test_an_operation_is_found_by_a_beginning_that_is_its_own(tmp_path: Path) -> None:
    clock = FakeClock()
    site = make_site(tmp_path, clock=clock)
    first = site.commit(note("n1")).operation.id
    clock.pass_ms(1 << 40)
    second = site.commit(note("n2")).operation.id
    for one in (first, second):
        found = [site.outbox.entry(one[:length]) for length in range(1, len(one) + 1)]
        assert {entry.id for entry in found if entry} == {one}
        assert found[-1] is not None
    for wild in ("%", "_", "_" * 36, "%%", "", "x", first + "0", "'"):
        assert site.outbox.entry(wild) is None


def test_the_newest_operations_come_first(tmp_path: Path) -> None:
    clock = FakeClock()
    site, centre = make_site(tmp_path, clock=clock), Centre.of()
    for n in range(4):
        clock.wall -= 1000  # also where somebody sets the clock back
        site.commit(note(f"n{n}"))
    assert [e.document for e in site.outbox.entries(3)] == ["n3", "n2", "n1"]
    site.take_answers("lineage-1", centre.push(batch(site, 3)), EPOCH)
    assert [e.document for e in site.outbox.entries(waiting_only=True)] == ["n3"]
    assert site.outbox.oldest_waiting() == NOW - 4000
    push_all(site, centre)
    assert site.outbox.oldest_waiting() is None


def test_an_operation_that_the_disk_has_garbled_shows_nothing_and_stops_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.commit(note("n1"))
    outbox = site.files.outbox
    outbox.execute("UPDATE operation SET body = '[]'")
    outbox.execute("DELETE FROM overlay")
    site.recover()
    assert site.view.document(REGION, "n1") is None
    waiting = site.outbox.batch(10, 10_000)
    assert waiting is not None
    assert waiting.operations[0][2] == "[]"
