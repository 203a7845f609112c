"""Verification: the agent types what the caller says, the desk answers match or no match, and shows no secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from agentdesk.desk.i18n import _
from agentdesk.desk.models.card import person
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import Row, hints
from agentdesk.desk.models.verify import (
    LONGEST,
    METHODS,
    VerifyView,
    accepts,
    next_method,
    next_role,
    usable,
    verify_rows,
)
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.domain.text import fold_width


class VerifyDialog(Dialog[None]):
    """Asks for one secret after the other until one matches or none is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "method", show=False),
        Binding("r", "role", show=False),
        Binding("backspace", "erase", show=False),
    ]

    def __init__(self, contact: Contact, facts: Facts) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._said = ""
        self._busy = False
        name = person(facts.customer, facts.verified) if facts.customer else ""
        self._view = usable(
            VerifyView(
                name,
                METHODS[0],
                facts.caller_role,
                0,
                contact.misses,
                facts.catalogue.rules.verify_misses_call,
                frozenset(),
            )
        )

    def body(self, width: int) -> Sequence[Row]:
        return verify_rows(self._view)

    def keys(self) -> Row:
        return hints(("Enter", _("compare")), ("m", _("other method")), ("r", _("who calls")), ("Esc", _("back")))

    def on_key(self, event: events.Key) -> None:
        character = fold_width(event.character or "")
        if accepts(character) and not self._busy and len(self._said) < LONGEST:
            event.stop()
            self._said += character
            self._view = replace(self._view, typed=len(self._said))
            self.say("")

    def action_erase(self) -> None:
        self._said = self._said[:-1]
        self._view = replace(self._view, typed=len(self._said))
        self.paint()

    def action_method(self) -> None:
        self._said = ""
        self._view = next_method(self._view)
        self.say("")

    def action_role(self) -> None:
        self._view = next_role(self._view)
        self.paint()

    def action_go(self) -> None:
        if self.awake and self._said and not self._busy and self._view.open_methods:
            self._busy = True
            self.desk.spawn(self._compare())

    async def _compare(self) -> None:
        said, self._said = self._said, ""
        view = self._view = replace(self._view, typed=0)
        done, match = await self.desk.deeds.verify(self._contact, self._facts, view.method, said, view.caller, {})
        self._busy = False
        if not done.ok:
            self.say(done.problem)
        elif match is None:
            self._view = usable(replace(view, missing=view.missing | {view.method}))
            self.say(_("nothing is on file to compare with: use the other method"))
        elif match:
            self.dismiss(None)
            self.desk.flow.say(_("match: the caller is verified"), "good")
            await self.desk.flow.refresh()
        else:
            before = view.method
            self._view = usable(replace(view, misses=self._contact.misses))
            other = self._view.method != before
            self.say(_("no match three times: other method") if other else _("no match: ask again"))
