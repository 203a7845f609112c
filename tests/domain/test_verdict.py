from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Decision, Kind, Outcome, Refusal
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.judgement import judge
from agentdesk.domain.kinds._common import own_document
from agentdesk.domain.verdict import SETTLED, Verdict
from tests.domain.world import AGENT, NOW, REGION, Centre, agent, operation, place

WHY = Reason.of("why")
CHANGE = Change(REGION, "doc", "note", {"text": "x"})


def kind(spoken: bool) -> Kind:
    def never(*_args: Any) -> Outcome:
        raise AssertionError

    return Kind("note.added", 1, own_document, never, spoken=spoken)


outcomes = st.one_of(
    st.just(Refusal(WHY)),
    st.builds(
        Decision,
        st.sampled_from([(), (CHANGE,)]),
        flags=st.sampled_from([(), (WHY,)]),
        held=st.sampled_from([None, WHY]),
    ),
)


@given(outcomes, st.booleans())
def test_what_was_spoken_is_never_refused_and_its_changes_stand(outcome: Outcome, spoken: bool) -> None:
    judged = judge(operation("note.added", {}), kind(spoken), outcome, None)
    if isinstance(outcome, Refusal):
        assert judged.verdict is (Verdict.HELD if spoken else Verdict.REFUSED)
        assert judged.decision is None
    else:
        assert judged.verdict is not Verdict.REFUSED
        assert (judged.verdict is Verdict.HELD) is (outcome.held is not None)
        assert (judged.verdict is Verdict.FLAGGED) is (outcome.held is None and bool(outcome.flags))
        assert judged.decision is (outcome if spoken or outcome.held is None else None)
    assert bool(judged.reasons) is (judged.verdict is not Verdict.APPLIED)


def test_a_kind_that_isnt_known_waits_for_a_newer_server() -> None:
    for known, outcome in ((None, None), (kind(True), None), (None, Decision(()))):
        judged = judge(operation("new.thing", {}), known, outcome, None)
        assert (judged.verdict, judged.decision) == (Verdict.HELD, None)
        assert [r.code for r in judged.reasons] == ["newer_kind"]


OURS, THEIRS = "lineage-1", "lineage-2"


@pytest.mark.parametrize(
    ("revs", "seen", "newer"),
    [
        ({}, {"*": 3}, []),
        ({"a": (3, THEIRS)}, {"*": 3}, []),
        ({"a": (4, THEIRS)}, {"*": 3}, ["a"]),
        ({"a": (4, OURS)}, {"*": 3}, []),
        ({"a": (4, THEIRS)}, {"*": 3, "a": 4}, []),
        ({"a": (4, THEIRS), "b": (5, THEIRS)}, {"*": 3, "b": 5}, ["a"]),
        ({"*": (1, THEIRS), "a": (4, THEIRS)}, {"*": 1}, ["a"]),
        ({"a": (4, THEIRS)}, {"b": 3}, ["a"]),
        # an author who says nothing of what he saw collides with nothing
        ({"a": (4, THEIRS)}, {}, []),
    ],
)
def test_newer_fields_of_another_lineage_make_a_merge(
    revs: dict[str, tuple[int, str]], seen: dict[str, int], newer: list[str]
) -> None:
    before = Document(REGION, "doc", "note", 5, {}, revs)
    judged = judge(operation("note.added", {}, seen=seen), kind(False), Decision((CHANGE,)), before)
    assert judged.verdict is (Verdict.MERGED if newer else Verdict.APPLIED)
    assert [list(r.values["fields"]) for r in judged.reasons] == ([newer] if newer else [])
    assert judged.decision is not None


def test_two_notes_on_one_ticket_made_apart_both_stand() -> None:
    ticket = Document(
        REGION, "t1", "ticket", 5, {"state": "open", "moves": [{"what": "opened"}], "at": NOW}, {"*": (5, "centre")}
    )
    world = Centre([agent(), ticket])
    verdicts = []
    for lineage, text in ((OURS, "mine"), (THEIRS, "theirs")):
        op = operation("ticket.noted", {"text": text}, "t1", seen={"*": 5}, where=place(lineage=lineage))
        verdicts.append(world.judge(op).verdict)
    assert verdicts == [Verdict.APPLIED, Verdict.MERGED]
    assert [move.get("text") for move in world.get("t1").data["moves"]] == [None, "mine", "theirs"]
    assert world.get("t1").data["moves"][1]["by"] == AGENT


def test_settled_are_the_verdicts_under_which_changes_stand() -> None:
    assert {Verdict.APPLIED, Verdict.MERGED, Verdict.FLAGGED} == SETTLED
    assert {verdict.value for verdict in Verdict} == {"applied", "merged", "flagged", "held", "refused"}
