"""Labels on numbers: asking for one, ending a call with its words, and a superior's yes or no."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agentdesk.desk import i18n
from agentdesk.desk.answers import roles
from agentdesk.desk.deeds import group as deeds
from agentdesk.desk.i18n import _
from agentdesk.desk.models.group import label_row
from agentdesk.desk.models.rows import EMPTY, Row, row, safe, wrap
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document
from agentdesk.domain.profile.labels import SORTS
from agentdesk.telephony.source import Command

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.domain.rules import LabelRule

Choice = tuple[str, str]
"""What is done (`end` a call, `ask` for a label, `lift` the one in force), and the sort."""


def nuisance(desk: DeskApp, contact: Contact) -> None:
    """Offer to end a call with the words for it, or to ask for a label on the number."""
    catalogue = desk.catalogue
    rules = catalogue.rules.group.labels if catalogue else {}
    sorts = [sort for sort in SORTS if sort in rules]
    ends = contact.live and contact.call and roles.may(desk, "contact.cut_short")
    choices: list[Choice] = [("end", sort) for sort in sorts] if ends else []
    if contact.lookup.number and roles.may(desk, "label.asked"):
        choices += [("ask", sort) for sort in sorts]
    present = contact.facts.label if contact.facts else None
    if present is not None and desk.approves and roles.may(desk, "label.ended"):
        choices.append(("lift", str(present.data.get("sort"))))
    if not choices:
        desk.flow.say(_("there is no number to label, and no call to end"))
        return

    def words(choice: Choice, _width: int) -> Row:
        rule = rules.get(choice[1])
        name = rule.name.say(i18n.language()) if rule else safe(choice[1])
        texts = {"end": _("end the call: {sort}"), "ask": _("ask for a label: {sort}")}
        return row(texts.get(choice[0], _("lift the label: {sort}")).format(sort=name))

    def chosen(choice: Choice | None) -> None:
        if choice is not None and choice[0] == "lift" and present is not None:
            decide_label(desk, present, desk.flow.say)
        elif choice is not None:
            rule = rules[choice[1]]
            desk.push_screen(
                _end(desk, contact, choice[1], rule) if choice[0] == "end" else _ask(desk, contact, choice[1], rule)
            )

    desk.push_screen(ChooseDialog(_("a call that harms: what now?"), choices, words), chosen)


def _end(desk: DeskApp, contact: Contact, sort: str, rule: LabelRule) -> AskDialog:
    def lines(width: int) -> list[Row]:
        language = i18n.language()
        return [
            row((_("say this first, then end the call"), "strong")),
            EMPTY,
            *wrap(_("Say: {words}").format(words=rule.words.say(language)), width, "say"),
            EMPTY,
            *wrap(_("all the same: {words}").format(words=rule.still.say(language)), width, "warn"),
            EMPTY,
            row((_("what happened, in a few words"), "strong")),
        ]

    async def submit(text: str) -> str:
        label = contact.facts.label.id if contact.facts and contact.facts.label else None
        done = await deeds.cut_short(desk, contact, sort, label, text)
        if done.ok:
            if contact.call is not None:
                await desk.flow.order(Command.HANGUP)
            desk.flow.say(_("recorded; wrap up with w"), "good")
        return done.problem

    return AskDialog(lines, submit, _("said: end the call"))


def _ask(desk: DeskApp, contact: Contact, sort: str, rule: LabelRule) -> AskDialog:
    def lines(_width: int) -> list[Row]:
        name = rule.name.say(i18n.language())
        return [
            row((_("label the number as {sort} for {n} days").format(sort=name, n=rule.days), "strong")),
            row((_("a superior approves it"), "quiet")),
            EMPTY,
            row((_("why?"), "strong")),
        ]

    async def submit(reason: str) -> str:
        if not reason:
            return _("write something")
        done = await deeds.ask_label(desk, contact, str(contact.lookup.number), sort, reason)
        if done.ok:
            desk.flow.say(_("asked for: a superior sees it under g"), "good")
        return done.problem

    return AskDialog(lines, submit, _("ask for it"))


def decide_label(desk: DeskApp, label: Document, say: Callable[[str], None]) -> None:
    """Let a superior approve, decline or end a label, and who asked for it take that back; `say` tells anybody else."""
    catalogue, waits = desk.catalogue, label.data.get("state") == "asked"
    own = waits and label.data.get("asked_by") == desk.settings.agent.id
    choices = [move for move in choices_of(waits, own, desk.approves) if roles.may(desk, f"label.{move}")]
    names = {"approved": _("approve"), "declined": _("decline"), "ended": _("take it back") if own else _("end it")}

    def chosen(move: str | None) -> None:
        if move is not None:

            async def submit(text: str) -> str:
                if move == "ended" and not text:
                    return _("write something")
                body = {"reason": text} if move == "ended" else {"text": text} if text else {}
                done = await deeds.on(desk, f"label.{move}", label, body)
                if done.ok:
                    await desk.reload()
                return done.problem

            def lines(width: int) -> list[Row]:
                return [label_row(label, catalogue, width), EMPTY, row((_("why, in a few words"), "strong"))]

            desk.push_screen(AskDialog(lines, submit, names[move]))

    title = _("a label that was asked for") if waits else _("a label in force")
    if choices:
        desk.push_screen(ChooseDialog(title, choices, lambda move, _width: row(names[move])), chosen)
    else:
        say(_("a superior decides this: it stands in his list"))


def choices_of(waits: bool, own: bool, superior: bool) -> list[str]:
    """Return what somebody may do with a label: nobody approves his own wish, and only a superior decides."""
    if own:
        return ["ended"]
    if not superior:
        return []
    return ["approved", "declined"] if waits else ["ended"]
