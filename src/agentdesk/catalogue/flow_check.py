"""The check of question flows: every step can be reached, every way comes to an end, and every end is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from agentdesk.catalogue.entries import Entry
from agentdesk.catalogue.knowledge_schema import EndEntry, FlowEntry
from agentdesk.catalogue.order import listed
from agentdesk.catalogue.schema import TemplateEntry
from agentdesk.catalogue.sources import Problem
from agentdesk.catalogue.spoken_check import spoken
from agentdesk.domain.language.words import WordsError, blanks

FlowAt = Entry[FlowEntry]

STATIONS = frozenset({"front", "expert", "department"})
PLACES = frozenset({"expert", "team_leader", "duty_manager", "hall"})
"""Whom a call can be handed to."""

LINES: Mapping[str, frozenset[str]] = {
    "mobile": frozenset({"mobile", "convergent"}),
    "fixed": frozenset({"broadband", "fixed", "iptv", "convergent", "leased"}),
}
"""Kinds of lines that a flow of the network speaks of: its file's promises must be for one of them."""


@dataclass(frozen=True, slots=True)
class FlowKnown:
    """What the ends of flows may refer to."""

    templates: Mapping[str, Entry[TemplateEntry]]
    classes: frozenset[str]


def examine_flows(flows: list[FlowAt], known: FlowKnown) -> Iterator[Problem]:
    """Yield what is wrong with the flows."""
    for flow in flows:
        doubled = list(_ids(flow))
        yield from doubled
        if not doubled:
            yield from _answers(flow)
            yield from _reached(flow)
            yield from _ending(flow)
            for place, end in enumerate(flow.model.end):
                yield from _end(flow, place, end, known)


def _places(flow: FlowAt) -> Iterator[tuple[str, int, str]]:
    """Yield the kind, the place in the file and the id of each step and end."""
    yield from (("step", place, step.id) for place, step in enumerate(flow.model.step))
    yield from (("end", place, end.id) for place, end in enumerate(flow.model.end))


def _ids(flow: FlowAt) -> Iterator[Problem]:
    seen: set[str] = set()
    for kind, place, name in _places(flow):
        if name in seen:
            yield flow.problem(f"{kind} {name} is there twice: give it another id", kind, place, "id")
        seen.add(name)
    if flow.model.start not in {step.id for step in flow.model.step}:
        yield flow.problem(f"`start` is {flow.model.start!r}, which is no step: name the first question", "start")


def _answers(flow: FlowAt) -> Iterator[Problem]:
    places = {step.id for step in flow.model.step} | {end.id for end in flow.model.end}
    for place, step in enumerate(flow.model.step):
        keys = [answer.key for answer in step.answers]
        if keys != list(range(1, len(keys) + 1)):
            message = f"step {step.id} has the keys {', '.join(map(str, keys))}: number the answers 1, 2, 3 in order"
            yield flow.problem(message, "step", place, "answers")
        if len(keys) < 2:
            yield flow.problem(f"step {step.id} has one answer: a question has two or more", "step", place, "answers")
        for answer in step.answers:
            if answer.to not in places:
                message = f"step {step.id}, key {answer.key}: there is no {answer.to!r}: name a step or an end"
                yield flow.problem(message, "step", place, "answers")
        for language in ("zh", "en"):
            said = [answer.says.say(language) for answer in step.answers]
            if len(set(said)) < len(said):
                message = f"step {step.id} has two answers of the same words ({language}): say what differs"
                yield flow.problem(message, "step", place, "answers")


def _reached(flow: FlowAt) -> Iterator[Problem]:
    ways = {step.id: [answer.to for answer in step.answers] for step in flow.model.step}
    reached, waiting = set(), [flow.model.start]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += ways.get(here, [])
    for kind, place, name in _places(flow):
        if name not in reached:
            yield flow.problem(f"no answer leads to {name}: lead to it, or remove it", kind, place, "id")


def _ending(flow: FlowAt) -> Iterator[Problem]:
    """Yield steps from which no end can be come to, or that a caller may come to again by answering."""
    ways = {step.id: [answer.to for answer in step.answers] for step in flow.model.step}
    ending = {end.id for end in flow.model.end}
    grown = True
    while grown:
        more = {step for step, to in ways.items() if step not in ending and any(way in ending for way in to)}
        ending |= more
        grown = bool(more)
    for place, step in enumerate(flow.model.step):
        if step.id not in ending:
            yield flow.problem(f"from step {step.id} no end can be reached: lead one answer out", "step", place, "id")
    # a way back is fine as long as another answer of the same step leads on; one step alone must not lead to itself
    for place, step in enumerate(flow.model.step):
        if all(answer.to == step.id for answer in step.answers):
            yield flow.problem(f"step {step.id} leads only to itself: lead on", "step", place, "answers")


def _end(flow: FlowAt, place: int, end: EndEntry, known: FlowKnown) -> Iterator[Problem]:
    key = ("end", place)
    yield from spoken(flow, (*key, "tell"), end.tell)
    wanted = {"promise": ("promise",), "ticket": ("class_code", "station"), "transfer": ("to",)}.get(end.kind, ())
    for name in ("promise", "class_code", "station", "to"):
        written = "class" if name == "class_code" else name
        given = getattr(end, name) is not None
        if name in wanted and not given:
            yield flow.problem(f"end {end.id} is a {end.kind}: add `{written}`", *key, "kind")
        if given and name not in wanted:
            yield flow.problem(f"end {end.id} is {end.kind}: remove `{written}`", *key, written)
    yield from _NEEDED[end.kind](flow, place, end, known)
    yield from _deadline(flow, place, end)


def _deadline(flow: FlowAt, place: int, end: EndEntry) -> Iterator[Problem]:
    try:
        used = blanks(end.tell.zh)
    except WordsError:
        return  # told where it stands
    timed = end.kind in ("promise", "ticket")
    if timed and "due" not in used:
        yield flow.problem(f"end {end.id} doesn't say until when: add {{due}}", "end", place, "tell")
    if not timed and {"due", "department", "number", "amount"} & used:
        message = f"end {end.id} promises nothing, so nothing fills {{due}} or {{department}}: say it without"
        yield flow.problem(message, "end", place, "tell")


def _promise(flow: FlowAt, place: int, end: EndEntry, known: FlowKnown) -> Iterator[Problem]:
    template = known.templates.get(end.promise or "")
    if end.promise is None:
        return
    if template is None:
        message = f"end {end.id} promises {end.promise}, which is no template: name one"
        yield flow.problem(message, "end", place, "promise")
        return
    lines = _lines(template.model)
    family = LINES.get(flow.source.name.rpartition("/")[2].removesuffix(".toml").rpartition("-")[2])
    if family and lines and not lines & family:
        message = (
            f"end {end.id} promises {end.promise}, which is for {listed(lines)} only: name a promise that this "
            "caller's line can be given"
        )
        yield flow.problem(message, "end", place, "promise")


def _lines(template: TemplateEntry) -> frozenset[str]:
    for test in template.applies:
        kinds = test.args.get("kinds")
        if test.name in ("line", "has_line") and isinstance(kinds, list):
            return frozenset(kind for kind in kinds if isinstance(kind, str))
    return frozenset()


def _ticket(flow: FlowAt, place: int, end: EndEntry, known: FlowKnown) -> Iterator[Problem]:
    if end.class_code is not None and end.class_code not in known.classes:
        message = f"end {end.id} has the class {end.class_code}, which is no symptom of the tree: add it or use another"
        yield flow.problem(message, "end", place, "class")
    if end.station is not None and end.station not in STATIONS:
        yield flow.problem(
            f"end {end.id}: {end.station} is no station: use {listed(STATIONS)}", "end", place, "station"
        )


def _transfer(flow: FlowAt, place: int, end: EndEntry, _known: FlowKnown) -> Iterator[Problem]:
    if end.to is not None and end.to not in PLACES:
        yield flow.problem(f"end {end.id}: nobody is called {end.to}: use {listed(PLACES)}", "end", place, "to")


def _nothing(_flow: FlowAt, _place: int, _end: EndEntry, _known: FlowKnown) -> Iterator[Problem]:
    return iter(())


_NEEDED: Mapping[str, Callable[[FlowAt, int, EndEntry, FlowKnown], Iterator[Problem]]] = {
    "promise": _promise,
    "ticket": _ticket,
    "transfer": _transfer,
    "solved": _nothing,
    "told": _nothing,
}
