"""Plans on sale, free mixes and the core list of services: what files may hold, their check, their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from agentdesk.catalogue.schema import Both, Minor, Model, Name
from agentdesk.domain.finance.plans import GB, Mix, Plan, Portion
from agentdesk.domain.language.phrases import Bilingual

if TYPE_CHECKING:
    from agentdesk.catalogue.entries import Entries, Entry
    from agentdesk.catalogue.sources import Problem

CORE = {"handling": 19, "reminders": 7, "queries": 4}
"""How many services of each sort the core list has: the published numbers (seeds 004)."""

MIXED = "SM52"
"""The service that builds a plan freely; its choices are the portions of the mix."""

Count = Annotated[int, Field(ge=0)]


class PlanEntry(Model):
    code: Name
    name: Both
    fee: Minor
    minutes: Count
    gb: Count
    over_minute: Minor
    over_gb: Minor


class VoiceEntry(Model):
    id: Name
    minutes: Count
    fee: Minor


class DataEntry(Model):
    id: Name
    gb: Count
    fee: Minor


class MixEntry(Model):
    name: Both
    over_minute: Minor
    over_gb: Minor
    voice: list[VoiceEntry] = Field(min_length=1)
    data: list[DataEntry] = Field(min_length=1)


class CoreEntry(Model):
    handling: list[str]
    reminders: list[str]
    queries: list[str]


def plan_of(entry: PlanEntry) -> Plan:
    """Return a plan as the policy has it."""
    name = Bilingual(entry.name.zh, entry.name.en)
    return Plan(entry.code, name, entry.fee, entry.minutes, entry.gb * GB, entry.over_minute, entry.over_gb)


def mix_of(entries: Sequence[Entry[MixEntry]]) -> Mix | None:
    """Return the portions of a free mix, if the files have them."""
    if not entries:
        return None
    entry = entries[0].model
    return Mix(
        Bilingual(entry.name.zh, entry.name.en),
        {p.id: Portion(p.id, p.minutes, p.fee) for p in entry.voice},
        {p.id: Portion(p.id, p.gb * GB, p.fee) for p in entry.data},
        entry.over_minute,
        entry.over_gb,
    )


def core_of(entries: Sequence[Entry[CoreEntry]]) -> tuple[str, ...]:
    """Return the core list in its order: what is handled, reminders, queries."""
    if not entries:
        return ()
    entry = entries[0].model
    return (*entry.handling, *entry.reminders, *entry.queries)


def examine_plans(entries: Entries) -> Iterator[Problem]:
    """Return what is wrong with plans, the mix and the core list."""
    for extra in (*entries.mixes[1:], *entries.cores[1:]):
        yield extra.problem(f"a catalogue has one [{extra.table}] table only: remove this one")
    services = {entry.key: entry.model for entry in entries.services}
    for core in entries.cores:
        listed: list[str] = []
        for sort, wanted in CORE.items():
            codes: list[str] = getattr(core.model, sort)
            if len(codes) != wanted:
                yield core.problem(f"`{sort}` has {len(codes)} services, not {wanted}: add or remove some", sort)
            for code in codes:
                if code not in services:
                    yield core.problem(f"`{sort}` has {code}, which is no service: use another", sort)
                elif code in listed:
                    yield core.problem(f"`{sort}` has {code}, which is in the list already: remove it", sort)
                listed.append(code)
    for mix in entries.mixes:
        service = services.get(MIXED)
        for name in ("voice", "data"):
            asked = next((n for n in service.needs if n.id == name), None) if service else None
            choices = {choice.id for choice in asked.choices} if asked else set()
            portions = {portion.id for portion in getattr(mix.model, name)}
            if service is not None and choices != portions:
                yield mix.problem(f"`{name}` differs from the choices of {MIXED}: give both the same ids", name)
