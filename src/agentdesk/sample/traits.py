"""What kind of customer somebody is and what has befallen him lately: decided by dice, or written by hand.

The shares are believable ones for an operator's region; they are sample data and nobody's figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentdesk.sample.dice import Dice, weighted
from agentdesk.sample.numbers import FIXED_POSITIONS, MOBILE_SLOTS

COMPANY = 0
"""The position of a block's company; the positions of its families follow, heads first."""
FAMILIES = ((1, 2, 3), (4, 5))
HEADS = tuple(family[0] for family in FAMILIES)
HEAD_OF = {member: family[0] for family in FAMILIES for member in family[1:]}
EMPLOYEES = (6, 7, 8, 9)
AWAY = 14
"""The position of the customer who kept a number from elsewhere."""

CARDS = weighted({"ordinary": 850, "silver": 80, "gold": 48, "diamond": 20, "supreme": 2})
PORTRAITS = weighted({"data": 30, "voice": 12, "product": 14, "network": 14, "price": 22, "service": 8})
PLOT_SHARES = weighted(
    {
        "": 8300,
        "called": 420,
        "inquired": 220,
        "noted": 120,
        "repair": 180,
        "repair_late": 60,
        "repaired": 220,
        "complaint": 80,
        "complaint_late": 30,
        "complaint_answered": 60,
        "complained": 110,
        "request": 70,
        "promised": 60,
        "promise_broken": 20,
        "promise_kept": 50,
    }
)
"""How often each plot of recent work happens in 10,000 customers; `plots` writes its documents."""

FAULTY = frozenset({"repair", "repair_late"})
OPEN_PLOTS = FAULTY | {
    *("showcase", "complaint", "complaint_late", "request", "promised", "promise_broken", "repeat"),
    *("ordered", "paused", "returned", "unhappy", "appeal", "with_expert", "just_taken", "twice"),
}
SOLVED_PLOTS = frozenset({"repaired", "complaint_answered", "complained", "promise_kept"})

_PAYMENTS = weighted({"": 8888, "bill_due": 600, "arrears": 308, "arrears_stopped": 92, "stopped": 112})
_ODDITIES = weighted(
    {
        "": 8810,
        "unknown": 300,
        "trial": 200,
        "overage": 250,
        "churn": 250,
        "unbilled": 100,
        "credit_open": 60,
        "arrears_list": 20,
        "long_stop": 10,
    }
)
_OTHER_STOPS = weighted({"suspended": 46, "lost": 26, "real_name": 14, "fraud": 10, "court": 4})


@dataclass(slots=True)
class Story:
    """What has befallen a customer: minor units, days, minutes; the main line is his first mobile one.

    `contract_days` are the days to the end of the main line's contract, negative after it; `vas` are indexes of
    services with their source; `overage` is charged and rated; `speed` is a test's share of the contracted rate.
    `facts`, `dues` and `account_facts` are what other systems tell of the main line and the account, `items` what the
    newest bill has beside: what for, name, amount and source. What was `closed` is still there to be asked about;
    `changed_days` ago the plan became the next dearer one, and the month was charged in full for both.
    """

    arrears: int = 0
    arrears_days: int = 0
    stop: str | None = None
    stopped_min: int = 0
    bill_due_days: int | None = None
    billed: bool = True
    credit_repaid: bool = True
    contract_days: int | None = None
    vas: tuple[tuple[int, str], ...] = ()
    overage: tuple[int, int] | None = None
    fault_min: int | None = None
    speed: int | None = None
    flags: tuple[str, ...] = ()
    plot: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    dues: Mapping[str, Any] = field(default_factory=dict)
    account_facts: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[tuple[str, str, int, str], ...] = ()
    closed: bool = False
    changed_days: int | None = None


@dataclass(slots=True)
class Traits:
    """What kind of customer somebody is; `tenure` is days in the network, `plan` the step of his mobile plan,
    `broadband` that of his broadband plan if he has one."""

    segment: str
    card: str
    portrait: str
    tenure: int
    plan: int
    mobiles: int
    fixed: bool
    broadband: int | None
    iptv: bool
    direct_debit: bool
    points: int
    story: Story = field(default_factory=Story)


_PLAN_STEPS = {"ordinary": (0, 4), "silver": (2, 4), "gold": (3, 5), "diamond": (5, 6), "supreme": (6, 7)}
_TENURE_YEARS = {"ordinary": (0, 12), "silver": (2, 14), "gold": (3, 16), "diamond": (5, 18), "supreme": (8, 20)}


def roll(position: int, dice: Dice) -> Traits:
    """Return the traits that the dice give to a position of a block."""
    card = dice.pick(CARDS)
    low, high = _PLAN_STEPS[card]
    years_low, years_high = _TENURE_YEARS[card]
    tenure = dice.between(years_low * 365, years_high * 365) + 3
    head = position in HEADS
    company = position == COMPANY
    home = head or company or (position not in HEAD_OF and dice.chance(3800))
    traits = Traits(
        segment="corporate" if company else "family" if head or position in HEAD_OF else "personal",
        card=card,
        portrait=dice.pick(PORTRAITS),
        tenure=tenure,
        plan=dice.between(low, high),
        mobiles=dice.between(2 if head or company else 1, MOBILE_SLOTS[position]),
        fixed=position in FIXED_POSITIONS and (company or dice.chance(3500)),
        broadband=dice.below(4) if home else None,
        iptv=home and not company and dice.chance(6000),
        direct_debit=dice.chance(2500),
        points=dice.below(200) * (high + 1) * 10,
    )
    traits.story = _story(traits, dice)
    return traits


def _story(traits: Traits, dice: Dice) -> Story:
    story = Story(plot=dice.pick(PLOT_SHARES))
    payment = dice.pick(_PAYMENTS)
    if payment == "bill_due":
        story.bill_due_days = dice.between(1, 7)
    elif payment == "stopped":
        story.stop, story.stopped_min = dice.pick(_OTHER_STOPS), dice.between(30, 60 * 24 * 90)
    elif payment:
        story.arrears, story.arrears_days = dice.between(500, 30_000), dice.between(1, 40)
        if payment == "arrears_stopped":
            story.stop, story.stopped_min = "arrears", dice.between(30, 60 * 24 * 20)
    if dice.chance(5500):
        # contracts run two years, so some end soon and some have just ended
        story.contract_days = dice.between(-60, 670)
    if dice.chance(3000):
        story.vas = ((dice.below(1000), "owner"),)
    _oddity(story, dice)
    if traits.tenure < 30:
        story.billed = False
    if story.plot in FAULTY:
        story.fault_min = dice.between(40, 60 * 30) if story.plot == "repair" else dice.between(60 * 50, 60 * 24 * 9)
    if traits.broadband is not None and dice.chance(400):
        story.speed = dice.between(35, 110)
    return story


def _oddity(story: Story, dice: Dice) -> None:
    odd = dice.pick(_ODDITIES)
    if odd in ("unknown", "trial"):
        story.vas = (*story.vas, (dice.below(1000), odd))
    elif odd == "overage":
        rated = dice.between(100, 1_500)
        story.overage = (rated + dice.between(500, 9_000), rated)
    elif odd in ("churn", "arrears_list", "long_stop"):
        story.flags = (odd,)
    elif odd == "unbilled":
        story.billed = False
    elif odd == "credit_open":
        story.credit_repaid = False
