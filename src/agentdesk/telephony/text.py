"""Text from a telephone network: strangers type it, so it is cut and cleaned before anyone keeps it."""

from __future__ import annotations

import unicodedata

NUMBER_CHARS = 64
"""Longest number kept, in characters; E.164 needs 15."""

NAME_CHARS = 120
"""Longest name, reason, queue or path kept, in characters."""

_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(value: object, limit: int = NAME_CHARS) -> str | None:
    """A value as one short line without control, bidi or invisible characters; None when nothing is left.

    Markup such as ``[red]`` is ordinary text here: whoever paints it builds `Text` objects.
    """
    if not isinstance(value, str):
        return None
    head = value[: limit * 4]
    kept = "".join(" " if c in "\t\r\n" else c for c in head if c in "\t\r\n" or _fit(c))
    return " ".join(kept.split())[:limit].rstrip() or None


def _fit(char: str) -> bool:
    return (char.isascii() and char.isprintable()) or unicodedata.category(char) not in _UNFIT
