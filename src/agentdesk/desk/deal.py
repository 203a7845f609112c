"""What the agent means, and which screen answers it; no widget, no rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agentdesk.desk.answers import documents, group, making_good, palette, promising, serving
from agentdesk.desk.i18n import _
from agentdesk.desk.models.offers import OfferLine
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document, is_open

if TYPE_CHECKING:
    from agentdesk.desk.answers.palette import Placed
    from agentdesk.desk.app import DeskApp


class Deal:
    """Opens the screen or dialog for what the agent means; what can't be done now is said."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app

    @property
    def _contact(self) -> Contact | None:
        return self._app.flow.contact

    def _with_customer(self) -> Contact | None:
        """Return the contact if it is known who it is about; else say what to do."""
        contact = self._contact
        if contact is None:
            return None
        if contact.facts is None or contact.facts.customer is None:
            words = _("choose the customer first: press Tab")
            self._app.flow.say(words if contact.lookup.customers else _("find the customer first: press /"))
            return None
        return contact

    # promises

    def pick(self, key: str) -> None:
        promising.pick(self._app, key)

    def offer(self, contact: Contact, line: OfferLine) -> None:
        promising.offer(self._app, contact, line)

    # the contact

    def verify(self) -> None:
        contact = self._with_customer()
        if contact is not None and contact.facts is not None:
            from agentdesk.desk.screens.verify import VerifyDialog

            self._app.push_screen(VerifyDialog(contact, contact.facts))

    def choose(self) -> None:
        contact = self._contact
        if contact is not None and contact.facts is not None:
            from agentdesk.desk.screens.choose import choose_dialog

            dialog = choose_dialog(contact, contact.facts)
            if dialog is None:
                self._app.flow.say(_("there is nothing to choose: find somebody with /"))
            else:
                self._app.push_screen(dialog, self._chosen)

    def chase(self) -> None:
        contact = self._with_customer()
        if contact is not None:
            from agentdesk.desk.screens.choose import chase_dialog

            made = {promise.document.id for promise in contact.promises}
            found = [line for line in self._app.desk_screen.work if is_open(line.document)]
            lines = [line for line in found if line.document.type == "ticket"]
            if len(lines) != 1:
                # where there is just one ticket it is the one; a promise is then chased on its own page
                lines += [d for d in found if d.document.type == "commitment" and d.document.id not in made]
            if not lines:
                self._app.flow.say(_("no ticket and no promise is open"))
            elif len(lines) == 1:
                self.chase_one(lines[0].document)
            else:
                self._app.push_screen(chase_dialog(lines, self._app.at()), self._chase_chosen)

    def chase_one(self, document: Document) -> None:
        """Chase a ticket or a promise."""
        from agentdesk.desk.screens.chase_promise import ChasePromiseDialog
        from agentdesk.desk.screens.tell import ChaseDialog

        chase = ChasePromiseDialog if document.type == "commitment" else ChaseDialog
        self._app.push_screen(chase(self._contact, document))

    def new_ticket(self) -> None:
        contact = self._with_customer()
        if contact is not None and contact.facts is not None:
            from agentdesk.desk.screens.new_ticket import new_ticket

            new_ticket(self._app, contact, contact.facts)

    def note(self) -> None:
        contact = self._contact
        if contact is not None:
            from agentdesk.desk.screens.note import NoteDialog

            customer = contact.facts.customer.document if contact.facts and contact.facts.customer else None
            self._app.push_screen(NoteDialog(contact, customer))

    def wrap_up(self) -> None:
        contact = self._contact
        if contact is not None and not contact.ringing:
            from agentdesk.desk.screens.wrap_up import WrapUpDialog

            self._app.push_screen(WrapUpDialog(contact))

    def transfer(self) -> None:
        contact = self._contact
        if contact is not None and contact.live and contact.call is not None:
            from agentdesk.desk.screens.transfer import transfer

            transfer(self._app, contact)

    def hold(self) -> None:
        from agentdesk.desk.calls.turning import hold

        self._app.spawn(hold(self._app.flow))

    def take_call(self) -> None:
        from agentdesk.desk.calls.turning import take_call

        self._app.spawn(take_call(self._app.flow))

    def turn_back(self) -> None:
        from agentdesk.desk.calls.turning import turn_back

        self._app.spawn(turn_back(self._app.flow))

    def ask_help(self) -> None:
        """Ask a superior for help in the contact; a superior without one sees who asks."""
        from agentdesk.desk.screens.helping import ask_help

        ask_help(self._app, self._contact)

    def rights(self) -> None:
        contact = self._with_customer()
        if contact is not None:
            from agentdesk.desk.screens.customer import CustomerPage

            self._app.push_screen(CustomerPage(contact))

    def matter(self) -> None:
        contact = self._with_customer()
        if contact is not None and contact.facts is not None:
            from agentdesk.desk.screens.customer import matter_dialog

            self._app.push_screen(matter_dialog(contact.facts), self._about)

    def _about(self, matter: str | None) -> None:
        contact = self._contact
        if matter is not None and contact is not None:
            self._app.spawn(self._app.flow.name_matter(contact, matter))

    def hall(self) -> None:
        from agentdesk.desk.screens.hall import HallPage

        self._app.push_screen(HallPage())

    def shift(self) -> None:
        from agentdesk.desk.screens.shift import ShiftPage

        self._app.push_screen(ShiftPage())

    # elsewhere

    def open_document(self, document: Document) -> None:
        documents.show(self._app, document)

    def call_backs(self) -> None:
        """Open the call-backs; after a drop the next thing to do is to ring back: one key has the switch do it."""
        from agentdesk.desk.calls.ringing_back import broke_off
        from agentdesk.desk.screens.callbacks import CallBacksPage

        contact = self._contact
        if contact is not None and (contact.again == "back" or broke_off(self._app.flow, contact)):
            self._app.spawn(self._ring_back(contact))
        else:
            self._app.push_screen(CallBacksPage())

    async def _ring_back(self, contact: Contact) -> None:
        """Have the switch ring who was cut off; where it can't, or is at it, the agent says what came of it."""
        from agentdesk.desk.calls.ringing_back import ring_back
        from agentdesk.desk.screens.callbacks import RingBackDialog

        at_it = contact.again == "back"
        if at_it or not await ring_back(self._app.flow, contact):
            self._app.push_screen(RingBackDialog(contact, at_it))

    def services(self) -> None:
        contact = self._with_customer()
        if contact is not None:
            serving.services(self._app, contact)

    def value_added(self) -> None:
        contact = self._with_customer()
        if contact is not None:
            serving.value_added(self._app, contact)

    def bills(self) -> None:
        contact = self._with_customer()
        if contact is not None:
            serving.bills(self._app, contact)

    def knowledge(self) -> None:
        serving.knowledge(self._app, self._contact)

    def scripts(self) -> None:
        serving.scripts(self._app, self._contact)

    def find(self) -> None:
        from agentdesk.desk.screens.find import FindScreen

        self._app.push_screen(FindScreen())

    def approvals(self) -> None:
        from agentdesk.desk.screens.approvals import ApprovalsPage

        self._app.push_screen(ApprovalsPage())

    def make_good(self) -> None:
        """Choose what went wrong, then what makes it good."""
        contact = self._with_customer()
        if contact is not None:
            making_good.choose(self._app, contact)

    def speed_test(self) -> None:
        contact = self._with_customer()
        if contact is not None:
            making_good.speed_test(self._app, contact)

    def dispute(self) -> None:
        contact = self._with_customer()
        if contact is not None and contact.facts is not None:
            from agentdesk.desk.screens.dispute import DisputeDialog

            self._app.push_screen(DisputeDialog(contact, contact.facts))

    def announcements(self) -> None:
        group.announcements(self._app)

    def nuisance(self) -> None:
        group.nuisance(self._app)

    def channels(self) -> None:
        group.channels(self._app)

    def worklist(self) -> None:
        from agentdesk.desk.screens.worklist import WorklistScreen

        self._app.push_screen(WorklistScreen())

    def outbox(self) -> None:
        from agentdesk.desk.screens.outbox import OutboxScreen

        self._app.push_screen(OutboxScreen())

    def reveal(self, document: Document | None, say: Callable[[str], None]) -> None:
        from agentdesk.desk.screens.reveal import reveal

        reveal(self._app, document, say)

    def macros(self) -> None:
        from agentdesk.desk.personal.running import choose

        self._app.spawn(choose(self._app))

    def macro(self, name: str) -> None:
        from agentdesk.desk.personal.running import named

        named(self._app, name)

    def settings(self) -> None:
        from agentdesk.desk.screens.settings import SettingsPage

        self._app.push_screen(SettingsPage())

    def help_here(self, screen: Placed) -> None:
        palette.all_keys(self._app, screen)

    def palette(self, screen: Placed) -> None:
        palette.by_name(self._app, screen)

    def ready(self) -> None:
        flow = self._app.flow
        if flow.said.state == "not_ready":
            self._app.spawn(flow.toggle_ready())
        else:
            from agentdesk.desk.screens.choose import not_ready_dialog

            self._app.push_screen(not_ready_dialog(), self._not_ready)

    def back(self) -> None:
        """Go one step back: a customer who was found by hand and for whom nothing was done is put away."""
        contact = self._contact
        if contact is None:
            return
        if contact.channel == "desk" and not contact.opened:
            self._app.spawn(self._app.flow.leave())
        elif contact.ringing:
            self._app.flow.say(_("the call rings on: Enter answers"))
        else:
            self._app.flow.say(_("the contact stays open: w wraps it up"))

    def quit(self) -> None:
        from agentdesk.desk.screens.choose import quit_dialog

        if self._contact is None:
            self._app.spawn(self._app.leave())
        else:
            self._app.push_screen(quit_dialog(), self._quit_chosen)

    # what dialogs answer

    def _chosen(self, answer: tuple[Document, str | None] | None) -> None:
        if answer is not None:
            self._app.spawn(self._app.flow.choose(*answer))

    def _chase_chosen(self, ticket: Document | None) -> None:
        if ticket is not None and self._contact is not None:
            self.chase_one(ticket)

    def _not_ready(self, reason: str | None) -> None:
        if reason is not None:
            self._app.spawn(self._app.flow.toggle_ready(reason))

    def _quit_chosen(self, sure: bool | None) -> None:
        if sure:
            self._app.spawn(self._app.leave())
