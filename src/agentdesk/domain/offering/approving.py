"""Approvals (授权审批): when one covers a promise that goes beyond its author's authority (DOMAIN rules 3 and 5).

An approval is for one template, one customer, one amount at most, and for one promise. It widens the authority, never
the allowance. What doesn't cover is no promise at the desk; at the centre the promise was spoken, so it is honoured,
flagged with each of these reasons, and booked with the approver's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.finance.authority import approves
from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.documents import Change, Document
    from agentdesk.domain.policy import Catalogue, Template
    from agentdesk.domain.tiers import Tier

BEYOND = frozenset({"above_authority", "above_need", "customer_90_days", "agent_day_cost", "agent_day_promises"})
"""Reasons that an approval takes away; all others are nobody's to waive."""

NO_WORDS = Bilingual("", "")


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """How a superior is asked; minutes.

    An approval that nobody answers lapses after `answer`, one that nobody uses after `use`. Who agrees to wait hears
    of it within `later`; `ask` and `tell` are the words for that, `declined` what he is then told if it isn't given.
    """

    answer: int = 15
    use: int = 30
    later: int = 240
    ask: Bilingual = NO_WORDS
    tell: Bilingual = NO_WORDS
    declined: Bilingual = NO_WORDS


@dataclass(frozen=True, slots=True)
class DisputeRules:
    """What is said when a promise is disputed (承诺争议): when it is taken, honoured or not found; the clock has a name
    of its own among the tickets' (`dispute`).
    """

    taken: Bilingual = NO_WORDS
    honoured: Bilingual = NO_WORDS
    dismissed: Bilingual = NO_WORDS


@dataclass(frozen=True, slots=True)
class Wanted:
    """A promise that needs an approval: minor units; `document` is its id, `at` the instant, ms UTC."""

    template: Template
    customer: str
    line: str | None
    amount: int
    tier: Tier
    actor: str
    at: int
    document: str


def may_approve(template: Template, role: str, tier: Tier, amount: int, catalogue: Catalogue) -> bool:
    """Tell whether a role approves, and may give that much itself."""
    return approves(template.money, role, tier, catalogue, amount)


def fits(approval: Document, wanted: Wanted) -> bool:
    """Tell whether an approval is about what is wanted: template, customer, line, and no more than was asked for."""
    data = approval.data
    return (
        (data.get("template"), data.get("customer")) == (wanted.template.code, wanted.customer)
        and data.get("subscription") in (None, wanted.line)
        and wanted.amount <= (data.get("amount") or 0)
    )


def uncovered(approval: Document | None, wanted: Wanted, catalogue: Catalogue) -> tuple[Reason, ...]:
    """Return why an approval doesn't cover a promise; nothing when it does."""
    if approval is None or approval.type != "approval":
        return (Reason.of("approval_unknown"),)
    return tuple(_wrong(approval, wanted, catalogue))


def _wrong(approval: Document, wanted: Wanted, catalogue: Catalogue) -> Iterator[Reason]:
    data = approval.data
    number, approver = data.get("number"), data.get("approver")
    if not fits(approval, wanted):
        yield Reason.of("approval_other", number=number, most=data.get("amount"))
    if data.get("used_by") not in (None, wanted.document):
        yield Reason.of("approval_used", number=number, approver=approver)
        return
    if data.get("given_at") is None:
        yield Reason.of("approval_not_given", number=number, state=data.get("state"))
        return
    if data.get("used_by") is None and wanted.at > (data.get("due") or wanted.at):
        yield Reason.of("approval_lapsed", number=number)
    if approver in (wanted.actor, data.get("asked_by")):
        yield Reason.of("own_approval", approver=approver)
    role = str(data.get("approver_role") or "")
    if not may_approve(wanted.template, role, wanted.tier, wanted.amount, catalogue):
        yield Reason.of("approval_insufficient", role=role, approver=approver)
    doubts = [code for code in data.get("doubts") or () if code not in ("own_approval", "approval_insufficient")]
    if doubts:
        yield Reason.of("approval_doubtful", number=number, approver=approver, codes=tuple(doubts))


def told(
    text: Bilingual, customer: Document | None, document: Document, at: int, suffix: str, blanks: Mapping[str, str]
) -> tuple[Change, ...]:
    """Return the text that a customer gets about a document; none where he has no mobile or the policy no words."""
    from agentdesk.domain.case import Customer
    from agentdesk.domain.work.notices import mobile_of, notice

    if customer is None or customer.type != "customer" or not text.zh:
        return ()
    view = Customer(customer)
    to = mobile_of(view, view.subscription(document.data.get("subscription")))
    if to is None:
        return ()
    words = text.zh
    for name, value in blanks.items():
        words = words.replace(f"{{{name}}}", value)
    more = {"customer": customer.id, "number": document.data.get("number"), "code": suffix, "language": "zh"}
    return (notice(document.scope, document.id, to, words, at, suffix=suffix, **more),)


def answer_due(rules: ApprovalRules, at: int, later: bool) -> int:
    """Return by when an approval that is asked for at an instant wants an answer, ms UTC."""
    return at + (rules.later if later else rules.answer) * MINUTE_MS
