"""An approval that a superior gives with his PIN at somebody else's desk: the centre sees it, and believes no desk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.authors import set_agents
from agentdesk.centre.staff import give_password
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.store.access import Pin
from agentdesk.sync.client import client_of
from agentdesk.sync.sign_in import set_pin, sign_in
from agentdesk.trust.passwords import Cost, derive, for_site, hashed
from tests.centre.kit import AGENT, SCOPE
from tests.sync.histories import Node, Story

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
FIRST, OWN, PIN = "for the first time 1", "sieben Brücken 7", "318204"
LEADER = "l-1"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    leader = [{"id": LEADER, "name": "赵云", "role": "team_leader", "region": SCOPE}]
    made.centre.database.write(partial(set_agents, means=made.means, agents=leader)).result()
    hash_ = hashed(FIRST, b"0123456789abcdef", CHEAP)
    made.centre.database.write(lambda tx: give_password(tx, made.means, LEADER, hash_)).result()
    yield made
    made.close()


def hall(story: Story) -> Node:
    """Return a site at which the superior has signed in and set his PIN."""
    node = story.enrolled("hall")
    client = client_of(node.site, node.line)
    sign_in(node.site, LEADER, FIRST, OWN, client)
    set_pin(node.site, LEADER, OWN, PIN, client)
    node.sync()
    return node


def asked(node: Node) -> str:
    site = node.site
    body = {
        "number": site.next_number(),
        "template": "U04",
        "customer": "c-1",
        "amount": 9_000,
        "reason": "he waited long",
        "approver_role": "team_leader",
    }
    return site.commit(Draft("approval.asked", AGENT, "agent", SCOPE, site.new_id(), body)).operation.document


def given(node: Node, approval: str, sign: dict[str, Any] | None) -> str:
    body = {"reason": "due to him", **({"sign": sign} if sign is not None else {})}
    return node.site.commit(Draft("approval.given", LEADER, "team_leader", SCOPE, approval, body)).operation.id


def signed(node: Node, approval: str, pin: str = PIN) -> dict[str, Any]:
    """Do what a desk does when a superior has typed his PIN."""
    site = node.site
    patience = site.catalogue().sign_in.pin_patience()
    proved = site.access.prove(LEADER, pin, site.identity.site, patience, site.clock.wall_ms())
    return {"method": "pin", "word": proved.word("approval.given", approval)}


def test_an_approval_by_pin_says_so_and_the_centre_checks_it_also_when_it_was_given_without_the_line(
    story: Story,
) -> None:
    node = hall(story)
    node.line.down = True
    approval = asked(node)
    operation = given(node, approval, signed(node, approval))
    node.line.down = False
    node.sync()
    assert node.verdicts()[operation][0] is Verdict.APPLIED
    document = story.document(approval)
    assert document is not None
    assert (document.data["state"], document.data["method"], document.data["doubts"]) == ("given", "pin", [])


def test_at_ones_own_desk_no_pin_is_wanted(story: Story) -> None:
    node = hall(story)
    first, second = asked(node), asked(node)
    operations = [given(node, first, {"method": "desk"}), given(node, second, None)]
    node.sync()
    assert [node.verdicts()[one][0] for one in operations] == [Verdict.APPLIED, Verdict.APPLIED]
    said = [document.data.get("method") for document in map(story.document, (first, second)) if document]
    assert said == ["desk", None]


@pytest.mark.parametrize("word", ["", "0" * 64, "another approval's", "another kind's", "made of what the site has"])
def test_a_desk_that_only_says_that_a_pin_was_typed_is_found_out(story: Story, word: str) -> None:
    node = hall(story)
    approval, other = asked(node), asked(node)
    site = node.site
    patience, now = site.catalogue().sign_in.pin_patience(), site.clock.wall_ms()
    proved = site.access.prove(LEADER, PIN, site.identity.site, patience, now)
    forged = {
        "another approval's": proved.word("approval.given", other),
        "another kind's": proved.word("approval.declined", approval),
        "made of what the site has": for_site(b"verifier", site.identity.site).hex(),
    }.get(word, word)
    operation = given(node, approval, {"method": "pin", "word": forged})
    node.sync()
    verdict, reasons = node.verdicts()[operation]
    assert (verdict, [reason.code for reason in reasons]) == (Verdict.FLAGGED, ["pin_unproved"])
    document = story.document(approval)
    assert document is not None
    assert document.data["doubts"] == ["pin_unproved"], "a promise on it is marked with the approver's name"


def test_a_pin_that_a_site_made_up_opens_nothing_at_the_centre(story: Story) -> None:
    node = hall(story)
    salt = b"0123456789abcdef"
    own = Pin(salt, CHEAP, for_site(derive("000007", salt, CHEAP), node.site.identity.site), 2**52)
    node.site.access.keep_pin(LEADER, own)
    approval = asked(node)
    operation = given(node, approval, signed(node, approval, "000007"))
    node.sync()
    assert node.verdicts()[operation][0] is Verdict.FLAGGED
