"""The operator's policy as data: what a version of the catalogue says.

These are plain frozen values. The `catalogue` room reads them from files and checks them; the rules in this
room only read them. Everything that an operator may want to change is here and never in code (DOMAIN rule 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agentdesk.domain.access import SignIn
from agentdesk.domain.finance.plans import Mix, Plan
from agentdesk.domain.guidance.knowledge import Answer, Choice, Flow, FlowEnd, FlowStep, Input, Script, Service
from agentdesk.domain.language.phrases import Bilingual, Condition
from agentdesk.domain.offering.approving import ApprovalRules, DisputeRules
from agentdesk.domain.profile.customers import CustomerPolicy
from agentdesk.domain.rules import (
    Rules,
)
from agentdesk.domain.tiers import TIERS, Tier
from agentdesk.domain.times.calendar import BusinessCalendar, Limit
from agentdesk.domain.work.notices import NoticeText

__all__ = [
    "TIERS",
    "Also",
    "Answer",
    "ApprovalRules",
    "Bilingual",
    "Boost",
    "BusinessCalendar",
    "Card",
    "Catalogue",
    "Choice",
    "ClassNode",
    "Condition",
    "CustomerPolicy",
    "Department",
    "DisputeRules",
    "Flow",
    "FlowEnd",
    "FlowStep",
    "Input",
    "Limit",
    "MoneyKind",
    "MoneyRule",
    "Offline",
    "OfflineMode",
    "Programme",
    "Remedy",
    "Role",
    "Rules",
    "Script",
    "Service",
    "SignIn",
    "SixHaves",
    "StationClock",
    "Template",
    "TicketClock",
    "Tier",
    "TierRule",
]

OfflineMode = Literal["same", "later", "none"]
MoneyKind = Literal["cost", "credit", "refund"]
"""What is given away, what comes back when the bill is paid, and the customer's own money that he gets back."""


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
class Also:
    """A second deadline that is announced with a promise, before its own: `first contact in 2 h, solved in 48 h`.

    `later` is its limit while the line is down, where the template says other things then.
    """

    name: Bilingual
    limits: Mapping[Tier, Limit]
    later: Limit | None = None


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
    is `cycle` for a promise that a customer may get once in a billing cycle; promises of the templates in
    `once_with` count as the same one. `closing` is `call` where a follow-up call ends it and `proof` where the
    system's own proof does (DOMAIN rule 7). `days` by tier is the figure that the words call `{days}`; credit is
    to be repaid within them. `breach` is the remedy that a broken promise gives by itself. `check`: what is given is
    given first and looked into afterwards (先退费后核查). `ticket` is the class of the fault ticket that carries the
    department's work, opened with the promise. `also` is a second deadline that the words announce.
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
    once_with: tuple[str, ...] = ()
    days: Mapping[Tier, int] = field(default_factory=dict)
    breach: str | None = None
    check: bool = False
    ticket: str | None = None
    also: Also | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """A service remedy (服务补救): what is given to make good, in units of `unit`, with what it costs whom.

    `category` is apology, compensation, gift, priority or correction. `steps` are the sizes to choose from; with
    `basis` the size is what the basis computes, in yuan, times the step. `unit_cost` and `ceilings` are minor units;
    a remedy whose `money` is none may have a cost all the same, which is of our people's time. `limits` say until
    when it has been given. `not_with` names remedies that would give the same twice in one matter. `booked` is the
    department that pays, or `responsible`: the one that caused it. `evidence` says what has to lie there before.
    `days` by tier are those within which credit is to be repaid; `check` is as in a template.
    """

    code: str
    category: str
    source: Literal["article", "sample"]
    name: Bilingual
    note: Bilingual
    unit: Bilingual
    steps: tuple[int, ...]
    unit_cost: int
    money: Literal["none", "cost", "credit", "refund"]
    stackable: bool
    not_with: tuple[str, ...]
    verify: int
    callers: tuple[str, ...]
    department: str
    limits: Mapping[Tier, Limit]
    applies: tuple[Condition, ...]
    evidence: Bilingual
    offline: OfflineMode
    tell: Bilingual
    booked: str
    statutory: bool = False
    basis: str | None = None
    args: Mapping[str, object] = field(default_factory=dict)
    ceilings: Mapping[Tier, int] = field(default_factory=dict)
    days: Mapping[Tier, int] = field(default_factory=dict)
    check: bool = False


@dataclass(frozen=True, slots=True)
class Programme:
    """A published set of commitments, such as U+, with its groups by id."""

    id: str
    name: Bilingual
    groups: Mapping[str, Bilingual]


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may promise alone: minor units by tier; `rank` orders who may approve for whom.

    `rights` are the kinds of operation that it may do, or the words before their dots; None: all of them.
    """

    id: str
    name: Bilingual
    rank: int
    cost_limit: Mapping[Tier, int]
    approves: bool = False
    daily_cost: int = 0
    daily_promises: int = 0
    rights: frozenset[str] | None = None


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
    """How long a ticket may lie at a station, by tier.

    A station with `before_due` has no time of its own: it must be done so many minutes before the ticket is due.
    """

    station: str
    limits: Mapping[Tier, Limit]
    before_due: Mapping[Tier, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassNode:
    """A node of the three-level classification: `code` such as `fault.broadband.drops`."""

    code: str
    name: Bilingual
    tree: Literal["symptom", "cause"]
    kind: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One published version of the policy; `version` is its label and the digest of its content.

    Templates, remedies, services, flows, scripts and plans are by code; `core_services` are codes in their order.
    """

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
    programmes: Mapping[str, Programme] = field(default_factory=dict)
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    scripts: Mapping[str, Script] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    mix: Mix | None = None
    core_services: tuple[str, ...] = ()
    customers: CustomerPolicy = field(default_factory=CustomerPolicy)
    notices: Mapping[str, NoticeText] = field(default_factory=dict)
    sign_in: SignIn = field(default_factory=SignIn)

    def tier_of(self, card: str) -> Tier:
        """Return the tier of a card level; an unknown card is `standard`."""
        known = self.cards.get(card)
        return known.tier if known else "standard"
