"""What each role of the sample policy is offered: nothing that it may not do, and a reason where it may not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from agentdesk.catalogue import packaged
from agentdesk.domain.access import may, not_allowed
from agentdesk.domain.case import Case
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import assess
from agentdesk.domain.offering.remedies import remedies
from agentdesk.domain.offering.services import PLAN_CHANGE, VAS_ALL, VAS_ONE, stand
from tests.catalogue.cases import NOW, case_of, cases

CATALOGUE = packaged()
ROLES = sorted(CATALOGUE.roles)


def ticket(case: Case) -> Document:
    """Return a ticket of the caller, to make good."""
    customer = case.customer.document
    return Document(customer.scope, "t1", "ticket", 1, {"customer": customer.id, "state": "open", "at": NOW})


@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_no_role_is_offered_what_it_may_not_do(case: Case) -> None:
    for name, role in CATALOGUE.roles.items():
        his = replace(case, role=name)
        found: dict[str, set[str]] = {
            "commitment.made": {assess(one, his, CATALOGUE).status for one in CATALOGUE.templates.values()},
            "remedy.given": {offer.status for offer in remedies(his, CATALOGUE, ticket(his))},
            "service.ordered": {stand(one, his, CATALOGUE).status for one in CATALOGUE.services.values()},
        }
        for kind, statuses in found.items():
            assert may(role, kind) or statuses == {"inapplicable"}, (name, kind)


@pytest.mark.parametrize("code", [VAS_ONE, VAS_ALL, PLAN_CHANGE])
@pytest.mark.parametrize("online", [True, False])
@pytest.mark.parametrize("name", ROLES)
def test_who_may_order_nothing_reads_that_first_and_is_led_to_no_promise_that_he_may_not_make(
    name: str, online: bool, code: str
) -> None:
    mobile = {"id": "s1", "kind": "mobile", "account": "a1", "vas": [{"code": "v", "name": "v"}]}
    case = replace(case_of({"subscriptions": [mobile]}, level=2), role=name, online=online)
    found = stand(CATALOGUE.services[code], case, CATALOGUE)

    first = not_allowed(CATALOGUE, name, "service.ordered")
    assert first is None or found.reasons[0] == first
    assert found.instead is None or may(CATALOGUE.roles[name], "commitment.made")


@settings(max_examples=20, deadline=None)
@given(case=cases())
def test_leaving_out_who_asks_leaves_out_nothing_else(case: Case) -> None:
    """At the centre a right goes by the newest policy, all else by the one that was cited: none may hide the other."""
    for name in ("inspector", "follow_up_caller", "agent"):
        his = replace(case, role=name)
        for template in CATALOGUE.templates.values():
            asked, whoever = assess(template, his, CATALOGUE), assess(template, his, CATALOGUE, whoever=True)
            left = {reason.code for reason in asked.reasons} - {"not_allowed"}
            assert "not_allowed" not in {reason.code for reason in whoever.reasons}
            assert left <= {reason.code for reason in whoever.reasons}
            assert may(CATALOGUE.roles[name], "commitment.made") is (asked == whoever)
