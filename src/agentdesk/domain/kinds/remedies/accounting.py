"""Who pays (赔偿责任倒追): the cost of a remedy or a promise moves to the unit that caused it, which may object.

A move is two lines of the ledger whose sum is nothing. A unit that objects is heard by a manager: where he agrees the
cost goes back, or to the unit that he names. Nothing of this ever touches what the customer was given.
"""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.kinds._money import moved, units
from agentdesk.domain.operation import Operation

HANDLER = "department_handler"
VOID = frozenset({"voided", "withdrawn"})


def _pays(document: Document) -> str:
    return str(document.data.get("booked") or document.data.get("department") or "")


def _approves(operation: Operation, situation: Situation) -> bool:
    role = situation.catalogue.roles.get(operation.role)
    return role is not None and role.approves


def _nothing_booked(document: Document) -> Refusal | None:
    data = document.data
    if data.get("money") is None or not data.get("amount") or data.get("state") in VOID:
        return Refusal(Reason.of("nothing_booked"))
    return None


def _rebooked(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Move a cost to the unit that caused it; superiors and departments' handlers may."""
    refused = _nothing_booked(document)
    if refused:
        return refused
    to, reason, pays = body.text("department"), body.text("reason"), _pays(document)
    if not (_approves(operation, situation) or operation.role == HANDLER):
        return Refusal(Reason.of("superior_only"))
    if to not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=to))
    if not reason.strip():
        return Refusal(Reason.of("empty_note"))
    if to == pays:
        return Refusal(Reason.of("same_unit", department=to))
    moves = logged(document, operation, situation.at, "rebooked", department=to, text=reason, before=pays)
    told = (*units(document.data), f"department/{to}")
    fields = {"booked": to, "booked_before": pays, "objection": None, "moves": moves}
    changed = change(operation, document.type, tuple(dict.fromkeys(told)), **fields)
    return Decision((changed,), moved(document.scope, document.id, document.data, to))


def _objected(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Object to a cost, for the unit that it is booked to; a manager decides."""
    refused = _nothing_booked(document)
    if refused:
        return refused
    unit, reason, pays = body.text("department"), body.text("reason"), _pays(document)
    if not reason.strip():
        return Refusal(Reason.of("empty_note"))
    if unit != pays:
        return Refusal(Reason.of("booked_elsewhere", department=pays))
    if (document.data.get("objection") or {}).get("state") == "open":
        return Refusal(Reason.of("objected_already"))
    objection = {"state": "open", "by": operation.actor, "department": unit, "reason": reason, "at": situation.at}
    moves = logged(document, operation, situation.at, "objected", department=unit, text=reason)
    changed = change(operation, document.type, units(document.data), objection=objection, moves=moves)
    return Decision((changed,))


def _judged(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Decide an objection: upheld, the cost goes to the unit that is named, or back to who paid before."""
    objection = document.data.get("objection") or {}
    if objection.get("state") != "open":
        return Refusal(Reason.of("no_objection"))
    if not _approves(operation, situation):
        return Refusal(Reason.of("superior_only"))
    upheld, text = body.flag("upheld"), body.text("text")
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    to = body.maybe_text("department") or document.data.get("booked_before") or document.data.get("department")
    if upheld and to not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=to))
    answer = {**objection, "state": "upheld" if upheld else "dismissed", "judged_by": operation.actor, "text": text}
    moves = logged(
        document, operation, situation.at, "judged", text=text, department=to if upheld else None, upheld=upheld
    )
    pays = _pays(document)
    moves_money = upheld and to is not None and to != pays
    booking = {"booked": to, "booked_before": pays} if moves_money else {}
    told = (*units(document.data), *((f"department/{to}",) if moves_money else ()))
    changed = change(operation, document.type, tuple(dict.fromkeys(told)), **booking, objection=answer, moves=moves)
    money = moved(document.scope, document.id, document.data, str(to)) if moves_money else ()
    return Decision((changed,), money)


KINDS = tuple(
    Kind(f"{type_}.{name}", 1, own_document, on_existing(type_, rule))
    for type_ in ("remedy", "commitment")
    for name, rule in (("rebooked", _rebooked), ("objected", _objected), ("judged", _judged))
)
