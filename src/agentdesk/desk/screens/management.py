"""A management ticket (管理工单): six haves, measures, its tickets; solved once for all, closed when all are solved."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of, hint_of
from agentdesk.desk.actions.made import MADE
from agentdesk.desk.answers import roles
from agentdesk.desk.deeds import Done
from agentdesk.desk.deeds import group as deeds
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.group import child_row, six_rows
from agentdesk.desk.models.rows import EMPTY, Row, flow, joined, row, safe, wrap
from agentdesk.desk.models.sorts import state_of, title_of
from agentdesk.desk.models.work import department
from agentdesk.desk.queries import group as queries
from agentdesk.desk.queries.group import ManagementView
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.group import until
from agentdesk.desk.screens.page import Page
from agentdesk.desk.screens.steps import Step, ask_all, needed, optional
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.ids import plain_digits, spoken
from agentdesk.domain.work.management import Suggestion, measures_left

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.store.site import Site


class ManagementPage(Page):
    """One management ticket; Enter opens one of its tickets."""

    place = "management"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("management")

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.view = ManagementView(document)

    @property
    def document(self) -> Document:
        """The management ticket as it was read last."""
        return self.view.document

    async def load(self) -> None:
        document = self.document
        self.view = await self.desk.backend.run(lambda site: queries.management_view(site, document))
        self.paint()

    def head(self, width: int) -> Sequence[Row]:
        data = self.document.data
        number = (spoken(safe(data.get("number"), 24)), "strong")
        lines = [
            joined([row((title_of(self.document), "strong")), row(number), row((state_of(self.document), "quiet"))]),
            EMPTY,
            *six_rows(self.document, self.desk.catalogue, self.desk.at(), width),
        ]
        if data.get("solution"):
            lines += [EMPTY, *wrap(_("solution: {words}").format(words=safe(data["solution"], 200)), width, "say")]
        count = len(self.view.tickets)
        words = ngettext("{n} ticket", "{n} tickets", count).format(n=count)
        return [*lines, EMPTY, row((words, "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        late = list(self.document.data.get("unreplied") or ())
        return [child_row(ticket, late, width) for ticket in self.view.tickets]

    def subjects(self) -> Sequence[Hashable]:
        return [ticket.key for ticket in self.view.tickets]

    def foot(self, width: int) -> Sequence[Row]:
        found = ["management.go"]
        state = self.document.data.get("state")
        if state != "closed":
            found += ["management.join", "management.let_go", "management.measure"]
            if measures_left(self.document.data.get("measures") or ()):
                found.append("management.measured")
            if state != "solved" or self.document.data.get("unreplied"):
                found.append("management.solve")
            if state == "solved":
                found.append("management.close")
        found = [name for name in (*found, "back") if roles.may(self.desk, *MADE.get(name, ()))]
        return flow([hint_of(name) for name in found], width, "  ")

    def chosen(self, index: int) -> None:
        self.desk.deal.open_document(self.view.tickets[index])

    def action_join(self) -> None:
        steps = [Step("number", _("number of the ticket to join"), needed)]
        ask_all(self.desk, _("join a ticket"), steps, self._join)

    async def _join(self, found: dict[str, Any]) -> str:
        digits = plain_digits(found["number"])

        def referred(site: Site) -> str | None:
            return next((one.id for one in site.view.referred(digits) if one.type == "ticket"), None)

        ticket = await self.desk.backend.run(referred)
        if ticket is None:
            return _("no ticket has this number here")
        return await self._did(await deeds.manage(self.desk, self.document, "joined", {"tickets": [ticket]}))

    def action_let_go(self) -> None:
        if 0 <= self.cursor < len(self.view.tickets):
            ticket = self.view.tickets[self.cursor]
            asks = _("why does {title} have another cause?").format(title=title_of(ticket))

            async def let_go(found: dict[str, Any]) -> str:
                body = {"tickets": [ticket.id], "reason": found["reason"]}
                return await self._did(await deeds.manage(self.desk, self.document, "left", body))

            ask_all(self.desk, _("let a ticket go"), [Step("reason", asks, needed)], let_go)

    def action_measure(self) -> None:
        steps = [Step("measure", how_measured(), lambda typed: measure(typed, self.desk.at()))]
        ask_all(self.desk, _("one more measure"), steps, self._measure)

    async def _measure(self, found: dict[str, Any]) -> str:
        return await self._did(await deeds.manage(self.desk, self.document, "measured", {"add": [found["measure"]]}))

    def action_measured(self) -> None:
        left = list(measures_left(self.document.data.get("measures") or ()))
        if left:
            dialog = ChooseDialog(_("which measure is done?"), left, lambda one, _width: row(safe(one["text"], 70)))
            self.desk.push_screen(dialog, self._measure_chosen)

    def _measure_chosen(self, one: Any) -> None:
        if one is not None:

            async def done(found: dict[str, Any]) -> str:
                body = {"done": one["id"], "text": found["text"] or None}
                content = {name: value for name, value in body.items() if value is not None}
                return await self._did(await deeds.manage(self.desk, self.document, "measured", content))

            ask_all(self.desk, safe(one["text"], 60), [Step("text", _("what came of it"), optional)], done)

    def action_solve(self) -> None:
        value = str(self.document.data.get("solution") or "")
        steps = [Step("solution", _("the solution, as customers are told"), needed, value)]
        ask_all(self.desk, _("solve it: each ticket inherits the answer"), steps, self._solve)

    async def _solve(self, found: dict[str, Any]) -> str:
        return await self._did(await deeds.manage(self.desk, self.document, "solved", found))

    def action_close(self) -> None:
        if self.document.data.get("state") == "solved":
            self.desk.spawn(self._close())

    async def _close(self) -> None:
        self.say(await self._did(await deeds.manage(self.desk, self.document, "closed", {})))

    async def _did(self, done: Done) -> str:
        if done.ok:
            await self.desk.reload()
        return done.problem


def how_measured() -> str:
    """Return how a measure is typed."""
    return _("measure: what | who | until when (2d, 18:00)")


def measure(typed: str, at: int) -> dict[str, Any]:
    """Return a measure from `what | who | 2d`; raises ValueError."""
    parts = [part.strip() for part in typed.replace("｜", "|").split("|")]
    if len(parts) != 3 or not all(parts):
        raise ValueError(_("write what, who and until when: splice the cable | network | 2d"))
    return {"text": parts[0], "owner": parts[1], "due": until(parts[2], at)}


def new_management(desk: DeskApp, suggestion: Suggestion | None) -> None:
    """Ask for the six haves and open a management ticket over the tickets of a suggestion."""
    if problem := roles.refusal(desk, "management.opened"):
        desk.flow.say(problem)
        return
    catalogue = desk.catalogue
    tickets = suggestion.tickets if suggestion else ()
    title = f"{suggestion.place}{title_of(tickets[0])}" if suggestion and tickets else ""
    steps = [
        Step("title", _("title"), needed, title),
        Step("target", _("target"), needed),
        Step("measure", how_measured(), lambda typed: measure(typed, desk.at())),
        Step("owner", _("in charge"), needed),
        Step("time_limit", _("time limit: 2d or 18:00"), lambda typed: until(typed, desk.at())),
        Step("supervision", _("supervision"), needed),
        Step("assessment", _("assessment"), needed),
    ]
    scope = tickets[0].scope if tickets else desk.deeds.by.region

    async def opened(found: dict[str, Any]) -> str:
        six = {name: found[name] for name in ("target", "owner", "time_limit", "supervision", "assessment")}
        body = {
            "title": found["title"],
            "six": {**six, "measures": [found["measure"]]},
            "tickets": [ticket.id for ticket in tickets],
        }
        if suggestion:
            body |= {"class": suggestion.cls, "place": suggestion.place}
        units = list(catalogue.departments) if catalogue else []

        def words(unit: str, _width: int) -> Row:
            return row(department(unit, catalogue))

        def chosen(unit: str | None) -> None:
            if unit is not None:
                desk.spawn(_open(desk, scope, {**body, "department": unit}))

        desk.call_later(
            lambda: desk.push_screen(ChooseDialog(_("which department answers?"), units[:20], words), chosen)
        )
        return ""

    ask_all(desk, _("new management ticket"), steps, opened)


async def _open(desk: DeskApp, scope: str, body: dict[str, Any]) -> None:
    done = await deeds.open_management(desk, scope, body)
    if done.ok:
        desk.push_screen(ManagementPage(done.document))
    else:
        refused = row((done.problem, "late"))

        async def again(_words: str) -> str:
            return ""

        desk.push_screen(AskDialog(lambda _width: [refused], again, _("back"), typed=False))
    await desk.reload()
