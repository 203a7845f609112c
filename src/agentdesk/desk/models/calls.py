"""The line of calls under the status: who rings behind the contact on the screen, who is parked, what came with him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import i18n, terms
from agentdesk.desk.actions import key
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.card import badge, person
from agentdesk.desk.models.rows import EMPTY, Row, cut, joined, row, safe
from agentdesk.domain.case import Customer
from agentdesk.domain.numbering.numbers import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.models.facts import Lookup
    from agentdesk.desk.session import Contact
    from agentdesk.domain.documents import Document
    from agentdesk.domain.policy import Catalogue

SHOWN = 3
"""Parked contacts that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Somebody beside the contact on the screen: who, what he does there, and since when (ms)."""

    who: Row
    what: str
    since: int
    tone: str = "quiet"


@dataclass(frozen=True, slots=True)
class CallsView:
    """Who rings and who is parked, the first in front; `handed` is what somebody else passed on with the caller."""

    ringing: tuple[Waits, ...] = ()
    parked: tuple[Waits, ...] = ()
    handed: str = ""
    asked: str = ""


def who(lookup: Lookup, document: Document | None, catalogue: Catalogue | None) -> Row:
    """Return a caller in a few words: badge, masked name, masked number."""
    number = display(lookup.number, masked=True) if lookup.number else safe(lookup.raw, 20)
    if document is None:
        count = len(lookup.customers)
        words = ngettext("{n} customer", "{n} customers", count).format(n=count) if count else _("unknown caller")
        return row(words, " ", (number, "quiet"))
    customer = Customer(document)
    tier = catalogue.tier_of(customer.card) if catalogue else "standard"
    return row(
        (badge(tier, catalogue), f"tier-{tier}"), " ", (person(customer, False), "strong"), " ", (number, "quiet")
    )


def rings(lookup: Lookup | None, raw: str, since: int, catalogue: Catalogue | None) -> Waits:
    """Return a call that rings behind the contact on the screen."""
    if lookup is None:
        return Waits(row(safe(raw, 20)), _("rings"), since, "next")
    only = lookup.customers[0] if len(lookup.customers) == 1 else None
    return Waits(who(lookup, only, catalogue), _("rings"), since, "next")


def parked(contact: Contact, catalogue: Catalogue | None) -> Waits:
    """Return a parked contact: what it waits for, and since when."""
    facts = contact.facts
    document = facts.customer.document if facts is not None and facts.customer is not None else None
    if contact.ringing:
        rang = contact.again_since or contact.moments.get("ringing", 0)
        what, since, tone = _("rings"), rang, "next"
    elif contact.held:
        what, since, tone = terms.term(terms.AGENT_STATES, "hold"), contact.held_since or 0, "warn"
    elif contact.spoken:
        what, since, tone = terms.term(terms.AGENT_STATES, "talking"), contact.answered_at or 0, "accent"
    elif contact.to_wrap:
        what, since, tone = _("not wrapped up"), contact.over_at or 0, "warn"
    else:
        what, since, tone = _("open"), 0, "quiet"
    return Waits(who(contact.lookup, document, catalogue), what, since, tone)


def calls_rows(view: CallsView, now: int, width: int) -> list[Row]:
    """Return at most three lines: who rings and the key that answers, who is parked and the key back, what was said."""
    lines = []
    if view.ringing:
        first, more = view.ringing[0], len(view.ringing) - 1
        rest = row((_("and {n} more").format(n=more), "quiet")) if more else EMPTY
        answer = row((key("take_call"), "key"), " ", (_("answer, the other one is held"), "quiet"))
        lines.append(joined([_one(first, now), answer, rest]))
    if view.parked:
        names = [_one(one, now) for one in view.parked[:SHOWN]]
        more = len(view.parked) - SHOWN
        rest = row((_("and {n} more").format(n=more), "quiet")) if more > 0 else EMPTY
        lines.append(joined([row((key("turn_back"), "key"), " ", (_("back to"), "quiet")), *names, rest]))
    if view.handed:
        lines.append(row((view.handed, "accent")))
    if view.asked:
        lines.append(row((view.asked, "accent"), "  ", (key("ask_help"), "key"), " ", (_("take it back"), "quiet")))
    return [cut(row(" ", line), width) for line in lines]


def _one(waits: Waits, now: int) -> Row:
    clock = f" {times.stopwatch(now - waits.since)}" if waits.since else ""
    return row((f"{waits.what}{clock}", waits.tone), " ", waits.who)


def calls_view(flow: CallFlow, contact: Contact | None, agent: str, asked: str = "") -> CallsView | None:
    """Return who is there beside the contact on the screen; None where nobody is and nothing is to be said.

    `asked` is what is said of the help that was asked for.
    """
    catalogue = flow.deeds.catalogue
    behind = tuple(parked(one, catalogue) for one in flow.stack.parked)
    back = [parked(one, catalogue) for one in flow.stack.parked if one.ringing and one.again != "back"]
    waiting = [call for call_id in flow.queue if (call := flow.book.get(call_id)) is not None]
    new = [rings(flow.lookups.get(c.call_id), c.caller or "", c.offered_at or 0, catalogue) for c in waiting]
    earlier = contact.facts.earlier if contact is not None and contact.facts is not None else ()
    handed = handed_over(contact, earlier, agent) if contact is not None else ""
    return CallsView((*back, *new), behind, handed, asked) if behind or new or handed or asked else None


def handed_over(contact: Contact, earlier: Sequence[Document], agent: str) -> str:
    """Return what a colleague passed on with this call: who, what he said, what was done; empty where nobody did."""
    call = contact.call
    if call is None:
        return ""
    for before in earlier[:3]:
        if before.data.get("agent") == agent or before.data.get("call") != call.call_id or before.id == contact.id:
            continue
        moves = [m for m in before.data.get("moves") or () if m.get("what") in ("transfer_started", "transferred")]
        if not moves:
            continue
        note = next((str(n) for m in reversed(moves) if (n := (m.get("details") or {}).get("note"))), "")
        told = _("handed over by {agent}").format(agent=safe(before.data.get("agent"), 16))
        colon = "：" if i18n.chinese() else ": "
        return f"{told}{colon}{safe(note, 160)}" if note else told
    return ""


def summary(contact: Contact) -> str:
    """Return what the next one should know, as far as the desk knows it: matters with their outcomes."""
    parts = [f"{matter.title} ({terms.term(terms.OUTCOMES, matter.outcome)})" for matter in contact.matters]
    untold = [promise.name for promise in contact.promises if not promise.told]
    if untold:
        parts.append(_("not told yet: {names}").format(names=", ".join(untold)))
    return "; ".join(parts)
