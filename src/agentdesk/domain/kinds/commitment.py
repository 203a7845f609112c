"""Commitments (即时承诺): a promise as an object with its own clock, owner, department and money.

A promise is checked here against its template, the caller's verification, the author's authority and the allowance
by the same `assess` that ranks the offers. At the desk what doesn't pass isn't promised; at the centre the promise
has been spoken already, so what doesn't pass is flagged, honoured and booked (DOMAIN rules 3 and 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import DAY_MS, Case, Customer
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import (
    Body,
    DayNeed,
    Decision,
    DocumentNeed,
    Kind,
    MoneyFact,
    Need,
    Outcome,
    Refusal,
    Situation,
    WorkNeed,
)
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Data, Document
from agentdesk.domain.kinds._common import ANSWERS, DUE_SLACK_MS, change, exists, logged, on_existing
from agentdesk.domain.kinds.contact import ENDS
from agentdesk.domain.kinds.identity import caller_role_of, standing_level
from agentdesk.domain.offers import assess, due_at
from agentdesk.domain.operation import Operation

if TYPE_CHECKING:
    from agentdesk.domain.policy import Template

HOUR_MS = 3_600_000
OVER = ENDS | {"wrap_up"}
"""The moments from which on a call is over for the agent."""


def _contact_need(operation: Operation, body: Body) -> tuple[Need, ...]:
    contact = body.maybe_text("contact")
    return (DocumentNeed(body.maybe_text("contact_scope") or operation.scope, contact),) if contact else ()


def _contact(operation: Operation, body: Body, situation: Situation) -> Document | None:
    contact = body.maybe_text("contact")
    if contact is None:
        return None
    return situation.answers.document(body.maybe_text("contact_scope") or operation.scope, contact)


def _today_need(operation: Operation) -> DayNeed:
    """Ask for what the agent promised in the last day and a bit: the instant isn't certain yet."""
    return DayNeed(operation.scope, operation.actor, operation.wall - (operation.offset or 0) - DAY_MS - HOUR_MS)


def _made_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    asked = (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        WorkNeed(operation.scope, customer),
        *_contact_need(operation, body),
    )
    return (*asked, _today_need(operation)) if operation.amount > 0 else asked


def _made(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Make a promise. What was spoken stands: one that can't be checked is held, as a document whose clock runs."""
    refused = exists(operation, situation)
    if refused:
        return refused
    code, due = body.text("template"), body.number("due")
    template = situation.catalogue.templates.get(code)
    document = situation.answers.document(operation.scope, body.text("customer"))
    flags: tuple[Reason, ...] = ()
    held: Reason | None = None
    if template is None:
        held = Reason.of("unknown_template", template=code)
    elif operation.amount < 0 or (operation.amount > 0) != (template.money is not None):
        held = Reason.of("malformed", detail="the amount doesn't fit the template")
    elif document is None or document.type != "customer":
        held = Reason.of("unknown_customer", customer=body.text("customer"))
    else:
        flags = _collisions(operation, body, situation, template, Customer(document), due)
    kind = template.money.kind if template and template.money else None
    if kind is None and operation.amount > 0 and situation.allowance is not None:
        kind = situation.allowance.kind
    department = template.department if template else None
    fields = {
        "number": body.text("number"),
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        "template": code,
        "catalogue": operation.catalogue,
        "name_zh": template.name.zh if template else code,
        "name_en": template.name.en if template else code,
        "state": "made",
        "amount": operation.amount,
        "proposed": body.maybe_number("proposed"),
        "amount_reason": body.maybe_text("amount_reason"),
        "money": kind,
        "statutory": bool(template and template.money and template.money.statutory),
        "allowance": operation.allowance,
        "due": due,
        "department": department,
        "closing": template.closing if template else "call",
        "owner": operation.actor,
        "site": operation.site,
        "line": body.text("line"),
        "rank": body.maybe_number("rank"),
        "ask": dict(body.mapping("ask")),
        "tell": dict(body.mapping("tell")),
        "asked_s": body.maybe_number("asked_s"),
        "agreed_s": body.maybe_number("agreed_s"),
        "verification": dict(body.mapping("verification")),
        "spoken_at": None,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "made"),
    }
    made = change(operation, "commitment", _told(department), **fields)
    return Decision((made,), _booked(operation.scope, operation.document, made.fields, 1), flags, held)


def _told(department: str | None) -> tuple[str, ...]:
    return (f"department/{department}",) if department else ()


def _booked(scope: str, commitment: str, data: Data, sign: int) -> tuple[MoneyFact, ...]:
    """Return what a promise costs its allowance (`sign` 1), or gives back to it (-1)."""
    kind, amount = data.get("money"), data.get("amount") or 0
    if kind is None or amount <= 0:
        return ()
    unit = data.get("department") or ""
    return (MoneyFact(kind, sign * amount, data.get("allowance"), scope, data["customer"], commitment, unit),)


def _collisions(
    operation: Operation, body: Body, situation: Situation, template: Template, customer: Customer, due: int
) -> tuple[Reason, ...]:
    """Return what a promise collides with: none of it may be at the desk, all of it is honoured at the centre."""
    wanted = body.maybe_text("subscription")
    line = customer.subscription(wanted)
    contact = _contact(operation, body, situation)
    work = situation.answers.work(operation.scope, customer.document.id)
    money, allowance = template.money, situation.allowance
    usable = money is not None and allowance is not None and allowance.kind == money.kind and allowance.open
    left = allowance.left if usable and allowance is not None else None
    case = Case(
        customer=customer,
        line=line,
        work=tuple(d for d in work if d.id != operation.document),
        at=situation.at,
        role=operation.role,
        level=standing_level(contact, customer, line),
        caller_role=caller_role_of(contact),
        # a desk that has lost the line can't promise as if it were there, whatever was painted before
        online=body.text("line") != "down" and situation.online is not False,
        cost_left=left if money is not None and money.kind == "cost" else None,
        credit_left=left if money is not None and money.kind == "credit" else None,
        actor=operation.actor,
        today=situation.answers.made(operation.scope, operation.actor) if money is not None else (),
    )
    offer = assess(template, case, situation.catalogue, operation.amount or None)
    flags = () if offer.status == "available" else offer.reasons
    if wanted is not None and line is None:
        flags = (*flags, Reason.of("unknown_line", line=wanted))
    if money is not None and not usable:
        flags = (*flags, Reason.of("no_allowance"))
    return (*flags, *_mistimed(template, case, situation, offer.due, due))


def _mistimed(template: Template, case: Case, situation: Situation, computed: int, due: int) -> tuple[Reason, ...]:
    """Return how a spoken deadline is not the template's: too late for the rules, or too soon to be kept.

    The card may have been painted a while ago, before the office closed or the month ended.
    """
    if abs(due - computed) <= DUE_SLACK_MS:
        return ()
    tier, catalogue = case.tier(situation.catalogue), situation.catalogue
    if due > due_at(template, tier, case.online, situation.at + DUE_SLACK_MS, catalogue):
        return (Reason.of("due_beyond_limit", limit=computed, due=due),)
    if due < due_at(template, tier, case.online, situation.at - DUE_SLACK_MS, catalogue):
        return (Reason.of("due_too_soon", limit=computed, due=due),)
    return ()


def _own_and_contact(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (DocumentNeed(operation.scope, operation.document), *_contact_need(operation, body))


def _spoken(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Mark the words to tell as spoken: from here on the promise can't be voided as a mis-key."""
    data = promise.data
    seconds = body.maybe_number("seconds")
    fields: dict[str, Any] = {"moves": logged(promise, operation, situation.at, "spoken", seconds=seconds)}
    if data.get("spoken_at") is None:
        fields |= {"spoken_at": situation.at, "spoken_s": seconds}
    told = _told(data.get("department"))
    if data.get("state") != "voided":
        return Decision((change(operation, "commitment", told, **fields),))
    # spoken is spoken: the promise stands again, and so does what it costs; its lease has been given it back since
    again = change(operation, "commitment", told, **fields, state="made", closed_at=None, allowance=None)
    booked = _booked(promise.scope, promise.id, {**data, "allowance": None}, 1)
    return Decision((again,), booked, (Reason.of("voided_already"),))


def _voided(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Void a mis-key (DOMAIN rule 3): the same agent, before the words were spoken, at most 60 s after the call."""
    data = promise.data
    if data.get("owner") != operation.actor:
        return Refusal(Reason.of("not_yours", owner=data.get("owner")))
    if data.get("spoken_at") is not None:
        return Refusal(Reason.of("already_spoken"))
    if data.get("state") not in ("made", "held"):
        return Refusal(Reason.of("promise_state", state=data.get("state"), move="voided"))
    if data.get("repaid_at") is not None:
        return Refusal(Reason.of("repaid_already"))
    if body.maybe_text("contact") != data.get("contact"):
        return Refusal(Reason.of("malformed", detail="name the contact in which it was promised"))
    contact = _contact(operation, body, situation)
    if contact is None and data.get("contact") is not None:
        return Decision((), held=Reason.of("unknown_document", document=data["contact"]))
    window = situation.catalogue.rules.miskey_after_call_s * 1000
    if _since_call(operation, situation, promise, contact) > window:
        return Refusal(Reason.of("too_late_to_void", seconds=window // 1000))
    return _ended(operation, situation, promise, "voided", body.text("reason"))


def _since_call(operation: Operation, situation: Situation, promise: Document, contact: Document | None) -> int:
    """Return the ms since the call ended for the agent; a promise without a call counts from its making."""
    if contact is None:
        made: int = promise.data["at"]
        return situation.at - made
    moments = contact.data.get("moments") or {}
    # moments are readings of the site's wall clock, right or wrong, and so is this
    return max((operation.wall - at for name, at in moments.items() if name in OVER), default=0)


def _withdrawn(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    if promise.data.get("state") not in OPEN_COMMITMENT_STATES:
        return Refusal(Reason.of("promise_state", state=promise.data.get("state"), move="withdrawn"))
    if promise.data.get("repaid_at") is not None:
        return Refusal(Reason.of("repaid_already"))
    return _ended(operation, situation, promise, "withdrawn", body.text("reason"))


def _ended(operation: Operation, situation: Situation, promise: Document, state: str, reason: str) -> Outcome:
    """End a promise before it was kept, and give its money back to the allowance it was drawn on."""
    moves = logged(promise, operation, situation.at, state, text=reason)
    told = _told(promise.data.get("department"))
    fields = change(operation, "commitment", told, state=state, closed_at=situation.at, moves=moves)
    return Decision((fields,), _booked(promise.scope, promise.id, promise.data, -1))


def _fulfilled(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Keep a promise; `late` says whether its time had passed, the breach stays visible.

    The system's proof is enough where the template says so; else the customer was asked first (DOMAIN rule 7):
    `answer` is what he said.
    """
    data = promise.data
    if data.get("state") not in OPEN_COMMITMENT_STATES:
        return Refusal(Reason.of("promise_state", state=data.get("state"), move="fulfilled"))
    answer, proof = body.maybe_text("answer"), body.text("proof")
    if answer is not None and answer not in ANSWERS:
        return Refusal(Reason.of("malformed", detail=f"unknown answer {answer}"))
    if answer == "unsatisfied" or (answer is None and data.get("closing") == "call"):
        return Refusal(Reason.of("needs_follow_up", answer=answer))
    late = (data.get("due") or situation.at) < situation.at
    moves = logged(promise, operation, situation.at, "fulfilled", text=proof, late=late or None, answer=answer)
    told = _told(data.get("department"))
    return Decision(
        (change(operation, "commitment", told, state="fulfilled", late=late, closed_at=situation.at, moves=moves),)
    )


KINDS = (
    Kind("commitment.made", 1, _made_needs, _made, spoken=True),
    Kind("commitment.spoken", 1, _own_and_contact, on_existing("commitment", _spoken), spoken=True),
    Kind("commitment.voided", 1, _own_and_contact, on_existing("commitment", _voided)),
    Kind("commitment.withdrawn", 1, _own_and_contact, on_existing("commitment", _withdrawn)),
    Kind("commitment.fulfilled", 1, _own_and_contact, on_existing("commitment", _fulfilled)),
)
