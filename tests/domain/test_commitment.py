from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain.decide import Decision
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document, index_of
from agentdesk.domain.kinds._common import DUE_SLACK_MS
from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.offering.offers import due_at
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import Also
from agentdesk.domain.tiers import TIERS
from agentdesk.domain.times.calendar import Limit
from agentdesk.domain.verdict import Verdict
from tests.domain.world import (
    AGENT,
    CALLER,
    COST,
    CREDIT,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Centre,
    agent,
    codes,
    contact,
    customer,
    in_arrears,
    operation,
    overcharged,
    promise,
    promise_body,
)
from tests.policy import CATALOGUE


def about(kind: str, at: int = NOW, actor: str = AGENT, **body: Any) -> Operation:
    content = {"contact": "k1", **body}
    return operation(
        f"commitment.{kind}", {k: v for k, v in content.items() if v is not None}, "p1", at=at, actor=actor
    )


def with_promise(template: str = "CALL", document: Document | None = None, **more: Any) -> Centre:
    """Return a centre at which a promise was made in contact k1."""
    known = document or customer()
    world = Centre([agent(), agent("2001"), known, contact("k1", level=2)])
    body = {"contact": "k1", **more.pop("body", {})}
    judged = world.judge(promise(template, body=body, **more))
    assert judged.verdict is Verdict.APPLIED, codes(judged)
    return world


def rate(amount: int = 3000) -> Centre:
    """Return a centre at which the overage was promised back."""
    return with_promise("RATE", overcharged(amount=amount), amount=amount, allowance=COST.id)


def net(world: Centre) -> int:
    return sum(fact.amount for fact in world.money)


class PromiseLife(RuleBasedStateMachine):
    """A promise of money under anything that can come to the centre, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = rate()
        self.at = NOW
        self.ended_at: int | None = None
        self.spoken = False
        self.told_late = False
        self.before = self.promise

    @property
    def promise(self) -> Document:
        return self.world.get("p1")

    @property
    def state(self) -> str:
        state: str = self.promise.data["state"]
        return state

    def do(self, kind: str, **more: Any) -> tuple[Verdict, list[str]]:
        self.before = self.promise
        judged = self.world.judge(about(kind, at=self.at, **more))
        return judged.verdict, codes(judged)

    @rule(ms=st.integers(0, 2 * MINUTE))
    def pass_time(self, ms: int) -> None:
        self.at += ms

    @rule()
    @precondition(lambda self: self.ended_at is None)
    def hang_up(self) -> None:
        self.ended_at = self.at
        self.world.judge(operation("contact.moment", {"moment": "ended", "at": self.at}, "k1", at=self.at))

    @rule()
    def speak(self) -> None:
        was = self.state
        verdict, reasons = self.do("spoken", seconds=90)
        assert (verdict, reasons) == (
            (Verdict.FLAGGED, ["voided_already"]) if was == "voided" else (Verdict.APPLIED, [])
        )
        assert self.state == ("made" if was == "voided" else was)
        self.told_late = self.told_late or was == "voided"
        self.spoken = True

    @rule(mine=st.booleans())
    def void(self, mine: bool) -> None:
        late = self.ended_at is not None and self.at > self.ended_at + 60_000
        verdict, reasons = self.do("voided", reason="mis-key", actor=AGENT if mine else "2001")
        allowed = mine and not self.spoken and self.before.data["state"] in ("made", "held") and not late
        assert (verdict is Verdict.APPLIED) is allowed
        if not allowed:
            assert reasons[0] in ("not_yours", "already_spoken", "promise_state", "too_late_to_void")
            assert self.promise == self.before

    @rule()
    def withdraw(self) -> None:
        allowed = self.state in OPEN_COMMITMENT_STATES
        verdict, _ = self.do("withdrawn", reason="no more")
        assert (verdict is Verdict.APPLIED) is allowed

    @rule(answer=st.sampled_from([None, "satisfied", "unreached", "unsatisfied"]))
    def keep(self, answer: str | None) -> None:
        allowed = self.state in OPEN_COMMITMENT_STATES and answer in ("satisfied", "unreached")
        verdict, _ = self.do("fulfilled", proof="booked", answer=answer)
        assert (verdict is Verdict.APPLIED) is allowed
        assert not allowed or self.promise.data["late"] == (self.at > self.promise.data["due"])

    @rule()
    def again(self) -> None:
        self.before = self.promise
        judged = self.world.judge(promise("RATE", body={"contact": "k1"}, amount=3000, allowance=COST.id))
        assert (judged.verdict, codes(judged)) == (Verdict.HELD, ["exists_already"])

    @invariant()
    def what_was_spoken_stands(self) -> None:
        if self.spoken:
            assert self.state != "voided"

    @invariant()
    def money_is_booked_while_the_promise_counts_and_not_else(self) -> None:
        counts = self.state not in ("voided", "withdrawn")
        assert net(self.world) == (3000 if counts else 0)
        money = self.world.money
        assert {(f.kind, f.customer, f.commitment, f.department) for f in money} == {("cost", "c1", "p1", "service")}
        # what a voiding gave back to the lease may be spent by now: told after all, it is drawn on none
        assert {f.allowance for f in money} == {COST.id, *((None,) if self.told_late else ())}

    @invariant()
    def the_spoken_moment_is_the_first(self) -> None:
        if self.before.data["spoken_at"] is not None:
            assert self.promise.data["spoken_at"] == self.before.data["spoken_at"]

    @invariant()
    def nothing_is_overwritten(self) -> None:
        moves, before = self.promise.data["moves"], self.before.data["moves"]
        assert moves[: len(before)] == before
        for name in ("number", "customer", "amount", "due", "template", "catalogue", "ask", "tell", "owner", "at"):
            assert self.promise.data[name] == self.before.data[name]

    @invariant()
    def it_is_open_until_it_ends(self) -> None:
        assert index_of(self.promise).open is (self.state in ("made", "held"))


TestPromiseLife = PromiseLife.TestCase
TestPromiseLife.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)


def test_a_promise_remembers_what_was_promised_and_under_which_policy() -> None:
    data = rate().get("p1").data
    assert (data["state"], data["amount"], data["money"], data["allowance"]) == ("made", 3000, "cost", COST.id)
    assert (data["catalogue"], data["department"], data["closing"]) == (CATALOGUE.version, "service", "call")
    assert (data["due"], data["line"], data["ask"], data["tell"]) == (
        promise_body("RATE")["due"],
        "up",
        {"text": "may I?"},
        {"text": "it is promised"},
    )
    assert [move["what"] for move in data["moves"]] == ["made"]


# voiding a mis-key (DOMAIN rule 3)


@pytest.mark.parametrize("moment", ["ended", "transferred", "abandoned", "wrap_up"])
@pytest.mark.parametrize(("seconds", "allowed"), [(0, True), (60, True), (61, False)])
def test_a_mis_key_can_be_voided_until_a_minute_after_the_call(moment: str, seconds: int, allowed: bool) -> None:
    world = with_promise()
    world.judge(operation("contact.moment", {"moment": moment, "at": NOW}, "k1"))
    judged = world.judge(about("voided", at=NOW + seconds * 1000, reason="mis-key"))
    assert judged.verdict is (Verdict.APPLIED if allowed else Verdict.REFUSED)
    assert codes(judged) == ([] if allowed else ["too_late_to_void"])


@pytest.mark.parametrize("wrong_by", [-DAY, -10 * MINUTE, 10 * MINUTE, DAY])
@pytest.mark.parametrize(("seconds", "allowed"), [(30, True), (90, False)])
def test_a_wrong_wall_clock_changes_nothing_about_that_minute(wrong_by: int, seconds: int, allowed: bool) -> None:
    world = with_promise()
    ended = operation("contact.moment", {"moment": "ended", "at": NOW + wrong_by}, "k1", at=NOW + wrong_by)
    world.judge(ended, at=NOW)
    voided = about("voided", at=NOW + wrong_by + seconds * 1000, reason="mis-key")
    assert (world.judge(voided, at=NOW + seconds * 1000).verdict is Verdict.APPLIED) is allowed


def test_leaving_out_the_contact_wins_no_time() -> None:
    world = with_promise()
    world.judge(operation("contact.moment", {"moment": "ended", "at": NOW}, "k1"))
    for name in (None, "k2"):
        judged = world.judge(about("voided", at=NOW + HOUR, reason="mis-key", contact=name))
        assert judged.verdict is Verdict.REFUSED


def test_a_promise_without_a_call_is_voided_within_a_minute_of_its_making() -> None:
    for seconds, allowed in ((60, True), (61, False)):
        world = Centre([agent(), customer()])
        world.judge(promise())
        judged = world.judge(about("voided", at=NOW + seconds * 1000, reason="mis-key", contact=None))
        assert (judged.verdict is Verdict.APPLIED) is allowed


# what can't be checked was spoken all the same: it is held, as a document whose clock runs


def held(op: Operation, *documents: Document, **more: Any) -> Centre:
    world = Centre([agent(), *documents], **more)
    assert world.judge(op).verdict is Verdict.HELD
    data = world.get("p1").data
    assert (data["state"], data["number"], data["due"]) == ("held", op.data["number"], op.data["due"])
    assert index_of(world.get("p1")).open
    return world


def test_a_promise_to_an_unknown_customer_is_held_with_its_money() -> None:
    world = held(promise("RATE", amount=3000, allowance=COST.id))
    assert world.get("p1").data["flags"] == ["unknown_customer"]
    assert [(f.kind, f.amount) for f in world.money] == [("cost", 3000)]


def test_a_promise_under_an_unknown_template_is_held_with_its_money() -> None:
    unheard = {**promise_body(), "template": "NEWER"}
    world = held(operation("commitment.made", unheard, "p1", amount=700, allowance=CREDIT.id), customer())
    assert world.get("p1").data["flags"] == ["unknown_template"]
    assert [(f.kind, f.amount, f.allowance) for f in world.money] == [("credit", 700, CREDIT.id)]


@pytest.mark.parametrize(("template", "amount"), [("CALL", 100), ("RATE", 0), ("RATE", -100)])
def test_a_promise_whose_amount_doesnt_fit_is_held(template: str, amount: int) -> None:
    world = held(promise(template, amount=amount, allowance=COST.id), overcharged())
    assert world.get("p1").data["flags"] == ["malformed"]
    assert net(world) == max(0, amount)


def test_a_promise_by_somebody_unknown_is_held() -> None:
    world = Centre([customer()])
    judged = world.judge(promise())
    assert (judged.verdict, codes(judged)) == (Verdict.HELD, ["unknown_actor"])
    assert world.get("p1").data["state"] == "held"


def test_a_held_promise_can_be_kept_withdrawn_and_voided() -> None:
    for kind in ("voided", "withdrawn", "fulfilled"):
        world = Centre([agent(), contact("k1")])
        world.judge(promise(body={"contact": "k1"}))
        judged = world.judge(about(kind, reason="mis-key", proof="booked", answer="satisfied"))
        assert judged.verdict is Verdict.APPLIED, codes(judged)
        assert world.get("p1").data["state"] == kind


def test_words_told_by_somebody_unknown_reopen_nothing() -> None:
    world = with_promise()
    world.judge(about("withdrawn", reason="no more"))
    judged = world.judge(about("spoken", actor="stranger"))
    assert judged.verdict is Verdict.HELD
    assert world.get("p1").data["state"] == "withdrawn"


# the line (DOMAIN rule 12)


def line_down(template: str, due: int, line: str = "down", online: bool | None = False) -> list[str]:
    world = Centre([agent(), customer(), contact("k1", level=2)], online=online)
    body = {"line": line, "due": due, "contact": "k1"}
    return codes(world.outcome(promise(template, body=body)))


def test_each_template_says_what_holds_with_the_line_down() -> None:
    assert line_down("CALL", NOW + HOUR) == []
    assert line_down("VISIT", NOW + 4 * HOUR) == []
    assert line_down("SIM", NOW + HOUR) == ["line_down"]


def test_a_desk_without_a_line_cant_promise_as_if_it_were_there() -> None:
    # the card was painted while the line was up; the words and the limit are those for a line that is up
    soon = NOW + 3 * HOUR
    assert line_down("VISIT", soon, "up", online=True) == []
    assert line_down("VISIT", soon, "up", online=None) == []
    assert line_down("VISIT", soon, "up", online=False) == ["due_too_soon"]
    assert line_down("SIM", NOW + HOUR, "up", online=False) == ["line_down"]
    assert line_down("CALL", NOW + HOUR, "up", online=False) == []


def test_at_the_centre_the_line_was_as_the_operation_says() -> None:
    world = Centre([agent(), customer(), contact("k1", level=2)])
    judged = world.judge(promise("SIM", body={"line": "down", "contact": "k1"}))
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["line_down"])
    assert world.get("p1").data["flags"] == ["line_down"]


# the deadline that is spoken


@pytest.mark.parametrize("off", [-DUE_SLACK_MS, -1, 0, 1, DUE_SLACK_MS])
def test_a_card_that_was_painted_a_while_ago_may_still_be_promised(off: int) -> None:
    world = Centre([agent(), customer()])
    assert codes(world.outcome(promise(body={"due": NOW + HOUR + off}))) == []


def test_a_deadline_is_neither_beyond_the_limit_nor_sooner_than_can_be_kept() -> None:
    world = Centre([agent(), customer()])
    late, soon = NOW + HOUR + DUE_SLACK_MS + 1, NOW + HOUR - DUE_SLACK_MS - 1
    assert codes(world.outcome(promise(body={"due": late}))) == ["due_beyond_limit"]
    assert codes(world.outcome(promise(body={"due": soon}))) == ["due_too_soon"]


def test_closing_time_between_painting_and_promising_is_no_fault() -> None:
    # two hours of office time from 15:59 end at 17:59, from 16:01 on the next morning at 9:01
    world = Centre([agent(), customer()])
    painted = NOW + 5 * HOUR - MINUTE
    body = {"due": painted + 2 * HOUR}
    assert codes(world.outcome(promise("VISIT", body=body, at=painted + 2 * MINUTE))) == []
    assert codes(world.outcome(promise("VISIT", body=body, at=painted + HOUR))) == ["due_too_soon"]


# who and how much (DOMAIN rules 4, 5, 11)


def test_a_promise_needs_the_level_of_its_template_in_this_contact() -> None:
    for level, wanted in ((0, ["verify"]), (1, ["verify"]), (2, [])):
        world = Centre([agent(), customer(), contact("k1", level=level)])
        assert codes(world.outcome(promise("SIM", body={"contact": "k1"}))) == wanted
    world = Centre([agent(), customer(), contact("k1", "c2", level=2)])
    assert codes(world.outcome(promise("SIM", body={"contact": "k1"}))) == ["verify"]
    assert codes(Centre([agent(), customer()]).outcome(promise("SIM"))) == ["verify"]


def test_calling_from_the_line_in_question_is_enough_where_level_one_is() -> None:
    world = Centre([agent(), in_arrears(), contact("k1", caller=CALLER)])
    op = promise("POWER", body={"contact": "k1"}, amount=6000, allowance=CREDIT.id)
    assert codes(world.outcome(op)) == []


def test_money_is_drawn_on_an_allowance_of_its_own_kind_and_of_this_site() -> None:
    for lease, wanted in (
        (COST.id, []),
        (CREDIT.id, ["no_allowance"]),
        ("another", ["no_allowance"]),
        (None, ["no_allowance"]),
    ):
        world = Centre([agent(), overcharged()])
        assert codes(world.outcome(promise("RATE", amount=3000, allowance=lease))) == wanted


def test_beyond_its_allowance_a_promise_is_flagged_honoured_and_booked() -> None:
    world = Centre([agent(), overcharged()], leases={COST.id: replace(COST, left=2999)})
    judged = world.judge(promise("RATE", amount=3000, allowance=COST.id))
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["allowance"])
    assert world.get("p1").data["state"] == "made"
    assert net(world) == 3000


def test_a_line_of_somebody_else_is_flagged() -> None:
    world = Centre([agent(), customer()])
    assert codes(world.outcome(promise(body={"subscription": "c9-m"}))) == ["unknown_line"]


def test_two_sites_that_cant_see_each_other_promise_the_same_thing_once_each() -> None:
    world = Centre([agent(), overcharged()])
    first, second = (promise("RATE", document, amount=3000, allowance=COST.id) for document in ("p1", "p2"))
    assert world.judge(first).verdict is Verdict.APPLIED
    judged = world.judge(second)
    assert (judged.verdict, codes(judged)) == (Verdict.FLAGGED, ["once_per_cycle"])
    assert [world.get(p).data["state"] for p in ("p1", "p2")] == ["made", "made"]
    assert world.get("p2").data["flags"] == ["once_per_cycle"]
    assert net(world) == 6000


def test_a_voided_promise_counts_no_more() -> None:
    world = rate()
    world.judge(about("voided", reason="mis-key"))
    judged = world.judge(promise("RATE", "p2", body={"contact": "k1"}, amount=3000, allowance=COST.id))
    assert judged.verdict is Verdict.APPLIED


def test_the_money_of_a_promise_goes_back_to_the_allowance_it_came_from() -> None:
    world = rate()
    decision = world.outcome(about("withdrawn", reason="no more"))
    assert isinstance(decision, Decision)
    (fact,) = decision.money
    assert (fact.kind, fact.amount, fact.allowance) == ("cost", -3000, COST.id)


# a second deadline


def announced(also: int | None, **more: Any) -> tuple[Centre, list[str]]:
    """Promise a template whose words announce a first contact within 20 minutes, an hour with the line down."""
    second = Also(Bilingual("首次联系", "First contact"), dict.fromkeys(TIERS, Limit(20)), Limit(60))
    policy = replace(CATALOGUE, templates={"VISIT": replace(CATALOGUE.templates["VISIT"], also=second)})
    world = Centre([agent(), customer(line={"kind": "broadband"})], catalogue=policy)
    online = more.get("line") != "down"
    body = {"due": due_at(policy.templates["VISIT"], "standard", online, NOW, policy), "also": also, **more}
    return world, codes(world.judge(promise("VISIT", body=body)))


def test_a_second_deadline_is_kept_with_the_promise_and_compared_with_the_policys() -> None:
    world, marks = announced(NOW + 20 * MINUTE)
    assert marks == []
    data = world.get("p1").data
    assert (data["also_due"], data["also_zh"], data["also_en"]) == (NOW + 20 * MINUTE, "首次联系", "First contact")
    assert index_of(world.get("p1")).due == NOW + 20 * MINUTE
    assert announced(NOW + 20 * MINUTE + DUE_SLACK_MS + 1)[1] == ["due_beyond_limit"]
    assert announced(NOW + 20 * MINUTE - DUE_SLACK_MS - 1)[1] == ["due_too_soon"]
    assert announced(NOW + HOUR, line="down")[1] == []


def test_a_promise_of_a_template_without_one_or_of_an_older_desk_has_no_second_deadline() -> None:
    world, marks = announced(None)
    assert marks == []
    assert world.get("p1").data.get("also_due") is None
    plain = Centre([agent(), customer()])
    plain.judge(promise(body={"also": NOW + MINUTE}))
    assert plain.get("p1").data.get("also_due") is None
