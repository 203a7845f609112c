"""Portraits with their why, stages, values, rights in layers, warnings, and the ranking of offers by situation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import offers
from agentdesk.domain.profile.disclosure import FACTS, INTERNAL, WARNINGS, may_tell
from agentdesk.domain.profile.portrait import MEASURES, portrait_of, stage_of, value_of
from agentdesk.domain.profile.rights import next_benefit, rights_of
from agentdesk.domain.profile.warnings import DETECTORS, silence, warnings_of
from tests.domain.test_offers import PACKAGED, case, cases, given_before, ticket_before
from tests.domain.world import DAY, HOUR, NOW, REGION, customer

POLICY = PACKAGED.customers
QUIET = {"mb": 100, "minutes": 10, "orders": 1, "reports": 0, "asks": 1, "contacts": 0}


def user(**usage: Any) -> Customer:
    return Customer(customer(usage={**QUIET, **usage}))


def complaint(state: str = "accepted") -> Document:
    return ticket_before(NOW + DAY, kind="complaint", state=state, number="100010000018")


def warned(found: Case) -> dict[str, Any]:
    return {each.rule.code: each for each in warnings_of(found, PACKAGED)}


# what a customer is


@pytest.mark.parametrize("code", MEASURES)
def test_each_portrait_has_its_fact_and_says_it(code: str) -> None:
    threshold = POLICY.portraits[code]
    told = portrait_of(user(**{MEASURES[code]: 2 * threshold}), POLICY)
    assert (told.code, told.why.code) == (code, f"portrait_{code}")
    assert told.why.values == {"value": 2 * threshold, "threshold": threshold}
    assert portrait_of(user(**{MEASURES[code]: threshold - 1}), POLICY).code == ""


@given(st.fixed_dictionaries({fact: st.integers(0, 200_000) for fact in MEASURES.values()}))
def test_the_portrait_is_that_of_the_fact_farthest_above_its_threshold(usage: dict[str, int]) -> None:
    told = portrait_of(Customer(customer(usage=usage)), POLICY)
    shares = {code: usage[fact] * 100 // POLICY.portraits[code] for code, fact in MEASURES.items()}
    assert (told.code == "") == (max(shares.values()) < 100)
    assert told.code == "" or shares[told.code] == max(shares.values())


def test_what_the_centre_stored_counts_only_where_no_fact_is_known() -> None:
    stored = Customer(customer(portrait="voice", value="low"))
    assert (portrait_of(stored, POLICY).code, value_of(stored, POLICY).code) == ("voice", "low")
    known = Customer(customer(portrait="voice", value="low", usage={**QUIET, "asks": 9, "fees": [30_000, 20_000]}))
    assert (portrait_of(known, POLICY).code, value_of(known, POLICY).code) == ("price", "high")


def test_the_stage_of_life_follows_what_is_open_and_what_was_solved() -> None:
    new, old = Customer(customer(since=NOW - 9 * DAY)), Customer(customer())
    told = [
        stage_of(new, (), NOW, POLICY),
        stage_of(old, (), NOW, POLICY),
        stage_of(new, (complaint(),), NOW, POLICY),
        stage_of(old, (complaint("replied"),), NOW, POLICY),
        stage_of(old, (given_before("U02", state="breached"),), NOW, POLICY),
        stage_of(old, (given_before("U02", state="fulfilled", closed_at=NOW - DAY),), NOW, POLICY),
        stage_of(old, (given_before("U02", state="fulfilled", at=NOW - 90 * DAY),), NOW, POLICY),
    ]
    stages = ["joining", "steady", "requesting", "resolving", "requesting", "resolving", "steady"]
    assert [each.code for each in told] == stages
    assert told[2].why.values["number"] == "100010000018"


# rights


def test_rights_are_stacked_in_layers_each_with_its_reason() -> None:
    plain = rights_of(case(customer(card="ordinary", since=NOW - 100 * DAY)), PACKAGED)
    assert {each.right.layer for each in plain} == {"standard"}
    rich = rights_of(case(customer(card="supreme", clubs=["film"], since=NOW - 4000 * DAY)), PACKAGED)
    assert [e.right.id for e in plain] == [e.right.id for e in rich if e.right.layer == "standard"]
    layers = [each.right.layer for each in rich]
    assert layers == sorted(layers, key=["standard", "tier", "feature", "tenure"].index)
    why = {each.right.layer: each.why for each in rich}
    assert (why["tier"].values["card"], why["feature"].values["club"]) == ("supreme", "film")
    assert why["tenure"].code == "right_tenure"


def test_a_right_that_cant_be_used_now_says_why() -> None:
    found = {e.right.id: e for e in rights_of(case(customer(card="gold")), PACKAGED)}
    assert not found["emergency_power_on"].usable
    assert found["emergency_power_on"].not_now[0].code == "not_stopped"
    assert found["hotline_priority"].usable
    ahead = next_benefit(case(customer(since=NOW - 300 * DAY)), PACKAGED)
    assert ahead is not None
    assert ahead[0].months - ahead[1] == 10


@given(cases())
def test_nobody_has_a_right_of_another_tier_or_club(found: Case) -> None:
    tier = found.tier(PACKAGED)
    for each in rights_of(found, PACKAGED):
        assert not each.right.tiers or tier in each.right.tiers
        assert each.right.club is None


# warnings and retention


def test_every_rule_of_the_catalogue_is_a_sign_that_is_known() -> None:
    assert set(POLICY.warnings) <= set(DETECTORS)


def test_signs_are_found_with_what_their_words_need() -> None:
    document = customer(
        line={"contract_end": NOW + 5 * DAY},
        account={"bill_due": NOW + 2 * DAY, "billed": False},
        usage={**QUIET, "mb": 4000, "mb_last": 400, "fees": [30_000]},
    )
    earlier = Document(REGION, "k0", "contact", 1, {"customer": "c1", "at": NOW - HOUR})
    found = warned(replace(case(document, given_before("U02", state="breached")), contacts=(earlier,)))
    assert {"contract_ending", "payment_due", "no_bill", "churn", "package_fit", "single_sim"} <= set(found)
    assert found["churn"].values == {"sign": "usage", "percent": 90}
    assert found["repeat"].values["n"] == 2
    assert "broken_promise" in found
    assert found["contract_ending"].offers[0] == "L01"


def test_offers_to_stay_keep_silent_while_a_complaint_is_open() -> None:
    document = customer(line={"contract_end": NOW + 5 * DAY}, flags=["churn"])
    before, during = case(document), case(document, complaint())
    assert silence(before, PACKAGED) is None
    hush = silence(during, PACKAGED)
    assert hush is not None
    assert hush.code == "silent_complaint"
    assert warned(before)["churn"].offers
    assert not warned(during)["churn"].offers
    assert set(POLICY.retention) & {o.template.code for o in offers(before, PACKAGED)}
    assert not set(POLICY.retention) & {o.template.code for o in offers(during, PACKAGED)}
    # what the customer asks for himself isn't kept from him
    asked = {o.template.code for o in offers(replace(during, matter="plan"), PACKAGED)}
    assert asked & set(POLICY.retention)
    assert silence(case(document, complaint("archived")), PACKAGED) is None


@given(cases())
def test_porting_is_explained_first_and_never_hindered(found: Case) -> None:
    ported = replace(found, matter="inquiry.contract.porting")
    codes = [offer.template.code for offer in offers(ported, PACKAGED)]
    assert not set(POLICY.retention) & set(codes)
    if found.line is not None and found.line.kind == "mobile" and found.caller_role == "owner":
        assert codes[0] == "L05"


# ranking


def test_what_the_call_is_about_comes_first_and_says_so() -> None:
    plain = case(customer())
    about = offers(replace(plain, matter="complaint.vas.forced"), PACKAGED)
    wanted = POLICY.reasons["vas"].offers
    assert about[0].template.code in wanted
    assert about[0].because is not None
    assert (about[0].because.code, about[0].because.values["matter"]) == ("lead_matter", "vas")
    assert {o.template.code for o in about} != {o.template.code for o in offers(plain, PACKAGED)}


def test_what_was_promised_already_falls_behind() -> None:
    plain = case(customer(), ticket_before(NOW + DAY, kind="complaint"))
    first = offers(plain, PACKAGED)[0]
    promised = replace(plain, work=(*plain.work, given_before(first.template.code, state="made", due=NOW + HOUR)))
    again = {o.template.code: o for o in offers(promised, PACKAGED, most=131)}[first.template.code]
    assert again.score < first.score
    assert again.because is not None
    assert again.because.code == "lead_promised"


@given(cases(), st.sampled_from(["", *POLICY.reasons]))
def test_each_offer_has_a_reason_or_only_its_own_weight(found: Case, matter: str) -> None:
    for offer in offers(replace(found, matter=matter), PACKAGED):
        # neither a boost nor a lead: then nothing but its weight put it there
        assert offer.because is not None or offer.score == offer.template.weight


def test_the_voice_menu_and_classes_lead_to_reasons() -> None:
    assert POLICY.reason_by_ivr("1>3>宽带报障") is POLICY.reasons["broadband"]
    assert POLICY.reason_of("inquiry.contract.porting") is POLICY.reasons["porting"]
    assert POLICY.reason_of("inquiry.contract") is POLICY.reasons["plan"]
    assert POLICY.reason_of("feedback.service.praise") is None


# what may be told


@given(st.sampled_from([*FACTS, *INTERNAL, "something new"]), st.integers(0, 3))
def test_what_may_be_told_only_grows_with_the_level(fact: str, level: int) -> None:
    assert not may_tell(fact, level) or (may_tell(fact, 3) and fact not in INTERNAL)
    assert may_tell(fact, level) <= may_tell(fact, level + 1)


def test_every_warning_on_the_card_tells_a_fact_of_the_table() -> None:
    assert set(WARNINGS.values()) <= FACTS.keys() | INTERNAL
    assert set(PACKAGED.customers.warnings) <= WARNINGS.keys()
