"""Ordering services and walking flows, done: committed in the store's thread, and only then the screen says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.drafts import services as drafts
from agentdesk.desk.models import order as words
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rail import Step
from agentdesk.desk.session import Contact, Matter
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.services import Standing
from agentdesk.domain.operation import Draft

if TYPE_CHECKING:
    from agentdesk.store.site import Site


async def order(
    deeds: Deeds,
    contact: Contact,
    facts: Facts,
    standing: Standing,
    parameters: Mapping[str, str],
    hotline: str,
    *,
    about: str = "",
    undoes: str | None = None,
) -> Done:
    """Order a service; when this returns well it is on disk, and only then it may be called ordered."""
    customer, opened = await deeds.open_for(contact, facts)
    if customer is None:
        return opened
    confirmed = contact.seconds(deeds.now())
    document = deeds.new_id()

    def build(site: Site) -> tuple[Draft, ...]:
        number = site.next_number()
        new = drafts.NewOrder(
            standing=standing,
            number=number,
            customer=customer.document.id,
            line=facts.line.id if facts.line else None,
            contact_scope=contact.scope,
            contact=contact.id,
            parameters=parameters,
            online=facts.online,
            confirm=words.confirm_words(standing, facts, hotline),
            done=words.done_words(standing, facts, hotline, number),
            confirmed_s=confirmed,
            level=facts.level,
            method=facts.method,
            about=about or None,
            undoes=undoes,
        )
        return (drafts.service_ordered(deeds.by, customer.document.scope, document, new),)

    done = await deeds.commit(build)
    if done.ok:
        name = words.name_of(standing.service)
        solved = standing.service.effective == "at_once" and facts.online
        title = f"{name}: {about}" if about else name
        contact.matters.append(Matter(title, standing.service.class_code, "ordered", solved))
        contact.advance(Step.AGREE)
    return done


async def move(deeds: Deeds, document: Document, what: str, body: Mapping[str, Any]) -> Done:
    """Say what became of an order."""
    content = dict(body)
    if what == "effected":
        content.setdefault("at", deeds.now())
    return await deeds.commit(lambda site: (drafts.service_moved(deeds.by, document, what, content),))


async def guided(
    deeds: Deeds,
    contact: Contact,
    flow: str,
    path: Sequence[tuple[str, int]],
    end: str | None,
    outcome: str,
    begun: int,
) -> Done:
    """Write down a walk in the contact; one in which nothing was answered is nothing."""
    if not path:
        return Done()
    draft = drafts.guided(
        deeds.by,
        contact.scope,
        contact.id,
        flow=flow,
        path=path,
        end=end,
        outcome=outcome,
        begun=begun,
        at=deeds.now(),
    )
    return await deeds.on_contact(contact, draft)


def prefill(contact: Contact, title: str, klass: str, outcome: str) -> None:
    """Note what a flow was about for the wrap-up; a matter that stands there already gets its class only."""
    for index, matter in enumerate(contact.matters):
        if klass and matter.klass == klass:
            contact.matters[index] = replace(matter, title=matter.title or title)
            return
    contact.matters.append(Matter(title, klass, outcome, outcome in ("solved", "told")))
