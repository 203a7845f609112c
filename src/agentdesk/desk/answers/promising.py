"""What the agent means to promise: by the key that stands beside it, or by its name in the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models.approvals import approved
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.offers import OfferLine
from agentdesk.desk.session import Contact
from agentdesk.domain.offering.offers import assess

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.domain.documents import Document
    from agentdesk.domain.offering.offers import Offer


def pick(app: DeskApp, key: str) -> None:
    """Open the promise of a key; while it isn't known who calls, choose him."""
    contact = app.contact
    if contact is None or contact.facts is None:
        return
    if contact.facts.customer is None:
        _choose_nth(app, contact, int(key) - 1)
        return
    line = contact.board.at(key)
    if line is None:
        return
    if contact.ringing and not contact.answering:
        app.flow.say(_("answer the call first: Enter"))
        return
    if contact.ended and contact.channel != "desk":
        app.flow.say(_("the call has ended: what is promised now must be told in another call"))
    offer(app, contact, line)


def _choose_nth(app: DeskApp, contact: Contact, index: int) -> None:
    customers = contact.lookup.customers
    if index < len(customers):
        chosen = customers[index]
        held = next((h.holder for h in contact.lookup.holders if h.customer.key == chosen.key), None)
        app.spawn(app.flow.choose(chosen, held.subscription if held else None))


def offer(app: DeskApp, contact: Contact, line: OfferLine) -> None:
    """Open a promise, or say why it isn't possible and what is instead."""
    from agentdesk.desk.screens.promise import PromiseDialog

    facts = contact.facts
    if facts is None:
        return
    if line.offer.status == "verify":
        app.flow.say(wording.say(line.offer.reasons[0], facts.catalogue), "accent")
        app.deal.verify()
        return
    if line.offer.status == "inapplicable":
        instead = _instead(facts, line.offer)
        if instead is None or instead.status != "available":
            app.flow.say(wording.say_all(line.offer.reasons, facts.catalogue))
            return
        line = OfferLine(line.key, line.rank, instead)
    app.push_screen(PromiseDialog(contact, line, facts))


def _instead(facts: Facts, offer: Offer) -> Offer | None:
    """Return what the policy names in the place of a promise that only the line's being down stands in the way of."""
    template = facts.catalogue.templates.get(offer.template.offline.instead or "")
    if facts.case is None or template is None or [reason.code for reason in offer.reasons] != ["line_down"]:
        return None
    return assess(template, facts.case, facts.catalogue)


def named(app: DeskApp, contact: Contact, facts: Facts, code: str) -> str:
    """Open the promise of a template, or of what stands in its place while the line is down; else say why not."""
    template = facts.catalogue.templates.get(code)
    if template is None or facts.case is None:
        return _("the policy has no such promise: {code}").format(code=code)
    shown = contact.board.of(code)
    found = assess(template, facts.case, facts.catalogue)
    found = approved(_instead(facts, found) or found, facts)
    if found.status == "inapplicable":
        return wording.say_all(found.reasons, facts.catalogue)
    if found.status == "verify":
        app.deal.verify()
        return wording.say(found.reasons[0], facts.catalogue)
    offer(app, contact, OfferLine(shown.key if shown else "", shown.rank if shown else 0, found))
    return ""


def tell(app: DeskApp, promise: Document) -> None:
    """Mark a promise's words as told, after the contact in which it was made."""
    from agentdesk.desk.models.promise import instead

    async def told() -> None:
        said = instead(promise.data, app.at())
        app.flow.report(await app.deeds.spoken(app.flow.contact, promise, instead=said))
        await app.reload()

    app.spawn(told())
