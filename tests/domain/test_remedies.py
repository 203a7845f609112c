"""Remedies: which make good, how much of them, on whose account; and what is looked into, rebooked and given back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.decide import Decision, MalformedBody, Refusal
from agentdesk.domain.documents import Document, due_of, is_open
from agentdesk.domain.offering.remedies import RemedyOffer, assess_remedy, remedies
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import Verdict
from tests.domain.making_good import (
    HANDLER,
    LEADER,
    POLICY,
    by_clock,
    facts,
    giving,
    on,
    ticket,
    world,
)
from tests.domain.world import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    REGION,
    Centre,
    codes,
    contact,
    customer,
    in_arrears,
    operation,
    promise,
)


def case(*work: Document, line: dict[str, Any] | None = None, **more: Any) -> Case:
    view = Customer(customer(line=line or {"overage": {"charge": 4000, "rated": 1000}}))
    return Case(view, view.subscriptions[0], work, NOW, more.pop("role", "agent"), **more)


def offer(
    code: str, *work: Document, under: Document | None = None, quantity: int | None = None, **more: Any
) -> RemedyOffer:
    return assess_remedy(POLICY.remedies[code], case(*work, **more), POLICY, under or ticket(), quantity)


def given_before(code: str, document: str = "r0", **data: Any) -> Document:
    content = {"remedy": code, "state": "given", "under": "t1", "matter": "t1", "customer": "c1", "at": NOW - HOUR}
    return Document(REGION, document, "remedy", 1, {**content, "subscription": "c1-m", "quantity": 1, **data})


# which, and how much


def test_the_size_is_what_the_basis_computes_or_what_the_step_costs() -> None:
    assert (offer("R202").amount, offer("R202").need) == (3000, 3000)
    assert (offer("R201").quantity, offer("R201").amount) == (10, 1000)
    assert offer("R201", quantity=20).amount == 2000
    assert (offer("R101").amount, offer("R101").status) == (None, "available")
    assert [r.code for r in offer("R201", quantity=15).reasons] == ["no_such_step"]


def test_what_is_responsible_pays_unless_the_policy_says_who() -> None:
    assert offer("R201").booked == "network"
    assert offer("R201", under=ticket(department=None)).booked == "customer_service"
    assert offer("R201", under=ticket(responsible="halls")).booked == "halls"
    assert offer("R203", line={"fee": 3000, "fault_since": NOW - DAY}).booked == "network"


def test_a_remedy_and_a_promise_draw_on_the_same_bounds() -> None:
    told = {"template": "GIFT", "state": "made", "money": "cost", "amount": 9500, "at": NOW - DAY, "customer": "c1"}
    promised = Document(REGION, "p0", "commitment", 1, told)

    beyond = offer("R201", promised)

    assert (beyond.status, [r.code for r in beyond.reasons]) == ("approve", ["customer_90_days"])
    assert beyond.approver == "team_leader"
    remedied = given_before("R301", money="cost", amount=9500)
    assert "customer_90_days" in [r.code for r in offer("R201", remedied, under=ticket_other()).reasons]


def ticket_other() -> Document:
    return Document(REGION, "t2", "ticket", 1, {**ticket().data})


def test_what_was_given_in_a_matter_keeps_out_what_would_give_the_same() -> None:
    refund = given_before("R202", money="refund", amount=3000)
    gift = given_before("R301", money="cost", amount=500)

    assert [r.code for r in offer("R201", refund).reasons] == ["not_with"]
    assert [r.code for r in offer("R201", gift).reasons] == ["not_stackable"], "it stands alone among what costs"
    assert offer("R201", refund, under=ticket_other()).status == "available", "another matter"
    assert offer("R101", refund, gift).status == "available", "an apology is never too much"
    assert offer("R201", given_before("R202", state="voided")).status == "available"


def test_sizes_are_steps_inside_one_remedy() -> None:
    half = given_before("R201", quantity=20, money="cost", amount=2000)
    whole = given_before("R201", quantity=30, money="cost", amount=3000)

    assert offer("R201", half).steps == (10,)
    assert [r.code for r in offer("R201", whole).reasons] == ["remedy_given"]


def test_a_charge_is_given_back_once_by_promise_and_remedy_together() -> None:
    told = {"template": "RATE", "state": "made", "money": "cost", "amount": 2000, "at": NOW - HOUR, "customer": "c1"}

    assert offer("R202", Document(REGION, "p0", "commitment", 1, told)).amount == 1000


@pytest.mark.parametrize(
    ("code", "more", "reason"),
    [
        ("R401", {"online": False}, "line_down"),
        ("R301", {"caller_role": "other"}, "caller_role"),
        ("R201", {"under": ticket(customer="c9")}, "other_matter"),
        (
            "R201",
            {"under": Document(REGION, "p", "commitment", 1, {"customer": "c1", "state": "voided"})},
            "matter_void",
        ),
        ("R201", {"cost_left": 500}, "allowance"),
        ("R202", {"line": {"overage": {"charge": 10, "rated": 10}}}, "nothing_due"),
    ],
)
def test_why_a_remedy_is_not_given(code: str, more: dict[str, Any], reason: str) -> None:
    assert reason in [r.code for r in offer(code, **more).reasons]


def test_with_the_line_down_it_comes_later() -> None:
    assert offer("R201").due == NOW + 60 * MINUTE
    assert (offer("R201", online=False).due, offer("R201", online=False).mode) == (NOW + DAY, "later")
    assert offer("R101", online=False).due == NOW + 60 * MINUTE


def test_above_the_ceiling_nobody_may_give_it_and_above_the_role_a_superior_may() -> None:
    assert offer("R201", quantity=30).status == "inapplicable", "its own ceiling is 20 yuan here, for everybody"
    refund = assess_remedy(POLICY.remedies["R202"], case(), POLICY, ticket(), amount=4000)
    assert [r.code for r in refund.reasons] == ["above_need"]


def test_the_laws_own_comes_first_and_what_cannot_be_given_last() -> None:
    found = remedies(case(line={"fee": 30000, "fault_since": NOW - 3 * DAY}), POLICY, ticket())

    assert (found[0].remedy.code, found[0].amount) == ("R203", 3000)
    assert {o.remedy.code for o in found} == set(POLICY.remedies)
    order = ["available", "verify", "approve", "inapplicable"]
    assert [order.index(o.status) for o in found] == sorted(order.index(o.status) for o in found)
    assert {o.remedy.category for o in remedies(case(), POLICY, ticket(), "gift")} == {"gift"}


# given


def test_a_remedy_is_given_under_a_matter_and_booked_to_who_caused_it() -> None:
    centre = world()

    judged = centre.judge(giving("R201", 1000, quantity=10))

    data = centre.get("r1").data
    assert judged.verdict is Verdict.APPLIED
    assert (data["under"], data["matter"], data["booked"], data["state"]) == ("t1", "t1", "network", "given")
    assert facts(centre) == {"network": 1000}
    assert is_open(centre.get("r1"))


def test_what_does_not_pass_is_flagged_at_the_centre_and_stands() -> None:
    centre = world()
    centre.judge(giving("R202", 3000))

    late = centre.judge(giving("R201", 1000, document="r2", quantity=10))

    assert (late.verdict, codes(late)) == (Verdict.FLAGGED, ["not_with"])
    assert facts(centre) == {"network": 4000}


def test_what_is_not_known_holds_the_remedy_as_a_document_whose_words_were_said() -> None:
    centre = world()

    judged = centre.judge(giving("R201", 1000, quantity=10, body={"under": "t9"}))

    assert (judged.verdict, codes(judged)) == (Verdict.HELD, ["unknown_document"])
    assert centre.get("r1").data["flags"] == ["unknown_document"]
    assert facts(centre) == {"customer_service": 1000}


def test_a_refund_needs_no_allowance_and_stands_in_the_ledger_all_the_same() -> None:
    centre = world()

    judged = centre.judge(giving("R202", 3000))

    assert judged.verdict is Verdict.APPLIED
    assert [(fact.kind, fact.amount, fact.allowance) for fact in centre.money] == [("refund", 3000, None)]


def test_a_mis_key_is_voided_before_it_is_told_and_costs_nobody_anything() -> None:
    centre = world()
    centre.judge(giving("R201", 1000, quantity=10))

    assert centre.judge(on("remedy.voided", "r1", reason="wrong key")).verdict is Verdict.APPLIED

    assert (centre.get("r1").data["state"], facts(centre)) == ("voided", {})
    assert not is_open(centre.get("r1"))


def test_once_told_it_stands_even_when_it_was_voided_elsewhere() -> None:
    centre = world()
    centre.judge(giving("R201", 1000, quantity=10))
    centre.judge(on("remedy.voided", "r1", reason="wrong key"))

    told = centre.judge(on("remedy.spoken", "r1", seconds=80))

    assert (told.verdict, codes(told)) == (Verdict.FLAGGED, ["voided_already"])
    assert (centre.get("r1").data["state"], facts(centre)) == ("given", {"network": 1000})
    assert codes(centre.outcome(on("remedy.voided", "r1", reason="wrong key"))) == ["already_spoken"]


def test_what_is_carried_out_is_proved_and_can_no_more_be_withdrawn() -> None:
    centre = world()
    centre.judge(giving("R201", 1000, quantity=10))

    assert codes(centre.outcome(on("remedy.done", "r1", proof=" "))) == ["empty_note"]
    centre.judge(on("remedy.done", "r1", proof="posted", at=NOW + 2 * HOUR))

    assert (centre.get("r1").data["state"], centre.get("r1").data["late"]) == ("done", True)
    assert codes(centre.outcome(on("remedy.withdrawn", "r1", reason="no"))) == ["remedy_state"]


GIVEN = giving("R201", 1000, quantity=10).data
TEST = {"customer": "c1", "subscription": "c1-m", "mbps": 9, "runs": 3, "method": "wired", "number": "1", "tell": {}}
CLOSED = {"about": "r1", "result": "provider", "text": "seen", "against": "Melody"}
BODIES = {"remedy.given": GIVEN, "line.tested": TEST, "check.closed": CLOSED}
ODD: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({"x": 1})
)


@given(kind=st.sampled_from(sorted(BODIES)), data=st.data())
def test_no_body_is_worse_than_a_refusal(kind: str, data: st.DataObject) -> None:
    body = BODIES[kind]
    op = operation(kind, {**body, data.draw(st.sampled_from(sorted(body))): data.draw(ODD)}, "x1")
    with suppress(MalformedBody):
        assert isinstance(world().outcome(op), Decision | Refusal)


# refund first, verify later


def test_what_is_given_first_is_looked_into_by_its_department_within_five_working_days() -> None:
    centre = world()
    centre.judge(giving("R202", 3000))

    check = centre.get("r1.check")

    assert (check.data["state"], check.data["department"], check.data["about"]) == ("open", "service", "r1")
    assert check.data["due"] == NOW + 7 * DAY, "a week has five working days"
    assert is_open(check)


def closing(result: str, **more: Any) -> Any:
    return on("check.closed", "r1.check", HANDLER, "department_handler", about="r1", result=result, text="seen", **more)


@pytest.mark.parametrize(
    ("result", "against", "pays"),
    [
        ("confirmed", None, "network"),
        ("confirmed", "service", "service"),
        ("unfounded", None, "network"),
        ("provider", "Melody Ltd", "provider:Melody Ltd"),
    ],
)
def test_a_check_books_the_cost_to_who_caused_it_and_never_claws_back(
    result: str, against: str | None, pays: str
) -> None:
    centre = world()
    centre.judge(giving("R202", 3000))

    centre.judge(closing(result, **({"against": against} if against else {})))

    data = centre.get("r1").data
    assert facts(centre) == {pays: 3000}
    assert (data["state"], data["amount"], data["check_result"]) == ("given", 3000, result)
    assert not is_open(centre.get("r1.check"))
    assert codes(centre.outcome(closing("unfounded"))) == ["check_closed"]


def test_a_result_against_nobody_or_without_words_is_none() -> None:
    centre = world()
    centre.judge(giving("R202", 3000))

    assert codes(centre.outcome(closing("provider"))) == ["names_nobody"]
    assert codes(centre.outcome(closing("confirmed", against="nowhere"))) == ["unknown_department"]
    assert isinstance(centre.outcome(closing("perhaps")), Refusal)


def test_a_remedy_that_is_withdrawn_takes_its_check_with_it() -> None:
    centre = world()
    centre.judge(giving("R202", 3000))

    centre.judge(on("remedy.withdrawn", "r1", reason="the customer doesn't want it"))

    assert (centre.get("r1.check").data["result"], facts(centre)) == ("moot", {})


# who pays


def rebooking(to: str, **more: Any) -> Any:
    return on("remedy.rebooked", "r1", LEADER, "team_leader", department=to, reason="their fault", **more)


def test_a_cost_moves_to_the_unit_that_caused_it_and_the_sum_stays() -> None:
    centre = world()
    centre.judge(giving("R201", 1000, quantity=10))

    moved = centre.judge(rebooking("service"))

    assert moved.decision is not None
    assert [fact.amount for fact in moved.decision.money] == [-1000, 1000]
    assert facts(centre) == {"service": 1000}
    centre.judge(on("remedy.withdrawn", "r1", reason="no"))
    assert facts(centre) == {}, "what is given back is given back to who pays now"


def test_only_a_superior_or_a_handler_moves_a_cost_and_only_to_another_unit() -> None:
    centre = world()
    centre.judge(giving("R201", 1000, quantity=10))
    by_agent = on("remedy.rebooked", "r1", department="service", reason="theirs")

    assert codes(centre.outcome(by_agent)) == ["superior_only"]
    assert codes(centre.outcome(rebooking("network"))) == ["same_unit"]
    assert codes(centre.outcome(rebooking("nowhere"))) == ["unknown_department"]
    apology = giving("R101", document="r2")
    centre.judge(apology)
    nothing = on("remedy.rebooked", "r2", LEADER, "team_leader", department="service", reason="theirs")
    assert codes(centre.outcome(nothing)) == ["nothing_booked"]


def objecting(unit: str) -> Any:
    return on("remedy.objected", "r1", HANDLER, "department_handler", department=unit, reason="it was the cable")


@pytest.mark.parametrize(("upheld", "pays"), [(True, "network"), (False, "service")])
def test_the_unit_may_object_and_a_manager_decides(upheld: bool, pays: str) -> None:
    centre = world()
    centre.judge(giving("R201", 1000, quantity=10))
    centre.judge(rebooking("service"))

    assert codes(centre.outcome(objecting("network"))) == ["booked_elsewhere"]
    centre.judge(objecting("service"))
    assert codes(centre.outcome(objecting("service"))) == ["objected_already"]
    by_agent = on("remedy.judged", "r1", upheld=upheld, text="heard")
    assert codes(centre.outcome(by_agent)) == ["superior_only"]
    centre.judge(on("remedy.judged", "r1", LEADER, "team_leader", upheld=upheld, text="heard"))

    assert facts(centre) == {pays: 1000}
    assert centre.get("r1").data["objection"]["state"] == ("upheld" if upheld else "dismissed")
    again = on("remedy.judged", "r1", LEADER, "team_leader", upheld=True, text="heard")
    assert codes(centre.outcome(again)) == ["no_objection"]


# credit


def powered(at: int = NOW) -> Centre:
    centre = world(in_arrears(arrears=4000))
    centre.judge(giving("R501", 4000, at=at))
    return centre


def test_credit_runs_for_the_tiers_time_then_it_is_collected_by_a_task() -> None:
    centre = powered()

    assert centre.get("r1").data["credit_until"] == NOW + DAY
    centre.judge(on("remedy.done", "r1", proof="on"))
    assert is_open(centre.get("r1")), "until it is repaid"
    assert due_of(centre.get("r1")) == NOW + DAY
    assert by_clock(centre, "r1", NOW + DAY - 1) is None
    timer = by_clock(centre, "r1", NOW + DAY)

    assert timer is not None
    assert timer.kind == "remedy.expired"
    assert centre.get("r1").data["credit"] == "collecting"
    task = centre.get("r1.collect")
    assert (task.data["purpose"], task.data["state"], task.data["department"]) == ("collection", "open", "service")
    assert by_clock(centre, "r1", NOW + 9 * DAY) is None, "once"


def test_credit_that_is_out_keeps_from_the_next_and_a_cycle_has_one() -> None:
    centre = powered()

    second = centre.judge(giving("R501", 4000, document="r2"))

    assert codes(second) == ["once_per_cycle"]


def test_a_collection_ends_by_payment_not_by_words() -> None:
    centre = powered()
    by_clock(centre, "r1", NOW + DAY)
    words = on("check.closed", "r1.collect", HANDLER, "department_handler", about="r1", result="confirmed", text="x")

    assert codes(centre.outcome(words)) == ["collects_only"]


# whatever happens, in whatever order


MOVES = st.sampled_from(
    ["give", "refund", "void", "withdraw", "tell", "done", "rebook", "object", "uphold", "dismiss", "check"]
)


def moving(move: str, target: str, unit: str) -> Operation:
    """Return the operation of a move; a check may find anybody."""
    boss, handler = (LEADER, "team_leader"), (HANDLER, "department_handler")
    if move in ("void", "withdraw"):
        return on(f"remedy.{'voided' if move == 'void' else 'withdrawn'}", target, reason="x")
    if move == "tell":
        return on("remedy.spoken", target)
    if move == "done":
        return on("remedy.done", target, proof="x")
    if move == "rebook":
        return on("remedy.rebooked", target, *boss, department=unit, reason="x")
    if move == "object":
        return on("remedy.objected", target, *handler, department=unit, reason="x")
    if move == "check":
        found: dict[str, Any] = {"about": target, "result": "confirmed", "text": "x", "against": unit}
        return on("check.closed", f"{target}.check", *handler, **found)
    return on("remedy.judged", target, *boss, upheld=move == "uphold", text="x")


@settings(max_examples=120)
@given(moves=st.lists(st.tuples(MOVES, st.sampled_from(["network", "service"])), max_size=14))
def test_the_ledger_is_never_below_nothing_and_says_what_stands(moves: list[tuple[str, str]]) -> None:
    centre = world()
    made = 0
    for move, unit in moves:
        if move in ("give", "refund"):
            made += 1
            code, amount, size = ("R201", 1000, 10) if move == "give" else ("R202", 3000, 1)
            centre.judge(giving(code, amount, document=f"r{made}", quantity=size))
            continue
        target = f"r{made}"
        if made:
            centre.judge(moving(move, target, unit))

    for number in range(1, made + 1):
        data = centre.get(f"r{number}").data
        stands = data["amount"] if data["state"] in ("given", "done") else 0
        by_unit = facts(centre, f"r{number}")
        assert sum(by_unit.values()) == stands
        assert all(amount > 0 for amount in by_unit.values())
        assert not stands or by_unit == {data["booked"]: stands}
    assert len(centre.money) == 0 or all(fact.customer == "c1" for fact in centre.money)


def test_a_remedy_can_be_given_under_a_promise_in_a_call() -> None:
    centre = world(contact(level=2))
    centre.judge(promise("CALL"))

    judged = centre.judge(giving("R101", body={"under": "p1", "contact": "k1"}))

    assert judged.verdict is Verdict.APPLIED
    assert centre.get("r1").data["matter"] == "p1"


# beyond the authority


def test_a_superior_approves_a_remedy_as_he_approves_a_promise() -> None:
    centre = world(customer(line={"overage": {"charge": 90_000, "rated": 1000}}))
    gift = {"state": "made", "money": "cost", "amount": 9500, "at": NOW - DAY, "customer": "c1", "template": "GIFT"}
    centre.fold.load([Document(REGION, "p0", "commitment", 1, gift)])
    asked = {"number": "100010000067", "template": "R201", "customer": "c1", "subscription": "c1-m", "amount": 1000}
    asked |= {"reason": "waited for weeks", "approver_role": "team_leader", "beyond": ["customer_90_days"]}

    alone = centre.outcome(giving("R201", 1000, quantity=10))
    centre.judge(operation("approval.asked", asked, "a1"))
    centre.judge(on("approval.given", "a1", LEADER, "team_leader"))
    judged = centre.judge(giving("R201", 1000, quantity=10, body={"approval": "a1"}))

    assert codes(alone) == ["customer_90_days"]
    assert (judged.verdict, codes(judged)) == (Verdict.APPLIED, [])
    assert (centre.get("a1").data["state"], centre.get("a1").data["used_by"]) == ("used", "r1")
    again = centre.judge(giving("R201", 1000, document="r2", quantity=10, body={"approval": "a1"}))
    assert "approval_used" in codes(again)


def test_a_remedy_on_an_approval_that_nobody_has_given_yet_is_flagged_and_leaves_it_open() -> None:
    centre = world(customer(line={"overage": {"charge": 90_000, "rated": 1000}}))
    gift = {"state": "made", "money": "cost", "amount": 9500, "at": NOW - DAY, "customer": "c1", "template": "GIFT"}
    centre.fold.load([Document(REGION, "p0", "commitment", 1, gift)])
    asked = {"number": "100010000067", "template": "R201", "customer": "c1", "subscription": "c1-m", "amount": 1000}
    asked |= {"reason": "waited for weeks", "approver_role": "team_leader", "beyond": ["customer_90_days"]}
    centre.judge(operation("approval.asked", asked, "a1"))

    judged = centre.judge(giving("R201", 1000, quantity=10, body={"approval": "a1"}))

    assert (judged.verdict, "approval_not_given" in codes(judged)) == (Verdict.FLAGGED, True)
    assert (centre.get("a1").data["state"], centre.get("a1").data.get("used_by")) == ("open", None)
    assert centre.judge(on("approval.given", "a1", LEADER, "team_leader")).verdict is Verdict.APPLIED


def test_a_promise_of_refund_first_opens_its_check_and_ends_it_when_it_is_withdrawn() -> None:
    centre = world()
    body = {"number": "100010000018", "customer": "c1", "subscription": "c1-m", "template": "FIRST", "line": "up"}
    made = operation("commitment.made", {**body, "due": NOW + HOUR}, "p1", amount=1500, allowance="lease-cost")

    assert centre.judge(made).verdict is Verdict.APPLIED
    assert centre.get("p1.check").data["about_type"] == "commitment"
    found: dict[str, Any] = {"about": "p1", "result": "provider", "text": "no proof", "against": "Melody"}
    centre.judge(on("check.closed", "p1.check", HANDLER, "department_handler", **found))
    assert facts(centre) == {"provider:Melody": 1500}
    centre.judge(on("commitment.withdrawn", "p1", reason="no more"))
    assert facts(centre) == {}
