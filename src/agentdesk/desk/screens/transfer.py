"""Transferring a call: at once, or after talking to the other one first, with what he should know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.calls import handing
from agentdesk.desk.i18n import _
from agentdesk.desk.models.calls import summary
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.language.text import clean

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

LONGEST = 200


def transfer(app: DeskApp, contact: Contact) -> None:
    """Ask how and to whom, or how a transfer that has begun goes on."""
    if handing.begun(contact):
        words = {handing.finish: _("hand the caller over"), handing.take_back: _("take the caller back")}
        dialog = ChooseDialog(_("the transfer has begun"), list(words), lambda way, _width: row(words[way]))
        app.push_screen(dialog, lambda way: app.spawn(way(app.flow, contact)) if way else None)
        return
    ways = {False: _("transfer at once"), True: _("talk to them first")}

    def chosen(warm: bool | None) -> None:
        if warm is not None:
            app.push_screen(HandingDialog(contact, warm))

    app.push_screen(ChooseDialog(_("transfer the call"), (False, True), lambda warm, _width: row(ways[warm])), chosen)


class HandingDialog(Dialog[None]):
    """The number, and what the other one should know: what was done is filled in, and stands on his desk."""

    place = "handing"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("handing")

    def __init__(self, contact: Contact, warm: bool) -> None:
        super().__init__()
        self._contact = contact
        self._warm = warm
        self._busy = False
        self._number = Field(id="number")
        self._note = Field(summary(contact), id="note")

    def body(self, width: int) -> Sequence[Row]:
        how = _("the caller waits on hold while you talk to them") if self._warm else _("the caller leaves at once")
        return [
            row((_("transfer to which number?"), "strong")),
            row((how, "quiet")),
            EMPTY,
            row((_("number, then Tab: what he should know"), "quiet")),
        ]

    def fields(self) -> Sequence[Widget]:
        return (self._number, self._note)

    def keys(self) -> Row:
        return hints_of("handing.go", "handing.other", "back")

    def action_other(self) -> None:
        (self._note if self.focused is self._number else self._number).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def action_go(self) -> None:
        if self.awake and not self._busy:
            self._busy = True
            self.desk.spawn(self._transfer())

    async def _transfer(self) -> None:
        number, note = clean(self._number.value, 60), clean(self._note.value, LONGEST)
        flow, problem = self.desk.flow, ""
        if not number:
            problem = _("type the number to transfer to")
        elif not await handing.hand_over(flow, self._contact, number, self._warm, note):
            problem = flow.message.words if flow.message else _("the transfer failed")
        self._busy = False
        if problem:
            self.say(problem)
        else:
            self.dismiss(None)
