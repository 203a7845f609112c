"""What concerns many in the sample world: an announcement that runs, a management ticket with three children, a label.

All of it is about the cast, so that who rings first in a demo meets each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.numbering.ids import digits_number
from agentdesk.domain.work.announcements import notice_scope
from agentdesk.sample import cast
from agentdesk.sample.pen import DAY_MS, HOUR_MS, MINUTE_MS, SITE_NUMBERS

if TYPE_CHECKING:
    from agentdesk.sample.world import World

CHILDREN = 3
LOOKED_THROUGH = 600
"""Customers among whom the children of the management ticket are looked for."""

OWN_NUMBERS = 10
"""How far the numbers of these documents lie from those of the customers' work."""


def group_of(world: World) -> Iterator[Document]:
    """Yield what concerns many, with the tickets that it changes; small worlds lack some of it."""
    yield _announcement(world)
    yield from _management(world)
    yield _label(world)


def _who(world: World, role: str) -> str:
    """Return who of the staff has a role."""
    return next(agent.id for agent in world.agents() if agent.data["role"] == role)


def _number(world: World, nth: int) -> str:
    return digits_number(SITE_NUMBERS + OWN_NUMBERS + world.place.digit, nth)


def _announcement(world: World) -> Document:
    """An outage of which the first caller's neighbours know nothing yet, but whose number is on the list."""
    who = [cast.REPAIR_LATE, cast.REPEATER] if world.size > cast.REPAIR_LATE else [0]
    numbers = [world.population.first_number(index) for index in who]
    data = {
        "number": _number(world, 1),
        "title": {"zh": "光缆被挖断", "en": "a fibre cable was cut"},
        "words": {
            "zh": "您好，您所在区域因施工挖断光缆，抢修人员已到现场，正在抢修。我帮您登记，恢复后第一时间短信告诉您。",
            "en": "A cable was cut by building works in your area. Our people are on the spot, and are mending it. "
            "I note you down, and you get a text as soon as it works again.",
        },
        "areas": [],
        "numbers": numbers,
        "segments": [],
        "kinds": [],
        "listed": len(numbers),
        "affected": 1_240,
        "class": "fault.broadband.down",
        "department": "broadband_maintenance",
        "follow_up": False,
        "state": "open",
        "due": world.now_ms + 5 * HOUR_MS,
        "at": world.now_ms - 50 * MINUTE_MS,
        "moves": [
            {
                "at": world.now_ms - 50 * MINUTE_MS,
                "what": "published",
                "by": _who(world, "duty_manager"),
                "role": "duty_manager",
            }
        ],
        "sample": True,
    }
    return Document(notice_scope(world.scope), "announcement-cable", "announcement", 0, data)


def _management(world: World) -> Iterator[Document]:
    children = []
    for index in range(min(world.size, LOOKED_THROUGH)):
        for ticket in world.work_of(index):
            symptom = str(ticket.data.get("symptom") or "")
            if ticket.type == "ticket" and is_open(ticket) and symptom.startswith("fault.broadband"):
                children.append(ticket)
                break
        if len(children) == CHILDREN:
            break
    if not children:
        return
    at, now = world.now_ms - 3 * HOUR_MS, world.now_ms
    number, title = _number(world, 2), "晚高峰宽带频繁掉线"
    measures = [
        {"id": "m-1", "text": "更换老化分光器", "owner": "宽带维护中心", "due": now + DAY_MS},
        {"id": "m-2", "text": "扩容上联端口", "owner": "网络部", "due": now + 3 * DAY_MS},
        {
            "id": "m-3",
            "text": "排查光功率",
            "owner": "宽带维护中心",
            "due": now - HOUR_MS,
            "done_at": now - 2 * HOUR_MS,
        },
    ]
    yield Document(
        world.scope,
        "management-evening",
        "management",
        0,
        {
            "number": number,
            "title": title,
            "class": "fault.broadband",
            "department": "broadband_maintenance",
            "target": "晚八点后掉线每户每周不超过一次",
            "measures": measures,
            "responsible": "宽带维护中心 值班长",
            "due": now + 4 * DAY_MS,
            "supervision": "值班经理每日核对",
            "assessment": "一周后复测并回访",
            "tickets": [ticket.id for ticket in children],
            "unreplied": [],
            "owner": children[0].data.get("owner"),
            "state": "open",
            "at": at,
            "moves": [{"at": at, "what": "opened", "by": _who(world, "duty_manager"), "role": "duty_manager"}],
            "sample": True,
        },
    )
    for ticket in children:
        joined = {"at": at, "what": "joined", "by": _who(world, "duty_manager"), "management": number}
        known = {"management": "management-evening", "management_number": number, "management_title": title}
        yield replace(ticket, data={**ticket.data, **known, "moves": [*ticket.data["moves"], joined]})


def _label(world: World) -> Document:
    """A stranger who rings and says nothing."""
    at = world.now_ms - 2 * DAY_MS
    asked, approved = _who(world, "agent"), _who(world, "team_leader")
    data = {
        "number": world.population.stranger(),
        "sort": "silent",
        "reason": "一天三次无声来电",
        "asked_by": asked,
        "approved_by": approved,
        "state": "approved",
        "until": world.now_ms + 5 * DAY_MS,
        "at": at,
        "moves": [{"at": at, "what": "asked", "by": asked}, {"at": at + HOUR_MS, "what": "approved", "by": approved}],
        "sample": True,
    }
    return Document(world.scope, "label-silent", "label", 0, data)
