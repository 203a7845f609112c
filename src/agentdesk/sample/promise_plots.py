"""Plots about promises beyond an agent's authority, and about one that nobody recorded."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.offering.approving import answer_due
from agentdesk.domain.offering.offers import due_at
from agentdesk.domain.times.clocks import ticket_due
from agentdesk.sample.agents import SITE
from agentdesk.sample.pen import DAY_MS, HOUR_MS, MINUTE_MS, Pen

CODE = "U10"
"""Disputed traffic re-rated: a promise of money of which an agent may give a part."""

AMOUNT = 17_500
"""Minor units: more than an agent may give an ordinary customer, less than a team leader may."""


def approval_waiting(pen: Pen) -> None:
    """A customer agreed to wait: the promise is held, and the superiors have it on their list."""
    asked = pen.now - 25 * MINUTE_MS
    contact = pen.contact("complaint.billing.overage", asked - 4 * MINUTE_MS, "promised", False)
    promise = pen.promise(CODE, asked, "held", amount=AMOUNT, contact=contact)
    approval = _approval(pen, asked, pen.agent, promise.id)
    catalogue = pen.floor.catalogue
    wait = catalogue.rules.approvals.later * MINUTE_MS
    due = due_at(catalogue.templates[CODE], pen.tier, True, asked, catalogue, wait)
    promise.data.update(  # type: ignore[attr-defined]
        waits=True, held_by=[approval.id], held_from="made", approval=approval.id, approver=None, due=due
    )


def approval_given(pen: Pen) -> None:
    """What the demo's own agent asked for was approved just now: one key promises it."""
    pen.agent = pen.floor.staff.with_role("agent")[0]
    asked = pen.now - 6 * MINUTE_MS
    contact = pen.contact("complaint.billing.overage", asked - 3 * MINUTE_MS, "told", False)
    approval = _approval(pen, asked, pen.agent, None, contact)
    leader = pen.floor.staff.with_role("team_leader")[0]
    given = pen.now - 2 * MINUTE_MS
    use = pen.floor.catalogue.rules.approvals.use * MINUTE_MS
    moves = [*approval.data["moves"], pen.move(given, "given", leader, role="team_leader", text="属实，同意")]
    approval.data.update(  # type: ignore[attr-defined]
        state="given",
        approver=leader,
        approver_role="team_leader",
        approver_site=SITE,
        given_at=given,
        waited_ms=given - asked,
        due=given + use,
        doubts=[],
        moves=moves,
    )


def disputed(pen: Pen) -> None:
    """Says that somebody promised him money; on record is only a promise that was voided that day."""
    then = pen.now - 9 * DAY_MS
    contact = pen.contact("complaint.billing.overage", then, "told", False)
    mistaken = pen.promise("U02", then + 2 * MINUTE_MS, "voided", contact=contact)
    moves = [*mistaken.data["moves"][:1], pen.move(then + 3 * MINUTE_MS, "voided", pen.agent, text="按错了")]
    mistaken.data.update(spoken_at=None, closed_at=then + 3 * MINUTE_MS, moves=moves)  # type: ignore[attr-defined]
    at = pen.now - 5 * HOUR_MS
    again = pen.contact("complaint.service.promise", at - 5 * MINUTE_MS, "dispute", False)
    catalogue = pen.floor.catalogue
    due, law = ticket_due("dispute", None, pen.tier, at, catalogue)
    words = "上次来电时小张答应给我退六十块，说三天到账，到现在没有"
    data: dict[str, Any] = {
        "number": pen.number(),
        "customer": pen.customer.document.id,
        "subscription": pen.main.id,
        "contact": again.id,
        "contact_scope": pen.customer.document.scope,
        "words": words,
        "day": None,
        "phone": None,
        "remembered": "小张",
        "contacts": [contact.id],
        "promises": [mistaken.id],
        "tier": pen.tier,
        "state": "open",
        "owner": pen.agent,
        "first_responsible": pen.agent,
        "site": SITE,
        "at": at,
        "due": due,
        "law_due": law,
        "moves": [pen.move(at, "opened", pen.agent, text=words)],
    }
    pen.write("dispute", at, data)


def _approval(pen: Pen, at: int, asker: str, commitment: str | None, contact: Document | None = None) -> Document:
    catalogue = pen.floor.catalogue
    template = catalogue.templates[CODE]
    reason = "客户在网多年，流量提醒没有送达，要求全额"
    data: dict[str, Any] = {
        "number": pen.number(),
        "template": CODE,
        "catalogue": catalogue.version,
        "name_zh": template.name.zh,
        "name_en": template.name.en,
        "customer": pen.customer.document.id,
        "subscription": pen.main.id,
        "contact": contact.id if contact else None,
        "contact_scope": pen.customer.document.scope,
        "amount": AMOUNT,
        "proposed": AMOUNT,
        "money": template.money.kind if template.money else None,
        "tier": pen.tier,
        "reason": reason,
        "beyond": ["above_authority"],
        "approver_role": "team_leader",
        "wanted_role": "team_leader",
        "commitment": commitment,
        "asked_by": asker,
        "asked_role": "agent",
        "owner": asker,
        "site": SITE,
        "state": "open",
        "at": at,
        "due": answer_due(catalogue.rules.approvals, at, commitment is not None),
        "moves": [pen.move(at, "asked", asker, text=reason)],
    }
    return pen.write("approval", at, data)
