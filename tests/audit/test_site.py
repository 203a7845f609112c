"""`agentdesk audit verify` at a site, and a site's word: what either side alone can't show the other one does."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from agentdesk.centre.auditing.verifying import verify as verify_centre
from agentdesk.centre.storage.inline import InlineDatabase
from agentdesk.domain.audit import words
from agentdesk.domain.audit.chain import Finding
from agentdesk.domain.audit.words import BadWord, SiteWord
from agentdesk.store.auditing.verifying import verify, word
from agentdesk.store.files import Files
from agentdesk.store.site import Site
from tests.audit.tampering import DEEDS, PLACES, Deed, Tampered, Tampering
from tests.store.world import close_all
from tests.sync.histories import Story

EACH = 5
"""Examples of each deed on each table."""
TABLES = ("operation", "chain", "verdict")
BESIDE = {"verdict": {"reasons", "epoch", "at"}, "chain": {"durable", "proof"}}
"""What no other row repeats: why and when a verdict came, and the centre's word that it took a lineage so far."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a centre and a site that has worked with it: some hundred operations, the last of them unsent."""
    folder = tmp_path_factory.mktemp("made")
    story = Story(folder)
    node = story.enrolled("hall")
    for number in range(120):
        node.note(f"note {number}", number % 3 + 1)
    node.sync()
    for number in range(5):
        node.note(f"unsent {number}")
    save(node.site, folder / "word.jsonl")
    story.close()
    close_all()
    for path in (folder / "centre.db", folder / "hall" / "outbox.db"):
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return folder


@pytest.fixture
def at(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return copied(made, tmp_path / "copy")


def copied(made: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(made, to)
    return to


def save(site: Site, path: Path) -> None:
    lineages, operations = word(site.files)
    lines = words.written(site.identity.site, lineages, site.pull_cursors(), operations)
    path.write_text("".join(f"{line}\n" for line in lines))


def said(path: Path) -> SiteWord:
    def lines() -> Iterator[str]:
        with path.open() as file:
            yield from file

    return words.read(lines)


def of_site(folder: Path) -> list[Finding]:
    files = Files(folder / "hall")
    try:
        return verify(files).findings
    finally:
        files.close()


def of_centre(folder: Path) -> list[Finding]:
    database = InlineDatabase(folder / "centre.db")
    try:
        return verify_centre(database, [said(folder / "word.jsonl")]).findings
    finally:
        database.close()


def test_what_nobody_touched_is_clean(at: Path) -> None:
    files = Files(at / "hall")
    done = verify(files)
    files.close()
    assert (done.findings, done.rows) == ([], 125)
    assert of_centre(at) == []


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("table", TABLES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=EACH
)
@given(places=PLACES)
def test_any_one_row_of_a_site_that_was_tampered_with_is_found_and_named(
    made: Path, tmp_path: Path, table: str, deed: Deed, places: tuple[int, int, int]
) -> None:
    at = copied(made, tmp_path / "copy")
    outbox = at / "hall" / "outbox.db"
    before = columns(outbox, table)
    tampering = Tampering(table, deed, *places)
    names = Tampered(outbox).do(tampering)
    if names is None or (deed == "change" and before[places[2] % len(before)] in BESIDE.get(table, ())):
        return
    findings = of_site(at)
    if table == "verdict" and deed in ("change", "swap") and not findings:
        site = Files(at / "hall")
        lineages, operations = word(site)
        kept = said(at / "word.jsonl")
        lines = list(words.written(kept.site, lineages, kept.cursors, operations))
        site.close()
        (at / "word.jsonl").write_text("".join(f"{line}\n" for line in lines))
        findings = of_centre(at)
        assert bool(findings) or deed == "swap", tampering
        return
    told = [f"{f.where} {f.at} {f.detail}" for f in findings]
    assert told, tampering
    assert any(name in text for name in names for text in told), (tampering, told)


def columns(path: Path, table: str) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    finally:
        connection.close()


def run(path: Path, *lines: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(";\n".join(lines))
    connection.close()


def test_an_end_that_was_cut_off_with_all_that_counts_it_is_told_by_the_sites_word(at: Path) -> None:
    """Who cuts a chain's end and mends its head leaves a chain that is whole: only shorter than the centre said."""
    connection = sqlite3.connect(at / "centre.db")
    (site,) = connection.execute("SELECT site FROM lineage WHERE site <> 'centre'").fetchone()
    (last,) = connection.execute("SELECT max(seq) FROM archive WHERE site = ?", (site,)).fetchone()
    connection.close()
    for table in ("archive", "receipt"):
        run(at / "centre.db", f"DELETE FROM {table} WHERE site = '{site}' AND seq > {last - 3}")
    hash_ = "(SELECT r.hash FROM receipt r WHERE r.site = lineage.site AND r.lineage = lineage.lineage AND r.seq = {n})"
    run(
        at / "centre.db",
        f"UPDATE lineage SET last_seq = {last - 3}, last_hash = {hash_.format(n=last - 3)} WHERE site = '{site}'",
    )
    found = of_centre(at)
    lost = [f for f in found if f.what == "lost" and site in f.where]
    assert f"{last - 2}-{last}" in {f.at for f in lost}
    assert {str(n) for n in range(last - 2, last + 1)} <= {f.at for f in lost}


def test_a_log_that_was_shortened_is_told_by_the_places_that_a_site_was_given(at: Path) -> None:
    connection = sqlite3.connect(at / "centre.db")
    (seq,) = connection.execute("SELECT seq FROM scope WHERE scope = 'region/beijing'").fetchone()
    (hash_,) = connection.execute("SELECT hash FROM scope_log WHERE scope = 'region/beijing' AND seq = ?", (seq - 1,))
    connection.close()
    run(
        at / "centre.db",
        f"DELETE FROM scope_log WHERE scope = 'region/beijing' AND seq = {seq}",
        f"UPDATE scope SET seq = {seq - 1}, hash = '{hash_[0]}' WHERE scope = 'region/beijing'",
    )
    assert Finding("log region/beijing", str(seq), "lost") in of_centre(at)


def test_what_the_centre_never_said_is_no_proof(at: Path) -> None:
    lines = (at / "word.jsonl").read_text().splitlines()
    head = json.loads(lines[0])
    head["lineages"][0][1:4] = [900, 900, "f" * 64]
    head["cursors"]["region/beijing"][1] += 50
    (at / "word.jsonl").write_text("\n".join([json.dumps(head), *lines[1:]]) + "\n")
    (found,) = of_centre(at)
    assert found.what == "unproven"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"agentdesk_word":1,"site":"s","lineages":[[1]],"cursors":{}}'])
def test_a_file_that_is_no_word_is_refused(text: str) -> None:
    with pytest.raises(BadWord):
        words.read(lambda: iter([text]))


def test_operations_that_were_let_go_are_no_gap(at: Path) -> None:
    run(at / "hall" / "outbox.db", "INSERT OR REPLACE INTO meta (key, value) VALUES ('tidied_at', '1')")
    found = of_site(at)
    assert found == []
    run(at / "hall" / "outbox.db", "DELETE FROM operation WHERE seq BETWEEN 3 AND 5")
    assert Finding("lineage", "3-5", "missing")[1:] in {f[1:] for f in of_site(at)}, "none is let go of so few"
