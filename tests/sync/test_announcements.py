"""Announcements on real files through the shipped routes: first in every sync, and everybody attached is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.authors import set_agents
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.telling import AGAIN_MS, grant_notices, with_notices
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.domain.work.announcements import notice_scope
from agentdesk.store.committing import Committed
from agentdesk.store.site import Site
from agentdesk.sync.client import client_of
from agentdesk.sync.core import Pace, SyncCore
from agentdesk.sync.session import Session
from tests.centre.kit import AGENT, REGION, SCOPE, customer
from tests.sync.histories import Node, Story

NOTICE = notice_scope(SCOPE)
LEADER = "a-9"
CROWD = [f"c-{number}" for number in range(10, 200)]
WORDS = {"zh": "正在抢修", "en": "it is being mended"}
MENDED = {"zh": "已经修复", "en": "it is mended"}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    means = made.means
    leader = {"id": LEADER, "name": "赵磊", "number": "9", "role": "team_leader", "place": "org"}
    made.centre.database.write(lambda tx: set_agents(tx, means, [leader])).result()
    yield made
    made.close()


def published(site: Site, **changes: Any) -> Committed:
    body = {
        "number": site.next_number(),
        "title": {"zh": "断纤", "en": "a cable is cut"},
        "words": WORDS,
        "numbers": ["+8618600000001"],
        "department": "network",
        "affected": 500,
        **changes,
    }
    return site.commit(Draft("announcement.published", LEADER, "team_leader", NOTICE, "a1", body))


def attached(site: Site, number: int, **changes: Any) -> Committed:
    body = {
        "customer": f"c-{number}",
        "announcement": "a1",
        "announcement_scope": NOTICE,
        "words": WORDS["zh"],
        "to": f"+86186{number:08d}",
        **changes,
    }
    return site.commit(Draft("attachment.attached", AGENT, "agent", SCOPE, f"at{number}", body))


def over(site: Site) -> Committed:
    return site.commit(Draft("announcement.over", LEADER, "team_leader", NOTICE, "a1", {"words": MENDED}))


def sees(node: Node, document: str = "a1", scope: str = NOTICE) -> Document | None:
    return node.site.view.replicated(scope, document)


def told(story: Story) -> None:
    story.centre.jobs.run_due()


def test_announcements_come_before_anything_of_a_region(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    first = story.enrolled("first")
    published(first.site)
    first.sync()
    crowd = [replace(customer(int(name[2:])), id=name) for name in CROWD]
    bulk_load(story.centre.database, REGION, crowd, means=story.means)
    with monkeypatch.context() as patched:
        patched.setattr(Node, "sync", lambda self: None)
        later = story.enrolled("later")
    client = client_of(later.site, later.line)
    later.session = Session(later.site, client, SyncCore(Pace(pull_rows=20), lambda: 0.5), "test")
    while sees(later) is None:
        later.session.step()
    assert sum(sees(later, name, SCOPE) is not None for name in CROWD) <= 20
    later.sync()
    assert all(sees(later, name, SCOPE) is not None for name in CROWD)


def test_they_are_asked_for_and_answered_first(story: Story) -> None:
    site = story.enrolled("hall").site
    assert next(iter(site.pull_cursors())) == NOTICE


def test_everybody_attached_is_told_in_pieces_and_the_silent_are_counted(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentdesk.centre.telling.PIECE", 1)
    here, there = story.enrolled("here"), story.enrolled("there")
    published(here.site)
    here.sync()
    there.sync()
    attached(here.site, 1, follow_up=True)
    attached(there.site, 2)
    attached(there.site, 3)
    for node in (here, there):
        node.sync()
    over(here.site)
    here.sync()
    told(story)
    for node in (here, there):
        node.sync()
        states = [one.data["state"] for n in (1, 2, 3) if (one := sees(node, f"at{n}", SCOPE))]
        assert states == ["to_follow_up", "told", "told"]
        ended = sees(node)
        assert ended is not None
        assert (ended.data["attached"], ended.data["silent"]) == (3, 497)
        texts = [one.data["text"] for n in (1, 2, 3) if (one := sees(node, f"at{n}.over", SCOPE))]
        assert texts == [MENDED["zh"]] * 3
    story.clock.now += AGAIN_MS
    log = story.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE].seq
    told(story)
    assert story.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE].seq == log


def test_who_was_attached_with_the_line_down_after_the_end_is_told_when_it_comes(story: Story) -> None:
    here, there = story.enrolled("here"), story.enrolled("there")
    published(here.site)
    here.sync()
    there.sync()
    there.line.down = True
    promised = attached(there.site, 2)
    over(here.site)
    here.sync()
    told(story)
    there.line.down = False
    there.sync()
    verdict, reasons = there.verdicts()[promised.operation.id]
    assert (verdict, [reason.code for reason in reasons]) == (Verdict.FLAGGED, ["announcement_over"])
    one = sees(there, "at2", SCOPE)
    assert one is not None
    assert not is_open(one)


def test_a_site_from_before_there_were_announcements_hears_of_them(story: Story) -> None:
    here = story.enrolled("here")
    site = here.site.identity.site

    def before(tx: Transaction) -> None:
        known = tx.lock_site(site)
        assert known is not None
        tx.put_site(replace(known, scopes=tuple(scope for scope in known.scopes if scope != NOTICE)))

    story.centre.database.write(before).result()
    story.reopened(here)
    here.sync()
    assert NOTICE not in here.site.identity.scopes
    story.centre.database.write(grant_notices).result()
    here.session.nudge()
    here.sync()
    assert here.site.identity.scopes[0] == NOTICE


def test_scopes_keep_their_order_and_gain_nothing_twice() -> None:
    scopes = ("catalogue", "org", SCOPE, "site/s-1")
    assert with_notices(scopes) == (NOTICE, *scopes)
    assert with_notices(with_notices(scopes)) == (NOTICE, *scopes)
    assert with_notices(("org",)) == ("org",)
