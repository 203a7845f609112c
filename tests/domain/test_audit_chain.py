"""Following a chain: each thing that can be wrong with one is told by its own name, at its number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from agentdesk.domain.audit.chain import Follower, Link
from agentdesk.domain.operation import GENESIS, Operation
from tests.domain.world import operation


def chain(count: int = 5) -> list[Link]:
    """Return a chain of notes as a table has them."""
    links: list[Link] = []
    last: Operation | None = None
    for number in range(1, count + 1):
        made = operation("note.added", {"customer": "c1", "text": f"note {number}"}, f"n{number}")
        head = json.loads(made.head)
        head.update(seq=number, prev=last.hash if last is not None else GENESIS)
        text = json.dumps(head)
        last = made._replace(head=text, seq=number)
        links.append(Link(number, text, made.salt, made.body, {"id": made.id, "kind": made.kind}))
    return links


def told(links: Iterable[Link], end: tuple[int, str] | None = None, **more: Any) -> list[tuple[str, str]]:
    follower = Follower("lineage")
    found = [finding for link in links for finding in follower.take(link, **more)]
    found += follower.end(*(end or (follower.seq, follower.hash)))
    return [(finding.at, finding.what) for finding in found]


def without(links: Sequence[Link], *numbers: int) -> list[Link]:
    return [link for link in links if link.seq not in numbers]


def test_a_whole_chain_is_clean_and_may_have_lost_its_contents() -> None:
    assert told(chain()) == []
    assert told([link._replace(body=None) for link in chain()]) == []


@pytest.mark.parametrize(("gone", "where"), [((2,), "2"), ((2, 3), "2-3"), ((1,), "1")])
def test_a_gap_is_told_with_its_numbers_and_nothing_behind_it_is_blamed(gone: tuple[int, ...], where: str) -> None:
    assert told(without(chain(), *gone)) == [(where, "missing")]
    assert told(without(chain(), *gone), gap_is_fine=True) == []


def test_one_that_does_not_follow_is_told_where_it_stands() -> None:
    links = chain()
    other = json.loads(links[2].head) | {"prev": "f" * 64}
    links[2] = links[2]._replace(head=json.dumps(other))
    # its own hash is another one now, so that the next one doesn't follow either
    assert told(links) == [("3", "unchained"), ("4", "unchained")]


def test_what_came_unchained_and_is_proven_to_stand_as_it_came_is_no_ones_doing() -> None:
    links = [link._replace(sealed=True) for link in chain()]
    other = json.loads(links[2].head) | {"prev": "f" * 64}
    links[2] = links[2]._replace(head=json.dumps(other))
    assert told(links) == []


def test_another_content_column_or_salt_is_told() -> None:
    links = chain()
    assert told([links[0]._replace(body='{"text":"other"}')], (1, GENESIS))[:1] == [("1", "content")]
    assert told([links[0]._replace(salt="other")])[:1] == [("1", "content")]
    assert told([links[0]._replace(columns={"kind": "note.changed"})])[:1] == [("1", "differs")]
    assert told([links[0]._replace(head="{")])[:1] == [("1", "unreadable")]
    assert told([links[0]._replace(body=None)], may_be_erased=False)[:1] == [("1", "erased")]


def test_an_end_that_is_noted_otherwise_is_told() -> None:
    links = chain()
    last = Follower("x")
    for link in links:
        list(last.take(link))
    assert told(links[:3], (5, last.hash)) == [("4-5", "missing")]
    assert told(links, (3, last.hash)) == [("4-5", "beyond")]
    assert told(links, (5, "f" * 64)) == [("5", "end_differs")]
