"""Other channels: handing a contact on with its context, business away from home, and what others left to be done."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from agentdesk.desk import terms
from agentdesk.desk.actions import bindings_of
from agentdesk.desk.answers import roles
from agentdesk.desk.deeds import group as deeds
from agentdesk.desk.i18n import _
from agentdesk.desk.models.group import channel_name, handoff_row
from agentdesk.desk.models.rows import EMPTY, Row, row, safe
from agentdesk.desk.queries import group as queries
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact
from agentdesk.desk.terms import group as terms_group
from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

Choice = tuple[str, str]
"""What is done (`hand` to a channel, `away` from home, `record` a contact held there), and the channel."""

WRITTEN = ("web", "app", "social")
"""Channels whose contacts are recorded here by their summary: there is no chat at the desk."""


def other_channel(desk: DeskApp, contact: Contact) -> None:
    """Offer what can be done about a contact in another channel."""
    catalogue = desk.catalogue
    rules = catalogue.rules.group.channels if catalogue else {}
    facts = contact.facts
    choices: list[Choice] = [("hand", channel) for channel in rules] if roles.may(desk, "contact.handed") else []
    home = (facts.line.home if facts and facts.own_number and facts.line else None) or contact.lookup.home or ""
    if home and contact.lookup.number and roles.may(desk, "handoff.away"):
        choices.append(("away", home))
    known = contact.channel == "desk" and facts is not None and facts.customer is not None
    if known and roles.may(desk, "contact.opened"):
        choices += [("record", channel) for channel in WRITTEN]
    if not choices:
        desk.flow.say(roles.refusal(desk, "contact.handed") or _("there is no other channel"))
        return

    def words(choice: Choice, _width: int) -> Row:
        what, where = choice
        if what == "away":
            return row(_("business away from home: {home} answers").format(home=safe(where, 20)))
        name = channel_name(where, catalogue)
        text = _("hand over to: {channel}") if what == "hand" else _("record a contact held by: {channel}")
        return row(text.format(channel=name))

    def chosen(choice: Choice | None) -> None:
        if choice is None:
            return
        what, where = choice
        if what == "hand":
            _reasons(desk, contact, where)
        elif what == "away":
            desk.push_screen(_away(desk, contact, where))
        elif facts is not None and facts.customer is not None:
            desk.push_screen(_record(desk, facts.customer.document, where))

    desk.push_screen(ChooseDialog(_("another channel: what now?"), choices, words), chosen)


def _reasons(desk: DeskApp, contact: Contact, channel: str) -> None:
    reasons = list(terms_group.HAND_REASONS)

    def chosen(reason: str | None) -> None:
        if reason is not None:
            desk.push_screen(_hand(desk, contact, channel, reason))

    def words(reason: str, _width: int) -> Row:
        return row(terms.term(terms_group.HAND_REASONS, reason))

    desk.push_screen(ChooseDialog(_("why?"), reasons, words), chosen)


def _hand(desk: DeskApp, contact: Contact, channel: str, reason: str) -> AskDialog:
    rule = desk.catalogue.rules.group.channels[channel] if desk.catalogue else None

    def lines(_width: int) -> list[Row]:
        name = channel_name(channel, desk.catalogue)
        head = row((_("hand over to: {channel}").format(channel=name), "strong"))
        minutes = _("they take it up within {n} minutes; what was done goes along").format(
            n=rule.minutes if rule else 0
        )
        return [head, row((minutes, "quiet")), EMPTY, row((_("what is it about?"), "strong"))]

    async def submit(about: str) -> str:
        if not about:
            return _("write something")
        done = await deeds.hand(desk, contact, channel, reason, about)
        if done.ok:
            desk.flow.say(_("handed over with its context"), "good")
            await desk.reload()
        return done.problem

    return AskDialog(lines, submit, _("hand over"))


def _away(desk: DeskApp, contact: Contact, home: str) -> AskDialog:
    def lines(_width: int) -> list[Row]:
        return [
            row((_("business away from home: {home} answers").format(home=safe(home, 20)), "strong")),
            row((_("it stays in this region's hands; you stay the one who was asked first"), "quiet")),
            EMPTY,
            row((_("which business | details"), "strong")),
        ]

    async def submit(typed: str) -> str:
        service, _sign, words = typed.replace("｜", "|").partition("|")
        if not service.strip():
            return _("write something")
        done = await deeds.away(desk, contact, home, service.strip(), words.strip())
        if done.ok:
            desk.flow.say(_("taken: the home's department is told"), "good")
            await desk.reload()
        return done.problem

    return AskDialog(lines, submit, _("take it"))


def _record(desk: DeskApp, customer: Document, channel: str) -> AskDialog:
    def lines(_width: int) -> list[Row]:
        name = channel_name(channel, desk.catalogue)
        return [
            row((_("record a contact held by: {channel}").format(channel=name), "strong")),
            row((_("its summary only: there is no chat at this desk"), "quiet")),
            EMPTY,
            row((_("what was it about, and what came of it?"), "strong")),
        ]

    async def submit(summary: str) -> str:
        if not summary:
            return _("write something")
        done = await deeds.record(desk, customer, channel, summary)
        if done.ok:
            desk.flow.say(_("recorded"), "good")
            await desk.reload()
        return done.problem

    return AskDialog(lines, submit, _("record it"))


class ChannelsPage(Page):
    """What other channels left to be done, by channel; Enter takes it, or says what came of it."""

    place = "channels"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("channels")

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[Document, ...] = ()

    async def load(self) -> None:
        self._found = await self.desk.backend.run(queries.handoffs)
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        return [row((_("from other channels"), "strong"))]

    def head(self, width: int) -> Sequence[Row]:
        return [] if self._found else [row((_("no other channel left anything"), "quiet"))]

    def items(self, width: int) -> Sequence[Row]:
        return [handoff_row(one, self.desk.catalogue, self.desk.at(), width) for one in self._found]

    def keys(self) -> Row:
        return roles.hints(self.desk, "channels.go", "channels.pass_on", "back")

    def subjects(self) -> Sequence[Hashable]:
        return [one.key for one in self._found]

    def chosen(self, index: int) -> None:
        one = self._found[index]
        if one.data.get("state") == "open":
            self.desk.spawn(self._did("handoff.taken", one, {}))
            return

        async def submit(text: str) -> str:
            return await self._did("handoff.done", one, {"text": text}) if text else _("write something")

        def lines(width: int) -> list[Row]:
            return [
                handoff_row(one, self.desk.catalogue, self.desk.at(), width),
                EMPTY,
                row((_("what came of it?"), "strong")),
            ]

        self.desk.push_screen(AskDialog(lines, submit, _("done")))

    def action_pass_on(self) -> None:
        if not 0 <= self.cursor < len(self._found) or self.desk.catalogue is None:
            return
        one, catalogue = self._found[self.cursor], self.desk.catalogue
        channels = [name for name in catalogue.rules.group.channels if name != one.data.get("channel")]

        def chosen(channel: str | None) -> None:
            if channel is not None:
                self.desk.spawn(self._did("handoff.passed", one, {"channel": channel, "reason": "failed"}))

        def words(channel: str, _width: int) -> Row:
            return row(channel_name(channel, catalogue))

        self.desk.push_screen(ChooseDialog(_("pass on to which channel?"), channels, words), chosen)

    async def _did(self, kind: str, one: Document, body: dict[str, str]) -> str:
        done = await deeds.on(self.desk, kind, one, body)
        self.say(done.problem)
        await self.desk.reload()
        return done.problem
