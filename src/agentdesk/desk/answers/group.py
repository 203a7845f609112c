"""What the agent means about what concerns many, labels and other channels: which screen or dialog answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.answers import roles
from agentdesk.desk.i18n import _
from agentdesk.domain.documents import Document, is_open

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp


def announcements(desk: DeskApp) -> None:
    """Attach the caller whom an announcement concerns; without one, list all that concerns many."""
    from agentdesk.desk.screens.group import AttachDialog, GroupPage

    contact = desk.flow.contact
    facts = contact.facts if contact else None
    if contact is None or facts is None or not facts.announced or contact.ringing:
        desk.push_screen(GroupPage())
        return
    if facts.customer is None:
        desk.flow.say(_("choose the customer first: press Tab"))
        return
    attached = {d.data.get("announcement") for d in facts.work if d.type == "attachment" and is_open(d)}
    left = [(one, match) for one, match in facts.announced if one.id not in attached]
    if left and (problem := roles.refusal(desk, "attachment.attached")):
        desk.flow.say(problem)
    elif left:
        desk.push_screen(AttachDialog(contact, *left[0]))
    else:
        desk.push_screen(GroupPage())


def nuisance(desk: DeskApp) -> None:
    """End a call with its words, or ask for a label."""
    from agentdesk.desk.screens.labels import nuisance as dialog

    contact = desk.flow.contact
    if contact is not None:
        dialog(desk, contact)


def channels(desk: DeskApp) -> None:
    """Hand the contact to another channel; without one, list what other channels left."""
    from agentdesk.desk.screens.channels import ChannelsPage, other_channel

    contact = desk.flow.contact
    if contact is None:
        desk.push_screen(ChannelsPage())
    elif not contact.ringing:
        other_channel(desk, contact)


def follow_up(desk: DeskApp, attachment: Document) -> None:
    """Ask what a customer says who was promised a call when an announcement is over."""
    from agentdesk.desk import terms
    from agentdesk.desk.deeds import group as deeds_group
    from agentdesk.desk.models.rows import row
    from agentdesk.desk.models.sorts import title_of
    from agentdesk.desk.screens.choose import ChooseDialog

    if problem := roles.refusal(desk, "attachment.followed_up"):
        desk.flow.say(problem)
        return

    async def told(answer: str) -> None:
        desk.flow.report(await deeds_group.on(desk, "attachment.followed_up", attachment, {"answer": answer}))
        await desk.reload()

    def chosen(answer: str | None) -> None:
        if answer is not None:
            desk.spawn(told(answer))

    title = _("{title} is over: what does the customer say?").format(title=title_of(attachment))
    answers = list(terms.ANSWERS)
    desk.push_screen(ChooseDialog(title, answers, lambda a, _width: row(terms.term(terms.ANSWERS, a))), chosen)
