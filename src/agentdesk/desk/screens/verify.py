"""Verification: the agent types what the caller says, the desk answers match or no match, and shows no secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.card import person
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.models.verify import (
    LONGEST,
    NAMED,
    VerifyView,
    accepts,
    missed,
    next_method,
    next_role,
    usable,
    verify_rows,
)
from agentdesk.desk.models.ways import methods_of
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import misses_id, misses_today
from agentdesk.domain.language.text import fold_width
from agentdesk.domain.profile.idcard import read_card


class VerifyDialog(Dialog[None]):
    """Asks for one secret after the other until one matches or none is left."""

    place = "verifying"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("verifying")

    def __init__(self, contact: Contact, facts: Facts) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._said = ""
        self._busy = False
        self._code: Document | None = None
        self._handler: dict[str, str] = {}
        name = person(facts.customer, facts.verified) if facts.customer else ""
        rules, methods = facts.catalogue.rules, methods_of(facts, contact.channel)
        self._view = usable(
            VerifyView(
                name,
                methods[0],
                facts.caller_role,
                0,
                contact.misses,
                rules.verify_misses_call,
                frozenset(),
                methods,
                most_today=rules.verify_misses_day,
            )
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.desk.spawn(self._count())

    async def _count(self) -> None:
        """Read how often this customer was missed today, here or elsewhere."""
        customer = self._facts.customer
        if customer is not None:
            scope, name = customer.document.scope, misses_id(customer.document.id)
            count = await self.desk.backend.run(lambda site: site.view.document(scope, name))
            self._view = usable(replace(self._view, today=misses_today(count, self.desk.at())))
            self.paint()

    def body(self, width: int) -> Sequence[Row]:
        return verify_rows(self._view)

    def keys(self) -> Row:
        methods = self._view.open_methods
        if not methods:
            return hints_of("back")
        other = ("verifying.method",) if len(methods) > 1 else ()
        return hints_of("verifying.go", *other, "verifying.role", "back")

    def on_key(self, event: events.Key) -> None:
        character = fold_width(event.character or "")
        if accepts(character) and not self._busy and len(self._said) < LONGEST.get(self._view.method, 0):
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
        self._handler = {}
        self._view = next_role(self._view)
        self.paint()

    def action_handler(self) -> None:
        """Ask for the name and certificate of who acts for the owner."""
        if self._view.caller not in NAMED:
            return

        def lines(_width: int) -> list[Row]:
            return [row((_("who acts for the owner: his own name, then his certificate's number"), "strong")), EMPTY]

        self.desk.push_screen(AskDialog(lines, self._handled, _("note it")))

    async def _handled(self, words: str) -> str:
        card = read_card(words)
        if card is None or not card.name:
            return _("type the name and a valid certificate number, with a space between")
        # what is written down identifies him, and is no use to whoever reads it
        self._handler = {"name": card.name, "certificate": card.masked}
        self._view = replace(self._view, handler=f"{card.name} {card.masked}")
        return ""

    def action_go(self) -> None:
        if self._busy or not self._view.open_methods:
            return
        if self._view.caller == "agent" and not self._handler:
            self.action_handler()
        elif self._view.method == "sms_code" and not self._said:
            self._busy = True
            self.desk.spawn(self._send())
        elif self._said or self._view.method == "face_check":
            self._busy = True
            self.desk.spawn(self._compare())

    async def _send(self) -> None:
        """Have a code sent; it comes as soon as the centre has made it."""
        done = await self.desk.customers.ask_code(self._contact, self._facts)
        self._busy = False
        if done.ok:
            self._code = done.document
            self._view = replace(self._view, sent=True)
        self.say(done.problem)

    async def _compare(self) -> None:
        said, self._said = self._said, ""
        view = self._view = replace(self._view, typed=0)
        if self._code is not None:
            scope, name = self._code.scope, self._code.id
            self._code = await self.desk.backend.run(lambda site: site.view.document(scope, name))
        done, match = await self.desk.customers.verify(
            self._contact, self._facts, view.method, said, view.caller, self._handler, self._code
        )
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
            self._view = usable(replace(view, misses=self._contact.misses, today=view.today + 1))
            self.say(missed(before, self._view))
