"""Questions about tickets that the desk asks its site; each runs in the store's thread and answers in plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from agentdesk.desk.models.names import name_of
from agentdesk.desk.models.ticket_page import TicketView
from agentdesk.desk.queries import OpenWork, _names, places
from agentdesk.desk.queries.people import staff_of
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.store.site import Site

Pane = Literal["mine", "station", "department", "site"]
MOST = 1_000
"""So much open work is looked through for what lies at a station."""

STATIONS = {
    "expert": "expert",
    "team_leader": "leader",
    "duty_manager": "leader",
    "follow_up_caller": "follow_up",
    "department_handler": "department",
}
"""Where those of a role work; all others sit at the front."""


def ticket_view(site: Site, ticket: Document) -> TicketView:
    """Return a ticket as it stands now, with the customer's other tickets and the names of those who had it."""
    found = site.view.document(ticket.scope, ticket.id) or ticket
    customer = found.data.get("customer")
    work = site.view.work(found.scope, customer, site.now()) if isinstance(customer, str) else ()
    others = tuple(d for d in work if d.type == "ticket" and d.id != found.id)
    head = draft_key(found, "")
    drafts = frozenset(key.removeprefix(head) for key in site.drafts() if key.startswith(head))
    whose = name_of(site.view.document(found.scope, customer)) if isinstance(customer, str) else ""
    return TicketView(found, others, staff_of(site, found), drafts, whose)


def draft_key(ticket: Document, move: str) -> str:
    """Return under which name unsent words about a ticket are kept: one for each move."""
    return f"ticket/{ticket.scope}/{ticket.id}/{move}"


def move_drafts(site: Site, source: Document, target: Document) -> int:
    """Move the unsent words about a ticket to the one that it was merged into; return how many there were."""
    head, moved = draft_key(source, ""), 0
    for key, text in site.drafts().items():
        if key.startswith(head):
            there = draft_key(target, key.removeprefix(head))
            before = site.draft(there)
            site.keep_draft(there, f"{before}\n{text}" if before else text)
            site.keep_draft(key, "")
            moved += 1
    return moved


def at_expert(site: Site) -> int:
    """Return how many tickets lie at the expert seats."""
    return sum(
        d.type == "ticket" and d.data.get("station") == "expert" and d.data.get("state") in ("dispatched", "accepted")
        for d in site.view.open_work(None, MOST)
    )


def queue(site: Site, agent: str, role: str, pane: Pane) -> OpenWork:
    """Return the open work of a pane, what is due first in front; a ticket goes by what its station still has."""
    site.files.refresh()
    found: tuple[Document, ...]
    if pane == "mine":
        found = site.view.open_work(agent, MOST)
    else:
        found = site.view.open_work(None, MOST)
        if pane == "station":
            station = STATIONS.get(role, "front")
            found = tuple(d for d in found if station_of(d) == station)
        elif pane == "department":
            unit = unit_of(site, agent)
            # what waits for an approval is with whoever approves (`queries.promises.asked`), not yet with the unit
            found = tuple(
                d for d in found if unit is not None and d.data.get("department") == unit and not d.data.get("waits")
            )
    ordered = tuple(sorted(found, key=lambda d: (d.type != "ticket" and d.data.get("due") is None, soonest(d))))
    return OpenWork(site.now(), ordered, (), places(site, ordered), _names(site, ordered))


def station_of(document: Document) -> str:
    """Return the station at which a ticket lies; what isn't a ticket passes none."""
    if document.type != "ticket":
        return ""
    if document.data.get("state") == "replied":
        return "follow_up"
    return str(document.data.get("station") or "front")


def soonest(document: Document) -> int:
    """Return the deadline that comes first: the station's or the ticket's own, ms UTC."""
    data = document.data
    clocks = {"replied": ("station_due",), "paused": ("due",)}.get(str(data.get("state")), ("due", "station_due"))
    ends = [data.get(name) for name in clocks]
    return min((int(end) for end in ends if end is not None), default=1 << 60)


def unit_of(site: Site, agent: str) -> str | None:
    """Return the department that somebody works for."""
    document = site.view.document(ORG, agent)
    unit = document.data.get("department") if document else None
    return str(unit) if unit else None
