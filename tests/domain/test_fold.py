from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.decide import Decision, Situation, decide, kind_of, needs
from agentdesk.domain.documents import Change, Document, Key, in_order, index_of, revision_of, stamped
from agentdesk.domain.judgement import judge
from agentdesk.domain.language.fold import Fold, in_work
from agentdesk.domain.needs import Answers, DayNeed, DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation
from tests.domain.world import (
    AGENT,
    COST,
    DAY,
    NOW,
    REGION,
    Centre,
    agent,
    contact,
    customer,
    operation,
    overcharged,
    promise,
)
from tests.policy import CATALOGUE

MOVES: list[tuple[str, dict[str, Any]]] = [
    ("dispatched", {"station": "department", "department": "network"}),
    ("accepted", {}),
    ("returned", {"reason": "r"}),
    ("replied", {"text": "t", "minutes": 1}),
    ("followed_up", {"answer": "satisfied"}),
    ("archived", {}),
    ("chased", {}),
    ("noted", {"text": "n"}),
]


@st.composite
def operations(draw: st.DrawFn) -> list[Operation]:
    """Operations of several desks about one customer, in the order in which they come."""
    made: list[Operation] = []
    for n in range(draw(st.integers(1, 12))):
        at = NOW + n
        which = draw(st.integers(0, 4))
        document = draw(st.sampled_from(["a", "b"]))
        if which == 0:
            made.append(promise("RATE", document, at=at, amount=3000, allowance=COST.id, body={"contact": "k1"}))
        elif which == 1:
            kind = draw(st.sampled_from(["spoken", "voided", "withdrawn", "fulfilled"]))
            body = {"contact": "k1", "reason": "r", "proof": "p", "answer": "satisfied"}
            made.append(operation(f"commitment.{kind}", body, document, at=at))
        elif which == 2:
            body = {"kind": "fault", "number": "100010000018", "customer": "c1", "title": "t"}
            made.append(operation("ticket.opened", body, f"t{document}", at=at))
        elif which == 3:
            kind, content = draw(st.sampled_from(MOVES))
            made.append(operation(f"ticket.{kind}", content, f"t{document}", at=at))
        else:
            made.append(operation("note.added", {"text": "x"}, f"n{n}", at=at))
    return made


def stood() -> list[Document]:
    return [agent(), overcharged(), contact("k1", level=2)]


def alone(op: Operation, documents: dict[Key, Document], rev: int) -> tuple[Any, dict[Key, Document]]:
    """Judge one operation over documents that a database would give for its needs."""
    asked = needs(op)
    known = [d for d in documents.values() if any(answers(need, d, op.wall) for need in asked)]
    found = {need: in_order(d for d in known if answers(need, d, op.wall)) for need in asked}
    outcome = decide(op, Situation(Answers(found), CATALOGUE, op.wall, COST if op.allowance else None))
    judged = judge(op, kind_of(op), outcome, documents.get(Key(op.scope, op.document)))
    after = dict(documents)
    for change in judged.decision.changes if judged.decision else ():
        key = Key(change.scope, change.id)
        after[key] = stamped(after.get(key), change, rev, op.lineage)
    return judged, after


def answers(need: Need, document: Document, at: int) -> bool:
    if isinstance(need, DocumentNeed):
        return document.key == Key(need.scope, need.id)
    index = index_of(document)
    if isinstance(need, WorkNeed):
        return document.type in ("ticket", "commitment") and index.customer == need.customer and in_work(document, at)
    return document.type == "commitment" and index.owner == need.owner and index.at >= need.since


@settings(max_examples=100)
@given(operations())
def test_folding_a_batch_is_deciding_one_by_one(batch: list[Operation]) -> None:
    numbers = count(101)
    fold = Fold(lambda _scope: next(numbers))
    fold.load(stood())
    documents = {d.key: d for d in stood()}
    rev = 100
    for op in batch:
        outcome = decide(
            op, Situation(fold.answers(needs(op), op.wall), CATALOGUE, op.wall, COST if op.allowance else None)
        )
        judged = judge(op, kind_of(op), outcome, fold.get(op.scope, op.document))
        if judged.decision is not None:
            rev += len(judged.decision.changes)
            fold.apply(judged.decision, op.lineage)
        expected, documents = alone(op, documents, rev)
        assert judged == expected
    assert {key: fold.get(key.scope, key.id) for key in documents} == documents


def test_a_document_that_is_here_already_isnt_loaded_over() -> None:
    fold = Fold(lambda _scope: 7)
    fold.load([customer()])
    fold.apply(Decision((Change(REGION, "c1", "customer", {"name": "new"}),)), "lineage-1")
    fold.load([customer()])
    found = fold.get(REGION, "c1")
    assert found is not None
    assert (found.data["name"], found.rev, found.revs) == (
        "new", 7, {"*": (1, "centre"), "name": (7, "lineage-1")}
    )  # fmt: skip
    assert (revision_of(found, "name"), revision_of(found, "card")) == (7, 1)


def test_at_a_site_nothing_is_numbered() -> None:
    fold = Fold(lambda _scope: 0)
    fold.load([customer()])
    (after,) = fold.apply(Decision((Change(REGION, "c1", "customer", {"name": "new"}),)), "lineage-1")
    assert (after.rev, after.revs) == (1, {"*": (1, "centre")})


@given(st.permutations(range(5)))
def test_work_is_answered_in_the_same_order_however_it_was_loaded(order: list[int]) -> None:
    work = [
        Document(
            REGION, f"w{n}", "commitment", 1, {"customer": "c1", "owner": AGENT, "state": "made", "at": NOW + n // 2}
        )
        for n in range(5)
    ]
    fold = Fold(lambda _scope: 0)
    fold.load([work[n] for n in order])
    asked: tuple[Need, ...] = (WorkNeed(REGION, "c1"), DayNeed(REGION, AGENT, NOW))
    for found in fold.answers(asked, NOW).found.values():
        assert [d.id for d in found] == ["w0", "w1", "w2", "w3", "w4"]


def test_work_is_what_is_open_and_what_was_made_lately() -> None:
    def work(state: str, days: int) -> bool:
        data = {"customer": "c1", "state": state, "at": NOW - days * DAY}
        return in_work(Document(REGION, "w", "ticket", 1, data), NOW)

    assert work("open", 1000)
    assert work("archived", 99)
    assert not work("archived", 101)


def test_a_batch_sees_what_came_before_in_it() -> None:
    world = Centre(stood())
    for document, verdict in (("p1", "applied"), ("p2", "flagged")):
        op = promise("RATE", document, amount=3000, allowance=COST.id, body={"contact": "k1"})
        assert world.judge(op).verdict == verdict
