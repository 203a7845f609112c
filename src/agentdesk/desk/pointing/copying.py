"""Copying a number: by the terminal's clipboard (OSC 52), and as a line to select where that does nothing.

What is copied of a customer is what stands on the screen: a masked number copies the mask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
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


class Copying:
    """Copies numbers, and remembers the last one: the same once more is shown, to be selected by hand."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._copied = ""

    def copy(self, numbers: Sequence[str], say: Callable[[str], None]) -> None:
        """Copy a number, or ask which; `say` tells of it."""
        from agentdesk.desk.screens.ask import AskDialog
        from agentdesk.desk.screens.choose import ChooseDialog

        def take(number: str | None) -> None:
            if number is not None:
                self._copied = number
                self._app.copy_to_clipboard(number)
                say(_("copied: {words}").format(words=number))

        async def seen(_words: str) -> str:
            return ""

        if not numbers:
            say(_("there is no number here to copy"))
        elif self._copied in numbers:
            words, self._copied = self._copied, ""
            self._app.push_screen(AskDialog(lambda _width: copied_rows(words), seen, _("back"), typed=False))
        elif len(numbers) == 1:
            take(numbers[0])
        else:
            self._app.push_screen(ChooseDialog(_("copy which number?"), numbers, lambda one, _width: row(one)), take)


def copied_rows(words: str) -> list[Row]:
    """Return what was copied, alone on its line, to be selected where the terminal takes no copies."""
    return [row((_("if it isn't in the clipboard, select it here"), "quiet")), EMPTY, row((words, "strong"))]
