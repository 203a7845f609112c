"""A ticket and a promise in full: where they stand, why the deadline falls when it does, and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models import times
from agentdesk.desk.models.promise import LABEL, labelled
from agentdesk.desk.models.rows import EMPTY, Row, row, safe, wrap
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.work import department, where_of
from agentdesk.domain.clocks import clock_of
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document
from agentdesk.domain.ids import spoken
from agentdesk.domain.kinds.tickets import MOVES
from agentdesk.domain.policy import Catalogue, ClassNode, Tier
from agentdesk.domain.why import Line, due_explained


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can be done with a ticket or promise now: its key, its operation, its name."""

    key: str
    move: str
    word: str
    asks: str


TICKET_MOVES = (
    Move("d", "dispatched", N_("dispatch"), N_("to whom")),
    Move("y", "accepted", N_("accept"), ""),
    Move("b", "returned", N_("return"), N_("why is it returned")),
    Move("p", "replied", N_("reply"), N_("minutes of work, then the reply")),
    Move("c", "followed_up", N_("follow-up call"), N_("what the customer says")),
    Move("z", "archived", N_("archive"), ""),
    Move("r", "reopened", N_("reopen"), N_("why is it reopened")),
    Move("n", "noted", N_("note"), N_("the note")),
    Move("u", "chased", N_("chase"), N_("what the customer says")),
)

PROMISE_MOVES = (
    Move("f", "fulfilled", N_("kept"), N_("the proof that it is kept")),
    Move("x", "withdrawn", N_("withdraw"), N_("why the customer wants it no more")),
)


def ticket_moves(ticket: Document) -> tuple[Move, ...]:
    """Return the moves that a ticket's state allows."""
    state = ticket.data.get("state")
    return tuple(
        m
        for m in TICKET_MOVES
        if (m.move in MOVES and state in MOVES[m.move]) or (m.move in ("noted", "chased") and state != "archived")
    )


def promise_moves(promise: Document, agent: str) -> tuple[Move, ...]:
    """Return the moves that a promise's state allows."""
    data = promise.data
    moves = list(PROMISE_MOVES) if data.get("state") in OPEN_COMMITMENT_STATES else []
    if data.get("spoken_at") is None and data.get("owner") == agent and data.get("state") in ("made", "held"):
        moves.insert(0, Move("s", "spoken", N_("tell the words"), ""))
    return tuple(moves)


def ticket_rows(ticket: Document, catalogue: Catalogue | None, agent: str, at: int, width: int) -> list[Row]:
    """Return a ticket's lines: what it is, where it lies, its clocks."""
    data = ticket.data
    words, late = times.left(data.get("due"), at)
    kind = terms.term(terms.TICKETS, data.get("kind"))
    lines = [
        row(
            (title_of(ticket), "strong"),
            "  ",
            (kind, "quiet"),
            "  ",
            (spoken(safe(data.get("number"), 24)), "strong"),
        ),
        EMPTY,
        labelled(_("state"), row((terms.term(terms.TICKET_STATES, data.get("state")), "strong"))),
        labelled(_("lies with"), row(where_of(ticket, catalogue, agent))),
    ]
    if data.get("due") is not None:
        due = times.moment(data["due"], at)
        lines.append(labelled(_("deadline"), row(due, "   ", (words, "late" if late else "strong"))))
    if data.get("station_due") is not None and data.get("state") not in ("archived", "followed_up"):
        here, over = times.left(data["station_due"], at)
        station = row(times.moment(data["station_due"], at), "   ", (here, "late" if over else "quiet"))
        lines.append(labelled(_("station"), station))
    if data.get("symptom"):
        lines.append(labelled(_("class"), row(class_path(str(data["symptom"]), catalogue))))
    for index, line in enumerate(wrap(safe(data.get("words"), 400), width - LABEL, most=3)):
        lines.append(labelled(_("words") if index == 0 else "", line))
    return lines


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
    tell = safe((data.get("tell") or {}).get("text") or "", 400)
    told = data.get("spoken_at")
    said = _("told {ago}").format(ago=times.ago(told, at)) if told else _("not told yet")
    lines.append(labelled(_("tell"), row((said, "good" if told else "warn"))))
    return [*lines, *(labelled("", line) for line in wrap(tell, width - LABEL, "quiet", most=4))]


def move_rows(document: Document, catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return what was done with a document, newest first."""
    lines = []
    for move in reversed(list(document.data.get("moves") or ())):
        what = terms.term(terms.MOVES, move.get("what"))
        target = department(move.get("department"), catalogue) or ""
        if not target and move.get("station"):
            target = terms.term(terms.STATIONS, move.get("station"))
        words = " ".join(part for part in (target, safe(move.get("text") or "", 120)) if part)
        if move.get("answer"):
            words = f"{terms.term(terms.ANSWERS, move['answer'])} {words}".strip()
        ago = times.ago(int(move.get("at") or 0), at)
        by = safe(move.get("by") or "", 12)
        lines.append(row((f"{ago}  ", "quiet"), (what, "strong"), "  ", words, "  ", (by, "quiet")))
    return lines


def class_path(code: str, catalogue: Catalogue | None) -> str:
    """Return a class with all levels above it: fault > broadband > drops."""
    if catalogue is None:
        return safe(code)
    names = []
    parts = code.split(".")
    for end in range(1, len(parts) + 1):
        node = catalogue.classes.get(".".join(parts[:end]))
        if node is not None:
            names.append(node.name.say(i18n.language()))
    return " > ".join(names) or safe(code)


def symptoms(catalogue: Catalogue, kind: str, typed: str, most: int = 6) -> tuple[ClassNode, ...]:
    """Return the symptoms of a kind of ticket that fit what is typed, the deepest classes only."""
    words = typed.lower().split()
    parents = {code.rpartition(".")[0] for code in catalogue.classes}
    found = []
    for node in catalogue.classes.values():
        if node.tree != "symptom" or node.code in parents or node.code.partition(".")[0] != kind:
            continue
        text = f"{class_path(node.code, catalogue)} {node.name.zh} {node.name.en} {node.code}".lower()
        if all(word in text for word in words):
            found.append(node)
    return tuple(found[:most])


def why_rows(ticket: Document, catalogue: Catalogue | None) -> list[Row]:
    """Return why a ticket's deadline falls when it does, line by line."""
    data = ticket.data
    if catalogue is None or data.get("at") is None:
        return []
    clock = clock_of(str(data.get("kind")), data.get("symptom"), catalogue)
    tier: Tier = data.get("tier", "standard")
    limit = clock.limits.get(tier) if clock else None
    if clock is None or limit is None:
        return [row((_("no clock is kept for this kind"), "quiet"))]
    due, lines = due_explained(limit, catalogue.calendars, int(data["at"]))
    rows = [row((why_words(line, catalogue), "quiet")) for line in lines]
    if clock.law is not None:
        law, _lines = due_explained(clock.law, catalogue.calendars, int(data["at"]))
        rows.append(row((_("the law's clock ends {moment}; it never pauses").format(moment=_at(law)), "quiet")))
    told = data.get("due")
    if told is not None and abs(told - due) > times.MINUTE_MS and (clock.law is None or told != law):
        rows.append(row((_("the customer was told {moment}: that stands").format(moment=_at(told)), "quiet")))
    return rows


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
