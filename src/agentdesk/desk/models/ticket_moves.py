"""What can be done with a ticket now, the likeliest first: its key, its operation, its word, what it asks for."""

from __future__ import annotations

from dataclasses import replace

from agentdesk.desk.i18n import N_
from agentdesk.desk.models.tickets import Move
from agentdesk.domain.documents import OPEN_TICKET_STATES, Document
from agentdesk.domain.kinds.tickets import MOVES
from agentdesk.domain.kinds.tickets.judging import JUDGED_FROM
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.work.ladder import RUNNING

ALL = (
    Move("a", "accepted", N_("accept"), N_("who goes there, and the number to ring; nothing where nobody does")),
    Move("d", "dispatched", N_("dispatch"), N_("what they should know, if anything")),
    Move("i", "answered", N_("answered in the call"), N_("what the customer was told")),
    Move("p", "replied", N_("reply"), N_("minutes of work, then the reply")),
    Move("c", "followed_up", N_("follow-up call"), N_("score 1 to 5, and words if there are any")),
    Move("z", "archived", N_("archive"), ""),
    Move("h", "resumed", N_("go on"), ""),
    Move("u", "chased", N_("chase"), ""),
    Move("s", "supplemented", N_("add to it"), N_("what the customer adds")),
    Move("n", "noted", N_("note"), N_("a note, or: stage; who comes; when (18:30), then what there is to say")),
    Move("b", "returned", N_("return"), N_("why is it returned")),
    Move("g", "reassigned", N_("reassign"), N_("why does it go elsewhere")),
    Move("e", "recalled", N_("take back"), N_("why is it taken back")),
    Move("h", "paused", N_("pause"), N_("until when (4h, 2d, 18:00), and words if there are any")),
    Move("k", "classified", N_("class"), ""),
    Move("t", "handed_over", N_("hand over"), N_("the context: what was done, what is next")),
    Move("l", "linked", N_("link"), ""),
    Move("m", "merged", N_("merge"), ""),
    Move("m", "unmerged", N_("take out again"), ""),
    Move("x", "split", N_("split"), N_("what the other part is about")),
    Move("r", "reopened", N_("reopen"), N_("why is it reopened")),
    Move("v", "judged", N_("responsibility"), N_("minutes of work, and why, if it needs saying")),
    Move("o", "objected", N_("object"), N_("why it was not the department's fault")),
)

KEYS = "".join(dict.fromkeys(move.key for move in ALL))
EVERY_OPEN = frozenset({"chased", "supplemented", "noted", "handed_over", "classified", "linked"})
"""What can be done in every open state; what must be said of a closed one is a note, or it is reopened."""


def moves_of(ticket: Document, catalogue: Catalogue | None) -> tuple[Move, ...]:
    """Return what can be done with a ticket now."""
    return tuple(_worded(move, ticket) for move in ALL if _possible(move.move, ticket, catalogue))


def _worded(move: Move, ticket: Document) -> Move:
    if move.move == "dispatched" and ticket.data.get("station") == "expert":
        return replace(move, word=N_("to a department"))
    return move


def _possible(move: str, ticket: Document, catalogue: Catalogue | None) -> bool:
    data = ticket.data
    state = data.get("state")
    if move == "answered":
        exempt = catalogue.rules.tickets.exempt if catalogue else ()
        return state == "open" and data.get("station") == "front" and data.get("kind") in exempt
    if move == "dispatched" and (data.get("station"), state) == ("expert", "accepted"):
        return True
    if move == "judged":
        return state in JUDGED_FROM and (data.get("liability") or {}).get("state") != "final"
    if move == "objected":
        return (data.get("liability") or {}).get("state") == "judged"
    if move == "split":
        return state in RUNNING
    if move == "noted":
        return True
    if move in EVERY_OPEN:
        return state in OPEN_TICKET_STATES
    return state in MOVES[move]
