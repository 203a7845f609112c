"""What was said and written in a document: the words that it is found by, beside its number and its customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentdesk.domain.documents import WORK_TYPES

WORDED_TYPES = frozenset({*WORK_TYPES, "note", "announcement", "management", "label", "handoff"}) - {"attachment"}
"""Documents that are found by words in them. What an announcement says stands in it, not in what is attached."""

WORD_FIELDS = frozenset(
    {
        "about",
        "answer",
        "cause",
        "name",
        "name_en",
        "name_zh",
        "note",
        "over_words",
        "place",
        "reason",
        "remembered",
        "result",
        "summary",
        "text",
        "title",
        "why",
        "words",
    }
)
"""The fields, at any depth, whose texts somebody said, wrote or reads."""

LONGEST = 100_000
"""Characters of one document that are looked at."""


def texts(data: Mapping[str, Any]) -> str:
    """Return the texts of a document's data, one a line, each once."""
    return "\n".join(dict.fromkeys(said(data)))[:LONGEST]


def said(value: object, worded: bool = False) -> Iterator[str]:
    """Yield the texts in a document's data, in their order; `worded` tells that the value itself is one."""
    if isinstance(value, str):
        if worded:
            yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if isinstance(part, (str, dict, list, tuple)):
                # what stands in both languages is said in either
                yield from said(part, name in WORD_FIELDS or (worded and name in ("zh", "en")))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from said(part, worded)
