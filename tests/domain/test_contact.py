from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.case import Customer
from agentdesk.domain.kinds.contact import MOMENTS
from agentdesk.domain.kinds.identity import (
    METHOD_LEVELS,
    caller_role_of,
    level_of,
    matches,
    seal_secret,
    standing_level,
)
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict
from tests.domain.world import CALLER, NOW, Centre, agent, codes, contact, customer, operation


def verified(document: str = "k1", customer_id: str = "c1", **body: Any) -> Operation:
    content = {"method": "service_password", "result": "match", "caller_role": "owner", "customer": customer_id, **body}
    return operation("identity.verified", content, document)


def turned(customer_id: str | None, line: str | None = None) -> Operation:
    body = {"customer": customer_id, "subscription": line}
    return operation("contact.turned", {k: v for k, v in body.items() if v is not None}, "k1")


def level(centre: Centre, customer_id: str | None = "c1") -> int:
    return level_of(centre.get("k1"), customer_id)


@pytest.mark.parametrize(
    "moments", [{"lunch": NOW}, {"ended": "soon"}, {"ended": None}, {"ended": 1.5}, {"ended": 2**60}]
)
@pytest.mark.parametrize("kind", ["contact.opened", "contact.answered", "contact.wrapped_up"])
def test_a_moment_is_a_known_name_with_an_instant(kind: str, moments: dict[str, Any]) -> None:
    centre = Centre([agent(), contact("k1")])
    document = "new" if kind == "contact.opened" else "k1"
    body = {"call": "c", "channel": "phone", "moments": moments}
    assert codes(centre.judge(operation(kind, body, document))) == ["malformed"]


def test_a_call_from_ring_to_wrap_up_keeps_every_moment() -> None:
    centre = Centre([agent(), customer()])
    body = {"call": "c", "channel": "phone", "customer": "c1", "moments": {"offered": NOW - 2, "ringing": NOW - 1}}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("contact.opened", body),
        ("contact.answered", {"moments": {"first_key": NOW, "answered": NOW + 1}}),
        ("contact.moment", {"moment": "held", "at": NOW + 2}),
        ("contact.moment", {"moment": "retrieved", "at": NOW + 3}),
        ("contact.moment", {"moment": "ended", "at": NOW + 4}),
        ("contact.wrapped_up", {"moments": {"wrap_up": NOW + 5}, "matters": [{"class": "fault", "solved": True}]}),
    ]
    states = []
    for kind, content in steps:
        assert centre.judge(operation(kind, content, "k1")).verdict is Verdict.APPLIED
        states.append(centre.get("k1").data["state"])
    assert states == ["ringing", "talking", "talking", "talking", "ended", "wrapped_up"]
    assert centre.get("k1").data["moments"] == {
        name: NOW + offset
        for name, offset in zip(
            ("offered", "ringing", "first_key", "answered", "held", "retrieved", "ended", "wrap_up"),
            (-2, -1, 0, 1, 2, 3, 4, 5),
            strict=True,
        )
    }


def test_a_moment_that_is_told_late_doesnt_open_a_contact_again() -> None:
    centre = Centre([agent(), contact("k1", state="wrapped_up")])
    centre.judge(operation("contact.moment", {"moment": "ended", "at": NOW}, "k1"))
    assert centre.get("k1").data["state"] == "wrapped_up"


@given(st.lists(st.sampled_from(sorted(MOMENTS)), max_size=8))
def test_moves_only_grow_whatever_is_reported(reported: list[str]) -> None:
    centre = Centre([agent(), contact("k1")])
    before: list[Any] = []
    for moment in reported:
        centre.judge(operation("contact.moment", {"moment": moment, "at": NOW}, "k1"))
        moves = centre.get("k1").data["moves"]
        assert moves[:-1] == before
        before = moves


def test_painted_offers_are_kept_list_after_list() -> None:
    centre = Centre([agent(), contact("k1")])
    for n in range(2):
        centre.judge(operation("contact.offers_shown", {"at": NOW + n, "offers": [{"code": "CALL", "rank": 1}]}, "k1"))
    assert [shown["at"] for shown in centre.get("k1").data["offers"]] == [NOW, NOW + 1]


# verification (DOMAIN rule 11)


@pytest.mark.parametrize("method", METHOD_LEVELS)
def test_a_match_gives_the_level_of_its_method(method: str) -> None:
    centre = Centre([agent(), customer(), contact("k1")])
    assert level(centre) == 0
    centre.judge(verified(method=method))
    assert level(centre) == METHOD_LEVELS[method]


@given(st.lists(st.sampled_from(sorted(METHOD_LEVELS)), min_size=1, max_size=5))
def test_a_weaker_method_takes_no_level_away(methods: list[str]) -> None:
    centre = Centre([agent(), customer(), contact("k1")])
    for method in methods:
        centre.judge(verified(method=method))
    assert level(centre) == max(METHOD_LEVELS[method] for method in methods)


@given(st.lists(st.sampled_from(["c1", "c2", None]), max_size=6))
def test_a_level_belongs_to_one_customer_and_falls_on_turning_away(turns: list[str | None]) -> None:
    centre = Centre([agent(), customer("c1"), customer("c2"), contact("k1")])
    centre.judge(verified(caller_role="agent"))
    assert (level(centre, "c1"), level(centre, "c2"), caller_role_of(centre.get("k1"))) == (2, 0, "agent")
    stays = True
    for turn in turns:
        centre.judge(turned(turn))
        stays = stays and turn == "c1"
    assert level(centre, "c1") == (2 if stays else 0)
    assert level(centre, "c2") == level(centre, None) == 0
    assert caller_role_of(centre.get("k1")) == ("agent" if stays else "owner")


def test_another_line_of_the_same_customer_keeps_the_level() -> None:
    centre = Centre([agent(), customer(), contact("k1")])
    centre.judge(verified())
    centre.judge(turned("c1", "c1-other"))
    assert level(centre) == 2


def test_a_customer_who_isnt_the_contacts_cant_be_verified() -> None:
    centre = Centre([agent(), customer(), customer("c2"), contact("k1")])
    judged = centre.judge(verified(customer_id="c2"))
    assert (judged.verdict, codes(judged)) == (Verdict.REFUSED, ["other_customer"])


def test_the_level_travels_with_a_warm_transfer() -> None:
    centre = Centre([agent(), agent("2001"), customer(), contact("k1")])
    centre.judge(verified())
    centre.judge(operation("contact.moment", {"moment": "transferred", "at": NOW}, "k1"))
    centre.judge(operation("contact.answered", {"moments": {"answered": NOW}}, "k1", actor="2001"))
    assert (centre.get("k1").data["agent"], level(centre)) == ("2001", 2)


@given(st.lists(st.sampled_from(["match", "miss"]), max_size=6))
def test_misses_are_counted_and_give_nothing(results: list[str]) -> None:
    centre = Centre([agent(), customer(), contact("k1")])
    for result in results:
        centre.judge(verified(result=result))
    document = centre.get("k1")
    assert (document.data.get("misses") or 0) == results.count("miss")
    assert level(centre) == (2 if "match" in results else 0)
    named = {"match": "verified", "miss": "verification_missed"}
    assert [move["what"] for move in document.data.get("moves", ())] == [named[result] for result in results]


def test_the_number_that_rings_is_worth_level_one_for_its_own_line_only() -> None:
    mine = Customer(customer())
    ringing = contact("k1", caller=CALLER)
    assert standing_level(ringing, mine, mine.subscriptions[0]) == 1
    assert standing_level(ringing, mine, None) == 0
    assert standing_level(contact("k1", caller="+8613900000000"), mine, mine.subscriptions[0]) == 0
    assert standing_level(contact("k1", caller=None), mine, mine.subscriptions[0]) == 0
    assert standing_level(None, mine, mine.subscriptions[0]) == 0
    assert standing_level(contact("k1", level=2, caller=CALLER), mine, mine.subscriptions[0]) == 2


@given(st.text(min_size=1), st.text(min_size=1), st.text())
def test_a_seal_matches_what_was_sealed_and_shows_nothing_of_it(secret: str, said: str, salt: str) -> None:
    seals = {"seals": {"service_password": f"pepper:{seal_secret(secret, 'pepper')}"}}
    same = "".join(said.split()).upper() == "".join(secret.split()).upper()
    assert matches(seals, "service_password", said) is same
    assert matches(seals, "service_password", f" {secret.upper()} ") is True
    assert matches(seals, "certificate_tail", said) is None
    assert matches({}, "service_password", said) is None
    assert len(seal_secret(secret, salt)) == 64


@pytest.mark.parametrize("result", ["match", "miss"])
def test_what_the_caller_said_is_in_no_body_and_no_document(result: str) -> None:
    said = "135790"
    sealed = customer(seals={"service_password": f"s:{seal_secret(said, 's')}"})
    centre = Centre([agent(), sealed, contact("k1")])
    centre.judge(verified(result=result, seconds=3))
    assert said not in repr(centre.get("k1"))
    # and a desk so careless as to send it along is stopped before anything is written
    judged = centre.judge(verified(result=result, said=said))
    assert (judged.verdict, codes(judged)) == (Verdict.REFUSED, ["malformed"])
