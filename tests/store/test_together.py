"""Operations that change several documents: what a site shows of all of them, whatever the centre sends of one."""

from __future__ import annotations

from pathlib import Path

from agentdesk.domain.decide import Decision
from agentdesk.domain.documents import Change, Key
from agentdesk.domain.verdict import Verdict
from tests.domain.world import REGION
from tests.store.test_view import DOCUMENTS
from tests.store.world import Centre, draft, make_site, pull_all, push_all, ticket


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
