"""The check that a catalogue must pass before it is loaded or published; each problem names line and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path

from agentdesk.catalogue.build import CAUSE, calendar_of, period_of
from agentdesk.catalogue.customers_build import examine_customers
from agentdesk.catalogue.entries import Entries, Entry, parse
from agentdesk.catalogue.flow_check import FlowKnown, examine_flows
from agentdesk.catalogue.knowledge_check import examine_knowledge, examine_services_down
from agentdesk.catalogue.notices import examine_notices
from agentdesk.catalogue.order import clocks, falling, listed
from agentdesk.catalogue.parts import Calendars
from agentdesk.catalogue.plans import examine_plans
from agentdesk.catalogue.reach import made_up, unreached
from agentdesk.catalogue.schema import ClassEntry, Model, RulesEntry, StationEntry
from agentdesk.catalogue.sign_in import examine_sign_in
from agentdesk.catalogue.sources import Problem, read_sources
from agentdesk.catalogue.spoken_check import examine_texts
from agentdesk.catalogue.template_check import Known, examine_templates
from agentdesk.catalogue.ticket_rules import examine_ticket_rules
from agentdesk.domain.condition.conditions import TICKET_KINDS
from agentdesk.domain.policy import TIERS
from agentdesk.domain.times.calendar import BusinessCalendar

STATIONS = ("front", "expert", "department_accept", "department_reply", "resend", "follow_up")
"""The stations that tickets pass, each with its own clock."""

EVENT_CLOCKS = frozenset({"appeal", "dispute", "verification"})
"""Ticket clocks that begin with no kind of ticket: an event starts them."""


def check(root: Path) -> tuple[Problem, ...]:
    """Return all that is wrong with a folder's catalogue, in the order of files and lines."""
    return check_all(root).problems


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: what is wrong, what may be meant so but should be looked at, and what there is of what."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def check_all(root: Path) -> Checked:
    """Return all that is wrong with a folder's catalogue, what should be looked at, and how it is made up."""
    sources, unreadable = read_sources(root)
    entries, misshapen = parse(sources)
    # what depends on other entries can only be judged once all of them have their shape
    broken = unreadable + misshapen or examine(entries)
    if broken:
        return Checked(tuple(sorted(set(broken))))
    return Checked(tuple(sorted(set(examine_texts(entries)))), tuple(sorted(unreached(entries))), made_up(entries))


def examine(entries: Entries) -> tuple[Problem, ...]:
    """Return what is wrong with entries that have the right shape: nothing of that may be promised from.

    How texts compare with each other is no part of it: that takes longer, and harms nobody before it is published.
    """
    calendars, broken = _calendars(entries)
    found = [*_heads(entries), *_duplicates(entries), *broken]
    if found:
        return tuple(found)
    known = Known(
        calendars,
        frozenset(entry.key for entry in entries.departments),
        {entry.key: frozenset(entry.model.groups) for entry in entries.programmes},
        {entry.key: entry for entry in entries.templates},
        frozenset(entry.key for entry in entries.classes if entry.key.startswith("fault")),
    )
    return tuple(
        chain(
            _tiers(entries),
            _roles(entries),
            _departments(entries, known),
            _classes(entries, known),
            _tickets(entries, known),
            _rules(entries),
            examine_templates(known),
            examine_plans(entries),
            examine_customers(entries),
            examine_notices(entries),
            examine_sign_in(entries),
            examine_knowledge(entries, known),
            examine_services_down(entries),
            examine_flows(entries.flows, _flow_known(entries)),
        )
    )


def _flow_known(entries: Entries) -> FlowKnown:
    symptoms = frozenset(entry.key for entry in entries.classes if not entry.key.startswith(CAUSE))
    return FlowKnown({entry.key: entry for entry in entries.templates}, symptoms)


def _calendars(entries: Entries) -> tuple[Calendars, list[Problem]]:
    calendars: dict[str, BusinessCalendar] = {}
    problems = []
    for entry in entries.calendars:
        try:
            calendars[entry.key] = calendar_of(entry.model)
        except ValueError as error:
            problems.append(entry.problem(str(error).removeprefix(f"calendar {entry.key}: ")))
    return calendars, problems


def _heads(entries: Entries) -> Iterator[Problem]:
    if not entries.heads:
        yield Problem(".", 1, "no [catalogue] table in any file: add one with `label` and `sample`")
    for entry in (*entries.heads[1:], *entries.rules[1:], *entries.customers[1:], *entries.sign_in[1:]):
        yield entry.problem(f"a catalogue has one [{entry.table}] table only: remove this one")
    for tier in TIERS:
        if all(entry.key != tier for entry in entries.tiers):
            yield Problem(".", 1, f"no [[tier]] with id {tier!r} in any file: add it")


def _duplicates(entries: Entries) -> Iterator[Problem]:
    tables: tuple[Sequence[Entry[Model]], ...] = (
        entries.programmes,
        entries.tiers,
        entries.cards,
        entries.roles,
        entries.departments,
        entries.calendars,
        entries.tickets,
        entries.stations,
        entries.classes,
        entries.templates,
        entries.plans,
        entries.clubs,
        entries.rights,
        entries.warnings,
        entries.call_reasons,
        entries.leaving,
        entries.notices,
    )
    for table in tables:
        first: dict[str, Entry[Model]] = {}
        for entry in table:
            known = first.setdefault(entry.key, entry)
            if known is not entry:
                yield entry.problem(f"is there already, in {known.place}: give this one another code or remove it")


def _tiers(entries: Entries) -> Iterator[Problem]:
    tiers = {entry.model.id: entry for entry in entries.tiers}
    for lower, higher in pairwise(tiers[tier] for tier in TIERS):
        for name in ("quick_limit", "customer_90_days"):
            below, above = getattr(lower.model, name), getattr(higher.model, name)
            if above < below:
                yield higher.problem(
                    f"`{name}` is {above}, less than {below} for {lower.key}: never give a higher tier less", name
                )


def _roles(entries: Entries) -> Iterator[Problem]:
    for entry in entries.roles:
        yield from falling(entry, entry.model.cost_limit, "cost_limit")
        below = [other for other in entries.roles if other.model.rank < entry.model.rank]
        for tier in TIERS:
            own = entry.model.cost_limit.by_tier()[tier]
            more = [other.key for other in below if other.model.cost_limit.by_tier()[tier] > own]
            if more:
                yield entry.problem(
                    f"`cost_limit` for {tier} is {own}, less than {more[0]} of a lower rank may promise: "
                    "raise it, or lower the rank",
                    "cost_limit",
                )


def _departments(entries: Entries, known: Known) -> Iterator[Problem]:
    for entry in entries.departments:
        if entry.model.calendar not in known.calendars:
            yield entry.problem(f"no calendar is called {entry.model.calendar!r}: add it or use another", "calendar")


def _classes(entries: Entries, known: Known) -> Iterator[Problem]:
    codes = {entry.key for entry in entries.classes}
    for entry in entries.classes:
        yield from _class(entry, codes, known)


def _class(entry: Entry[ClassEntry], codes: set[str], known: Known) -> Iterator[Problem]:
    levels = entry.key.removeprefix(CAUSE).split(".")
    if levels[0] not in TICKET_KINDS:
        yield entry.problem(f"begins with no kind of ticket: use one of {listed(TICKET_KINDS)}", "code")
    elif len(levels) > 3:
        yield entry.problem("has more than three levels: classify in three", "code")
    elif len(levels) > 1 and (above := entry.key.rpartition(".")[0]) not in codes:
        yield entry.problem(f"has no class above it: add {above}", "code")
    yield from known.department(entry, entry.model.department)


def _tickets(entries: Entries, known: Known) -> Iterator[Problem]:
    for entry in entries.tickets:
        if entry.key.partition(".")[0] not in TICKET_KINDS | EVENT_CLOCKS:
            yield entry.problem(f"begins with no kind of ticket: use one of {listed(TICKET_KINDS)}", "kind")
        yield from clocks(entry, entry.model.limits, entry.model.law, known.calendars)
    for station in entries.stations:
        yield from _station(station, known)


def _station(entry: Entry[StationEntry], known: Known) -> Iterator[Problem]:
    limits, before = entry.model.limits, entry.model.before_due
    if entry.key not in STATIONS:
        yield entry.problem(f"is no station: use one of {listed(STATIONS)}", "station")
    if (limits is None) == (before is None):
        yield entry.problem("give either `limits` or `before_due`, not both", "limits")
    if limits:
        yield from clocks(entry, limits, None, known.calendars)
    if before and any(" " in text for text in before.by_tier().values()):
        yield entry.problem("`before_due` is natural time: write it without a calendar", "before_due")


def _hall(entry: Entry[RulesEntry]) -> Iterator[Problem]:
    """Home visits end after they begin, and one begins when the one before it has ended: engineers do them in turn."""
    hall = entry.model.hall
    spans = [period_of(span) for span in hall.homes] if hall is not None and hall.homes else []
    flat = [minute for span in spans for minute in span]
    if flat != sorted(flat) or any(begin == end for begin, end in spans):
        yield entry.problem("`hall.homes` overlap or end before they begin: put them in order", "hall", "homes")


def _rules(entries: Entries) -> Iterator[Problem]:
    for entry in entries.rules:
        for name in ("repeat_days", "wrap_up_s"):
            given: Mapping[str, int] = getattr(entry.model, name) or {}
            for kind in given.keys() - TICKET_KINDS:
                message = f"`{name}` has {kind!r}, which is no kind of ticket: use one of {listed(TICKET_KINDS)}"
                yield entry.problem(message, name)
        yield from _hall(entry)
        yield from examine_ticket_rules(entry, frozenset(node.key for node in entries.classes))
