"""The ticket that a promise needs: opened with it, or the open one of the same matter, in the same commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import drafts, i18n
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.documents import OPEN_TICKET_STATES, Document
from agentdesk.domain.kinds.tickets.states import expert_first
from agentdesk.domain.work.repeats import repeated

if TYPE_CHECKING:
    from agentdesk.desk.drafts import By, Made
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.operation import Draft
    from agentdesk.domain.policy import Catalogue, Template
    from agentdesk.store.site import Site


@dataclass(frozen=True, slots=True)
class Worked:
    """A promise that a department works for: its id, its template, and for whom it was made, in which contact."""

    promise: str
    template: Template | None
    case: Case | None
    contact: str


def ticket_for(site: Site, by: By, scope: str, promise: str, made: Made, facts: Facts) -> tuple[Draft, ...]:
    """Return what gives the department its work: nothing where the template names no class of fault.

    A promise that waits for an approval brings nothing yet: whoever approves it opens its ticket (`ticket_of`).
    """
    if made.waits:
        return ()
    worked = Worked(promise, made.offer.template, facts.case, made.contact)
    return ticket_drafts(site, by, scope, worked, facts.catalogue)


def ticket_of(site: Site, by: By, approval: Document) -> tuple[Draft, ...]:
    """Return the ticket of a promise that waits for nothing but this approval, opened with the yes to it."""
    scope, data = approval.scope, approval.data
    promise = site.view.document(scope, str(data.get("commitment") or ""))
    customer = site.view.document(scope, str(data.get("customer") or ""))
    if promise is None or customer is None or promise.data.get("ticket") or not promise.data.get("waits"):
        return ()
    if promise.data.get("state") != "held" or promise.data.get("held_by") != [approval.id]:
        return ()
    party, at = Customer(customer), site.now()
    line = party.subscription(promise.data.get("subscription"))
    case = Case(party, line, site.view.work(scope, customer.id, at), at, by.role)
    template = site.catalogue(str(promise.data.get("catalogue") or "")).templates.get(str(promise.data.get("template")))
    worked = Worked(promise.id, template, case, str(promise.data.get("contact") or ""))
    return ticket_drafts(site, by, scope, worked, site.catalogue())


def ticket_drafts(site: Site, by: By, scope: str, worked: Worked, catalogue: Catalogue) -> tuple[Draft, ...]:
    """Return what opens the ticket of a promise, or lets an open one work for it.

    A matter that is open already gets no second ticket: the one there is works for the promise too. One that was
    closed lately is found by the opening itself, as on every path.
    """
    template, case = worked.template, worked.case
    symptom = template.ticket if template is not None else None
    if template is None or symptom is None or case is None:
        return ()
    kind = symptom.partition(".")[0]
    line = case.line.id if case.line else None
    open_ = [d for d in case.work if d.type == "ticket" and d.data.get("state") in OPEN_TICKET_STATES]
    same = repeated(kind, symptom, line, open_, case.at, catalogue)
    if same is not None:
        return (by.on("ticket.promised", same, {"commitment": worked.promise}),)
    language = i18n.language()
    node = catalogue.classes.get(symptom)
    new = drafts.NewTicket(
        number=site.next_number(),
        kind=kind,
        symptom=symptom,
        title=node.name.say(language) if node is not None else symptom,
        words=template.name.say(language),
        customer=case.customer.document.id,
        line=line,
        contact=worked.contact,
        due=None,
        person={},
        commitment=worked.promise,
    )
    ticket = Document(scope, site.new_id(), "ticket", 0, {})
    expert = expert_first(symptom, catalogue)
    to = {"station": "expert"} if expert else {"station": "department", "department": template.department}
    opened = drafts.ticket_opened(by, scope, ticket.id, new)
    return (opened, drafts.ticket_moved(by, ticket, "dispatched", to))
