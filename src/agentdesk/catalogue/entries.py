"""The entries of a catalogue's files with the place they stand at, and what has not the shape of any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError

from agentdesk.catalogue import knowledge_schema, schema
from agentdesk.catalogue.customers_schema import (
    CallReasonEntry,
    ClubEntry,
    CustomersEntry,
    LeavingEntry,
    RightEntry,
    WarningEntry,
)
from agentdesk.catalogue.knowledge_schema import FlowEntry, RemedyEntry, ScriptEntry, ServiceEntry
from agentdesk.catalogue.notices import NoticeEntry
from agentdesk.catalogue.plans import CoreEntry, MixEntry, PlanEntry
from agentdesk.catalogue.schema import (
    CalendarEntry,
    CardEntry,
    CatalogueEntry,
    ClassEntry,
    DepartmentEntry,
    Model,
    ProgrammeEntry,
    RoleEntry,
    RulesEntry,
    Six,
    StationEntry,
    TemplateEntry,
    TicketEntry,
    TierEntry,
)
from agentdesk.catalogue.sign_in import SignInEntry
from agentdesk.catalogue.sources import Problem, Source

M_co = TypeVar("M_co", bound=Model, covariant=True)

_WRITTEN = {**schema.WRITTEN, **knowledge_schema.WRITTEN}


@dataclass(frozen=True, slots=True)
class Entry(Generic[M_co]):
    """One entry of a table and where it stands."""

    source: Source
    table: str
    index: int
    key: str
    model: M_co

    @property
    def place(self) -> str:
        """Return file and line, as messages show them."""
        return f"{self.source.name}:{self.source.line(self.table, self.index, TABLES[self.table].key)}"

    def problem(self, message: str, *key: str | int) -> Problem:
        """Return a problem at a key of the entry, or at the entry itself, which the message names first."""
        line = self.source.line(self.table, self.index, *(key or (TABLES[self.table].key,)))
        return Problem(self.source.name, line, f"{self.key}: {message}")


@dataclass(frozen=True, slots=True)
class Entries:
    """All entries of a catalogue's files."""

    heads: list[Entry[CatalogueEntry]] = field(default_factory=list)
    rules: list[Entry[RulesEntry]] = field(default_factory=list)
    programmes: list[Entry[ProgrammeEntry]] = field(default_factory=list)
    tiers: list[Entry[TierEntry]] = field(default_factory=list)
    cards: list[Entry[CardEntry]] = field(default_factory=list)
    roles: list[Entry[RoleEntry]] = field(default_factory=list)
    departments: list[Entry[DepartmentEntry]] = field(default_factory=list)
    calendars: list[Entry[CalendarEntry]] = field(default_factory=list)
    tickets: list[Entry[TicketEntry]] = field(default_factory=list)
    stations: list[Entry[StationEntry]] = field(default_factory=list)
    classes: list[Entry[ClassEntry]] = field(default_factory=list)
    templates: list[Entry[TemplateEntry]] = field(default_factory=list)
    remedies: list[Entry[RemedyEntry]] = field(default_factory=list)
    services: list[Entry[ServiceEntry]] = field(default_factory=list)
    flows: list[Entry[FlowEntry]] = field(default_factory=list)
    scripts: list[Entry[ScriptEntry]] = field(default_factory=list)
    plans: list[Entry[PlanEntry]] = field(default_factory=list)
    mixes: list[Entry[MixEntry]] = field(default_factory=list)
    cores: list[Entry[CoreEntry]] = field(default_factory=list)
    customers: list[Entry[CustomersEntry]] = field(default_factory=list)
    clubs: list[Entry[ClubEntry]] = field(default_factory=list)
    rights: list[Entry[RightEntry]] = field(default_factory=list)
    warnings: list[Entry[WarningEntry]] = field(default_factory=list)
    call_reasons: list[Entry[CallReasonEntry]] = field(default_factory=list)
    leaving: list[Entry[LeavingEntry]] = field(default_factory=list)
    notices: list[Entry[NoticeEntry]] = field(default_factory=list)
    sign_in: list[Entry[SignInEntry]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table's model, the key that names an entry, where entries go, and whether there is only one."""

    model: type[Model]
    key: str
    field: str
    single: bool = False


TABLES: Mapping[str, _Table] = {
    "catalogue": _Table(CatalogueEntry, "label", "heads", single=True),
    "rules": _Table(RulesEntry, "", "rules", single=True),
    "sign_in": _Table(SignInEntry, "", "sign_in", single=True),
    "programme": _Table(ProgrammeEntry, "id", "programmes"),
    "tier": _Table(TierEntry, "id", "tiers"),
    "card": _Table(CardEntry, "id", "cards"),
    "role": _Table(RoleEntry, "id", "roles"),
    "department": _Table(DepartmentEntry, "id", "departments"),
    "calendar": _Table(CalendarEntry, "id", "calendars"),
    "ticket": _Table(TicketEntry, "kind", "tickets"),
    "station": _Table(StationEntry, "station", "stations"),
    "class": _Table(ClassEntry, "code", "classes"),
    "template": _Table(TemplateEntry, "code", "templates"),
    "remedy": _Table(RemedyEntry, "code", "remedies"),
    "service": _Table(ServiceEntry, "code", "services"),
    "flow": _Table(FlowEntry, "code", "flows"),
    "script": _Table(ScriptEntry, "code", "scripts"),
    "plan": _Table(PlanEntry, "code", "plans"),
    "mix": _Table(MixEntry, "", "mixes", single=True),
    "core": _Table(CoreEntry, "", "cores", single=True),
    "customers": _Table(CustomersEntry, "", "customers", single=True),
    "club": _Table(ClubEntry, "id", "clubs"),
    "right": _Table(RightEntry, "id", "rights"),
    "warning": _Table(WarningEntry, "code", "warnings"),
    "call_reason": _Table(CallReasonEntry, "id", "call_reasons"),
    "leaving": _Table(LeavingEntry, "id", "leaving"),
    "notice": _Table(NoticeEntry, "code", "notices"),
}


def parse(sources: Iterable[Source]) -> tuple[Entries, tuple[Problem, ...]]:
    """Return the entries of the sources that have the right shape, and what is wrong with the others."""
    entries = Entries()
    problems: list[Problem] = []
    for source in sources:
        for name, raw in source.tables.items():
            table = TABLES.get(name)
            if table is None:
                known = ", ".join(sorted(TABLES))
                line = source.line(name, 0)
                problems.append(Problem(source.name, line, f"[{name}] is no table of a catalogue: use one of {known}"))
                continue
            if isinstance(raw, dict) != table.single or not isinstance(raw, dict | list):
                written = f"[{name}]" if table.single else f"[[{name}]]"
                problems.append(Problem(source.name, source.line(name, 0), f"write this table as {written}"))
                continue
            for index, item in enumerate([raw] if table.single else raw):
                _parse(source, name, index, item, entries, problems)
    return entries, tuple(problems)


def _parse(source: Source, name: str, index: int, item: Any, entries: Entries, problems: list[Problem]) -> None:
    table = TABLES[name]
    key = item.get(table.key) if isinstance(item, dict) else None
    who = key if isinstance(key, str) and key else name
    try:
        model = table.model.model_validate(item)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path = _path(detail["loc"])
            message = f"{who}: {_said(path, cast('Mapping[str, Any]', detail))}"
            problems.append(Problem(source.name, source.line(name, index, *path), message))
        return
    getattr(entries, table.field).append(Entry(source, name, index, who, model))


def _path(loc: Sequence[int | str]) -> tuple[int | str, ...]:
    """Return the key as it is written in the file: models fold `is` and its arguments into one table."""
    return tuple(part for part in loc if part not in ("when", "args", "[key]"))


def _said(path: tuple[int | str, ...], detail: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in path)
    match detail["type"]:
        case "missing" if path[-1] in ("zh", "en"):
            return f"`{key}` is missing: write every text in Chinese and in English"
        case "missing" if path[0] == "six":
            return f"`{key}` is missing: a template needs all of the six haves ({', '.join(Six.model_fields)})"
        case "missing":
            return f"`{key}` is missing: add it"
        case "extra_forbidden":
            return f"`{key}` is not known here: remove it or correct its spelling"
        case "value_error":
            return f"`{key}` {detail['msg'].removeprefix('Value error, ')}"
        case "string_pattern_mismatch":
            return f"`{key}` is {detail['input']!r}: write it as {_WRITTEN[detail['ctx']['pattern']]}"
        case _:
            return f"`{key}`: {detail['msg'][:1].lower()}{detail['msg'][1:]}, not {detail['input']!r}"
