"""Question flows: every walk ends in something that exists, and what is recorded is a walk of the flow."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.guidance.flows import Walk, categories, matching, suggested, valid
from agentdesk.domain.guidance.knowledge import Flow, FlowEnd
from agentdesk.domain.offering.offers import offers
from tests.domain.test_services import case
from tests.domain.world import NOW, Centre, agent, codes, contact, operation
from tests.knowledge import FLOWS
from tests.policy import CATALOGUE

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


@cache
def policy() -> Catalogue:
    from agentdesk.catalogue import packaged

    return packaged()


def test_the_sample_policy_has_its_165_flows_in_five_categories() -> None:
    flows = policy().flows
    assert len(flows) == 165
    assert len(categories(flows)) == 5


@given(st.data())
def test_any_walk_of_any_flow_ends_in_something_that_exists(data: st.DataObject) -> None:
    catalogue = policy()
    walk = Walk(catalogue.flows[data.draw(st.sampled_from(sorted(catalogue.flows)))])
    while not isinstance(walk.place, FlowEnd):
        # the longest way that somebody can be led: no flow asks more than a dozen questions
        assert len(walk.path) < 12
        walk = walk.answer(data.draw(st.sampled_from([answer.key for answer in walk.place.answers])))
    end = walk.place
    assert valid(walk.flow, walk.path, end.id)
    if end.kind == "promise":
        assert end.promise in catalogue.templates
    elif end.kind == "ticket":
        assert end.class_code is not None
        assert catalogue.classes[end.class_code].tree == "symptom"
    elif end.kind == "transfer":
        assert end.to


@given(st.lists(st.integers(0, 9), max_size=12), st.sampled_from(sorted(FLOWS)))
def test_going_back_is_the_walk_before_and_a_key_of_no_answer_changes_nothing(keys: list[int], code: str) -> None:
    walks = [Walk(FLOWS[code])]
    for key in keys:
        after = walks[-1].answer(key)
        if after.path == walks[-1].path:
            assert after is walks[-1]
        else:
            walks.append(after)
    walk = walks[-1]
    assert len(walk.said()) == len(walk.path)
    while len(walks) > 1:
        walks.pop()
        walk = walk.back()
        assert walk == walks[-1]
    assert walk.back() == walk


@given(
    st.lists(st.tuples(st.sampled_from(["s1", "s2", "s3", "e1"]), st.integers(0, 4)), max_size=4),
    st.sampled_from([None, "e1", "e4"]),
)
def test_a_record_is_taken_only_when_the_flow_has_that_path(path: list[tuple[str, int]], end: str | None) -> None:
    flow = FLOWS["Q001"]
    body = {"flow": "Q001", "outcome": "left", "from": NOW, "at": NOW, "path": [list(p) for p in path], "end": end}
    centre = Centre([agent(), contact()])
    found = centre.judge(operation("contact.guided", {k: v for k, v in body.items() if v is not None}, "k1"))
    assert (codes(found) == []) == valid(flow, path, end)
    assert len(centre.get("k1").data.get("guided") or ()) == int(valid(flow, path, end))


def test_a_flow_of_another_catalogue_is_recorded_as_it_was_walked() -> None:
    centre = Centre([agent(), contact()])
    body = {"flow": "Q999", "outcome": "left", "from": NOW, "at": NOW, "path": [["s7", 1]]}
    assert codes(centre.judge(operation("contact.guided", body, "k1"))) == []


@pytest.mark.parametrize(("typed", "code"), [("忘记交费", "Q201"), ("欠费停机", "Q201"), ("qftj", "Q201")])
def test_flows_are_found_by_words_synonyms_and_initials(typed: str, code: str) -> None:
    found: tuple[Flow, ...] = matching(policy().flows.values(), typed)
    assert code in [flow.code for flow in found[:5]]


@pytest.mark.parametrize(
    ("typed", "usual"),
    [("欠費停機", "欠费停机"), ("彩鈴", "彩铃"), ("驗證碼", "验证码"), ("寬帶", "宽带"), ("Ｑ２０１", "q201")],
)
def test_traditional_characters_and_full_width_letters_find_the_same_flows(typed: str, usual: str) -> None:
    found = matching(policy().flows.values(), typed)
    assert found
    assert found == matching(policy().flows.values(), usual)


@pytest.mark.parametrize(
    ("one", "other"), [("訴求", "诉求"), ("座席", "坐席"), ("投訴座席", "投诉坐席"), ("帐单", "账单")]
)
def test_a_flow_is_found_by_either_spelling_whichever_it_has(one: str, other: str) -> None:
    base = FLOWS["Q001"]
    for written in (one, other):
        named = replace(base, name=replace(base.name, zh=f"找{written}的人"))
        known = replace(base, synonyms=(f"找{written}的人",))
        former = replace(base, old_name=f"找{written}的人")
        for typed in (one, other):
            assert all(matching([flow], typed) == (flow,) for flow in (named, known, former)), (written, typed)


def test_without_words_a_category_lists_all_of_its_flows() -> None:
    assert [flow.code for flow in matching(FLOWS.values(), "", "signal")] == ["Q001"]
    assert len(matching(FLOWS.values(), "")) == len(FLOWS)
    assert matching(FLOWS.values(), "no such words") == ()


def test_flows_are_suggested_from_what_is_on_offer_and_from_the_matter() -> None:
    on_offer = [offer for offer in offers(case(), CATALOGUE) if offer.template.code == "CALL"]
    assert [flow.code for flow in suggested(CATALOGUE, on_offer, ())] == ["Q001"]
    assert [flow.code for flow in suggested(CATALOGUE, (), ("fault.mobile.no_signal",))] == ["Q001"]
    assert [flow.code for flow in suggested(CATALOGUE, (), (), ("money",))] == ["Q002"]
    assert suggested(CATALOGUE, (), ()) == ()


def test_the_steps_of_a_contact_are_kept_with_its_wrap_up() -> None:
    centre = Centre([agent(), contact()])
    steps = {"receive": NOW, "listen": NOW + 1}
    centre.judge(operation("contact.wrapped_up", {"matters": [], "steps": steps}, "k1", version=2))
    assert centre.get("k1").data["steps"] == steps
    bad = operation("contact.wrapped_up", {"matters": [], "steps": {"shout": NOW}}, "k1", version=2)
    assert codes(centre.outcome(bad)) == ["malformed"]
    old = Centre([agent(), contact()])
    old.judge(operation("contact.wrapped_up", {"matters": []}, "k1"))
    assert "steps" not in old.get("k1").data
