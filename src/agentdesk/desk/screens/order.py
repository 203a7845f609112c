"""Ordering a service: its needs are asked, words are read back, and nothing is called ordered before it is on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk import wording
from agentdesk.desk.actions import bindings_of, hint_of, hints_of
from agentdesk.desk.deeds import services as deeds_services
from agentdesk.desk.i18n import _
from agentdesk.desk.models import order as words
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.needs import Option, options_of, placeholder
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.rows import EMPTY, Row, cut, joined, row, wrap
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.documents import Document
from agentdesk.domain.guidance.knowledge import Input as Need
from agentdesk.domain.offering.parameters import read
from agentdesk.domain.offering.services import Standing, stand
from agentdesk.domain.times.zone import zone

SHOWN = 9


class OrderDialog(Dialog[bool]):
    """From the first need to the words that are said; what is known already isn't asked."""

    place = "ordering"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("ordering")
    AUTO_FOCUS = ""

    def __init__(
        self,
        contact: Contact,
        facts: Facts,
        standing: Standing,
        known: Mapping[str, str] | None = None,
        about: str = "",
        undoes: str | None = None,
    ) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._standing = standing
        self._known = dict(known or {})
        self._given: dict[str, str] = dict(self._known)
        self._about = about
        self._undoes = undoes
        self._ordered: Document | None = None
        self._stage = "needs"
        self._cursor = 0
        self._field = Field(id="need")

    @property
    def _need(self) -> Need | None:
        """Return what is asked now; nothing any more when all is answered."""
        return next((need for need in self._standing.service.needs if need.id not in self._given), None)

    @property
    def _options(self) -> tuple[Option, ...]:
        need = self._need
        if need is None or self._stage != "needs":
            return ()
        return options_of(need, self._standing.service, self._facts)[:SHOWN]

    def on_mount(self) -> None:
        super().on_mount()
        self._contact.advance(Step.PROPOSE)
        self.desk.desk_screen.show_all()
        self._lay_out()

    # what is shown

    def body(self, width: int) -> Sequence[Row]:
        if self._ordered is not None:
            return words.done_rows(self._ordered, self.desk.at(), width)
        lines = words.head_rows(self._standing, self._facts, width)
        if self._about:
            lines += [EMPTY, *wrap(self._about, width, "strong", most=3)]
        asked = [need for need in self._standing.service.needs if need.id not in self._known]
        if asked:
            present = self._need.id if self._need else ""
            lines += [EMPTY, *words.need_rows(asked, self._given, present, self._facts)]
        if self._need is not None:
            for index, option in enumerate(self._options):
                tone = "strong" if index == self._cursor else ""
                line = row("  ", (str(index + 1), "key"), "  ", (option.words, tone), "  ", (option.note, "quiet"))
                lines.append(cut(line, width))
        else:
            lines += [EMPTY, *words.confirm_rows(self._standing, self._facts, self.desk.settings.hotline, width)]
        if self._standing.status != "available":
            lines += [EMPTY, row((wording.say_all(self._standing.reasons, self._facts.catalogue), "warn"))]
        return lines

    def fields(self) -> Sequence[Widget]:
        return (self._field,)

    def keys(self) -> Row:
        if self._stage == "working":
            return row((_("writing it down"), "quiet"))
        if self._stage == "done":
            return row((" Enter ", "next"), " ", (_("told the customer"), "strong"))
        back = ("ordering.before",) if self._answered else ()
        leave = hint_of("back", _("don't order"))
        if self._need is not None:
            return joined([hints_of("ordering.take" if self._options else "ordering.go", *back), leave])
        go = row((" Enter ", "next"), " ", (_("read back, and order"), "strong"))
        return joined([go, hints_of(*back), leave])

    @property
    def _answered(self) -> list[str]:
        """Return the needs that were answered here, in their order."""
        needs = self._standing.service.needs
        return [need.id for need in needs if need.id in self._given and need.id not in self._known]

    def _lay_out(self) -> None:
        typed = self._stage == "needs" and self._need is not None and not self._options
        self._field.display = typed
        if typed:
            self._field.placeholder = placeholder(self._need) if self._need else ""
            self._field.focus()
        else:
            self.set_focus(None)
        self.paint()

    def facts_changed(self, facts: Facts) -> None:
        """Show what changed while the dialog was open; Enter sleeps again where the words differ."""
        if self._stage != "needs" or facts.case is None:
            return
        self._facts = facts
        before = self._standing
        self._standing = stand(before.service, facts.case, facts.catalogue, self._given)
        if (before.mode, before.status) != (self._standing.mode, self._standing.status):
            self.doze()
            self.problem = _("this has changed: look again before you order")
        self._lay_out()

    # what the agent means

    def action_move(self, by: int) -> None:
        if self._options:
            self._cursor = (self._cursor + by) % len(self._options)
            self.paint()

    def action_take(self, key: int) -> None:
        options = self._options
        if 0 < key <= len(options):
            self._answer(options[key - 1].value)

    def action_before(self) -> None:
        if self._stage == "needs" and self._answered:
            self._given.pop(self._answered[-1])
            self._cursor = 0
            self.say("")
            self._lay_out()

    def action_go(self) -> None:
        if self._stage == "working":
            return
        if self._stage == "done":
            self.dismiss(True)
        elif self._need is None:
            self.desk.spawn(self._order())
        elif self._options:
            self._answer(self._options[self._cursor].value)
        else:
            self._typed(self._field.value)

    @on(Input.Submitted, "#need")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def _typed(self, text: str) -> None:
        need = self._need
        if need is None:
            return
        today = zone("Asia/Shanghai").day(self.desk.at())
        value = read(need, text, today)
        if value is None:
            self.say(_("this doesn't answer it: {example}").format(example=placeholder(need)))
            return
        self._field.value = ""
        self._answer(value)

    def _answer(self, value: str) -> None:
        need = self._need
        if need is None:
            return
        self._given[need.id] = value
        self._cursor = 0
        self.problem = ""
        if self._need is None:
            # what was answered makes it another order: the same one may be open already
            self.facts_changed(self._facts)
            self.doze()
        self._lay_out()

    async def _order(self) -> None:
        if self._standing.status != "available":
            self.say(wording.say_all(self._standing.reasons, self._facts.catalogue))
            return
        self._stage = "working"
        self.say("")
        done = await deeds_services.order(
            self.desk.deeds,
            self._contact,
            self._facts,
            self._standing,
            self._given,
            self.desk.settings.hotline,
            about=self._about,
            undoes=self._undoes,
        )
        if not done.ok:
            self._stage = "needs"
            self.doze()
            self.say(done.problem)
            self._lay_out()
            return
        self._ordered = done.document
        self._stage = "done"
        self.doze()
        self._lay_out()
        await self.desk.flow.refresh()

    def action_back(self) -> None:
        if self._stage != "working":
            self.dismiss(self._ordered is not None)
