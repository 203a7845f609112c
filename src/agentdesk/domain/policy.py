"""The operator's policy as data: what a version of the catalogue says.

These are plain frozen values. The `catalogue` room reads them from files and checks them; the rules in this
room only read them. Everything that an operator may want to change is here and never in code (DOMAIN rule 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agentdesk.domain.calendar import BusinessCalendar, Limit

Tier = Literal["standard", "vip", "diamond"]
TIERS: tuple[Tier, ...] = ("standard", "vip", "diamond")

OfflineMode = Literal["same", "later", "none"]
MoneyKind = Literal["cost", "credit"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in Chinese and in English."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """Return the text in `language` (`zh…` is Chinese, anything else English)."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Condition:
    """A named test of the caller's case with its arguments; `domain.conditions` knows the names."""

    name: str
    args: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Boost:
    """Points that a template gains in the ranking while a condition holds."""

    when: Condition
    points: int


@dataclass(frozen=True, slots=True)
class MoneyRule:
    """How much a promise gives: the computed need, never the limit (DOMAIN rule 4).

    `basis` is a name that `domain.amounts` knows; `ceilings` are minor units by tier, on top of the role's
    authority; statutory compensation has no tier and no ceiling by role (DOMAIN rule 5).
    """

    kind: MoneyKind
    basis: str
    args: Mapping[str, object] = field(default_factory=dict)
    statutory: bool = False
    ceilings: Mapping[Tier, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offline:
    """What may be promised while the centre can't be reached (DOMAIN rule 12).

    `same`: as with the line up. `later`: own words and an own "at the latest by" (`limit`). `none`: not at all;
    `instead` names the template to offer in its place (a call-back).
    """

    mode: OfflineMode
    limit: Limit | None = None
    ask: Bilingual | None = None
    tell: Bilingual | None = None
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class SixHaves:
    """The six haves (六有) without which nothing is published: seeds 000."""

    target: Bilingual
    measures: Bilingual
    owner: Bilingual
    time_limit: Bilingual
    supervision: Bilingual
    assessment: Bilingual


@dataclass(frozen=True, slots=True)
class Template:
    """An instant commitment on offer (即时承诺): words, verification, limits, time, department and six haves.

    `limits` are the policy's time limits by tier; `law` is the statutory one, always natural time. `once_per`
    is `cycle` for a promise that a customer may get once in a billing cycle. `closing` is `call` where a
    follow-up call ends it and `proof` where the system's own proof does (DOMAIN rule 7).
    """

    code: str
    programme: str
    group: str
    source: Literal["article", "sample"]
    name: Bilingual
    note: Bilingual
    verify: int
    applies: tuple[Condition, ...]
    limits: Mapping[Tier, Limit]
    department: str
    offline: Offline
    ask: Bilingual
    tell: Bilingual
    six: SixHaves
    weight: int = 0
    boosts: tuple[Boost, ...] = ()
    money: MoneyRule | None = None
    law: Limit | None = None
    once_per: Literal["cycle"] | None = None
    closing: Literal["call", "proof"] = "call"
    callers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may promise alone: minor units by tier; `rank` orders who may approve for whom."""

    id: str
    name: Bilingual
    rank: int
    cost_limit: Mapping[Tier, int]
    approves: bool = False
    daily_cost: int = 0
    daily_promises: int = 0


@dataclass(frozen=True, slots=True)
class Department:
    """A unit that keeps promises; `calendar` gives its working time."""

    id: str
    name: Bilingual
    calendar: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card level (卡级) and the tier that service policy sees."""

    id: str
    name: Bilingual
    tier: Tier


@dataclass(frozen=True, slots=True)
class TierRule:
    """What goes with a tier: the quick limit and the 90-day sum of the front line, minor units; its words and mark."""

    id: Tier
    name: Bilingual
    mark: str
    quick_limit: int
    customer_90_days: int


@dataclass(frozen=True, slots=True)
class TicketClock:
    """The time limits of one kind of ticket by tier, and the law's own limit (policy §4)."""

    kind: str
    limits: Mapping[Tier, Limit]
    law: Limit | None = None


@dataclass(frozen=True, slots=True)
class StationClock:
    """How long a ticket may lie at a station, by tier."""

    station: str
    limits: Mapping[Tier, Limit]


@dataclass(frozen=True, slots=True)
class ClassNode:
    """A node of the three-level classification: `code` such as `fault.broadband.drops`."""

    code: str
    name: Bilingual
    tree: Literal["symptom", "cause"]
    kind: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Single figures of the policy; minutes unless the name says otherwise."""

    miskey_after_call_s: int = 60
    repeat_days: Mapping[str, int] = field(default_factory=dict)
    chase_raises_at: int = 3
    verify_misses_call: int = 3
    verify_misses_day: int = 5
    wrap_up_s: Mapping[str, int] = field(default_factory=dict)
    returns_allowed: int = 1
    instant_within_s: int = 120


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One published version of the policy; `version` is its label and the digest of its content."""

    version: str
    tiers: Mapping[Tier, TierRule]
    cards: Mapping[str, Card]
    roles: Mapping[str, Role]
    departments: Mapping[str, Department]
    calendars: Mapping[str, BusinessCalendar]
    templates: Mapping[str, Template]
    tickets: Mapping[str, TicketClock]
    stations: Mapping[str, StationClock]
    classes: Mapping[str, ClassNode]
    rules: Rules
    sample: bool = True

    def tier_of(self, card: str) -> Tier:
        """Return the tier of a card level; an unknown card is `standard`."""
        known = self.cards.get(card)
        return known.tier if known else "standard"
