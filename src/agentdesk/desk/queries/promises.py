"""What the desk asks its site about approvals, disputed promises, and the whole life of a promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentdesk.desk.models.names import name_of
from agentdesk.desk.models.places import Place
from agentdesk.desk.queries import places
from agentdesk.desk.queries.people import staff_of
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.offering.offers import day_of

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue
    from agentdesk.store.site import Site

MOST_FOUND = 300
"""How many documents of a customer are gone through for what he says he was promised."""


@dataclass(frozen=True, slots=True)
class AskedFound:
    """Approvals, disputes and labels that wait for somebody, with the customers' and askers' names."""

    approvals: tuple[Document, ...] = ()
    disputes: tuple[Document, ...] = ()
    labels: tuple[Document, ...] = ()
    names: Mapping[Key, str] = field(default_factory=dict)
    staff: Mapping[str, str] = field(default_factory=dict)


def asked(site: Site) -> AskedFound:
    """Return what waits for a superior, and what was approved and waits for the one who asked."""
    site.files.refresh()
    approvals, disputes = site.view.open_of("approval"), site.view.open_of("dispute")
    names: dict[Key, str] = {}
    staff: dict[str, str] = {}
    for document in (*approvals, *disputes):
        key = Key(document.scope, str(document.data.get("customer") or ""))
        if key.id and key not in names:
            names[key] = name_of(site.view.document(key.scope, key.id))
        who = str(document.data.get("asked_by") or document.data.get("owner") or "")
        if who and who not in staff:
            found = site.view.document(ORG, who)
            staff[who] = str(found.data.get("name") or who) if found else who
    return AskedFound(approvals, disputes, site.view.open_of("label"), names, staff)


@dataclass(frozen=True, slots=True)
class PromiseFound:
    """A promise with all that its page shows: the policy it goes by, its approval, and whose it is, masked."""

    promise: Document
    place: Place
    policy: Catalogue
    newest: str
    approval: Document | None = None
    dispute: Document | None = None
    staff: Mapping[str, str] = field(default_factory=dict)
    ticket: Document | None = None
    customer: str = ""


def promise(site: Site, document: Document) -> PromiseFound:
    """Return a promise as it stands, under the version of the policy that it remembers."""
    found = site.view.document(document.scope, document.id) or document
    data = found.data
    approval = site.view.document(found.scope, str(data["approval"])) if data.get("approval") else None
    own = (found,) if approval is None else (found, approval)
    return PromiseFound(
        found,
        places(site, (found,)).get(found.id, Place()),
        site.catalogue(str(data.get("catalogue") or "")),
        site.catalogue().version,
        approval,
        site.view.document(found.scope, str(data["dispute"])) if data.get("dispute") else None,
        staff_of(site, *own),
        site.view.document(found.scope, str(data["ticket"])) if data.get("ticket") else None,
        name_of(site.view.document(found.scope, str(data.get("customer") or ""))),
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the records have where a customer says that something was promised: contacts and promises, newest first."""

    contacts: tuple[Document, ...] = ()
    promises: tuple[Document, ...] = ()
    others: tuple[Document, ...] = ()


def evidence(site: Site, customer: Document, phone: str, day: int | None) -> Evidence:
    """Look for a promise by number and day: the customer's contacts and promises, also voided ones, on all his lines.

    `phone` may lead to others (`others`); `day` is an instant of that day, ms UTC, None for any day.
    """
    from agentdesk.domain.numbering.numbers import Number, normalise

    customers = [customer]
    others: list[Document] = []
    read = normalise(phone) if phone else None
    if isinstance(read, Number):
        for holder in site.view.holders(read.e164):
            one = site.view.document(holder.scope, holder.customer)
            if one is not None and one.key not in [c.key for c in customers]:
                customers.append(one)
                others.append(one)
    contacts: list[Document] = []
    promises: list[Document] = []
    for one in customers:
        for document in site.view.timeline(one.scope, one.id, MOST_FOUND):
            at = int(document.data.get("at") or 0)
            if day is not None and abs(day_of(at) - day_of(day)) > 1:
                continue
            if document.type == "contact":
                contacts.append(document)
            elif document.type == "commitment":
                promises.append(document)
    return Evidence(_newest(contacts), _newest(promises), tuple(others))


def _newest(documents: Sequence[Document]) -> tuple[Document, ...]:
    return tuple(sorted(documents, key=lambda d: -int(d.data.get("at") or 0)))


def colleagues(site: Site, owner: str | None) -> tuple[Document, ...]:
    """Return who works here and may take something over, those who aren't dismissed; the nearest to its owner first."""
    staff = site.view.of_type(ORG, "agent")
    own: Mapping[str, Any] = next((d.data for d in staff if d.id == owner), {})

    def apart(one: Document) -> tuple[bool, bool, bool, str]:
        region, role, team = (one.data.get(name) not in (None, own.get(name)) for name in ("region", "role", "team"))
        return region, role, team, one.id

    return tuple(sorted((d for d in staff if d.data.get("dismissed_at") is None), key=apart))
