"""Questions about what concerns many: announcements at a ring, management tickets, labels, other channels' work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document, Key, is_open
from agentdesk.domain.profile.labels import label_of
from agentdesk.domain.work.announcements import Reach, matching, notice_scope, reach_of
from agentdesk.domain.work.management import Suggestion, suggested
from agentdesk.store.presence import Presence, Present

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts
    from agentdesk.store.site import Site

OVER_SHOWN = 5
"""Announcements that are over and stay on the list."""


@dataclass(frozen=True, slots=True)
class GroupFound:
    """What concerns many at this site, as lists show it."""

    at: int
    announcements: tuple[Document, ...] = ()
    attached: tuple[tuple[str, int], ...] = ()
    management: tuple[Document, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    labels: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class ManagementView:
    """A management ticket with its tickets as they stand here."""

    document: Document
    tickets: tuple[Document, ...] = ()


def announcements(site: Site) -> tuple[Document, ...]:
    """Return the announcements of the site's region, the newest first."""
    found = site.view.of_type(notice_scope(site.identity.region), "announcement")
    return tuple(sorted(found, key=lambda one: (-(one.data.get("at") or 0), one.id)))


class _Known:
    """Announcements whose reach is read: equal while nothing in any of them has changed."""

    def __init__(self, documents: tuple[Document, ...], lists: tuple[Document, ...]) -> None:
        self.documents, self.lists = documents, lists

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and (self.documents, self.lists) == (other.documents, other.lists)

    def __hash__(self) -> int:
        return hash(tuple(document.key for document in (*self.documents, *self.lists)))


@lru_cache(maxsize=4)
def _reaches(known: _Known) -> tuple[Reach, ...]:
    # a list may have a hundred thousand numbers: it is read once, not at each ring
    return tuple(reach_of(one, known.lists) for one in known.documents)


def reaches(site: Site) -> tuple[Reach, ...]:
    """Return whom the announcements that run reach."""
    running = tuple(one for one in announcements(site) if is_open(one))
    if not running:
        return ()
    scope = notice_scope(site.identity.region)
    return _reaches(_Known(running, site.view.of_type(scope, "announcement_list")))


def concerned(site: Site, facts: Facts) -> Facts:
    """Return what is known about a caller with what concerns many: announcements, and a label on his number."""
    data = facts.customer.document.data if facts.customer else None
    line = facts.line.id if facts.line else None
    found = matching(reaches(site), data, line, facts.caller)
    labels = [d for d in site.view.referred(facts.caller) if d.type == "label"] if facts.caller else []
    return replace(facts, announced=found, label=label_of(labels, facts.at)) if found or labels else facts


def group(site: Site) -> GroupFound:
    """Return what concerns many at this site."""
    site.files.refresh()
    catalogue, at = site.catalogue(), site.now()
    found = announcements(site)
    running = [one for one in found if is_open(one)]
    over = [one for one in found if not is_open(one)][:OVER_SHOWN]
    tickets = site.view.open_of("ticket", 500)
    return GroupFound(
        at,
        (*running, *over),
        tuple((one.id, attached(site, one)) for one in running),
        site.view.open_of("management"),
        suggested(tickets, places_of(site, tickets), catalogue.rules.group, at),
        site.view.open_of("label"),
    )


def attached(site: Site, announcement: Document) -> int:
    """Return how many customers are attached to an announcement, as far as it is known here."""
    return sum(1 for one in site.view.referred(announcement.id) if one.type == "attachment")


def places_of(site: Site, tickets: Iterable[Document]) -> dict[str, str]:
    """Return where tickets are about: the place that was noted, else the beginning of the customer's address."""
    found: dict[str, str] = {}
    for ticket in tickets:
        place = ticket.data.get("place")
        if not place:
            customer = site.view.document(ticket.scope, str(ticket.data.get("customer") or ""))
            place = district(str(customer.data.get("address") or "")) if customer else ""
        if place:
            found[ticket.id] = str(place)
    return found


def district(address: str) -> str:
    """Return the district of an address: up to the first 区, 县 or 市 that isn't its beginning."""
    ends = [at for sign in "区县旗" if (at := address.find(sign)) > 0]
    return address[: min(ends) + 1] if ends else ""


def management_view(site: Site, document: Document) -> ManagementView:
    """Return a management ticket as it stands, with its tickets."""
    found = site.view.document(document.scope, document.id) or document
    ids = found.data.get("tickets") or ()
    tickets = (site.view.document(found.scope, str(ticket)) for ticket in ids)
    return ManagementView(found, tuple(ticket for ticket in tickets if ticket is not None))


def handoffs(site: Site) -> tuple[Document, ...]:
    """Return what other channels left to be done, by channel, what is due first in front."""
    site.files.refresh()
    found = site.view.open_of("handoff")
    return tuple(sorted(found, key=lambda one: (str(one.data.get("channel")), one.data.get("due") or 0, one.id)))


@dataclass(frozen=True, slots=True)
class Company:
    """Who else is in a document, and how it stands now."""

    people: tuple[Present, ...] = ()
    document: Document | None = None


def company(site: Site, presence: Presence, here: Present, say: bool) -> Company:
    """Say where this desk is, if it is time, and return who else is there."""
    now = site.clock.wall_ms()
    if say:
        presence.say(here, now)
    key: Key = here.key
    return Company(presence.others(key, now), site.view.document(key.scope, key.id))
