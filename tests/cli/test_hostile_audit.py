"""What `agentdesk audit` says of databases, words and questions in which every text is hostile: it is only read.

Whoever can write into a database writes what he likes: what can't be what it should be is found, and stops nothing.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.centre.kit import AGENT
from tests.cli.commands import Ran, inside
from tests.cli.test_hostile import FORMULA, harmless
from tests.hostile import FORMULAS, HOSTILE, LONG_LINE, QUERIES, json_texts
from tests.poisoned import POISON
from tests.store.world import close_all
from tests.sync.histories import Story

FORMS = ((), ("--json",))
TABLES = {
    "hall/outbox.db": ("chain", "operation", "verdict"),
    "centre.db": (
        *("meta", "site", "lineage", "scope", "scope_log", "document", "holder", "receipt", "archive", "budget"),
        *("allowance", "epoch"),
    ),
}
"""The evidence of a site and of the centre."""
WORDS = [POISON[5], "".join(words[:40] for words in POISON), POISON[-2][:9_000]]


UNTOLD = {"chain": ("proof",), "verdict": ("verdict", "reasons", "scope", "epoch")}
"""What a site can't check by itself: its word, at the centre, does."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that has worked with a centre, and that centre's database, as they were left."""
    folder = tmp_path_factory.mktemp("kept")
    story = Story(folder)
    node = story.enrolled("hall")
    for number, words in enumerate(POISON[::9]):
        node.note(words[:3_000], 1 + number % 2)
        node.reveal(2)
    node.sync()
    story.close()
    close_all()
    return folder


@pytest.fixture
def world(kept: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, to be written into."""
    yield Path(shutil.copytree(kept, tmp_path / "world"))
    close_all()


def place(folder: Path, file: str) -> tuple[str, Path | str]:
    """Return the argument that names the site or the centre that a file belongs to."""
    return ("--data", folder / "hall") if file.startswith("hall") else ("--database", f"sqlite:///{folder / file}")


def sound(ran: Ran) -> None:
    """Check that a command did its work, or said in one line why not."""
    harmless(ran)
    assert "a fault of the program" not in ran.err, ran.err
    assert ran.code in (0, 1, 2, 4)
    assert len(ran.err.splitlines()) <= 1 or ran.code == 2


def audit(*words: object) -> Iterator[Ran]:
    """Run a command of the audit in both forms."""
    for form in FORMS:
        ran = inside("audit", *words, *form)
        sound(ran)
        if form and ran.out:
            assert isinstance(ran.json, dict)
        yield ran


def columns_of(path: Path, table: str, sort: str) -> list[str]:
    """Return a table's columns of one sort."""
    with closing(sqlite3.connect(path)) as database:
        return [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[2] == sort]


def write(path: Path, table: str, column: str, *values: object) -> None:
    """Write values in the place of those in a table's first rows, the last of them into its last row."""
    with closing(sqlite3.connect(path)) as database, database:
        rows = database.execute(f"SELECT * FROM {table}").fetchall()
        names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        where = " AND ".join(f'"{name}" IS ?' for name in names)
        for row, value in zip([*rows[: len(values) - 1], rows[-1]], values, strict=False):
            written = value.format(row[names.index(column)]) if isinstance(value, str) else value
            database.execute(f'UPDATE OR REPLACE {table} SET "{column}" = ? WHERE {where}', (written, *row))


def put_back(kept: Path, world: Path, file: str) -> None:
    """Undo what was written into a file."""
    close_all()
    for leftover in (world / file).parent.glob(f"{Path(file).name}-*"):
        leftover.unlink()
    shutil.copyfile(kept / file, world / file)


def asked(world: Path, file: str) -> Iterator[Ran]:
    """Ask everything of a site or the centre; yield what was said of its chains."""
    yield from audit("verify", *place(world, file))
    for question in (("--agent", AGENT), ("--customer", "c-2")):
        for _ in audit("show", *question, *place(world, file)):
            pass


EACH = pytest.mark.parametrize(
    ("file", "table"), [(file, table) for file, tables in TABLES.items() for table in tables]
)


@EACH
def test_whatever_stands_in_evidence_is_told_as_a_text(kept: Path, world: Path, file: str, table: str) -> None:
    """Each text of each table in turn, and what was written is noticed."""
    for number, column in enumerate(columns_of(kept / file, table, "TEXT")):
        put_back(kept, world, file)
        words = WORDS[number % len(WORDS)].replace("{", "{{").replace("}", "}}")
        write(world / file, table, column, words, f"{{}}{words}")
        for ran in asked(world, file):
            assert ran.code == 1 or column in UNTOLD.get(table, ()), (column, ran.out, ran.err)


@EACH
def test_a_number_that_is_none_is_found_or_said_and_nothing_falls_over_it(
    kept: Path, world: Path, file: str, table: str
) -> None:
    for number, column in enumerate(columns_of(kept / file, table, "INTEGER")):
        put_back(kept, world, file)
        write(world / file, table, column, "\x1b[31m九")
        for ran in asked(world, file):
            assert ran.code in (0, 1)
        for ran in audit("verify", *place(world, file)):
            assert ran.code == 1
            assert f"({column})" in ran.out
        put_back(kept, world, file)
        write(world / file, table, column, (2**63 - 1, -(2**63), 1.5)[number % 3])
        for ran in asked(world, file):
            assert ran.code in (0, 1)


def hostile_heads() -> Iterator[tuple[str, str]]:
    """Yield heads and bodies of operations that say hostile things, and some that are hardly any."""
    for words in POISON[::3]:
        head = {
            **dict.fromkeys(("id", "kind", "actor", "role", "document", "scope", "digest", "prev", "site"), words),
            **{"wall": words, "offset": [words]},
        }
        body = {"customer": "c-2", "reason": words, "shown": [words, {words: 1}, None], "seconds": 10**30}
        yield json.dumps({**head, "actor": AGENT, "kind": "reveal.noted"}), json.dumps(body)
        yield json.dumps({**head, "actor": AGENT, "note": "c-2"}), json.dumps({**body, "method": words})
        yield json.dumps({"actor": AGENT, "kind": "identity.verified", "document": words}), json.dumps(body)
    for raw in json_texts().values():
        text = raw.decode("utf-8", "replace")[:20_000]
        yield text, text


@pytest.mark.parametrize("file", TABLES)
def test_operations_that_say_hostile_things_are_told_as_texts(world: Path, file: str) -> None:
    table = "operation" if file.startswith("hall") else "archive"
    pairs = list(hostile_heads())
    with closing(sqlite3.connect(world / file)) as database, database:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        for sample in database.execute(f"SELECT * FROM {table} WHERE seq = 2").fetchall():
            values = dict(zip(columns, sample, strict=True))
            for number, (head, body) in enumerate(pairs):
                new = {**values, "seq": 100 + number, "id": f"{values['id']}-{number}", "head": head, "body": body}
                marks = ", ".join("?" for _ in columns)
                database.execute(f"INSERT INTO {table} VALUES ({marks})", [new[name] for name in columns])
    for ran in audit("verify", *place(world, file)):
        assert ran.code == 1
    for question in (("--agent", AGENT), ("--customer", "c-2")):
        shown = [ran.out for ran in audit("show", *question, *place(world, file))]
        assert shown[0].count("\n") > len(pairs) // 3, "they stand there to be read"
        ran = inside("audit", "show", *question, "--csv", *place(world, file))
        sound(ran)
        for row in csv.reader(io.StringIO(ran.out)):
            for cell in row:
                assert FORMULA.match(cell) is None


@pytest.mark.parametrize("file", TABLES)
def test_whatever_is_asked_is_a_text(world: Path, file: str) -> None:
    for words in [*HOSTILE[::5], *QUERIES[::2], *FORMULAS[::3], LONG_LINE]:
        for name in ("--agent", "--customer", "--from", "--to"):
            who = () if name in ("--agent", "--customer") else ("--agent", AGENT)
            ran = inside("audit", "show", *who, f"{name}={words}", *place(world, file))
            sound(ran)
            assert ran.code in (0, 1, 2, 4)


def test_a_word_in_which_every_text_is_hostile_proves_nothing_and_says_so(world: Path, tmp_path: Path) -> None:
    word = tmp_path / "word.jsonl"
    sound(inside("audit", "word", word, *place(world, "hall/outbox.db")))
    said = [json.loads(line) for line in word.read_text("utf-8").splitlines()]
    centre = place(world, "centre.db")
    texts = [*POISON[::8], *(raw.decode("utf-8", "replace") for raw in json_texts().values())]
    for number, words in enumerate(filter(None, texts)):
        for lines in (
            [words, *map(json.dumps, said[1:])],
            [json.dumps(poisoned(said[0], words)), *map(json.dumps, said[1:])],
            [json.dumps(said[0]), *(json.dumps(poisoned(line, words)) for line in said[1:])],
            [json.dumps(said[0]), words],
        ):
            word.write_text("\n".join(lines), "utf-8")
            ran = inside("audit", "verify", "--word", word, *FORMS[number % 2], *centre)
            sound(ran)
            assert ran.code == 1


def poisoned(value: object, words: str) -> object:
    """Return a part of a word with hostile words behind each text."""
    if isinstance(value, str):
        return value + words
    if isinstance(value, list):
        return [poisoned(item, words) for item in value]
    return {name: poisoned(item, words) for name, item in value.items()} if isinstance(value, dict) else value


def test_what_is_sealed_or_written_down_of_hostile_rows_says_nothing_of_them(world: Path, tmp_path: Path) -> None:
    for table in ("operation", "verdict"):
        for column in columns_of(world / "hall/outbox.db", table, "TEXT"):
            write(world / "hall/outbox.db", table, column, "{}" + WORDS[1].replace("{", "").replace("}", ""))
    for number, ran in enumerate(audit("word", tmp_path / "a", *place(world, "hall/outbox.db"))):
        assert ran.code == number, "the second finds a file there"
    for column in columns_of(world / "centre.db", "archive", "TEXT"):
        write(world / "centre.db", "archive", column, "{}" + WORDS[1].replace("{", "").replace("}", ""))
    for ran in audit("seal", *place(world, "centre.db")):
        assert ran.code == 0
