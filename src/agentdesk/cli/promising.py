"""A promise from the command line: the same rules, words and facts as on the desk, as one contact of one caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.cli.words import TYPE_AGAIN
from agentdesk.desk import drafts
from agentdesk.desk.models.promise import ask_words, plain_amount, promise, tell_words
from agentdesk.desk.promised_work import ticket_for
from agentdesk.desk.session import Matter
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import Offer, assess
from agentdesk.store.committing import Refused

if TYPE_CHECKING:
    from agentdesk.cli.agents import Agent
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.language.words import Spoken
    from agentdesk.domain.operation import Draft
    from agentdesk.store.site import Site

CHANNEL = "phone"


@dataclass(frozen=True, slots=True)
class Asked:
    """What would be promised: the offer with its amount (minor units), and the words to ask."""

    offer: Offer
    amount: int | None
    proposed: int | None
    ask: Spoken


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise that is on disk: its document, its operation, its number in digits, and the words to tell."""

    document: str
    contact: str
    operation: str
    number: str
    tell: Spoken


def ask(facts: Facts, code: str, hotline: str, amount: int | None) -> Asked:
    """Return what would be promised of a template; raises Refused with the reasons when it may not be."""
    case = facts.case
    template = facts.catalogue.templates[code]
    assert case is not None  # only a chosen customer is promised something
    proposed = assess(template, case, facts.catalogue)
    offer = proposed if amount is None else assess(template, case, facts.catalogue, amount)
    if offer.status != "available":
        raise Refused(offer.reasons)
    view = promise(offer, facts, hotline, amount, proposed.amount)
    if view.type_again and amount is None:
        raise Refused((Reason.of(TYPE_AGAIN, amount=plain_amount(view.amount)),))
    return Asked(offer, view.amount, view.proposed, ask_words(offer, facts, view.amount, hotline))


def make(site: Site, facts: Facts, agent: Agent, asked: Asked, hotline: str, note: str, spoken: bool) -> Promised:
    """Put a promise on disk, with the contact that it was made in; raises Refused or DiskFull, and nothing is done."""
    customer, offer = facts.customer, asked.offer
    assert customer is not None
    scope, at = customer.document.scope, site.clock.wall_ms()
    contact, document, number = site.new_id(), site.new_id(), site.next_number()
    tell = tell_words(offer, facts, asked.amount, hotline, number)
    by = drafts.By(agent.id, agent.role, scope, facts.catalogue.version)
    money = offer.template.money
    allowance = facts.allowances.get(money.kind) if money else None
    line = facts.line.id if facts.line else None
    made = drafts.Made(
        offer=offer,
        number=number,
        customer=customer.document.id,
        line=line,
        contact_scope=scope,
        contact=contact,
        amount=asked.amount or 0,
        proposed=asked.proposed,
        amount_reason=note or None if asked.amount != asked.proposed else None,
        rank=1,
        online=facts.online,
        ask=asked.ask,
        tell=tell,
        asked_s=0,
        agreed_s=0,
        level=facts.level,
        method=facts.method,
        allowance=allowance.id if allowance else None,
    )
    call = {
        "call": f"command-{contact}",
        "channel": CHANNEL,
        "caller": facts.caller,
        "customer": customer.document.id,
        "subscription": line,
    }
    promised = Document(scope, document, "commitment", 0, {"contact": contact, "contact_scope": scope})
    title = offer.template.name.say(asked.ask.language)
    matter = Matter(title, f"promise.{offer.template.code}", "promised", True)
    todo: list[Draft] = [
        drafts.contact_opened(by, scope, contact, call, {"offered": at}),
        drafts.contact_answered(by, scope, contact, {"answered": at}),
        drafts.commitment_made(by, scope, document, made),
    ]
    todo += ticket_for(site, by, scope, document, made, facts)
    if spoken:
        todo.append(drafts.commitment_spoken(by, promised, 0))
    if note:
        todo.append(drafts.note_added(by, scope, site.new_id(), note, customer.document.id, contact, document))
    todo.append(drafts.contact_moment(by, scope, contact, "ended", at, {}))
    todo.append(drafts.wrapped_up(by, scope, contact, [matter.data()], note, at, None))
    committed = site.commit_all(todo)
    return Promised(document, contact, committed[2].operation.id, number, tell)
