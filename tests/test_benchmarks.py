"""What the benchmarks of sync measure is what they say: a mix of which every rule approves."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from agentdesk.catalogue import packaged
from agentdesk.centre.bodies import parse
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.opening import open_database
from agentdesk.protocol.messages import PushRequest
from benchmarks import commit, people
from benchmarks.measure import Figure
from benchmarks.pouch import compared
from benchmarks.processes import centre
from benchmarks.sealing import Sealer, enrol_many
from benchmarks.sync_world import make_world
from benchmarks.world import make_site
from tests.postgres import Server


def test_the_working_mix_is_what_it_is_called_and_all_of_it_is_applied(tmp_path: Path) -> None:
    world = make_world(tmp_path, f"sqlite:///{tmp_path / 'centre.db'}", 20)
    database = open_database(world.database, tmp_path / "centre.key")
    try:
        centre = Centre(database)
        (site,) = enrol_many(centre, 1)
        sealer = Sealer(site, packaged().version)
        people.mix(sealer, sealer.make, 0, 100, sealer.credit)
        kinds = Counter(operation.kind.partition(".")[0] for operation in sealer.made)
        request = parse(PushRequest, sealer.body(500))
        taken, _ = asyncio.run(centre.push(sealer.caller, request))
    finally:
        database.close()
    assert kinds == {"contact": 20, "identity": 20, "note": 30, "commitment": 20, "ticket": 10}
    assert {receipt.verdict for receipt in taken.verdicts} == {"applied"}


def test_a_centre_that_is_measured_on_a_server_has_the_key_of_its_world(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, own = postgres.create(), tmp_path / "own"
    monkeypatch.setenv("XDG_DATA_HOME", str(own))
    make_world(tmp_path, url, 20)
    with centre(tmp_path, url) as server:
        assert httpx.get(f"{server.url}/healthz", timeout=120).status_code == 200
    assert not own.exists()


def test_every_promise_that_is_measured_is_taken_as_it_is_told_on_a_line_that_is_up(tmp_path: Path) -> None:
    site = make_site(tmp_path, 300)
    try:
        draft = commit.promise(site)
        drafts = [draft(site) for _ in range(300)]
        taken = [site.commit(one).operation.id for one in drafts]
    finally:
        site.close()
    later = {code for code, one in packaged().templates.items() if one.offline.mode == "later"}
    told = {str(one.body["template"]) for one in drafts}
    assert len(taken) == 300
    assert told & later, "none of them has another deadline when the line is down: nothing is shown"


def test_what_was_measured_in_one_run_is_held_against_pouchdb() -> None:
    ours = Figure("push mix, SQLite: batches of 500", 10_000, "ops/s", 30_000, 0.33)
    (row,) = compared([ours, Figure("PouchDB push", 4_000, "ops/s")])
    assert (row.name, row.ratio, row.aim) == ("push mix, SQLite, against PouchDB", 2.5, "≥ 2.5 x")
    assert compared([ours, Figure("PouchDB: not measured, node is missing", 0, "ops/s")]) == []
