"""What a plan would have cost: the last months' use against the plans on sale, and free mixes of voice and data.

A pure calculator over sample plans: fees and prices are minor units, data is megabytes, voice whole minutes. What the
plan holds is free, each minute and each gigabyte begun beyond it costs the plan's price.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from agentdesk.domain.language.phrases import Bilingual

GB = 1024
MONTHS = 3
"""How many months of use plans are compared with."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan (套餐) on sale: what it holds a month, and what is beyond it costs."""

    code: str
    name: Bilingual
    fee: int
    minutes: int
    mb: int
    over_minute: int
    over_gb: int
    line: str = "mobile"


@dataclass(frozen=True, slots=True)
class Portion:
    """One size of voice or of data that a plan can be built of; `amount` is minutes or megabytes."""

    id: str
    amount: int
    fee: int


@dataclass(frozen=True, slots=True)
class Mix:
    """A plan that is built freely (自由组合) of a portion of voice and one of data."""

    name: Bilingual
    voice: Mapping[str, Portion]
    data: Mapping[str, Portion]
    over_minute: int
    over_gb: int

    def plan(self, voice: str, data: str) -> Plan:
        """Return the plan of two portions; raises KeyError for an unknown one."""
        first, second = self.voice[voice], self.data[data]
        name = Bilingual(
            f"{self.name.zh} {first.amount} 分钟 + {second.amount // GB}G",
            f"{self.name.en}, {first.amount} min + {second.amount // GB} GB",
        )
        code = f"{voice}+{data}"
        fee = first.fee + second.fee
        return Plan(code, name, fee, first.amount, second.amount, self.over_minute, self.over_gb)


@dataclass(frozen=True, slots=True)
class Use:
    """What a line used in a month such as `2026-10`."""

    month: str
    minutes: int
    mb: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan would have cost in a month: the fee, and what was beyond it."""

    fee: int
    voice: int
    data: int

    @property
    def total(self) -> int:
        return self.fee + self.voice + self.data


@dataclass(frozen=True, slots=True)
class Fit:
    """How a plan fits the use: each month's cost, their sum, and what it saves against the present plan."""

    plan: Plan
    months: tuple[Cost, ...]
    saves: int = field(default=0)

    @property
    def total(self) -> int:
        return sum(cost.total for cost in self.months)


def cost(plan: Plan, use: Use) -> Cost:
    """Return what a plan would have cost for a month's use."""
    minutes = max(0, use.minutes - plan.minutes)
    gigabytes = -(-max(0, use.mb - plan.mb) // GB)
    return Cost(plan.fee, minutes * plan.over_minute, gigabytes * plan.over_gb)


def fitting(plan: Plan, uses: Collection[Use]) -> Fit:
    """Return how one plan fits."""
    return Fit(plan, tuple(cost(plan, use) for use in uses))


def best(plans: Iterable[Plan], uses: Collection[Use], present: Plan | None = None, most: int = 3) -> tuple[Fit, ...]:
    """Return the plans that would have cost least for the use, with what each saves against the present one.

    Of two that cost the same the one with the lower fee comes first. Nothing is said without any use.
    """
    if not uses:
        return ()
    now = fitting(present, uses).total if present else None
    found = [fitting(plan, uses) for plan in plans]
    found.sort(key=lambda fit: (fit.total, fit.plan.fee, fit.plan.code))
    return tuple(Fit(fit.plan, fit.months, 0 if now is None else now - fit.total) for fit in found[:most])


def best_mixes(mix: Mix, uses: Collection[Use], present: Plan | None = None, most: int = 3) -> tuple[Fit, ...]:
    """Return the free mixes that would have cost least."""
    return best((mix.plan(voice, data) for voice in mix.voice for data in mix.data), uses, present, most)


def present_plan(plans: Mapping[str, Plan], name: str, fee: int) -> Plan | None:
    """Return the plan that a line has, by its name; one with the same fee when the name is no longer sold."""
    named = next((plan for plan in plans.values() if name in (plan.code, plan.name.zh, plan.name.en)), None)
    return named or next((plan for plan in plans.values() if plan.fee == fee), None)
