"""Who gets a text with what is done: a draft gains the mobile number that its receipt goes to, where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.domain.case import Customer
from agentdesk.domain.decide import kind_named
from agentdesk.domain.work.notices import mobile_of

if TYPE_CHECKING:
    from agentdesk.domain.operation import Draft
    from agentdesk.store.site import Site


def with_receipt(site: Site, draft: Draft, customer: str | None, line: str | None) -> Draft:
    """Return a draft whose operation sends its receipt (回执) by SMS; as it was for who has no mobile number."""
    found = site.view.document(draft.scope, customer) if customer else None
    if found is None or found.type != "customer":
        return draft
    who = Customer(found)
    to = mobile_of(who, who.subscription(line))
    if to is None:
        return draft
    notify = {"to": to, "language": who.text("language") or "zh"}
    version = kind_named(draft.kind).version
    return replace(draft, body={**draft.body, "notify": notify}, version=version)
