"""What one site writes is seen at another without polling, whatever becomes of the stream in between."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agentdesk.store.site import Site
from agentdesk.sync import runner
from agentdesk.sync.core import Pace
from agentdesk.sync.runner import SyncThread
from tests.e2e.proxy import BadLine
from tests.e2e.world import SCOPE, Branch, Centre, stopped_customer
from tests.waiting import until

NEVER = Pace(poll_ms=3_600_000, live_poll_ms=3_600_000)
"""Nothing arrives by polling in a test's time."""


@contextmanager
def syncing(branch: Branch, line: BadLine | None = None) -> Iterator[Site]:
    """Sync a branch in a thread of this process; gives its files to look at."""
    site = branch.open()
    if line is not None:
        site.move_centre(line.url)
    worker = SyncThread(branch.folder, branch.open, pace=NEVER)
    worker.start()
    try:
        yield site
    finally:
        worker.stop(30)
        site.close()


def is_live(site: Site) -> bool:
    return site.line.state().state == "live"


def sees(site: Site, document: str) -> bool:
    site.files.refresh()
    return site.view.document(SCOPE, document) is not None


@pytest.fixture
def line(centre: Centre) -> Iterator[BadLine]:
    made = BadLine(centre.port)
    yield made
    made.close()


def test_a_promise_of_one_site_is_seen_at_another_without_polling(
    halls: tuple[Branch, Branch], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the worker doesn't look by itself either: what is committed rings its bell
    monkeypatch.setattr(runner, "LOOK_MS", 3_600_000)
    east, west = halls
    customer, subscription, amount = stopped_customer(east.centre.sample)
    with syncing(east) as a, syncing(west) as b:
        until(lambda: is_live(a) and is_live(b))
        promise = east.promise(a, "U04", customer, subscription, amount).operation.document
        until(lambda: sees(b, promise))
        answer = west.note(b, "seen").operation.document
        until(lambda: sees(a, answer) and a.view.waiting_for(SCOPE, promise) == 0)


def test_where_no_stream_stands_long_polls_take_its_place(halls: tuple[Branch, Branch], line: BadLine) -> None:
    east, west = halls
    line.cut_streams = True
    with syncing(west, line) as b:
        until(lambda: line.streams == 3)
        until(lambda: is_live(b))
        with syncing(east) as a:
            for n in range(3):
                note = east.note(a, f"note {n}").operation.document
                until(lambda note=note: sees(b, note))  # type: ignore[misc]
    # after five minutes of polling it tries a stream again: on a slow machine that may be meanwhile
    assert line.streams <= 4


def test_a_stream_that_is_cut_in_the_middle_is_opened_again_and_nothing_is_missed(
    halls: tuple[Branch, Branch], line: BadLine
) -> None:
    east, west = halls
    with syncing(east) as a, syncing(west, line) as b:
        until(lambda: is_live(b))
        line.cut = True
        line.sever()
        until(lambda: not is_live(b))
        note = east.note(a, "while the line was cut").operation.document
        until(lambda: a.view.waiting_for(SCOPE, note) == 0)
        assert not sees(b, note)
        line.cut = False
        until(lambda: sees(b, note))
        until(lambda: is_live(b))


def test_a_server_that_stops_ends_its_streams_and_sites_come_back_to_the_next_one(
    halls: tuple[Branch, Branch], centre: Centre
) -> None:
    east, west = halls
    with syncing(east) as a, syncing(west) as b:
        until(lambda: is_live(a) and is_live(b))
        assert centre.process is not None
        centre.process.send_signal(signal.SIGTERM)
        centre.process.wait(60)
        assert "timeout graceful shutdown exceeded" not in (centre.folder / "centre.log").read_text()
        until(lambda: not is_live(a) and not is_live(b))
        note = east.note(a, "while the centre was down").operation.document
        centre.start()
        until(lambda: sees(b, note))
        until(lambda: is_live(a) and is_live(b))


def test_a_line_that_a_person_cuts_has_no_stream(halls: tuple[Branch, Branch], line: BadLine) -> None:
    east, west = halls
    with syncing(west, line) as b:
        until(lambda: is_live(b))
        b.line.cut(True, b.clock.wall_ms())
        until(lambda: not line.is_open())
        east_site = east.open()
        note = east.note(east_site, "while the line was cut by hand").operation.document
        east.sync()
        east_site.close()
        assert not sees(b, note)
        b.line.cut(False, b.clock.wall_ms())
        until(lambda: sees(b, note))
        until(lambda: is_live(b))


def test_what_a_command_imports_beside_the_server_is_noticed(halls: tuple[Branch, Branch], centre: Centre) -> None:
    from agentdesk.centre.loading import bulk_load
    from agentdesk.centre.storage.opening import open_database
    from agentdesk.domain.documents import Document
    from tests.e2e.world import REGION

    _, west = halls
    with syncing(west) as b:
        until(lambda: is_live(b))
        beside = open_database(centre.database)
        customer = centre.sample.customer(1)
        bulk_load(beside, REGION, [Document(SCOPE, "c-new", "customer", 0, dict(customer.data))])
        beside.close()
        until(lambda: sees(b, "c-new"))
