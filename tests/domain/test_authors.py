"""Who may do something: unknown authors, dismissed ones, and those whose role is another."""

from __future__ import annotations

from typing import Any

import pytest

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.judgement import Judgement
from agentdesk.domain.verdict import Verdict
from tests.domain.world import AGENT, NOW, Centre, agent, codes, customer, operation, place, promise

ALONE = {"*": (1, "centre"), "dismissed_at": (7, "centre")}


def note(seen: str = "e1:5", **more: Any) -> Any:
    return operation("note.added", {"text": "x"}, "n1", where=place(cursors={ORG: seen} if seen else {}), **more)


def judged(author: Document | None, op: Any) -> tuple[Verdict, list[str]]:
    result: Judgement = Centre([customer(), *([author] if author else [])]).judge(op)
    return result.verdict, codes(result)


def test_somebody_unknown_is_waited_for() -> None:
    assert judged(None, note()) == (Verdict.HELD, ["unknown_actor"])


@pytest.mark.parametrize("revs", [ALONE, {"*": (7, "centre")}, {"*": (7, "centre"), "name": (9, "centre")}])
@pytest.mark.parametrize(("seen", "held"), [("", False), ("e1:6", False), ("e1:7", True), ("e1:8", True)])
def test_a_dismissal_counts_from_when_the_site_had_seen_it(
    revs: dict[str, tuple[int, str]], seen: str, held: bool
) -> None:
    author = agent(rev=9, revs=revs, dismissed_at=NOW)
    expected = (Verdict.HELD if held else Verdict.FLAGGED, ["dismissed"])
    assert judged(author, note(seen)) == expected
    promised = promise(where=place(cursors={ORG: seen} if seen else {}))
    assert judged(author, promised) == expected


def test_what_a_dismissed_agent_spoke_is_a_promise_all_the_same() -> None:
    for seen, state in (("e1:6", "made"), ("e1:7", "held")):
        world = Centre([agent(rev=9, revs=ALONE, dismissed_at=NOW), customer()])
        world.judge(promise(where=place(cursors={ORG: seen})))
        assert (world.get("p1").data["state"], world.get("p1").data["flags"]) == (state, ["dismissed"])


def test_what_nobody_was_told_isnt_done_while_it_is_held() -> None:
    world = Centre([customer()])
    assert world.judge(note()).decision is None
    assert world.fold.get("region/bj", "n1") is None


@pytest.mark.parametrize("known", ["expert", None])
def test_another_role_than_the_agents_is_flagged(known: str | None) -> None:
    author = Document(ORG, AGENT, "agent", 1, {"name": "x"} | ({"role": known} if known else {}))
    assert judged(author, note()) == (Verdict.FLAGGED, ["role_differs"])
    assert judged(agent(), note()) == (Verdict.APPLIED, [])


@pytest.mark.parametrize("cursor", ["", "7", "e:x", "e1:-7", ":", "e:1:7"])
def test_any_cursor_can_be_read(cursor: str) -> None:
    assert judged(agent(rev=9, revs=ALONE, dismissed_at=NOW), note(cursor))[1] == ["dismissed"]
