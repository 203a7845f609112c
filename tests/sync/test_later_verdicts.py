"""What the centre decides later reaches the author once, whatever happens on the way; and what he does about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentdesk.centre.releasing import Because, release
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Outcome, Refusal, Situation, decide
from agentdesk.domain.operation import Draft, Operation
from agentdesk.domain.verdict import Verdict
from agentdesk.store.amending import amend, retry, ways_out, withdraw
from agentdesk.store.committing import Committed, Refused
from agentdesk.store.errors import StoreError
from tests.centre.kit import AGENT, SCOPE
from tests.sync.histories import Node, Story

BAD = "the centre doesn't like this"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    found = Story(tmp_path)
    yield found
    found.close()


@contextmanager
def moody(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> Iterator[None]:
    """Let the centre crash over, or refuse, what has BAD in it; a site doesn't know why."""

    def mood(operation: Operation, situation: Situation) -> Outcome:
        if operation.data.get("text") == BAD:
            if verdict is Verdict.HELD:
                raise ZeroDivisionError("a bug in a rule")
            return Refusal(Reason.of("empty_note"))
        return decide(operation, situation)

    with monkeypatch.context() as patched:
        patched.setattr("agentdesk.centre.judging.decide", mood)
        yield


def told(story: Story, node: Node) -> None:
    """Let the site sync, the centre do what it owes, and the site hear of it."""
    node.sync()
    story.centre.jobs.run_due()
    node.sync()


def released(story: Story, node: Node, made: Committed, words: str = "") -> None:
    """Let a person at the centre allow what is held."""
    because = Because("leader", "released", words, allowed=True)
    centre, site, ids = story.centre, node.site.identity.site, [made.operation.id]
    centre.database.write(lambda tx: release(tx, story.means, centre.policies, site, ids, because)).result()


def inbox(node: Node) -> dict[str, Verdict | None]:
    return {entry.id: entry.verdict for entry in node.site.outbox.inbox()}


def entry_of(node: Node, made: Committed) -> tuple[Verdict | None, str]:
    entry = node.site.outbox.entry(made.operation.id)
    assert entry is not None
    return entry.verdict, entry.state


def seen_to(node: Node, made: Committed) -> None:
    node.site.outbox.done(made.operation.id, AGENT, node.clock.wall_ms())


def test_what_was_decided_later_is_told_though_the_outbox_was_busy_when_it_came(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = story.enrolled("hall")
    with moody(monkeypatch, Verdict.HELD):
        first = node.note(BAD)
        node.sync()
    released(story, node, first)
    story.centre.jobs.run_due()

    def busy(*_: object) -> None:
        raise StoreError("the outbox is busy")

    with monkeypatch.context() as patched:
        patched.setattr("agentdesk.store.intake.take_later", busy)
        node.sync()
    assert entry_of(node, first)[0] is Verdict.HELD
    node.sync()
    assert entry_of(node, first)[0] is Verdict.APPLIED


@pytest.fixture
def held(story: Story, monkeypatch: pytest.MonkeyPatch) -> tuple[Node, Committed, Committed]:
    """A site with a note that is held, and another that depends on it."""
    node = story.enrolled("hall")
    with moody(monkeypatch, Verdict.HELD):
        first = node.note(BAD)
        body = {"text": "more", "customer": "c-1"}
        draft = Draft("note.added", AGENT, "agent", SCOPE, node.site.new_id(), body, deps=(first.operation.id,))
        second = node.site.commit(draft)
        node.sync()
    assert inbox(node) == {first.operation.id: Verdict.HELD, second.operation.id: Verdict.HELD}
    return node, first, second


def test_what_is_held_stays_in_sight_until_it_is_decided(story: Story, held: tuple[Node, Committed, Committed]) -> None:
    node, first, second = held
    document = first.operation.document
    shown = node.site.view.document(SCOPE, document)
    assert shown is not None
    assert node.seen(first) is None

    retry(node.site, first.operation.id, AGENT, "agent")
    told(story, node)

    assert entry_of(node, first) == entry_of(node, second) == (Verdict.APPLIED, "centre")
    assert node.seen(first) is not None
    assert node.site.view.waiting_for(SCOPE, document) == 0
    assert inbox(node) == {}
    life = node.site.outbox.life(first.operation.id)
    assert [(one.what, one.verdict) for one in life.verdicts] == [
        ("answered", Verdict.HELD),
        ("retried", Verdict.APPLIED),
    ]
    assert [(wish.what, wish.by) for wish in life.wishes] == [("retried", AGENT)]


def test_a_person_at_the_centre_decides_and_the_author_reads_who(
    story: Story, held: tuple[Node, Committed, Committed]
) -> None:
    node, first, _ = held
    seen_to(node, first)
    released(story, node, first, "it is all right")
    told(story, node)

    last = node.site.outbox.life(first.operation.id).verdicts[-1]
    assert (last.by, last.words, last.verdict) == ("leader", "it is all right", Verdict.APPLIED)
    assert node.site.outbox.life(first.operation.id).seen == (
        (node.site.outbox.life(first.operation.id).seen[0][0], AGENT),
    )
    assert inbox(node) == {}


def test_an_unlucky_retry_comes_back_to_the_inbox(
    story: Story, held: tuple[Node, Committed, Committed], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, first, second = held
    for made in (first, second):
        seen_to(node, made)
    assert inbox(node) == {}
    retry(node.site, first.operation.id, AGENT, "agent")
    with moody(monkeypatch, Verdict.HELD):
        told(story, node)
    assert inbox(node) == {first.operation.id: Verdict.HELD}


def test_a_withdrawn_entry_leaves_the_screen_at_once_and_for_good(
    story: Story, held: tuple[Node, Committed, Committed]
) -> None:
    node, first, second = held
    document = first.operation.document
    withdraw(node.site, first.operation.id, AGENT, "agent")
    assert node.site.view.document(SCOPE, document) is None

    told(story, node)
    assert entry_of(node, first) == (Verdict.REFUSED, "centre")
    assert node.site.view.document(SCOPE, document) is None
    # who withdraws knows it; what depended on it still waits for somebody
    assert inbox(node) == {second.operation.id: Verdict.HELD}
    for deed in (retry, withdraw):
        with pytest.raises(Refused):
            deed(node.site, first.operation.id, AGENT, "agent")


def test_a_corrected_entry_takes_the_place_of_the_old_one(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    node = story.enrolled("hall")
    with moody(monkeypatch, Verdict.REFUSED):
        old = node.note(BAD)
        body = {"text": "more", "customer": "c-1"}
        draft = Draft("note.added", AGENT, "agent", SCOPE, node.site.new_id(), body, deps=(old.operation.id,))
        dependant = node.site.commit(draft)
        node.sync()
        assert inbox(node)[old.operation.id] is Verdict.REFUSED
        new = amend(node.site, old.operation.id, {"text": "said politely"}, AGENT, "agent")
        shown = node.site.view.document(SCOPE, old.operation.document)
        assert shown is not None
        assert shown.data["text"] == "said politely"
        told(story, node)
        told(story, node)

    assert entry_of(node, new) == entry_of(node, dependant) == (Verdict.APPLIED, "centre")
    assert entry_of(node, old)[0] is Verdict.REFUSED
    assert node.site.outbox.life(old.operation.id).verdicts[-1].instead == new.operation.id
    at_centre = story.document(old.operation.document)
    assert at_centre is not None
    assert at_centre.data["text"] == "said politely"
    assert inbox(node) == {}


def test_a_correction_that_the_rules_refuse_changes_nothing(
    story: Story, held: tuple[Node, Committed, Committed]
) -> None:
    node, first, _ = held
    before = node.ids()
    with pytest.raises(Refused):
        amend(node.site, first.operation.id, {"text": "  "}, AGENT, "agent")
    assert node.ids() == before
    assert node.site.view.document(SCOPE, first.operation.document) is not None


def test_what_was_said_to_a_customer_is_not_withdrawn_like_an_entry(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = story.enrolled("hall")

    def crashing(operation: Operation, situation: Situation) -> Outcome:
        if operation.kind == "ticket.opened":
            raise ZeroDivisionError("a bug in a rule")
        return decide(operation, situation)

    body = {"number": node.site.next_number(), "kind": "fault", "customer": "c-1", "title": "no signal"}
    with monkeypatch.context() as patched:
        patched.setattr("agentdesk.centre.judging.decide", crashing)
        made = node.site.commit(Draft("ticket.opened", AGENT, "agent", SCOPE, node.site.new_id(), body))
        node.sync()
    entry = node.site.outbox.entry(made.operation.id)
    assert entry is not None
    assert ways_out(entry) == ("retry",)
    with pytest.raises(Refused) as refused:
        withdraw(node.site, made.operation.id, AGENT, "agent")
    assert refused.value.reasons[0].code == "spoken_stands"
    retry(node.site, made.operation.id, AGENT, "agent")
    told(story, node)
    assert entry_of(node, made)[0] is Verdict.APPLIED


def test_a_withdrawal_that_comes_too_late_is_told_to_its_author(
    story: Story, held: tuple[Node, Committed, Committed]
) -> None:
    node, first, _ = held
    withdraw(node.site, first.operation.id, AGENT, "agent")
    released(story, node, first)
    told(story, node)
    told(story, node)

    assert entry_of(node, first) == (Verdict.APPLIED, "centre")
    answer = node.site.outbox.life(first.operation.id).verdicts[-1].answer
    assert answer is not None
    assert answer.code == "settled_already"
    assert inbox(node) == {first.operation.id: Verdict.APPLIED}


def test_a_later_verdict_is_taken_in_also_by_who_takes_over_after_a_crash(
    story: Story, held: tuple[Node, Committed, Committed], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, first, _ = held
    retry(node.site, first.operation.id, AGENT, "agent")
    node.sync()
    story.centre.jobs.run_due()

    class Died(Exception):
        """The process ends here."""

    def dies(*_: object) -> bool:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr("agentdesk.store.intake.take_later", dies)
        with pytest.raises(Died):
            node.sync()
    story.reopened(node)
    node.sync()
    assert entry_of(node, first) == (Verdict.APPLIED, "centre")
    assert inbox(node) == {}


def test_a_later_verdict_that_a_restored_centre_has_lost_is_held_again(
    story: Story, held: tuple[Node, Committed, Committed]
) -> None:
    node, first, second = held
    backup = story.backup()
    released(story, node, first)
    told(story, node)
    assert entry_of(node, first)[0] is Verdict.APPLIED

    story.restore(backup)
    node.note("afterwards")
    told(story, node)

    assert entry_of(node, first)[0] is entry_of(node, second)[0] is Verdict.HELD
    assert story.document(first.operation.document) is None
    assert set(inbox(node)) == {first.operation.id, second.operation.id}
    retry(node.site, first.operation.id, AGENT, "agent")
    told(story, node)
    assert entry_of(node, first) == entry_of(node, second) == (Verdict.APPLIED, "centre")
