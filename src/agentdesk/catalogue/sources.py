"""The files of a catalogue as text, and where in them an entry stands, so that a problem names its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentdesk.domain.language.forms import toml_of
from agentdesk.domain.language.text import strip_invisible

_HEADER = re.compile(r"(\[\[?)([A-Za-z0-9_.-]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\s*=")
_SYNTAX_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong at a line of a file, and what to do; `file` is relative to the catalogue's folder."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class CatalogueError(ValueError):
    """A catalogue can't be used; `problems` say why, the message names the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name relative to the catalogue's folder, its text, and the tables in it."""

    name: str
    text: str
    tables: Mapping[str, Any]

    def line(self, table: str, index: int, *key: str | int) -> int:
        """Return the line, from 1, of a key in the `index`th entry of a table, or of the entry itself.

        Where there is no such key, the first one that shares its beginning is taken.
        """
        best, found, seen = -1, 1, -1
        nested: dict[str, int] = {}
        for number, header, name, array in _statements(self.text):
            if header == table and not name:
                seen += 1
                nested.clear()
            if seen != index or not (header == table or header.startswith(f"{table}.")):
                continue
            own: list[str | int] = list(header[len(table) + 1 :].split(".")) if header != table else []
            if own and array and not name:
                nested[header] = nested.get(header, -1) + 1
            if header in nested:
                own.append(nested[header])
            shared = _shared([*own, *name], key)
            if shared > best:
                best, found = shared, number
        return found


def read_sources(root: Path) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the TOML files below a folder in the order of their names, and what can't be read of them."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for path in sorted(root.rglob("*.toml")):
        name = path.relative_to(root).as_posix()
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            problems.append(Problem(name, 1, f"can't be read: {error.strerror}"))
            continue
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            problems.append(Problem(name, line, "is not UTF-8: save the file as UTF-8"))
            continue
        # tomllib takes CR LF only as a pair, as editors on Windows write it
        text = text.replace("\r\n", "\n")
        try:
            source = Source(name, text, toml_of(text))
        except ValueError as error:
            problems.append(_syntax(name, text, str(error)))
            continue
        sources.append(source)
        problems += _unseen(source)
    if not sources and not problems:
        problems.append(Problem(".", 1, f"no catalogue here: {root} has no .toml file"))
    return tuple(sources), tuple(problems)


def _unseen(source: Source) -> Iterator[Problem]:
    """Yield the entries with a character that nobody sees, or that a terminal obeys: words are read to customers."""
    for table, entries in source.tables.items():
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            for key, text in _texts(entry):
                kept = strip_invisible(text)
                if kept != text:
                    char = next(one for one in text if one not in kept or text.count(one) != kept.count(one))
                    line = source.line(table, index, *key)
                    yield Problem(source.name, line, f"has U+{ord(char):04X}, which nobody sees: remove it")
                    break


def _texts(value: Any, key: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield all texts in a table, its keys too, each with where it stands."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield key, name
            yield from _texts(item, (*key, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, (*key, place))


def _syntax(name: str, text: str, said: str) -> Problem:
    place = _SYNTAX_LINE.search(said)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    return Problem(name, line, f"is not TOML: {_SYNTAX_LINE.sub('', said)}; correct it here")


def _statements(text: str) -> Iterator[tuple[int, str, list[str | int], bool]]:
    """Yield the number, the table in force, the key's parts, and whether the table is one of an array, of each line.

    A header itself has no parts; an item of a list that is written over several lines has its place as the last one.
    """
    header, array = "", False
    inside = False
    items: tuple[list[str | int], int] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if not inside:
            bare = line.strip()
            if items is not None and bare.startswith(("{", '"', "'")):
                name, place = items
                yield number, header, [*name, place], array
                items = name, place + 1
            elif found := _HEADER.match(line):
                header, array, items = found[2], found[1] == "[[", None
                yield number, header, [], array
            elif found := _KEY.match(line):
                parts: list[str | int] = list(found[1].split("."))
                yield number, header, parts, array
                items = (parts, 0) if bare.endswith("[") else None
            elif bare.startswith("]"):
                items = None
        # a text over several lines may look like anything
        if (line.count('"""') + line.count("'''")) % 2:
            inside = not inside


def _shared(have: list[str | int], want: tuple[str | int, ...]) -> int:
    count = 0
    for a, b in zip(have, want, strict=False):
        if a != b:
            break
        count += 1
    return count
