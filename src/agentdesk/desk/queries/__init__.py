"""Questions that the desk asks its site; each runs in the store's thread and answers in plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from agentdesk.desk.models.names import name_of
from agentdesk.desk.models.places import Place
from agentdesk.domain.documents import Document, Key, index_of

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts, Lookup
    from agentdesk.domain.case import Customer, Subscription
    from agentdesk.domain.numbering.homes import HomeTable
    from agentdesk.domain.verdict import Verdict
    from agentdesk.store.line import LineState
    from agentdesk.store.outbox import Entry
    from agentdesk.store.site import Site

MINE_SHOWN, LATE_SHOWN = 30, 12
"""How many lines of open work the desk reads: more than it shows at any usual size."""

DAY_AND_HOUR_MS = 25 * 3_600_000
"""How far back an agent's own promises are looked at: what he may give in a day is bounded."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom and what the screen is about: a contact, a customer and one of his lines; each may be missing."""

    contact_scope: str = ""
    contact: str = ""
    scope: str = ""
    customer: str = ""
    line: str | None = None
    caller: str | None = None
    holders: int = 0
    home: str | None = None
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What may have changed meanwhile: cheap to ask for, compared with the one before."""

    line: LineState
    waiting: int
    oldest: int | None
    inbox: int
    cursors: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Open work of an agent and what is late at the site, with the customers' names (masked) and places."""

    at: int
    mine: tuple[Document, ...]
    late: tuple[Document, ...]
    places: Mapping[str, Place]
    names: Mapping[Key, str]


def pulse(site: Site) -> Pulse:
    """Return the line, what waits, and how far each scope is taken in."""
    site.files.refresh()
    cursors = site.view.cursors()
    return Pulse(
        site.line.state(),
        site.outbox.waiting(),
        site.outbox.oldest_waiting(),
        site.outbox.for_a_person(),
        tuple(sorted((scope, epoch, seq) for scope, (epoch, seq, _) in cursors.items())),
    )


@lru_cache(maxsize=1)
def home_names() -> HomeTable | None:
    """Return where mainland mobiles are at home, read once, in the store's thread; None if it was never built."""
    from agentdesk._resources import home_table
    from agentdesk.domain.numbering.homes import HomeTable

    try:
        return HomeTable.load(home_table().read_bytes())
    except (OSError, ValueError):
        return None


def look_up(site: Site, raw: str, language: str) -> Lookup:
    """Return all who can be reached under a number as a switch gives it; nobody is guessed."""
    from agentdesk.desk.models.facts import Held, Lookup
    from agentdesk.domain.numbering.homes import home_now
    from agentdesk.domain.numbering.numbers import Number, normalise

    site.files.refresh()
    read = normalise(raw) if raw else None
    if not isinstance(read, Number):
        return Lookup(raw, None, None, ())
    held = []
    for holder in site.view.holders(read.e164):
        customer = site.view.document(holder.scope, holder.customer)
        if customer is not None:
            held.append(Held(holder, customer))
    # the line of a customer knows its home; only a stranger's number is looked up in the table
    homes = None if held else home_names()
    return Lookup(raw, read.e164, home_now(read.e164, language, homes), tuple(held))


def facts(site: Site, target: Target, agent: str, role: str) -> Facts:
    """Return all that is known about a target now."""
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.case import Customer
    from agentdesk.domain.kinds.identity import misses_id, misses_today

    state = site.line.state()
    at = state.instant(site.clock.wall_ms())
    catalogue = site.catalogue()
    contact = site.view.document(target.contact_scope, target.contact) if target.contact else None
    document = site.view.document(target.scope, target.customer) if target.customer else None
    if document is None:
        return Facts(
            catalogue,
            at,
            state.online,
            agent,
            role,
            caller=target.caller,
            contact=contact,
            holders=target.holders,
            home=target.home,
        )
    customer = Customer(document)
    work = site.view.work(target.scope, target.customer, at)
    return Facts(
        catalogue,
        at,
        state.online,
        agent,
        role,
        customer,
        _line(customer, target),
        target.caller,
        contact,
        work,
        site.view.timeline(target.scope, target.customer, 30),
        places(site, work),
        site.allowances(),
        target.holders,
        target.home,
        site.view.made_since(target.scope, agent, at - DAY_AND_HOUR_MS),
        target.matter,
        missed_today=misses_today(site.view.document(target.scope, misses_id(target.customer)), at),
    )


def _line(customer: Customer, target: Target) -> Subscription | None:
    """Return the line in question: the chosen one, the one that rings, or the customer's only one."""
    chosen = customer.subscription(target.line)
    if chosen is None and target.caller:
        chosen = customer.line_of(target.caller)
    if chosen is None and customer.subscriptions:
        chosen = customer.subscriptions[0]
    return chosen


def places(site: Site, documents: Iterable[Document]) -> dict[str, Place]:
    """Return where documents stand on their way to the centre, for those that are open or on their way."""
    needs_person: dict[str, Verdict] = {}
    for entry in site.outbox.inbox(100):
        if entry.verdict is not None:
            needs_person[entry.document] = entry.verdict
    found = {}
    for document in documents:
        waiting = site.view.waiting_for(document.scope, document.id)
        verdict = needs_person.get(document.id)
        if waiting or verdict is not None:
            found[document.id] = Place(waiting, verdict)
    return found


def open_work(site: Site, agent: str, most: int = MINE_SHOWN) -> OpenWork:
    """Return the open work of an agent, at most so much, and what else is late at this site."""
    site.files.refresh()
    at = site.now()
    mine = site.view.open_work(agent, most)
    known = {document.key for document in mine}
    late = []
    for document in site.view.open_work(None, LATE_SHOWN + len(mine)):
        due = index_of(document).due
        if due is None or due >= at:
            break
        if document.key not in known:
            late.append(document)
    documents = (*mine, *late[:LATE_SHOWN])
    return OpenWork(at, mine, tuple(late[:LATE_SHOWN]), places(site, documents), _names(site, documents))


def _names(site: Site, documents: Iterable[Document]) -> dict[Key, str]:
    names: dict[Key, str] = {}
    for document in documents:
        key = Key(document.scope, str(document.data.get("customer") or ""))
        if key.id and key not in names:
            names[key] = name_of(site.view.document(key.scope, key.id))
    return names


@dataclass(frozen=True, slots=True)
class OutboxFound:
    """What waits for a person, oldest first; what the centre hasn't answered, and all, newest first."""

    inbox: tuple[Entry, ...] = ()
    waiting: tuple[Entry, ...] = ()
    entries: tuple[Entry, ...] = ()


def outbox(site: Site) -> OutboxFound:
    """Return what the outbox screen lists."""
    site.files.refresh()
    found = site.outbox
    return OutboxFound(found.inbox(60), found.entries(120, waiting_only=True), found.entries(120))


def whole_worklist(site: Site) -> OpenWork:
    """Return all open work of the site, due first."""
    site.files.refresh()
    documents = site.view.open_work(None, 200)
    return OpenWork(site.now(), documents, (), places(site, documents), _names(site, documents))
