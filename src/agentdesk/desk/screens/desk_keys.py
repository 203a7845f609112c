"""What the keys of the desk mean: the registry names them, `deal` opens what answers them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from agentdesk.desk import actions
from agentdesk.desk.models.work import WorkLine
from agentdesk.desk.pointing.copying import numbers_in
from agentdesk.desk.pointing.targets import Target
from agentdesk.desk.widgets.layer import Layer
from agentdesk.desk.widgets.lines import Lines

if TYPE_CHECKING:
    from agentdesk.desk.session import Contact


def _at(lines: Lines, index: int) -> bool:
    return lines.selected == index


class DeskKeys(Layer[None]):
    """The desk as it is worked: the letters of its lines, and what each key does."""

    place: ClassVar[str] = "desk"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings_of("desk")
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self._work: tuple[WorkLine, ...] = ()

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
        card = [
            number for lines in self.query("#card").results(Lines) if lines.display for number in numbers_in(lines.rows)
        ]
        work = [str(line.document.data["number"]) for line in self._work if line.document.data.get("number")]
        self.desk.copying.copy([*card, *work], self.desk.say_quietly)

    def action_jump(self) -> None:
        self.desk.keys.jump_on(self, self.targets())

    def works(self, action: actions.Action) -> bool:
        """Tell whether an action works in the state that the desk is in."""
        return self.state in action.where

    def action_theme(self) -> None:
        self.desk.other_theme()

    def action_macros(self) -> None:
        self.desk.deal.macros()

    def action_macro(self, name: str) -> None:
        self.desk.deal.macro(name)

    def action_settings(self) -> None:
        self.desk.deal.settings()

    def action_quit(self) -> None:
        self.desk.deal.quit()
