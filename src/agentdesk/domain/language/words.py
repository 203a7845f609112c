"""Words to say to a customer: blanks filled once, and the record of what was said.

A value that is put into a blank is never read as words again, so a customer whose name is `{amount}` stays one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

BLANKS: Mapping[str, str] = {
    "name": "the caller's name as it may be spoken",
    "salutation": "how the caller is addressed: 先生, 女士, sir, madam",
    "amount": "the amount promised in yuan, digits only: 200.00",
    "due": "the moment at the latest: 今天 14:42, today 14:42",
    "also": "the moment of the second deadline, which comes first: today 10:00",
    "department": "the responsible department's name",
    "number": "the promise's own number, once it is made",
    "line": "the service number in question, as it may be spoken",
    "days": "a number of days that the template gives by tier",
    "hotline": "the number to ring when in doubt",
}
"""The blanks that words may have, and what goes into each."""

_PART = re.compile(r"\{([^{}]*)\}|[{}]")


class WordsError(ValueError):
    """Words have a blank that nothing fills, or a brace that belongs to none."""


def blanks(text: str) -> frozenset[str]:
    """Return the names of the blanks in a text; raises WordsError for a brace that belongs to none."""
    found = set()
    for part in _PART.finditer(text):
        if not part[1]:
            raise WordsError(f"{part[0]!r} is no blank: write one as {{name}}")
        found.add(part[1])
    return frozenset(found)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its blanks filled, each value as it is; raises WordsError for a blank without a value."""

    def value(part: re.Match[str]) -> str:
        if not part[1]:
            raise WordsError(f"{part[0]!r} is no blank: write one as {{name}}")
        try:
            return values[part[1]]
        except KeyError:
            raise WordsError(f"nothing fills the blank {{{part[1]}}}") from None

    return _PART.sub(value, text)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words as an agent had them to say: where they come from, the text, what filled it, and the hash of all that.

    `version` is the catalogue's; `values` are those of the text's own blanks only. `hash` is a sha256 in hex.
    """

    template: str
    version: str
    language: str
    text: str
    values: Mapping[str, str]
    hash: str

    @staticmethod
    def of(template: str, version: str, language: str, words: str, values: Mapping[str, str]) -> Spoken:
        """Fill a template's words and record them; raises WordsError as `fill` does."""
        text = fill(words, values)
        used = {name: values[name] for name in sorted(blanks(words))}
        return Spoken(template, version, language, text, used, _hash(template, version, language, text, used))

    @property
    def intact(self) -> bool:
        """Tell whether the hash is that of the rest."""
        return self.hash == _hash(self.template, self.version, self.language, self.text, self.values)

    def data(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        return {
            "template": self.template,
            "version": self.version,
            "language": self.language,
            "text": self.text,
            "values": dict(self.values),
            "hash": self.hash,
        }


def _hash(template: str, version: str, language: str, text: str, values: Mapping[str, str]) -> str:
    parts = [template, version, language, text, sorted(values.items())]
    return sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
