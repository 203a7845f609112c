"""Checks: what is given first is looked into afterwards (先退费后核查), and credit that isn't repaid is collected.

A check is made by what it is about, under an id that derives from it, with a clock and a department of its own. Its
result books the cost to who caused it, a department of ours or a provider. It never claws anything back: what the
customer was given stays his, and one who claimed wrongly is marked, no more (seeds 000).
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, MoneyFact, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import change, logged, on_existing
from agentdesk.domain.kinds._money import moved
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.calendar import due
from agentdesk.domain.times.clocks import clock_of
from agentdesk.domain.times.zone import DAY_MS

RESULTS = frozenset({"confirmed", "unfounded", "provider"})
"""What a verification brings: our fault, no fault at all, or that of a provider (SP)."""

CLOCK = "verification"
VERIFICATION, COLLECTION, KEPT_IN_TIME = "verification", "collection", "kept_in_time"
ENDINGS = {VERIFICATION: "check", COLLECTION: "collect", KEPT_IN_TIME: "review"}
"""How the id of a check ends, by its purpose."""


def check_id(document: str, purpose: str = VERIFICATION) -> str:
    """Return the id of the check that a promise or remedy makes."""
    return f"{document}.{ENDINGS[purpose]}"


def check_of(operation: Operation, about: Change, situation: Situation, purpose: str = VERIFICATION) -> Change:
    """Return the check that is made with a promise or remedy, `about`, as it is written in the same decision."""
    return check_on(operation, operation.document, about.type, about.fields, situation, purpose)


def check_on(
    operation: Operation, about: str, type_: str, data: Any, situation: Situation, purpose: str = VERIFICATION
) -> Change:
    """Return the check on a promise or remedy that has these fields."""
    clock = clock_of(CLOCK, None, situation.catalogue)
    at = situation.at
    until = due(clock.limits["standard"], situation.catalogue.calendars, at) if clock else at + 7 * DAY_MS
    unit = data.get("department")
    fields = {
        "purpose": purpose,
        "about": about,
        "about_type": type_,
        "about_number": data.get("number"),
        "customer": data.get("customer"),
        "subscription": data.get("subscription"),
        "name_zh": data.get("name_zh"),
        "name_en": data.get("name_en"),
        "amount": data.get("amount") or 0,
        "money": data.get("money"),
        "department": unit,
        "owner": None,
        "state": "open",
        "at": at,
        "due": until,
        "moves": logged(None, operation, at, "opened"),
    }
    told = (f"department/{unit}",) if unit else ()
    return Change(operation.scope, check_id(about, purpose), "check", fields, told)


def ended_with(operation: Operation, about: Document, situation: Situation, why: str) -> tuple[Change, ...]:
    """Return how the check of a promise or remedy ends with it; its id must be among what was asked for."""
    check = situation.answers.document(about.scope, check_id(about.id))
    if check is None or check.data.get("state") != "open":
        return ()
    moves = logged(check, operation, situation.at, "closed", text=why)
    fields = {"state": "closed", "result": "moot", "closed_at": situation.at, "moves": moves}
    return (Change(check.scope, check.id, "check", fields, _told(check)),)


def _told(check: Document) -> tuple[str, ...]:
    unit = check.data.get("department")
    return (f"department/{unit}",) if unit else ()


def _closed_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (DocumentNeed(operation.scope, operation.document), DocumentNeed(operation.scope, body.text("about")))


def _closed(operation: Operation, body: Body, situation: Situation, check: Document) -> Outcome:
    """Close a verification: its cost goes to who caused it, and the customer keeps what he has."""
    data = check.data
    if data.get("state") != "open":
        return Refusal(Reason.of("check_closed"))
    if body.text("about") != data.get("about"):
        return Refusal(Reason.of("malformed", detail="name what the check is about"))
    result, text, against = body.text("result"), body.text("text"), body.maybe_text("against")
    if data.get("purpose") == COLLECTION:
        return Refusal(Reason.of("collects_only"))
    if result not in RESULTS or (data.get("purpose") == KEPT_IN_TIME and result == "unfounded"):
        # nobody claimed what came by itself, so nobody claimed it wrongly
        return Refusal(Reason.of("malformed", detail=f"unknown result {result}"))
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    about = situation.answers.document(operation.scope, body.text("about"))
    if about is None:
        return Decision((), held=Reason.of("unknown_document", document=body.text("about")))
    unit: str | None = None
    if result == "provider":
        if not against or not against.strip():
            return Refusal(Reason.of("names_nobody"))
        unit = f"provider:{against.strip()}"
    elif result == "confirmed" and against is not None:
        if against not in situation.catalogue.departments:
            return Refusal(Reason.of("unknown_department", department=against))
        unit = against
    moves = logged(check, operation, situation.at, "closed", text=text, result=result, department=against)
    fields = {"state": "closed", "result": result, "against": against, "closed_at": situation.at, "moves": moves}
    closed = change(operation, "check", _told(check), **fields)
    pays = about.data.get("booked") or about.data.get("department")
    marks: dict[str, Any] = {
        "check_result": result,
        "moves": logged(about, operation, situation.at, "checked", text=text, result=result, department=unit),
    }
    money: tuple[MoneyFact, ...] = ()
    if unit is not None and unit != pays and about.data.get("state") not in ("voided", "withdrawn"):
        marks |= {"booked": unit, "booked_before": pays}
        money = moved(about.scope, about.id, about.data, unit)
    return Decision((closed, Change(about.scope, about.id, about.type, marks, _told(check))), money)


KINDS = (Kind("check.closed", 1, _closed_needs, on_existing("check", _closed)),)
