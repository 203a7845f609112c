"""All about a customer (客户360) as a page: rights, portrait with its why, lines, money, people, tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import i18n
from agentdesk.desk.actions import bindings_of, hint_of, hints_of, key
from agentdesk.desk.answers import roles
from agentdesk.desk.i18n import _
from agentdesk.desk.models.customer import customer_rows
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.lacking import ASKED, to_ask
from agentdesk.desk.models.rows import EMPTY, Row, joined, row
from agentdesk.desk.screens.ask import AskDialog, Pick, PickDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact


class CustomerPage(Page):
    """The whole picture; `c` shows it as the customer may see it, `l` takes down why he leaves."""

    place = "customer"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("customer")

    def __init__(self, contact: Contact) -> None:
        super().__init__()
        self._contact = contact
        self._seen = self.desk_is_hall
        self._said: list[Row] = []

    @property
    def desk_is_hall(self) -> bool:
        """Tell whether the customer stands at the counter and looks on."""
        return self._contact.channel == "hall"

    @property
    def _facts(self) -> Facts | None:
        return self._contact.facts

    def title_rows(self, width: int) -> Sequence[Row]:
        words = _("as the customer may see it") if self._seen else _("all about the customer")
        return [row((words, "strong"))]

    def head(self, width: int) -> Sequence[Row]:
        lines = list(self._said)
        name = self._missing
        if name is not None:
            words = _("not known yet: {what}; ask and enter it with").format(what=_(ASKED[name]))
            lines.append(row((words, "quiet"), " ", (key("customer.supply"), "key")))
        return [*lines, EMPTY] if lines else ()

    @property
    def _missing(self) -> str | None:
        """Return what to ask a verified caller for next; nothing while the customer looks on."""
        return None if self._seen or not roles.may(self.desk, "customer.supplied") else to_ask(self._facts)

    def action_supply(self) -> None:
        """Take down what is missing, as the caller tells it."""
        facts, name = self._facts, self._missing
        if facts is None or facts.customer is None or name is None:
            return
        customer = facts.customer.document

        async def submit(words: str) -> str:
            problem = (await self.desk.customers.supplied(self._contact, customer, name, words)).problem
            if not problem:
                await self.desk.reload()
                self.paint()
            return problem

        def lines(_width: int) -> list[Row]:
            return [row((_(ASKED[name]), "strong"))]

        self.desk.push_screen(AskDialog(lines, submit, _("enter")))

    def items(self, width: int) -> Sequence[Row]:
        return customer_rows(self._facts, width, self._seen) if self._facts is not None else ()

    def keys(self) -> Row:
        if self._seen:
            # the customer reads the keys as well
            return joined([hint_of("customer.seen", _("the whole")), hints_of("customer.outlets", "back")])
        return roles.hints(self.desk, "customer.seen", "customer.outlets", "customer.leaving", "back")

    def action_seen(self) -> None:
        self._seen = not self._seen
        self.cursor = 0
        self.paint()

    def action_outlets(self) -> None:
        from agentdesk.desk.screens.outlets import OutletsPage

        self.desk.push_screen(OutletsPage(self._facts))

    def action_leaving(self) -> None:
        facts = self._facts
        if facts is not None and not self._seen:
            reasons = list(facts.catalogue.customers.leaving)
            names = facts.catalogue.customers.leaving
            dialog = ChooseDialog(
                _("why does the customer leave, in his own words?"),
                reasons,
                lambda reason, _width: row(names[reason].name.say(i18n.language())),
            )
            self.desk.push_screen(dialog, self._left)

    def _left(self, reason: str | None) -> None:
        facts = self._facts
        if reason is not None and facts is not None:
            words = facts.catalogue.customers.leaving[reason].words.say(i18n.language())
            self._said = [row((words, "say"))]
            self.desk.spawn(self._note(reason))

    async def _note(self, reason: str) -> None:
        done = await self.desk.customers.leaving(self._contact, reason)
        self.say(done.problem)


def matter_dialog(facts: Facts) -> PickDialog[str]:
    """Return the choice of what a call is about: the reasons first, then every class by a part of its name."""
    from agentdesk.desk.models.classes import path_of

    catalogue, language = facts.catalogue, i18n.language()

    def find(typed: str) -> list[Pick[str]]:
        words = typed.lower().split()
        found = []
        for reason in catalogue.customers.reasons.values():
            text = f"{reason.name.zh} {reason.name.en} {reason.id}".lower()
            if all(word in text for word in words):
                found.append(Pick(row((reason.name.say(language), "strong")), reason.id))
        if words:
            for node in catalogue.classes.values():
                text = f"{path_of(node.code, catalogue)} {node.name.en}".lower()
                if node.tree == "symptom" and node.code.count(".") == 2 and all(word in text for word in words):
                    found.append(Pick(row((path_of(node.code, catalogue), "quiet")), node.code))
        return found[:12]

    return PickDialog(_("what is it about? type a part of it"), find)
