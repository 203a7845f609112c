"""The desk itself: status line, the caller's card, what may be promised, open work, and the next thing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal

from agentdesk.desk import actions
from agentdesk.desk.i18n import _
from agentdesk.desk.models.idle import PANES, WIDE, IdleView, idle_rows
from agentdesk.desk.models.rows import EMPTY, Row, cut, row, wrap
from agentdesk.desk.models.status import status_row, wrap_up_clock
from agentdesk.desk.models.work import LETTERS, open_lines
from agentdesk.desk.screens.desk_keys import DeskKeys
from agentdesk.desk.widgets.lines import Lines
from agentdesk.domain.documents import Document, index_of

if TYPE_CHECKING:
    from agentdesk.desk.models.aside import Aside
    from agentdesk.desk.models.calls import CallsView
    from agentdesk.desk.models.desk import ContactView
    from agentdesk.desk.models.facts import Facts
    from agentdesk.desk.session import Contact

MOST_WORK = 20
"""Lines of open work that are read at most."""
SECONDS = frozenset({"status", "calls", "foot"})
"""The lines on which a second makes a difference; on the others it is minutes."""
HIGH = 40
"""Lines from which a wide screen has room for what to say and to ask beside the timeline."""


def _is_stuck(document: Document) -> bool:
    """Tell whether a service that was ordered shows no effect in its time, or can't be done."""
    return document.type == "service_order" and document.data.get("state") in ("late", "failed")


class DeskScreen(DeskKeys):
    """One look answers who this is, what is open, and what can be promised."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = PANES[0]
        self._turned = 0
        self._painted_for: str | None = None
        self._view: ContactView | None = None
        # held, not looked up: news may come while the screen isn't there yet, or no longer
        self._card_lines = Lines(self._card, id="card")
        self._calls_lines = Lines(self._calls, id="calls")
        self._side_lines = Lines(self._side, id="side")

    def compose(self) -> ComposeResult:
        yield Lines(self._status, id="status")
        yield self._calls_lines
        yield self._card_lines
        with Horizontal(id="body"):
            yield Lines(self._main, id="main")
            yield self._side_lines
        yield Lines(self._foot, id="foot")
        yield Lines(self._keys, id="keys")

    def on_mount(self) -> None:
        self.show_all()

    def on_resize(self) -> None:
        self.show_all()

    def on_screen_resume(self) -> None:
        self.show_all()

    # what is shown

    def show_all(self) -> None:
        """Show what there is to show, and repaint the lines that changed."""
        self._view = None
        contact = self.contact
        wide = self.size.width >= WIDE
        self.set_class(wide, "wide")
        # while nobody is chosen there is nothing to stand at the side
        chosen = contact is not None and contact.facts is not None and contact.facts.customer is not None
        self._side_lines.display = wide and chosen
        self._card_lines.display = contact is not None
        self._calls_lines.display = bool(self._beside())
        if contact is None:
            self.pane = PANES[0]
        for lines in self.query(Lines):
            lines.repaint()
        key = contact.id if contact is not None and contact.facts is not None else None
        if key != self._painted_for:
            self._painted_for = key
            if key is not None:
                self.call_after_refresh(self.desk.card_painted)

    def tick(self, whole: bool = True) -> None:
        """Repaint what time changes; without `whole` only what counts seconds."""
        self._view = None
        for lines in self.query(Lines):
            if whole or lines.id in SECONDS:
                lines.repaint()

    def rang(self) -> None:
        """Keep Enter dead for a moment: it may have been meant for something else."""
        self.desk.doze.begin(self)
        self.desk.manner.rang()

    def _status(self, width: int, _height: int) -> list[Row]:
        return [status_row(self.desk.news.status(), width)]

    def _beside(self) -> CallsView | None:
        """Return who is there beside the contact on the screen; None where nobody is."""
        if not self.desk.begun:
            return None
        flow, contact = self.desk.flow, self.contact
        asked = self.desk.helping.words()
        if not asked and not flow.queue and not flow.stack.parked and (contact is None or contact.call is None):
            return None
        from agentdesk.desk.models.calls import calls_view

        return calls_view(flow, contact, self.desk.settings.agent.id, asked)

    def _calls(self, width: int, _height: int) -> list[Row]:
        view = self._beside()
        if view is None:
            return []
        from agentdesk.desk.models.calls import calls_rows

        return calls_rows(view, self.desk.settings.clock.wall_ms(), width)

    def _card(self, width: int, _height: int) -> list[Row]:
        contact = self.contact
        if contact is None or contact.facts is None:
            return []
        from agentdesk.desk.models.card import card, card_rows

        return card_rows(card(contact.facts, contact.lookup), width)

    def _main(self, width: int, height: int) -> list[Row]:
        contact = self.contact
        if contact is None:
            return idle_rows(self._idle(), width, height)
        from agentdesk.desk.models.desk import main_rows

        view = self._contact(contact)
        wide = self.size.width >= WIDE
        return main_rows(view, width, height, wide and view.facts.customer is not None, self.pane) if view else []

    def _side(self, width: int, height: int) -> list[Row]:
        contact = self.contact
        if contact is None:
            return []
        from agentdesk.desk.models.desk import side_rows

        view = self._contact(contact)
        return side_rows(view, width, height) if view and view.facts.customer is not None else []

    def _idle(self) -> IdleView:
        work, at = self.desk.open_work, self.desk.at()
        catalogue, agent = self.desk.catalogue, self.desk.settings.agent.id
        ready = not self.desk.begun or self.desk.flow.state != "not_ready"
        if work is None:
            self._work = ()
            return IdleView((), (), at, False, ready)
        mine = open_lines(work.mine, work.places, catalogue, agent, names=work.names)
        late = open_lines(work.late, work.places, catalogue, agent, names=work.names, most=20, begin=len(mine))
        self._work = (*mine, *late)
        inbox = self.desk.pulse.inbox if self.desk.pulse else 0
        return IdleView(mine, late, at, True, ready, inbox)

    def _contact(self, contact: Contact) -> ContactView | None:
        """Return what is known of a contact as the panes show it; worked out once for all panes of a repaint."""
        facts = contact.facts
        if facts is None:
            return None
        if self._view is not None and self._view.facts is facts:
            return self._view
        from agentdesk.desk.models.desk import ContactView
        from agentdesk.desk.models.timeline import timeline

        first = [promise.document.id for promise in contact.promises]
        # what is to be told stands before the ticket that was made with it, whatever their ids are
        made = sorted(facts.work, key=lambda d: d.type != "commitment")
        first += [d.id for d in made if d.data.get("contact") == contact.id and d.id not in first]
        shown = [d for d in facts.work if index_of(d).open or d.id in first]
        if {d.id for d in shown} != {line.document.id for line in self._work}:
            self._turned = 0
        agent, turned = self.desk.settings.agent.id, self._turned
        self._work = open_lines(shown, facts.places, facts.catalogue, agent, first=first, most=MOST_WORK, turned=turned)
        self._view = ContactView(
            facts,
            contact.lookup,
            contact.board,
            self._work,
            timeline(facts),
            frozenset(first),
            self.desk.at(),
            contact.ringing,
            self._aside(contact, facts),
        )
        return self._view

    def _aside(self, contact: Contact, facts: Facts) -> Aside | None:
        """Return what to say and to ask, where there is room for it."""
        if contact.ringing or facts.customer is None or self.size.width < WIDE or self.size.height < HIGH:
            return None
        from agentdesk.desk.models.aside import aside

        settings = self.desk.settings
        return aside(contact, facts, self.desk.flow.state, settings.agent.number or settings.agent.id, settings.hotline)

    def _foot(self, width: int, _height: int) -> list[Row]:
        contact = self.contact
        message = self.desk.flow.message if self.desk.begun else None
        said = wrap(message.words, width, message.tone, most=3) if message else []
        if contact is None or contact.facts is None:
            return said or [EMPTY]
        from agentdesk.desk.models.rail import rail_row

        rows = [rail_row(contact.step, width), *(said or [self._next(contact, contact.facts, width)])]
        aside = self.size.height >= HIGH and contact.facts.customer is not None
        if self.size.width >= WIDE and not contact.ringing and not aside:
            rows += self._script(contact, contact.facts, width)
        return rows

    def _script(self, contact: Contact, facts: Facts, width: int) -> list[Row]:
        """Return what to say now, where there is room for it."""
        from agentdesk.desk.models import scripts

        flow, settings = self.desk.flow, self.desk.settings
        found = scripts.present(facts.catalogue, contact, flow.state, facts.online)
        if found is None:
            return []
        agent = settings.agent.number or settings.agent.id
        said = scripts.sayable(found, contact, scripts.values(contact, agent, settings.hotline), facts)
        return [cut(row(("i", "key"), "  ", (scripts.foot_line(said), "say")), width)] if said else []

    def _next(self, contact: Contact, facts: Facts, width: int) -> Row:
        """Return the next thing to do: the brightest thing on the screen."""
        if contact.ringing:
            if contact.again == "back":
                return row((_("ringing him: the dialog goes on when he answers"), "accent"))
            words = _("answering") if contact.answering else _("Enter answers")
            return row((f" {words} ", "next"))
        from agentdesk.desk.calls.handing import begun

        if contact.live and begun(contact):
            words = _("hand the caller over, or take him back")
            return row((f" {actions.key('transfer')} ", "next"), " ", (words, "strong"))
        if contact.held:
            return row((f" {actions.key('hold')} ", "next"), " ", (_("take the caller back"), "strong"))
        untold = next((p for p in contact.promises if not p.told and p.document.data.get("state") == "made"), None)
        if untold is not None:
            letter = next((line.key for line in self._work if line.document.id == untold.document.id), "a")
            return row((f" {letter} ", "next"), " ", (_("tell the customer what was promised"), "strong"))
        stuck = next((line for line in self._work if _is_stuck(line.document)), None)
        if stuck is not None and stuck.key:
            words = _("{what}: tell the customer, promise instead").format(what=f"{stuck.title}, {stuck.where}")
            return cut(row((f" {stuck.key} ", "next"), " ", (words, "late")), width)
        if contact.ended:
            clock = wrap_up_clock(self.desk.flow, contact)
            return row((" w ", "next"), " ", (_("wrap up"), "strong"), "   ", clock)
        from agentdesk.desk.models.rail import script

        return cut(row((script(contact.step, facts), "strong")), width)

    def _keys(self, width: int, _height: int) -> list[Row]:
        return [actions.footer(self.state, width, skip=self._useless())]

    def _useless(self) -> frozenset[str]:
        contact = self.contact
        facts = contact.facts if contact is not None else None
        useless = set()
        if contact is not None and (facts is None or facts.customer is None):
            useless |= {"offer", "verify", "chase", "ticket", "services", "rights", "matter", "make_good", "bills"}
            useless |= {"value_added", "dispute"}
        elif facts is not None and facts.customer is not None:
            if facts.verified:
                useless.add("verify")
            if facts.holders <= 1 and len(facts.customer.subscriptions) <= 1:
                useless.add("choose")
        if not self._work:
            useless |= {"work", "chase"}
        if contact is not None and contact.channel in ("desk", "hall"):
            useless |= {"hold", "transfer", "ask_help"} if contact.channel == "desk" else {"hold", "transfer"}
        if contact is not None and contact.again == "back":
            useless.add("answer")
        if self.desk.begun:
            from agentdesk.desk.answers import roles

            useless |= {action.id for action in actions.DESK if not roles.works(self.desk, action)}
        return frozenset(useless)

    # which part is in front

    def action_more(self) -> None:
        """Move the letters on to what is open besides, where there is more than letters; then show another pane."""
        if self.contact is None:
            return
        wide = self.size.width >= WIDE
        if (wide or self.pane == "work") and self._turned + len(LETTERS) < len(self._work):
            self._turned += len(LETTERS)
        else:
            self._turned = 0
            self.pane = PANES[0] if wide else PANES[(PANES.index(self.pane) + 1) % len(PANES)]
        self.show_all()

    def action_back(self) -> None:
        if self.pane != PANES[0]:
            self.pane = PANES[0]
            self.show_all()
        else:
            self.desk.deal.back()
