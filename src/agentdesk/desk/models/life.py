"""The whole life of an operation, step by step, in words: for the screen and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentdesk.desk import terms
from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import safe
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.store.outbox import NEEDS_A_PERSON, Entry
from agentdesk.store.verdicts import Later, Life

SayAll = Callable[[Iterable[Reason]], str]

CENTRE = "centre"
CLOCK_NOISE_MS = 5_000
"""An error of the clock below this is not worth a word."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an operation's life; `at` is ms UTC, `more` what programs want to know of it."""

    step: str
    text: str
    at: int | None = None
    tone: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


HAPPENED: Mapping[tuple[Verdict, bool], str] = {
    (Verdict.FLAGGED, True): N_("It is in force, and marked: what was said stands. See why, and whom it concerns."),
    (Verdict.HELD, True): N_("It stands and its time runs, but a person at the centre has to look at it."),
    (Verdict.HELD, False): N_("It is safe, but not in force: it waits for somebody to decide."),
    (Verdict.REFUSED, False): N_("It is not in force. Correct it, have it tried again, or withdraw it."),
}


def happened(entry: Entry) -> str:
    """Return in plain words what became of an operation."""
    if entry.verdict is None:
        return _("It is safe here and goes to the centre by itself.")
    if entry.verdict is Verdict.REFUSED and entry.reasons and entry.reasons[0].code == "withdrawn":
        return _("It was withdrawn and is not in force.")
    words = HAPPENED.get((entry.verdict, entry.verdict in SETTLED or entry.change is not None))
    return _(words) if words else _("It is in force.")


def steps(entry: Entry, life: Life, waits: bool, now: int, say_all: SayAll) -> list[Step]:
    """Return the steps of an operation's life in order; `waits`: it is in the inbox."""
    return [
        *_made(entry, life, now),
        *_sent(entry),
        *_decided(entry, life, say_all),
        *_seen_back(entry, life),
        *([Step("inbox", _("it waits for a person: see the outbox on the desk"), tone="warn")] if waits else []),
    ]


def _made(entry: Entry, life: Life, now: int) -> Iterable[Step]:
    head = entry.head or {}
    role = terms.term(terms.ROLES, head.get("role"))
    made = _("made by {actor} ({role}) at site {site}, number {seq} of its chain, and put on disk here")
    site = safe(head.get("site") or "")
    yield Step("made", made.format(actor=safe(entry.actor), role=role, site=site, seq=entry.seq), entry.at)
    offset = head.get("offset")
    if not isinstance(offset, int):
        yield Step("clock", _("by a clock that was never compared with the centre's"), tone="quiet")
    elif abs(offset) > CLOCK_NOISE_MS:
        words = _("the clock here was {span} fast; that was taken off")
        if offset < 0:
            words = _("the clock here was {span} slow; that was added")
        yield Step("clock", words.format(span=times.span(abs(offset))), tone="quiet")
    if head.get("catalogue"):
        decided = _("decided here under the catalogue {version}").format(version=safe(head["catalogue"]))
        yield Step("decided", decided, entry.at, "quiet")
    for at, lineage, seq in life.moved:
        moved = _("moved into a new chain; it was number {seq} of {lineage}").format(seq=seq, lineage=lineage[:13])
        yield Step("moved", moved, at, "quiet")


def _sent(entry: Entry) -> Iterable[Step]:
    if entry.tries:
        tried = ngettext("sending failed {n} time", "sending failed {n} times", entry.tries).format(n=entry.tries)
        if entry.problem:
            tried = _("{tried}; the last time: {problem}").format(tried=tried, problem=safe(entry.problem, 160))
        yield Step("tried", tried, entry.last_sent_at, more={"tries": entry.tries})
    if entry.verdict is None:
        yield Step("waiting", _("not sent yet: it goes by itself as soon as the line is up"), tone="quiet")


def _decided(entry: Entry, life: Life, say_all: SayAll) -> Iterable[Step]:
    if entry.verdict is not None and not life.verdicts:
        yield _answered(entry.verdict, entry.reasons, entry.answered_at, say_all, {"epoch": life.epoch})
    # in the order in which this side knew them: the centre's clock is another
    known: list[tuple[int, Step]] = []
    for verdict in life.verdicts:
        if verdict.round == 0:
            yield _answered(verdict.verdict, verdict.reasons, verdict.at, say_all, {})
        else:
            known.append((verdict.taken_at, _later(verdict, say_all)))
    for wish in life.wishes:
        words = _("{who} asked to have it tried again") if wish.what == "retried" else _("{who} withdrew it here")
        step = Step(f"asked_{wish.what}", words.format(who=safe(wish.by)), wish.at, more={"id": wish.operation})
        known.append((wish.at, step))
    for at, by in life.seen:
        known.append((at, Step("seen_to", _("{who} has seen to it").format(who=safe(by)), at, "quiet")))
    yield from (step for _at, step in sorted(known, key=lambda pair: pair[0]))


def _answered(
    verdict: Verdict, reasons: tuple[Reason, ...], at: int | None, say_all: SayAll, more: Mapping[str, Any]
) -> Step:
    text = _("the centre says: {verdict}").format(verdict=terms.term(terms.VERDICTS, verdict.value))
    if reasons:
        text = _("{text}: {reasons}").format(text=text, reasons=say_all(reasons))
    return Step("answered", text, at, _tone(verdict), {"verdict": verdict.value, **more})


def _later(later: Later, say_all: SayAll) -> Step:
    verdict = terms.term(terms.VERDICTS, later.verdict.value)
    if later.answer is not None:
        text = _("what was asked for can't be done: {reason}").format(reason=say_all((later.answer,)))
    elif later.what == "retried":
        text = _("tried again for {who}: {verdict}").format(who=safe(later.by), verdict=verdict)
    elif later.what in ("withdrawn", "refused"):
        text = verdict
    elif later.by == CENTRE:
        text = _("the centre looked again: {verdict}").format(verdict=verdict)
    else:
        text = _("{who} decided at the centre: {verdict}").format(who=safe(later.by), verdict=verdict)
    if later.reasons and later.answer is None:
        text = _("{text}: {reasons}").format(text=text, reasons=say_all(later.reasons))
    if later.words and later.what == "released":
        text = _("{text}; {words}").format(text=text, words=safe(later.words, 120))
    if later.instead:
        text = _("{text}; {id} takes its place").format(text=text, id=later.instead)
    more = {"verdict": later.verdict.value, "by": later.by, "what": later.what, "superseded_by": later.instead}
    return Step("decided_later", text, later.at, _tone(later.verdict), more)


def _seen_back(entry: Entry, life: Life) -> Iterable[Step]:
    if entry.verdict is None or life.change is None:
        return
    if entry.state == "answered":
        yield Step("expected", _("its change is not seen back here yet: it comes with the next sync"), tone="quiet")
        return
    seen = _("its change came back: number {change} in the log of {scope}")
    text = seen.format(change=life.change, scope=safe(life.scope))
    yield Step("seen", text, tone="quiet", more={"scope": life.scope, "change": life.change, "epoch": life.epoch})


def _tone(verdict: Verdict) -> str:
    return "warn" if verdict in NEEDS_A_PERSON else "good"
