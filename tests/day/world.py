"""The world of the day: the small cast, and those who call on this day with what they have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.qa.cast import REGION, customer
from agentdesk.qa.clock import DAY, HOUR, MINUTE, NOW
from agentdesk.qa.world import fill
from agentdesk.store.site import Site

ARREARS = "+8613900001111"
WANG = "+8618612345678"
VIP = "+8613700000002"
ENGINEER = "+8613700000004"
SLOW = "+8613700000005"
ANGRY = "+8613700000006"
WAITING = "+8613700000007"
AREA = "+8613700000008"
GAVE_UP = "+8613700000009"
PROMISED = "+8613700000010"
LEAVING = "+8613700000011"
SERVICE = "+8613700000012"
SERVICES = "+8613700000013"
BILLED = "+8613700000014"
NUISANCE = "+8615599990000"
VISITOR = "+8613700000016"
BOOKED = "+8613700000017"
OFFLINE = "+8613700000018"
FORGOT = "+8613700000019"

LEADER = "bj9001"


def broadband(document_id: str, **more: Any) -> dict[str, Any]:
    """Return a broadband line of a customer."""
    return {
        "id": f"{document_id}-2",
        "number": "",
        "kind": "broadband",
        "account": f"{document_id}-a",
        "status": "active",
        "plan": "宽带 1000M",
        "fee": 16_000,
        "rate_mbps": 1_000,
        **more,
    }


def ticket(document_id: str, owner: str, **more: Any) -> Document:
    """Return a fault that a department works on, due in six hours."""
    data = {
        "number": f"10001000{document_id[-4:]}",
        "kind": "fault",
        "title": "宽带不能上网",
        "symptom": "fault.broadband.drops",
        "words": "上不了网",
        "customer": owner,
        "tier": "standard",
        "state": "accepted",
        "station": "department",
        "department": "broadband_maintenance",
        "owner": "bj2001",
        "first_responsible": "bj1025",
        "level": 0,
        "chases": 0,
        "at": NOW - 4 * HOUR,
        "due": NOW + 6 * HOUR,
        "law_due": NOW + 44 * HOUR,
        "moves": [{"at": NOW - 4 * HOUR, "what": "opened", "by": "bj1025", "text": "上不了网"}],
        **more,
    }
    return Document(REGION, document_id, "ticket", 2, data)


def bills() -> list[dict[str, Any]]:
    """Return three bills, the newest with traffic above the package."""
    return [
        {
            "month": month,
            "at": NOW - days * DAY,
            "closed": True,
            "lines": [
                {"kind": "fixed", "name": "全能 129 元", "amount": 12_900, "line": "c-14-1"},
                *(
                    [{"kind": "overage", "name": "套外流量", "amount": 6_800, "line": "c-14-1", "quantity": 9_000}]
                    if over
                    else []
                ),
            ],
            "use": {"c-14-1": {"minutes": 90, "mb": 9_000}},
        }
        for month, days, over in (("2026-10", 24, True), ("2026-09", 55, False), ("2026-08", 86, False))
    ]


def callers() -> list[Document]:
    """Return those who call on this day."""
    return [
        customer("c-02", "赵雅琴", VIP, card="gold"),
        customer("c-04", "钱卫东", ENGINEER, gender="male", lines=[{}, broadband("c-04", fault_since=NOW - 4 * HOUR)]),
        ticket(
            "t-4004",
            "c-04",
            subscription="c-04-2",
            progress={"stage": "师傅已出发", "engineer": "刘师傅 13900002222", "eta": NOW + 2 * HOUR},
        ),
        customer("c-05", "孙丽", SLOW, lines=[{}, broadband("c-05")]),
        customer("c-06", "周建国", ANGRY, gender="male", lines=[{"overage": {"charge": 36_000, "rated": 900}}]),
        customer("c-07", "吴秀英", WAITING, lines=[{}, broadband("c-07")]),
        ticket("t-4007", "c-07", subscription="c-07-2"),
        customer("c-08", "郑凯", AREA, gender="male"),
        customer("c-09", "冯小刚", GAVE_UP, gender="male"),
        customer("c-10", "陈桂兰", PROMISED),
        customer("c-11", "褚明", LEAVING, gender="male"),
        customer("c-12", "卫红", SERVICE),
        customer(
            "c-13",
            "蒋涛",
            SERVICES,
            gender="male",
            lines=[
                {
                    "vas": [
                        {"code": "news", "name": "手机早晚报", "fee": 300, "source": "unknown", "ordered_at": NOW - DAY}
                    ]
                }
            ],
        ),
        customer("c-14", "沈洁", BILLED, bills=bills()),
        customer("c-16", "韩梅", VISITOR),
        customer("c-17", "杨帆", BOOKED, gender="male"),
        Document(REGION, "y-17", "appointment", 2, APPOINTMENT),
        customer("c-18", "朱琳", OFFLINE, lines=[{"overage": {"charge": 4_800, "rated": 900}}]),
        customer(
            "c-19",
            "秦岚",
            FORGOT,
            lines=[{"status": "stopped", "stop_reason": "arrears", "stopped_at": NOW - 6 * HOUR}],
            account={"balance": 0, "arrears": 4_200, "arrears_since": NOW - 9 * DAY},
        ),
    ]


OUTLET = {
    "name": "东街营业厅",
    "address": "北京市东城区东街 1 号",
    "place": [39_900_000, 116_400_000],
    "calendar": "halls",
    "services": ["sim"],
    "desks": 2,
}

APPOINTMENT = {
    "number": "100010004017",
    "customer": "c-17",
    "purpose": "sim",
    "where": "o-1",
    "place": "东街营业厅",
    "slot": NOW + 88 * MINUTE,
    "state": "booked",
    "owner": "bj1024",
    "first_responsible": "bj1024",
    "at": NOW - DAY,
    "moves": [],
}

ANNOUNCED = {
    "number": "100010000108",
    "title": {"zh": "大望路断纤", "en": "a cable is cut at Dawang Road"},
    "words": {"zh": "正在抢修，预计今晚恢复", "en": "it is being mended and should be back tonight"},
    "numbers": [AREA],
    "listed": 1,
    "affected": 40,
    "state": "open",
    "department": "broadband_maintenance",
    "due": NOW + 4 * HOUR,
    "at": NOW - HOUR,
    "moves": [],
}


def prepare(site: Site) -> None:
    """Fill a site of the small world with who calls on this day."""
    staff = [
        Document("org", "bj1024", "agent", 1, {"name": "张敏", "role": "agent"}),
        Document("org", "bj1025", "agent", 1, {"name": "陈静", "role": "agent"}),
        Document("org", LEADER, "agent", 1, {"name": "李经理", "role": "hall_manager", "number": "9001"}),
        Document("org", "o-1", "outlet", 1, OUTLET),
    ]
    fill(site, "org", staff, upto=11)
    fill(site, "notice/bj", [Document("notice/bj", "a-1", "announcement", 1, ANNOUNCED)], upto=20)
    fill(site, REGION, callers(), upto=20)


def prepare_folder(site: Site, _folder: Path | None = None) -> None:
    """Prepare a site and let go of it."""
    prepare(site)
    site.close()
