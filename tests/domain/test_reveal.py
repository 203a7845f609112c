"""A reveal says whose data was seen by whom, and why; never what was seen."""

from __future__ import annotations

from typing import Any

import pytest

from agentdesk.domain.profile.looking import REASONS
from agentdesk.domain.verdict import Verdict
from tests.domain.world import AGENT, NOW, Centre, agent, codes, customer, operation


@pytest.mark.parametrize("reason", REASONS)
def test_who_looked_at_whom_and_why_is_kept(reason: str) -> None:
    centre = Centre([agent(), customer()])
    body = {"customer": "c1", "reason": reason, "contact": "k1"}
    assert centre.judge(operation("reveal.noted", body, "r1")).verdict is Verdict.APPLIED
    kept = {name: value for name, value in centre.get("r1").data.items() if value is not None}
    assert kept == {"customer": "c1", "reason": reason, "contact": "k1", "by": AGENT, "at": NOW}


@pytest.mark.parametrize("body", [{"customer": "c1", "reason": "curious"}, {"customer": "", "reason": "asked"}])
def test_without_a_reason_or_a_customer_it_is_refused(body: dict[str, str]) -> None:
    centre = Centre([agent(), customer()])
    judged = centre.judge(operation("reveal.noted", body, "r1"))
    assert (judged.verdict, codes(judged)) == (Verdict.REFUSED, ["malformed"])


def test_what_was_shown_and_for_how_long_is_kept() -> None:
    centre = Centre([agent(), customer()])
    body = {"customer": "c1", "reason": "asked", "shown": ["name", "numbers"], "seconds": 30}
    assert centre.judge(operation("reveal.noted", body, "r1", version=2)).verdict is Verdict.APPLIED
    kept = centre.get("r1").data
    assert (kept["shown"], kept["seconds"]) == (["name", "numbers"], 30)


@pytest.mark.parametrize(
    "more",
    [{}, {"shown": []}, {"shown": ["bill"]}, {"shown": ["name"], "seconds": 0}, {"shown": ["name"], "seconds": 601}],
)
def test_a_look_that_says_not_what_or_lasts_too_long_is_refused(more: dict[str, Any]) -> None:
    centre = Centre([agent(), customer()])
    judged = centre.judge(operation("reveal.noted", {"customer": "c1", "reason": "asked", **more}, "r1", version=2))
    assert (judged.verdict, codes(judged)) == (Verdict.REFUSED, ["malformed"])
