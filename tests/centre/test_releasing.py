"""What was held is decided later, by its author, a person or the centre itself: one effect, and the site is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.centre.authors import CENTRE, dismiss_agent, set_agents
from agentdesk.centre.push import Taken
from agentdesk.centre.releasing import FIRST_LOOK_MS, Because, newer, refuse, release
from agentdesk.centre.storage.rows import Receipt
from agentdesk.centre.waiting import Unreleasable
from agentdesk.domain.decide import Kind, Outcome, Situation, decide
from agentdesk.domain.kinds import KINDS, note
from agentdesk.domain.operation import Operation
from tests.centre.kit import AGENT, SCOPE, Site, World

LEADER = Because("leader", "released", "he told me about it", allowed=True)


def released(world: World, site: Site, *operations: Operation, because: Because = LEADER) -> dict[str, str]:
    """Have operations decided by somebody at the centre, and everything done that this owes."""
    ids = [o.id for o in operations]
    centre = world.centre
    done = centre.database.write(lambda tx: release(tx, world.means, centre.policies, site.id, ids, because)).result()
    centre.jobs.run_due()
    return {r.id: r.verdict for r in done}


def refused(world: World, site: Site, operation: Operation) -> Receipt:
    because = Because("leader", "refused", "he was never there")
    done = world.centre.database.write(lambda tx: refuse(tx, world.means, site.id, operation.id, because)).result()
    world.centre.jobs.run_due()
    return done


def asked(site: Site, what: str, operation: Operation, **body: Any) -> Taken:
    """Let the author ask for something in his own chain; the centre does it afterwards."""
    site.make(f"operation.{what}", operation.id, body, scope=f"site/{site.id}")
    taken = site.push()
    site.world.centre.jobs.run_due()
    return taken


def verdict(world: World, site: Site, operation: Operation) -> str:
    (receipt,) = world.centre.database.read(lambda s: s.receipts(site.id, [operation.id])).result()
    return receipt.verdict


def told(world: World, site: Site, operation: Operation) -> dict[str, Any]:
    """Return what the site is told of an operation."""
    found = world.documents(f"site/{site.id}", operation.id).get(operation.id)
    return dict(found.data) if found else {}


def ledger(world: World, site: Site) -> int:
    return sum(line.amount for line in world.centre.database.read(lambda s: s.ledger(SCOPE)).result()
               if line.site == site.id)  # fmt: skip


def sign_on(world: World, agent: str) -> None:
    agents = [{"id": agent, "name": "王芳", "number": "1099", "role": "agent", "place": "org"}]
    world.centre.database.write(lambda tx: set_agents(tx, world.means, agents)).result()


def later(world: World, ms: int = FIRST_LOOK_MS) -> int:
    world.clock.now += ms
    return world.centre.jobs.run_due()


# ---------------------------------------------------------------- a person at the centre


def test_a_released_promise_keeps_its_one_document_and_its_one_line_in_the_ledger(world: World) -> None:
    site = world.site()
    contact = site.contact()
    site.verify(contact)
    promise = site.promise(contact, actor="stranger")
    spoken = site.spoken(promise)
    site.push()
    assert world.document(promise.document).data["state"] == "held"

    assert released(world, site, promise) == {promise.id: "flagged", spoken.id: "applied"}

    document = world.document(promise.document)
    assert document.data["state"] == "made"
    assert document.data["spoken_at"] is not None
    assert [move["what"] for move in document.data["moves"]] == ["made", "spoken"]
    assert ledger(world, site) == 10_000
    says = told(world, site, promise)
    assert (says["verdict"], says["by"], says["words"]) == ("flagged", "leader", LEADER.words)
    assert says["change"] == document.rev - 1 or says["change"] == document.rev
    assert says["reasons"][0]["code"] == "unknown_actor"


def test_who_released_it_stands_in_the_centres_own_chain(world: World) -> None:
    site = world.site()
    held = site.note(actor="stranger")
    site.push()
    released(world, site, held)

    lineage = world.centre.database.read(lambda s: s.meta("lineage")).result() or ""
    chain = world.centre.database.read(lambda s: s.archived(CENTRE, lineage, 1, 1_000)).result()
    last = json.loads(chain[-1].head)
    assert (last["kind"], last["actor"]) == ("operation.released", "leader")
    assert json.loads(chain[-1].body or "")["operations"] == [held.id]


def test_a_note_of_a_stranger_has_no_effect_until_somebody_lets_it_stand(world: World) -> None:
    site = world.site()
    held, dependant = site.note(actor="stranger"), None
    dependant = site.note(deps=(held.id,))
    site.push()
    assert world.documents(SCOPE, held.document, dependant.document) == {}

    assert released(world, site, held) == {held.id: "flagged", dependant.id: "applied"}
    assert set(world.documents(SCOPE, held.document, dependant.document)) == {held.document, dependant.document}
    assert released(world, site, held) == {}


def test_a_promise_on_which_two_operations_lie_waits_until_both_are_let_go(world: World) -> None:
    site = world.site()
    contact = site.contact()
    site.verify(contact)
    promise = site.promise(contact)
    first = site.make("commitment.spoken", promise.document, {"seconds": 3}, actor="stranger")
    second = site.make("commitment.spoken", promise.document, {"seconds": 4}, actor="nobody")
    site.push()

    released(world, site, first)
    assert world.document(promise.document).data["state"] == "held"
    released(world, site, second)
    assert world.document(promise.document).data["state"] == "made"


def test_what_is_refused_by_a_person_stays_refused_with_his_words(world: World) -> None:
    site = world.site()
    held = site.note(actor="stranger")
    dependant = site.note(deps=(held.id,))
    site.push()
    refused(world, site, held)

    assert verdict(world, site, held) == "refused"
    says = told(world, site, held)
    assert says["reasons"] == [{"code": "refused_by", "values": {"by": "leader", "words": "he was never there"}}]
    with pytest.raises(Unreleasable):
        released(world, site, held)
    released(world, site, dependant)
    assert verdict(world, site, dependant) == "held"
    assert world.documents(SCOPE, held.document, dependant.document) == {}


def test_what_was_spoken_or_is_in_force_is_not_refused(world: World) -> None:
    site = world.site()
    contact = site.contact()
    promise = site.promise(contact, actor="stranger")
    unknown = site.make("note.forecast", "w-1", {})
    site.push()

    codes = []
    for operation in (contact, promise, unknown):
        with pytest.raises(Unreleasable) as problem:
            refused(world, site, operation)
        codes.append(problem.value.reason.code)
    assert codes == ["settled_already", "spoken_stands", "newer_kind"]


def test_words_on_a_promise_that_never_comes_can_be_let_stand(world: World) -> None:
    """A promise depends on a contact that is refused for good: it was said to the customer all the same."""
    site = world.site()
    contact = site.contact(actor="stranger")
    promise = site.promise(contact)
    site.push()
    refused(world, site, contact)
    assert world.document(promise.document).data["state"] == "held"

    released(world, site, promise)
    assert verdict(world, site, promise) == "flagged"
    assert world.document(promise.document).data["state"] == "made"
    assert ledger(world, site) == 10_000


# ---------------------------------------------------------------- the author


def test_an_author_has_his_operation_judged_again(world: World) -> None:
    site = world.site()
    held = site.note(actor="stranger")
    site.push()
    asked(site, "retried", held)
    assert (verdict(world, site, held), told(world, site, held)["verdict"]) == ("held", "held")

    sign_on(world, "stranger")
    asked(site, "retried", held)
    assert verdict(world, site, held) == "applied"
    says = told(world, site, held)
    assert (says["verdict"], says["by"], says["what"], says["round"]) == ("applied", AGENT, "retried", 2)
    assert world.document(held.document).data["by"] == "stranger"


def test_a_refused_move_can_be_tried_again_when_its_time_has_come(world: World) -> None:
    site = world.site()
    body = {"number": "100010000018", "kind": "fault", "customer": "c-1", "title": "x"}
    opened = site.make("ticket.opened", "t-1", body)
    early = site.make("ticket.accepted", "t-1", {})
    site.make("ticket.dispatched", "t-1", {"station": "expert"})
    site.push()
    assert verdict(world, site, early) == "refused"

    asked(site, "retried", early)
    assert (verdict(world, site, early), verdict(world, site, opened)) == ("applied", "applied")
    assert world.document("t-1").data["state"] == "accepted"


def test_an_author_withdraws_what_has_no_effect(world: World) -> None:
    site = world.site()
    held, bad = site.note(actor="stranger"), site.make("note.added", "n-1", {"text": " "})
    site.push()
    for operation in (held, bad):
        asked(site, "withdrawn", operation)
        says = told(world, site, operation)
        assert (says["verdict"], says["reasons"][0]["code"]) == ("refused", "withdrawn")
    sign_on(world, "stranger")
    later(world)
    asked(site, "retried", held)
    assert told(world, site, held)["answer"]["code"] == "refused_for_good"
    assert world.documents(SCOPE, held.document) == {}


def test_a_withdrawal_that_comes_too_late_is_answered(world: World) -> None:
    site = world.site()
    applied = site.note()
    promise = site.promise(site.contact(), actor="stranger")
    site.push()
    asked(site, "withdrawn", applied)
    asked(site, "withdrawn", promise)

    assert told(world, site, applied)["answer"]["code"] == "settled_already"
    assert told(world, site, promise)["answer"]["code"] == "spoken_stands"
    assert (verdict(world, site, applied), verdict(world, site, promise)) == ("applied", "held")


def test_nobody_decides_what_another_site_has_sent(world: World) -> None:
    here, there = world.site("here"), world.site("there")
    held = there.note(actor="stranger")
    there.push()
    here.make("operation.withdrawn", held.id, {}, scope=f"site/{there.id}")
    here.make("operation.withdrawn", held.id, {}, scope=f"site/{here.id}")
    taken = here.push()
    world.centre.jobs.run_due()

    assert [r.verdict for r in taken.verdicts] == ["held", "applied"]
    assert verdict(world, there, held) == "held"


def test_what_depended_on_an_operation_that_another_takes_the_place_of_goes_on(world: World) -> None:
    site = world.site()
    wrong = site.contact(actor="stranger")
    verified = site.verify(wrong)
    promise = site.promise(wrong)
    site.push()
    assert verdict(world, site, promise) == "held"

    right = site.make("contact.opened", wrong.document, wrong.data)
    asked(site, "withdrawn", wrong, superseded_by=right.id)

    assert [verdict(world, site, o) for o in (wrong, right, verified)] == ["refused", "applied", "applied"]
    assert verdict(world, site, promise) == "applied"
    assert world.document(promise.document).data["state"] == "made"
    assert ledger(world, site) == 10_000


# ---------------------------------------------------------------- the centre itself


def test_what_was_missing_is_found_when_it_has_come(world: World) -> None:
    site = world.site()
    first = site.note(deps=("op-late",))
    body = {"kind": "fault", "customer": "c-9", "number": "1", "title": "x"}
    second = site.make("ticket.opened", "t-9", body)
    site.push()
    later(world)
    assert (verdict(world, site, first), told(world, site, first)) == ("held", {})

    site.note(id_="op-late")
    site.push()
    later(world, 2 * FIRST_LOOK_MS)
    assert verdict(world, site, first) == "applied"
    assert told(world, site, first)["by"] == CENTRE
    assert verdict(world, site, second) == "held"


def test_the_centre_looks_less_and_less_often_for_what_never_comes(world: World) -> None:
    site = world.site()
    site.note(deps=("op-never",))
    site.push()
    looks = sum(1 for _ in range(24 * 60) if later(world, 60_000))
    assert 20 < looks < 40
    later(world, 90 * 86_400_000)
    assert world.centre.database.read(lambda s: s.jobs(world.clock.now * 2, 10)).result() == []


def test_a_newer_server_judges_what_an_older_one_did_not_know(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    site = world.site()
    held = site.make("note.forecast", "w-1", {"text": "rain"})
    dependant = site.note(deps=(held.id,))
    other = site.make("never.known", "w-2", {})
    site.push()

    known = Kind("note.forecast", 1, note.KINDS[0].needs, note.KINDS[0].decide)
    monkeypatch.setitem(KINDS, "note.forecast", known)
    world.centre.database.write(lambda tx: tx.put_job(newer("2.0", world.clock.now))).result()
    world.centre.jobs.run_due()

    assert [verdict(world, site, o) for o in (held, dependant, other)] == ["applied", "applied", "held"]
    assert told(world, site, dependant)["verdict"] == "applied"


def test_an_operation_that_crashes_again_is_held_again_and_takes_nobody_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.site()

    def crashing(operation: Operation, situation: Situation) -> Outcome:
        if operation.data.get("customer") == "c-crash":
            raise ZeroDivisionError("a bug in a rule")
        return decide(operation, situation)

    with monkeypatch.context() as patched:
        patched.setattr("agentdesk.centre.judging.decide", crashing)
        bad, dependant = site.note("c-crash"), site.note()
        fine = site.note(actor="stranger")
        site.push()
        assert released(world, site, bad, fine) == {bad.id: "held", fine.id: "flagged"}
    assert released(world, site, bad) == {bad.id: "applied"}
    assert verdict(world, site, dependant) == "applied"


def test_a_promise_under_a_template_that_is_known_later_gets_its_department_and_is_booked_once(world: World) -> None:
    from dataclasses import replace

    from agentdesk.centre.policies import publish
    from tests.centre.kit import catalogue

    site = world.site()
    contact = site.contact()
    site.verify(contact)
    site.promise(contact)
    new = site.make(
        "commitment.made",
        "promise-new",
        {**site.made[-1].data, "number": "100010000042", "template": "X01"},
        deps=(contact.id,),
        amount=500,
        allowance=f"{site.id}.credit",
        catalogue="newer",
    )
    site.push()
    assert verdict(world, site, new) == "held"
    before = ledger(world, site)

    version = replace(
        catalogue(), version="newer", templates={**catalogue().templates, "X01": catalogue().templates["U04"]}
    )
    world.centre.database.write(lambda tx: publish(tx, world.means, version)).result()
    later(world)

    document = world.document("promise-new")
    assert document.data["state"] == "made"
    assert document.data["department"] == catalogue().templates["U04"].department
    assert verdict(world, site, new) in ("applied", "flagged")
    assert ledger(world, site) == before


def test_a_restored_site_sends_what_is_held_again_and_both_places_get_the_later_verdict(world: World) -> None:
    site = world.site()
    held = site.note(actor="stranger")
    site.push()
    again = Site(world, site.enrolled, site.clock, "lineage-restored")
    again._random = lambda count: bytes.fromhex(held.salt)[:count]
    again.make(held.kind, held.document, held.data, id_=held.id, actor="stranger")
    again.push()

    released(world, site, held)
    receipts = world.centre.database.read(lambda s: s.receipts(site.id, [held.id])).result()
    assert [r.verdict for r in receipts] == ["flagged", "flagged"]
    assert {(r.scope, r.change) for r in receipts} == {(SCOPE, world.document(held.document).rev)}


def test_an_approval_that_comes_after_what_is_given_on_it_is_used_when_that_is_let_go(world: World) -> None:
    leader = {"id": "l-1", "name": "赵云", "number": "1001", "role": "team_leader", "place": "org"}
    world.centre.database.write(lambda tx: set_agents(tx, world.means, [leader])).result()
    site, other = world.site(), world.site("floor")
    contact = site.contact()
    site.verify(contact)
    promise = site.promise(contact)
    body = {**promise.data, "approval": "approval-1"}
    site.made.pop()
    promise = site.make(
        "commitment.made", promise.document, body, actor="stranger", version=2, amount=10_000,
        allowance=f"{site.id}.credit",
    )  # fmt: skip
    site.push()
    asked_for = {"number": "100010000026", "template": "U04", "customer": "c-1", "amount": 10_000}
    asked_for |= {"reason": "he waited long", "approver_role": "team_leader"}
    other.make("approval.asked", "approval-1", asked_for)
    other.make("approval.given", "approval-1", {}, actor="l-1", role="team_leader")
    other.push()
    assert world.document("approval-1").data["state"] == "given"

    sign_on(world, "stranger")
    later(world)

    assert verdict(world, site, promise) in ("applied", "flagged")
    approval = world.document("approval-1").data
    assert (approval["state"], approval["used_by"]) == ("used", promise.document)
    assert [move["what"] for move in approval["moves"]] == ["asked", "given", "used"]


def test_another_content_under_the_same_id_is_never_let_go(world: World) -> None:
    site = world.site()
    first = site.note()
    second = site.note(id_=first.id)
    site.push()
    assert second.document not in world.documents(SCOPE, second.document)
    assert released(world, site, first) == {}
    assert world.documents(SCOPE, second.document) == {}


def test_an_agent_dismissed_is_nobody_the_centre_lets_go_by_itself(world: World) -> None:
    site = world.site()
    world.centre.database.write(lambda tx: dismiss_agent(tx, world.means, AGENT)).result()
    heads = world.centre.database.read(lambda s: s.scopes(["org"])).result()
    site.cursors["org"] = f"{heads['org'].epoch}:{heads['org'].seq}"
    held = site.note()
    site.push()
    released(world, site, held, because=Because(CENTRE, "released"))
    assert verdict(world, site, held) == "held"
    released(world, site, held)
    assert verdict(world, site, held) == "flagged"


# ---------------------------------------------------------------- whatever happens


Deed = tuple[str, int]
DEEDS = st.lists(
    st.tuples(st.sampled_from(["retried", "withdrawn", "release", "refuse", "sign_on", "later", "resend"]),
              st.integers(0, 5)),
    max_size=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    strangers=st.sets(st.integers(0, 5)),
    deps=st.lists(st.sets(st.integers(0, 4), max_size=2), min_size=6, max_size=6),
    deeds=DEEDS,
)
def test_whatever_is_done_there_is_one_effect_one_verdict_and_the_site_knows_it(
    world: World, strangers: Collection[int], deps: list[set[int]], deeds: list[Deed]
) -> None:
    site = world.site()
    name = site.name("stranger")
    notes: list[Operation] = []
    for index in range(6):
        on = tuple(notes[d].id for d in sorted(deps[index]) if d < index)
        notes.append(site.note(actor=name if index in strangers else AGENT, deps=on))
    site.push()
    first = {o.id: verdict(world, site, o) for o in notes}
    steps: dict[str, Callable[[Operation], object]] = {
        "retried": lambda o: asked(site, "retried", o),
        "withdrawn": lambda o: asked(site, "withdrawn", o),
        "release": lambda o: _tried(lambda: released(world, site, o)),
        "refuse": lambda o: _tried(lambda: refused(world, site, o)),
        "sign_on": lambda _o: sign_on(world, name),
        "later": lambda _o: later(world, 3_600_000),
        "resend": lambda _o: site.push(),
    }
    settled: dict[str, str] = {}
    for what, index in deeds:
        steps[what](notes[index])
        for o in notes:
            now = verdict(world, site, o)
            # what is in force stays as it was decided
            assert settled.get(o.id, now) == now
            if now in ("applied", "merged", "flagged"):
                settled[o.id] = now
    for o in notes:
        now = verdict(world, site, o)
        effect = o.document in world.documents(SCOPE, o.document)
        assert effect == (now in ("applied", "merged", "flagged"))
        if now != first[o.id]:
            assert told(world, site, o)["verdict"] == now
        if effect:
            assert all(verdict(world, site, d) not in ("held", "refused") for d in notes if d.id in o.deps)
            log = world.centre.database.read(lambda s: s.log_entries(SCOPE, 0, 100_000)).result()
            assert [row.document for row in log].count(o.document) == 1
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0
    resent = {r.id: r.verdict for r in site.push().verdicts}
    assert {o.id: resent[o.id] for o in notes} == {o.id: verdict(world, site, o) for o in notes}


def _tried(deed: Callable[[], object]) -> None:
    with suppress(Unreleasable):
        deed()
