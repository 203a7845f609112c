"""Management tickets (管理工单): opened with all six haves, over tickets of a common cause, closed when all are solved.

The solution is one operation over all of them: each ticket inherits it as its reply, and keeps its own follow-up call.
An operation names the tickets that its author saw; what joined meanwhile is named, not silently left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, MalformedBody, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document, is_open
from agentdesk.domain.kinds._common import change, exists, logged, on_existing, own_document
from agentdesk.domain.kinds._people import not_allowed
from agentdesk.domain.kinds.tickets.states import laid, tier_of
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.clocks import station_due
from agentdesk.domain.work.management import SIX_HAVES, measures_left, missing, unsolved

MOST_TICKETS = 500
"""Tickets that one operation may name."""

STATES: Mapping[str, frozenset[str]] = {
    "joined": frozenset({"open", "reopened", "solved"}),
    "left": frozenset({"open", "reopened", "solved"}),
    "measured": frozenset({"open", "reopened", "solved"}),
    "solved": frozenset({"open", "reopened", "solved"}),
    "closed": frozenset({"solved"}),
}
"""In which states each move is made; it is reopened in any."""

ANSWERED = frozenset({"replied", "followed_up"})
"""States of an open ticket that has its reply already."""


def _ids(body: Body) -> tuple[str, ...]:
    found = body.items("tickets")
    if len(found) > MOST_TICKETS or not all(isinstance(one, str) and one for one in found):
        raise MalformedBody(f"tickets is a list of at most {MOST_TICKETS} ids")
    return tuple(dict.fromkeys(found))


def _with_tickets(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need the management ticket, and the tickets that its author saw."""
    return DocumentNeed(operation.scope, operation.document), *(
        DocumentNeed(operation.scope, ticket) for ticket in _ids(body)
    )


def _tickets(operation: Operation, situation: Situation, ids: Iterable[str]) -> tuple[list[Document], list[str]]:
    """Return the tickets of some ids, and the ids of which none is known."""
    found, unknown = [], []
    for ticket_id in ids:
        ticket = situation.answers.document(operation.scope, ticket_id)
        if ticket is None or ticket.type != "ticket":
            unknown.append(ticket_id)
        else:
            found.append(ticket)
    return found, unknown


def _illegal(move: str, document: Document) -> Refusal | None:
    state = document.data.get("state")
    return None if state in STATES[move] else Refusal(Reason.of("management_state", state=state, move=move))


def _refused(move: str, operation: Operation, situation: Situation, document: Document) -> Refusal | None:
    return _illegal(move, document) or not_allowed(operation, situation.catalogue.rules.group.manages, situation)


def _audience(document: Mapping[str, Any]) -> tuple[str, ...]:
    unit = document.get("department")
    return (f"department/{unit}",) if unit else ()


def _measure(item: object, operation: Operation, place: int) -> dict[str, Any]:
    one = Body(item if isinstance(item, dict) else {})
    text, owner = one.text("text").strip(), one.text("owner").strip()
    if not text or not owner:
        raise MalformedBody("a measure says what, and by whom")
    return {"id": f"{operation.id}.{place}", "text": text, "owner": owner, "due": one.number("due")}


def _opened(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Open one over tickets; without all six haves it isn't opened, and those that are missing are named."""
    refused = exists(operation, situation) or not_allowed(operation, situation.catalogue.rules.group.manages, situation)
    if refused:
        return refused
    six = dict(body.mapping("six"))
    lacks = missing(six)
    if lacks:
        return Refusal(Reason.of("six_haves_missing", missing=list(lacks)))
    if isinstance(six["measures"], str):
        raise MalformedBody("measures is a list")
    department = body.text("department")
    if department not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=department))
    tickets, unknown = _tickets(operation, situation, _ids(body))
    if unknown:
        return Decision((), held=Reason.of("unknown_document", document=unknown[0]))
    refused = _elsewhere(operation.document, tickets)
    if refused:
        return refused
    measures = [_measure(item, operation, place) for place, item in enumerate(Body(six).items("measures"), 1)]
    texts = Body(six)
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "title": body.text("title"),
        "class": body.maybe_text("class"),
        "cause": body.maybe_text("cause"),
        "place": body.maybe_text("place"),
        "department": department,
        **{name: texts.text(name).strip() for name in SIX_HAVES if name not in ("measures", "time_limit")},
        "measures": measures,
        "due": texts.number("time_limit"),
        "tickets": [ticket.id for ticket in tickets],
        "unreplied": [],
        "owner": operation.actor,
        "responsible": texts.text("owner").strip(),
        "state": "open",
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "opened", tickets=[ticket.id for ticket in tickets] or None),
    }
    # `owner` is whose work it is at the desk; who answers for it by name stands in `responsible`
    own = change(operation, "management", _audience(fields), **fields)
    return Decision((own, *(_join(ticket, operation, situation, fields) for ticket in tickets)))


def _elsewhere(document: str, tickets: Iterable[Document]) -> Refusal | None:
    """Refuse tickets that belong to another one: a ticket has one common cause."""
    for ticket in tickets:
        if ticket.data.get("management") not in (None, document):
            other = ticket.data.get("management_number")
            return Refusal(Reason.of("joined_elsewhere", number=ticket.data.get("number"), other=other))
    return None


def _join(ticket: Document, operation: Operation, situation: Situation, over: Mapping[str, Any]) -> Change:
    fields = {
        "management": operation.document,
        "management_number": over.get("number"),
        "management_title": over.get("title"),
        "moves": logged(ticket, operation, situation.at, "joined", management=over.get("number")),
    }
    return Change(ticket.scope, ticket.id, "ticket", fields, _audience(ticket.data))


def _answer(
    ticket: Document, operation: Operation, situation: Situation, over: Mapping[str, Any], joins: bool = False
) -> Change:
    """Return what a ticket gets by the common solution: its reply, unless it has one; the follow-up call stays its own.

    A ticket that is over keeps its state: the answer is beside it.
    """
    fields: dict[str, Any] = {"common_answer": over.get("solution")}
    if joins:
        fields |= {
            "management": operation.document,
            "management_number": over.get("number"),
            "management_title": over.get("title"),
        }
    if is_open(ticket) and ticket.data.get("state") not in ANSWERED:
        fields |= {
            "replied_at": situation.at,
            "tries": 0,
            "rung": None,
            "rungs": {},
            "cause": over.get("cause") or ticket.data.get("cause"),
            **laid("follow_up", ticket, situation),
            "state": "replied",
            "station": "follow_up",
            "station_due": station_due("follow_up", tier_of(ticket), situation.at, situation.catalogue),
        }
        pause = ticket.data.get("paused")
        if pause:
            # what it waited for is answered: the pause ends with it, and its deadline is met or missed as it stands
            ended = {**pause, "to": min(situation.at, int(pause.get("until") or situation.at))}
            fields |= {"paused": None, "paused_from": None, "pauses": [*(ticket.data.get("pauses") or ()), ended]}
    what = "replied" if "state" in fields else "answered"
    fields["moves"] = logged(
        ticket, operation, situation.at, what, text=over.get("solution"), management=over.get("number")
    )
    return Change(ticket.scope, ticket.id, "ticket", fields, _audience(ticket.data))


def _joined(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Join tickets; those that join after the solution inherit it at once."""
    refused = _refused("joined", operation, situation, document)
    if refused:
        return refused
    tickets, unknown = _tickets(operation, situation, _ids(body))
    if unknown:
        return Decision((), held=Reason.of("unknown_document", document=unknown[0]))
    there = list(document.data.get("tickets") or ())
    new = [ticket for ticket in tickets if ticket.id not in there]
    refused = _elsewhere(operation.document, new)
    if refused:
        return refused
    if not new:
        return Refusal(Reason.of("joined_already"))
    solved = document.data.get("state") == "solved"
    children = tuple(
        _answer(ticket, operation, situation, document.data, joins=True)
        if solved
        else _join(ticket, operation, situation, document.data)
        for ticket in new
    )
    ids = [ticket.id for ticket in new]
    moves = logged(document, operation, situation.at, "joined", tickets=ids)
    own = change(operation, "management", _audience(document.data), tickets=[*there, *ids], moves=moves)
    return Decision((own, *children))


def _left(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Let tickets go that turned out to have another cause; a reply that they inherited stays what it was."""
    refused = _refused("left", operation, situation, document)
    if refused:
        return refused
    named = _ids(body)
    if not named:
        raise MalformedBody("tickets are missing")
    ids = [ticket for ticket in named if ticket in (document.data.get("tickets") or ())]
    if not ids:
        return Refusal(Reason.of("not_joined"))
    tickets, _ = _tickets(operation, situation, ids)
    children = tuple(
        Change(
            ticket.scope,
            ticket.id,
            "ticket",
            {
                "management": None,
                "management_number": None,
                "management_title": None,
                "moves": logged(ticket, operation, situation.at, "left", management=document.data.get("number")),
            },
            _audience(ticket.data),
        )
        for ticket in tickets
        if ticket.data.get("management") == document.id
    )
    stay = [ticket for ticket in document.data.get("tickets") or () if ticket not in ids]
    late = [ticket for ticket in document.data.get("unreplied") or () if ticket not in ids]
    moves = logged(document, operation, situation.at, "left", tickets=ids, text=body.maybe_text("reason"))
    own = change(operation, "management", _audience(document.data), tickets=stay, unreplied=late, moves=moves)
    return Decision((own, *children))


def _measured(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Add measures, each with its owner and time limit, or mark one as done."""
    refused = _refused("measured", operation, situation, document)
    if refused:
        return refused
    measures = [dict(one) for one in document.data.get("measures") or ()]
    added = [_measure(item, operation, place) for place, item in enumerate(body.items("add"), 1)]
    done = body.maybe_text("done")
    if done is not None:
        one = next((m for m in measures if m["id"] == done), None)
        if one is None or one.get("done_at"):
            return Refusal(Reason.of("measure_done"))
        one |= {"done_at": situation.at, "done_by": operation.actor, "result": body.maybe_text("text")}
    if not added and done is None:
        return Refusal(Reason.of("malformed", detail="no measure is given"))
    moves = logged(document, operation, situation.at, "measured", done=done, text=body.maybe_text("text"))
    fields = {"measures": [*measures, *added], "moves": moves}
    return Decision((change(operation, "management", _audience(document.data), **fields),))


def _solved(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Solve it: every joined ticket that the author saw inherits the solution as its reply.

    What joined meanwhile stands in `unreplied`, and the operation is flagged: solving again answers those, too.
    """
    refused = _refused("solved", operation, situation, document)
    if refused:
        return refused
    solution = body.text("solution").strip()
    if not solution:
        return Refusal(Reason.of("empty_note"))
    there = tuple(document.data.get("tickets") or ())
    again = document.data.get("state") == "solved"
    owed = tuple(document.data.get("unreplied") or ()) if again else there
    if again and not owed:
        return Refusal(Reason.of("management_state", state="solved", move="solved"))
    seen = set(_ids(body))
    tickets, _ = _tickets(operation, situation, (ticket for ticket in owed if ticket in seen))
    answered = {ticket.id for ticket in tickets}
    late = [ticket for ticket in owed if ticket not in answered]
    over = {**document.data, "solution": solution, "cause": body.maybe_text("cause") or document.data.get("cause")}
    children = tuple(_answer(ticket, operation, situation, over) for ticket in tickets)
    moves = logged(document, operation, situation.at, "solved", text=solution, minutes=body.maybe_number("minutes"))
    own = change(
        operation,
        "management",
        _audience(document.data),
        state="solved",
        solution=solution,
        cause=over["cause"],
        solved_at=document.data.get("solved_at") if again else situation.at,
        unreplied=late,
        moves=moves,
    )
    flags = (Reason.of("joined_meanwhile", tickets=late, n=len(late)),) if late else ()
    return Decision((own, *children), flags=flags)


def _closed(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Close it: only when every ticket was followed up as solved and every measure is done (C4, C5)."""
    refused = _refused("closed", operation, situation, document)
    if refused:
        return refused
    measures = measures_left(document.data.get("measures") or ())
    if measures:
        return Refusal(Reason.of("measures_open", n=len(measures), measures=[one["text"] for one in measures[:3]]))
    seen = set(_ids(body))
    there = tuple(document.data.get("tickets") or ())
    tickets, unknown = _tickets(operation, situation, (ticket for ticket in there if ticket in seen))
    unknown += [ticket for ticket in there if ticket not in seen]
    waiting = unsolved(tickets)
    if waiting or unknown:
        names = [str(ticket.data.get("number") or ticket.id) for ticket in waiting]
        return Refusal(Reason.of("children_open", n=len(waiting) + len(unknown), numbers=[*names, *unknown][:5]))
    moves = logged(document, operation, situation.at, "closed", text=body.maybe_text("text"))
    fields = {"state": "closed", "closed_at": situation.at, "moves": moves}
    return Decision((change(operation, "management", _audience(document.data), **fields),))


def _reopened(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Reopen it: one of its customers isn't content with the common solution; anybody who hears that may."""
    unhappy = [*(document.data.get("unhappy") or ()), body.text("ticket")]
    moves = logged(
        document, operation, situation.at, "reopened", ticket=body.text("ticket"), text=body.maybe_text("reason")
    )
    fields: dict[str, Any] = {"unhappy": list(dict.fromkeys(unhappy)), "moves": moves}
    if document.data.get("state") in ("solved", "closed"):
        fields |= {"state": "reopened", "closed_at": None}
    return Decision((change(operation, "management", _audience(document.data), **fields),))


KINDS = (
    Kind("management.opened", 1, _with_tickets, _opened),
    Kind("management.joined", 1, _with_tickets, on_existing("management", _joined)),
    Kind("management.left", 1, _with_tickets, on_existing("management", _left)),
    Kind("management.measured", 1, own_document, on_existing("management", _measured)),
    Kind("management.solved", 1, _with_tickets, on_existing("management", _solved)),
    Kind("management.closed", 1, _with_tickets, on_existing("management", _closed)),
    Kind("management.reopened", 1, own_document, on_existing("management", _reopened)),
)
