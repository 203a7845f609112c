"""What a customer's document lacks is asked of a verified caller, and stands as told, never as proved."""

from __future__ import annotations

from agentdesk.domain.case import Customer
from agentdesk.domain.kinds.supplying import missing
from agentdesk.domain.verdict import Verdict
from tests.domain.world import AGENT, NOW, Centre, agent, codes, contact, customer, operation

ADDRESS = {"field": "address", "value": "东街 1 号", "contact": "k1"}


def test_what_a_verified_caller_tells_stands_beside_what_the_system_gave() -> None:
    centre = Centre([agent(), customer(), contact(level=2)])
    before = dict(centre.get("c1").data)
    assert missing(Customer(centre.get("c1"))) == ("person", "hours", "address")

    assert centre.judge(operation("customer.supplied", ADDRESS, "c1")).verdict is Verdict.APPLIED

    data = dict(centre.get("c1").data)
    assert data.pop("supplied") == {"address": {"value": "东街 1 号", "by": AGENT, "at": NOW, "contact": "k1"}}
    assert data == before
    assert missing(Customer(centre.get("c1"))) == ("person", "hours")


def test_who_isnt_verified_for_this_customer_supplies_nothing() -> None:
    for known in (contact(level=1), contact(customer_id="c2", level=2)):
        centre = Centre([agent(), customer(), known])
        judged = centre.judge(operation("customer.supplied", ADDRESS, "c1"))
        assert (judged.verdict, codes(judged)) == (Verdict.REFUSED, ["verify"])


def test_nothing_is_asked_for_that_is_known() -> None:
    people = [{"number": "+8613800000000", "name": "李", "hours": "after six"}]
    assert missing(Customer(customer(people=people, address="东街"))) == ()
