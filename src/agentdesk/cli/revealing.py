"""A customer's data unmasked by a command: written down with its reason before anything is printed (DOMAIN rule 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.cli.errors import REFUSED, CommandError
from agentdesk.cli.output import pairs

if TYPE_CHECKING:
    from agentdesk.cli.agents import Agent
    from agentdesk.domain.documents import Document
    from agentdesk.store.site import Site


def reveal(site: Site, customer: Document, agent: Agent, why: str) -> str:
    """Write down that somebody looks at a customer's data, and why; returns the operation's id. Raises CommandError."""
    from agentdesk.cli.words import say_all
    from agentdesk.desk.drafts import By
    from agentdesk.desk.drafts.revealing import Reveal
    from agentdesk.desk.models.revealed import shown_fields
    from agentdesk.domain.case import Customer
    from agentdesk.store.committing import Refused

    # what is printed stays: nothing takes it off the terminal again
    look = Reveal(why, shown_fields(Customer(customer)), None)
    by = By(agent.id, agent.role, site.identity.region)
    try:
        return site.commit(look.draft(by, customer, site.new_id())).operation.id
    except Refused as refused:
        raise CommandError(say_all(refused.reasons), REFUSED) from None


def shape(customer: Document, operation: str) -> dict[str, Any]:
    """Return what is unmasked as JSON, with the operation that says so."""
    from agentdesk.desk.models.revealed import revealed
    from agentdesk.desk.models.rows import safe
    from agentdesk.domain.case import Customer

    told = Customer(customer)
    rows = [{"what": what, "text": text, "name": name} for what, text, name in revealed(told)]
    return {"operation": operation, "name": safe(told.name, 60), "rows": rows}


def lines(customer: Document) -> list[str]:
    """Return what is unmasked as lines."""
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models.revealed import revealed
    from agentdesk.desk.models.rows import safe
    from agentdesk.domain.case import Customer

    told = Customer(customer)
    rows = [
        (_("name"), safe(told.name, 60)),
        *((what, f"{text}  {name}".rstrip()) for what, text, name in revealed(told)),
    ]
    return ["", _("shown unmasked: it is recorded"), *pairs(rows)]
