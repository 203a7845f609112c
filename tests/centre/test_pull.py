"""Handing out changes: pages make the whole, cursors of another log are noticed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.centre import pull
from agentdesk.centre.appending import chained
from agentdesk.centre.authors import epoch_of
from agentdesk.centre.storage.reads import SqlSnapshot
from agentdesk.centre.storage.rows import LogRow
from tests.centre.kit import SCOPE, World


def state(pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Fold pages as a replica does: what is newer wins."""
    rows: dict[str, Any] = {}
    for page in pages:
        for row in page["rows"]:
            if row["id"] not in rows or rows[row["id"]]["rev"] < row["rev"]:
                rows[row["id"]] = row
    return rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(limit=st.integers(1, 9))
def test_pages_of_any_size_equal_the_whole(world: World, limit: int) -> None:
    site = world.site()
    site.whole_call(1)
    site.push()
    pages = list(site.pull_all(SCOPE, limit))
    whole = list(site.pull_all(SCOPE))

    assert state(pages) == state(whole)
    assert (pages[-1]["upto"], pages[-1]["hash"]) == (whole[-1]["upto"], whole[-1]["hash"])
    assert all(
        page["upto"] - before <= limit for before, page in zip([0, *(p["upto"] for p in pages)], pages, strict=False)
    )


def test_a_document_that_changed_often_is_in_a_page_once_and_as_it_stands_now(world: World) -> None:
    site = world.site()
    promise = site.whole_call(1)
    site.push()
    page = site.pull()[SCOPE]
    rows = [row for row in page["rows"] if row["id"] == promise.document]

    assert len(rows) == 1
    assert rows[0]["data"]["spoken_at"] is not None
    assert rows[0]["rev"] == page["upto"]


def test_a_page_that_passes_a_change_holds_its_effect(world: World) -> None:
    """So an operation stops pending only when the replica has what it did."""
    site = world.site()
    promise = site.whole_call(1)
    made = next(r for r in site.push().verdicts if r.id == promise.id)
    seen = False
    for page in site.pull_all(SCOPE, 1):
        seen = seen or any(row["id"] == promise.document for row in page["rows"])
        if page["upto"] >= (made.change or 0):
            break
    assert seen


def test_the_log_is_a_chain_that_anybody_can_follow(world: World) -> None:
    site = world.site()
    site.whole_call(1)
    site.push()
    log = world.centre.database.read(lambda s: s.log_entries(SCOPE, 0, 100)).result()
    epoch = world.centre.database.read(epoch_of).result()
    hash_ = ""
    for number, row in enumerate(log, 1):
        assert row.seq == number
        # a row is chained under the revision that it announced: the number that it has in its home's own log
        assert row.rev == number
        hash_ = chained(hash_, epoch, row.home, row.document, row.action, row.rev, row.operation)
        assert row.hash == hash_


def test_nothing_new_is_an_empty_page_at_the_same_place(world: World) -> None:
    site = world.site()
    page = site.pull()[SCOPE]
    again = site.pull({SCOPE: {"epoch": page["epoch"], "seq": page["upto"], "hash": page["hash"]}})[SCOPE]

    assert (again["rows"], again["upto"], again["hash"], again["more"]) == ([], page["upto"], page["hash"], False)


@pytest.mark.parametrize(
    "wrong",
    [{"seq": 10_000}, {"hash": "0" * 32}, {"seq": 1}],
    ids=["beyond-the-end", "hash", "hash-of-another-row"],
)
def test_a_cursor_of_another_log_is_reset(world: World, wrong: dict[str, Any]) -> None:
    site = world.site()
    page = site.pull()[SCOPE]
    cursor = {"epoch": page["epoch"], "seq": page["upto"], "hash": page["hash"], **wrong}
    answer = site.pull({SCOPE: cursor})[SCOPE]

    assert answer["reset"] is True
    assert "rows" not in answer


def test_a_scope_of_others_is_denied(world: World) -> None:
    here, there = world.site("here"), world.site("there")
    pages = here.pull({f"site/{there.id}": {}, "region/shanghai": {}, SCOPE: {}})

    assert [pages[s].get("denied", False) for s in (f"site/{there.id}", "region/shanghai", SCOPE)] == [
        True,
        True,
        False,
    ]


def test_departments_are_told_in_a_log_of_their_own(world: World) -> None:
    site = world.site()
    promise = site.whole_call(1)
    site.push()
    log = world.centre.database.read(lambda s: list(s.log("department/billing", 0, 10))).result()

    assert [(row.home, row.document) for row in log][:1] == [(SCOPE, promise.document)]
    assert world.centre.database.read(lambda s: s.check_log("department/billing")).result() == 0


def test_large_documents_end_a_page_early_and_nothing_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from agentdesk.centre import pull

    monkeypatch.setattr(pull, "MAX_PULL_BYTES", 700)
    site = world.site()
    pages = list(site.pull_all(SCOPE))

    assert len(pages) > 1
    assert set(state(pages)) == {"c-1", "c-2", "c-3"}


def test_a_page_is_read_in_parts_and_no_further_than_its_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that hands over whole results never has to hold a page of the largest documents."""
    site = world.site()
    for _ in range(20):
        site.note()
    site.push()
    whole = list(site.pull_all(SCOPE))
    asked: list[int] = []
    real = SqlSnapshot.log

    def log(self: SqlSnapshot, scope: str, after: int, limit: int) -> Iterator[LogRow]:
        asked.append(limit)
        return real(self, scope, after, limit)

    monkeypatch.setattr(SqlSnapshot, "log", log)
    monkeypatch.setattr(pull, "SLICE", 3)
    assert state(list(site.pull_all(SCOPE))) == state(whole)
    assert max(asked) == 3
    asked.clear()
    assert len(list(site.pull_all(SCOPE, 7))) > 1
    assert set(asked) == {3, 1}
    asked.clear()
    monkeypatch.setattr(pull, "MAX_PULL_BYTES", 1)
    assert len(site.pull({SCOPE: {}})[SCOPE]["rows"]) == 1
    assert asked == [3]
