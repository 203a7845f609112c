"""Misses of a day, codes by SMS, face checks, the ID card, who acts for the owner, and what a transfer carries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre.codes import codes as sending_codes
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import (
    CODE_MS,
    METHOD_LEVELS,
    card_matches,
    code_timer,
    level_of,
    methods_of,
    seal_secret,
)
from agentdesk.domain.offering.offers import assess
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import Condition
from agentdesk.domain.profile.idcard import read_card, valid
from agentdesk.domain.verdict import Verdict
from tests.domain.world import DAY, MINUTE, NOW, REGION, Centre, agent, codes, contact, customer, operation, promise
from tests.policy import CATALOGUE, template

CARD = "11010519491231002X"


def verified(method: str, result: str = "match", at: int = NOW, **more: Any) -> Operation:
    document, role = more.pop("document", "k1"), more.pop("role", "agent")
    body = {"method": method, "result": result, "caller_role": "owner", "customer": "c1", **more}
    return operation("identity.verified", body, document, version=2, at=at, role=role)


def centre(*more: Document, **data: Any) -> Centre:
    return Centre([agent(), customer(**data), contact("k1"), contact("k2"), *more])


def sealed(state: str = "sent", at: int = NOW, **more: Any) -> Document:
    seal = f"00:{seal_secret('482913', '00')}"
    data = {"state": state, "seal": seal, "sent_at": at, "contact": "k1", "customer": "c1", **more}
    return Document(REGION, "code-1", "code", 1, data)


def test_five_misses_of_a_day_leave_the_counter_only_wherever_they_were() -> None:
    world = centre(face_checks=[{"at": NOW + MINUTE}])
    for nth in range(5):
        world.judge(verified("service_password", "miss", document="k1" if nth % 2 else "k2"))
    judged = world.judge(verified("service_password", document="k1"))
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["counter_only"])
    # what isn't said but shown still counts, and tomorrow is another day
    assert world.judge(verified("face_check", at=NOW + 2 * MINUTE)).verdict is Verdict.APPLIED
    assert world.judge(verified("certificate_tail", at=NOW + DAY, document="k2")).verdict is Verdict.APPLIED


def test_the_third_miss_by_one_method_asks_for_another() -> None:
    world = centre()
    for _ in range(3):
        world.judge(verified("service_password", "miss"))
    assert codes(world.outcome(verified("service_password"))) == ["method_missed"]
    assert codes(world.outcome(verified("certificate_tail"))) == []


def test_a_code_counts_once_in_its_time_for_its_contact_and_customer() -> None:
    answer = seal_secret("482913", "00")
    good = verified("sms_code", code="code-1", answer=answer)
    world = centre(sealed())
    assert world.judge(good).verdict is Verdict.APPLIED
    assert level_of(world.get("k1"), "c1") == 2
    assert codes(world.judge(verified("sms_code", code="code-1", answer=answer))) == ["code_expired"]
    wrong = verified("sms_code", code="code-1", answer=seal_secret("000000", "00"))
    assert codes(centre(sealed()).judge(wrong)) == ["code_wrong"]
    assert codes(centre(sealed(at=NOW - CODE_MS - 1)).judge(good)) == ["code_expired"]
    assert codes(centre(sealed(contact="k2")).judge(good)) == ["code_expired"]
    assert codes(centre(sealed(seal=None)).judge(good)) == ["no_code"]


def test_a_code_needs_the_line_to_the_centre_and_a_mobile() -> None:
    body = {"customer": "c1", "subscription": "c1-m", "contact": "k1"}
    asked = operation("identity.code_asked", body, "code-1")
    assert codes(Centre([agent(), customer()], online=False).judge(asked)) == ["code_needs_line"]
    fixed = Centre([agent(), customer(line={"kind": "fixed"})])
    assert codes(fixed.judge(asked)) == ["code_no_mobile"]
    world = Centre([agent(), customer()])
    assert world.judge(asked).verdict is Verdict.APPLIED
    timer = code_timer(world.get("code-1"), CATALOGUE)
    assert timer is not None
    assert (timer.at, timer.kind) == (NOW, "identity.code_sent")


def test_the_code_itself_is_in_the_text_alone() -> None:
    sent: list[dict[str, Any]] = []

    class Phone:
        name = "phone"

        def send(self, line: Any, again: bool) -> str | None:
            sent.append(dict(line))
            return None

    prepare = sending_codes(Phone(), lambda: NOW, lambda count: bytes(range(7, 7 + count)))
    document = Document(REGION, "code-1", "code", 1, {"state": "asked", "to": "+8618612345678", "at": NOW})
    timer = code_timer(document, CATALOGUE)
    assert timer is not None
    draft = prepare(document, timer, 1)
    assert not isinstance(draft, int)
    (text,) = sent
    digits = next(word for word in text["text"].replace("，", " ").split() if word.isdigit())
    salt, _, digest = draft.body["seal"].partition(":")
    assert digest == seal_secret(digits, salt)
    assert digits not in str(draft.body)
    assert isinstance(sending_codes(None, lambda: NOW, bytes)(document, timer, 1), int)


def test_the_id_card_is_for_counters_and_the_face_for_those_who_showed_it() -> None:
    assert codes(centre().judge(verified("id_card"))) == ["counter_method"]
    hall = Centre([agent(), customer(), contact("k1", channel="hall")])
    assert hall.judge(verified("id_card")).verdict is Verdict.APPLIED
    assert level_of(hall.get("k1"), "c1") == 3
    assert codes(centre().judge(verified("face_check"))) == ["no_face_check"]
    old = centre(face_checks=[{"at": NOW - 20 * MINUTE}, {"at": NOW - MINUTE, "passed": False}])
    assert codes(old.judge(verified("face_check"))) == ["no_face_check"]


def test_who_acts_for_the_owner_is_noted_by_name_and_certificate() -> None:
    world = centre()
    assert codes(world.judge(verified("service_password", caller_role="agent"))) == ["agent_unnamed"]
    handler = {"name": "李强", "certificate": "1101**********0018"}
    judged = world.judge(verified("service_password", caller_role="agent", handler=handler))
    assert judged.verdict is Verdict.APPLIED
    assert world.get("k1").data["verification"]["handler"] == handler


def test_a_level_travels_with_a_warm_transfer_and_with_nothing_else() -> None:
    def handed(how: str, **data: Any) -> Document:
        moves = [{"what": "transferred", "details": {"transfer": how}}]
        return contact("k0", level=2, moves=moves, **data)

    carried = operation("contact.carried", {"from": "k0"}, "k1")
    warm = centre(handed("warm"))
    assert warm.judge(carried).verdict is Verdict.APPLIED
    assert level_of(warm.get("k1"), "c1") == 2
    for other in (handed("blind"), handed("warm", caller="+8613800000000"), handed("warm", verification=None)):
        world = centre(other)
        assert codes(world.judge(carried)) == ["nothing_carried"]
        assert level_of(world.get("k1"), "c1") == 0


# the reader


def test_a_reader_types_a_card_in_many_ways() -> None:
    for typed in (CARD, f"王小明 {CARD}", f"王小明\t女\t汉\t{CARD.lower()}", f"{CARD},王小明"):
        card = read_card(typed)
        assert card is not None
        assert card.number == CARD
        assert card.name in ("", "王小明")
    assert read_card("13911112222") is None
    assert read_card("110105194912310021") is None
    masked = read_card(CARD)
    assert masked is not None
    assert masked.masked == "1101**********002X"


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 10))
def test_one_check_character_in_eleven_is_right(digits: str, place: int) -> None:
    right = [check for check in "0123456789X" if valid(digits + check)]
    assert len(right) == 1
    assert (read_card(digits + "0123456789X"[place]) is not None) == ("0123456789X"[place] == right[0])


def test_a_card_is_compared_without_the_number_being_known() -> None:
    document = customer(certificate="1101**************", seals={"certificate_tail": f"00:{seal_secret('002X', '00')}"})
    assert card_matches(document.data, CARD)
    assert not card_matches(document.data, "310105194912310021")
    assert not card_matches({**document.data, "certificate": "3101**************"}, CARD)
    assert card_matches({"certificate": "1101"}, CARD) is None


def test_what_asks_for_a_method_is_promised_on_that_one_alone_and_an_earlier_match_of_the_call_counts() -> None:
    condition = Condition("verification_method", {"methods": ["certificate_tail", "face_check"]})
    policy = replace(CATALOGUE, templates={"CALL": template("CALL", applies=(condition,), verify=2)})
    world = Centre([agent(), customer(), contact("k1", caller="+8613911112222")], catalogue=policy)
    world.judge(verified("service_password"))
    judged = world.judge(promise("CALL", body={"contact": "k1"}))
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["other_method"])
    world.judge(verified("certificate_tail"))
    world.judge(verified("service_password"))
    assert world.judge(promise("CALL", "p2", body={"contact": "k1"})).verdict is Verdict.APPLIED


def test_a_missing_method_asks_to_verify_instead_of_hiding_the_offer() -> None:
    condition = Condition("verification_method", {"methods": ["id_card"]})
    one = Customer(customer())
    case = Case(one, one.subscriptions[0], (), NOW, "agent", level=2, methods=frozenset({"sms_code"}))
    for verify, reasons in ((2, ["other_method"]), (3, ["verify", "other_method"])):
        offer = assess(template("CALL", applies=(condition,), verify=verify), case, CATALOGUE)
        assert (offer.status, [reason.code for reason in offer.reasons]) == ("verify", reasons)
    shown = assess(template("CALL", applies=(condition,)), replace(case, methods=frozenset({"id_card"})), CATALOGUE)
    assert shown.status == "available"


@given(st.lists(st.tuples(st.sampled_from(sorted(METHOD_LEVELS)), st.sampled_from(["match", "miss"])), max_size=6))
def test_the_methods_of_a_call_are_those_that_matched(tried: list[tuple[str, str]]) -> None:
    assert methods_of(None, Customer(customer()), None) == frozenset()
    world = centre(face_checks=[{"at": NOW}])
    for method, result in tried:
        world.judge(verified(method, result))
    known = methods_of(world.get("k1"), Customer(customer()), None)
    assert known <= {method for method, result in tried if result == "match"}
    standing = level_of(world.get("k1"), "c1")
    assert standing == max((METHOD_LEVELS[method] for method in known), default=0)
