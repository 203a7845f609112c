"""What the catalogue's files may hold: a strict model of every table.

Any file may hold any table; an operator may cut the catalogue into files as he likes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

TierName = Literal["standard", "vip", "diamond"]

_HOURS = r"^([01]\d|2[0-4]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$"
_LIMIT = r"^\d{1,6}[mhd]( [a-z][a-z0-9_]*)?$"
_NAME = r"^[a-z][a-z0-9_]*$"
_DOTTED = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$"
_CODE = r"^[A-Z][A-Z0-9]{0,7}$"
_LABEL = r"^[a-z0-9][a-z0-9.-]*$"

_HAN = re.compile("[\u3400-\u9fff]")

WRITTEN: Mapping[str, str] = {
    _HOURS: "hours such as 08:30-12:00",
    _LIMIT: "a time limit such as 10m, 36h or 7d, in working time with its calendar: 30m office",
    _NAME: "a name such as team_leader, in small letters, digits and _",
    _DOTTED: "a code such as fault.broadband.drops",
    _CODE: "a code such as U04",
    _LABEL: "a label such as sample-1",
}
"""How what a pattern asks for is written, for the messages."""

Hours = Annotated[str, Field(pattern=_HOURS)]
LimitText = Annotated[str, Field(pattern=_LIMIT)]
Name = Annotated[str, Field(pattern=_NAME)]
DottedName = Annotated[str, Field(pattern=_DOTTED)]
Minor = Annotated[int, Field(ge=0)]
T = TypeVar("T")


def _written(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank: write the text")
    if text != text.strip():
        raise ValueError("begins or ends with a space: remove it")
    return text


def _english(text: str) -> str:
    if _HAN.search(text):
        raise ValueError("is not translated: write it in English")
    return text


Words = Annotated[str, AfterValidator(_written)]


class Model(BaseModel):
    """The base of all tables and parts: strict, and nothing that isn't known."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Both(Model):
    """A text in both languages."""

    zh: Words
    en: Annotated[Words, AfterValidator(_english)]

    def say(self, language: str) -> str:
        """Return the text in `zh` or `en`."""
        return self.zh if language == "zh" else self.en


class PerTier(Model, Generic[T]):
    """A value for each tier; one value alone stands for all three."""

    standard: T
    vip: T
    diamond: T

    @model_validator(mode="before")
    @classmethod
    def _for_all(cls, raw: object) -> object:
        return raw if isinstance(raw, dict) else {"standard": raw, "vip": raw, "diamond": raw}

    def by_tier(self) -> dict[TierName, T]:
        return {"standard": self.standard, "vip": self.vip, "diamond": self.diamond}


class Test(Model):
    """A condition, written as `{ is = "stopped", reasons = ["arrears"] }`."""

    name: str = Field(alias="is")
    args: dict[str, object]

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        rest = {key: value for key, value in raw.items() if key != "is"}
        return {"args": rest} | ({"is": raw["is"]} if "is" in raw else {})


class BoostEntry(Model):
    """A condition with `points`."""

    points: int = Field(ge=1)
    when: Test

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        rest = {key: value for key, value in raw.items() if key != "points"}
        return {"when": rest} | ({"points": raw["points"]} if "points" in raw else {})


class Money(Model):
    kind: Literal["cost", "credit", "refund"]
    basis: str
    args: dict[str, object] = {}
    statutory: bool = False
    ceilings: PerTier[Minor] | None = None


class OfflineEntry(Model):
    mode: Literal["same", "later", "none"]
    limit: LimitText | None = None
    ask: Both | None = None
    tell: Both | None = None
    instead: str | None = None


class AlsoEntry(Model):
    name: Both
    limits: PerTier[LimitText]
    later: LimitText | None = None


class Six(Model):
    target: Both
    measures: Both
    owner: Both
    time_limit: Both
    supervision: Both
    assessment: Both


class TemplateEntry(Model):
    code: str = Field(pattern=_CODE)
    programme: Name
    group: Name
    source: Literal["article", "sample"]
    name: Both
    note: Both
    verify: int = Field(ge=0, le=3)
    applies: list[Test] = []
    limits: PerTier[LimitText]
    law: LimitText | None = None
    department: Name
    offline: OfflineEntry
    ask: Both
    tell: Both
    six: Six
    weight: int = Field(default=0, ge=0)
    boosts: list[BoostEntry] = []
    money: Money | None = None
    once_per: Literal["cycle"] | None = None
    once_with: list[str] = []
    closing: Literal["call", "proof"] = "call"
    callers: list[Literal["owner", "user", "agent", "handler", "other"]] = []
    days: PerTier[Annotated[int, Field(ge=1)]] | None = None
    breach: str | None = None
    check: bool = False
    ticket: str | None = None
    also: AlsoEntry | None = None


class CatalogueEntry(Model):
    label: str = Field(pattern=_LABEL)
    sample: bool


class ProgrammeEntry(Model):
    id: Name
    name: Both
    groups: dict[Name, Both]


class TierEntry(Model):
    id: TierName
    name: Both
    mark: Words
    quick_limit: Minor
    customer_90_days: Minor


class CardEntry(Model):
    id: Name
    name: Both
    tier: TierName


class RoleEntry(Model):
    id: Name
    name: Both
    rank: int = Field(ge=0)
    cost_limit: PerTier[Minor]
    approves: bool = False
    daily_cost: Minor = 0
    daily_promises: int = Field(default=0, ge=0)
    rights: list[DottedName] | None = None


class DepartmentEntry(Model):
    id: Name
    name: Both
    calendar: Name


class CalendarEntry(Model):
    """Hours by weekday; `every_day` or `weekdays` stand for those that are not given by themselves."""

    id: Name
    every_day: list[Hours] | None = None
    weekdays: list[Hours] | None = None
    monday: list[Hours] | None = None
    tuesday: list[Hours] | None = None
    wednesday: list[Hours] | None = None
    thursday: list[Hours] | None = None
    friday: list[Hours] | None = None
    saturday: list[Hours] | None = None
    sunday: list[Hours] | None = None
    timezone: str = "Asia/Shanghai"
    holidays: Literal["china"] | None = None
    years: list[Annotated[int, Field(ge=2001, le=2100)]] | None = Field(default=None, min_length=2, max_length=2)
    closed: list[date] = []
    worked: list[date] = []


class TicketEntry(Model):
    kind: DottedName
    limits: PerTier[LimitText]
    law: LimitText | None = None


class StationEntry(Model):
    station: Name
    limits: PerTier[LimitText] | None = None
    before_due: PerTier[LimitText] | None = None


class ClassEntry(Model):
    code: DottedName
    name: Both
    department: Name | None = None


class LabelEntry(Model):
    name: Both
    days: int = Field(ge=1)
    words: Both
    still: Both


class ChannelEntry(Model):
    name: Both
    minutes: int = Field(ge=1)


class GroupEntry(Model):
    common_tickets: int = Field(default=5, ge=2)
    common_hours: int = Field(default=24, ge=1)
    common_depth: int = Field(default=2, ge=1, le=3)
    follow_up: int = Field(default=1440, ge=1)
    publishes: list[Name] = []
    manages: list[Name] = []
    away_minutes: int = Field(default=1440, ge=1)
    away_department: Name = "customer_service"
    labels: dict[Name, LabelEntry] = {}
    channels: dict[Name, ChannelEntry] = {}


class PauseEntry(Model):
    name: Both
    most: LimitText
    tries: int = Field(default=0, ge=0)


class ReplyWordsEntry(Model):
    due: Both
    overdue: Both


class TicketRulesEntry(Model):
    pauses: dict[Name, PauseEntry] = {}
    words: dict[Name, ReplyWordsEntry] = {}
    expert_first: list[DottedName] = []
    expert_day: int = Field(default=60, ge=1)
    exempt: list[Name] = []
    by_person: list[Name] = ["fault", "request", "complaint"]


class ApprovalsEntry(Model):
    answer: int = Field(default=15, ge=1)
    use: int = Field(default=30, ge=1)
    later: int = Field(default=240, ge=1)
    ask: Both
    tell: Both
    declined: Both


class DisputesEntry(Model):
    taken: Both
    honoured: Both
    dismissed: Both


class SpeedEntry(Model):
    tests: int = Field(default=3, ge=1)
    methods: list[Literal["wired", "engineer", "wireless"]] = ["wired", "engineer"]
    below_percent: int = Field(default=100, ge=1, le=100)
    days: int = Field(default=7, ge=1)
    template: str
    name: Both
    tell: Both


class HallEntry(Model):
    slot: int = Field(default=30, ge=5)
    counters: int = Field(default=3, ge=1)
    engineers: int = Field(default=4, ge=1)
    homes: list[Hours] | None = Field(default=None, min_length=1)
    remind: int = Field(default=120, ge=1)
    missed: int = Field(default=30, ge=1)
    vip_wait: int = Field(default=5, ge=0)


class RulesEntry(Model):
    services_down: Both | None = None
    hall: HallEntry | None = None
    remedy_later: dict[Literal["none", "cost", "credit", "refund"], Annotated[int, Field(ge=1)]] | None = None
    charging_months: int | None = Field(default=None, ge=1)
    speed: SpeedEntry | None = None
    miskey_after_call_s: int | None = Field(default=None, ge=0)
    repeat_days: dict[Name, int] | None = None
    chase_raises_at: int | None = Field(default=None, ge=1)
    verify_misses_call: int | None = Field(default=None, ge=1)
    verify_misses_day: int | None = Field(default=None, ge=1)
    wrap_up_s: dict[Name, int] | None = None
    wrap_up_more_s: int | None = Field(default=None, ge=0)
    wrap_up_more_times: int | None = Field(default=None, ge=0)
    returns_allowed: int | None = Field(default=None, ge=0)
    instant_within_s: int | None = Field(default=None, ge=1)
    not_ready: dict[Name, int] | None = None
    idle_lock_s: int | None = Field(default=None, ge=1)
    reveal_s: int | None = Field(default=None, ge=5, le=600)
    busy_wait_s: int | None = Field(default=None, ge=0)
    busy_sms_s: int | None = Field(default=None, ge=0)
    busy_again: int | None = Field(default=None, ge=0)
    call_back: PerTier[int] | None = None
    call_back_tries: list[int] | None = None
    quiet_hours: Hours | None = None
    ring_back_s: int | None = Field(default=None, ge=1)
    ring_back_tries: int | None = Field(default=None, ge=0)
    follow_up_hours: Hours | None = None
    follow_up_tries: int | None = Field(default=None, ge=1)
    follow_up_days: int | None = Field(default=None, ge=1)
    follow_up_percent: int | None = Field(default=None, ge=0, le=100)
    warn_percent: int | None = Field(default=None, ge=1, le=100)
    ladder: dict[Name, int] | None = None
    approvals: ApprovalsEntry | None = None
    disputes: DisputesEntry | None = None
    group: GroupEntry | None = None
    tickets: TicketRulesEntry | None = None
