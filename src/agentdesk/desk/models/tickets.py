"""A promise in full, what was done with any document, and the words of an explanation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models import times
from agentdesk.desk.models.clock_words import clock_words
from agentdesk.desk.models.promise import LABEL, labelled
from agentdesk.desk.models.rows import EMPTY, Row, joined, row, safe, wrap
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.work import department
from agentdesk.desk.terms import tickets as terms_tickets
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.why import Line


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can be done with a ticket or promise now: its key, its operation, its name."""

    key: str
    move: str
    word: str
    asks: str


PROMISE_MOVES = (
    Move("f", "fulfilled", N_("kept"), N_("the proof that it is kept")),
    Move("x", "withdrawn", N_("withdraw"), N_("why the customer wants it no more")),
)


def promise_moves(promise: Document, agent: str) -> tuple[Move, ...]:
    """Return the moves that a promise's state allows."""
    data = promise.data
    moves = list(PROMISE_MOVES) if data.get("state") in OPEN_COMMITMENT_STATES else []
    if data.get("spoken_at") is None and data.get("owner") == agent and data.get("state") in ("made", "held"):
        moves.insert(0, Move("s", "spoken", N_("tell the words"), ""))
    return tuple(moves)


def promise_rows(promise: Document, catalogue: Catalogue | None, agent: str, at: int, width: int) -> list[Row]:
    """Return a promise's lines: what was promised, until when, with whom it lies, what was told."""
    data = promise.data
    words, late = times.left(data.get("due"), at)
    lines = [
        row((title_of(promise), "strong"), "  ", (spoken(safe(data.get("number"), 24)), "strong")),
        EMPTY,
        labelled(_("state"), row((terms.term(terms.PROMISE_STATES, data.get("state")), "strong"))),
        labelled(_("department"), row(department(data.get("department"), catalogue))),
    ]
    if data.get("due") is not None:
        due = times.moment(data["due"], at)
        lines.append(labelled(_("deadline"), row(due, "   ", (words, "late" if late else "strong"))))
    told_whom = clock_words(promise, catalogue, at)
    if told_whom:
        lines.append(labelled("", told_whom))
    tell = safe((data.get("tell") or {}).get("text") or "", 400)
    told = data.get("spoken_at")
    said = _("told {ago}").format(ago=times.ago(told, at)) if told else _("not told yet")
    lines.append(labelled(_("tell"), row((said, "good" if told else "warn"))))
    return [*lines, *(labelled("", line) for line in wrap(tell, width - LABEL, "quiet", most=4))]


def move_rows(
    document: Document, catalogue: Catalogue | None, at: int, width: int, staff: Mapping[str, str] | None = None
) -> list[Row]:
    """Return what was done with a document, newest first; `staff` are the names of those who did it, by id."""
    staff = staff or {}
    lines = []
    moves = reversed(list(document.data.get("moves") or ()))
    for move in sorted(moves, key=lambda one: -int(one.get("at") or 0)):
        what = terms.term(terms.MOVES, move.get("what"))
        target = department(move.get("department"), catalogue) or ""
        if not target and move.get("station"):
            target = terms.term(terms.STATIONS, move.get("station"))
        words = " ".join(
            part for part in (target, *_particulars(move, catalogue, staff), safe(move.get("text") or "", 120)) if part
        )
        ago = times.ago(int(move.get("at") or 0), at)
        by = _("the centre") if move.get("by") == "centre" else _who(move.get("by"), staff, 12)
        parts = (row((ago, "quiet")), row((what, "strong")), row(words), row((by, "quiet")))
        lines.append(joined(part for part in parts if part))
    return lines


def _who(who: object, staff: Mapping[str, str], most: int) -> str:
    known = str(who or "")
    return safe(staff.get(known, known), most)


def _particulars(move: Mapping[str, Any], catalogue: Catalogue | None, staff: Mapping[str, str]) -> Iterator[str]:
    """Yield what a move says beside its words: to whom, with which number, for how long, with what result."""
    if move.get("rung"):
        yield terms.term(terms_tickets.RUNGS, move["rung"])
    if move.get("to"):
        yield _who(move["to"], staff, 16)
    if move.get("number"):
        yield spoken(safe(move["number"], 24))
    if move.get("reason"):
        rule = catalogue.rules.tickets.pauses.get(str(move["reason"])) if catalogue else None
        yield rule.name.say(i18n.language()) if rule else safe(move["reason"], 40)
    if isinstance(move.get("until"), int):
        yield _("until {moment}").format(moment=_at(move["until"]))
    if move.get("answer"):
        score = f" {move['score']}/5" if move.get("score") is not None else ""
        yield terms.term(terms.ANSWERS, move["answer"]) + score
    if isinstance(move.get("minutes"), int) and move["minutes"]:
        yield _("{n} min").format(n=move["minutes"])
    if move.get("raised"):
        yield _("raised by one level")


def why_words(line: Line, catalogue: Catalogue) -> str:
    """Return one line of an explanation in words."""
    values: Mapping[str, int | str] = dict(line.values)
    if line.code == "start":
        return _("taken {moment}").format(moment=_at(int(values["at"])))
    if line.code == "natural":
        return _("{span} of natural time").format(span=times.span(int(values["ms"])))
    if line.code == "working":
        return _("{span} of working time").format(span=times.span(int(values["ms"])))
    if line.code == "due":
        return _("due {moment}").format(moment=_at(int(values["at"])))
    if line.code == "provisional":
        year = values["published_to"]
        return _("days after {year} are provisional: make-up days aren't published yet").format(year=year)
    first, last = str(values["first"]), str(values["last"])
    days = first if first == last else _("{first} to {last}").format(first=first, last=last)
    names = {
        "worked": _("{days}: {span} worked"),
        "makeup": _("{days}: make-up day, {span} worked"),
        "holiday": _("{days}: holiday"),
        "rest": _("{days}: no working day"),
        "after_hours": _("{days}: after working hours"),
    }
    return names.get(line.code, "{days}").format(days=days, span=times.span(int(values["ms"])))


def _at(then: int) -> str:
    return f"{times.day(then)} {times.clock(then)}"
