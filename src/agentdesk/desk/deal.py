"""What the agent means, and which screen answers it; no widget, no rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol

from agentdesk.desk import group, making_good, serving, wording
from agentdesk.desk.actions import Action, place_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.offers import OfferLine
from agentdesk.desk.models.rows import row
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.offering.offers import assess

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.screens.dialog import Dialog


class Placed(Protocol):
    """A screen whose actions are in the registry."""

    place: ClassVar[str]

    def works(self, action: Action) -> bool:
        """Tell whether an action can be done now."""

    async def run_action(self, action: str) -> None:
        """Do an action by its call."""


class Deal:
    """Opens the screen or dialog for what the agent means; what can't be done now is said."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._copied = ""

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
        """Open the promise of a key; while it isn't known who calls, choose him."""
        contact = self._contact
        if contact is None or contact.facts is None:
            return
        if contact.facts.customer is None:
            self._choose_nth(contact, int(key) - 1)
            return
        line = contact.board.at(key)
        if line is None:
            return
        if contact.ringing and not contact.answering:
            self._app.flow.say(_("answer the call first: Enter"))
            return
        if contact.ended and contact.channel != "desk":
            self._app.flow.say(_("the call has ended: what is promised now must be told in another call"))
        self.offer(contact, line)

    def _choose_nth(self, contact: Contact, index: int) -> None:
        customers = contact.lookup.customers
        if index < len(customers):
            chosen = customers[index]
            held = next((h.holder for h in contact.lookup.holders if h.customer.key == chosen.key), None)
            self._app.spawn(self._app.flow.choose(chosen, held.subscription if held else None))

    def offer(self, contact: Contact, line: OfferLine) -> None:
        """Open a promise, or say why it isn't possible and what is instead."""
        from agentdesk.desk.screens.promise import PromiseDialog

        facts = contact.facts
        if facts is None:
            return
        if line.offer.status == "verify":
            self._app.flow.say(wording.say(line.offer.reasons[0], facts.catalogue), "accent")
            self.verify()
            return
        if line.offer.status == "inapplicable":
            instead = self._instead(contact, line)
            if instead is None:
                self._app.flow.say(wording.say_all(line.offer.reasons, facts.catalogue))
                return
            line = instead
        self._app.push_screen(PromiseDialog(contact, line, facts))

    def _instead(self, contact: Contact, line: OfferLine) -> OfferLine | None:
        """Return the offer that the line-down rule names in the place of another one."""
        facts = contact.facts
        rule = line.offer.template.offline
        template = facts.catalogue.templates.get(rule.instead or "") if facts else None
        only = [reason.code for reason in line.offer.reasons] == ["line_down"]
        if facts is None or facts.case is None or template is None or not only:
            return None
        offer = assess(template, facts.case, facts.catalogue)
        return OfferLine(line.key, line.rank, offer) if offer.status == "available" else None

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
        """Open a ticket or a promise; one that wasn't told yet opens at the words to tell."""
        contact = self._contact
        made = contact.promise(document.id) if contact else None
        state = "made" if document.data.get("waits") else document.data.get("state")
        if contact is not None and made is not None and not made.told and state == "made":
            from agentdesk.desk.screens.promise import PromiseDialog

            line = contact.board.of(str(document.data.get("template")))
            if line is not None and contact.facts is not None:
                self._app.push_screen(PromiseDialog(contact, line, contact.facts, made))
                return
        if group.open_page(self._app, document):
            return
        if document.type == "callback":
            self.call_backs()
            return
        if document.type == "service_order":
            from agentdesk.desk.screens.orders import OrderPage

            self._app.push_screen(OrderPage(document))
            return
        if document.type == "ticket":
            from agentdesk.desk.screens.ticket import TicketPage

            self._app.push_screen(TicketPage(document))
            return
        if document.type == "commitment":
            from agentdesk.desk.screens.promise_page import PromisePage

            self._app.push_screen(PromisePage(document))
            return
        if document.type in ("remedy", "check"):
            from agentdesk.desk.screens.remedy_page import RemedyPage

            self._app.push_screen(RemedyPage(document))
            return
        if document.type in ("approval", "dispute"):
            from agentdesk.desk.screens.approvals import ApprovalsPage, DisputePage

            self._app.push_screen(DisputePage(document) if document.type == "dispute" else ApprovalsPage())
            return
        if document.type == "appointment":
            from agentdesk.desk.screens.hall import AppointmentPage

            self._app.push_screen(AppointmentPage(document))
            return
        from agentdesk.desk.screens.documents import DocumentPage

        self._app.push_screen(DocumentPage(document))

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
        """Show the data of a customer, or of the one whom a document is about, unmasked; the reason is recorded."""
        from agentdesk.desk.screens.reveal import reveal

        contact = self._contact
        if (
            document is None
            and contact is not None
            and contact.facts is not None
            and contact.facts.customer is not None
        ):
            document = contact.facts.customer.document
        who = document.id if document is not None and document.type == "customer" else None
        if document is not None and who is None:
            who = document.data.get("customer")
        if document is None or not isinstance(who, str):
            say(_("there is no customer's data here to show"))
            return
        reveal(self._app, document.scope, who, None if document.id == who else document.id)

    def copy(self, numbers: Sequence[str], say: Callable[[str], None]) -> None:
        """Copy a number, or ask which; the same once more shows it alone, to be selected by hand."""
        from agentdesk.desk.pointing.copying import copied_rows, copy
        from agentdesk.desk.screens.ask import AskDialog
        from agentdesk.desk.screens.choose import ChooseDialog

        def take(number: str | None) -> None:
            if number is not None:
                self._copied = number
                say(copy(self._app, number))

        async def seen(_words: str) -> str:
            return ""

        if not numbers:
            say(_("there is no number here to copy"))
        elif self._copied in numbers:
            words, self._copied = self._copied, ""
            self._app.push_screen(AskDialog(lambda _width: copied_rows(words), seen, _("back"), typed=False))
        elif len(numbers) == 1:
            take(numbers[0])
        else:
            self._app.push_screen(ChooseDialog(_("copy which number?"), numbers, lambda one, _width: row(one)), take)

    def macros(self) -> None:
        """Ask which macro to do; they are read anew: somebody may have mended one."""
        self._app.spawn(self._macros())

    async def _macros(self) -> None:
        from agentdesk.desk.screens.choose import ChooseDialog

        problem = await self._app.manner.read_macros()
        found = self._app.manner.macros
        if problem or not found:
            path = self._app.settings.folder / "macros.toml"
            self._app.flow.say(problem or _("there are no macros: write them into {path}").format(path=path))
            return
        dialog = ChooseDialog(_("do which macro?"), found, lambda one, _width: row(one.name))
        self._app.push_screen(dialog, lambda one: self.macro(one.id) if one is not None else None)

    def macro(self, name: str) -> None:
        """Do a macro."""
        from agentdesk.desk.personal.running import begin

        found = next((one for one in self._app.manner.macros if one.id == name), None)
        if found is not None:
            begin(self._app, found)

    def settings(self) -> None:
        from agentdesk.desk.screens.settings import SettingsPage

        self._app.push_screen(SettingsPage())

    def help_here(self, screen: Placed, find: bool = False) -> None:
        """Show all keys of a screen, each can be done from there; `find` asks for an action by its name."""
        from agentdesk.desk.screens.help import HelpScreen
        from agentdesk.desk.screens.keys import PALETTE, KeysScreen

        def act(call: str | None) -> None:
            if call == PALETTE:
                self.help_here(screen, find=True)
            elif call:
                self._app.call_later(screen.run_action, call)

        place = place_of(screen.place)
        if place.name == "desk":
            place = replace(place, own=(*place.own, *self._app.manner.macro_actions()))
        dialog: Dialog[str] = HelpScreen(place, screen.works) if find else KeysScreen(place, screen.works)
        self._app.push_screen(dialog, act)

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
