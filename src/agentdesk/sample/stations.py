"""How sample tickets move: from station to station at a believable pace, and into every state that there is.

Each move is one that the rules allow, and stands in the ticket's list of moves as an operation would have put it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.tickets.states import expert_first
from agentdesk.domain.times.clocks import APPEAL, deadlines, station_due
from agentdesk.domain.times.timers import CENTRE, passed

if TYPE_CHECKING:
    from agentdesk.sample.pen import Pen

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

ENGINEER = {"name": "王工", "number": "+8617209005005"}
"""Who comes to mend a sample fault; his number is invented like the customers'."""

REPLIES = (
    "已更换光猫，测试正常，客户认可",
    "已修复线路，观察两小时无掉线",
    "已核实退费到账户，客户认可",
    "已向客户解释，客户认可",
)
STEPS = ("open", "dispatched", "accepted", "replied", "archived")
"""How far a sample ticket can have come."""

PACE: Mapping[str, tuple[int, ...]] = {
    "open": (),
    "dispatched": (60,),
    "accepted": (2, 8),
    "replied": (2, 8, 88),
    "archived": (2, 8, 60, 75, 76),
}
"""At which percent of the time so far each step was made; the last is the archive after the follow-up call."""

Fields = dict[str, Any]
Moves = list[dict[str, Any]]


def advance(pen: Pen, data: Fields, moves: Moves, until: str, department: str) -> None:
    """Move a ticket along its stations up to a state; the moves lie evenly inside its time, none in the future."""
    catalogue, at = pen.floor.catalogue, int(data["at"])
    last = STEPS.index(until)
    end = min(pen.now - MINUTE_MS, data["due"] or pen.now)
    handler = pen.floor.staff.handler(department) or pen.agent
    caller = pen.floor.staff.with_role("follow_up_caller")[0]
    pace = PACE[until]

    def when(step: int) -> int:
        return at + max(0, end - at) * pace[step - 1] // 100

    if last >= 1:
        if expert_first(data["symptom"], catalogue):
            _through_expert(pen, data, moves, when(1))
        moves.append(pen.move(when(1), "dispatched", pen.agent, station="department", department=department))
        data |= {"state": "dispatched", "station": "department", "department": department, "owner": None}
        data |= _laid(pen, data, "department_accept", when(1))
    if last >= 2:
        moves.append(pen.move(when(2), "accepted", handler, role="department_handler"))
        limit = station_due("department_reply", pen.tier, when(2), catalogue, data["due"])
        data |= {"state": "accepted", "owner": handler, "accepted_at": when(2)}
        data |= {**_laid(pen, data, "department_reply", when(2)), "station_due": limit}
        if data["kind"] == "fault":
            data["engineer"] = dict(ENGINEER)
    if last >= 3:
        reply, cause = pen.dice.pick(REPLIES), pen.cause(data["symptom"])
        minutes = pen.dice.between(10, 90)
        said = {"text": reply, "cause": cause, "minutes": minutes}
        moves.append(pen.move(when(3), "replied", handler, role="department_handler", **said))
        data |= {"state": "replied", "cause": cause, "minutes": minutes, "replied_at": when(3), "tries": 0}
        data |= {**_laid(pen, data, "follow_up", when(3)), "station": "follow_up"}
    if last >= 4:
        score = pen.dice.between(3, 5)
        asked = {"answer": "satisfied", "score": score}
        moves.append(pen.move(when(4), "followed_up", caller, role="follow_up_caller", **asked))
        moves.append(pen.move(when(5), "archived", caller, role="follow_up_caller"))
        data |= {
            "state": "archived",
            "station_due": None,
            "station_clock": None,
            "closed_at": when(5),
            "satisfaction": {**asked, "asked_by": caller, "at": when(4), "how": "phone"},
        }


def _through_expert(pen: Pen, data: Fields, moves: Moves, until: int) -> None:
    """Let an expert seat have a ticket first, and send it on."""
    expert = pen.floor.staff.with_role("expert")[0]
    at = int(data["at"])
    taken = at + (until - at) * 2 // 3
    moves.append(pen.move(at + (until - at) // 3, "dispatched", pen.agent, station="expert"))
    moves.append(pen.move(taken, "accepted", expert, role="expert"))
    minutes = (until - taken) // MINUTE_MS
    data["expert"] = {"by": expert, "accepted_at": taken, "done_at": until, "minutes": minutes}


def _laid(pen: Pen, data: Fields, clock: str, at: int) -> Fields:
    due = station_due(clock, pen.tier, at, pen.floor.catalogue, data["due"] if clock != "follow_up" else None)
    return {"station_clock": clock, "station_at": at, "station_due": due}


def climb(pen: Pen, data: Fields) -> None:
    """Let the centre's clock have told whom it had to tell until now."""
    ticket = Document(pen.customer.document.scope, "", "ticket", 0, data)
    for step in passed(ticket, pen.floor.catalogue, pen.now):
        what = step.kind.rpartition(".")[2]
        move = {"at": step.at, "what": what, "by": CENTRE, "role": CENTRE, "site": CENTRE, "rung": step.rung}
        data["moves"] = sorted([*data["moves"], {**move, "due_at": step.at}], key=lambda one: int(one["at"]))
        data |= {"rung": step.rung, "rungs": {**(data.get("rungs") or {}), step.rung: step.at}}


# what befalls a ticket that was written already


def fields(ticket: Document) -> Fields:
    """Return a sample ticket's fields, to be written on."""
    data = ticket.data
    assert isinstance(data, dict)
    return data


def _moved(pen: Pen, written: Document, at: int, what: str, by: str, role: str, **more: Any) -> Fields:
    data = fields(written)
    data["moves"] = [*data["moves"], pen.move(at, what, by, role=role, **more)]
    return data


def paused(pen: Pen, ticket: Document, reason: str, at: int, until: int, words: str) -> None:
    """Pause a ticket's clock."""
    handler = str(ticket.data.get("owner") or pen.agent)
    data = _moved(pen, ticket, at, "paused", handler, "department_handler", reason=reason, until=until, text=words)
    pause = {"reason": reason, "from": at, "until": until, "by": handler}
    data |= {"state": "paused", "paused_from": "accepted", "paused": pause}


def returned(pen: Pen, ticket: Document, at: int, words: str) -> None:
    """Return a ticket to the front seat."""
    handler = str(ticket.data.get("owner") or pen.agent)
    data = _moved(pen, ticket, at, "returned", handler, "department_handler", text=words)
    data |= {"state": "returned", "station": "front", "owner": pen.agent, "returns": 1}
    data |= _laid(pen, data, "resend", at)


def reopened(pen: Pen, ticket: Document, at: int, words: str) -> None:
    """Let the customer be unhappy with the answer."""
    caller = pen.floor.staff.with_role("follow_up_caller")[0]
    data = _moved(pen, ticket, at, "followed_up", caller, "follow_up_caller", answer="unsatisfied", score=2, text=words)
    asked = {"answer": "unsatisfied", "score": 2, "asked_by": caller, "at": at, "how": "phone"}
    clock = pen.floor.catalogue.tickets.get("complaint.escalated" if data["kind"] == "complaint" else data["kind"])
    found = deadlines(clock, pen.tier, at, pen.floor.catalogue)
    data |= {"state": "reopened", "station": "front", "owner": pen.agent, "level": data["level"] + 1}
    data |= {"satisfaction": asked, "clock_at": at, "clock_from": at, "rung": None, "rungs": {}, "department": None}
    if clock is not None and found.policy is not None:
        data |= {
            "clock": clock.kind,
            "policy_due": found.policy,
            "due": min(found.policy, data["law_due"] or found.policy),
        }
    data |= _laid(pen, data, "resend", at)


def at_expert(pen: Pen, ticket: Document, at: int) -> None:
    """Leave a ticket with the expert seat."""
    expert = pen.floor.staff.with_role("expert")[0]
    data = _moved(pen, ticket, at, "dispatched", pen.agent, "agent", station="expert")
    data["moves"] = [*data["moves"], pen.move(at + 3 * MINUTE_MS, "accepted", expert, role="expert")]
    data |= {"state": "accepted", "station": "expert", "owner": expert}
    data["expert"] = {"by": expert, "accepted_at": at + 3 * MINUTE_MS}
    data |= _laid(pen, data, "expert", at)


def repeats(pen: Pen, ticket: Document, before: Document) -> None:
    """Let a ticket repeat one that was closed."""
    data, old = fields(ticket), fields(before)
    handler = next((move["by"] for move in reversed(old["moves"]) if move["what"] == "replied"), old["owner"])
    data |= {"repeat_of": before.id, "repeats": 1, "previous_handler": handler}
    at, by = int(data["at"]), pen.agent
    data["links"] = [_link(before, "repeat", at, by)]
    old["links"] = [_link(ticket, "repeated", at, by)]


def _link(other: Document, relation: str, at: int, by: str) -> Fields:
    number, title = other.data["number"], other.data["title"]
    return {"ticket": other.id, "number": number, "title": title, "relation": relation, "by": by, "at": at}


def appealed(pen: Pen, ticket: Document) -> None:
    """Let a complaint have come from the regulator: the highest clock."""
    data = fields(ticket)
    clock = pen.floor.catalogue.tickets.get(APPEAL)
    found = deadlines(clock, pen.tier, int(data["at"]), pen.floor.catalogue)
    data |= {"origin": APPEAL, "clock": APPEAL, "law_due": found.law, "policy_due": found.policy, "due": found.due}


def merged(pen: Pen, ticket: Document, into: Document, at: int) -> None:
    """Merge a ticket into another one of the same customer."""
    there = fields(into)
    data = _moved(pen, ticket, at, "merged", pen.agent, "agent", number=there["number"], ticket=into.id)
    dues = ("due", "policy_due", "law_due")
    brought = {
        "ticket": ticket.id,
        "number": data["number"],
        "title": data["title"],
        "at": at,
        "by": pen.agent,
        "chases": data["chases"],
        "level": data["level"],
        **{name: data.get(name) for name in dues},
    }
    own = {"level": there["level"], **{name: there.get(name) for name in dues}}
    data |= {"state": "merged", "merged_from": data["state"], "merged_into": into.id, "merged_at": at}
    data["merged_number"] = there["number"]
    _moved(pen, into, at, "merged_here", pen.agent, "agent", number=data["number"], ticket=ticket.id)
    there |= {"merged": [brought], "own": own, "chases": there["chases"] + data["chases"]}
    for name in dues:
        ends = [one[name] for one in (own, brought) if one.get(name) is not None]
        there[name] = min(ends, default=None)
