"""Value-added services of a line on one list: one key cancels one, one key cancels all (seeds 000: 一键退订)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.answers import serving
from agentdesk.desk.i18n import _
from agentdesk.desk.models.card import line_words
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Row, ends, row
from agentdesk.desk.models.telling import legend
from agentdesk.desk.models.vas import VasLine, vas_head, vas_lines, vas_row, vas_sign
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact

MOST = 9
SHOWN = "123456789"


class VasDialog(Dialog[None]):
    """Who ordered what, when and how; what is being cancelled stays on the list until it is off."""

    place = "vas"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("vas")

    def __init__(self, contact: Contact, facts: Facts) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts

    @property
    def _lines(self) -> tuple[VasLine, ...]:
        return vas_lines(self._facts)

    def body(self, width: int) -> Sequence[Row]:
        line = self._facts.line
        title = row((_("value-added services"), "strong"), "  ")
        if line is not None:
            title = row(title, (line_words(line, not self._facts.verified), "quiet"))
        shown = self._lines[:MOST]
        title = ends(title, legend(vas_sign(v, self._facts) for v in shown), width)
        lines = [vas_row(v, key, self._facts, width) for v, key in zip(shown, SHOWN, strict=False)]
        if not lines:
            return [title, EMPTY, row((_("no value-added service on this line"), "quiet"))]
        return [title, EMPTY, vas_head(width), *lines]

    def keys(self) -> Row:
        if not self._lines:
            return hints_of("back")
        return hints_of("vas.cancel", "vas.all", "back")

    def on_screen_resume(self) -> None:
        """Show what was ordered in the dialog above."""
        if self._contact.facts is not None:
            self.facts_changed(self._contact.facts)

    def facts_changed(self, facts: Facts) -> None:
        """Show what has been cancelled meanwhile."""
        self._facts = facts
        self.paint()

    def action_cancel(self, index: int) -> None:
        lines = self._lines
        if self.awake and index < len(lines) and lines[index].order is None:
            self.say(serving.cancel_one(self.desk, self._contact, self._facts, lines[index]))

    def action_all(self) -> None:
        lines = [line for line in self._lines if line.order is None]
        if self.awake and lines:
            self.say(serving.cancel_all(self.desk, self._contact, self._facts, lines))
