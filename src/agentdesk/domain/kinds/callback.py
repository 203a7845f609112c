"""Call-backs (热线遇忙回电): opened by the site itself, tried by agents, closed when somebody was reached or after the
last try; and ringing back who dropped out of a dialog (掉线回拨).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import SITE_ROLE, Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing, own_document
from agentdesk.domain.kinds._handing import handed, handed_needs
from agentdesk.domain.kinds._timed import on_timer
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import done
from agentdesk.domain.work.callbacks import CALLER, LATE, RESULTS, caller_key, due_of, next_try, seen_lately
from agentdesk.domain.work.notices import is_mobile, said_time, worded

DEPARTMENT = "customer_service"
"""Who calls back: the hotline itself."""

TOLD = (f"department/{DEPARTMENT}",)


def _opened_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.maybe_text("customer")
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, caller_key(body.text("caller"))),
        *((DocumentNeed(operation.scope, customer),) if customer else ()),
    )


def _opened(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Open a call-back; one that another site opened for the same call takes it in."""
    refused = exists(operation, situation)
    if refused:
        return refused
    if operation.role != SITE_ROLE or operation.actor != operation.site:
        return Refusal(Reason.of("malformed", detail="only a site sees who gave up waiting"))
    caller, at, catalogue = body.text("caller"), situation.at, situation.catalogue
    sighting = {"site": operation.site, "at": at, "call": body.maybe_text("call"), "op": operation.id}
    known = situation.answers.document(operation.scope, caller_key(caller))
    seen = list(known.data.get("seen") or ())[-20:] if known is not None else []
    if seen_lately(known, at, catalogue):
        return Decision((Change(operation.scope, caller_key(caller), CALLER, {"seen": [*seen, sighting]}),))
    document = situation.answers.document(operation.scope, body.maybe_text("customer") or "")
    customer = Customer(document) if document is not None and document.type == "customer" else None
    tier = catalogue.tier_of(customer.card) if customer else "standard"
    due, number = due_of(at, tier, catalogue), body.text("number")
    fields: dict[str, Any] = {
        "number": number,
        "caller": caller,
        "customer": body.maybe_text("customer"),
        "subscription": body.maybe_text("subscription"),
        "waited_s": body.number("waited_s"),
        "queue": body.maybe_text("queue"),
        "ivr_path": body.maybe_text("ivr_path"),
        "call": body.maybe_text("call"),
        "tier": tier,
        "state": "open",
        "level": 0,
        "department": DEPARTMENT,
        "owner": None,
        "site": operation.site,
        "due": due,
        "promised": due,
        "tries": [],
        "at": at,
        "moves": logged(None, operation, at, "opened", waited_s=body.number("waited_s")),
    }
    pointer = {"callback": operation.document, "at": at, "caller": caller, "seen": [*seen, sighting]}
    made = [
        change(operation, "callback", TOLD, **fields),
        Change(operation.scope, caller_key(caller), CALLER, pointer),
    ]
    code = "call_back" if due - at <= 2 * 3_600_000 else "call_back_morning"
    return Decision((*made, *_text(operation, situation, code, fields, "sms")))


def _text(
    operation: Operation, situation: Situation, code: str, data: Mapping[str, Any], suffix: str
) -> tuple[Change, ...]:
    """Return the text to the number that called, if it can be written to."""
    to = data.get("caller")
    if not is_mobile(to):
        return ()
    number, due = str(data.get("number") or ""), data.get("due")
    blanks = {"number": number, "due": said_time(due, "zh") if due else ""}
    queued = worded(
        situation.catalogue,
        code,
        operation.scope,
        operation.document,
        str(to),
        situation.at,
        suffix=suffix,
        blanks=blanks,
        customer=data.get("customer"),
        number=number,
    )
    return (queued,) if queued is not None else ()


def _open(call_back: Document, move: str) -> Refusal | None:
    state = call_back.data.get("state")
    return None if state == "open" else Refusal(Reason.of("callback_state", state=state, move=move))


def _taken(operation: Operation, _body: Body, situation: Situation, call_back: Document) -> Outcome:
    """Take a call-back on: others see who dials; nobody is kept from it."""
    refused = _open(call_back, "taken")
    if refused:
        return refused
    moves = logged(call_back, operation, situation.at, "taken")
    return Decision((change(operation, "callback", owner=operation.actor, taken_at=situation.at, moves=moves),))


def _tried(operation: Operation, body: Body, situation: Situation, call_back: Document) -> Outcome:
    """Note a try: who wasn't reached is tried again by the policy's plan, then written to and closed as not reached."""
    result = body.text("result")
    if result not in RESULTS:
        return Refusal(Reason.of("malformed", detail=f"unknown result {result}"))
    refused = _open(call_back, "tried")
    if refused:
        return refused
    data, at = call_back.data, situation.at
    tries = [*(data.get("tries") or ()), {"at": at, "result": result, "by": operation.actor, "op": operation.id}]
    moves = logged(call_back, operation, at, "tried", result=result, text=body.maybe_text("text"))
    fields: dict[str, Any] = {"tries": tries, "moves": moves, "owner": operation.actor}
    if result in ("reached", "refused"):
        ended = {"state": "done", "result": result, "due": None, "closed_at": at, "contact": body.maybe_text("contact")}
        return Decision((change(operation, "callback", TOLD, **fields, **ended),))
    following = next_try(tries[0]["at"], len(tries), at, situation.catalogue)
    if following is not None:
        return Decision((change(operation, "callback", TOLD, **fields, due=following),))
    over = change(operation, "callback", TOLD, **fields, state="unreached", due=None, closed_at=at)
    return Decision((over, *_text(operation, situation, "call_back_unreached", data, "unreached")))


def _closed(operation: Operation, body: Body, situation: Situation, call_back: Document) -> Outcome:
    """Close what needs no call any more: he called again and was served, say; the reason stays."""
    refused = _open(call_back, "done")
    if refused:
        return refused
    moves = logged(call_back, operation, situation.at, "done", text=body.text("reason"))
    fields = {"state": "done", "result": "closed", "due": None, "closed_at": situation.at}
    return Decision((change(operation, "callback", TOLD, **fields, moves=moves),))


def _late(operation: Operation, body: Body, situation: Situation, call_back: Document) -> Outcome:
    rung = body.text("rung")
    moves = logged(call_back, operation, situation.at, "late", rung=rung, due_at=body.number("at"))
    fields = {
        "level": (call_back.data.get("level") or 0) + 1,
        "told": "team_leader",
        "late": True,
        "rungs": done(call_back, rung, situation.at),
    }
    return Decision((change(operation, "callback", TOLD, **fields, moves=moves),))


def _rung_back(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    """Note that the agent rang back who dropped out: `at` is the site's wall clock, as the contact's moments are."""
    result = body.text("result")
    if result not in RESULTS:
        return Refusal(Reason.of("malformed", detail=f"unknown result {result}"))
    tries = [
        *(contact.data.get("rung_back") or ()),
        {"at": body.number("at"), "result": result, "by": operation.actor, "op": operation.id},
    ]
    moves = logged(contact, operation, situation.at, "rung_back", result=result)
    return Decision((change(operation, "contact", rung_back=tries, moves=moves),))


KINDS = (
    Kind("callback.opened", 1, _opened_needs, _opened),
    Kind("callback.taken", 1, own_document, on_existing("callback", _taken)),
    Kind("callback.tried", 1, own_document, on_existing("callback", _tried)),
    Kind("callback.handed_over", 1, handed_needs, on_existing("callback", handed)),
    Kind("callback.done", 1, own_document, on_existing("callback", _closed)),
    Kind(LATE, 1, own_document, on_timer("callback", _late), timed=True),
    Kind("contact.rung_back", 1, own_document, on_existing("contact", _rung_back)),
)
