"""The signs that the desk draws, in two sets: one for every terminal, one where ambiguous characters are one cell.

Characters such as `·`, `…`, `“` and `▸` take one cell in most terminals and two in those set up for CJK, which would
break every line after them. Where `ambiguous_wide` is set nothing of the kind is drawn, wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from agentdesk.domain.language.text import cells as _cells
from agentdesk.domain.language.text import fit as _fit
from agentdesk.domain.language.text import shown

_PLAIN: Mapping[int, str] = str.maketrans(
    {
        "·": ".",
        "…": "..",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "—": "-",
        "–": "-",
        "→": ">",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "×": "x",
        "÷": "/",
        "±": "+-",
        "°": "o",
        "§": "S",
        "●": "*",
        "○": "o",
        "◆": "<>",
        "◇": "<>",
        "★": "*",
        "☆": "*",
        "■": "#",
        "□": "#",
        "▲": "^",
        "△": "^",
        "▼": "v",
        "•": "*",
        "※": "*",
        "│": "|",
        "─": "-",
        "①": "1",
        "②": "2",
        "③": "3",
        "④": "4",
        "⑤": "5",
    }
)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; the tiers differ in shape, not in colour alone."""

    name: str
    diamond: str
    vip: str
    standard: str
    bullet: str
    done: str
    cursor: str
    warning: str
    ellipsis: str
    between: str
    changed: str
    here: str
    centre: str
    person: str

    def tier(self, tier: str) -> str:
        """Return the sign of a tier."""
        return {"diamond": self.diamond, "vip": self.vip}.get(tier, self.standard)

    def plain(self, text: str) -> str:
        """Return a text as this set can draw it: nothing of ambiguous width where that is wide."""
        text = shown(text)
        return text if self is NARROW or text.isascii() else text.translate(_PLAIN)


NARROW = Glyphs("narrow", "◆", "★", "○", "●", "✓", "▸", "!", "…", "·", "*", "○", "●", "!")
WIDE = Glyphs("wide", "<>", "**", "--", "*", "+", ">", "!", "..", "-", "*", "o", "*", "!")

_current = NARROW


def use(ambiguous_wide: bool) -> None:
    """Draw with the set for a terminal on which ambiguous characters are two cells wide, or with the other."""
    global _current  # noqa: PLW0603 - the one place that holds the set
    _current = WIDE if ambiguous_wide else NARROW
    drawn.cache_clear()


def current() -> Glyphs:
    """Return the set in use."""
    return _current


@lru_cache(maxsize=8_192)
def drawn(text: str) -> str:
    """Return a text as the set in use can draw it; a screen asks it of the same texts every second."""
    return _current.plain(text)


@lru_cache(maxsize=4_096)
def width(text: str) -> int:
    """Return how many cells a text takes that went through `plain`; a screen asks it of the same texts every second."""
    return _cells(text)


def fit(text: str, most: int) -> str:
    """Return a text of at most so many cells, cut before a whole character and, if it can be, a whole word."""
    plain, mark = _current.plain(text), _current.ellipsis
    result = _fit(plain, max(0, most), mark)
    kept = len(result) - len(mark)
    if len(result) == len(plain) or not result.endswith(mark) or not 0 < kept < len(plain):
        return result
    if plain[kept].isalnum() and plain[kept].isascii() and plain[kept - 1].isalnum():
        space = plain.rfind(" ", 0, kept)
        if space >= kept // 2:
            return plain[:space].rstrip() + mark
    return plain[:kept].rstrip() + mark
