"""What an agent has before him while he talks to a customer: what the rules are asked about, as at a real desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.decide import Allowance
from agentdesk.domain.kinds.identity import caller_role_of, standing_level

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, MoneyKind
    from agentdesk.store.site import Site

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Talk:
    """A contact with a customer: `opened` is the operation that began it."""

    contact: str
    opened: str
    scope: str
    case: Case
    catalogue: Catalogue
    allowances: Mapping[MoneyKind, Allowance]

    @property
    def customer(self) -> str:
        return self.case.customer.document.id

    @property
    def line(self) -> str | None:
        return self.case.line.id if self.case.line else None

    def body(self, **fields: Any) -> dict[str, Any]:
        """Return the body of an operation in this contact, without what is None."""
        known = {
            "customer": self.customer,
            "subscription": self.line,
            "contact": self.contact,
            "contact_scope": self.scope,
            **fields,
        }
        return {name: value for name, value in known.items() if value is not None}


def talk_of(site: Site, scope: str, agent: str, contact: tuple[str, str, str] | None) -> Talk | None:
    """Return what an agent sees in a contact (its id, customer, operation that opened it); None where there is none."""
    if contact is None:
        return None
    document = site.view.document(scope, contact[1])
    if document is None:
        return None
    customer = Customer(document)
    line = customer.subscriptions[0]
    now = site.now()
    held = site.view.document(scope, contact[0])
    allowances = site.allowances()
    left = {kind: allowance.left for kind, allowance in allowances.items()}
    case = Case(
        customer=customer,
        line=line,
        work=site.view.work(scope, customer.document.id, now),
        at=now,
        role="agent",
        level=standing_level(held, customer, line),
        caller_role=caller_role_of(held),
        online=site.line.state().online,
        cost_left=left.get("cost"),
        credit_left=left.get("credit"),
        actor=agent,
        today=site.view.made_since(scope, agent, now - DAY_MS),
    )
    return Talk(contact[0], contact[2], scope, case, site.catalogue(), allowances)
