"""The search index of a replica: names with their sounds, and the words of work, in pairs of characters.

It is a site's own, made where the replica lies: no snapshot brings it. Triggers note each document that changes in the
transaction that changes it, whoever writes; `follow` takes the index there, at once after a small page, later and piece
by piece after a large one. What was noted and isn't followed yet is not found by words, and never found wrongly: hits
are compared with the document itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from agentdesk.domain.language.chinese import PLAIN, Chinese
from agentdesk.domain.work.texts import WORDED_TYPES, texts
from agentdesk.replica.driver import sqlite

VERSION = 1
"""Raised when the index of the same documents would come out differently."""

HOUR_MS = 3_600_000
_IN_AN_HOUR = 1 << 20
"""Places that an hour has: they rise with time, so that the newest are read first without sorting anything."""
_LAST_HOUR = 1 << 40

LONGEST_KEY = 16
"""Letters of a spoken name by whose beginnings it is found; what is longer is compared with the name itself."""

BEGINS, ENDS, OPEN = "^", "$", "^open"
"""What marks the beginning of a name, a whole name, and unfinished work."""

_TOKENS = "content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars '^$'\""
_TYPES = ", ".join(f"'{kind}'" for kind in sorted(WORDED_TYPES))
_NOTE = (
    "INSERT INTO search_todo (doc) SELECT {row}.rowid "
    "WHERE NOT EXISTS (SELECT 1 FROM search_todo WHERE doc = {row}.rowid)"
)
_NOTED = f"{{row}}.type IN ({_TYPES})"

# by counting, as reading them takes seconds in a large file; numbers in between that nothing has cost little
_NOTE_ALL = (
    "WITH RECURSIVE every (doc, last) AS (SELECT min(rowid), max(rowid) FROM document UNION ALL "
    "SELECT doc + 1, last FROM every WHERE doc < last) INSERT INTO search_todo (doc) SELECT doc FROM every "
    "WHERE doc IS NOT NULL"
)

_TABLES = f"""
CREATE TABLE IF NOT EXISTS search_made (mark TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS search_todo (doc INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS search_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS search_text (
  place INTEGER PRIMARY KEY, doc INTEGER NOT NULL UNIQUE, open INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE VIRTUAL TABLE IF NOT EXISTS search_names USING fts5 (tokens, {_TOKENS});
CREATE VIRTUAL TABLE IF NOT EXISTS search_words USING fts5 (tokens, {_TOKENS});
DROP TRIGGER IF EXISTS search_added;
DROP TRIGGER IF EXISTS search_changed;
DROP TRIGGER IF EXISTS search_gone;
CREATE TRIGGER search_added AFTER INSERT ON document
  WHEN new.name IS NOT NULL OR {_NOTED.format(row="new")} BEGIN {_NOTE.format(row="new")}; END;
CREATE TRIGGER search_changed AFTER UPDATE ON document
  WHEN new.name IS NOT old.name OR {_NOTED.format(row="new")} BEGIN {_NOTE.format(row="new")}; END;
CREATE TRIGGER search_gone AFTER DELETE ON document
  WHEN {_NOTED.format(row="old")} BEGIN {_NOTE.format(row="old")}; END;
"""


@lru_cache(maxsize=1)
def chinese() -> Chinese:
    """Return the table of Chinese characters that came with the program; none where it was never built."""
    from agentdesk._resources import chinese_table

    try:
        return Chinese.load(chinese_table().read_bytes())
    except (OSError, ValueError):
        return PLAIN


def prepare(connection: sqlite.Connection) -> None:
    """Give a replica its index, empty, where it has none or one of another version; all documents are noted then."""
    mark = f"{VERSION} {chinese().mark}"
    try:
        if connection.execute("SELECT mark FROM search_made").fetchone() == (mark,):
            return
    except sqlite.OperationalError as error:
        if "no such table" not in str(error):
            raise
    connection.executescript(
        f"""
        BEGIN IMMEDIATE; {_TABLES}
        DELETE FROM search_made; DELETE FROM search_todo; DELETE FROM search_name; DELETE FROM search_text;
        INSERT INTO search_names (search_names) VALUES ('delete-all');
        INSERT INTO search_words (search_words) VALUES ('delete-all');
        {_NOTE_ALL};
        INSERT INTO search_made (mark) VALUES ('{mark}');
        COMMIT;
        """
    )


def left(connection: sqlite.Connection, schema: str = "main") -> int:
    """Return about how many documents are still to be followed."""
    first, last = connection.execute(
        f"SELECT (SELECT min(doc) FROM {schema}.search_todo), (SELECT max(doc) FROM {schema}.search_todo)"
    ).fetchone()
    return 0 if first is None else int(last - first + 1)


def follow(connection: sqlite.Connection, most: int) -> int:
    """Take the index to where some of the noted documents are, in the caller's transaction; return how many."""
    rows = connection.execute(
        f"SELECT t.doc, d.name, d.at, d.open, CASE WHEN d.type IN ({_TYPES}) THEN d.data END FROM "
        "(SELECT doc FROM search_todo ORDER BY doc LIMIT ?) AS t LEFT JOIN document AS d ON d.rowid = t.doc",
        (most,),
    ).fetchall()
    if not rows:
        return 0
    table = chinese()
    _add_names(connection, table, {name for _, name, *_ in rows if name})
    for doc, _, at, unfinished, data in rows:
        words = "" if data is None else " ".join(table.fold(texts(json.loads(data))).split())
        _put_words(connection, doc, words, at if isinstance(at, int) else 0, unfinished or 0)
    connection.executemany("DELETE FROM search_todo WHERE doc = ?", [(row[0],) for row in rows])
    return len(rows)


def follow_page(connection: sqlite.Connection, most: int) -> None:
    """Follow all that is noted, if that isn't more than `most`; else it waits for whoever has the time."""
    noted = connection.execute("SELECT count(*) FROM (SELECT 1 FROM search_todo LIMIT ?)", (most + 1,)).fetchone()[0]
    if 0 < noted <= most:
        follow(connection, most)


def _add_names(connection: sqlite.Connection, table: Chinese, names: Iterable[str]) -> None:
    """Add names that weren't met before; one stays when nobody bears it any more, and then leads to nobody."""
    for name in sorted(names):
        added = connection.execute("INSERT INTO search_name (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
        if added.rowcount:
            tokens = " ".join(sorted(name_tokens(table, name)))
            connection.execute("INSERT INTO search_names (rowid, tokens) VALUES (?, ?)", (added.lastrowid, tokens))


def _put_words(connection: sqlite.Connection, doc: int, text: str, at: int, unfinished: int) -> None:
    known = connection.execute("SELECT place, open, text FROM search_text WHERE doc = ?", (doc,)).fetchone()
    hour = max(0, min(_LAST_HOUR, at // HOUR_MS)) * _IN_AN_HOUR
    if known is not None:
        place, was_open, was = known
        if (was_open, was) == (unfinished, text) and hour <= place < hour + _IN_AN_HOUR:
            return
        connection.execute(
            "INSERT INTO search_words (search_words, rowid, tokens) VALUES ('delete', ?, ?)",
            (place, _text_tokens(was, was_open)),
        )
        connection.execute("DELETE FROM search_text WHERE place = ?", (place,))
    if text:
        (place,) = connection.execute(
            "SELECT coalesce(max(place) + 1, ?1) FROM search_text WHERE place >= ?1 AND place < ?1 + ?2",
            (hour, _IN_AN_HOUR),
        ).fetchone()
        connection.execute(
            "INSERT INTO search_text (place, doc, open, text) VALUES (?, ?, ?, ?)", (place, doc, unfinished, text)
        )
        connection.execute(
            "INSERT INTO search_words (rowid, tokens) VALUES (?, ?)", (place, _text_tokens(text, unfinished))
        )


def _text_tokens(text: str, unfinished: int) -> str:
    tokens = pairs(text.split())
    if unfinished:
        tokens.add(OPEN)
    return " ".join(sorted(tokens))


def pairs(runs: Iterable[str]) -> set[str]:
    """Return the characters of some folded words and their pairs; of letters and digits only the pairs."""
    found: set[str] = set()
    for run in runs:
        found.update(map("".join, pairwise(run)))
        found.update(run if not run.isascii() else "")
    return {one for one in found if len(one) > 1 or not one.isascii()}


def sought(runs: Iterable[str]) -> tuple[str, ...]:
    """Return the tokens that whatever has some folded words has: their pairs; a character alone stands for itself."""
    return tuple(sorted({token for run in runs for token in pairs([run]) if len(token) > 1 or len(run) == 1}))


def name_tokens(table: Chinese, name: str) -> set[str]:
    """Return what a name is found by: its beginnings as it is written and as it is spoken, and its pairs."""
    folded = table.fold(name)
    written = "".join(folded.split())
    tokens = pairs([written])
    for key in (written, *table.spoken(folded)):
        tokens.update([BEGINS + key[:length] for length in range(1, min(len(key), LONGEST_KEY) + 1)])
        tokens.add(key[:LONGEST_KEY] + ENDS)
    return tokens


def asked(tokens: Sequence[str]) -> str:
    """Return the query for documents that have all of some tokens, whatever these are made of."""
    return " AND ".join('"' + token.replace('"', '""') + '"' for token in tokens)


def searchable(connection: sqlite.Connection, schema: str) -> bool:
    """Tell whether an attached replica has an index of this version."""
    made: Any = connection.execute(
        f"SELECT 1 FROM {schema}.sqlite_master WHERE type = 'table' AND name = 'search_made'"
    ).fetchone()
    if made is None:
        return False
    row = connection.execute(f"SELECT mark FROM {schema}.search_made").fetchone()
    return bool(row == (f"{VERSION} {chinese().mark}",))
