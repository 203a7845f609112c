"""Allowances over the wire: shipped sites and a shipped centre, and what becomes of leases when either is put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.allowances import set_target, write_off
from agentdesk.centre.budgets import set_budget
from agentdesk.centre.exposure import check_money
from agentdesk.centre.leases import SAMPLE_LEASE
from agentdesk.centre.storage.rows import Lease
from agentdesk.domain.operation import Draft
from agentdesk.domain.policy import MoneyKind
from agentdesk.domain.verdict import Verdict
from tests.centre.kit import AGENT, REGION, SCOPE, catalogue
from tests.sync.histories import Node, Story

FULL = SAMPLE_LEASE["credit"]
AMOUNT = 10_000


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.close()


def leases(story: Story, node: Node) -> list[Lease]:
    """Return what the centre leased a site of credit, that of its present lineage last."""
    found = story.centre.database.read(lambda s: s.leases(node.site.identity.site)).result()
    return sorted((x for x in found if x.kind == "credit"), key=lambda x: x.lineage == node.lineage)


def booked(story: Story) -> list[tuple[str, int]]:
    rows = story.centre.database.read(lambda s: s.exposures(SCOPE)).result()
    return [(row.cause, row.amount) for row in rows if row.kind == "credit"]


def check(story: Story) -> None:
    assert story.centre.database.read(check_money).result() == []


def limit(story: Story, amount: int) -> None:
    story.centre.database.write(lambda tx: set_budget(tx, story.means, REGION, "credit", amount)).result()


def left(node: Node) -> int | None:
    found = node.site.allowances().get("credit")
    return found.left if found else None


def promise(node: Node, customer: int) -> str:
    """Promise a customer an emergency power-on as the desk does; returns the promise's document."""
    site = node.site
    base: dict[str, Any] = {"actor": AGENT, "role": "agent", "scope": SCOPE, "catalogue": catalogue().version}
    call, number = site.new_id(), f"+86186{customer:08d}"
    opened = {"call": call, "channel": "hotline", "caller": number, "customer": f"c-{customer}"}
    contact = site.new_id()
    site.commit(
        Draft(
            kind="contact.opened",
            document=contact,
            body={**opened, "subscription": f"sub-{customer}", "moments": {"ringing": site.now()}},
            **base,
        )
    )
    proof = {"method": "service_password", "result": "match", "caller_role": "owner", "customer": f"c-{customer}"}
    site.commit(Draft(kind="identity.verified", document=contact, body=proof, **base))
    body = {
        "number": site.next_number(),
        "customer": f"c-{customer}",
        "subscription": f"sub-{customer}",
        "contact": contact,
        "template": "U04",
        "due": site.now() + 600_000,
        "line": "up" if site.line.state().online else "down",
        "proposed": AMOUNT,
    }
    document = site.new_id()
    lease = site.allowances()["credit"]
    draft = Draft(kind="commitment.made", document=document, body=body, **base, allowance=lease.id, amount=AMOUNT)
    site.commit(draft)
    return document


def verdicts(node: Node, document: str) -> list[Verdict | None]:
    return [e.verdict for e in node.site.outbox.entries(10_000) if e.document == document]


def test_what_is_promised_is_charged_on_both_sides(story: Story) -> None:
    hall = story.enrolled("hall")
    assert left(hall) == FULL
    made = promise(hall, 1)
    assert left(hall) == FULL - AMOUNT
    hall.sync()
    assert verdicts(hall, made) == [Verdict.APPLIED]
    assert [x.left for x in leases(story, hall)] == [FULL - AMOUNT]
    check(story)


def test_a_recalled_site_returns_what_it_holds_at_its_next_sync(story: Story) -> None:
    hall = story.enrolled("hall")
    site = hall.site.identity.site
    promise(hall, 1)
    targets: dict[MoneyKind, int] = {"credit": 50_000}
    story.centre.database.write(lambda tx: set_target(tx, story.means, site, targets, "boss")).result()
    hall.sync()
    assert left(hall) == 50_000
    (lease,) = leases(story, hall)
    assert (lease.left, lease.returned, lease.spent) == (50_000, FULL - AMOUNT - 50_000, AMOUNT)
    hall.sync()
    assert leases(story, hall) == [lease]
    check(story)


def test_a_site_that_was_given_up_and_comes_back_returns_it_and_gets_a_new_lease(story: Story) -> None:
    hall = story.enrolled("hall")
    site = hall.site.identity.site
    story.centre.database.write(lambda tx: write_off(tx, story.means, site, None, "boss")).result()
    late = promise(hall, 1)
    hall.sync()
    assert verdicts(hall, late) == [Verdict.APPLIED]
    assert booked(story) == [("written_off", FULL), ("returned", AMOUNT - FULL)]
    assert left(hall) is None
    check(story)

    story.centre.jobs.run_due()
    hall.sync()
    assert left(hall) == FULL
    assert len(leases(story, hall)) == 2
    check(story)


def test_files_that_were_put_back_begin_with_a_lease_of_their_own(story: Story) -> None:
    hall = story.enrolled("hall")
    backup = story.kept(hall)
    lost = promise(hall, 1)
    hall.sync()
    story.put_back(hall, backup)
    assert left(hall) == FULL
    again = promise(hall, 2)  # nobody can know yet that this was spent already, in part
    hall.sync()

    old, new = leases(story, hall)
    assert (old.spent, old.left) == (2 * AMOUNT, FULL - 2 * AMOUNT)
    assert (new.lineage, new.left, left(hall)) == (hall.lineage, FULL, FULL)
    assert verdicts(hall, again) == [Verdict.APPLIED]
    assert story.document(lost) is not None
    assert booked(story) == []
    check(story)


def test_two_copies_of_a_site_keep_their_promises_and_what_that_exposes_is_named(story: Story) -> None:
    hall = story.enrolled("hall")
    copy = story.copied(hall, "copy")
    made = [promise(hall, 1), promise(copy, 2)]
    limit(story, AMOUNT)
    for node in (hall, copy, hall, copy):
        node.sync()
    for document in made:
        found = story.document(document)
        assert found is not None
        assert found.data["state"] == "made"
    check(story)
    limit(story, 10 * FULL)
    assert story.centre.database.read(lambda s: s.budgets([SCOPE])).result()[1].exposed == 0
    check(story)


def test_a_restored_centre_leases_nothing_twice(story: Story) -> None:
    limit(story, 2 * FULL)
    backup = story.backup()
    hall, branch = story.enrolled("hall"), story.enrolled("branch")
    made = promise(hall, 1)
    hall.sync()
    assert (left(hall), left(branch)) == (FULL - AMOUNT, 180_000)

    story.restore(backup)
    late = promise(hall, 2)
    for node in (branch, hall, branch, hall):
        node.sync()
    assert (left(hall), left(branch)) == (FULL - 2 * AMOUNT, 180_000)
    assert [x.left for node in (hall, branch) for x in leases(story, node)] == [FULL - 2 * AMOUNT, 180_000]
    for document in (made, late):
        assert verdicts(hall, document) == [Verdict.APPLIED]
    assert sum(amount for _, amount in story.ledger()) == 2 * AMOUNT
    assert booked(story) == []
    check(story)


def test_what_a_restored_centre_leased_beyond_its_older_limit_is_booked_as_restored(story: Story) -> None:
    limit(story, FULL)
    backup = story.backup()
    limit(story, 10 * FULL)
    hall, branch = story.enrolled("hall"), story.enrolled("branch")
    promise(hall, 1)
    hall.sync()

    story.restore(backup)
    for node in (hall, branch, hall, branch):
        node.sync()
    assert booked(story)[0][0] == "restored"
    assert {cause for cause, _ in booked(story)} == {"restored"}
    assert sum(amount for _, amount in booked(story)) == FULL
    assert (left(hall), left(branch)) == (FULL - AMOUNT, FULL)
    check(story)


def without_replicas(story: Story, node: Node) -> None:
    """Take a site's replicas away: they can be fetched again, so nobody keeps them safe."""
    node.site.close()
    for path in node.folder.glob("replica-*"):
        path.unlink()
    story.reopened(node)


def test_a_site_that_lost_its_replicas_knows_what_it_may_spend_and_what_it_spent(story: Story) -> None:
    hall = story.enrolled("hall")
    promise(hall, 1)
    shown = hall.site.leases()
    without_replicas(story, hall)
    hall.line.down = True
    hall.session.step()
    assert left(hall) == FULL - AMOUNT
    assert hall.site.leases() == shown
    hall.line.down = False
    hall.sync()
    assert left(hall) == FULL - AMOUNT
    check(story)


def test_a_site_without_replicas_shows_a_restored_centre_what_it_leased(story: Story) -> None:
    limit(story, FULL)
    backup = story.backup()
    hall = story.enrolled("hall")
    made = promise(hall, 1)
    story.restore(backup)
    without_replicas(story, hall)
    hall.sync()
    branch = story.enrolled("branch")

    # what is leased already is leased to nobody else
    (lease,) = leases(story, hall)
    assert (lease.amount, lease.spent, left(hall)) == (lease.left + AMOUNT, AMOUNT, lease.left)
    assert verdicts(hall, made) == [Verdict.APPLIED]
    assert lease.left + (left(branch) or 0) + AMOUNT <= FULL
    assert booked(story) == []
    check(story)
