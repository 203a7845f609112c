"""`agentdesk audit` at the centre and at a site: what was tampered with, and who saw whom."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.centre.loading import bulk_load
from tests.centre.kit import AGENT, World, build_world, customer
from tests.cli.commands import Ran, inside
from tests.store.world import close_all
from tests.sync.histories import Story


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = build_world(tmp_path)
    site = made.site()
    site.whole_call(1)
    contact = site.contact(2)
    site.make("note.added", site.name("note"), {"customer": "c-2", "text": "机密的话"}, actor="a-2")
    site.make(
        "reveal.noted",
        site.name("reveal"),
        {"customer": "c-1", "reason": "compare", "shown": ["name", "numbers"], "seconds": 30},
        version=2,
        actor="a-2",
    )
    # turned from the one to the other: what comes after is about the other
    site.make("contact.turned", contact.document, {"customer": "c-1", "subscription": "sub-1"})
    site.push()
    yield made
    made.centre.database.close()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A site that has worked with a centre: the site's folder, and the centre's database."""
    story = Story(tmp_path)
    node = story.enrolled("hall")
    node.note("eins", 1)
    node.reveal(2)
    node.sync()
    story.close()
    close_all()
    yield tmp_path / "hall", tmp_path / "centre.db"
    close_all()


def audit(*words: object, url: str | None = None, language: str = "en") -> Ran:
    database = ("--database", url) if url is not None else ()
    return inside("audit", *words, *database, "--language", language)


def test_a_clean_centre_says_so_and_what_it_cannot_tell(world: World) -> None:
    done = audit("verify", url=world.url)
    assert (done.code, done.err) == (0, "")
    assert "nothing was changed" in done.out
    assert "compare with sites' words" in done.out
    whole = audit("verify", "--json", url=world.url).json
    assert (whole["clean"], whole["findings"]) == (True, [])


@pytest.mark.parametrize(("language", "words"), [("en", "missing: it was removed"), ("zh-CN", "  缺失：已被删除")])
def test_what_was_removed_is_one_line_with_its_place(world: World, language: str, words: str) -> None:
    connection = sqlite3.connect(world.url.removeprefix("sqlite:///"))
    with connection:
        connection.execute("DELETE FROM archive WHERE site <> 'centre' AND seq = 3")
    connection.close()
    done = audit("verify", url=world.url, language=language)
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if words in line]
    assert "lineage s-" in line
    assert "  3  " in line
    assert audit("verify", "--json", url=world.url).json["findings"][0]["what"]


def test_a_site_is_verified_and_its_word_is_taken_to_the_centre(hall: tuple[Path, Path], tmp_path: Path) -> None:
    folder, database = hall
    clean = audit("verify", "--data", folder)
    assert (clean.code, clean.err) == (0, "")
    assert "agentdesk audit word" in clean.out
    word = tmp_path / "word.jsonl"
    assert audit("word", word, "--data", folder).code == 0
    assert word.stat().st_mode & 0o777 == 0o600
    assert "eins" not in word.read_text()
    assert audit("verify", "--word", word, url=str(database)).code == 0
    assert audit("word", word, "--data", folder).code == 1, "nothing is written over"
    assert audit("verify", "--word", word, "--data", folder).code == 1
    bad = tmp_path / "bad"
    bad.write_text("{}\n")
    refused = audit("verify", "--word", bad, url=str(database))
    assert (refused.code, "no word of a site" in refused.error) == (1, True)
    with sqlite3.connect(folder / "outbox.db") as connection:
        connection.execute("UPDATE operation SET actor = 'somebody' WHERE seq = 1")
    connection.close()
    found = audit("verify", "--data", folder)
    assert found.code == 1
    assert "a column says something else than the operation (actor)" in found.out


@pytest.mark.parametrize("who", ["c-1", "18600000001", "客户1"])
def test_who_saw_a_customer_is_told_whatever_he_is_known_by(world: World, who: str) -> None:
    told = audit("show", "--customer", who, "--json", url=world.url).json
    assert told["customer"] == "c-1"
    how = [(s["agent"], s["how"], s["what"]) for s in told["sights"]]
    assert ("a-2", "revealed", "reveal.noted") in how
    assert (AGENT, "verified", "identity.verified") in how
    assert (AGENT, "contact", "contact.opened") in how
    assert (AGENT, "contact", "contact.turned") in how, "the contact was turned to him"
    assert (AGENT, "worked", "commitment.made") in how
    assert (AGENT, "worked", "commitment.spoken") in how, "it names no customer, but the promise is his"
    assert not [s for s in told["sights"] if s["customer"] != "c-1"]
    (seen,) = [s for s in told["sights"] if s["how"] == "revealed"]
    assert (seen["reason"], seen["fields"], seen["seconds"]) == ("compare", ["name", "numbers"], 30)


def test_who_is_asked_for_on_stdin_stands_in_no_list_of_processes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("18600000001\n"))
    assert audit("show", "--customer", "-", "--json", url=world.url).json["customer"] == "c-1"


def test_what_an_agent_saw_is_told_between_two_days_and_holds_nothing_of_what_was_said(world: World) -> None:
    told = audit("show", "--agent", "a-2", "--json", url=world.url)
    assert {s["customer"] for s in told.json["sights"]} == {"c-1", "c-2"}
    for text in (told.out, audit("show", "--agent", "a-2", url=world.url).out):
        assert "机密" not in text
        assert "客户" not in text
        assert "186000" not in text
    day = audit("show", "--agent", "a-2", "--from", "2026-09-21", "--to", "2026-09-22", "--json", url=world.url)
    assert len(day.json["sights"]) == len(told.json["sights"])
    assert audit("show", "--agent", "a-2", "--to", "2026-09-20", "--json", url=world.url).json["sights"] == []
    assert audit("show", "--agent", "a-2", "--from", "yesterday", url=world.url).code == 1


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_it_is_told_in_both_languages_and_as_csv(world: World, language: str) -> None:
    text = audit("show", "--customer", "c-1", url=world.url, language=language).out
    assert ("unmasked by hand" in text) is (language == "en")
    assert ("手动" in text) is (language == "zh-CN")
    rows = list(csv.DictReader(io.StringIO(audit("show", "--customer", "c-1", "--csv", url=world.url).out)))
    assert {row["customer"] for row in rows} == {"c-1"}
    assert {row["how"] for row in rows} == {"revealed", "verified", "contact", "worked"}


def test_a_site_tells_it_from_its_own_operations(hall: tuple[Path, Path]) -> None:
    folder, _ = hall
    told = audit("show", "--customer", "c-2", "--data", folder, "--json").json
    assert [(s["agent"], s["how"]) for s in told["sights"]] == [(AGENT, "revealed")]
    assert audit("show", "--customer", "nobody", "--data", folder).code == 1
    assert audit("show", "--agent", "a-9", "--data", folder).out.strip() == "nothing, as far as is known here"


def test_several_who_are_known_by_a_name_are_listed_by_their_ids(world: World) -> None:
    bulk_load(world.centre.database, "beijing", [customer(9, name="客户1")], means=world.means)
    several = audit("show", "--customer", "客户1", url=world.url)
    assert several.code == 4
    assert "c-1, c-9" in several.error
