"""Finding by names and words: the replicas' indexes, and what waits here compared one by one.

What is typed comes from people's hands: whatever it is, it is folded to plain words before any of it is asked for, so
that nothing in it can be a query, and there is nothing to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from agentdesk.domain.documents import Document, Key, index_of, is_open
from agentdesk.domain.language.chinese import Chinese
from agentdesk.domain.work.texts import WORDED_TYPES, texts
from agentdesk.replica.search import BEGINS, ENDS, LONGEST_KEY, OPEN, asked, chinese, follow, left, searchable, sought
from agentdesk.replica.tables import DOCUMENT_COLUMNS, document
from agentdesk.store.files import Files
from agentdesk.store.view import Holder

LONGEST = 200
"""Characters of what is typed that are looked for; nobody types more, and what is pasted need not be."""
LOOKED_AT = 2_000
"""Candidates, newest first, that are compared before the search is content with what it has."""
PIECE = 200
"""Documents that are followed in one transaction: a push must not wait for more."""

_UMLAUTS = str.maketrans("üǖǘǚǜÜǕǗǙǛ", "v" * 10)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document that waits here, with the text that it is found by."""

    data: object
    document: Document
    number: str
    folded: str


class Search:
    """Finds documents of one site; used by the thread that has its files."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._ready: set[str] = set()
        self._waiting: dict[Key, _Waiting] = {}
        self._seen: tuple[int, int] | None = None

    # keeping the index

    def left(self) -> int:
        """Return about how many documents aren't found by their words yet; 0 when the index is whole."""
        found = 0
        for alias in self._files.attached.aliases():
            found += left(self._files.outbox, alias) if self._is_ready(alias) else 1
        return found

    def follow(self) -> bool:
        """Take the indexes a piece further, in a transaction of its own; False when there is nothing to do.

        For the process that syncs, when it has nothing else to do; raises DiskFull.
        """
        if not self.left():
            return False
        for name in sorted(self._files.replicas()):
            with self._files.indexing(name) as replica:
                if follow(replica, PIECE):
                    return True
        return False

    def _is_ready(self, alias: str) -> bool:
        if alias not in self._ready and searchable(self._files.outbox, alias):
            self._ready.add(alias)
        return alias in self._ready

    def _indexed(self) -> Iterator[str]:
        return (alias for alias in self._files.attached.aliases() if self._is_ready(alias))

    # finding

    @property
    def chinese(self) -> Chinese:
        """Return what is known of Chinese characters here."""
        return chinese()

    def fold(self, text: str) -> str:
        """Return a text as it is compared with what is typed (`Chinese.fold`)."""
        return chinese().fold(text)

    def reached(self, digits: str, most: int) -> tuple[Holder, ...]:
        """Return who can be reached under numbers that begin with some digits, as they are dialled in China."""
        e164 = f"+{digits}" if digits.startswith("86") and len(digits) > 4 else f"+86{digits.lstrip('0')}"
        found: list[Holder] = []
        for alias in self._files.attached.aliases():
            rows = self._files.outbox.execute(
                f"SELECT scope, customer, subscription, relation, rank FROM {alias}.holder "
                "WHERE number >= ? AND number < ? ORDER BY number, rank LIMIT ?",
                (e164, f"{e164}:", most),
            )
            found += [Holder(s, c, line or None, relation, rank) for s, c, line, relation, rank in rows]
        return tuple(found[:most])

    def numbered(self, digits: str, most: int) -> tuple[Document, ...]:
        """Return what has a number of its own that begins with some digits."""
        waiting = self._waits()
        found = {key: own.document for key, own in waiting.items() if own.number.startswith(digits)}
        for alias in self._files.attached.aliases():
            rows = self._files.outbox.execute(
                f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE ref >= ? AND ref < ? ORDER BY ref LIMIT ?",
                (digits, f"{digits}:", most),
            )
            for one in map(document, rows):
                found.setdefault(one.key, waiting[one.key].document if one.key in waiting else one)
        return tuple(found.values())[:most]

    def ending(self, digits: str, most: int) -> tuple[Document, ...]:
        """Return open work whose number ends with some digits: lists show no more of it than that."""
        waiting = self._waits()
        found = {key: o.document for key, o in waiting.items() if o.number.endswith(digits) and is_open(o.document)}
        for alias in self._files.attached.aliases():
            rows = self._files.outbox.execute(
                f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document INDEXED BY document_open "
                "WHERE open = 1 AND substr(ref, -length(?1)) = ?1 LIMIT ?2",
                (digits, most),
            )
            for one in map(document, rows):
                if one.key not in waiting:
                    found.setdefault(one.key, one)
        return tuple(found.values())[:most]

    def named(self, words: str, most: int) -> tuple[Document, ...]:
        """Return customers by the beginning of their name, written or spoken (in full or by initials), or a part of it.

        A name that is just so comes first, then those that begin so.
        """
        key = self.fold_name(words)
        if not key:
            return ()
        found: dict[Key, Document] = {}
        waiting = self._waits()
        steps = ((key[:LONGEST_KEY] + ENDS,), (BEGINS + key[:LONGEST_KEY],), sought([key]))
        for tokens, fits in zip(steps, (self._is, self._begins, self._has), strict=True):
            for name in self._names(tokens, key, fits) if tokens else ():
                for one in self._bearing(name, most):
                    if one.key not in waiting:
                        found.setdefault(one.key, one)
                if len(found) >= most:
                    return tuple(found.values())[:most]
            for own in waiting.values():
                if own.document.type == "customer" and fits(str(own.document.data.get("name") or ""), key):
                    found.setdefault(own.document.key, own.document)
        return tuple(found.values())[:most]

    def worded(self, words: str, most: int) -> tuple[Document, ...]:
        """Return tickets, promises, notes and other work by words in them: what is open first, then the newest."""
        runs = chinese().fold(words[:LONGEST]).split()
        tokens = sought(runs)
        if not tokens:
            return ()
        waiting = self._waits()
        found = {
            key: one.document
            for key, one in waiting.items()
            if one.document.type in WORDED_TYPES and all(run in one.folded for run in runs)
        }
        for marks in ((OPEN,), ()):
            for alias in self._indexed():
                for one in self._with(alias, (*marks, *tokens), runs, most - len(found), found.keys() | waiting.keys()):
                    found[one.key] = one
        return tuple(sorted(found.values(), key=_first)[:most])

    def name_of(self, scope: str, customer: str) -> str:
        """Return a customer's name, without reading all that is known of him; empty where he isn't here."""
        own = self._waits().get(Key(scope, customer))
        if own is not None:
            return str(own.document.data.get("name") or "")
        alias = self._files.attached.alias(scope)
        if alias is None:
            return ""
        sql = f"SELECT name FROM {alias}.document WHERE scope = ? AND id = ?"
        row = self._files.outbox.execute(sql, (scope, customer)).fetchone()
        return str(row[0] or "") if row else ""

    @staticmethod
    def fold_name(words: str) -> str:
        """Return a name as it is compared: without spaces and signs, `v` for ü."""
        typed = words[:LONGEST].translate(_UMLAUTS)
        folded = "".join(chinese().fold(typed).split())
        # as passports spell 吕; no other syllables meet like that
        return folded.replace("lyu", "lv") if folded.isascii() else folded

    def _names(self, tokens: Iterable[str], key: str, fits: Callable[[str, str], bool]) -> Iterator[str]:
        """Yield the names that have some tokens and fit."""
        for alias in self._indexed():
            rows = self._files.outbox.execute(
                f"SELECT n.name FROM {alias}.search_names JOIN {alias}.search_name AS n ON n.id = search_names.rowid "
                "WHERE search_names MATCH ? LIMIT ?",
                (asked(tuple(tokens)), LOOKED_AT),
            )
            yield from (name for (name,) in rows if fits(name, key))

    @staticmethod
    def _keys(name: str) -> tuple[str, ...]:
        folded = chinese().fold(name)
        return ("".join(folded.split()), *chinese().spoken(folded))

    def _is(self, name: str, key: str) -> bool:
        return key in self._keys(name)

    def _begins(self, name: str, key: str) -> bool:
        return any(one.startswith(key) for one in self._keys(name))

    def _has(self, name: str, key: str) -> bool:
        return key in self._keys(name)[0]

    def _bearing(self, name: str, most: int) -> Iterator[Document]:
        for alias in self._files.attached.aliases():
            sql = f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE name = ? LIMIT ?"
            yield from map(document, self._files.outbox.execute(sql, (name, most)))

    def _with(
        self, alias: str, tokens: tuple[str, ...], runs: list[str], most: int, but: Collection[Key]
    ) -> Iterator[Document]:
        """Yield documents of a replica that have some tokens, and the words as they were typed, newest first."""
        outbox = self._files.outbox
        rows = outbox.execute(
            "SELECT t.doc, t.text, d.scope, d.id, n.doc FROM "
            f"{alias}.search_words JOIN {alias}.search_text AS t ON t.place = search_words.rowid "
            f"JOIN {alias}.document AS d ON d.rowid = t.doc LEFT JOIN {alias}.search_todo AS n ON n.doc = t.doc "
            "WHERE search_words MATCH ? ORDER BY search_words.rowid DESC LIMIT ?",
            (asked(tokens), LOOKED_AT),
        )
        for doc, text, scope, name, noted in rows:
            if most <= 0:
                return
            if Key(scope, name) in but or not all(run in text for run in runs):
                continue
            row = outbox.execute(f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE rowid = ?", (doc,)).fetchone()
            one = document(row)
            if noted is None or all(run in _folded(one) for run in runs):
                most -= 1
                yield one

    def _waits(self) -> dict[Key, _Waiting]:
        """Return what waits here; read again when anything was written since."""
        outbox = self._files.outbox
        seen = (outbox.execute("PRAGMA main.data_version").fetchone()[0], outbox.total_changes)
        if seen != self._seen:
            known, self._waiting = self._waiting, {}
            for row in outbox.execute(f"SELECT {DOCUMENT_COLUMNS} FROM main.overlay").fetchall():
                key, data = Key(row[0], row[1]), row[4]
                before = known.get(key)
                if before is not None and before.data == data:
                    self._waiting[key] = before
                else:
                    one = document(row)
                    self._waiting[key] = _Waiting(data, one, str(index_of(one).ref or ""), _folded(one))
            self._seen = seen
        return self._waiting


def _folded(one: Document) -> str:
    return " ".join(chinese().fold(texts(one.data)).split()) if one.type in WORDED_TYPES else ""


def _first(one: Document) -> tuple[bool, int, str]:
    at = one.data.get("at")
    return not index_of(one).open, -(at if isinstance(at, int) else 0), one.id
