"""Making good, done: remedies, checks and speed tests are on disk before the screen says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.drafts import money as drafts
from agentdesk.desk.drafts import promises as drafts_promises
from agentdesk.desk.i18n import _
from agentdesk.desk.models import approvals, remedies
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.speed import SpeedTest, test_words
from agentdesk.desk.promised_work import Worked, ticket_drafts
from agentdesk.desk.session import Contact, Matter
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.line_test import is_below, repair_id, repair_promised
from agentdesk.domain.offering.remedies import RemedyOffer
from agentdesk.domain.operation import Draft

if TYPE_CHECKING:
    from agentdesk.store.site import Site


@dataclass(frozen=True, slots=True)
class GivenRemedy:
    """A remedy that is on disk: the document, the operation that made it, and the words to tell."""

    document: Document
    operation: str
    tell: str


async def give(
    deeds: Deeds, contact: Contact | None, facts: Facts, under: Document, offer: RemedyOffer, hotline: str
) -> tuple[Done, GivenRemedy | None]:
    """Give a remedy under a matter; on an approval that covers it, where one was given."""
    customer, opened = await deeds.open_for(contact, facts)
    if customer is None:
        return opened, None
    document = deeds.new_id()
    told: list[str] = []
    covering = approvals.covering(facts, remedies.as_offer(offer))
    money = offer.remedy.money
    lease = facts.allowances.get(money) if money in ("cost", "credit") else None

    def build(site: Site) -> tuple[Draft, ...]:
        number = site.next_number()
        tell = remedies.tell_words(offer, facts, hotline, number)
        told.append(tell.text)
        given = drafts.Given(
            offer=offer,
            number=number,
            customer=customer.document.id,
            line=facts.line.id if facts.line else None,
            under=under.id,
            contact_scope=contact.scope if contact else None,
            contact=contact.id if contact else None,
            online=facts.online,
            tell=tell,
            level=facts.level,
            method=facts.method,
            allowance=lease.id if lease else None,
            inputs=facts.inputs,
            approval=covering.id if covering is not None else None,
        )
        return (drafts.remedy_given(deeds.by, customer.document.scope, document, given),)

    done = await deeds.commit(build)
    if not done.ok:
        return done, None
    made = done.committed[0]
    remedy = next(d for d in made.documents if d.id == document)
    if contact is not None:
        contact.matters.append(Matter(title_of(remedy), f"remedy.{offer.remedy.code}", "promised", False))
        contact.advance(Step.AGREE)
    return done, GivenRemedy(remedy, made.operation.id, told[0])


async def ask(deeds: Deeds, contact: Contact, facts: Facts, offer: RemedyOffer, reason: str) -> Done:
    """Ask a superior for a remedy that goes beyond the authority; he answers from his own desk."""
    customer, opened = await deeds.open_for(contact, facts)
    if customer is None:
        return opened
    document = deeds.new_id()

    def build(site: Site) -> tuple[Draft, ...]:
        asked = drafts_promises.Asked(
            number=site.next_number(),
            template=offer.remedy.code,
            customer=customer.document.id,
            line=facts.line.id if facts.line else None,
            contact=contact.id,
            contact_scope=contact.scope,
            amount=offer.amount or 0,
            proposed=offer.need,
            reason=reason,
            beyond=tuple(r.code for r in offer.beyond),
            role=offer.approver or "",
            commitment=None,
        )
        return (drafts_promises.approval_asked(deeds.by, customer.document.scope, document, asked),)

    return await deeds.commit(build)


async def move(
    deeds: Deeds, contact: Contact | None, remedy: Document, what: str, body: Mapping[str, Any], operation: str = ""
) -> Done:
    """Move a remedy or a promise on: told, carried out, voided, withdrawn, its cost moved, objected to, judged."""
    draft = drafts.on_remedy(deeds.by, remedy, what, body, (operation,) if operation else ())
    done = await deeds.commit(lambda site: (draft,))
    if done.ok and contact is not None and what == "voided":
        contact.matters = [m for m in contact.matters if m.title != title_of(remedy)]
    return done


async def close_check(deeds: Deeds, check: Document, result: str, text: str, against: str | None) -> Done:
    """Close a check with what it brought."""
    draft = drafts.check_closed(deeds.by, check, result, text, against)
    return await deeds.commit(lambda site: (draft,))


async def speed_test(deeds: Deeds, contact: Contact, facts: Facts, test: SpeedTest) -> Done:
    """Note a speed test of the line in question; below the contract it is a promise by itself, with its ticket."""
    line = facts.line
    if line is None:
        return Done(problem=_("choose the customer first: press Tab"))
    customer, opened = await deeds.open_for(contact, facts)
    if customer is None:
        return opened
    document = deeds.new_id()

    def build(site: Site) -> tuple[Draft, ...]:
        number = site.next_number()
        body = {
            "customer": customer.document.id,
            "subscription": line.id,
            "contact": contact.id,
            "contact_scope": contact.scope,
            "number": number,
            "mbps": test.mbps,
            "runs": test.runs,
            "method": test.method,
            "tell": test_words(facts, number).data(),
        }
        tested = drafts.line_tested(deeds.by, customer.document.scope, document, body)
        rules = facts.catalogue.rules.speed
        below = is_below(rules, line.rate_mbps, test.mbps, test.runs, test.method)
        if not below or repair_promised(facts.work, line.id):
            return (tested,)
        worked = Worked(repair_id(document), facts.catalogue.templates.get(rules.template), facts.case, contact.id)
        return (tested, *ticket_drafts(site, deeds.by, customer.document.scope, worked, facts.catalogue))

    done = await deeds.commit(build)
    if done.ok:
        code = facts.catalogue.rules.speed.template
        outcome = "promised" if len(done.committed) > 1 else "told"
        contact.matters.append(Matter(_("speed test"), f"promise.{code}", outcome, False))
    return done
