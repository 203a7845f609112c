"""Which screen answers what the agent means to order, to look up or to say; no widget, no rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentdesk.desk import wording
from agentdesk.desk.answers import promising, roles
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.services import PLAN_FIT, VAS_ALL, VAS_ONE, Standing, stand

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.models.vas import VasLine
    from agentdesk.domain.guidance.knowledge import FlowEnd

LOOK_UP_VAS = "SM41"
BILL_QUERIES = frozenset({"SM60", "SM61", "SF57"})
"""Services that are answered from the customer's bills here and now."""


def services(app: DeskApp, contact: Contact) -> None:
    """Open the list of services by phone."""
    from agentdesk.desk.screens.services import ServicesPage

    if contact.facts is not None:
        app.push_screen(ServicesPage(contact, contact.facts))


def value_added(app: DeskApp, contact: Contact) -> None:
    """Open the list of value-added services."""
    from agentdesk.desk.screens.vas import VasDialog

    if contact.facts is not None:
        app.push_screen(VasDialog(contact, contact.facts))


def choose(app: DeskApp, contact: Contact, facts: Facts, standing: Standing) -> str:
    """Order a service, or open what answers it; returns what stands in its way, or an empty text."""
    code = standing.service.code
    # one that is open already for another thing of the line is told apart by what is asked
    again = [reason.code for reason in standing.reasons] == ["ordered_already"] and standing.service.needs
    if standing.status == "inapplicable" and not again:
        if standing.instead is not None and len(standing.reasons) == 1:
            return promising.named(app, contact, facts, standing.instead)
        return wording.say_all(standing.reasons, facts.catalogue)
    if standing.status == "verify":
        app.deal.verify()
        return wording.say(standing.reasons[0], facts.catalogue)
    if code in (VAS_ONE, VAS_ALL, LOOK_UP_VAS):
        value_added(app, contact)
    elif code in BILL_QUERIES:
        bills(app, contact)
    elif code == PLAN_FIT:
        plan_fit(app, contact)
    else:
        _order(app, contact, facts, standing)
    return ""


def _order(
    app: DeskApp,
    contact: Contact,
    facts: Facts,
    standing: Standing,
    known: dict[str, str] | None = None,
    about: str = "",
    undoes: str | None = None,
) -> None:
    from agentdesk.desk.screens.order import OrderDialog

    app.push_screen(OrderDialog(contact, facts, standing, known, about, undoes))


def order(app: DeskApp, contact: Contact, facts: Facts, code: str, known: dict[str, str], about: str = "") -> str:
    """Order a service whose parameters are known; returns what stands in its way, or an empty text."""
    service = facts.catalogue.services.get(code)
    if service is None or facts.case is None:
        return _("the policy has no such service: {code}").format(code=code)
    standing = stand(service, facts.case, facts.catalogue, known)
    if standing.status == "verify":
        app.deal.verify()
        return wording.say(standing.reasons[0], facts.catalogue)
    if standing.status == "inapplicable":
        if standing.instead is not None and len(standing.reasons) == 1:
            return promising.named(app, contact, facts, standing.instead)
        return wording.say_all(standing.reasons, facts.catalogue)
    _order(app, contact, facts, standing, known, about)
    return ""


def cancel_one(app: DeskApp, contact: Contact, facts: Facts, line: VasLine) -> str:
    """Cancel one value-added service."""
    return order(app, contact, facts, VAS_ONE, {"service": line.code}, line.name)


def cancel_all(app: DeskApp, contact: Contact, facts: Facts, lines: Sequence[VasLine]) -> str:
    """Cancel all value-added services of the line."""
    names = _(", ").join(line.name for line in lines)
    return order(app, contact, facts, VAS_ALL, {"keep": _("none")}, names)


def undo(app: DeskApp, contact: Contact, facts: Facts, earlier: Document) -> str:
    """Take an order back by ordering the service that undoes it."""
    service = facts.catalogue.services.get(str(earlier.data.get("undo") or ""))
    if service is None or facts.case is None:
        return _("nothing undoes this service: open a ticket instead")
    standing = stand(service, facts.case, facts.catalogue)
    if standing.status == "verify":
        app.deal.verify()
        return wording.say(standing.reasons[0], facts.catalogue)
    if standing.status == "inapplicable":
        return wording.say_all(standing.reasons, facts.catalogue)
    _order(app, contact, facts, standing, undoes=earlier.id)
    return ""


def bills(app: DeskApp, contact: Contact) -> None:
    """Open the customer's bills."""
    from agentdesk.desk.screens.bills import BillsPage

    if contact.facts is not None:
        app.push_screen(BillsPage(contact, contact.facts))


def plan_fit(app: DeskApp, contact: Contact) -> None:
    """Compare plans with what the line used."""
    from agentdesk.desk.screens.plans import PlansPage

    if contact.facts is not None:
        app.push_screen(PlansPage(contact, contact.facts))


def knowledge(app: DeskApp, contact: Contact | None) -> None:
    """Open the question flows."""
    from agentdesk.desk.screens.flows import FlowsPage

    app.push_screen(FlowsPage(contact))


def scripts(app: DeskApp, contact: Contact | None) -> None:
    """Open the scripts at what to say now."""
    from agentdesk.desk.screens.scripts import ScriptsDialog

    app.push_screen(ScriptsDialog(contact))


def ticket(app: DeskApp, contact: Contact, facts: Facts, end: FlowEnd) -> None:
    """Open a new ticket with what a flow found out: its class, and where it goes first."""
    from agentdesk.desk.screens.new_ticket import TicketWords, new_ticket

    if problem := roles.refusal(app, "ticket.opened"):
        app.flow.say(problem)
        return
    node = facts.catalogue.classes.get(end.class_code or "")
    if node is None:
        new_ticket(app, contact, facts)
        return
    symptom, unit = node.code, node.department

    def opened(done: bool | None) -> None:
        if done and end.station in ("expert", "department"):
            app.spawn(_send_on(app, contact, symptom, end.station, unit))

    app.push_screen(TicketWords(contact, facts, node.kind, node.code), opened)


async def _send_on(app: DeskApp, contact: Contact, symptom: str, station: str, unit: str | None) -> None:
    """Send a ticket that a flow opened on to the station that the flow names; it stays here if it may not go there."""
    await app.reload()
    work = contact.facts.work if contact.facts else ()
    own = [d for d in work if d.type == "ticket" and d.data.get("contact") == contact.id]
    ticket = next((d for d in reversed(own) if d.data.get("symptom") == symptom), None)
    if ticket is None or ticket.data.get("state") != "open":
        return
    body = {"station": station} | ({"department": unit} if station == "department" and unit else {})
    done = await app.deeds.move(ticket, "dispatched", body)
    if not done.ok:
        app.flow.say(done.problem)
    await app.reload()
