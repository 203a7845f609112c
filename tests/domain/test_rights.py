"""What a role may do, by the author's own document and the policy in force, whatever an operation says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.domain.access import SignIn, belongs, may
from agentdesk.domain.decide import ORG, Refusal, Situation, decide, kind_of, needs
from agentdesk.domain.documents import Document
from agentdesk.domain.judgement import Judgement, judge
from agentdesk.domain.kinds import KINDS
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.zone import DAY_MS
from agentdesk.domain.verdict import Verdict
from tests.domain.world import AGENT, NOW, Centre, agent, codes, customer, operation, place, promise
from tests.policy import CATALOGUE

FRONT = frozenset({"note", "contact", "commitment", "ticket.opened"})
LOOKS = frozenset({"note"})


def policy(version: str = "now", /, **rights: frozenset[str] | None) -> Catalogue:
    """Return the tests' policy with the rights of some roles; all others have none."""
    roles = {name: replace(role, rights=rights.get(name, frozenset())) for name, role in CATALOGUE.roles.items()}
    return replace(CATALOGUE, version=version, roles=roles)


def judged(
    op: Operation,
    newest: Catalogue,
    author: Document | None = None,
    cited: Catalogue | None = None,
    places: frozenset[str] | None = None,
    at: int | None = None,
    allowed: bool = False,
) -> Judgement:
    """Judge an operation as the centre does, under the policy in force."""
    world = Centre([author or agent(), customer()])
    answers = world.fold.answers(needs(op), op.wall)
    where = Situation(answers, cited or newest, at or op.wall, newest=newest, places=places, allowed=allowed)
    return judge(op, kind_of(op), decide(op, where), world.fold.get(op.scope, op.document))


def note(**more: Any) -> Operation:
    return operation("note.added", {"text": "x"}, "n1", **more)


def test_a_right_is_a_kind_or_the_word_before_its_dot() -> None:
    role = replace(CATALOGUE.roles["agent"], rights=FRONT)
    assert [may(role, kind) for kind in ("note.added", "ticket.opened", "ticket.closed", "notes.added")] == [
        True,
        True,
        False,
        False,
    ]
    assert may(replace(role, rights=None), "anything.at_all")
    assert not may(None, "note.added")


def test_a_policy_that_says_nothing_of_rights_limits_nobody() -> None:
    assert judged(note(), CATALOGUE).verdict is Verdict.APPLIED


def test_what_a_role_may_not_do_is_refused_and_what_was_spoken_is_honoured_and_marked() -> None:
    nothing = policy(expert=FRONT)
    refused = judged(note(), nothing)
    assert (refused.verdict, codes(refused)) == (Verdict.REFUSED, ["not_allowed"])
    assert refused.reasons[0].values == {"role": "agent", "roles": ["expert"]}
    spoken = judged(promise(), nothing)
    assert (spoken.verdict, codes(spoken)) == (Verdict.FLAGGED, ["not_allowed"])
    assert spoken.decision is not None
    assert judged(note(), policy(agent=FRONT)).verdict is Verdict.APPLIED


def test_a_desk_doesnt_make_what_its_agent_may_not_do() -> None:
    world = Centre([agent(), customer()], catalogue=policy(expert=FRONT), online=True)
    for op in (note(), promise()):
        outcome = world.outcome(op)
        assert isinstance(outcome, Refusal) or outcome.flags


@pytest.mark.parametrize("said", ["expert", "team_leader", "admin", "nobody"])
def test_the_role_is_the_documents_and_never_the_operations_word(said: str) -> None:
    forged = judged(note(role=said), policy(expert=FRONT, team_leader=FRONT, admin=FRONT))
    assert (forged.verdict, codes(forged)) == (Verdict.REFUSED, ["not_allowed"])
    raised = judged(note(role=said), policy(agent=FRONT))
    assert codes(raised) == ["role_differs"]


@given(st.sampled_from(sorted(CATALOGUE.roles)), st.sampled_from(sorted(CATALOGUE.roles)))
def test_saying_another_role_gives_nobody_more(own: str, said: str) -> None:
    limits = policy(**{name: FRONT if name == "team_leader" else LOOKS for name in CATALOGUE.roles})
    author = agent(role=own)
    honest = judged(promise(role=own), limits, author)
    forged = judged(promise(role=said), limits, author)
    assert set(codes(honest)) <= set(codes(forged)) | {"role_differs"}


def test_who_was_promoted_or_moved_before_his_site_could_know_has_the_role_he_had() -> None:
    limits = policy(team_leader=FRONT, agent=LOOKS)
    moved = agent(role="agent", role_before="team_leader", rev=9, revs={"*": (1, "centre"), "role": (9, "centre")})

    def at(cursor: str) -> Judgement:
        op = promise(role="team_leader", where=place(cursors={ORG: cursor}))
        return judged(op, limits, moved)

    assert codes(at("e1:8")) == ["role_differs"]
    assert codes(at("e1:9")) == ["role_differs", "not_allowed"]


def test_rights_go_by_the_policy_in_force_also_for_who_names_an_older_one() -> None:
    wide, narrow = policy("old", agent=FRONT), policy("new", agent=frozenset())
    # he worked under the older one: honoured, and marked
    assert codes(judged(note(), narrow, cited=wide)) == ["not_allowed"]
    assert judged(note(), narrow, cited=wide).verdict is Verdict.FLAGGED
    # one that says nothing of rights gives none
    assert judged(note(), narrow, cited=CATALOGUE).verdict is Verdict.REFUSED
    assert judged(note(), wide, cited=narrow).verdict is Verdict.APPLIED


def test_a_person_lets_stand_what_a_role_may_not_do() -> None:
    let = judged(note(), policy(expert=FRONT), allowed=True)
    assert (let.verdict, codes(let)) == (Verdict.FLAGGED, ["not_allowed"])


@pytest.mark.parametrize(
    ("more", "here"),
    [
        ({}, False),
        ({"region": "region/sh"}, False),
        ({"region": "region/bj"}, True),
        ({"site": "site-1"}, True),
        ({"site": "site-2"}, False),
        ({"place": ORG}, True),
        ({"signed_in": {"site-1": NOW}}, True),
        ({"signed_in": {"site-2": NOW}}, False),
    ],
)
def test_an_agent_acts_where_he_belongs_or_has_signed_in(more: dict[str, Any], here: bool) -> None:
    scopes = frozenset({"catalogue", ORG, "region/bj", "site/site-1"})
    author = agent(**more)
    assert belongs(author, "site-1", scopes) == here
    checked = replace(policy(agent=FRONT), sign_in=SignIn(places=True))
    quiet, spoken = judged(note(), checked, author, places=scopes), judged(promise(), checked, author, places=scopes)
    if here:
        assert (quiet.verdict, spoken.verdict) == (Verdict.APPLIED, Verdict.APPLIED)
    else:
        assert (quiet.verdict, codes(quiet)) == (Verdict.HELD, ["not_signed_in"])
        assert (spoken.verdict, codes(spoken)) == (Verdict.FLAGGED, ["not_signed_in"])
    # a site knows by itself who sits there, and a policy may leave it open
    assert judged(note(), checked, author).verdict is Verdict.APPLIED
    assert judged(note(), policy(agent=FRONT), author, places=scopes).verdict is Verdict.APPLIED


def test_who_was_dismissed_longer_ago_than_anybody_may_work_alone_is_held_whatever_his_site_says_it_saw() -> None:
    gone = agent(rev=9, revs={"*": (1, "centre"), "dismissed_at": (9, "centre")}, dismissed_at=NOW)
    days = CATALOGUE.sign_in.offline_days
    for op in (note(where=place(cursors={})), promise(where=place(cursors={}))):
        assert judged(op, CATALOGUE, gone, at=NOW + days * DAY_MS - 1).verdict is Verdict.FLAGGED
        assert judged(op, CATALOGUE, gone, at=NOW + days * DAY_MS).verdict is Verdict.HELD


def test_the_samples_roles_have_what_they_need() -> None:
    roles = packaged().roles
    for name in ("agent", "clerk", "expert", "team_leader", "duty_manager", "hall_manager"):
        assert all(may(roles[name], kind) for kind in ("commitment.made", "ticket.opened", "contact.opened"))
    assert {name for name, role in roles.items() if may(role, "approval.given")} == {
        name for name, role in roles.items() if role.approves
    }
    for name in ("inspector", "editor", "admin"):
        assert not any(may(roles[name], kind) for kind, known in KINDS.items() if known.spoken)
    assert AGENT
