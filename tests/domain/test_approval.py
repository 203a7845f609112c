from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain.decide import Decision, Refusal
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.judgement import Judgement
from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.offering.approving import may_approve
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import CENTRE, next_timer
from agentdesk.domain.verdict import Verdict
from tests.domain.world import (
    AGENT,
    CALLER,
    COST,
    DAY,
    MINUTE,
    NOW,
    Centre,
    agent,
    codes,
    contact,
    customer,
    operation,
    overcharged,
    place,
    promise_body,
)
from tests.policy import CATALOGUE

LEADER, MANAGER, OTHER = "3001", "3002", "2001"
ROLES = {AGENT: "agent", OTHER: "agent", LEADER: "team_leader", MANAGER: "manager"}
RULES = replace(CATALOGUE.rules.approvals, declined=Bilingual("{reason}: {promise}", "{reason}: {promise}"))
POLICY = replace(CATALOGUE, rules=replace(CATALOGUE.rules, approvals=RULES))


def floor(*more: Document, **leaves: Any) -> Centre:
    people = [agent(who, role=role) for who, role in ROLES.items()]
    documents = [*people, contact("k1", level=2), *(more or (customer(),))]
    return Centre(documents, catalogue=POLICY, **leaves)


def asked(amount: int = 9000, document: str = "a1", template: str = "GIFT", at: int = NOW, **body: Any) -> Operation:
    content = {
        "number": "100010000026",
        "template": template,
        "customer": "c1",
        "subscription": "c1-m",
        "contact": "k1",
        "amount": amount,
        "reason": "he waited long",
        "approver_role": "team_leader",
        **body,
    }
    return operation("approval.asked", content, document, at=at)


def given(who: str = LEADER, document: str = "a1", at: int = NOW, no: bool = False, **body: Any) -> Operation:
    kind = "approval.declined" if no else "approval.given"
    content = {"reason": "not due", **body} if no else body
    return operation(kind, content, document, at=at, actor=who, role=ROLES[who])


def promised(
    approval: str | None = "a1", amount: int = 9000, document: str = "p1", at: int = NOW, **changes: Any
) -> Operation:
    content = {"due": at + 60 * MINUTE, "contact": "k1", "approval": approval, **changes.pop("body", {})}
    body = promise_body("GIFT", content.pop("customer", "c1"), **content)
    return operation(
        "commitment.made", body, document, at=at, amount=amount, allowance=COST.id, **{"version": 2, **changes}
    )


def waiting(amount: int = 9000, at: int = NOW) -> Operation:
    body = {"waits": True, "due": at + (RULES.later + 60) * MINUTE}
    return promised(amount=amount, at=at, body=body)


def lapse(world: Centre, document: str, at: int) -> Judgement | None:
    """Do what the centre's clock does to an approval, if it is time."""
    timer = next_timer(world.get(document), CATALOGUE)
    if timer is None or timer.at > at:
        return None
    where = replace(place(), site=CENTRE)
    body = {"rung": timer.rung, "at": timer.at}
    return world.judge(operation(timer.kind, body, document, at=at, actor=CENTRE, role=CENTRE, where=where))


def test_a_promise_beyond_the_authority_is_made_on_an_approval_that_covers_it() -> None:
    world = floor()
    assert codes(world.outcome(promised(None))) == ["above_authority"]
    for op in (asked(), given()):
        assert world.judge(op).verdict is Verdict.APPLIED
    judged = world.judge(promised())
    assert judged.verdict is Verdict.APPLIED, codes(judged)
    assert world.get("p1").data["approval"] == "a1"
    assert world.get("p1").data["approver"] == LEADER
    approval = world.get("a1").data
    assert (approval["state"], approval["used_by"], approval["waited_ms"]) == ("used", "p1", 0)


def test_all_that_goes_into_a_promise_may_be_committed_together() -> None:
    world = floor(online=True)
    for op in (asked(), given(), promised()):
        outcome = world.outcome(op)
        assert isinstance(outcome, Decision)
        assert not outcome.flags
        world.fold.apply(outcome, op.lineage)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": 9001}, "approval_other"),
        ({"body": {"customer": "c2", "subscription": "c2-m"}}, "approval_other"),
        ({"at": NOW + (RULES.use + 1) * MINUTE}, "approval_lapsed"),
        ({"approval": "nothing"}, "approval_unknown"),
    ],
    ids=["amount", "customer", "late", "unknown"],
)
def test_an_approval_covers_what_it_was_given_for_and_nothing_else(changes: dict[str, Any], reason: str) -> None:
    world = floor(customer(), customer("c2"))
    for op in (asked(), given()):
        world.judge(op)
    judged = world.judge(promised(**changes))
    assert judged.verdict is Verdict.FLAGGED
    assert reason in codes(judged)
    assert world.get("p1").data["state"] == "made", "honoured all the same"


def test_nobody_approves_for_himself_in_a_role_that_he_only_says_he_has() -> None:
    world = floor()
    world.judge(asked())
    forged = world.judge(operation("approval.given", {}, "a1", actor=AGENT, role="team_leader"))
    assert set(codes(forged)) == {"own_approval", "approval_insufficient", "role_differs"}
    assert world.get("a1").data["approver_role"] == "agent"
    assert {"own_approval", "approval_insufficient"} <= set(codes(world.judge(promised())))


def test_version_1_of_a_promise_knows_no_approval() -> None:
    world = floor()
    for op in (asked(), given()):
        world.judge(op)
    assert codes(world.judge(promised(version=1))) == ["above_authority"]
    assert world.get("a1").data["state"] == "given"


def test_an_approval_widens_the_authority_and_never_the_allowance() -> None:
    world = floor(leases={COST.id: replace(COST, left=8000)})
    for op in (asked(), given()):
        world.judge(op)
    judged = world.judge(promised())
    assert codes(judged) == ["allowance"]
    assert world.get("p1").data["state"] == "made"


def test_two_sites_use_one_approval_and_the_second_is_honoured_and_flagged() -> None:
    world = floor()
    for op in (asked(), given()):
        world.judge(op)
    assert world.judge(promised()).verdict is Verdict.APPLIED
    second = world.judge(promised(document="p2", where=place(site="site-2", lineage="lineage-2")))
    assert second.verdict is Verdict.FLAGGED
    used = next(reason for reason in second.reasons if reason.code == "approval_used")
    assert used.values["approver"] == LEADER
    assert world.get("p2").data["state"] == "made"
    assert "approval_used" in world.get("p2").data["flags"]
    assert world.get("a1").data["used_by"] == "p1"


@pytest.mark.parametrize(
    ("who", "amount", "reason"),
    [(AGENT, 9000, "own_approval"), (OTHER, 9000, "approval_insufficient"), (LEADER, 40_000, "approval_insufficient")],
    ids=["own", "no superior", "not his to give"],
)
def test_who_may_not_give_it_is_told_no_at_the_desk_and_honoured_by_name_at_the_centre(
    who: str, amount: int, reason: str
) -> None:
    world = floor()
    world.judge(asked(amount))
    judged = world.judge(given(who))
    assert judged.verdict is Verdict.FLAGGED, "a flag at the desk means that it isn't done"
    assert reason in codes(judged)
    made = world.judge(promised(amount=amount))
    assert reason in codes(made)
    assert world.get("p1").data["state"] == "made"


def test_an_approver_who_was_dismissed_before_the_site_could_know_is_honoured_by_name() -> None:
    gone = agent(
        LEADER, role="team_leader", dismissed_at=NOW - DAY, rev=9, revs={"*": (1, "x"), "dismissed_at": (9, "x")}
    )
    world = Centre([agent(), gone, customer(), contact("k1", level=2)])
    world.judge(asked())
    judged = world.judge(given())
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["dismissed"])
    made = world.judge(promised())
    doubtful = next(reason for reason in made.reasons if reason.code == "approval_doubtful")
    assert doubtful.values["codes"] == ("dismissed",)
    assert doubtful.values["approver"] == LEADER


def test_an_approver_whom_nobody_knows_leaves_the_promise_honoured_and_flagged() -> None:
    world = Centre([agent(), customer(), contact("k1", level=2)])
    world.judge(asked())
    assert world.judge(given()).verdict is Verdict.HELD
    assert "approval_not_given" in codes(world.judge(promised()))
    assert world.get("p1").data["state"] == "made"


def test_an_approval_that_nobody_answers_or_uses_lapses_by_its_clock() -> None:
    world = floor()
    world.judge(asked())
    assert lapse(world, "a1", NOW + RULES.answer * MINUTE - 1) is None
    assert lapse(world, "a1", NOW + RULES.answer * MINUTE) is not None
    assert world.get("a1").data["state"] == "lapsed"
    world.judge(asked(document="a2"))
    world.judge(given(document="a2", at=NOW + MINUTE))
    assert lapse(world, "a2", NOW + (RULES.use + 1) * MINUTE) is not None
    assert world.get("a2").data["state"] == "lapsed"
    assert not is_open(world.get("a2"))


def test_what_was_promised_in_time_stands_though_the_clock_was_quicker_at_the_centre() -> None:
    world = floor()
    for op in (asked(), given()):
        world.judge(op)
    lapse(world, "a1", NOW + DAY)
    judged = world.judge(promised(at=NOW + RULES.use * MINUTE))
    assert judged.verdict is Verdict.APPLIED, codes(judged)
    assert world.get("a1").data["state"] == "used"


def test_a_declined_approval_says_why_and_covers_nothing() -> None:
    world = floor()
    world.judge(asked())
    assert codes(world.judge(given(OTHER, no=True))) == ["approval_insufficient"]
    assert world.judge(given(no=True)).verdict is Verdict.APPLIED
    assert world.get("a1").data["answer"] == "not due"
    assert "approval_not_given" in codes(world.judge(promised()))
    assert codes(world.judge(given(no=True))) == ["approval_state"]


# a promise that waits


def test_who_agrees_to_wait_gets_a_held_promise_that_the_approval_lets_go() -> None:
    world = floor()
    world.judge(asked(commitment="p1"))
    judged = world.judge(waiting())
    assert judged.verdict is Verdict.APPLIED, codes(judged)
    held = world.get("p1").data
    assert (held["state"], held["waits"], held["held_by"]) == ("held", True, ["a1"])
    assert next_timer(world.get("a1"), CATALOGUE) is None, "nobody's silence takes a promise away"
    assert isinstance(world.outcome(operation("commitment.fulfilled", {"proof": "done"}, "p1", at=NOW)), Refusal), (
        "what isn't approved yet can't be kept"
    )
    world.judge(given(at=NOW + DAY, commitment="p1"))
    assert world.get("p1").data["state"] == "made"
    assert world.get("p1").data["approver"] == LEADER
    assert (world.get("a1").data["state"], world.get("a1").data["waited_ms"]) == ("used", DAY)
    assert sum(fact.amount for fact in world.money) == 9000


def test_a_promise_that_waits_ends_when_it_is_declined_and_its_money_is_free() -> None:
    world = floor()
    world.judge(asked(commitment="p1"))
    world.judge(waiting())
    assert world.judge(given(no=True, commitment="p1", customer="c1")).verdict is Verdict.APPLIED
    assert world.get("p1").data["state"] == "declined"
    text = world.get("p1.declined").data
    assert (text["text"], text["to"]) == ("not due: GIFT 中", CALLER), "he is told, and why"
    assert sum(fact.amount for fact in world.money) == 0


@pytest.mark.parametrize("no", [False, True], ids=["given", "declined"])
def test_the_answer_may_come_before_the_promise_that_waits_for_it(no: bool) -> None:
    world = floor()
    world.judge(asked(commitment="p1"))
    world.judge(given(no=no, commitment="p1"))
    world.judge(waiting())
    assert world.get("p1").data["state"] == ("declined" if no else "made")
    assert sum(fact.amount for fact in world.money) == (0 if no else 9000)


def test_one_that_was_declined_before_it_came_leaves_its_lease_as_its_site_has_it_and_costs_nothing() -> None:
    world = floor()
    for op in (asked(commitment="p1"), given(no=True, commitment="p1"), waiting()):
        world.judge(op)
    assert [(fact.amount, fact.allowance) for fact in world.money] == [(9000, COST.id), (-9000, None)]


def test_what_the_law_gives_never_waits() -> None:
    world = floor(overcharged())
    world.judge(asked(1500, template="LAW", commitment="p1"))
    op = operation(
        "commitment.made",
        promise_body("LAW", contact="k1", approval="a1", waits=True, due=NOW + (RULES.later + 60) * MINUTE),
        "p1",
        amount=1500,
        allowance=COST.id,
        version=2,
    )
    assert "statutory_waits" in codes(world.judge(op))


def test_a_promise_that_is_withdrawn_leaves_nothing_to_answer() -> None:
    world = floor()
    world.judge(asked(commitment="p1"))
    world.judge(waiting())
    body = {"contact": "k1", "approval": "a1", "reason": "no more"}
    world.judge(operation("commitment.withdrawn", body, "p1"))
    assert (world.get("p1").data["state"], world.get("a1").data["state"]) == ("withdrawn", "lapsed")


# whatever comes, in whatever order


@dataclass(frozen=True)
class Made:
    document: str
    approval: str | None
    amount: int
    at: int
    flagged: bool


class Asking(RuleBasedStateMachine):
    """Approvals asked for, given, declined, lapsed and used by anybody at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.world = floor()
        self.at = NOW
        self.approvals: list[str] = []
        self.made: list[Made] = []

    def approval(self, index: int) -> str | None:
        return self.approvals[index % len(self.approvals)] if self.approvals else None

    @rule(amount=st.sampled_from([4000, 6000, 30_000, 60_000]))
    @precondition(lambda self: len(self.approvals) < 5)
    def ask(self, amount: int) -> None:
        document = f"a{len(self.approvals)}"
        self.world.judge(asked(amount, document, at=self.at))
        self.approvals.append(document)

    @rule(index=st.integers(0, 4), who=st.sampled_from(sorted(ROLES)), no=st.booleans())
    @precondition(lambda self: self.approvals)
    def answer(self, index: int, who: str, no: bool) -> None:
        document = self.approval(index) or ""
        before = self.world.get(document)
        judged = self.world.judge(given(who, document, self.at, no))
        if before.data.get("given_at") is not None:
            assert judged.verdict is Verdict.REFUSED
            assert self.world.get(document) == before

    @rule(minutes=st.integers(1, 40))
    def pass_time(self, minutes: int) -> None:
        self.at += minutes * MINUTE
        for document in self.approvals:
            lapse(self.world, document, self.at)

    @rule(index=st.integers(0, 4), amount=st.sampled_from([2000, 6000, 30_000]), bare=st.booleans())
    @precondition(lambda self: len(self.made) < 6)
    def promise(self, index: int, amount: int, bare: bool) -> None:
        approval = None if bare else self.approval(index)
        document = f"p{len(self.made)}"
        judged = self.world.judge(promised(approval, amount, document, self.at))
        assert judged.verdict in (Verdict.APPLIED, Verdict.FLAGGED), "what was spoken stands"
        self.made.append(Made(document, approval, amount, self.at, judged.verdict is Verdict.FLAGGED))

    @invariant()
    def nothing_unmarked_goes_beyond_the_authority_without_an_approval_that_covers_it(self) -> None:
        given_before = 0
        for made in self.made:
            beyond = made.amount > 5000 or given_before + made.amount > 10_000
            given_before += made.amount
            if made.flagged or not beyond:
                continue
            assert made.approval is not None
            data = self.world.get(made.approval).data
            template = CATALOGUE.templates["GIFT"]
            assert may_approve(template, ROLES[data["approver"]], "standard", made.amount, CATALOGUE)
            assert data["approver"] not in (AGENT, data["asked_by"])
            assert made.amount <= data["amount"]
            assert data["given_at"] <= made.at <= data["given_at"] + RULES.use * MINUTE
            assert data["used_by"] == made.document

    @invariant()
    def no_approval_is_used_twice(self) -> None:
        within = [m.approval for m in self.made if m.approval is not None and not m.flagged and m.amount > 5000]
        assert len(within) == len(set(within))

    @invariant()
    def every_approval_can_end(self) -> None:
        for document in self.approvals:
            approval = self.world.get(document)
            assert not is_open(approval) or next_timer(approval, CATALOGUE) is not None


Asking.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestAsking = Asking.TestCase
