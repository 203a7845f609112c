"""Promises, approvals and disputes, done: committed in the store's thread, and only then the screen says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentdesk.desk import drafts
from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.drafts import By
from agentdesk.desk.drafts import promises as more
from agentdesk.desk.i18n import _
from agentdesk.desk.models import approvals as ways
from agentdesk.desk.models import promise as words
from agentdesk.desk.models.approvals import Approving
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.offers import OfferLine
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.promised_work import ticket_for, ticket_of
from agentdesk.desk.session import Contact, MadePromise, Matter
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import Offer
from agentdesk.domain.operation import Draft

if TYPE_CHECKING:
    from agentdesk.store.site import Site


async def make(
    deeds: Deeds,
    contact: Contact,
    facts: Facts,
    line: OfferLine,
    offer: Offer,
    asked_s: int | None,
    reason: str | None,
    hotline: str,
    approving: Approving | None = None,
) -> Done:
    """Make a promise, with its approval where one is asked for here; when this returns well it is on disk."""
    customer, opened = await deeds.open_for(contact, facts)
    if customer is None:
        return opened
    agreed = contact.seconds(deeds.now())
    document = deeds.new_id()
    # what was painted is what is promised: the same policy decides about it
    by = replace(deeds.by, catalogue=facts.catalogue.version)
    waits = approving is not None and approving.waits
    told: list[str] = []

    def build(site: Site) -> tuple[Draft, ...]:
        number = site.next_number()
        made = _made(facts, line, offer, number, contact, asked_s, agreed, reason, hotline, approving)
        told.append(made.tell.text)
        scope = customer.document.scope
        promise = drafts.commitment_made(by, scope, document, made)
        work = ticket_for(site, by, scope, document, made, facts)
        if approving is None or not (approving.superior or waits):
            return (promise, *work)
        asked = _asked(facts, offer, site.next_number(), contact, line, approving, document if waits else None)
        before = [more.approval_asked(by, scope, approving.approval, asked)]
        if approving.superior is not None:
            superior = signing(by, approving.superior)
            before.append(more.approval_given(superior, scope, approving.approval, approving.reason))
        return (*before, promise, *work)

    done = await deeds.commit(build)
    if done.ok:
        made = next(one for one in done.committed if one.operation.kind == "commitment.made")
        promised = next(d for d in made.documents if d.id == document)
        name = title_of(promised)
        contact.promises.insert(0, MadePromise(promised, made.operation.id, name, told[0]))
        solved = offer.template.closing == "proof" and not waits
        contact.matters.append(Matter(name, f"promise.{offer.template.code}", "promised", solved))
        contact.advance(Step.AGREE)
    return done


def _made(
    facts: Facts,
    line: OfferLine,
    offer: Offer,
    number: str,
    contact: Contact,
    asked_s: int | None,
    agreed_s: int | None,
    reason: str | None,
    hotline: str,
    approving: Approving | None,
) -> drafts.Made:
    rule, waits = offer.template.money, approving is not None and approving.waits
    lease = facts.allowances.get(rule.kind) if rule else None
    given = ways.covering(facts, offer) if approving is None else None
    if waits:
        ask = ways.waiting_words(offer, facts, hotline)
        tell = ways.waiting_words(offer, facts, hotline, number, tell=True)
    else:
        ask = words.ask_words(offer, facts, offer.amount, hotline)
        tell = words.tell_words(offer, facts, offer.amount, hotline, number)
    return drafts.Made(
        offer=offer,
        number=number,
        customer=facts.customer.document.id if facts.customer else "",
        line=facts.line.id if facts.line else None,
        contact_scope=contact.scope,
        contact=contact.id,
        amount=offer.amount or 0,
        proposed=line.offer.amount,
        amount_reason=reason,
        rank=line.rank,
        online=facts.online,
        ask=ask,
        tell=tell,
        asked_s=asked_s,
        agreed_s=agreed_s,
        level=facts.level,
        method=facts.method,
        allowance=lease.id if lease else None,
        inputs=facts.inputs,
        approval=approving.approval if approving else given.id if given else None,
        waits=waits,
        due=ways.waiting_due(offer, facts)[1] if waits else None,
        also=ways.waiting_also(offer, facts) if waits else None,
    )


def _asked(
    facts: Facts,
    offer: Offer,
    number: str,
    contact: Contact,
    line: OfferLine,
    approving: Approving,
    commitment: str | None,
) -> more.Asked:
    return more.Asked(
        number=number,
        template=offer.template.code,
        customer=facts.customer.document.id if facts.customer else "",
        line=facts.line.id if facts.line else None,
        contact_scope=contact.scope,
        contact=contact.id,
        amount=offer.amount or 0,
        proposed=line.offer.amount,
        reason=approving.reason or _("(none given)"),
        beyond=[reason.code for reason in offer.beyond],
        role=offer.approver or "",
        commitment=commitment,
    )


async def ask(deeds: Deeds, contact: Contact, facts: Facts, line: OfferLine, offer: Offer, reason: str) -> Done:
    """Ask the superiors at other desks for an approval."""
    customer, opened = await deeds.open_for(contact, facts)
    if customer is None:
        return opened
    document = deeds.new_id()
    by = replace(deeds.by, catalogue=facts.catalogue.version)

    def build(site: Site) -> tuple[Draft, ...]:
        asked = _asked(facts, offer, site.next_number(), contact, line, Approving(document, reason), None)
        return (more.approval_asked(by, customer.document.scope, document, asked),)

    return await deeds.commit(build)


def signing(by: By, superior: ways.Superior) -> By:
    """Return a superior as an author at somebody else's desk."""
    return replace(by, agent=superior.id, role=superior.role, proved=superior.proved)


async def answer(deeds: Deeds, approval: Document, yes: bool, reason: str, superior: ways.Superior | None) -> Done:
    """Answer an approval: as oneself, or as a superior who signs at this desk.

    What waited for it alone begins now, so its ticket is opened with the yes.
    """
    by = deeds.by if superior is None else signing(deeds.by, superior)
    draft = more.approval_answered(by, approval, yes, reason)
    return await deeds.commit(lambda site: (draft, *(ticket_of(site, by, approval) if yes else ())))


async def move(deeds: Deeds, promise: Document, kind: str, body: dict[str, Any]) -> Done:
    """Move a promise on: dispatched, accepted, noted, handed_over, chased."""
    draft = more.moved(deeds.by, promise, kind, body)
    return await deeds.commit(lambda site: (draft,))


async def chase(deeds: Deeds, contact: Contact | None, promise: Document, text: str) -> Done:
    """Chase a promise for the customer who asks for it."""
    body = {"text": text or None, "contact": contact.id if contact else None}
    done = await move(deeds, promise, "chased", body)
    if done.ok and contact is not None:
        contact.matters.append(Matter(title_of(promise), f"promise.{promise.data.get('template')}", "chased", False))
        contact.advance(Step.PROPOSE)
    return done


async def dispute(deeds: Deeds, contact: Contact | None, customer: Document, new: more.Disputed) -> Done:
    """Write down what a customer says he was promised."""
    if contact is not None and not (opened := await deeds.open(contact)).ok:
        return opened
    document = deeds.new_id()

    def build(site: Site) -> tuple[Draft, ...]:
        numbered = replace(new, number=site.next_number())
        return (more.dispute_opened(deeds.by, customer.scope, document, numbered),)

    done = await deeds.commit(build)
    if done.ok and contact is not None:
        contact.matters.append(Matter(_("a promise that isn't on record"), "dispute", "dispute", False))
        contact.advance(Step.AGREE)
    return done


async def decide(
    deeds: Deeds, dispute: Document, reason: str, honoured: more.Honoured | None, superior: ways.Superior | None
) -> Done:
    """Decide a dispute: as oneself, or as a superior who signs at this desk."""
    by = deeds.by if superior is None else signing(deeds.by, superior)

    def build(site: Site) -> tuple[Draft, ...]:
        if honoured is None:
            return (more.dispute_decided(by, dispute, reason, None),)
        return (more.dispute_decided(by, dispute, reason, replace(honoured, number=site.next_number())),)

    return await deeds.commit(build)
