"""The cast of the demo: the first forty customers, whose stories are written by hand so that each shows one thing.

Their names come from the pools like everybody's, save where the name is the point. They fill two blocks: the
positions of `traits` hold for them too, so a family shares its number and the company has its switchboard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentdesk.sample.pools import Gender
from agentdesk.sample.traits import Story, Traits

CAST_BLOCKS = 2

FIRST = 0
FAMILY = (1, 2, 3)
STOPPED = 4
REPEATER = 5
OWING = 6
ENDING = 7
RARE_NAMES = (8, 9, 10, 11)
REPAIR_LATE = 12
HOSTILE = 13
AWAY_HOME = 14
UNKNOWN_SERVICE = 15
OVERAGE = 16
SUSPENDED = 17
NEWCOMER = 18
ABROAD = 19
COMPANY = 20
EMPLOYEES = tuple(range(21, 35))
BEYOND, WAITING, DISPUTED = EMPLOYEES[6], EMPLOYEES[5], EMPLOYEES[7]
CREDIT, CHECKED, COMPENSATED = EMPLOYEES[8], EMPLOYEES[9], EMPLOYEES[10]
"""Of the employees: one whose refund was approved, one who waits for an approval, one who was promised something."""
LOST, PAID, DEBIT, LIMITED, THROTTLED, CLOSED, CHARGED = (EMPLOYEES[seat] for seat in (0, 1, 2, 3, 11, 12, 13))
"""Of the employees, too: those of whom other systems tell something that an agent can do something about."""
KEPT_WAITING = 35
BROKEN_PROMISE = 36
FRAUD = 37
SLOW_LINE = 38
SUPREME = 39

FOREIGN_NUMBER = "+442079460958"
"""From the range that Britain sets aside for drama: valid, and nobody's."""

HOSTILE_NAME = "王[@click=app.quit]小明[/]\x1b[31m\u202e{name}"
"""Markup, an escape sequence, a turn of the writing direction and a blank, as bad data would bring them."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A contact person: the index of the customer whose first number it is, `switchboard`, or a number, E.164."""

    who: int | str
    relation: str


@dataclass(frozen=True, slots=True)
class Persona:
    """One of the cast; name and gender where the pools are not to give them."""

    traits: Traits
    name: str = ""
    gender: Gender = "female"
    ties: tuple[Tie, ...] = ()


def _one(
    card: str,
    years: float,
    plan: int,
    portrait: str = "data",
    segment: str = "personal",
    mobiles: int = 1,
    fixed: bool = False,
    broadband: int | None = None,
    iptv: bool = False,
    story: Story | None = None,
) -> Traits:
    return Traits(
        segment=segment,
        card=card,
        portrait=portrait,
        tenure=int(years * 365),
        plan=plan,
        mobiles=mobiles,
        fixed=fixed,
        broadband=broadband,
        iptv=iptv,
        direct_debit=False,
        points=plan * 700,
        story=story or Story(),
    )


_FIRST_STORY = Story(
    bill_due_days=3,
    contract_days=12,
    vas=((1, "trial"), (5, "owner")),
    fault_min=60 * 13,
    flags=("churn",),
    plot="showcase",
)


_ABROAD_STORY = Story(
    arrears=7_600,
    arrears_days=12,
    stop="arrears",
    stopped_min=60 * 4,
    plot="returned",
    facts={"abroad": True},
)


def _employee(plot: str) -> Persona:
    """Return an employee whose bill has more disputed traffic than an agent may give back alone."""
    story = Story(overage=(18_200, 700), plot=plot)
    return Persona(_one("ordinary", 4, 2, "data", story=story), ties=(Tie("switchboard", "company"),))


def _told(card: str, years: float, plan: int, portrait: str, story: Story) -> Persona:
    """Return an employee of whom other systems tell something."""
    return Persona(_one(card, years, plan, portrait, story=story), ties=(Tie("switchboard", "company"),))


CAST: Mapping[int, Persona] = {
    FIRST: Persona(
        _one("diamond", 11.3, 6, mobiles=2, broadband=3, iptv=True, story=_FIRST_STORY),
        ties=(Tie(AWAY_HOME, "family"),),
    ),
    FAMILY[0]: Persona(
        _one(
            "gold", 8, 4, "product", "family", mobiles=2, fixed=True, broadband=2, iptv=True, story=Story(plot="paused")
        ),
        ties=(Tie(FAMILY[1], "family"),),
    ),
    FAMILY[1]: Persona(
        _one("silver", 6, 2, "price", "family", story=Story(plot="twice")), ties=(Tie(FAMILY[0], "user"),)
    ),
    FAMILY[2]: Persona(_one("ordinary", 1.5, 1, "data", "family"), ties=(Tie(FAMILY[0], "family"),)),
    STOPPED: Persona(
        _one(
            "gold",
            5.4,
            4,
            story=Story(arrears=8_640, arrears_days=9, stop="arrears", stopped_min=60 * 6, plot="called"),
        )
    ),
    REPEATER: Persona(_one("silver", 4, 3, "service", broadband=1, story=Story(plot="repeat"))),
    OWING: Persona(
        _one(
            "ordinary", 2.2, 2, "price", story=Story(arrears=12_840, arrears_days=21, account_facts={"unposted": True})
        )
    ),
    ENDING: Persona(
        _one(
            "gold",
            4,
            5,
            "product",
            story=Story(contract_days=5, flags=("churn",), dues={"rebate": {"monthly": 3_000, "due": 5, "paid": 3}}),
        )
    ),
    RARE_NAMES[0]: Persona(_one("ordinary", 3, 2, story=Story(plot="just_taken")), name="欧阳𠮷", gender="male"),
    RARE_NAMES[1]: Persona(_one("silver", 7, 3, story=Story(plot="with_expert")), name="㛃涵", gender="female"),
    RARE_NAMES[2]: Persona(_one("ordinary", 1, 1, story=Story(plot="unhappy")), name="王䶮", gender="male"),
    RARE_NAMES[3]: Persona(_one("gold", 9, 4, story=Story(changed_days=20)), name="热依汗·吐尔逊", gender="female"),
    REPAIR_LATE: Persona(
        _one(
            "silver",
            6.6,
            3,
            "network",
            broadband=1,
            iptv=True,
            story=Story(fault_min=60 * 52, plot="repair_late"),
        )
    ),
    HOSTILE: Persona(_one("ordinary", 2, 2), name=HOSTILE_NAME, gender="male"),
    AWAY_HOME: Persona(
        _one(
            "gold",
            3,
            4,
            "voice",
            story=Story(
                overage=(4_200, 600),
                facts={"roaming": True, "roaming_pack": True},
                dues={"roaming_pack": 2_800},
                items=(("roaming", "国际漫游流量", 6_400, "owner"),),
            ),
        )
    ),
    UNKNOWN_SERVICE: Persona(
        _one("ordinary", 5, 2, "price", story=Story(vas=((9, "unknown"), (4, "unknown")), plot="ordered"))
    ),
    OVERAGE: Persona(_one("silver", 3, 3, story=Story(overage=(5_200, 700), facts={"missed_reminder": True}))),
    SUSPENDED: Persona(_one("ordinary", 4, 2, story=Story(stop="suspended", stopped_min=60 * 24 * 40))),
    NEWCOMER: Persona(_one("ordinary", 0.04, 3, story=Story(billed=False))),
    ABROAD: Persona(_one("gold", 6, 5, "voice", story=_ABROAD_STORY), ties=(Tie(FOREIGN_NUMBER, "user"),)),
    COMPANY: Persona(
        _one("diamond", 9, 5, "product", "corporate", mobiles=6, fixed=True, broadband=3),
        ties=(Tie(EMPLOYEES[0], "handler"),),
    ),
    **{
        index: Persona(
            _one("silver" if index % 5 == 0 else "ordinary", 1 + index % 7, index % 4),
            ties=(Tie("switchboard", "company"),),
        )
        for index in EMPLOYEES
    },
    WAITING: _employee("approval_waiting"),
    BEYOND: _employee("approval_given"),
    DISPUTED: _employee("disputed"),
    CREDIT: Persona(
        _one("ordinary", 5, 2, story=Story(arrears=6_400, arrears_days=4, plot="credit_running")),
        ties=(Tie("switchboard", "company"),),
    ),
    CHECKED: Persona(
        _one("silver", 4, 1, "price", story=Story(plot="check_open")), ties=(Tie("switchboard", "company"),)
    ),
    COMPENSATED: Persona(
        _one("gold", 6, 3, "network", broadband=1, story=Story(fault_min=60 * 60, plot="compensated")),
        ties=(Tie("switchboard", "company"),),
    ),
    LOST: _told("ordinary", 3, 1, "voice", Story(stop="lost", stopped_min=60 * 20)),
    PAID: _told("silver", 4, 2, "price", Story(stop="arrears", stopped_min=60 * 26, facts={"missed_reminder": True})),
    DEBIT: _told(
        "ordinary", 3, 2, "service", Story(arrears=6_800, arrears_days=2, account_facts={"failed_debit": True})
    ),
    LIMITED: _told("ordinary", 5, 3, "voice", Story(stop="credit_control", stopped_min=50)),
    THROTTLED: _told(
        "silver", 2, 3, "data", Story(facts={"throttled": True, "missing_carry_over": True, "missing_gift": True})
    ),
    CLOSED: _told("ordinary", 6, 0, "price", Story(closed=True, arrears=1_900, arrears_days=18)),
    CHARGED: _told(
        "ordinary",
        7,
        1,
        "price",
        Story(
            vas=((3, "owner"),),
            facts={"failed_cancel": True},
            items=(("feature", "来电显示", 500, "unknown"), ("content", "院线影片点播", 1_200, "unknown")),
        ),
    ),
    KEPT_WAITING: Persona(_one("ordinary", 2, 2, "service", story=Story(plot="complaint_late"))),
    BROKEN_PROMISE: Persona(_one("gold", 7, 4, "service", story=Story(plot="promise_broken"))),
    FRAUD: Persona(_one("ordinary", 0.8, 0, "price", story=Story(stop="fraud", stopped_min=60 * 30))),
    SLOW_LINE: Persona(
        _one("silver", 3, 3, "network", broadband=2, story=Story(speed=48, fault_min=60 * 24 * 8)),
    ),
    SUPREME: Persona(_one("supreme", 14, 7, "service", mobiles=1, broadband=3, iptv=True, story=Story(plot="appeal"))),
}
"""The cast by index."""
