"""What a broken promise gives by itself, and the speed test that is a promise by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.documents import Document
from agentdesk.domain.verdict import Verdict
from tests.domain.making_good import POLICY, by_clock, facts, on, world
from tests.domain.world import DAY, HOUR, MINUTE, NOW, REGION, Centre, codes, customer, operation

DUE = NOW + 36 * HOUR


def promised(template: str = "REPAIR", **data: Any) -> Document:
    """Return a promise to mend a line within 36 hours."""
    content: dict[str, Any] = {"number": "100010000018", "customer": "c1", "subscription": "c1-m", "template": template}
    content |= {"state": "made", "at": NOW, "due": DUE, "department": "network", "booked": "network", "amount": 0}
    return Document(REGION, "p1", "commitment", 1, {**content, **data})


def broken(at: int, *documents: Document) -> Centre:
    """Return a centre whose clocks have done what was due by an instant."""
    centre = world(*documents)
    while by_clock(centre, "p1", at) is not None:
        pass
    return centre


def test_a_broken_promise_gives_what_its_template_says_to_the_customer_on_the_departments_account() -> None:
    centre = broken(DUE, promised())

    given_ = centre.get("p1.breach").data
    assert (given_["remedy"], given_["amount"], given_["automatic"]) == ("R204", 3000, True)
    assert (given_["under"], given_["number"], given_["customer"]) == ("p1", "100010000018", "c1")
    assert facts(centre) == {"network": 3000}
    assert [fact.allowance for fact in centre.money] == [None], "no site's allowance pays for it"


def test_it_gives_it_once_however_often_the_clock_rings() -> None:
    centre = broken(DUE + 9 * DAY, promised())

    assert sum(1 for fact in centre.money if fact.commitment.startswith("p1")) == 1


@pytest.mark.parametrize(
    "data", [{"state": "fulfilled"}, {"state": "withdrawn"}, {"template": "CALL"}, {"waits": True}]
)
def test_a_promise_that_was_kept_or_never_given_gives_nothing(data: dict[str, Any]) -> None:
    assert facts(broken(DUE, promised(**data))) == {}


def test_the_operators_own_word_has_a_ceiling_and_the_laws_has_none() -> None:
    late = broken(DUE + 30 * DAY, promised())
    rent = broken(DUE + 30 * DAY, promised("SPEED", at=NOW - 28 * DAY), customer(line={"fee": 90_000}))

    assert facts(late) == {"network": 9000}, "four days of 30 yuan, and 90 at most"
    assert facts(rent) == {"network": 90_000}, "the whole month's rent"


# the speed test


def broadband(**line: Any) -> Document:
    return customer(line={"kind": "broadband", "rate_mbps": 100, "fee": 9000, **line})


def speed_test(mbps: int, document: str = "s1", at: int = NOW, **body: Any) -> Any:
    content = {"customer": "c1", "subscription": "c1-m", "mbps": mbps, "runs": 3, "method": "wired"}
    return operation("line.tested", {**content, "number": "100010000042", **body}, document, at=at)


def test_a_valid_test_below_the_contract_is_a_promise_to_mend_it_within_seven_days() -> None:
    centre = world(broadband())

    judged = centre.judge(speed_test(40))

    repair = centre.get("s1.repair").data
    assert judged.verdict is Verdict.APPLIED
    assert (repair["state"], repair["due"], repair["department"]) == ("made", NOW + 7 * DAY, "network")
    line = centre.get("c1").data["subscriptions"][0]
    assert line["fault_since"] == NOW, "from now on the line has a fault"
    assert centre.get("s1").data["below"] is True


def test_not_mended_in_seven_days_it_is_paid_by_itself() -> None:
    centre = world(broadband())
    centre.judge(speed_test(40))

    while by_clock(centre, "s1.repair", NOW + 7 * DAY) is not None:
        pass

    given_ = centre.get("s1.repair.breach").data
    assert (given_["statutory"], given_["amount"]) == (True, 2100), "seven days of thirty at 90 yuan"
    assert facts(centre) == {"network": 2100}


def test_mended_in_time_it_costs_nothing() -> None:
    centre = world(broadband())
    centre.judge(speed_test(40))
    kept = on("commitment.fulfilled", "s1.repair", proof="100 Mbit/s again", answer="satisfied", at=NOW + DAY)
    assert centre.judge(kept).verdict is Verdict.APPLIED

    while by_clock(centre, "s1.repair", NOW + 30 * DAY) is not None:
        pass

    assert facts(centre) == {}


@pytest.mark.parametrize(
    ("body", "mbps", "why"),
    [
        ({"method": "wireless"}, 10, "test_method"),
        ({"runs": 2}, 10, "test_runs"),
        ({}, 100, None),
        ({}, 130, None),
    ],
)
def test_what_proves_nothing_or_is_fast_enough_promises_nothing(
    body: dict[str, Any], mbps: int, why: str | None
) -> None:
    centre = world(broadband())

    centre.judge(speed_test(mbps, **body))

    assert centre.get("s1").data["invalid"] == why
    assert centre.fold.get(REGION, "s1.repair") is None
    assert centre.get("c1").data["speed_tests"][0]["mbps"] == mbps, "it is kept all the same"
    assert centre.get("c1").data["subscriptions"][0].get("fault_since") is None


def test_a_second_test_makes_no_second_promise_while_the_first_runs() -> None:
    centre = world(broadband())
    centre.judge(speed_test(40))

    centre.judge(speed_test(30, "s2", NOW + HOUR))

    assert centre.fold.get(REGION, "s2.repair") is None
    assert centre.get("c1").data["subscriptions"][0]["fault_since"] == NOW, "the fault is as old as it was"


def test_a_test_without_figures_or_line_is_none() -> None:
    centre = world(broadband())

    assert codes(centre.judge(speed_test(-1))) == ["malformed"]
    assert codes(centre.judge(speed_test(1, subscription="other"))) == ["unknown_line"]


@given(late=st.integers(0, 60 * 24 * 40), fee=st.integers(0, 50_000))
def test_compensation_is_never_below_nothing_nor_above_the_rent_of_a_month(late: int, fee: int) -> None:
    centre = world(broadband(fee=fee), promised("SPEED"))

    while by_clock(centre, "p1", DUE + late * MINUTE) is not None:
        pass

    assert 0 <= sum(facts(centre).values()) <= fee
    assert POLICY.remedies["R203"].statutory


# kept in time where the centre couldn't see it


def kept(at: int) -> Any:
    return operation("commitment.fulfilled", {"proof": "mended", "answer": "satisfied", "customer": "c1"}, "p1", at=at)


def test_what_was_kept_in_time_and_learnt_after_the_breach_was_kept_in_time_and_gives_nothing_back() -> None:
    centre = broken(DUE + HOUR, promised())
    assert centre.get("p1").data["state"] == "breached"

    assert centre.judge(kept(DUE - MINUTE)).verdict is Verdict.APPLIED

    data = centre.get("p1").data
    assert (data["state"], data["late"], data["learnt_late"]) == ("fulfilled", False, True)
    assert data["breached_at"] is not None, "what the clock did is no secret"
    assert facts(centre) == {"network": 3000}, "the customer keeps what he was given"
    given_ = centre.get("p1.breach").data
    assert (given_["state"], given_["flags"]) == ("given", ["kept_in_time"])
    review = centre.get("p1.breach.review").data
    assert (review["state"], review["purpose"], review["about"]) == ("open", "kept_in_time", "p1.breach")
    assert review["due"] > DUE


@given(st.integers(-DAY, 3 * DAY), st.integers(0, 3 * DAY))
def test_the_instant_of_keeping_decides_whenever_it_is_learnt(kept_after: int, learnt_after: int) -> None:
    centre = broken(DUE + learnt_after, promised())
    centre.judge(kept(DUE + kept_after))
    data = centre.get("p1").data
    assert data["state"] == "fulfilled"
    assert data["late"] is (kept_after > 0)
    assert bool(data.get("learnt_late")) is (kept_after <= 0)
    assert all(fact.amount > 0 for fact in centre.money)


def test_who_looks_at_it_moves_the_cost_and_marks_no_customer() -> None:
    centre = broken(DUE + HOUR, promised())
    centre.judge(kept(DUE - MINUTE))
    body = {"about": "p1.breach", "result": "confirmed", "text": "the line to us was down", "against": "service"}

    refused = centre.judge(operation("check.closed", {**body, "result": "unfounded"}, "p1.breach.review"))
    assert codes(refused) == ["malformed"]
    assert centre.judge(operation("check.closed", body, "p1.breach.review")).verdict is Verdict.APPLIED
    assert facts(centre) == {"service": 3000}


def test_a_promise_that_gives_nothing_is_kept_in_time_without_more() -> None:
    centre = broken(DUE + HOUR, promised("CALL"))
    assert centre.judge(kept(DUE)).verdict is Verdict.APPLIED
    assert centre.get("p1").data["learnt_late"] is True
    assert centre.fold.get(REGION, "p1.breach.review") is None
