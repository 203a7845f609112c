"""The figures of the policy that belong to no single entry: repeats, chases, wrap-up, call-backs, ladders, and what
holds for tickets, labels, channels and speed tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.offering.approving import NO_WORDS, ApprovalRules, DisputeRules
from agentdesk.domain.tiers import Tier


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What a sort of label on a number means: for how many days, what is said before such a call is ended, and what
    the caller gets all the same.
    """

    name: Bilingual
    days: int
    words: Bilingual
    still: Bilingual


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """A channel to which a contact may be handed, and in how many minutes it is taken up there."""

    name: Bilingual
    minutes: int


@dataclass(frozen=True, slots=True)
class GroupRules:
    """Figures about what concerns many customers, and about labels and channels; sample policy.

    So many tickets of one class (its first `common_depth` levels) and place within so many hours suggest a management
    ticket. Who was attached to an announcement and promised a call is called within `follow_up` minutes of its end.
    Roles that may publish, and open management tickets; without any, those that approve.
    """

    common_tickets: int = 5
    common_hours: int = 24
    common_depth: int = 2
    follow_up: int = 1440
    publishes: tuple[str, ...] = ()
    manages: tuple[str, ...] = ()
    away_minutes: int = 1440
    away_department: str = "customer_service"
    labels: Mapping[str, LabelRule] = field(default_factory=dict)
    channels: Mapping[str, ChannelRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PauseRule:
    """A reason for which the policy's clock of a ticket may pause: for at most `most` minutes each time, and only after
    `tries` calls that reached nobody.
    """

    name: Bilingual
    most: int
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """What a customer is told of a ticket's deadline (`{due}`), and of the way on when it has passed (申诉途径)."""

    due: Bilingual
    overdue: Bilingual


@dataclass(frozen=True, slots=True)
class TicketRules:
    """What the policy says of tickets beside their clocks.

    `pauses` are the only reasons to pause, by code; `words` go by the kind of ticket. Classes that begin with one of
    `expert_first` pass the expert seat before a department gets them; `expert_day` is how many cases an expert handles
    in a day. `exempt` kinds may be closed in the call when they are answered there; `by_person` are followed up by a
    person, each of them (DOMAIN rule 7).
    """

    pauses: Mapping[str, PauseRule] = field(default_factory=dict)
    words: Mapping[str, ReplyWords] = field(default_factory=dict)
    expert_first: tuple[str, ...] = ()
    expert_day: int = 60
    exempt: tuple[str, ...] = ()
    by_person: tuple[str, ...] = ("fault", "request", "complaint")


@dataclass(frozen=True, slots=True)
class HallRules:
    """How appointments (预约) go: minutes; a sample.

    `slot` is how long a counter's lasts; `counters` how many customers a hall serves at once where its own document
    doesn't say, `engineers` how many home visits a region has at once; `homes` when home visits begin and end, minutes
    of the day. A reminder goes out `remind` before; who isn't there `missed` after the beginning missed it; who had an
    appointment and waits longer than `vip_wait` queued in spite of it.
    """

    slot: int = 30
    counters: int = 3
    engineers: int = 4
    homes: tuple[tuple[int, int], ...] = ((480, 600), (600, 720), (840, 960), (960, 1080), (1080, 1200))
    remind: int = 120
    missed: int = 30
    vip_wait: int = 5


@dataclass(frozen=True, slots=True)
class SpeedRules:
    """What a speed test (宽带测速) is worth, and what a valid one below the contract promises by itself (seeds 000).

    A test is valid when it was run `tests` times by one of `methods`; it is below when it has less than
    `below_percent` of the rate. Then the line is to be mended within `days` of natural time; `template` is the promise
    that this is, under a name of its own, `tell` what is said. What it gives when broken stands in the template.
    """

    tests: int = 3
    methods: tuple[str, ...] = ("wired", "engineer")
    below_percent: int = 100
    days: int = 7
    template: str = "U13"
    name: Bilingual = NO_WORDS
    tell: Bilingual = NO_WORDS


@dataclass(frozen=True, slots=True)
class Rules:
    """Single figures of the policy (§4, §5); minutes unless the name says otherwise.

    `repeat_days` and `wrap_up_s` go by the kind of ticket, `not_ready` by reason (minutes a day). `call_back` is
    the time in which a caller who gave up is rung by tier, `call_back_tries` the minutes between the tries.
    `quiet_hours`, `follow_up_hours` are minutes of the local day. `ladder` has the minutes after due at which each
    rung is told, by the rung's name; the owner is warned when `warn_percent` of the time is used.

    `remedy_later` has by kind of money (`none` for what gives none) the minutes by which a remedy is given at the
    latest that was chosen while the line was down. Charging data are kept for `charging_months`: no fee is given back
    from before. `services_down` is said before a service is read back while the line is down.

    A customer's data that somebody unmasked by hand stay on the screen for `reveal_s`.
    """

    miskey_after_call_s: int = 60
    repeat_days: Mapping[str, int] = field(default_factory=dict)
    chase_raises_at: int = 3
    verify_misses_call: int = 3
    verify_misses_day: int = 5
    wrap_up_s: Mapping[str, int] = field(default_factory=dict)
    returns_allowed: int = 1
    instant_within_s: int = 120
    wrap_up_more_s: int = 30
    wrap_up_more_times: int = 2
    not_ready: Mapping[str, int] = field(default_factory=dict)
    idle_lock_s: int = 300
    reveal_s: int = 30
    busy_wait_s: int = 10
    busy_sms_s: int = 60
    busy_again: int = 30
    call_back: Mapping[Tier, int] = field(default_factory=dict)
    call_back_tries: tuple[int, ...] = (0, 30, 120)
    quiet_hours: tuple[int, int] = (21 * 60, 8 * 60)
    ring_back_s: int = 120
    ring_back_tries: int = 2
    follow_up_hours: tuple[int, int] = (9 * 60, 20 * 60 + 30)
    follow_up_tries: int = 3
    follow_up_days: int = 2
    follow_up_percent: int = 5
    warn_percent: int = 80
    ladder: Mapping[str, int] = field(default_factory=dict)
    approvals: ApprovalRules = field(default_factory=ApprovalRules)
    disputes: DisputeRules = field(default_factory=DisputeRules)
    group: GroupRules = field(default_factory=GroupRules)
    remedy_later: Mapping[str, int] = field(default_factory=dict)
    charging_months: int = 5
    speed: SpeedRules = field(default_factory=SpeedRules)
    tickets: TicketRules = field(default_factory=TicketRules)
    hall: HallRules = field(default_factory=HallRules)
    services_down: Bilingual | None = None
