"""Approvals (授权审批): asked for by an agent, given or declined by a superior, used by one promise, or lapsed.

DOMAIN rule 5. `open` → `given` → `used`; `declined`; `lapsed` by its clock. One that is given where it can't be checked
(dismissed meanwhile, not his to give, too late) is honoured, since a promise may have been spoken on it: it is flagged,
and keeps in `doubts` why, so that the promise is flagged with the approver's name. A promise that waits for an approval
(`commitment`) is let go by it, or ends with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.access import method_of
from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import ORG, Body, Decision, Kind, MoneyFact, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.kinds.commitments._shared import booked, units_told
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.offering.approving import BEYOND, answer_due, may_approve, told
from agentdesk.domain.offering.remedy_templates import giving_of
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import Timer, done, first_open
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Tier

LAPSED = "approval.lapsed"


def timer(document: Document, _catalogue: Catalogue) -> Timer | None:
    """Return when an approval lapses; one that a promise waits for doesn't while nobody has answered it."""
    data = document.data
    waited_for = data.get("state") == "open" and data.get("commitment") is not None
    if data.get("state") not in ("open", "given") or data.get("due") is None or waited_for:
        return None
    rung = "answer" if data.get("state") == "open" else "use"
    return first_open(document, (Timer(data["due"], LAPSED, rung),))


def _asked_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = DocumentNeed(operation.scope, body.text("customer"))
    return (DocumentNeed(operation.scope, operation.document), customer)


def _asked(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    template = giving_of(body.text("template"), situation.catalogue)
    customer = situation.answers.document(operation.scope, body.text("customer"))
    amount, role = body.number("amount"), body.text("approver_role")
    if template is None:
        return Decision((), held=Reason.of("unknown_template", template=body.text("template")))
    if customer is None or customer.type != "customer":
        return Decision((), held=Reason.of("unknown_customer", customer=body.text("customer")))
    if template.money is None or amount <= 0:
        return Refusal(Reason.of("malformed", detail="there is no amount to approve"))
    if role not in situation.catalogue.roles:
        return Refusal(Reason.of("malformed", detail=f"no role is called {role}"))
    commitment = body.maybe_text("commitment")
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "template": template.code,
        "catalogue": operation.catalogue,
        "name_zh": template.name.zh,
        "name_en": template.name.en,
        "customer": customer.id,
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        "amount": amount,
        "proposed": body.maybe_number("proposed"),
        "money": template.money.kind,
        "tier": situation.catalogue.tier_of(Customer(customer).card),
        "reason": body.text("reason"),
        "beyond": [code for code in body.items("beyond") if code in BEYOND],
        "approver_role": role,
        "wanted_role": role,
        "commitment": commitment,
        "asked_by": operation.actor,
        "asked_role": operation.role,
        "owner": operation.actor,
        "site": operation.site,
        "state": "open",
        "at": situation.at,
        "due": answer_due(situation.catalogue.rules.approvals, situation.at, commitment is not None),
        "moves": logged(None, operation, situation.at, "asked", text=body.text("reason")),
    }
    return Decision((change(operation, "approval", **fields),))


def _answer_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    commitment = body.maybe_text("commitment")
    named = [operation.document, commitment, body.maybe_text("customer")]
    return tuple(DocumentNeed(operation.scope, one) for one in named if one)


def _given(operation: Operation, body: Body, situation: Situation, approval: Document) -> Outcome:
    """Give an approval. What can't be checked is honoured and flagged; a second yes changes nothing."""
    data = approval.data
    if data.get("given_at") is not None:
        return Refusal(Reason.of("approval_state", state=data.get("state")))
    flags = _doubts(operation, situation, approval)
    fields: dict[str, Any] = {
        "state": "given",
        "approver": operation.actor,
        "approver_role": operation.role,
        "approver_site": operation.site,
        "given_at": situation.at,
        "waited_ms": max(0, situation.at - (data.get("at") or situation.at)),
        "due": situation.at + situation.catalogue.rules.approvals.use * MINUTE_MS,
        "doubts": [flag.code for flag in flags],
        **_signed(operation),
        "closed_at": None,
        "moves": logged(approval, operation, situation.at, "given", text=body.maybe_text("reason")),
    }
    promise = _waiting(body, situation, approval)
    if promise is None:
        return Decision((change(operation, "approval", **fields),), flags=_own(flags))
    fields |= {"state": "used", "used_by": promise.id, "used_at": situation.at}
    others = [one for one in promise.data["held_by"] if one != approval.id]
    marks = list(promise.data.get("flags") or ())
    let_go: dict[str, Any] = {
        "held_by": others,
        "waits": False,
        "approver": operation.actor,
        "moves": logged(promise, operation, situation.at, "approved", text=body.maybe_text("reason")),
    }
    if not others:
        let_go["state"] = promise.data.get("held_from") or "made"
    if flags:
        let_go["flags"] = marks + [flag.code for flag in flags if flag.code not in marks]
    also = Change(promise.scope, promise.id, "commitment", let_go, units_told(promise.data.get("department")))
    return Decision((change(operation, "approval", **fields), also), flags=_own(flags))


def _doubts(operation: Operation, situation: Situation, approval: Document) -> tuple[Reason, ...]:
    """Return why an approval that was given may not be one."""
    data, flags = approval.data, []
    state, due = data.get("state"), data.get("due")
    late = due is not None and situation.at > due and data.get("commitment") is None
    if late:
        flags.append(Reason.of("approval_lapsed", number=data.get("number")))
    elif state == "declined":
        flags.append(Reason.of("approval_state", state=state))
    if operation.actor == data.get("asked_by"):
        flags.append(Reason.of("own_approval", approver=operation.actor))
    template = giving_of(str(data.get("template")), situation.catalogue)
    tier: Tier = data.get("tier") or "standard"
    if template is None or not may_approve(
        template, operation.role, tier, data.get("amount") or 0, situation.catalogue
    ):
        flags.append(Reason.of("approval_insufficient", role=operation.role, approver=operation.actor))
    author = situation.answers.document(ORG, operation.actor)
    if author is not None and author.data.get("dismissed_at") is not None:
        flags.append(Reason.of("dismissed", actor=operation.actor))
    elif author is not None and author.data.get("role") != operation.role:
        flags.append(Reason.of("role_differs", role=operation.role, known=author.data.get("role")))
    if situation.proved is False:
        flags.append(Reason.of("pin_unproved", actor=operation.actor))
    return tuple(flags)


def _signed(operation: Operation) -> dict[str, Any]:
    """Return how the superior signed, where the operation says so: with his PIN at another desk, or at his own."""
    method = method_of(operation)
    return {"method": method} if method else {}


def _own(flags: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Leave out what is found about every author anyway."""
    return tuple(flag for flag in flags if flag.code not in ("dismissed", "role_differs", "pin_unproved"))


def _waiting(body: Body, situation: Situation, approval: Document) -> Document | None:
    """Return the promise that waits for an approval, if it still does."""
    wanted = body.maybe_text("commitment")
    if wanted is None or wanted != approval.data.get("commitment"):
        return None
    promise = situation.answers.document(approval.scope, wanted)
    if promise is None or promise.data.get("state") != "held":
        return None
    return promise if approval.id in (promise.data.get("held_by") or ()) else None


def _declined(operation: Operation, body: Body, situation: Situation, approval: Document) -> Outcome:
    """Decline an approval, or take one's own question back; a promise that waits for it ends, and its money with it."""
    data, reason = approval.data, body.text("reason")
    if data.get("state") != "open":
        return Refusal(Reason.of("approval_state", state=data.get("state")))
    role = situation.catalogue.roles.get(operation.role)
    if operation.actor != data.get("asked_by") and (role is None or not role.approves):
        return Refusal(Reason.of("approval_insufficient", role=operation.role, approver=operation.actor))
    own = change(
        operation,
        "approval",
        state="declined",
        approver=operation.actor,
        answer=reason,
        **_signed(operation),
        waited_ms=max(0, situation.at - (data.get("at") or situation.at)),
        closed_at=situation.at,
        moves=logged(approval, operation, situation.at, "declined", text=reason),
    )
    promise = _waiting(body, situation, approval)
    if promise is None:
        return Decision((own,))
    fields = {
        "state": "declined",
        "waits": False,
        "closed_at": situation.at,
        "moves": logged(promise, operation, situation.at, "declined", text=reason),
    }
    ends = Change(promise.scope, promise.id, "commitment", fields, units_told(promise.data.get("department")))
    money: tuple[MoneyFact, ...] = booked(promise.scope, promise.id, promise.data, -1)
    customer = situation.answers.document(operation.scope, str(data.get("customer")))
    blanks = {
        "number": str(promise.data.get("number") or ""),
        "promise": str(promise.data.get("name_zh") or ""),
        "reason": reason,
    }
    words = situation.catalogue.rules.approvals.declined
    return Decision((own, ends, *told(words, customer, promise, situation.at, "declined", blanks)), money)


def _lapsed(operation: Operation, body: Body, situation: Situation, approval: Document) -> Outcome:
    """Let an approval go that nobody answered, or nobody used."""
    rung, due = body.text("rung"), body.number("at")
    moves = logged(approval, operation, situation.at, "lapsed", rung=rung, due_at=due)
    rungs = done(approval, rung, situation.at)
    return Decision((change(operation, "approval", state="lapsed", closed_at=situation.at, rungs=rungs, moves=moves),))


KINDS = (
    Kind("approval.asked", 1, _asked_needs, _asked),
    Kind("approval.given", 1, _answer_needs, on_existing("approval", _given)),
    Kind("approval.declined", 1, _answer_needs, on_existing("approval", _declined)),
    Kind(LAPSED, 1, timed_needs, on_timer("approval", _lapsed), timed=True),
)
