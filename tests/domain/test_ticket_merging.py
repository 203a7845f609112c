"""Tickets that are linked, merged, split and taken apart again: nothing is lost, and all of it can be undone."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain.verdict import Verdict
from tests.domain.test_ticket_loop import REPLY, TO_NETWORK, Tickets, tickets
from tests.domain.world import DAY, HOUR, NOW, REGION, codes, customer

COUNTED = ("state", "level", "chases", "due", "policy_due", "law_due")


def pair() -> Tickets:
    world = tickets()
    world.open("t1", symptom="fault.broadband.drops")
    world.open("t2", kind="complaint", at=NOW + HOUR)
    return world


def counted(world: Tickets, ticket: str) -> dict[str, Any]:
    return {name: world.data(ticket).get(name) for name in COUNTED}


def test_a_merged_ticket_rests_and_the_other_takes_its_chases_level_and_earlier_deadline() -> None:
    world = pair()
    world.move("chased", ticket="t2")
    assert world.move("merged", {"ticket": "t1"}, ticket="t2").verdict is Verdict.APPLIED
    assert (world.data("t2")["state"], world.data("t2")["merged_into"]) == ("merged", "t1")
    data = world.data("t1")
    assert data["chases"] == 1
    assert data["due"] == NOW + 36 * HOUR
    assert [part["ticket"] for part in data["merged"]] == ["t2"]
    assert data["moves"][-1]["what"] == "merged_here"
    assert codes(world.move("replied", REPLY, ticket="t2")) == ["ticket_state"]
    # what is said of it all the same is honoured, and marked
    assert codes(world.move("chased", ticket="t2")) == ["ticket_closed"]


def test_merging_into_the_later_one_keeps_the_earlier_deadline_until_it_is_taken_out() -> None:
    world = pair()
    before = counted(world, "t1"), counted(world, "t2")
    world.move("merged", {"ticket": "t2"}, ticket="t1")
    assert world.data("t2")["due"] == NOW + 36 * HOUR
    assert world.move("unmerged", {"ticket": "t2"}, ticket="t1").verdict is Verdict.APPLIED
    assert (counted(world, "t1"), counted(world, "t2")) == before


def test_what_doesnt_belong_together_isnt_merged() -> None:
    world = tickets(customer("c2"))
    world.open("t1")
    world.open("t2", customer="c2")
    assert codes(world.move("merged", {"ticket": "t1"})) == ["same_ticket"]
    assert codes(world.move("merged", {"ticket": "t2"})) == ["other_customers_ticket"]
    assert codes(world.move("merged", {"ticket": "t9"})) == ["unknown_document"]
    assert codes(world.move("merged", {"ticket": "c1"})) == ["malformed"]
    assert codes(world.move("unmerged", {"ticket": "t2"})) == ["ticket_state"]
    # another customer's ticket may be linked, so that one knows of it
    assert world.move("linked", {"ticket": "t2"}).verdict is Verdict.APPLIED


def test_a_link_is_known_on_both_sides_and_gone_on_both() -> None:
    world = pair()
    world.move("linked", {"ticket": "t2", "relation": "cause"})
    assert [one["relation"] for one in world.data("t1")["links"]] == ["cause"]
    assert [one["relation"] for one in world.data("t2")["links"]] == ["caused"]
    assert world.move("unlinked", {"ticket": "t1"}, ticket="t2").verdict is Verdict.APPLIED
    assert not world.data("t1")["links"]
    assert not world.data("t2")["links"]
    assert codes(world.move("unlinked", {"ticket": "t2"})) == ["not_linked"]


def test_a_part_that_is_split_off_gains_no_time_and_merging_takes_it_back() -> None:
    world = pair()
    before = counted(world, "t1")
    body = {"ticket": "t3", "number": "3", "title": "the bill too", "kind": "complaint", "words": "twice"}
    assert world.move("split", body, at=NOW + 5 * HOUR).verdict is Verdict.APPLIED
    part = world.data("t3")
    assert (part["due"], part["law_due"]) == (NOW + 36 * HOUR, NOW + 15 * DAY)
    assert (part["first_responsible"], part["split_from"], part["state"]) == ("1024", "t1", "open")
    assert codes(world.move("split", body)) == ["exists_already"]
    assert codes(world.move("split", {**body, "ticket": "t1"})) == ["exists_already"]
    assert world.move("merged", {"ticket": "t1"}, ticket="t3", at=NOW + 6 * HOUR).verdict is Verdict.APPLIED
    assert counted(world, "t1") == before


class Merging(RuleBasedStateMachine):
    """Three tickets of one customer, merged and taken apart in any order while they live on."""

    NAMES = ("t1", "t2", "t3")

    def __init__(self) -> None:
        super().__init__()
        self.world = tickets()
        self.world.open("t1", symptom="fault.broadband.drops")
        self.world.open("t2", kind="complaint", at=NOW + HOUR)
        self.world.open("t3", kind="request", at=NOW + 2 * HOUR)
        self.at = NOW + 2 * HOUR
        self.moves: dict[str, list[Any]] = {name: [] for name in self.NAMES}
        self.undo: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = []

    @rule(ms=st.integers(0, 10 * HOUR))
    @precondition(lambda self: not self.undo)
    def pass_time(self, ms: int) -> None:
        self.at += ms

    @rule(name=st.sampled_from(NAMES))
    def chase(self, name: str) -> None:
        self.world.move("chased", at=self.at, ticket=name)
        self.undo.clear()

    @rule(name=st.sampled_from(NAMES), hours=st.integers(1, 9))
    def pause(self, name: str, hours: int) -> None:
        self.world.move(
            "paused", {"reason": "customer_later", "until": self.at + hours * HOUR}, at=self.at, ticket=name
        )
        self.undo.clear()

    @rule(name=st.sampled_from(NAMES))
    def resume(self, name: str) -> None:
        self.at += HOUR
        self.world.move("resumed", at=self.at, ticket=name)
        self.undo.clear()

    @rule(name=st.sampled_from(NAMES))
    def work(self, name: str) -> None:
        for what, body in (("dispatched", TO_NETWORK), ("accepted", {}), ("reopened", {"reason": "again"})):
            if self.world.move(what, body, at=self.at, ticket=name).verdict is Verdict.APPLIED:
                break
        self.undo.clear()

    @rule(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES))
    def merge(self, name: str, other: str) -> None:
        before = counted(self.world, name), counted(self.world, other)
        if self.world.move("merged", {"ticket": other}, at=self.at, ticket=name).verdict is Verdict.APPLIED:
            self.undo.append((name, other, *before))

    @rule()
    @precondition(lambda self: self.undo)
    def take_out_again(self) -> None:
        """Undone at once, merging leaves both tickets as they were."""
        name, other, mine, theirs = self.undo.pop()
        assert self.world.move("unmerged", {"ticket": other}, at=self.at, ticket=name).verdict is Verdict.APPLIED
        assert (counted(self.world, name), counted(self.world, other)) == (mine, theirs)

    @rule(name=st.sampled_from(NAMES))
    def take_out(self, name: str) -> None:
        into = self.world.data(name).get("merged_into")
        if into is not None:
            self.world.move("unmerged", {"ticket": into}, at=self.at, ticket=name)
            self.undo.clear()

    @invariant()
    def no_move_is_lost(self) -> None:
        for name in self.NAMES:
            moves = self.world.data(name)["moves"]
            assert moves[: len(self.moves[name])] == self.moves[name]
            self.moves[name] = moves

    @invariant()
    def who_rests_is_known_where_he_rests(self) -> None:
        for name in self.NAMES:
            data = self.world.data(name)
            into = data.get("merged_into")
            assert (data["state"] == "merged") is (into is not None)
            holders = [
                n for n in self.NAMES if any(p["ticket"] == name for p in self.world.data(n).get("merged") or ())
            ]
            assert holders == ([into] if into else [])

    @invariant()
    def chases_are_counted_and_nobody_waits_longer_for_a_merge(self) -> None:
        for name in self.NAMES:
            data = self.world.data(name)
            own = sum(move["what"] == "chased" for move in data["moves"])
            brought = sum(part["chases"] for part in data.get("merged") or ())
            assert data["chases"] == own + brought
            assert data["due"] <= (data["policy_due"] or data["due"])


TestMerging = Merging.TestCase
TestMerging.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_a_site_is_told_of_both_tickets() -> None:
    world = pair()
    world.move("dispatched", TO_NETWORK, ticket="t1")
    judged = world.move("merged", {"ticket": "t1"}, ticket="t2")
    assert judged.decision is not None
    assert [(c.scope, c.id) for c in judged.decision.changes] == [(REGION, "t2"), (REGION, "t1")]
    assert judged.decision.changes[1].audience == ("department/network",)
