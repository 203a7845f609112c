"""The wrap-up (小结): the matters of the contact as they came about, each with its outcome, and a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk import terms
from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.calls.wrapping import REASONS, more_time
from agentdesk.desk.i18n import _
from agentdesk.desk.models.classes import found, path_of
from agentdesk.desk.models.rows import EMPTY, Column, Row, joined, row, table
from agentdesk.desk.models.status import wrap_up_clock
from agentdesk.desk.screens.ask import Pick, PickDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact, Matter
from agentdesk.desk.settings import Pause
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.language.text import clean

LONGEST = 400
PAUSE_S = 0.3
"""A pause in typing after which the summary is kept."""


def draft_key(contact: Contact) -> str:
    """Return under which name a summary is kept that isn't written down yet."""
    return f"wrap-up/{contact.id}"


class WrapUpDialog(Dialog[None]):
    """Shows what was done; Enter writes it down, hangs up if need be, and lets the next call in."""

    place = "wrap_up"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("wrap_up")
    AUTO_FOCUS = ""

    def __init__(self, contact: Contact) -> None:
        super().__init__()
        self._contact = contact
        self._matters = list(contact.matters)
        self._cursor = 0
        self._busy = False
        self._summary = Field(contact.summary, id="summary")
        self._pause: Pause | None = None

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self._mark)
        self.desk.spawn(self._load())

    async def _load(self) -> None:
        """Go on with the summary that was being written, also by a desk that was ended."""
        key = draft_key(self._contact)
        draft = await self.desk.backend.run(lambda site: site.draft(key))
        if draft and not self._summary.value:
            self._summary.value = draft

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.desk.after(self, PAUSE_S, self._keep)

    def _keep(self) -> None:
        """Keep what isn't written down yet: in the contact, and on disk."""
        self._contact.matters = list(self._matters)
        if self._contact.summary != self._summary.value:
            self._contact.summary = self._summary.value
            self.desk.spawn(self.desk.keep_draft(draft_key(self._contact), self._summary.value))

    def body(self, width: int) -> Sequence[Row]:
        columns = (Column(0), Column(16), Column(10))
        lines = [
            table(
                columns,
                (
                    row(matter.title),
                    row((terms.term(terms.OUTCOMES, matter.outcome), "strong")),
                    row((_("solved"), "good") if matter.solved else (_("not solved"), "warn")),
                ),
                width,
            )
            for matter in self._matters
        ]
        if not lines:
            lines = [row((_("nothing was done yet: add what it was about with a"), "quiet"))]
        title = row((_("wrap up"), "strong"), "   ", wrap_up_clock(self.desk.flow, self._contact))
        return [title, EMPTY, *lines, EMPTY, row((_("summary"), "quiet"), "  ", ("e", "key"))]

    def fields(self) -> Sequence[Widget]:
        return (self._summary,)

    def keys(self) -> Row:
        live = self._contact.call is not None and not self._contact.ended
        words = _("hang up and finish") if live else _("finish")
        go = row((" Enter ", "next"), " ", (words, "strong"))
        own = ("wrap_up.outcome", "wrap_up.solved", "wrap_up.drop") if self._matters else ()
        return joined([go, hints_of("wrap_up.add", *own, "back")])

    def _mark(self) -> None:
        self.text.select(self._cursor + 2 if self._matters else None)

    def _show(self) -> None:
        self._cursor = max(0, min(self._cursor, len(self._matters) - 1))
        self.paint()
        self._mark()

    def action_move(self, by: int) -> None:
        self._cursor += by
        self._show()

    def action_add(self) -> None:
        catalogue = self.desk.deeds.catalogue

        def find(typed: str) -> list[Pick[str]]:
            nodes = found(catalogue, "symptom", None, typed) if catalogue else ()
            return [Pick(row(path_of(node.code, catalogue)), node.code) for node in nodes]

        self.desk.push_screen(PickDialog(_("what was it about? type a part of it, or its initials"), find), self._added)

    def _added(self, code: str | None) -> None:
        if code is not None:
            title = path_of(code, self.desk.deeds.catalogue).rpartition(" > ")[2]
            self._matters.append(Matter(title, code, "told", True))
            self._cursor = len(self._matters) - 1
            self.call_after_refresh(self._show)

    def action_drop(self) -> None:
        if self._matters:
            self._matters.pop(self._cursor)
            self._show()

    def action_solved(self) -> None:
        if self._matters:
            matter = self._matters[self._cursor]
            self._matters[self._cursor] = replace(matter, solved=not matter.solved)
            self._show()

    def action_outcome(self) -> None:
        if self._matters:
            codes = list(terms.OUTCOMES)
            matter = self._matters[self._cursor]
            after = codes[(codes.index(matter.outcome) + 1) % len(codes)] if matter.outcome in codes else codes[0]
            self._matters[self._cursor] = replace(matter, outcome=after, solved=after in ("promised", "solved", "told"))
            self._show()

    def action_summary(self) -> None:
        self._summary.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def action_back(self) -> None:
        if self.focused is not None:
            self.set_focus(None)
        else:
            self._keep()
            self.dismiss(None)

    def action_more(self) -> None:
        """Take more time for it, with a reason."""
        dialog = ChooseDialog(_("more time for the wrap-up: why?"), REASONS, lambda one, _width: row(_(one)))
        self.desk.push_screen(dialog, self._more)

    def _more(self, reason: str | None) -> None:
        async def take() -> None:
            self.say(await more_time(self.desk.flow, self._contact, str(reason)))

        if reason is not None:
            self.desk.spawn(take())

    def action_go(self) -> None:
        if not self._busy:
            self._busy = True
            self.desk.spawn(self._finish())

    async def _finish(self) -> None:
        summary = clean(self._summary.value, LONGEST)
        if not self._matters and not summary:
            self._busy = False
            self.say(_("say what it was about: a adds a matter, e a summary"))
            return
        self._contact.matters = list(self._matters)
        if await self.desk.flow.wrap_up(self._matters, summary, self._contact):
            if self._pause is not None:
                self._pause.stop()
            await self.desk.keep_draft(draft_key(self._contact), "")
            self.dismiss(None)
            await self.desk.reload()
            return
        self._busy = False
        message = self.desk.flow.message
        self.say(message.words if message else "")
