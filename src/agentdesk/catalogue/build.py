"""From the entries of the files to the policy's values, once `check.examine` has nothing against them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from agentdesk.catalogue import compiled
from agentdesk.catalogue.entries import Entries, Entry
from agentdesk.catalogue.holidays_cn import mainland_days
from agentdesk.catalogue.schema import (
    Both,
    CalendarEntry,
    CatalogueEntry,
    ClassEntry,
    Model,
    Money,
    OfflineEntry,
    PerTier,
    ProgrammeEntry,
    RoleEntry,
    RulesEntry,
    StationEntry,
    TemplateEntry,
    Test,
    TierEntry,
)
from agentdesk.domain.calendar import BusinessCalendar, Limit, Period
from agentdesk.domain.policy import (
    Bilingual,
    Boost,
    Card,
    Catalogue,
    ClassNode,
    Condition,
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
    Tier,
    TierRule,
)

CAUSE = "cause."
"""What the code of a cause (原因) begins with; all other classes are symptoms (现象)."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_WEEK = (*_WEEKDAYS, "saturday", "sunday")
_MINUTES = {"m": 1, "h": 60, "d": 1440}
_LIMIT = re.compile(r"(\d+)([mhd])(?: (\w+))?")

Calendars = Mapping[str, BusinessCalendar]
M = TypeVar("M", bound=Model)


def limit_of(text: str, calendars: Calendars) -> Limit:
    """Return the limit that `10m`, `36h`, `7d` or, in working time, `30m office` means.

    A day is 24 hours, in working time an ordinary weekday's hours. Raises ValueError with what to do.
    """
    parts = _LIMIT.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is no time limit: write 10m, 36h, 7d or 30m office")
    number, unit, name = int(parts[1]), parts[2], parts[3]
    if name is None:
        return Limit(number * _MINUTES[unit])
    calendar = calendars.get(name)
    if calendar is None:
        raise ValueError(f"no calendar is called {name!r}: use one of {', '.join(sorted(calendars))}")
    minutes = calendar.minutes_per_workday if unit == "d" else _MINUTES[unit]
    return Limit(number * minutes, "working", name)


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
        cards={m.id: Card(m.id, _both(m.name), m.tier) for m in _sorted(entries.cards, "id")},
        roles={m.id: _role(m) for m in _sorted(entries.roles, "id")},
        departments={m.id: Department(m.id, _both(m.name), m.calendar) for m in _sorted(entries.departments, "id")},
        calendars=dict(sorted(calendars.items())),
        templates={m.code: _template(m, calendars) for m in _sorted(entries.templates, "code")},
        tickets={
            m.kind: TicketClock(m.kind, _limits(m.limits, calendars), _limit(m.law, calendars))
            for m in _sorted(entries.tickets, "kind")
        },
        stations={m.station: _station(m, calendars) for m in _sorted(entries.stations, "station")},
        classes={m.code: class_of(m) for m in _sorted(entries.classes, "code")},
        rules=_rules(entries.rules[0].model) if entries.rules else Rules(),
        sample=head.sample,
        programmes={m.id: _programme(m) for m in _sorted(entries.programmes, "id")},
    )
    return versioned(catalogue, head)


def versioned(catalogue: Catalogue, head: CatalogueEntry) -> Catalogue:
    """Return the catalogue under its version: the label, and the digest of what it says."""
    return replace(catalogue, version=f"{head.label}+{compiled.digest(catalogue)}")


def class_of(entry: ClassEntry) -> ClassNode:
    """Return a class with the tree and the kind of ticket that its code says."""
    cause = entry.code.startswith(CAUSE)
    kind = entry.code.removeprefix(CAUSE).partition(".")[0]
    return ClassNode(entry.code, _both(entry.name), "cause" if cause else "symptom", kind, entry.department)


def _sorted(entries: Iterable[Entry[M]], key: str) -> list[M]:
    return sorted((entry.model for entry in entries), key=lambda model: str(getattr(model, key)))


def _both(text: Both) -> Bilingual:
    return Bilingual(text.zh, text.en)


def _maybe(text: Both | None) -> Bilingual | None:
    return _both(text) if text else None


def _limit(text: str | None, calendars: Calendars) -> Limit | None:
    return limit_of(text, calendars) if text else None


def _limits(texts: PerTier[str] | None, calendars: Calendars) -> dict[Tier, Limit]:
    return {tier: limit_of(text, calendars) for tier, text in texts.by_tier().items()} if texts else {}


def _amounts(amounts: PerTier[int] | None) -> dict[Tier, int]:
    return dict(amounts.by_tier()) if amounts else {}


def _condition(test: Test) -> Condition:
    return Condition(test.name, test.args)


def _programme(entry: ProgrammeEntry) -> Programme:
    groups = {group: _both(name) for group, name in sorted(entry.groups.items())}
    return Programme(entry.id, _both(entry.name), groups)


def _tier(entry: TierEntry) -> TierRule:
    return TierRule(entry.id, _both(entry.name), entry.mark, entry.quick_limit, entry.customer_90_days)


def _role(entry: RoleEntry) -> Role:
    return Role(
        entry.id,
        _both(entry.name),
        entry.rank,
        _amounts(entry.cost_limit),
        entry.approves,
        entry.daily_cost,
        entry.daily_promises,
    )


def _station(entry: StationEntry, calendars: Calendars) -> StationClock:
    before = entry.before_due.by_tier() if entry.before_due else {}
    return StationClock(
        entry.station,
        _limits(entry.limits, calendars),
        {tier: limit_of(text, {}).amount for tier, text in before.items()},
    )


def _rules(entry: RulesEntry) -> Rules:
    given: dict[str, Any] = {name: getattr(entry, name) for name in entry.model_fields_set}
    for name in ("quiet_hours", "follow_up_hours"):
        if name in given:
            given[name] = period_of(given[name])
    if "call_back" in given:
        given["call_back"] = _amounts(given["call_back"])
    if "call_back_tries" in given:
        given["call_back_tries"] = tuple(given["call_back_tries"])
    return Rules(**given)


def _template(entry: TemplateEntry, calendars: Calendars) -> Template:
    six = entry.six
    return Template(
        code=entry.code,
        programme=entry.programme,
        group=entry.group,
        source=entry.source,
        name=_both(entry.name),
        note=_both(entry.note),
        verify=entry.verify,
        applies=tuple(_condition(test) for test in entry.applies),
        limits=_limits(entry.limits, calendars),
        department=entry.department,
        offline=_offline(entry.offline, calendars),
        ask=_both(entry.ask),
        tell=_both(entry.tell),
        six=SixHaves(
            _both(six.target),
            _both(six.measures),
            _both(six.owner),
            _both(six.time_limit),
            _both(six.supervision),
            _both(six.assessment),
        ),
        weight=entry.weight,
        boosts=tuple(Boost(_condition(boost.when), boost.points) for boost in entry.boosts),
        money=_money(entry.money),
        law=_limit(entry.law, calendars),
        once_per=entry.once_per,
        closing=entry.closing,
        callers=tuple(entry.callers),
        once_with=tuple(entry.once_with),
        days=_amounts(entry.days),
    )


def _offline(entry: OfflineEntry, calendars: Calendars) -> Offline:
    return Offline(entry.mode, _limit(entry.limit, calendars), _maybe(entry.ask), _maybe(entry.tell), entry.instead)


def _money(entry: Money | None) -> MoneyRule | None:
    if entry is None:
        return None
    return MoneyRule(entry.kind, entry.basis, entry.args, entry.statutory, _amounts(entry.ceilings))
