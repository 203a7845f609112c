"""Help in a call: what is asked, and the superior's list of who asks, with the caller's card and what was done."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries
from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.card import card, card_rows
from agentdesk.desk.models.rows import EMPTY, Row, row, safe
from agentdesk.desk.models.work import open_lines, work_rows
from agentdesk.desk.queries import Target
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import index_of
from agentdesk.store.presence import Present

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.models.facts import Facts
    from agentdesk.desk.session import Contact
    from agentdesk.store.site import Site

OPEN = 6


def ask_help(app: DeskApp, contact: Contact | None) -> None:
    """Ask for help in a contact, or take the question back; without one a superior sees who asks."""
    helping = app.helping
    if contact is None or contact.channel == "desk":
        if app.approves:
            app.push_screen(HelpingPage())
        else:
            app.flow.say(_("help is asked for during a contact"))
        return
    if helping.asked is contact:
        app.spawn(helping.take_back())
        app.flow.say(_("the question is taken back"), "quiet")
        return

    def lines(_width: int) -> list[Row]:
        online = app.pulse is not None and app.pulse.line.online
        where = "" if online else _("the line is down: it reaches the superiors of this site all the same")
        return [
            row((_("what do you need? the caller hears nothing"), "strong")),
            *([row((where, "warn"))] if where else []),
        ]

    async def submit(words: str) -> str:
        await helping.ask(contact, words or _("please come"))
        app.flow.say(helping.words(), "accent" if helping.superiors else "warn")
        return ""

    app.push_screen(AskDialog(lines, submit, _("ask for help")))


class HelpingPage(Page):
    """Who asks for help at this site; under the list the caller's card of the one under the cursor."""

    place = "helping"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("helping")

    def __init__(self) -> None:
        super().__init__()
        self._facts: dict[str, Facts] = {}

    @property
    def _requests(self) -> tuple[Present, ...]:
        return self.desk.helping.requests

    async def load(self) -> None:
        agent = self.desk.settings.agent
        await self.desk.helping.look()
        requests = self._requests
        self._facts = await self.desk.backend.run(lambda site: _facts(site, requests, agent.id, agent.role))
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        count = self.count
        words = ngettext("{n} colleague asks for help", "{n} colleagues ask for help", count).format(n=count)
        return [row((words, "strong"))]

    def head(self, width: int) -> Sequence[Row]:
        found = self._facts.get(self._requests[self.cursor].id) if self.cursor < self.count else None
        if found is None:
            return () if self.count else [row((_("nobody asks"), "quiet"))]
        at, catalogue = self.desk.at(), self.desk.catalogue
        shown = [d for d in found.work if index_of(d).open or d.data.get("contact") == self._requests[self.cursor].id]
        lines = open_lines(shown, found.places, catalogue, self.desk.settings.agent.id, most=OPEN)
        return [*card_rows(card(found), width), *work_rows(lines, at, width, OPEN), EMPTY]

    def items(self, width: int) -> Sequence[Row]:
        lines = []
        for one in self._requests:
            told = self.desk.helping.answered(one)
            answer = row("   ", (told, "good")) if told else EMPTY
            lines.append(row((safe(one.name, 20), "strong"), "  ", safe(one.words, 120), answer))
        return lines

    @property
    def count(self) -> int:
        return len(self._requests)

    def subjects(self) -> Sequence[Hashable]:
        return [(one.scope, one.id, one.agent) for one in self._requests]

    def keys(self) -> Row:
        return hints_of("helping.go", "back")

    def tick(self) -> None:
        if {one.id for one in self._requests} != set(self._facts):
            self.desk.spawn(self.load())
        super().tick()

    def chosen(self, index: int) -> None:
        """Answer: come, have the call passed on, or say what to do."""
        request, extension = self._requests[index], self.desk.settings.agent.extension
        ways = {"come": _("I am coming"), "say": _("say what to do")}
        if extension:
            ways["pass"] = _("pass the call to me: {number}").format(number=extension)

        def way(chosen: str | None) -> None:
            if chosen == "say":
                self._say(request)
            elif chosen is not None:
                self.desk.spawn(self._tell(request, ways[chosen]))

        self.desk.push_screen(ChooseDialog(_("what do you answer?"), list(ways), lambda w, _width: row(ways[w])), way)

    def _say(self, request: Present) -> None:
        def lines(_width: int) -> list[Row]:
            return [row((_("your colleague reads it, the caller doesn't"), "strong"))]

        async def submit(words: str) -> str:
            if not words:
                return _("write something")
            await self._tell(request, words)
            return ""

        self.desk.push_screen(AskDialog(lines, submit, _("say it")))

    async def _tell(self, request: Present, words: str) -> None:
        await self.desk.helping.tell(request, words)
        self.paint()


def _facts(site: Site, requests: Sequence[Present], agent: str, role: str) -> dict[str, Facts]:
    """Return what is known about whom help is asked for."""
    site.files.refresh()
    found = {}
    for one in requests:
        contact = site.view.document(one.scope, one.id)
        if contact is not None:
            data = contact.data
            who = str(data.get("customer") or "")
            target = Target(
                one.scope, one.id, one.scope if who else "", who, data.get("subscription"), data.get("caller")
            )
            found[one.id] = queries.facts(site, target, agent, role)
    return found
