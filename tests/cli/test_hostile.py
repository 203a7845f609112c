"""What commands print and write of a world in which every text is hostile: nothing of it is obeyed by anything."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from agentdesk.centre.storage.opening import KEY, open_database
from agentdesk.centre.storage.rows import LedgerLine
from agentdesk.cli.output import LONGEST_LINE, pairs, say, say_json, table
from agentdesk.domain.language.spreadsheet import unguarded
from agentdesk.domain.language.text import shown
from agentdesk.qa.desk import Desk
from agentdesk.store.site import Site
from tests.cli.commands import Ran, inside
from tests.desk.world import WANG
from tests.hostile import FORMULAS, HOSTILE, LONG_LINE, QUERIES, drawable
from tests.poisoned import poison

FIGURE = re.compile(r"[+-]?\d+(\.\d+)?")
FORMULA = re.compile("[ \u00a0\u3000]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a poisoned site."""
    made = tmp_path_factory.mktemp("poisoned")
    site = Desk(made).site()
    poison(site, made, 0)
    site.close()
    return made


@pytest.fixture(scope="module")
def ids(folder: Path) -> list[str]:
    """The ids of its operations."""
    site: Site = Desk(folder, make=False).site()
    found = [entry.id for entry in site.outbox.entries()]
    site.close()
    return found


def harmless(ran: Ran) -> None:
    """Check both streams of a command, line by line; JSON is read as well."""
    for stream in (ran.out, ran.err):
        for line in stream.split("\n"):
            assert drawable(line), ascii(line)[:200]
    assert "Traceback" not in ran.err


COMMANDS = [
    ("find", "王"),
    ("find", "宽带"),
    ("find", WANG),
    ("find", "100010002188"),
    ("show", WANG),
    ("show", "100010002188"),
    ("show", "100010000931"),
    ("promise", WANG, "U05", "--ask"),
    ("outbox", "list"),
    ("outbox", "list", "--waiting"),
    ("site", "status"),
    ("doctor",),
    ("keys",),
]


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_prints_hostile_texts_as_texts(folder: Path, words: tuple[str, ...], form: tuple[str, ...]) -> None:
    where = () if words[0] == "keys" else ("--data", folder)
    ran = inside(*words, *form, *where)
    harmless(ran)
    if form and ran.out:
        assert isinstance(json.loads(ran.out), dict)


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("action", ["show", "explain"])
def test_an_operation_is_shown_with_what_was_said_of_it(
    folder: Path, ids: list[str], action: str, form: tuple[str, ...]
) -> None:
    for id_ in ids:
        ran = inside("outbox", action, id_, *form, "--data", folder)
        assert ran.code == 0
        harmless(ran)


@pytest.mark.parametrize("words", [*QUERIES, *HOSTILE[::4]], ids=lambda words: ascii(words[:12]))
def test_whatever_is_given_as_an_argument_is_a_text(folder: Path, words: str) -> None:
    for command in (("find",), ("show",), ("outbox", "show")):
        ran = inside(*command, "--data", folder, "--", words)
        assert ran.code in (0, 1, 2, 4)
        harmless(ran)


def test_what_the_command_line_refuses_it_repeats_without_what_a_terminal_obeys(folder: Path) -> None:
    for words in HOSTILE:
        for given in (("--" + words,), ("show", "1", "--customer", words, "--what"), (words, words), ("call",)):
            ran = inside(*given)
            harmless(ran)


# ------------------------------------------------------------ tables for spreadsheets


TEXTS = [words.encode("utf-8", "replace").decode() for words in (*FORMULAS, *HOSTILE)]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre's database whose ledger has formulas in every text."""
    folder = tmp_path_factory.mktemp("centre")
    made = open_database(f"sqlite:///{folder / 'centre.db'}", folder / KEY)
    lines = [
        LedgerLine("s", "l", n, 1, f"o-{n}", "cost", -1_250, None, "region/bj", text, text, text, 0)
        for n, text in enumerate(TEXTS, 1)
    ]
    made.write(lambda tx: tx.add_ledger(lines)).result()
    made.close()
    return folder / "centre.db"


def test_no_cell_of_the_ledger_is_a_formula_and_each_comes_back_as_it_was(database: Path) -> None:
    ran = inside("ledger", "--database", database, "--region", "bj", "--csv")
    assert ran.code == 0
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert len(rows) == len(TEXTS)
    for row, text in zip(rows, TEXTS, strict=True):
        assert row["amount"] == "-12.50"
        for cell in row.values():
            assert drawable(cell)
            assert FIGURE.fullmatch(cell) or FORMULA.match(cell) is None
        assert unguarded(row["customer"]) == shown(text, 100_000)


@pytest.mark.parametrize("form", ["--lines", "--json", "--csv"])
def test_the_ledger_is_printed_without_what_a_terminal_obeys(database: Path, form: str) -> None:
    harmless(inside("ledger", "--database", database, "--region", "bj", form))


def test_refused_lines_of_an_import_are_no_formulas_and_can_be_given_again_as_they_were(tmp_path: Path) -> None:
    source = tmp_path / "people.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "balance", "=cmd|' /C calc'!A0"])
        writer.writerows([text, "no amount", text] for text in FORMULAS if text.strip("\r\n\t '"))
    refused = _rejected(tmp_path, source)
    assert refused
    for row in refused:
        for cell in row[1:]:
            assert FORMULA.match(cell) is None
    again = tmp_path / "again.csv"
    with again.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["name", "balance", "x"], *([*row[3:4], "no amount", ""] for row in refused[1:])])
    for first, second in zip(refused[1:], _rejected(tmp_path, again)[1:], strict=True):
        assert unguarded(second[3]) == first[3] or second[3] == first[3]


def _rejected(folder: Path, source: Path) -> list[list[str]]:
    """Import a file at a centre, and return the lines that were refused."""
    inside("import", "customers", source, "--region", "bj", "--database", folder / "centre.db")
    with source.with_name(f"{source.stem}.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


# ------------------------------------------------------------ the one place that prints


@pytest.mark.parametrize("words", [*HOSTILE, LONG_LINE], ids=lambda words: ascii(words[:12]))
def test_whatever_is_to_be_printed_is_one_line_that_no_terminal_obeys(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say([words])
    say(table([(words, "b")], ("a", words)))
    say(pairs([(words, words)]))
    lines = capsys.readouterr().out.split("\n")
    assert len(lines) == 5
    assert all(map(drawable, lines))
    assert all(len(line) <= 3 * LONGEST_LINE for line in lines)
    say_json({words: [words, {"x": words}]})
    assert all(map(drawable, capsys.readouterr().out.split("\n")))
