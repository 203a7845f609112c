"""A site's word: what it has of its lineages and of the centre's logs, for the centre to be compared with.

It is a file of JSON lines. The first says who speaks and what the centre gave it: proofs of how far its lineages were
taken, and sealed places in scopes' logs. Each further line is one operation that the site still has: its place, the
hash of its head and the verdict as the site knows it. Nothing of it is personal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

FORMAT = 1


class BadWord(ValueError):
    """A file is no site's word; the message says what is wrong."""


class WordLineage(NamedTuple):
    """One lineage as its site has it; `proof` is the centre's word that it took it up to `answered`."""

    lineage: str
    seq: int
    answered: int
    answered_hash: str
    proof: str


class WordOperation(NamedTuple):
    """One operation as its site has it; no verdict: it isn't answered."""

    lineage: str
    seq: int
    hash: str
    verdict: str | None
    scope: str | None
    change: int | None


@dataclass(frozen=True, slots=True)
class SiteWord:
    """A site's word; `operations` reads them, from the file's beginning each time."""

    site: str
    lineages: tuple[WordLineage, ...]
    cursors: Mapping[str, tuple[str, int, str]]
    operations: Callable[[], Iterator[WordOperation]]


def written(
    site: str,
    lineages: Iterable[WordLineage],
    cursors: Mapping[str, tuple[str, int, str]],
    operations: Iterable[WordOperation],
) -> Iterator[str]:
    """Yield the lines of a word."""
    head = {
        "agentdesk_word": FORMAT,
        "site": site,
        "lineages": [list(one) for one in lineages],
        "cursors": {scope: list(cursor) for scope, cursor in cursors.items()},
    }
    yield _encoded(head)
    for operation in operations:
        yield _encoded(list(operation))


def read(lines: Callable[[], Iterator[str]]) -> SiteWord:
    """Return the word that lines say; raises BadWord, also later, while its operations are read."""
    first = _decoded(next(lines(), ""))
    if not isinstance(first, dict) or first.get("agentdesk_word") != FORMAT:
        raise BadWord("this is no word of a site: make one with `agentdesk audit word`")
    try:
        lineages = tuple(WordLineage(*map(_checked, one)) for one in first["lineages"])
        cursors = {str(scope): (str(c[0]), int(c[1]), str(c[2])) for scope, c in first["cursors"].items()}
        site = str(first["site"])
    except (LookupError, TypeError, AttributeError, ValueError):
        raise BadWord("the first line of this word can't be read") from None

    def operations() -> Iterator[WordOperation]:
        rest = lines()
        next(rest, None)
        for number, line in enumerate(rest, 2):
            value = _decoded(line)
            if not isinstance(value, list) or len(value) != len(WordOperation._fields):
                raise BadWord(f"line {number} of this word can't be read")
            yield WordOperation(*map(_checked, value))

    return SiteWord(site, lineages, cursors, operations)


def _checked(value: Any) -> Any:
    if value is not None and not isinstance(value, str | int):
        raise BadWord("a word has texts and numbers, nothing else")
    return value


def _encoded(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _decoded(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
