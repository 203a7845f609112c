"""Cells of files that people open in a spreadsheet: a text stays a text there, and comes back as it was.

A spreadsheet takes a cell that begins with one of `= + - @`, a tab or a line break for a formula, in some languages in
full width, too, and some look behind spaces. Such a cell gets an apostrophe in front, which a spreadsheet takes for the
mark of a text; so does one that begins with apostrophes and one of those signs, so that taking one away gives back
what was there. A plain figure such as `-12.50` is left alone.
"""

from __future__ import annotations

import re

_SPACES = "[ \u00a0\u3000]*"
_BEGINS = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(f"'*{_SPACES}{_BEGINS}")
_GUARDED = re.compile(f"''*{_SPACES}{_BEGINS}")
_FIGURE = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,6})?")


def guarded(cell: str) -> str:
    """Return a cell as it is written into a file that a spreadsheet may open."""
    return f"'{cell}" if _FORMULA.match(cell) and not _FIGURE.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """Return a cell as it was before it was guarded; any other one as it is."""
    return cell[1:] if _GUARDED.match(cell) and not _FIGURE.fullmatch(cell) else cell
