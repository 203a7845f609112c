"""The end of a shift: what is due afterwards, handed over with one key; a leader does it for who is ill or gone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries, terms
from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.answers import roles
from agentdesk.desk.i18n import _
from agentdesk.desk.models.hall import handing_rows
from agentdesk.desk.models.rows import EMPTY, Row, joined, row, safe
from agentdesk.desk.queries import OpenWork
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.colleague import pick_colleague
from agentdesk.desk.screens.page import Page
from agentdesk.desk.terms.hall import WHY
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds import KINDS
from agentdesk.store.site import Site

LEADERS = frozenset({"team_leader", "duty_manager", "hall_manager", "centre_manager"})
FRONT = LEADERS | {"agent", "clerk", "expert", "follow_up_caller"}
"""The roles that mind customers' work."""
AWAY = ("ill", "leave", "dismissed")
"""Why a leader hands somebody else's work over: he says it, as an absence is in no record yet."""
MOST = 500
"""So much work goes over at once: nobody minds more."""
HANDED = frozenset(name.partition(".")[0] for name in KINDS if name.endswith(".handed_over"))
"""The types of document that can be handed over."""


class ShiftPage(Page):
    """All open work of an agent; Enter hands over what is marked, Space keeps a line."""

    place = "shift"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("shift")

    def __init__(self) -> None:
        super().__init__()
        self._agent = ""
        self._why = "end"
        self._away_agent: Document | None = None
        self._work: OpenWork | None = None
        self._kept: set[str] = set()

    @property
    def agent(self) -> str:
        """Return whose work it is: one's own until a leader names another."""
        return self._agent or self.desk.settings.agent.id

    async def load(self) -> None:
        agent = self.agent
        self._work = await self.desk.backend.run(lambda site: queries.open_work(site, agent, MOST))
        self.paint()

    @property
    def _lines(self) -> tuple[Document, ...]:
        mine = self._work.mine if self._work is not None else ()
        return tuple(d for d in mine if d.type in HANDED)

    @property
    def _staying(self) -> frozenset[str]:
        """What stays: the lines that are kept, and those that the agent's role may not hand over."""
        theirs = (d.id for d in self._lines if not roles.may(self.desk, f"{d.type}.handed_over"))
        return frozenset((*self._kept, *theirs))

    def title_rows(self, width: int) -> Sequence[Row]:
        lines = self._lines
        staying = self._staying
        going = sum(1 for d in lines if d.id not in staying)
        words = _("end of the shift: {n} to hand over").format(n=going)
        name = safe(self._away_agent.data.get("name"), 20) if self._away_agent is not None else ""
        whose = row("  ", (f"{name} {safe(self._agent, 20)}", "accent"), "  ", (terms.term(WHY, self._why), "quiet"))
        return [row((words, "strong"), whose if self._agent else EMPTY)]

    def head(self, width: int) -> Sequence[Row]:
        return () if self._lines or self._work is None else (row((_("nothing is left to do after the shift"), "good")),)

    def items(self, width: int) -> Sequence[Row]:
        names = self._work.names if self._work is not None else {}
        return handing_rows(self._lines, names, self._staying, self.desk.at(), width)

    def subjects(self) -> Sequence[Hashable]:
        return [one.key for one in self._lines]

    def keys(self) -> Row:
        go = row((" Enter ", "next"), " ", (_("hand over to ..."), "strong")) if self._lines else EMPTY
        more = ["shift.keep"] if self._lines else []
        if self.desk.settings.agent.role in LEADERS:
            more.append("shift.other")
        return joined([go, hints_of(*more, "back")])

    def action_keep(self) -> None:
        if 0 <= self.cursor < len(self._lines):
            one = self._lines[self.cursor]
            self._kept ^= {one.id}
            self.say(roles.refusal(self.desk, f"{one.type}.handed_over"))

    def action_other(self) -> None:
        """Let a leader look at somebody else's work: ill, on leave, or gone."""
        if self.desk.settings.agent.role not in LEADERS:
            self.say(_("only a leader hands somebody else's work over"))
            return

        def lines(_width: int) -> list[Row]:
            return [row((_("staff number of who is away"), "strong")), EMPTY]

        self.desk.push_screen(AskDialog(lines, self._away, _("show the work")), self._ask_why)

    async def _away(self, typed: str) -> str:
        region = self.desk.deeds.by.region.rpartition("/")[2]

        def read(site: Site) -> Document | None:
            return site.view.document(ORG, typed) or site.view.document(ORG, f"{region}{typed}")

        agent = await self.desk.backend.run(read) if typed else None
        if agent is None or agent.type != "agent":
            return _("nobody with that number works here")
        self._away_agent = agent
        return ""

    def _ask_why(self, named: bool | None) -> None:
        agent = self._away_agent
        if not named or agent is None:
            return

        def chosen(why: str | None) -> None:
            if why is not None:
                self._agent, self._kept, self._why = agent.id, set(), why
                self.desk.spawn(self.load())

        def words(why: str, _width: int) -> Row:
            return row(terms.term(WHY, why))

        begin = AWAY.index("dismissed") if agent.data.get("dismissed_at") is not None else 0
        self.desk.push_screen(ChooseDialog(_("why is he away?"), AWAY, words, begin), chosen)

    def action_go(self) -> None:
        if self._lines:
            self.desk.spawn(pick_colleague(self.desk, self.agent, self._to, FRONT))

    def _to(self, agent: str | None) -> None:
        if agent is not None:
            self.desk.spawn(self._hand_over(agent))

    async def _hand_over(self, to: str) -> None:
        staying = self._staying
        going = [d for d in self._lines if d.id not in staying]
        kept = [d for d in self._lines if d.id in staying]
        done = await self.desk.hall.hand_over(self.agent, going, to, self._why, kept)
        self.say(done.problem)
        if done.ok:
            words = _("{n} handed over to {name}; who was asked first stays responsible")
            agent = await self.desk.backend.run(lambda site: site.view.document(ORG, to))
            name = safe(agent.data.get("name") if agent is not None else to, 20)
            self.desk.flow.say(words.format(n=len(going), name=name), "good")
            await self.desk.reload()
            self.dismiss(None)
