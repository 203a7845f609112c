"""Deeds about what concerns many: announcing, attaching, managing, labelling, handing to another channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentdesk.desk.deeds import Done
from agentdesk.desk.i18n import language
from agentdesk.desk.models.group import said
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.session import Contact, Matter
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from agentdesk.domain.work.announcements import Match, notice_scope
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

Body = Mapping[str, Any]


async def numbered(desk: DeskApp, kind: str, scope: str, body: Body) -> Done:
    """Make a document that has a number of its own."""
    deeds = desk.deeds
    document = deeds.new_id()
    number = await desk.backend.run(lambda site: site.next_number())
    return await deeds.commit(lambda site: (deeds.by.draft(kind, scope, document, {**body, "number": number}),))


async def on(desk: DeskApp, kind: str, document: Document, body: Body) -> Done:
    """Do something about a document as it stands here."""
    return await desk.deeds.commit(lambda site: (desk.deeds.by.on(kind, document, body),))


# announcements


async def publish(desk: DeskApp, body: Body) -> Done:
    """Publish an announcement for the site's region."""
    return await numbered(desk, "announcement.published", notice_scope(desk.deeds.by.region), body)


async def attach(desk: DeskApp, contact: Contact, announcement: Document, match: Match) -> Done:
    """Attach the caller to an announcement: the words were said to him, and he is told of the end."""
    facts = contact.facts
    if facts is None or facts.customer is None:
        return Done(problem="")
    customer = facts.customer.document
    body = {
        "customer": customer.id,
        "subscription": match.line or (facts.line.id if facts.line else None),
        "announcement": announcement.id,
        "announcement_scope": announcement.scope,
        "contact": contact.id,
        "why": match.why,
        "words": said(announcement.data.get("words")),
        "to": facts.caller or (facts.line.number if facts.line else None) or None,
        "follow_up": bool(announcement.data.get("follow_up")) or None,
        "seconds": contact.seconds(desk.deeds.now()),
    }
    draft = desk.deeds.by.draft("attachment.attached", customer.scope, desk.deeds.new_id(), body)
    done = await desk.deeds.on_contact(contact, draft)
    if done.ok:
        contact.matters.append(
            Matter(title_of(announcement), str(announcement.data.get("class") or "announcement"), "attached", False)
        )
        contact.advance(Step.AGREE)
    return done


# management tickets


async def open_management(desk: DeskApp, scope: str, body: Body) -> Done:
    """Open a management ticket over tickets of a scope."""
    return await numbered(desk, "management.opened", scope, body)


async def manage(desk: DeskApp, document: Document, move: str, body: Body) -> Done:
    """Move a management ticket, naming the tickets that are seen to be joined when it is done."""

    def build(site: Site) -> Sequence[Draft]:
        now = site.view.document(document.scope, document.id) or document
        tickets = list(now.data.get("tickets") or ())
        named = {"tickets": tickets} if move in ("solved", "closed") else {}
        return (desk.deeds.by.on(f"management.{move}", now, {**named, **body}),)

    return await desk.deeds.commit(build)


# labels and other channels


async def ask_label(desk: DeskApp, contact: Contact, number: str, sort: str, reason: str) -> Done:
    """Ask a superior to label a number."""
    body = {"number": number, "sort": sort, "reason": reason, "contact": contact.id}
    draft = desk.deeds.by.draft("label.asked", desk.deeds.by.region, desk.deeds.new_id(), body)
    return await desk.deeds.on_contact(contact, draft)


async def cut_short(desk: DeskApp, contact: Contact, reason: str, label: str | None, text: str) -> Done:
    """Record that the call is ended for a reason, after the words for it."""
    body = {"reason": reason, "said": True, "label": label, "text": text or None}
    draft = desk.deeds.by.draft("contact.cut_short", contact.scope, contact.id, body)
    done = await desk.deeds.on_contact(contact, draft)
    if done.ok:
        rule = desk.catalogue.rules.group.labels.get(reason) if desk.catalogue else None
        contact.matters.append(
            Matter(rule.name.say(language()) if rule else reason, f"label.{reason}", "cut_short", True)
        )
    return done


async def hand(desk: DeskApp, contact: Contact, channel: str, reason: str, about: str) -> Done:
    """Hand the contact to another channel with its context."""
    number = await desk.backend.run(lambda site: site.next_number())
    body = {"channel": channel, "reason": reason, "about": about, "number": number}
    draft = desk.deeds.by.draft("contact.handed", contact.scope, contact.id, body)
    done = await desk.deeds.on_contact(contact, draft)
    if done.ok:
        contact.matters.append(Matter(about, "channel.handed", "handed", False))
    return done


async def away(desk: DeskApp, contact: Contact, home: str, service: str, words: str) -> Done:
    """Take business for a number that is at home elsewhere."""
    opened = await desk.deeds.open(contact)
    if not opened.ok:
        return opened
    facts = contact.facts
    body = {
        "home": home,
        "service": service,
        "words": words or None,
        "to": contact.lookup.number or contact.lookup.raw,
        "contact": contact.id,
        "customer": facts.customer.document.id if facts and facts.customer else None,
        "from": contact.channel if contact.channel != "phone" else "hotline",
    }
    done = await numbered(desk, "handoff.away", desk.deeds.by.region, {k: v for k, v in body.items() if v is not None})
    if done.ok:
        contact.matters.append(Matter(service, "request.away", "handed", False))
    return done


async def record(desk: DeskApp, customer: Document, channel: str, summary: str) -> Done:
    """Record a contact that was held elsewhere (web, app, social media): its summary, not its text."""
    deeds, document = desk.deeds, desk.deeds.new_id()
    opened = {"call": document, "channel": channel, "customer": customer.id}
    matter = {"title": summary[:40], "class": "", "outcome": "told", "solved": True}
    return await deeds.commit(
        lambda site: (
            deeds.by.draft("contact.opened", customer.scope, document, opened),
            deeds.by.draft(
                "contact.wrapped_up", customer.scope, document, {"summary": summary, "matters": [matter], "moments": {}}
            ),
        )
    )
