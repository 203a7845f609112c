"""Taking batches: exactly once, in order, and nothing blocks what stands behind it."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.centre.authors import dismiss_agent
from agentdesk.centre.errors import Rejected
from agentdesk.centre.push import Taken
from agentdesk.domain.decide import Outcome, Situation, decide
from agentdesk.domain.operation import GENESIS, Operation, head_hash
from agentdesk.protocol.errors import ErrorCode
from tests.centre.kit import AGENT, SCOPE, Site, World, wire


def verdicts(taken: Taken) -> list[str]:
    return [receipt.verdict for receipt in taken.verdicts]


def reasons(taken: Taken, index: int = -1) -> list[str]:
    return [reason["code"] for reason in json.loads(taken.verdicts[index].reasons)]


def test_a_call_with_a_promise_is_applied(world: World) -> None:
    site = world.site()
    promise = site.whole_call()

    assert verdicts(site.push()) == ["applied"] * 4
    document = world.document(promise.document)
    assert document.data["state"] == "made"
    assert document.data["spoken_at"] is not None


def test_a_verdict_says_where_the_change_stands_in_its_home_scope(world: World) -> None:
    site = world.site()
    first, second = site.note(), site.note()
    taken = site.push()

    log = {row["id"]: row["rev"] for page in site.pull_all(SCOPE) for row in page["rows"]}
    assert [(r.scope, r.change) for r in taken.verdicts] == [
        (SCOPE, log[first.document]),
        (SCOPE, log[second.document]),
    ]


def test_what_was_seen_is_answered_from_its_receipt(world: World) -> None:
    site = world.site()
    site.whole_call()
    first = site.push()
    again = site.push()

    assert again.verdicts == first.verdicts
    assert len(world.centre.database.read(lambda s: s.ledger(SCOPE)).result()) == 1


def test_a_batch_that_overlaps_what_was_seen_goes_on_where_it_ended(world: World) -> None:
    site = world.site()
    site.note(), site.note()
    site.push()
    site.note()
    taken = site.push()

    assert [r.seq for r in taken.verdicts] == [1, 2, 3]
    assert taken.last_seq == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(cuts=st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12)), max_size=12))
def test_however_batches_are_cut_and_sent_again_the_result_is_the_same(
    world: World, cuts: list[tuple[int, int]]
) -> None:
    """Any order of overlapping batches: a gap is refused, everything else leaves each operation once."""
    site = world.site()
    for _ in range(3):
        site.whole_call(1)
    done = 0
    for start, length in [*cuts, (0, 12)]:
        batch = site.made[start : start + length]
        if batch[0].seq - 1 > done:
            with pytest.raises(Rejected) as refused:
                site.push(batch)
            assert (refused.value.code, refused.value.expect) == (ErrorCode.GAP, done + 1)
        else:
            taken = site.push(batch)
            done = max(done, batch[-1].seq)
            assert [r.id for r in taken.verdicts] == [o.id for o in batch]
            assert taken.last_seq == done
    ledger = world.centre.database.read(lambda s: s.ledger(SCOPE)).result()
    assert len([line for line in ledger if line.site == site.id]) == 3
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0


def test_a_gap_tells_what_is_wanted_next(world: World) -> None:
    site = world.site()
    first, _, third = site.note(), site.note(), site.note()
    site.push([first])

    with pytest.raises(Rejected) as refused:
        site.push([third])
    assert refused.value.code is ErrorCode.GAP
    assert (refused.value.expect, refused.value.last_hash) == (2, first.hash)


def test_another_operation_at_the_same_place_is_a_fork(world: World) -> None:
    site = world.site()
    site.note()
    site.push()
    twin = Site(world, site.enrolled, site.clock, site.lineage)
    twin._random = lambda count: b"\1" * count
    twin.note(id_="another")

    with pytest.raises(Rejected) as refused:
        twin.push()
    assert refused.value.code is ErrorCode.FORKED


def test_a_chain_that_goes_on_from_another_history_is_a_fork(world: World) -> None:
    site = world.site()
    site.note()
    site.push()
    second = site.note()

    with pytest.raises(Rejected) as refused:
        site.push([second], after_hash=GENESIS)
    assert refused.value.code is ErrorCode.FORKED
    with pytest.raises(Rejected):
        site.push([second], after_seq=1, after_hash=head_hash("another"))


def test_an_unknown_kind_is_held_and_blocks_nothing(world: World) -> None:
    site = world.site()
    site.make("weather.forecast", "w-1", {"sun": True})
    site.make("note.added", "n-new", {"text": "来自更新的版本"}, version=99)
    site.note()
    taken = site.push()

    assert verdicts(taken) == ["held", "held", "applied"]
    assert reasons(taken, 0) == ["newer_kind"]
    archived = world.centre.database.read(lambda s: s.archived(site.id, site.lineage, 1, 3)).result()
    assert [(a.head, a.salt, a.body) for a in archived] == [wire(o) for o in site.made]


@pytest.mark.parametrize(
    "texts",
    [
        ("", "", ""),
        ("not json", "salt", "{}"),
        ("[]", "salt", "{}"),
        ('{"v":1}', "salt", "{}"),
        ("{" * 5_000, "salt", "[" * 5_000),
        ('{"id":"\\u0000"}', "s", '{"a":1e999}'),
        ("null", "s", "null"),
    ],
    ids=["empty", "text", "list", "no-fields", "deep", "odd", "null"],
)
def test_garbage_is_kept_as_it_came_and_held(world: World, texts: tuple[str, str, str]) -> None:
    site = world.site()
    site.note()
    site.push()
    operations = [texts, texts]
    taken = site.push([], after_seq=1, after_hash=site.made[0].hash, operations=operations)

    assert verdicts(taken) == ["held", "held"]
    assert reasons(taken) == ["unreadable"]
    kept = world.centre.database.read(lambda s: s.archived(site.id, site.lineage, 2, 3)).result()
    assert [(a.head, a.salt, a.body) for a in kept] == operations


def test_what_stands_behind_garbage_goes_on(world: World) -> None:
    site = world.site()
    first, second, third = site.note(), site.note(), site.note()
    operations = [wire(first), (second.head, second.salt, '{"text":"tampered"}'), wire(third)]
    taken = site.push(site.made, operations=operations)

    assert verdicts(taken) == ["applied", "held", "applied"]
    assert taken.verdicts[1].id == second.id


def test_an_operation_out_of_its_place_in_the_chain_is_held(world: World) -> None:
    site = world.site()
    site.note()
    skipped = site.note()
    third = site.note()
    site.made.remove(skipped)
    taken = site.push(operations=[wire(o) for o in site.made])

    assert verdicts(taken) == ["applied", "held"]
    assert reasons(taken) == ["chain_broken"]
    assert taken.verdicts[1].id == third.id


def test_operations_of_another_site_or_lineage_are_held(world: World) -> None:
    here, there = world.site("here"), world.site("there")
    there.note()
    taken = here.push([], operations=[wire(there.made[0])])

    assert (verdicts(taken), reasons(taken)) == (["held"], ["foreign_lineage"])


def test_a_site_writes_only_into_its_own_scopes(world: World) -> None:
    site = world.site()
    site.note(scope="region/shanghai")
    site.note(scope="catalogue")
    site.note()
    taken = site.push()

    assert verdicts(taken) == ["held", "held", "applied"]
    assert reasons(taken, 0) == reasons(taken, 1) == ["foreign_scope"]


def test_dependants_of_what_is_held_are_held_with_it(world: World) -> None:
    site = world.site()
    unknown = site.make("weather.forecast", "w-1", {})
    dependant = site.note(deps=(unknown.id,))
    site.note(deps=(dependant.id,))
    free = site.note()
    site.note(deps=(free.id,))
    taken = site.push()

    assert verdicts(taken) == ["held", "held", "held", "applied", "applied"]
    assert reasons(taken, 1) == ["dependency"]


def test_dependants_are_held_in_later_batches_too(world: World) -> None:
    site = world.site()
    unknown = site.make("weather.forecast", "w-1", {})
    site.push()
    site.note(deps=(unknown.id,))
    site.note(deps=("never-seen",))
    taken = site.push()

    assert verdicts(taken)[1:] == ["held", "held"]
    assert (reasons(taken, 1), reasons(taken, 2)) == (["dependency"], ["dependency_missing"])


def test_a_refused_operation_changes_nothing(world: World) -> None:
    site = world.site()
    before = world.centre.database.read(lambda s: s.scopes([SCOPE])).result()
    site.make("note.added", "n-1", {"text": "   "})
    taken = site.push()

    assert verdicts(taken) == ["refused"]
    assert (taken.verdicts[0].scope, taken.verdicts[0].change) == (None, None)
    assert world.centre.database.read(lambda s: s.scopes([SCOPE])).result() == before


def test_the_same_id_with_another_body_is_an_alarm_and_held(world: World) -> None:
    site = world.site()
    first = site.note()
    site.push()
    site.note(id_=first.id)
    taken = site.push()

    assert verdicts(taken)[1:] == ["held"]
    assert reasons(taken) == ["reused_id"]
    assert taken.alarms == (f"reused_id:{first.id}",)


def test_a_restored_site_that_sends_under_a_new_lineage_changes_nothing_twice(world: World) -> None:
    """The same operation, sealed again into another lineage: the verdict that it has, and one promise."""
    site = world.site()
    site.whole_call()
    first = site.push()
    again = Site(world, site.enrolled, site.clock, "lineage-restored")
    for old in site.made:
        again._random = lambda count, salt=old.salt: bytes.fromhex(salt)[:count]
        again.make(
            old.kind,
            old.document,
            old.data,
            id_=old.id,
            deps=old.deps,
            allowance=old.allowance,
            amount=old.amount,
        )
    taken = again.push()

    assert [(r.verdict, r.scope, r.change) for r in taken.verdicts] == [
        (r.verdict, r.scope, r.change) for r in first.verdicts
    ]
    assert len(world.centre.database.read(lambda s: s.ledger(SCOPE)).result()) == 1
    assert taken.alarms == ()


def test_an_agent_dismissed_before_the_site_could_know_is_honoured_and_flagged(world: World) -> None:
    site = world.site()
    heads = world.centre.database.read(lambda s: s.scopes(["org"])).result()
    site.cursors["org"] = f"{heads['org'].epoch}:{heads['org'].seq}"
    site.note()
    world.centre.database.write(lambda tx: dismiss_agent(tx, world.means, AGENT)).result()
    site.note()
    heads = world.centre.database.read(lambda s: s.scopes(["org"])).result()
    site.cursors["org"] = f"{heads['org'].epoch}:{heads['org'].seq}"
    site.note()
    taken = site.push()

    assert verdicts(taken) == ["flagged", "flagged", "held"]
    assert reasons(taken, 0) == reasons(taken, 2) == ["dismissed"]


def test_conflicting_promises_of_two_sites_are_both_honoured_and_one_is_flagged(world: World) -> None:
    one, two = world.site("one"), world.site("two")
    promises = [one.whole_call(1), two.whole_call(1)]
    first, second = one.push(), two.push()

    assert verdicts(first) == ["applied"] * 4
    assert sorted(verdicts(second)) == ["applied", "applied", "applied", "flagged"]
    assert "once_per_cycle" in reasons(second, 2)
    assert [world.document(p.document).data["state"] for p in promises] == ["made", "made"]
    assert [line.amount for line in world.centre.database.read(lambda s: s.ledger(SCOPE)).result()] == [10_000, 10_000]


def test_a_promise_that_is_held_is_a_document_whose_clock_runs(world: World) -> None:
    site = world.site()
    contact = site.contact(1)
    promise = site.promise(contact, 1, actor="nobody-known")
    taken = site.push()

    assert verdicts(taken) == ["applied", "held"]
    document = world.document(promise.document)
    assert (document.data["state"], document.data["due"]) == ("held", promise.data["due"])
    assert taken.verdicts[1].change == document.rev


def test_conflicting_promises_in_one_batch_are_seen_too(world: World) -> None:
    site = world.site()
    site.whole_call(1)
    site.whole_call(1)
    taken = site.push()

    assert [v for v in verdicts(taken) if v != "applied"] == ["flagged"]


def test_an_unknown_catalogue_version_is_decided_with_the_newest_and_flagged(world: World) -> None:
    site = world.site()
    contact = site.contact()
    site.verify(contact)
    site.promise(contact, catalogue="never-published")
    taken = site.push()

    assert verdicts(taken) == ["applied", "applied", "flagged"]
    assert reasons(taken) == ["catalogue_unknown"]


def test_a_crash_in_the_rules_holds_only_the_operation_that_crashed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.site()
    site.whole_call(1)
    bad = site.note("c-crash")
    site.note(deps=(bad.id,))
    site.whole_call(2)

    def crashing(operation: Operation, situation: Situation) -> Outcome:
        if operation.data.get("customer") == "c-crash":
            raise ZeroDivisionError("a bug in a rule")
        return decide(operation, situation)

    monkeypatch.setattr("agentdesk.centre.judging.decide", crashing)
    taken = site.push()

    assert verdicts(taken) == ["applied"] * 4 + ["held", "held"] + ["applied"] * 4
    assert (reasons(taken, 4), reasons(taken, 5)) == (["crashed"], ["dependency"])
    assert f"crashed:{bad.id}:ZeroDivisionError" in taken.alarms
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0


@pytest.mark.parametrize("due", [2**62, 2**70, -(2**70), 10**400], ids=["62", "70", "minus", "googol"])
def test_figures_that_no_database_keeps_break_no_batch(world: World, due: int) -> None:
    site = world.site()
    body = {"number": "1", "kind": "fault", "customer": "c-1", "title": "x", "due": due}
    site.make("ticket.opened", "t-1", body)
    site.note()
    taken = site.push()

    assert verdicts(taken)[0] in ("held", "refused")
    assert verdicts(taken)[1] == "applied"


def test_instants_are_estimated_from_the_monotonic_clock(world: World) -> None:
    site = world.site()
    site.clock.skew = 400 * 86_400_000
    site.note()
    world.clock.now += 3_600_000
    site.clock.now += 3_600_000
    site.push()
    archived = world.centre.database.read(lambda s: s.archived(site.id, site.lineage, 1, 1)).result()[0]

    assert archived.made_at == world.clock.now - 3_600_000
    assert (archived.source, bool(archived.marked)) == ("monotonic", True)


def test_a_closed_site_is_turned_away(world: World) -> None:
    from agentdesk.centre.enrol import revoke

    site = world.site()
    site.note()
    world.centre.database.write(lambda tx: revoke(tx, world.means, site.id)).result()

    with pytest.raises(Rejected) as refused:
        site.push()
    assert refused.value.code is ErrorCode.REVOKED
