"""A small cast of invented customers with their work: who is diamond, who is in arrears, what is late."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import seal_secret
from agentdesk.qa.clock import DAY, HOUR, MINUTE, NOW

REGION = "region/bj"
AGENT, AGENT_NAME = "bj1024", "张敏"

WANG = "+8618612345678"
LI = "+8613900001111"
SHARED = "+8613011112222"
NOBODY = "+8615599990000"
HOSTILE = "+8613522223333"
PASSWORD, TAIL = "246810", "531X"

HOSTILE_NAME = "王[@click=app.quit]点我[/]\x1b[31m红\u202e逆{name}"

HALL = Document(
    "org",
    "o-1",
    "outlet",
    1,
    {
        "name": "东街营业厅",
        "address": "北京市东城区东街1号",
        "place": [39_900_000, 116_400_000],
        "calendar": "halls",
        "services": ["sim"],
        "desks": 2,
    },
)
"""A branch hall where a visit can be booked."""


def seal(secret: str) -> str:
    return f"00:{seal_secret(secret, '00')}"


def customer(
    document_id: str,
    name: str,
    number: str,
    *,
    card: str = "ordinary",
    gender: str = "female",
    lines: Iterable[dict[str, Any]] = (),
    account: dict[str, Any] | None = None,
    people: Iterable[dict[str, Any]] = (),
    **more: Any,
) -> Document:
    """Return a customer with one mobile line and what else is given."""
    main = {
        "id": f"{document_id}-1",
        "number": number,
        "kind": "mobile",
        "account": f"{document_id}-a",
        "status": "active",
        "plan": "全能 129 元",
        "fee": 12_900,
        "home": "北京",
        "opened_at": NOW - 4_100 * DAY,
    }
    first, *rest = lines or [{}]
    data = {
        "name": name,
        "segment": "personal",
        "card": card,
        "since": NOW - 4_100 * DAY,
        "portrait": "data",
        "lifecycle": "steady",
        "value": "high",
        "gender": gender,
        "seals": {"service_password": seal(PASSWORD), "certificate_tail": seal(TAIL)},
        "accounts": [{"id": f"{document_id}-a", "balance": 3_000, **(account or {})}],
        "subscriptions": [{**main, **first}, *rest],
        "people": list(people),
    } | more
    return Document(REGION, document_id, "customer", 1, data)


def documents() -> list[Document]:
    """Return the customers and their work."""
    wang = customer(
        "c-wang",
        "王敏慧",
        WANG,
        card="diamond",
        lines=[
            {
                "contract_end": NOW + 12 * DAY,
                "vas": [
                    {"code": "lottery", "name": "幸运点播", "fee": 1_800, "source": "unknown", "ordered_at": NOW - DAY},
                    {"code": "news", "name": "手机早晚报", "fee": 300, "source": "unknown", "ordered_at": NOW - DAY},
                ],
                "overage": {"charge": 6_800, "rated": 900},
            },
            {
                "id": "c-wang-2",
                "number": "",
                "kind": "broadband",
                "account": "c-wang-a",
                "plan": "宽带 1000M",
                "fee": 16_000,
                "rate_mbps": 1_000,
                "fault_since": NOW - 13 * HOUR,
            },
        ],
        account={"bill_due": NOW + 3 * DAY},
        flags=["churn"],
    )
    li = customer(
        "c-li",
        "李强",
        LI,
        card="gold",
        gender="male",
        lines=[{"status": "stopped", "stop_reason": "arrears", "stopped_at": NOW - 6 * HOUR}],
        account={"balance": 0, "arrears": 12_840, "arrears_since": NOW - 9 * DAY},
    )
    shared = [
        customer("c-zhao", "赵磊", SHARED, gender="male", card="silver"),
        customer("c-qian", "钱多多", "+8613011113333", people=[{"number": SHARED, "relation": "family"}]),
        customer("c-sun", "孙氏商贸", "+8613011114444", segment="corporate", people=[{"number": SHARED}]),
    ]
    hostile = customer("c-hostile", HOSTILE_NAME, HOSTILE)
    return [wang, li, *shared, hostile, *work()]


def work() -> list[Document]:
    """Return what is open and what happened before."""
    late = {
        "number": "100010002188",
        "kind": "fault",
        "title": "宽带频繁掉线",
        "symptom": "fault.broadband.drops",
        "words": "每天晚上都掉线",
        "customer": "c-wang",
        "subscription": "c-wang-2",
        "tier": "diamond",
        "state": "accepted",
        "station": "department",
        "department": "broadband_maintenance",
        "owner": "bj2001",
        "first_responsible": "bj1024",
        "level": 0,
        "chases": 0,
        "at": NOW - 12 * HOUR - 26 * MINUTE,
        "due": NOW - 26 * MINUTE,
        "law_due": NOW + 35 * HOUR,
        "station_due": NOW - 2 * HOUR,
        "moves": [
            {"at": NOW - 12 * HOUR - 26 * MINUTE, "what": "opened", "by": "bj1024", "text": "每天晚上都掉线"},
            {"at": NOW - 12 * HOUR, "what": "dispatched", "by": "bj1024", "station": "department"},
            {"at": NOW - 11 * HOUR, "what": "accepted", "by": "bj2001"},
        ],
    }
    call_back = {
        "number": "100010000931",
        "template": "U02",
        "name_zh": "限时回电",
        "name_en": "Call-back in time",
        "customer": "c-wang",
        "state": "made",
        "amount": 0,
        "due": NOW + 18 * MINUTE,
        "department": "customer_service",
        "owner": "bj1024",
        "spoken_at": NOW - HOUR,
        "at": NOW - HOUR,
        "moves": [{"at": NOW - HOUR, "what": "made", "by": "bj1024"}],
    }
    other = {
        "number": "100010000417",
        "kind": "complaint",
        "title": "账单有疑问",
        "customer": "c-zhao",
        "tier": "vip",
        "state": "open",
        "station": "front",
        "owner": "bj1024",
        "first_responsible": "bj1024",
        "at": NOW - 2 * HOUR,
        "due": NOW + 70 * HOUR,
        "moves": [{"at": NOW - 2 * HOUR, "what": "opened", "by": "bj1024"}],
    }
    contact = {
        "channel": "phone",
        "customer": "c-wang",
        "state": "wrapped_up",
        "summary": "反映晚上上网掉线, 已开障碍单",
        "matters": [{"title": "宽带频繁掉线", "class": "fault.broadband.drops", "outcome": "ticket", "solved": False}],
        "at": NOW - 12 * HOUR - 30 * MINUTE,
    }
    note = {"customer": "c-wang", "text": "喜欢下午接电话", "by": "bj1024", "at": NOW - 40 * DAY}
    return [
        Document(REGION, "t-2188", "ticket", 2, late),
        Document(REGION, "p-0931", "commitment", 2, call_back),
        Document(REGION, "t-0417", "ticket", 2, other),
        Document(REGION, "k-1", "contact", 2, contact),
        Document(REGION, "n-1", "note", 2, note),
    ]
