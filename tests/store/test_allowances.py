"""What a site may promise by itself: leases of its own lineage, while they are open, and never more than is left."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.replica.tables import put
from agentdesk.store.committing import Refused
from agentdesk.store.site import Site
from tests.domain.world import agent, contact, overcharged
from tests.store.world import OWN, SITE, Centre, about, close_all, gift, make_site, open_site, page, push_all

LINEAGE = "lineage-1"
_revisions = count(10)
FULL = 100_000


def lease(name: str = "lease-cost", **data: Any) -> Document:
    known = {
        "kind": "cost",
        "amount": FULL,
        "spent_settled": 0,
        "returned": 0,
        "budget": "region/bj",
        "lineage": LINEAGE,
        "serial": 1,
        "target": FULL,
        "state": "open",
        "signature": "s",
    }
    return Document(OWN, name, "allowance", next(_revisions), {**known, **data})


def site_with(folder: Path, *leases: Document) -> Site:
    site = make_site(folder, overcharged(card="supreme"), contact("k1", level=2))
    site.take_page(page(ORG, 9, agent(), Document(ORG, SITE, "site", 9, {"name": "hall"}, {"*": (9, "centre")})))
    site.take_page(page(OWN, 9, *leases))
    return site


def cost_left(site: Site) -> int | None:
    found = site.allowances().get("cost")
    return found.left if found else None


def returned(site: Site) -> list[tuple[str, int]]:
    found = []
    for entry in reversed(site.outbox.entries()):
        if entry.kind == "allowance.returned":
            assert (entry.actor, entry.document) == (SITE, (site.outbox.entry(entry.id) or entry).document)
            found.append((entry.document, entry.amount))
    return found


@pytest.mark.parametrize(
    ("data", "usable"),
    [
        ({}, True),
        ({"lineage": "", "signature": ""}, True),
        ({"lineage": "lineage-0"}, False),
        ({"state": "written_off"}, False),
    ],
    ids=["its own", "of an older centre", "of another lineage", "given up"],
)
def test_a_lease_is_drawn_on_by_its_own_lineage_while_it_is_open(
    tmp_path: Path, data: dict[str, Any], usable: bool
) -> None:
    site = site_with(tmp_path, lease(**data))
    assert cost_left(site) == (FULL if usable else None)
    if usable:
        site.commit(gift("p1"))
        assert cost_left(site) == FULL - 2000
    else:
        with pytest.raises(Refused) as refused:
            site.commit(gift("p1"))
        assert [reason.code for reason in refused.value.reasons] == ["no_allowance"]


def test_of_several_leases_that_with_the_most_left_is_offered(tmp_path: Path) -> None:
    site = site_with(tmp_path, lease(amount=3000), lease("lease-2", amount=9000), lease("lease-3", lineage="old"))
    assert site.allowances()["cost"].id == "lease-2"


def test_signed_leases_of_all_lineages_are_shown_to_the_centre(tmp_path: Path) -> None:
    site = site_with(tmp_path, lease(), lease("lease-0", lineage="lineage-0"), lease("lease-x", signature=""))
    site.commit(gift("p1"))
    shown = {slip["id"]: slip for slip in site.leases()}
    # the credit that the site began with comes from a centre that signed nothing
    assert set(shown) == {"lease-cost", "lease-0"}
    assert (shown["lease-cost"]["spent"], shown["lease-0"]["spent"]) == (2000, 0)
    assert shown["lease-cost"]["signature"] == "s"


@pytest.mark.parametrize(
    ("data", "back"),
    [
        ({}, 0),
        ({"target": 70_000}, 0),
        ({"target": 60_000}, 40_000),
        ({"target": 0}, FULL),
        ({"state": "written_off"}, FULL),
        ({"budget": "region/sd"}, FULL),
        ({"target": 0, "lineage": "lineage-0"}, 0),
        ({"target": 0, "lineage": ""}, 0),
    ],
    ids=["full", "little more", "much more", "recalled", "given up", "scope lost", "other's", "older"],
)
def test_what_a_site_needs_not_it_returns_once(tmp_path: Path, data: dict[str, Any], back: int) -> None:
    site = site_with(tmp_path, lease(**data))
    assert site.return_surplus() == (1 if back else 0)
    assert returned(site) == ([("lease-cost", back)] if back else [])
    assert site.return_surplus() == 0
    assert site.outbox.waiting() == (1 if back else 0)


def test_what_was_returned_may_not_be_promised(tmp_path: Path) -> None:
    site = site_with(tmp_path, lease(amount=5000, target=0))
    site.commit(gift("p1"))
    site.return_surplus()
    assert cost_left(site) == 0
    with pytest.raises(Refused):
        site.commit(gift("p2"))


def test_a_site_that_isnt_known_yet_keeps_what_it_holds(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.take_page(page(OWN, 9, lease(target=0)))
    assert site.return_surplus() == 0
    assert cost_left(site) == FULL


def without_replicas(site: Site) -> Site:
    """Take a site's replicas away and open it again: they can be fetched, so nobody keeps them safe."""
    folder = site.files.folder
    site.close()
    for path in folder.glob("replica-*"):
        path.unlink()
    return open_site(folder, seed=2)


def test_what_may_be_spent_and_what_was_spent_is_known_without_a_replica(tmp_path: Path) -> None:
    site = site_with(tmp_path, lease(), lease("lease-0", lineage="lineage-0"))
    site.commit(gift("p1"))
    before = site.allowances(), site.leases()
    site = without_replicas(site)
    assert site.view.of_type(OWN, "allowance") == ()
    assert (site.allowances(), site.leases()) == before
    assert cost_left(site) == FULL - 2000


@pytest.mark.parametrize(("serial", "amount", "kept"), [(1, FULL, 2 * FULL), (2, FULL, FULL), (3, 3 * FULL, 3 * FULL)])
def test_a_lease_is_as_the_centre_signed_it_last(tmp_path: Path, serial: int, amount: int, kept: int) -> None:
    site = site_with(tmp_path, lease(serial=2, amount=2 * FULL))
    # a centre that was put back shows an older one, until this site has shown it what it signed since
    site.files.renew_replica(OWN)
    site.take_page(page(ORG, 3, agent()))
    site.take_page(page(OWN, 3, lease(serial=serial, amount=amount)))
    site.complete_replicas()
    assert cost_left(site) == kept
    assert [slip["amount"] for slip in site.leases()] == [kept]
    site.recover()
    assert cost_left(site) == kept


def test_a_lease_that_came_is_kept_though_the_process_died_right_after(tmp_path: Path) -> None:
    site = site_with(tmp_path, lease())
    with site.files.filling(OWN) as replica:
        put(replica, [lease(serial=2, amount=2 * FULL)])
    assert cost_left(site) == FULL
    site.recover()
    assert cost_left(without_replicas(site)) == 2 * FULL


def test_leases_of_an_outbox_that_kept_none_are_the_replicas_till_the_next_sync(tmp_path: Path) -> None:
    site = site_with(tmp_path, lease(), lease("lease-0", lineage="lineage-0"))
    with site.files.writing() as outbox:
        outbox.execute("DELETE FROM lease")
    site.commit(gift("p1"))
    assert cost_left(site) == FULL - 2000
    assert {slip["id"] for slip in site.leases()} == {"lease-cost", "lease-0"}
    # one of them comes again: all are kept
    site.take_page(page(OWN, 12, lease(serial=2, amount=2 * FULL)))
    assert cost_left(site) == 2 * FULL - 2000
    assert {slip["id"] for slip in without_replicas(site).leases()} == {"lease-cost", "lease-0"}


@settings(max_examples=40)
@given(
    amount=st.integers(0, 12_000),
    steps=st.lists(st.sampled_from(["give", "void", "return", "sync", "recall"]), max_size=25),
)
def test_promised_and_returned_are_never_more_than_leased(amount: int, steps: list[str]) -> None:
    with TemporaryDirectory() as folder:
        site = site_with(Path(folder), lease(amount=amount, target=amount))
        centre = Centre.of(overcharged(card="supreme"), contact("k1", level=2), lease(amount=10**9))
        centre.documents.update({d.key: d for d in (Document(ORG, SITE, "site", 9, {}, {"*": (9, "centre")}),)})
        stand: list[str] = []
        for number, step in enumerate(steps):
            try:
                if step == "give":
                    site.commit(gift(f"p{number}"))
                    stand.append(f"p{number}")
                elif step == "void" and stand:
                    site.commit(about("voided", stand.pop(), reason="mis-key"))
                elif step == "return":
                    site.return_surplus()
                elif step == "sync":
                    push_all(site, centre)
                elif step == "recall":
                    site.take_page(page(OWN, 20 + number, lease(amount=amount, target=0)))
            except Refused:
                pass
            out = 2000 * len(stand) + sum(back for _, back in returned(site))
            assert out <= amount
            assert (cost_left(site) or 0) >= 0
            assert out + (cost_left(site) or 0) <= amount
        close_all()
