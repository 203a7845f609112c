"""Copying a number: by the terminal's clipboard (OSC 52), and as a line to select where that does nothing.

What is copied of a customer is what stands on the screen: a masked number copies the mask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, row, text

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

_NUMBER = re.compile(r"(?<![\w.:¥*])\+?\d[\d*]*(?:[ -][\d*]+)*(?![\w.:*])")
LEAST = 5
"""Signs that a number has at least: less is a count, a day or a price."""


def numbers_in(rows: Iterable[Row]) -> list[str]:
    """Return the numbers that stand in lines, each once, as they stand there but without gaps."""
    found: list[str] = []
    for line in rows:
        for match in _NUMBER.findall(text(line)):
            bare = match.replace(" ", "").replace("-", "")
            if len(bare) >= LEAST and bare not in found:
                found.append(bare)
    return found


def copy(app: DeskApp, words: str) -> str:
    """Copy a text; returns what to say of it."""
    app.copy_to_clipboard(words)
    return _("copied: {words}").format(words=words)


def copied_rows(words: str) -> list[Row]:
    """Return what was copied, alone on its line, to be selected where the terminal takes no copies."""
    return [row((_("if it isn't in the clipboard, select it here"), "quiet")), EMPTY, row((words, "strong"))]
