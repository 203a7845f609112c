"""From the entries of the files to the policy's values, once `check.examine` has nothing against them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from agentdesk.catalogue import compiled
from agentdesk.catalogue.approval_rules import approvals_of, disputes_of
from agentdesk.catalogue.customers_build import customers_of
from agentdesk.catalogue.entries import Entries, Entry
from agentdesk.catalogue.group import group_of
from agentdesk.catalogue.holidays_cn import mainland_days
from agentdesk.catalogue.knowledge_build import flow_of, remedy_of, script_of, service_of
from agentdesk.catalogue.notices import notice_of
from agentdesk.catalogue.parts import (
    Calendars,
    amounts_of,
    both_of,
    condition_of,
    limit_of,
    limits_of,
    maybe_both,
    maybe_limit,
)
from agentdesk.catalogue.plans import core_of, mix_of, plan_of
from agentdesk.catalogue.schema import (
    AlsoEntry,
    CalendarEntry,
    CatalogueEntry,
    ClassEntry,
    HallEntry,
    Model,
    Money,
    OfflineEntry,
    ProgrammeEntry,
    RoleEntry,
    RulesEntry,
    SpeedEntry,
    StationEntry,
    TemplateEntry,
    TierEntry,
)
from agentdesk.catalogue.sign_in import sign_in_of
from agentdesk.catalogue.ticket_rules import ticket_rules_of
from agentdesk.domain.policy import (
    Also,
    Boost,
    Card,
    Catalogue,
    ClassNode,
    Department,
    MoneyRule,
    Offline,
    Programme,
    Role,
    Rules,
    SixHaves,
    StationClock,
    Template,
    TicketClock,
    TierRule,
)
from agentdesk.domain.rules import HallRules, SpeedRules
from agentdesk.domain.times.calendar import BusinessCalendar, Period

CAUSE = "cause."
"""What the code of a cause (原因) begins with; all other classes are symptoms (现象)."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_WEEK = (*_WEEKDAYS, "saturday", "sunday")

M = TypeVar("M", bound=Model)


def period_of(span: str) -> Period:
    """Return `08:30-12:00` as minutes of the day."""
    start, end = (60 * int(time[:2]) + int(time[3:]) for time in span.split("-"))
    return start, end


def calendar_of(entry: CalendarEntry) -> BusinessCalendar:
    """Return a calendar with its holidays as dates; raises ValueError with what to do."""
    weekly = []
    for day in _WEEK:
        hours = getattr(entry, day)
        if hours is None and day in _WEEKDAYS:
            hours = entry.weekdays
        if hours is None:
            hours = entry.every_day
        weekly.append(tuple(period_of(span) for span in hours or ()))
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    published_to = None
    if entry.holidays:
        if entry.years is None:
            raise ValueError(f"calendar {entry.id}: say for which years, for example years = [2025, 2030]")
        china = mainland_days(*entry.years)
        holidays, workdays, published_to = china.holidays, china.workdays, china.published_to
    closed, worked = frozenset(entry.closed), frozenset(entry.worked)
    # a day of one's own overrules the public calendar; a day in both lists is for the calendar to refuse
    return BusinessCalendar(
        entry.id,
        tuple(weekly),
        entry.timezone,
        (holidays - worked) | closed,
        (workdays - closed) | worked,
        published_to,
    )


def build(entries: Entries) -> Catalogue:
    """Return the catalogue of entries that passed the check, in the order of their codes."""
    calendars = {entry.model.id: calendar_of(entry.model) for entry in entries.calendars}
    head = entries.heads[0].model
    catalogue = Catalogue(
        version="",
        tiers={m.id: _tier(m) for m in _sorted(entries.tiers, "id")},
        cards={m.id: Card(m.id, both_of(m.name), m.tier) for m in _sorted(entries.cards, "id")},
        roles={m.id: _role(m) for m in _sorted(entries.roles, "id")},
        departments={m.id: Department(m.id, both_of(m.name), m.calendar) for m in _sorted(entries.departments, "id")},
        calendars=dict(sorted(calendars.items())),
        templates={m.code: _template(m, calendars) for m in _sorted(entries.templates, "code")},
        tickets={
            m.kind: TicketClock(m.kind, limits_of(m.limits, calendars), maybe_limit(m.law, calendars))
            for m in _sorted(entries.tickets, "kind")
        },
        stations={m.station: _station(m, calendars) for m in _sorted(entries.stations, "station")},
        classes={m.code: class_of(m) for m in _sorted(entries.classes, "code")},
        rules=_rules(entries.rules[0].model) if entries.rules else Rules(),
        sample=head.sample,
        programmes={m.id: _programme(m) for m in _sorted(entries.programmes, "id")},
        remedies={m.code: remedy_of(m, calendars) for m in _sorted(entries.remedies, "code")},
        services={m.code: service_of(m, calendars) for m in _sorted(entries.services, "code")},
        flows={m.code: flow_of(m) for m in _sorted(entries.flows, "code")},
        scripts={m.code: script_of(m) for m in _sorted(entries.scripts, "code")},
        plans={m.code: plan_of(m) for m in _sorted(entries.plans, "code")},
        mix=mix_of(entries.mixes),
        core_services=core_of(entries.cores),
        customers=customers_of(entries),
        notices={m.code: notice_of(m) for m in _sorted(entries.notices, "code")},
        sign_in=sign_in_of(entries.sign_in),
    )
    return versioned(catalogue, head)


def versioned(catalogue: Catalogue, head: CatalogueEntry) -> Catalogue:
    """Return the catalogue under its version: the label, and the digest of what it says."""
    return replace(catalogue, version=f"{head.label}+{compiled.digest(catalogue)}")


def class_of(entry: ClassEntry) -> ClassNode:
    """Return a class with the tree and the kind of ticket that its code says."""
    cause = entry.code.startswith(CAUSE)
    kind = entry.code.removeprefix(CAUSE).partition(".")[0]
    return ClassNode(entry.code, both_of(entry.name), "cause" if cause else "symptom", kind, entry.department)


def _sorted(entries: Iterable[Entry[M]], key: str) -> list[M]:
    return sorted((entry.model for entry in entries), key=lambda model: str(getattr(model, key)))


def _programme(entry: ProgrammeEntry) -> Programme:
    groups = {group: both_of(name) for group, name in sorted(entry.groups.items())}
    return Programme(entry.id, both_of(entry.name), groups)


def _tier(entry: TierEntry) -> TierRule:
    return TierRule(entry.id, both_of(entry.name), entry.mark, entry.quick_limit, entry.customer_90_days)


def _role(entry: RoleEntry) -> Role:
    return Role(
        entry.id,
        both_of(entry.name),
        entry.rank,
        amounts_of(entry.cost_limit),
        entry.approves,
        entry.daily_cost,
        entry.daily_promises,
        None if entry.rights is None else frozenset(entry.rights),
    )


def _station(entry: StationEntry, calendars: Calendars) -> StationClock:
    before = entry.before_due.by_tier() if entry.before_due else {}
    return StationClock(
        entry.station,
        limits_of(entry.limits, calendars),
        {tier: limit_of(text, {}).amount for tier, text in before.items()},
    )


def _rules(entry: RulesEntry) -> Rules:
    given: dict[str, Any] = {name: getattr(entry, name) for name in entry.model_fields_set}
    for name in ("quiet_hours", "follow_up_hours"):
        if name in given:
            given[name] = period_of(given[name])
    if "call_back" in given:
        given["call_back"] = amounts_of(given["call_back"])
    if "call_back_tries" in given:
        given["call_back_tries"] = tuple(given["call_back_tries"])
    if "approvals" in given:
        given["approvals"] = approvals_of(given["approvals"])
    if "disputes" in given:
        given["disputes"] = disputes_of(given["disputes"])
    if "group" in given:
        given["group"] = group_of(given["group"])
    if "hall" in given:
        given["hall"] = hall_of(given["hall"])
    if given.get("services_down") is not None:
        given["services_down"] = both_of(given["services_down"])
    if "speed" in given:
        given["speed"] = speed_of(given["speed"])
    if "tickets" in given:
        given["tickets"] = ticket_rules_of(given["tickets"])
    return Rules(**given)


def hall_of(entry: HallEntry) -> HallRules:
    """Return how appointments go."""
    given = {name: getattr(entry, name) for name in entry.model_fields_set}
    if given.get("homes") is not None:
        given["homes"] = tuple(period_of(span) for span in given["homes"])
    return HallRules(**given)


def speed_of(entry: SpeedEntry) -> SpeedRules:
    """Return what a speed test is worth."""
    return SpeedRules(
        entry.tests,
        tuple(entry.methods),
        entry.below_percent,
        entry.days,
        entry.template,
        both_of(entry.name),
        both_of(entry.tell),
    )


def _template(entry: TemplateEntry, calendars: Calendars) -> Template:
    six = entry.six
    return Template(
        code=entry.code,
        programme=entry.programme,
        group=entry.group,
        source=entry.source,
        name=both_of(entry.name),
        note=both_of(entry.note),
        verify=entry.verify,
        applies=tuple(condition_of(test) for test in entry.applies),
        limits=limits_of(entry.limits, calendars),
        department=entry.department,
        offline=_offline(entry.offline, calendars),
        ask=both_of(entry.ask),
        tell=both_of(entry.tell),
        six=SixHaves(
            both_of(six.target),
            both_of(six.measures),
            both_of(six.owner),
            both_of(six.time_limit),
            both_of(six.supervision),
            both_of(six.assessment),
        ),
        weight=entry.weight,
        boosts=tuple(Boost(condition_of(boost.when), boost.points) for boost in entry.boosts),
        money=_money(entry.money),
        law=maybe_limit(entry.law, calendars),
        once_per=entry.once_per,
        closing=entry.closing,
        callers=tuple(entry.callers),
        once_with=tuple(entry.once_with),
        days=amounts_of(entry.days),
        breach=entry.breach,
        check=entry.check,
        ticket=entry.ticket,
        also=_also(entry.also, calendars),
    )


def _also(entry: AlsoEntry | None, calendars: Calendars) -> Also | None:
    if entry is None:
        return None
    return Also(both_of(entry.name), limits_of(entry.limits, calendars), maybe_limit(entry.later, calendars))


def _offline(entry: OfflineEntry, calendars: Calendars) -> Offline:
    return Offline(
        entry.mode, maybe_limit(entry.limit, calendars), maybe_both(entry.ask), maybe_both(entry.tell), entry.instead
    )


def _money(entry: Money | None) -> MoneyRule | None:
    if entry is None:
        return None
    return MoneyRule(entry.kind, entry.basis, entry.args, entry.statutory, amounts_of(entry.ceilings))
