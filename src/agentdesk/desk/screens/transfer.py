"""Transferring a call: at once, or after talking to the other one first; a warm transfer is finished or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import Row, row
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.session import Contact
from agentdesk.telephony.source import Command

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp


def transfer(app: DeskApp, contact: Contact) -> None:
    """Ask how and to whom, or how a transfer that has begun goes on."""
    last = contact.call.transfers[-1] if contact.call and contact.call.transfers else None
    if last is not None and last.done_at is None and last.cancelled_at is None:
        words = {
            Command.FINISH_TRANSFER: _("hand the caller over"),
            Command.CANCEL_TRANSFER: _("take the caller back"),
        }
        dialog = ChooseDialog(_("the transfer has begun"), list(words), lambda c, _width: row(words[c]))
        app.push_screen(dialog, lambda command: app.spawn(app.flow.order(command)) if command else None)
        return
    ways = {False: _("transfer at once"), True: _("talk to them first")}
    app.push_screen(
        ChooseDialog(_("transfer the call"), (False, True), lambda warm, _width: row(ways[warm])),
        lambda warm: _target(app, warm) if warm is not None else None,
    )


def _target(app: DeskApp, warm: bool) -> None:
    async def submit(words: str) -> str:
        if not words:
            return _("type the number to transfer to")
        if await app.flow.order(Command.TRANSFER, target=words, warm=warm):
            return ""
        return app.flow.message.words if app.flow.message else _("the transfer failed")

    def lines(_width: int) -> list[Row]:
        return [row((_("transfer to which number?"), "strong"))]

    app.push_screen(AskDialog(lines, submit, _("transfer")))
