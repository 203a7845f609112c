"""The ticket that carries the work of a promise: opened with it, or the open one of the same matter."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict
from tests.domain.tickets_policy import CATALOGUE as POLICY
from tests.domain.world import DAY, HOUR, NOW, REGION, Centre, agent, codes, customer, operation, promise

DOWN = "fault.broadband.down"


def world(*documents: Document) -> Centre:
    centre = Centre([agent(), customer(line={"kind": "broadband"}), *documents], catalogue=POLICY)
    assert centre.judge(promise("CALL")).verdict in (Verdict.APPLIED, Verdict.FLAGGED)
    return centre


def opened(document: str = "t1", commitment: str | None = "p1", at: int = NOW, **more: Any) -> Operation:
    body = {"kind": "fault", "number": f"10001000{document}", "customer": "c1", "subscription": "c1-m"}
    content = {**body, "title": "down", "symptom": DOWN, "commitment": commitment}
    content = {name: value for name, value in content.items() if value is not None}
    return operation("ticket.opened", content, document, at=at, version=more.pop("version", 3), **more)


def test_a_promise_and_its_ticket_name_each_other() -> None:
    centre = world()
    assert centre.judge(opened()).verdict is Verdict.APPLIED
    assert centre.get("t1").data["commitment"] == "p1"
    promised = centre.get("p1").data
    assert promised["ticket"] == "t1"
    assert (promised["moves"][-1]["what"], promised["moves"][-1]["number"]) == ("ticket", "10001000t1")


def test_the_same_matter_again_is_found_on_this_path_too() -> None:
    centre = world()
    centre.judge(opened("t0", None))
    centre.judge(opened("t1", at=NOW + HOUR))
    data = centre.get("t1").data
    assert (data["repeat_of"], data["commitment"]) == ("t0", "p1")
    assert [one["ticket"] for one in centre.get("t0").data["links"]] == ["t1"]


def test_an_open_ticket_works_for_one_more_promise_and_none_is_opened_twice() -> None:
    centre = world()
    centre.judge(opened("t0", None))
    centre.judge(promise("CALL", "p2", at=NOW + HOUR, body={"due": NOW + 2 * HOUR}))
    for name in ("p1", "p2"):
        body = {"commitment": name}
        assert centre.judge(operation("ticket.promised", body, "t0", at=NOW + HOUR)).verdict is Verdict.APPLIED
        assert centre.get(name).data["ticket"] == "t0"
    assert centre.get("t0").data["commitment"] == "p1"
    assert [m["what"] for m in centre.get("t0").data["moves"]] == ["opened", "promised", "promised"]


def test_one_that_was_closed_meanwhile_is_named_all_the_same_and_flagged() -> None:
    closed = Document(
        REGION, "t0", "ticket", 1, {"number": "1", "kind": "fault", "customer": "c1", "state": "archived"}
    )
    centre = world(closed)
    judged = centre.judge(operation("ticket.promised", {"commitment": "p1"}, "t0"))
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["ticket_state"])
    assert centre.get("p1").data["ticket"] == "t0"


def test_a_promise_that_isnt_known_yet_is_waited_for() -> None:
    centre = world()
    centre.judge(opened("t0", None))
    judged = centre.judge(operation("ticket.promised", {"commitment": "p9"}, "t0", at=NOW + DAY))
    assert (judged.verdict, codes(judged)) == (Verdict.HELD, ["unknown_document"])


def test_what_an_older_program_opened_changes_no_promise() -> None:
    centre = world()
    centre.judge(opened(version=2))
    assert "ticket" not in centre.get("p1").data
