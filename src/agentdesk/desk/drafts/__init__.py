"""What an agent does, as drafts of operations: one function for each kind, pure.

`By` is who does it and under which catalogue; a draft never holds a secret, and amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agentdesk.domain.decide import kind_named
from agentdesk.domain.documents import Document
from agentdesk.domain.language.words import Spoken
from agentdesk.domain.offering.offers import Offer
from agentdesk.domain.operation import Draft

if TYPE_CHECKING:
    from agentdesk.store.access import Proved


@dataclass(frozen=True, slots=True)
class By:
    """The author of operations: his id and role, the site's region, and the catalogue's version.

    `proved` is the PIN with which he signs at somebody else's desk: the centre looks whether it was his.
    """

    agent: str
    role: str
    region: str
    catalogue: str = ""
    proved: Proved | None = field(default=None, repr=False, compare=False)

    def under(self, document: Document) -> By:
        """Return the author under the version of the policy that a document goes by (DOMAIN rule 10)."""
        version = document.data.get("catalogue")
        return replace(self, catalogue=version) if isinstance(version, str) and version else self

    def draft(self, kind: str, scope: str, document: str, body: Mapping[str, Any], **more: Any) -> Draft:
        """Return a draft without the fields of its body that are None."""
        content = {name: value for name, value in body.items() if value is not None}
        if self.proved is not None:
            content["sign"] = {"method": "pin", "word": self.proved.word(kind, document)}
        return Draft(kind, self.agent, self.role, scope, document, content, catalogue=self.catalogue, **more)

    def on(self, kind: str, document: Document, body: Mapping[str, Any], **more: Any) -> Draft:
        """Return a draft about a document as its author sees it."""
        return self.draft(kind, document.scope, document.id, body, seen={"*": document.rev}, **more)


def contact_opened(by: By, scope: str, contact: str, call: Mapping[str, Any], moments: Mapping[str, int]) -> Draft:
    """Open a contact; `call` has the switch's call id, channel, caller, queue and whom it is about."""
    return by.draft("contact.opened", scope, contact, {**call, "moments": dict(moments)})


def contact_answered(by: By, scope: str, contact: str, moments: Mapping[str, int]) -> Draft:
    """Answer a call."""
    return by.draft("contact.answered", scope, contact, {"moments": dict(moments)})


def contact_turned(by: By, scope: str, contact: str, customer: str | None, line: str | None) -> Draft:
    """Turn to a customer or to another of his lines."""
    return by.draft("contact.turned", scope, contact, {"customer": customer, "subscription": line})


def contact_moment(by: By, scope: str, contact: str, moment: str, at: int, details: Mapping[str, Any]) -> Draft:
    """Note a moment of a call, ms of the wall clock."""
    return by.draft("contact.moment", scope, contact, {"moment": moment, "at": at, "details": dict(details)})


def offers_shown(by: By, scope: str, contact: str, at: int, offers: Sequence[Mapping[str, Any]]) -> Draft:
    """Note which offers were painted, with rank, status, reasons and amount."""
    return by.draft("contact.offers_shown", scope, contact, {"at": at, "offers": list(offers)})


def wrapped_up(
    by: By,
    scope: str,
    contact: str,
    matters: Sequence[Mapping[str, Any]],
    summary: str,
    at: int,
    dropped_by: str | None,
    steps: Mapping[str, int] | None = None,
) -> Draft:
    """Wrap a contact up: matters with class, outcome and whether it is solved, a summary, and when each step was."""
    body = {
        "matters": [dict(matter) for matter in matters],
        "summary": summary or None,
        "moments": {"wrap_up": at},
        "dropped_by": dropped_by,
        "steps": dict(steps or {}),
    }
    return by.draft("contact.wrapped_up", scope, contact, body, version=2)


@dataclass(frozen=True, slots=True)
class Made:
    """A promise to be made: what was offered, agreed and said, with seconds into the call."""

    offer: Offer
    number: str
    customer: str
    line: str | None
    contact_scope: str
    contact: str
    amount: int
    proposed: int | None
    amount_reason: str | None
    rank: int
    online: bool
    ask: Spoken
    tell: Spoken
    asked_s: int | None
    agreed_s: int | None
    level: int
    method: str | None
    allowance: str | None
    approval: str | None = None
    waits: bool = False
    due: int | None = None
    also: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)


def commitment_made(by: By, scope: str, document: str, made: Made) -> Draft:
    """Make a promise; version 2 names the approval that it is made on, or waits for."""
    body = {
        "number": made.number,
        "customer": made.customer,
        "subscription": made.line,
        "contact": made.contact,
        "contact_scope": made.contact_scope,
        "template": made.offer.template.code,
        "due": made.due if made.due is not None else made.offer.due,
        "also": made.also if made.waits else made.offer.also,
        "line": "up" if made.online else "down",
        "rank": made.rank,
        "proposed": made.proposed,
        "amount_reason": made.amount_reason,
        "ask": made.ask.data(),
        "tell": made.tell.data(),
        "asked_s": made.asked_s,
        "agreed_s": made.agreed_s,
        "verification": {"level": made.level, "method": made.method},
        "approval": made.approval,
        "waits": made.waits or None,
        "inputs": dict(made.inputs) or None,
    }
    more: dict[str, Any] = {"amount": made.amount, "allowance": made.allowance}
    return by.draft("commitment.made", scope, document, body, version=2 if made.approval else 1, **more)


def commitment_spoken(
    by: By, promise: Document, seconds: int | None, deps: tuple[str, ...] = (), instead: str = ""
) -> Draft:
    """Mark the words as told, or what was said instead where a time in them had passed."""
    other = {"instead": instead} if instead else {}
    body = {**_contact(promise), "seconds": seconds, **other}
    return by.under(promise).on("commitment.spoken", promise, body, deps=deps)


def commitment_voided(by: By, promise: Document, reason: str, deps: tuple[str, ...] = ()) -> Draft:
    """Void a mis-key."""
    body = {**_contact(promise), "reason": reason, "approval": promise.data.get("approval")}
    return by.under(promise).on("commitment.voided", promise, body, deps=deps)


def commitment_withdrawn(by: By, promise: Document, reason: str) -> Draft:
    """Withdraw a promise because the customer wants it no more."""
    body = {**_contact(promise), "reason": reason, "approval": promise.data.get("approval")}
    return by.under(promise).on("commitment.withdrawn", promise, body)


def commitment_fulfilled(by: By, promise: Document, proof: str, answer: str | None = None) -> Draft:
    """Keep a promise, with the proof, and what the customer says where a follow-up call ends it."""
    # a broken promise that is kept at last may owe more than the breach gave: his work says how much
    customer = promise.data.get("customer") if promise.data.get("breached_at") else None
    body = {**_contact(promise), "proof": proof, "answer": answer, "customer": customer}
    return by.under(promise).on("commitment.fulfilled", promise, body)


def _contact(promise: Document) -> dict[str, Any]:
    return {"contact": promise.data.get("contact"), "contact_scope": promise.data.get("contact_scope")}


def note_added(
    by: By, scope: str, note: str, text: str, customer: str | None, contact: str | None, about: str | None = None
) -> Draft:
    """Add a note."""
    return by.draft("note.added", scope, note, {"text": text, "customer": customer, "contact": contact, "about": about})


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to be opened; `due` is what the customer is told, ms UTC.

    `rural`: the place lies outside towns. `commitment` is the promise that it follows from.
    """

    number: str
    kind: str
    symptom: str | None
    title: str
    words: str
    customer: str
    line: str | None
    contact: str | None
    due: int | None
    person: Mapping[str, str]
    origin: str = "hotline"
    place: str | None = None
    rural: bool = False
    commitment: str | None = None


def ticket_opened(by: By, scope: str, document: str, new: NewTicket) -> Draft:
    """Open a ticket."""
    body = {
        "number": new.number,
        "kind": new.kind,
        "symptom": new.symptom,
        "title": new.title,
        "words": new.words,
        "customer": new.customer,
        "subscription": new.line,
        "contact": new.contact,
        "due": new.due,
        "person": dict(new.person),
        "origin": new.origin,
        "place": new.place,
        "rural": new.rural or None,
        "commitment": new.commitment,
    }
    return by.draft("ticket.opened", scope, document, body, version=kind_named("ticket.opened").version)


def ticket_chased(by: By, ticket: Document, text: str, contact: str | None) -> Draft:
    """Chase a ticket."""
    return by.on("ticket.chased", ticket, {"text": text or None, "contact": contact})


def ticket_moved(by: By, ticket: Document, move: str, body: Mapping[str, Any]) -> Draft:
    """Move a ticket, under the newest rules that this program knows: a kind of `domain.kinds.tickets`."""
    return by.on(f"ticket.{move}", ticket, body, version=kind_named(f"ticket.{move}").version)


def agent_interval(by: By, document: str, state: str, start: int, end: int, reason: str | None) -> Draft:
    """Record an interval of the agent's state when it ends; ms."""
    return by.draft("agent.interval", by.region, document, {"state": state, "from": start, "to": end, "reason": reason})
