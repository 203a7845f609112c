"""Choosing one of a few: whom the call is about, which ticket to chase, why not ready; digits or arrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual.binding import BindingType

from agentdesk.desk import terms
from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.card import badge, line_words, person
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Row, cut, joined, row, wrapped
from agentdesk.desk.models.work import WorkLine, work_row
from agentdesk.desk.pointing.targets import Target
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document

C = TypeVar("C")
KEYS = "123456789abcdefghijk"
AROUND = 5
"""Lines of a dialog that are not its text: its edges, the keys, and the empty lines around them."""


class ChooseDialog(Dialog[C], Generic[C]):
    """A list whose lines have keys; the line under the cursor is taken by Enter."""

    place = "choose"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("choose")

    def __init__(
        self, title: str, choices: Sequence[C], words: Callable[[C, int], Row], begin: int = 0, keys: str = KEYS
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._words = words
        self._cursor = begin
        self._keys = keys
        self._top = 0
        self._above = 2
        self._below = 0

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self.action_move, 0)

    def body(self, width: int) -> Sequence[Row]:
        lines = [
            cut(row((self._keys[index], "key"), "  ", self._words(choice, width - 3)), width)
            for index, choice in enumerate(self._choices[: len(self._keys)])
        ]
        title = wrapped(row((self._title, "strong")), width)
        self._above = len(title) + 1
        # what surrounds the list: the title, an empty line, what is wrong, the keys, and the edges
        room = max(3, (self.app.size.height or len(lines)) - self._above - AROUND - len(self._problem(width, 0)))
        self._top = max(min(self._top, self._cursor, len(lines) - room), self._cursor - room + 1, 0)
        self._below = max(0, len(lines) - self._top - room)
        return [*title, EMPTY, *lines[self._top : self._top + room]]

    def keys(self) -> Row:
        more = row((_("{n} more below").format(n=self._below), "quiet")) if self._below else EMPTY
        return joined([hints_of("choose.go", "back"), more])

    def action_move(self, by: int) -> None:
        self._cursor = (self._cursor + by) % max(1, min(len(self._choices), len(self._keys)))
        self.paint()
        self.text.select(self._cursor - self._top + self._above)

    def targets(self) -> Sequence[Target]:
        """Return the lines in sight."""
        count = min(len(self._choices), len(self._keys))
        shown = range(self._top, min(count, self._top + len(self.text.rows) - self._above))
        return [
            Target(
                self.text,
                self._above + index - self._top,
                partial(self.dismiss, self._choices[index]),
                partial(self._point, index),
                partial(self._pointed, index),
            )
            for index in shown
        ]

    def _point(self, index: int) -> None:
        self._cursor = index
        self.action_move(0)

    def _pointed(self, index: int) -> bool:
        return self._cursor == index

    def action_take(self, index: int) -> None:
        key = KEYS[index]
        if key in self._keys and self._keys.index(key) < len(self._choices):
            self.dismiss(self._choices[self._keys.index(key)])

    def action_go(self) -> None:
        if self._choices:
            self.dismiss(self._choices[self._cursor])


Line = tuple[Document, str | None]


def choose_dialog(contact: Contact, facts: Facts) -> ChooseDialog[Line] | None:
    """Return the choice of customer and line: all whom the number leads to, then all lines of the one chosen."""
    choices: list[Line] = []
    for held in contact.lookup.holders:
        choice = (held.customer, held.holder.subscription)
        if choice not in choices:
            choices.append(choice)
    if facts.customer is not None:
        document = facts.customer.document
        known = {(customer.id, line) for customer, line in choices}
        lines = facts.customer.subscriptions
        choices.extend((document, line.id) for line in lines if (document.id, line.id) not in known)
    if not choices:
        return None
    present = (facts.customer.document.id if facts.customer else "", facts.line.id if facts.line else None)
    begin = next((i for i, (d, line) in enumerate(choices) if (d.id, line) == present), 0)

    def words(choice: Line, width: int) -> Row:
        customer = Customer(choice[0])
        line = customer.subscription(choice[1])
        tier = facts.catalogue.tier_of(customer.card)
        verified = facts.verified and facts.customer is not None and facts.customer.document.id == choice[0].id
        relation = next(
            (h.holder.relation for h in contact.lookup.holders if (h.customer, h.holder.subscription) == choice), ""
        )
        return row(
            (badge(tier, facts.catalogue), f"tier-{tier}"),
            "  ",
            (person(customer, verified), "strong"),
            "  ",
            line_words(line, not verified) if line else "",
            "  ",
            (terms.term(terms.RELATIONS, relation), "quiet"),
        )

    return ChooseDialog(_("who is it, and which line is it about?"), choices, words, begin)


def chase_dialog(tickets: Sequence[WorkLine], at: int) -> ChooseDialog[Document]:
    """Return the choice of the ticket to chase, each with the letter it has on the desk."""
    lines = {line.document.id: line for line in tickets}
    keys = "".join(line.key for line in tickets)
    found = [line.document for line in tickets if line.key]
    return ChooseDialog(_("chase which ticket?"), found, lambda d, width: work_row(lines[d.id], at, width)[2:], 0, keys)


REASONS = (N_("short break"), N_("meal"), N_("training"), N_("meeting"), N_("system fault"))


def not_ready_dialog() -> ChooseDialog[str]:
    """Return the choice why an agent is not ready."""
    return ChooseDialog(_("not ready: why?"), REASONS, lambda reason, _width: row(_(reason)))


def quit_dialog() -> ChooseDialog[bool]:
    """Return the question whether to leave with a contact open."""
    words = {False: _("stay"), True: _("leave: the contact isn't wrapped up; all that was done is kept")}
    return ChooseDialog(_("a contact is open"), (False, True), lambda sure, _width: row(words[sure]))
