"""The desk itself: status line, the caller's card, what may be promised, open work, and the next thing to do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from agentdesk.desk import actions
from agentdesk.desk.i18n import _
from agentdesk.desk.models.idle import PANES, WIDE, IdleView, idle_rows
from agentdesk.desk.models.rows import EMPTY, Row, cut, row, wrap
from agentdesk.desk.models.status import status_row, wrap_up_clock
from agentdesk.desk.models.work import LETTERS, WorkLine, open_lines
from agentdesk.desk.pointing.copying import numbers_in
from agentdesk.desk.pointing.targets import Target
from agentdesk.desk.widgets.layer import Layer
from agentdesk.desk.widgets.lines import Lines
from agentdesk.domain.documents import Document, index_of

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.models.aside import Aside
    from agentdesk.desk.models.calls import CallsView
    from agentdesk.desk.models.desk import ContactView
    from agentdesk.desk.models.facts import Facts
    from agentdesk.desk.session import Contact

MOST_WORK = 20
"""Lines of open work that are read at most."""
HIGH = 40
"""Lines from which a wide screen has room for what to say and to ask beside the timeline."""


def _is_stuck(document: Document) -> bool:
    """Tell whether a service that was ordered shows no effect in its time, or can't be done."""
    return document.type == "service_order" and document.data.get("state") in ("late", "failed")


def _at(lines: Lines, index: int) -> bool:
    return lines.selected == index


class DeskScreen(Layer[None]):
    """One look answers who this is, what is open, and what can be promised."""

    place: ClassVar[str] = "desk"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings_of("desk")
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.pane = PANES[0]
        self._painted_for: str | None = None
        self._work: tuple[WorkLine, ...] = ()
        self._turned = 0
        # held, not looked up: news may come while the screen isn't there yet, or no longer
        self._card_lines = Lines(self._card, id="card")
        self._calls_lines = Lines(self._calls, id="calls")

    @property
    def desk(self) -> DeskApp:
        return self.app  # type: ignore[return-value]

    def compose(self) -> ComposeResult:
        yield Lines(self._status, id="status")
        yield self._calls_lines
        yield self._card_lines
        with Horizontal(id="body"):
            yield Lines(self._main, id="main")
            yield Lines(self._side, id="side")
        yield Lines(self._foot, id="foot")
        yield Lines(self._keys, id="keys")

    def on_mount(self) -> None:
        self.show_all()

    def on_resize(self) -> None:
        self.show_all()

    def on_screen_resume(self) -> None:
        self.show_all()

    # what is shown

    @property
    def contact(self) -> Contact | None:
        """Return the contact whose card can be shown: between two facts there is no empty card."""
        contact = self.desk.contact
        return contact if contact is not None and contact.facts is not None else None

    @property
    def state(self) -> str:
        """Return the state that decides which keys work."""
        contact = self.contact
        if contact is None:
            return actions.IDLE
        if contact.ringing:
            return actions.RINGING
        return actions.CALL if contact.live else actions.AFTER

    @property
    def work(self) -> tuple[WorkLine, ...]:
        """Return the lines that the letters open."""
        return self._work

    def show_all(self) -> None:
        """Show what there is to show, and repaint the lines that changed."""
        contact = self.contact
        self.set_class(self.size.width >= WIDE, "wide")
        # while nobody is chosen there is nothing to stand at the side
        chosen = contact is not None and contact.facts is not None and contact.facts.customer is not None
        self.set_class(chosen, "sided")
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

    def tick(self) -> None:
        """Repaint what a second changes."""
        for lines in self.query(Lines):
            lines.repaint()

    def rang(self) -> None:
        """Keep Enter dead for a moment: it may have been meant for something else."""
        self.desk.doze.begin(self)
        self.desk.manner.rang()

    def _status(self, width: int, _height: int) -> list[Row]:
        return [status_row(self.desk.status(), width)]

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
        facts = contact.facts
        if facts is None:
            return None
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
        return ContactView(
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
        return frozenset(useless)

    # what the agent means

    def action_answer(self) -> None:
        self.desk.spawn(self.desk.flow.answer())

    def action_offer(self, key: str) -> None:
        self.desk.deal.pick(key)

    def action_work(self, key: str) -> None:
        line = next((line for line in self._work if line.key == key), None)
        if line is not None:
            self.desk.deal.open_document(line.document)

    def action_verify(self) -> None:
        self.desk.deal.verify()

    def action_choose(self) -> None:
        self.desk.deal.choose()

    def action_chase(self) -> None:
        self.desk.deal.chase()

    def action_ticket(self) -> None:
        self.desk.deal.new_ticket()

    def action_hall(self) -> None:
        self.desk.deal.hall()

    def action_shift(self) -> None:
        if self.state == actions.IDLE:
            self.desk.deal.shift()

    def action_rights(self) -> None:
        self.desk.deal.rights()

    def action_matter(self) -> None:
        self.desk.deal.matter()

    def action_note(self) -> None:
        self.desk.deal.note()

    def action_wrap_up(self) -> None:
        self.desk.deal.wrap_up()

    def action_hold(self) -> None:
        if self.state == actions.CALL:
            self.desk.deal.hold()

    def action_take_call(self) -> None:
        self.desk.deal.take_call()

    def action_turn_back(self) -> None:
        self.desk.deal.turn_back()

    def action_ask_help(self) -> None:
        self.desk.deal.ask_help()

    def action_transfer(self) -> None:
        self.desk.deal.transfer()

    def action_services(self) -> None:
        self.desk.deal.services()

    def action_value_added(self) -> None:
        self.desk.deal.value_added()

    def action_bills(self) -> None:
        self.desk.deal.bills()

    def action_call_backs(self) -> None:
        self.desk.deal.call_backs()

    def action_knowledge(self) -> None:
        self.desk.deal.knowledge()

    def action_scripts(self) -> None:
        self.desk.deal.scripts()

    def action_find(self) -> None:
        self.desk.deal.find()

    def action_approvals(self) -> None:
        self.desk.deal.approvals()

    def action_make_good(self) -> None:
        self.desk.deal.make_good()

    def action_speed_test(self) -> None:
        self.desk.deal.speed_test()

    def action_dispute(self) -> None:
        self.desk.deal.dispute()

    def action_announcements(self) -> None:
        self.desk.deal.announcements()

    def action_nuisance(self) -> None:
        self.desk.deal.nuisance()

    def action_channels(self) -> None:
        self.desk.deal.channels()

    def action_worklist(self) -> None:
        self.desk.deal.worklist()

    def action_outbox(self) -> None:
        self.desk.deal.outbox()

    def action_ready(self) -> None:
        self.desk.deal.ready()

    def targets(self) -> Sequence[Target]:
        """Return the lines with a key of their own: what may be promised, and what is open."""
        found = []
        for lines in self.query(Lines):
            for index, line in enumerate(lines.rows):
                key = line[0].text.strip() if line and line[0].tone == "key" else ""
                if lines.display and lines.id in ("main", "side") and key and key in "123456789abcdef":
                    call = f"{'offer' if key.isdigit() else 'work'}({key!r})"
                    go = partial(self.desk.call_later, self.run_action, call)
                    found.append(
                        Target(lines, index, go, partial(self._point, lines, index), partial(_at, lines, index))
                    )
        return found

    def _point(self, at: Lines, index: int) -> None:
        for lines in self.query(Lines):
            lines.select(index if lines is at else None)

    def action_reveal(self) -> None:
        contact = self.contact
        facts = contact.facts if contact is not None else None
        found = facts.customer.document if facts is not None and facts.customer is not None else None
        self.desk.deal.reveal(found, self.desk.flow.say)

    def action_copy(self) -> None:
        """Copy the caller's number as it stands on the card, or a number of the open work."""
        card = numbers_in(self._card_lines.rows) if self._card_lines.display else []
        work = [str(line.document.data["number"]) for line in self._work if line.document.data.get("number")]
        self.desk.copy([*card, *work], self.desk.say_quietly)

    def action_jump(self) -> None:
        self.desk.jump_on(self, self.targets())

    def works(self, action: actions.Action) -> bool:
        """Tell whether an action works in the state that the desk is in."""
        return self.state in action.where

    def action_help(self) -> None:
        self.desk.deal.help_here(self)

    def action_palette(self) -> None:
        self.desk.deal.help_here(self, find=True)

    def action_cut(self) -> None:
        self.desk.spawn(self.desk.cut_line())

    def action_theme(self) -> None:
        self.desk.other_theme()

    def action_macros(self) -> None:
        self.desk.deal.macros()

    def action_macro(self, name: str) -> None:
        self.desk.deal.macro(name)

    def action_settings(self) -> None:
        self.desk.deal.settings()

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

    def action_quit(self) -> None:
        self.desk.deal.quit()
