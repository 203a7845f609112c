"""Operations that change several documents: what a site shows of all of them, whatever the centre sends of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agentdesk.catalogue.compiled import dump
from agentdesk.domain.decide import ORG, Decision
from agentdesk.domain.documents import Change, Document, Key
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.store.site import Site
from tests.domain.test_approval import POLICY, RULES
from tests.domain.world import DAY, MINUTE, NOW, REGION, agent
from tests.policy import VERSION
from tests.store.test_view import DOCUMENTS
from tests.store.world import Centre, draft, make_site, open_site, page, promised, pull_all, push_all, ticket

WAITS = replace(POLICY, version="test-2")
"""A policy under which a promise may wait for its approval."""

LEADER = agent("3001", role="team_leader")
GIVEN = {"state": "given", "approver": LEADER.id, "approver_role": "team_leader", "given_at": NOW, "due": NOW + DAY}


def test_a_page_about_one_of_two_merged_tickets_leaves_both_as_the_site_made_them(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit(ticket("t1"))
    site.commit(ticket("t2"))
    push_all(site, centre)
    pull_all(site, centre)
    site.commit(draft("ticket.merged", "t2", {"ticket": "t1"}))
    # somebody else changes the one that took the other in, before the centre knows of the merging
    centre.apply(Decision((Change(REGION, "t1", "ticket", {"wants": "quick"}),)), "lineage-2")
    pull_all(site, centre)

    into, part = (site.view.document(REGION, name) for name in ("t1", "t2"))
    assert into is not None
    assert part is not None
    assert (into.data["wants"], [one["ticket"] for one in into.data["merged"]]) == ("quick", ["t2"])
    assert part.data["state"] == "merged"

    (answer,) = push_all(site, centre)
    assert answer.verdict in (Verdict.APPLIED, Verdict.MERGED)
    pull_all(site, centre)
    assert site.view.document(REGION, "t1") == centre.documents[Key(REGION, "t1")]
    assert site.view.document(REGION, "t2") == centre.documents[Key(REGION, "t2")]


def waiting_promise(site: Site) -> str:
    """Promise what an approval is asked for that somebody here gives at last; return the giving's id."""
    site.take_page(page(ORG, 3, LEADER))
    policy = {"version": WAITS.version, "compiled": dump(WAITS)}
    site.take_page(page("catalogue", 2, Document("catalogue", WAITS.version, "catalogue", 2, policy)))
    asked = {"number": "1", "template": "GIFT", "customer": "c1", "contact": "k1", "amount": 9000, "commitment": "p1"}
    site.commit(draft("approval.asked", "a1", {**asked, "reason": "he waited long", "approver_role": "team_leader"}))
    body = {"approval": "a1", "waits": True, "due": NOW + (RULES.later + 60) * MINUTE}
    site.commit(
        promised("p1", "GIFT", amount=9000, allowance="lease-cost", version=2, catalogue=WAITS.version, body=body)
    )
    given = Draft("approval.given", LEADER.id, "team_leader", REGION, "a1", {"commitment": "p1"}, catalogue=VERSION)
    return site.commit(given).operation.id


def test_an_approval_that_a_promise_uses_only_over_what_the_centre_gave_is_let_go_with_the_promise(
    tmp_path: Path,
) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS, LEADER)
    given = waiting_promise(site)
    first = site.outbox.batch(1, 10**6)
    assert first is not None
    site.take_answers(first.lineage, centre.push(first), centre.epoch)
    # another superior gives it elsewhere, before the centre knows of the promise
    centre.apply(Decision((Change(REGION, "a1", "approval", GIVEN),)), "lineage-2")
    pull_all(site, centre)
    seen = site.view.document(REGION, "a1")
    assert seen is not None
    assert (seen.data["state"], seen.data["used_by"]) == ("used", "p1")

    centre.forced[given] = Verdict.REFUSED
    made, last = push_all(site, centre)
    assert (made.verdict, last.verdict) == (Verdict.APPLIED, Verdict.REFUSED)
    assert site.view.waiting_for(REGION, "a1") == 1, "the promise isn't seen back yet"
    pull_all(site, centre)
    centre.apply(Decision((Change(REGION, "a1", "approval", {"reason": "written later"}),)), "lineage-2")
    pull_all(site, centre)
    for name in ("a1", "p1"):
        assert site.view.document(REGION, name) == centre.documents[Key(REGION, name)]


def test_what_lies_over_the_centres_though_nothing_waits_goes_when_a_desk_starts(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit(ticket("t1"))
    push_all(site, centre)
    pull_all(site, centre)
    noted = site.commit(draft("ticket.noted", "t1", {"text": "more"})).operation
    with site.files.writing() as outbox:
        outbox.execute("DELETE FROM pending")
    centre.forced[noted.id] = Verdict.REFUSED
    push_all(site, centre)
    assert site.view.document(REGION, "t1") != centre.documents[Key(REGION, "t1")]
    site.close()
    site = open_site(tmp_path)
    site.recover()
    assert site.view.document(REGION, "t1") == centre.documents[Key(REGION, "t1")]
