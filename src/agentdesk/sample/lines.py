"""The lines (用户号码) and the account of a sample customer; plans and fees are invented, in minor units."""

from __future__ import annotations

from typing import Any, NamedTuple

from agentdesk.sample.dice import Dice
from agentdesk.sample.numbers import Numbers
from agentdesk.sample.places import Place
from agentdesk.sample.traits import AWAY, Story, Traits

DAY_MS = 86_400_000
MINUTE_MS = 60_000

MOBILE_PLANS = (
    ("轻聊 19 元", 1_900),
    ("日常 39 元", 3_900),
    ("流量 59 元", 5_900),
    ("畅享 99 元", 9_900),
    ("全能 129 元", 12_900),
    ("商旅 199 元", 19_900),
    ("尊享 299 元", 29_900),
    ("至尊 599 元", 59_900),
)
BROADBAND_PLANS = (
    ("宽带 100M", 5_000, 100),
    ("宽带 300M", 8_000, 300),
    ("宽带 500M", 10_000, 500),
    ("宽带 1000M", 16_000, 1_000),
)
SERVICES = (
    ("news", "手机早晚报", 300),
    ("video_ring", "视频彩铃", 600),
    ("reading", "书城包月", 500),
    ("music", "音乐会员", 800),
    ("game", "游戏畅玩包", 1_000),
    ("video", "视频会员", 1_500),
    ("weather", "天气提醒", 100),
    ("mail", "手机邮箱", 300),
    ("cloud", "云盘空间", 500),
    ("lottery", "幸运点播", 1_800),
)
HOW = ("sms", "app", "hall", "web", "phone", "with_plan")
"""How services were ordered."""

PROVIDERS = ("晨报传媒", "星河互娱", "云端书城", "蓝鲸音乐", "本网")
"""Invented providers of services."""

_FIXED_FEE = 2_500
_IPTV_FEE = 2_000
_EXTRA_CARD_FEE = 1_000


class Lines(NamedTuple):
    """A customer's lines and account as his document holds them; `arpu` is minor units a month."""

    accounts: list[dict[str, Any]]
    subscriptions: list[dict[str, Any]]
    speed_tests: list[dict[str, Any]]
    arpu: int


class Seat(NamedTuple):
    """Whose lines are made: the part of his ids, his block and his position in it."""

    part: str
    block: int
    position: int


def lines_of(seat: Seat, traits: Traits, numbers: Numbers, place: Place, dice: Dice, now_ms: int) -> Lines:
    """Return lines and account that fit the traits; times are ms UTC before and after `now_ms`."""
    part, block, position = seat
    story = traits.story
    account = f"a-{part}"
    since = now_ms - traits.tenure * DAY_MS
    plan, fee = MOBILE_PLANS[traits.plan]
    here = place.home
    lines: list[dict[str, Any]] = []

    def line(kind: str, number: str, named: str, monthly: int, opened: int, home: str = here) -> dict[str, Any]:
        made = {
            "id": f"s-{part}-{len(lines) + 1}",
            "number": number,
            "kind": kind,
            "account": account,
            "status": "active",
            "plan": named,
            "fee": monthly,
            "home": home,
            "opened_at": opened,
        }
        lines.append(made)
        return made

    if position == AWAY:
        number, home = numbers.away(block)
        main = line("mobile", number, plan, fee, since, home.home)
    else:
        main = line("mobile", numbers.mobile(block, position), plan, fee, since)
    _tell_main(main, story, now_ms)
    arpu = fee
    for nth in range(1, traits.mobiles):
        opened = since + dice.below(traits.tenure) * DAY_MS
        line("mobile", numbers.mobile(block, position, nth), "副卡", _EXTRA_CARD_FEE, opened)
        arpu += _EXTRA_CARD_FEE
    faulty = main
    tests: list[dict[str, Any]] = []
    if traits.broadband is not None:
        named, monthly, rate = BROADBAND_PLANS[traits.broadband]
        faulty = line("broadband", "", named, monthly, since + dice.below(traits.tenure) * DAY_MS)
        faulty["login"] = f"{place.code}{faulty['id'][2:].replace('-', '')}"
        faulty["rate_mbps"] = rate
        arpu += monthly
        if story.speed is not None:
            at = now_ms - dice.between(60, 60 * 24 * 12) * MINUTE_MS
            tests.append(
                {"subscription": faulty["id"], "mbps": rate * story.speed // 100, "at": at, "valid": story.speed < 100}
            )
        if traits.iptv:
            line("iptv", "", "电视基础包", _IPTV_FEE, faulty["opened_at"])
            arpu += _IPTV_FEE
    if traits.fixed:
        line("fixed", numbers.fixed(block, position), "固话月租", _FIXED_FEE, since)
        arpu += _FIXED_FEE
    if story.fault_min is not None:
        faulty["fault_since"] = now_ms - story.fault_min * MINUTE_MS
    if len(lines) > 1 and traits.broadband is not None:
        for made in lines:
            made["bundle"] = account
    return Lines([_account(account, traits, dice, now_ms)], lines, tests, arpu)


def _tell_main(main: dict[str, Any], story: Story, now_ms: int) -> None:
    if story.stop is not None:
        main["status"] = "stopped"
        main["stop_reason"] = story.stop
        main["stopped_at"] = now_ms - story.stopped_min * MINUTE_MS
    if story.contract_days is not None:
        main["contract_end"] = now_ms + story.contract_days * DAY_MS
    if story.vas:
        main["vas"] = [
            {
                "code": code,
                "name": name,
                "fee": fee,
                "source": source,
                "ordered_at": now_ms - ((40 if source == "unknown" else 9) + which % 80) * DAY_MS,
                "how": "unknown" if source == "unknown" else HOW[which % len(HOW)],
                "provider": PROVIDERS[which % len(PROVIDERS)],
            }
            for which, source in story.vas
            for code, name, fee in (SERVICES[which % len(SERVICES)],)
        ]
    if story.overage is not None:
        charged, rated = story.overage
        main["overage"] = {"charge": charged, "rated": rated}
    if story.closed:
        main["status"] = "closed"
    if story.facts:
        main["facts"] = dict(story.facts)
    if story.dues:
        main["dues"] = dict(story.dues)
    if story.changed_days is not None:
        old = max((fee for _name, fee in MOBILE_PLANS if fee < main["fee"]), default=0)
        change = {"old_fee": old, "new_fee": main["fee"], "at": now_ms - story.changed_days * DAY_MS}
        main["dues"] = {**story.dues, "plan_change": {**change, "charged": old + main["fee"]}}


def _account(account: str, traits: Traits, dice: Dice, now_ms: int) -> dict[str, Any]:
    story = traits.story
    made: dict[str, Any] = {"id": account, "balance": 0 if story.arrears else dice.below(20_000)}
    if story.arrears:
        made["arrears"] = story.arrears
        made["arrears_since"] = now_ms - story.arrears_days * DAY_MS
    if story.bill_due_days is not None:
        made["bill_due"] = now_ms + story.bill_due_days * DAY_MS
    if not story.billed:
        made["billed"] = False
    if traits.direct_debit:
        made["direct_debit"] = True
    if not story.credit_repaid:
        made["credit_repaid"] = False
    if story.account_facts:
        made["facts"] = dict(story.account_facts)
        # only who has it can have it fail
        made["direct_debit"] = traits.direct_debit or bool(story.account_facts.get("failed_debit"))
    return made
