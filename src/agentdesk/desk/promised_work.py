"""The ticket that a promise needs: opened with it, or the open one of the same matter, in the same commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import drafts, i18n
from agentdesk.domain.documents import OPEN_TICKET_STATES, Document
from agentdesk.domain.kinds.tickets.states import expert_first
from agentdesk.domain.work.repeats import repeated

if TYPE_CHECKING:
    from agentdesk.desk.drafts import By, Made
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.operation import Draft
    from agentdesk.store.site import Site


def ticket_for(site: Site, by: By, scope: str, promise: str, made: Made, facts: Facts) -> tuple[Draft, ...]:
    """Return what gives the department its work: nothing where the template names no class of fault.

    A matter that is open already gets no second ticket: the one there is works for the promise too. One that was
    closed lately is found by the opening itself, as on every path.
    """
    template, case = made.offer.template, facts.case
    symptom = template.ticket
    if symptom is None or case is None or made.waits:
        return ()
    kind = symptom.partition(".")[0]
    open_ = [d for d in case.work if d.type == "ticket" and d.data.get("state") in OPEN_TICKET_STATES]
    same = repeated(kind, symptom, made.line, open_, case.at, facts.catalogue)
    if same is not None:
        return (by.on("ticket.promised", same, {"commitment": promise}),)
    language = i18n.language()
    node = facts.catalogue.classes.get(symptom)
    new = drafts.NewTicket(
        number=site.next_number(),
        kind=kind,
        symptom=symptom,
        title=node.name.say(language) if node is not None else symptom,
        words=template.name.say(language),
        customer=made.customer,
        line=made.line,
        contact=made.contact,
        due=None,
        person={},
        commitment=promise,
    )
    ticket = Document(scope, site.new_id(), "ticket", 0, {})
    expert = expert_first(symptom, facts.catalogue)
    to = {"station": "expert"} if expert else {"station": "department", "department": template.department}
    opened = drafts.ticket_opened(by, scope, ticket.id, new)
    return (opened, drafts.ticket_moved(by, ticket, "dispatched", to))
