"""Question flows: found by words or category, walked by number keys, ended by one key in what the end is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk import i18n
from agentdesk.desk.actions import bindings_of, hint_of, hints_of, key
from agentdesk.desk.answers import promising, roles, serving
from agentdesk.desk.deeds import services as deeds_services
from agentdesk.desk.i18n import _
from agentdesk.desk.models import flows as model
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.rows import EMPTY, Row, ends, joined, row
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.guidance.flows import Walk
from agentdesk.domain.guidance.knowledge import Flow, FlowEnd
from agentdesk.domain.language.text import clean

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


class FlowsPage(Page):
    """All flows; with a caller those come first that may help him."""

    place = "flows"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("flows")

    def __init__(self, contact: Contact | None) -> None:
        super().__init__()
        self._contact = contact
        self._section = 0
        self._query = Field(id="query")
        self._found: tuple[tuple[Flow, bool], ...] = ()

    @property
    def _catalogue(self) -> Catalogue | None:
        return self.desk.deeds.catalogue

    async def load(self) -> None:
        self._look()

    def _look(self) -> None:
        catalogue = self._catalogue
        if catalogue is not None:
            category = model.sections(catalogue)[self._section]
            self._found = model.listed(catalogue, self._contact, clean(self._query.value, 40), category)
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        catalogue = self._catalogue
        category = model.sections(catalogue)[self._section] if catalogue else ""
        title = row((_("question flows"), "strong"), "  ", (str(len(self._found)), "quiet"))
        return [ends(title, model.section_row(category), width)]

    def fields(self) -> Sequence[Widget]:
        return (self._query,)

    def head(self, width: int) -> Sequence[Row]:
        return () if self._found else [row((_("no flow fits: type less, or other words"), "quiet"))]

    def items(self, width: int) -> Sequence[Row]:
        return [model.flow_row(flow, marked, width) for flow, marked in self._found]

    @property
    def count(self) -> int:
        return len(self._found)

    def keys(self) -> Row:
        keys = hints_of("flows.go", "flows.section", "back")
        # the sign in front of a line is no key: it says that the flow suits this contact
        return (
            joined([keys, row((">", "accent"), " ", (_("suits this call"), "quiet"))])
            if any(marked for _flow, marked in self._found)
            else keys
        )

    def action_section(self, by: int) -> None:
        catalogue = self._catalogue
        if catalogue is not None:
            self._section = (self._section + by) % len(model.sections(catalogue))
            self.cursor = 0
            self._look()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.cursor = 0
        self._look()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def chosen(self, index: int) -> None:
        if index < len(self._found):
            self.desk.push_screen(WalkPage(self._contact, self._found[index][0]))


class WalkPage(Page):
    """One flow: the question to ask, the answers by number, back by one key; Enter takes the end."""

    place = "flow"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("flow")
    AUTO_FOCUS = ""

    def __init__(self, contact: Contact | None, flow: Flow) -> None:
        super().__init__()
        self._contact = contact
        self._walk = Walk(flow)
        self._begun = 0
        self._recorded = False

    def on_mount(self) -> None:
        super().on_mount()
        self._begun = self.desk.deeds.now()
        if self._contact is not None:
            self._contact.advance(Step.LISTEN)

    async def load(self) -> None:
        self.paint()

    def facts_changed(self, _facts: object) -> None:
        """Show what is known now."""
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        flow = self._walk.flow
        name = row((flow.name.say(i18n.language()), "strong"), "  ", (flow.code, "quiet"))
        return [ends(name, model.section_row(flow.category)[:1], width)]

    def head(self, width: int) -> Sequence[Row]:
        facts = self._contact.facts if self._contact else None
        lines = [*model.known_rows(facts, width)]
        path = model.path_rows(self._walk, width)
        lines += [EMPTY, *path] if path else []
        lines.append(EMPTY)
        place, catalogue = self._walk.place, self.desk.deeds.catalogue
        if isinstance(place, FlowEnd):
            if catalogue is not None:
                lines += model.end_rows(self._walk, place, facts, catalogue, self.desk.settings.hotline, width)
            return lines
        return [*lines, *model.step_rows(self._walk, place, width)]

    def keys(self) -> Row:
        place = self._walk.place
        back = ("flow.step_back",) if self._walk.path else ()
        leave = hint_of("back", _("leave"))
        if not isinstance(place, FlowEnd):
            return joined([hints_of("flow.answer", *back), leave])
        words = {
            "promise": _("promise it"),
            "ticket": _("open the ticket"),
            "transfer": _("transfer"),
            "solved": _("solved"),
            "told": _("told"),
        }[place.kind]
        facts = self._contact.facts if self._contact else None
        if place.kind == "promise" and model.out_of_reach(place, facts):
            # what can't be promised isn't the next thing to do
            go = row((f" {key('flow.ticket')} ", "next"), " ", (_("a ticket instead"), "strong"))
            return joined([go, hints_of("flow.choose", *back), leave])
        go = row((" Enter ", "next"), " ", (words, "strong"))
        other = ("flow.ticket",) if place.kind in ("promise", "solved", "told") else ()
        return joined([go, roles.hints(self.desk, *other, *back), leave])

    # what the agent means

    def action_answer(self, key: int) -> None:
        after = self._walk.answer(key)
        if after is not self._walk:
            self._walk, self.problem = after, ""
            if self._contact is not None:
                self._contact.advance(Step.PROPOSE if after.end else Step.CONFIRM)
            self.paint()

    def action_choose(self) -> None:
        """Choose another line, as some promises are for some lines only."""
        self.desk.deal.choose()

    def action_verify(self) -> None:
        self.desk.deal.verify()

    def action_step_back(self) -> None:
        if self._walk.path:
            self._walk, self.problem = self._walk.back(), ""
            self.paint()

    def action_go(self) -> None:
        end = self._walk.end
        if end is not None:
            self._take(end.kind)

    def action_ticket(self) -> None:
        if self._walk.end is not None and self._walk.end.kind != "ticket":
            self._take("ticket")

    def action_back(self) -> None:
        """Leave: what was asked is written down, as a flow that was left."""
        self.desk.spawn(self._record("left"))
        self.dismiss(None)

    def _take(self, kind: str) -> None:
        contact, end = self._contact, self._walk.end
        facts = contact.facts if contact else None
        if contact is None or end is None:
            # nobody is on the line: the flow was read, not asked
            self.dismiss(None)
            return
        problem = ""
        if kind == "promise" and facts is not None:
            if facts.customer is None:
                problem = _("choose the customer first: press Tab")
            else:
                problem = promising.named(self.desk, contact, facts, end.promise or "")
        elif kind == "ticket" and facts is not None:
            if facts.customer is None:
                problem = _("choose the customer first: press Tab")
            else:
                serving.ticket(self.desk, contact, facts, end)
        elif kind == "transfer":
            if contact.live and contact.call is not None:
                self.desk.deal.transfer()
            else:
                problem = _("there is no call to transfer")
        if problem:
            self.say(problem)
            return
        if kind in ("solved", "told"):
            title = self._walk.flow.name.say(i18n.language())
            deeds_services.prefill(contact, title, end.class_code or "", kind)
            contact.advance(Step.AGREE)
            self.dismiss(None)
        self.desk.spawn(self._record(kind))

    async def _record(self, outcome: str) -> None:
        if self._contact is None or self._recorded:
            return
        self._recorded = outcome != "left"
        end = self._walk.end
        done = await deeds_services.guided(
            self.desk.deeds,
            self._contact,
            self._walk.flow.code,
            self._walk.path,
            end.id if end else None,
            outcome,
            self._begun,
        )
        self.desk.flow.report(done)
