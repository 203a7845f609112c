"""What agents give: promises and remedies, alone or on an approval, and what becomes of them.

What goes beyond an agent's authority is approved in the three ways of a desk: by a superior who signs there, by one at
another desk, or later, while the customer waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.offering.approving import Wanted, uncovered
from agentdesk.domain.offering.offers import Offer, assess, due_at
from agentdesk.domain.offering.remedies import MATTERS, RemedyOffer, assess_remedy
from agentdesk.domain.offering.remedy_templates import template_of
from agentdesk.domain.operation import Draft
from agentdesk.simulate.people import LARGE, MINUTE_MS, REMEDY, REMEDY_STEPS, SUPERIOR, superior_id
from agentdesk.simulate.talks import Talk

if TYPE_CHECKING:
    from agentdesk.domain.policy import Template
    from agentdesk.simulate.work import Agent
    from agentdesk.store.site import Site

ANY_APPROVAL = 0.25
"""How often an agent tries it with an approval that is there, whatever he sees of it: his desk tells him no."""


class Giving:
    """What one agent gives, and what he answers for a superior who sits down at his desk."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._dice = Random(f"{agent.world.seed}/{agent.desk.name}/giving")

    # promises

    def promise(self, site: Site) -> None:
        """Promise what is on offer, and say it: in one breath, or with the words marked a moment later."""
        talk = self._agent.talk(site)
        if talk is not None:
            self._promise(site, talk, talk.catalogue.templates[self._dice.choice(sorted(talk.catalogue.templates))])

    def promise_much(self, site: Site) -> None:
        """Promise, or give as a remedy, what goes beyond the agent's authority."""
        talk = self._agent.talk(site)
        if talk is None:
            return
        given = [d.data["template"] for d in talk.case.work if _may_be_used(d)]
        if (self._dice.choice(given) if given else self._dice.choice((LARGE, LARGE, REMEDY))) == REMEDY:
            self._remedy(site, talk, REMEDY_STEPS[-1])
        else:
            self._promise(site, talk, talk.catalogue.templates[LARGE])

    def _promise(self, site: Site, talk: Talk, template: Template) -> None:
        offer = assess(template, talk.case, talk.catalogue)
        if offer.status == "available":
            self._make(site, talk, offer, ())
        elif offer.status == "approve":
            known = self._approval(talk, template, offer.amount or 0)
            if known is not None:
                self._make(site, talk, offer, (), known.id)
            else:
                self._promise_beyond(site, talk, offer)

    def _promise_beyond(self, site: Site, talk: Talk, offer: Offer) -> None:
        way = self._dice.choice(("here", "elsewhere", "elsewhere", "later"))
        approval = site.new_id()
        if way == "later":
            promise = site.new_id()
            asked = self._asked(site, talk, approval, offer, offer.amount or 0, promise)
            wait = talk.catalogue.rules.approvals.later * MINUTE_MS
            due = due_at(offer.template, talk.case.tier(talk.catalogue), talk.case.online, talk.case.at, talk.catalogue,
                         wait)  # fmt: skip
            self._make(site, talk, offer, (asked,), approval, promise=promise, waits=True, due=due)
            return
        asked = self._asked(site, talk, approval, offer, offer.amount or 0)
        if way == "elsewhere":
            self._agent.commit(site, (asked,), f"asks for {offer.template.code} for {talk.customer}")
            return
        superior = superior_id(self._agent.desk.machine.region)
        given = Draft(
            "approval.given", superior, SUPERIOR, talk.scope, approval, {"reason": "it is right"},
            catalogue=talk.catalogue.version,
        )  # fmt: skip
        self._make(site, talk, offer, (asked, given), approval)

    def _make(
        self,
        site: Site,
        talk: Talk,
        offer: Offer,
        before: Sequence[Draft],
        approval: str | None = None,
        promise: str | None = None,
        waits: bool = False,
        due: int | None = None,
    ) -> None:
        money = offer.template.money
        lease = talk.allowances.get(money.kind) if money else None
        promise = promise or site.new_id()
        body = talk.body(
            number=site.next_number(),
            template=offer.template.code,
            due=due or offer.due,
            line="up" if talk.case.online else "down",
            proposed=offer.amount,
            rank=1,
            ask={"text": "may I?"},
            tell={"text": "it is promised"},
            approval=approval,
            waits=waits or None,
        )
        made = self._agent.draft(
            "commitment.made",
            promise,
            body,
            deps=(talk.opened,) if self._dice.random() < 0.5 else (),
            amount=offer.amount or 0 if money else 0,
            allowance=lease.id if lease else None,
            catalogue=talk.catalogue.version,
            version=2 if approval else 1,
        )
        drafts = [*before, made]
        if self._dice.random() < 0.6:
            spoken = {"contact": talk.contact, "seconds": 42}
            drafts.append(self._agent.draft("commitment.spoken", promise, spoken))
        money_said = f" of {offer.amount}" if money else ""
        how = " when it is approved" if waits else f" on {approval[-6:]}" if approval else ""
        self._agent.commit(site, drafts, f"promises {offer.template.code}{money_said} to {talk.customer}{how}")

    # remedies

    def remedy(self, site: Site) -> None:
        """Make something good under a ticket or a promise of the customer's."""
        talk = self._agent.talk(site)
        if talk is not None:
            self._remedy(site, talk, self._dice.choice(REMEDY_STEPS))

    def _remedy(self, site: Site, talk: Talk, quantity: int) -> None:
        matters = [d for d in talk.case.work if d.type in MATTERS]
        if not matters:
            return
        under = self._dice.choice(matters)
        remedy = talk.catalogue.remedies[REMEDY]
        offer = assess_remedy(remedy, talk.case, talk.catalogue, under, quantity)
        if offer.status == "available":
            self._give(site, talk, under, offer, None)
        elif offer.status == "approve":
            template = template_of(remedy)
            known = self._approval(talk, template, offer.amount or 0)
            if known is not None:
                self._give(site, talk, under, offer, known.id)
            else:
                asked = self._asked(site, talk, site.new_id(), offer, offer.amount or 0)
                self._agent.commit(site, (asked,), f"asks for {remedy.code} for {talk.customer}")

    def _give(self, site: Site, talk: Talk, under: Document, offer: RemedyOffer, approval: str | None) -> None:
        lease = talk.allowances.get("cost")
        body = talk.body(
            number=site.next_number(),
            under=under.id,
            remedy=offer.remedy.code,
            quantity=offer.quantity,
            due=offer.due,
            line="up" if talk.case.online else "down",
            proposed=offer.need,
            tell={"text": "it is yours"},
            approval=approval,
        )
        given = self._agent.draft(
            "remedy.given",
            site.new_id(),
            body,
            amount=offer.amount or 0,
            allowance=lease.id if lease else None,
            catalogue=talk.catalogue.version,
        )
        on = f" on {approval[-6:]}" if approval else ""
        self._agent.commit(site, (given,), f"gives {offer.remedy.code} of {offer.amount} to {talk.customer}{on}")

    # approvals

    def _approval(self, talk: Talk, template: Template, amount: int) -> Document | None:
        """Return an approval to give something on: one that covers it by what the desk shows, or now and then any."""
        some = [
            d
            for d in talk.case.work
            if d.type == "approval" and d.data.get("template") == template.code and d.data.get("commitment") is None
        ]
        wanted = Wanted(
            template,
            talk.customer,
            talk.line,
            amount,
            talk.case.tier(talk.catalogue),
            talk.case.actor,
            talk.case.at,
            "",
        )
        if some and self._dice.random() < ANY_APPROVAL:
            return self._dice.choice(some)
        return next((d for d in some if not uncovered(d, wanted, talk.catalogue)), None)

    def _asked(
        self,
        site: Site,
        talk: Talk,
        approval: str,
        offer: Offer | RemedyOffer,
        amount: int,
        commitment: str | None = None,
    ) -> Draft:
        code = offer.template.code if isinstance(offer, Offer) else offer.remedy.code
        body = talk.body(
            number=site.next_number(),
            template=code,
            amount=amount,
            proposed=amount,
            reason="he had to wait",
            beyond=[reason.code for reason in offer.beyond],
            approver_role=offer.approver or SUPERIOR,
            commitment=commitment,
        )
        self._agent.world.tally["approval asked for"] += 1
        return self._agent.draft("approval.asked", approval, body, catalogue=talk.catalogue.version)

    def waiting(self, site: Site) -> list[str]:
        """Return the customers for whom something was approved that nobody has given them yet."""
        mine = self._agent.region
        return [d.data["customer"] for d in site.view.open_of("approval") if d.scope == mine and _may_be_used(d)]

    def answer(self, site: Site) -> None:
        """Let a superior answer what is asked, or take one's own question back."""
        agent = self._agent
        asked = [d for d in site.view.open_of("approval") if d.scope == agent.region and d.data["state"] == "open"]
        if not asked:
            return
        approval = self._dice.choice(asked)
        own = approval.data.get("asked_by") == agent.desk.agent and self._dice.random() < 0.2
        actor, role = (agent.desk.agent, "agent") if own else (superior_id(agent.desk.machine.region), SUPERIOR)
        yes = not own and self._dice.random() < 0.75
        body = {"reason": "so be it", **{name: approval.data.get(name) for name in ("commitment", "customer")}}
        draft = Draft(
            "approval.given" if yes else "approval.declined",
            actor,
            role,
            approval.scope,
            approval.id,
            {name: value for name, value in body.items() if value is not None},
            seen={"*": approval.rev},
            catalogue=approval.data.get("catalogue") or "",
        )
        agent.commit(site, (draft,), f"as {actor} {'gives' if yes else 'declines'} {approval.id[-6:]}")

    # what lies there already

    def old(self, site: Site) -> None:
        """Go on with a promise or a remedy that was given."""
        agent, dice = self._agent, self._dice
        given = [d for d in site.view.open_work() if d.type in ("commitment", "remedy") and d.scope == agent.region]
        if not given:
            return
        document = dice.choice(given)
        deed = dice.choice(("spoken", "spoken", "withdrawn", "withdrawn", "fulfilled", "fulfilled", "voided"))
        data = document.data
        body: dict[str, Any] = {"contact": data.get("contact"), "contact_scope": data.get("contact_scope")}
        if deed == "spoken":
            body["seconds"] = 5
        elif deed == "fulfilled":
            body |= {"proof": "the system says so"}
            if document.type == "commitment":
                body |= {"answer": "satisfied", "customer": data.get("customer") if data.get("breached_at") else None}
            else:
                deed = "done"
        else:
            body |= {"reason": "the customer wants it no more", "approval": data.get("approval")}
        body = {name: value for name, value in body.items() if value is not None}
        agent.commit(site, (agent.on(f"{document.type}.{deed}", document, body),), f"marks {document.id[-6:]} {deed}")


def _may_be_used(document: Document) -> bool:
    data = document.data
    return document.type == "approval" and data.get("state") == "given" and data.get("commitment") is None
