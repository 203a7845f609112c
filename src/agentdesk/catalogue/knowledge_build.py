"""From the entries of remedies, services, flows and scripts to the policy's values."""

from __future__ import annotations

from agentdesk.catalogue.knowledge_schema import (
    EndEntry,
    FlowEntry,
    InputEntry,
    RemedyEntry,
    ScriptEntry,
    ServiceEntry,
    StepEntry,
)
from agentdesk.catalogue.parts import Calendars, amounts_of, both_of, condition_of, limit_of, limits_of, maybe_both
from agentdesk.domain.policy import (
    Answer,
    Bilingual,
    Choice,
    Flow,
    FlowEnd,
    FlowStep,
    Input,
    Remedy,
    Script,
    Service,
)


def remedy_of(entry: RemedyEntry, calendars: Calendars) -> Remedy:
    """Return a remedy with its limits in minutes."""
    return Remedy(
        code=entry.code,
        category=entry.category,
        source=entry.source,
        name=both_of(entry.name),
        note=both_of(entry.note),
        unit=both_of(entry.unit),
        steps=tuple(entry.steps),
        unit_cost=entry.unit_cost,
        money=entry.money,
        stackable=entry.stackable,
        not_with=tuple(entry.not_with),
        verify=entry.verify,
        callers=tuple(entry.callers),
        department=entry.department,
        limits=limits_of(entry.limits, calendars),
        applies=tuple(map(condition_of, entry.applies)),
        evidence=both_of(entry.evidence),
        offline=entry.offline,
        tell=both_of(entry.tell),
        booked=entry.booked,
        statutory=entry.statutory,
        basis=entry.basis,
        args=entry.args,
        ceilings=amounts_of(entry.ceilings),
        days=amounts_of(entry.days),
        check=entry.check,
    )


def service_of(entry: ServiceEntry, calendars: Calendars) -> Service:
    """Return a service with its limit in minutes."""
    return Service(
        code=entry.code,
        family=entry.family,
        group=entry.group,
        line=entry.line,
        name=both_of(entry.name),
        note=both_of(entry.note),
        synonyms=tuple(entry.synonyms),
        verify=entry.verify,
        callers=tuple(entry.callers),
        applies=tuple(map(condition_of, entry.applies)),
        fee=entry.fee,
        effective=entry.effective,
        limit=limit_of(entry.limit, calendars),
        needs=tuple(map(_input, entry.needs)),
        class_code=entry.class_code,
        department=entry.department,
        promise=entry.promise,
        offline=entry.offline,
        confirm=both_of(entry.confirm),
        done=both_of(entry.done),
        source=entry.source,
        fee_note=maybe_both(entry.fee_note),
        undo=entry.undo,
        law=maybe_both(entry.law),
        later=maybe_both(entry.later),
    )


def flow_of(entry: FlowEntry) -> Flow:
    """Return a flow with its steps and ends by id, in the order of the file."""
    return Flow(
        code=entry.code,
        category=entry.category,
        group=entry.group,
        name=both_of(entry.name),
        synonyms=tuple(entry.synonyms),
        source=entry.source,
        start=entry.start,
        steps={step.id: _step(step) for step in entry.step},
        ends={end.id: _end(end) for end in entry.end},
        old_name=entry.old_name.zh if entry.old_name else "",
    )


def script_of(entry: ScriptEntry) -> Script:
    """Return a script."""
    return Script(
        code=entry.code,
        name=both_of(entry.name),
        when=both_of(entry.when),
        step=entry.step,
        source=entry.source,
        lines=tuple(map(both_of, entry.lines)),
        avoid=both_of(entry.avoid),
        offline=maybe_both(entry.offline),
    )


def _input(entry: InputEntry) -> Input:
    choices = tuple(Choice(choice.id, Bilingual(choice.zh, choice.en)) for choice in entry.choices)
    return Input(entry.id, Bilingual(entry.zh, entry.en), entry.kind, choices)


def _step(entry: StepEntry) -> FlowStep:
    answers = tuple(Answer(answer.key, both_of(answer.says), answer.to) for answer in entry.answers)
    return FlowStep(entry.id, both_of(entry.ask), answers, maybe_both(entry.hint))


def _end(entry: EndEntry) -> FlowEnd:
    return FlowEnd(entry.id, entry.kind, both_of(entry.tell), entry.promise, entry.class_code, entry.station, entry.to)
