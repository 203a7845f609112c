"""Customers as a spreadsheet, the way other systems export them: one row a line (用户号码), the customer repeated.

Headers and coded values are Chinese or English; amounts are yuan, days are China's, numbers are written in the four
ways that exports write them. A share of rows can be spoilt as real files are, to try out what an import refuses.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from agentdesk.domain.documents import Document

Language = Literal["zh", "en"]

COLUMNS: Mapping[str, str] = {
    "customer_id": "客户编号",
    "name": "客户名称",
    "gender": "性别",
    "segment": "客户类型",
    "card": "卡级",
    "since": "入网时间",
    "portrait": "画像",
    "value": "价值",
    "certificate": "证件号码",
    "address": "地址",
    "account_id": "账户编号",
    "balance": "余额",
    "arrears": "欠费",
    "line_id": "用户编号",
    "number": "用户号码",
    "kind": "业务类型",
    "plan": "套餐",
    "fee": "月费",
    "home": "归属地",
    "status": "状态",
    "stop_reason": "停机原因",
    "opened_at": "开通时间",
    "contract_end": "合约到期",
    "rate_mbps": "签约速率",
    "contact_name": "联系人",
    "contact_number": "联系电话",
}
"""The columns in order: English header, Chinese header."""

CODES: Mapping[str, Mapping[str, str]] = {
    "gender": {"male": "男", "female": "女"},
    "segment": {"personal": "个人", "family": "家庭", "corporate": "集团"},
    "card": {"ordinary": "普通", "silver": "银卡", "gold": "金卡", "diamond": "钻石卡", "supreme": "至尊卡"},
    "portrait": {
        "data": "数据型",
        "voice": "语音型",
        "product": "产品型",
        "network": "网络型",
        "price": "价格型",
        "service": "服务型",
    },
    "value": {"high": "高", "medium": "中", "low": "低"},
    "kind": {"mobile": "移动", "fixed": "固话", "broadband": "宽带", "iptv": "IPTV", "convergent": "融合"},
    "status": {"active": "正常", "stopped": "停机"},
    "stop_reason": {
        "arrears": "欠费",
        "lost": "挂失",
        "suspended": "停机保号",
        "real_name": "实名不符",
        "fraud": "涉诈",
        "court": "司法",
    },
}
"""Chinese words for coded values, by column."""

_CHINA = timedelta(hours=8)
_BLEMISHES: tuple[tuple[str, str], ...] = (
    ("number", "1.72E+10"),
    ("number", "1720"),
    ("name", ""),
    ("since", "不详"),
    ("arrears", "-"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a spreadsheet got, without its header, and how many of them are spoilt."""

    rows: int
    spoilt: int


def as_csv(
    path: Path,
    customers: Iterable[Document],
    encoding: str = "utf-8-sig",
    language: Language = "zh",
    spoil_every: int = 0,
    at_most: int | None = None,
) -> Written:
    """Write customers' documents as a CSV file; every `spoil_every`th row is spoilt, 0 spoils none.

    `encoding` is any that Python knows (`utf-8-sig` has a byte order mark, `gb18030` holds every character);
    `at_most` ends the file after so many rows. Raises OSError, and UnicodeEncodeError for too small an encoding.
    """
    rows = spoilt = 0
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.values() if language == "zh" else COLUMNS)
        for row in _rows(customers):
            if at_most is not None and rows >= at_most:
                break
            rows += 1
            if language == "zh":
                for column, words in CODES.items():
                    row[column] = words.get(row[column], row[column])
            if spoil_every and rows % spoil_every == 0:
                column, value = _BLEMISHES[spoilt % len(_BLEMISHES)]
                row[column] = value
                spoilt += 1
            writer.writerow(row.values())
    return Written(rows, spoilt)


def _rows(customers: Iterable[Document]) -> Iterator[dict[str, str]]:
    count = 0
    for customer in customers:
        data = customer.data
        account = data["accounts"][0]
        person: Mapping[str, str] = next(iter(data["people"]), {})
        common = {
            "customer_id": customer.id,
            "name": data["name"],
            "gender": data.get("gender", ""),
            "segment": data["segment"],
            "card": data["card"],
            "since": _day(data["since"]),
            "portrait": data["portrait"],
            "value": data["value"],
            "certificate": data["certificate"],
            "address": data["address"],
            "account_id": account["id"],
            "balance": _yuan(account["balance"]),
            "arrears": _yuan(account.get("arrears", 0)),
        }
        for line in data["subscriptions"]:
            yield common | _line(line, _STYLES[count % len(_STYLES)]) | _contact(person)
            count += 1


def _line(line: Mapping[str, Any], style: Callable[[str], str]) -> dict[str, str]:
    end = line.get("contract_end")
    return {
        "line_id": line["id"],
        "number": style(line["number"]),
        "kind": line["kind"],
        "plan": line["plan"],
        "fee": _yuan(line["fee"]),
        "home": line["home"],
        "status": line["status"],
        "stop_reason": line.get("stop_reason", ""),
        "opened_at": _day(line["opened_at"]),
        "contract_end": _day(end) if end is not None else "",
        "rate_mbps": str(line.get("rate_mbps", "")),
    }


def _contact(person: Mapping[str, str]) -> dict[str, str]:
    return {"contact_name": person.get("name", ""), "contact_number": person.get("number", "")}


def _national(number: str) -> str:
    if not number.startswith("+86"):
        return number
    rest = number.removeprefix("+86")
    return rest if rest.startswith("172") else f"0{rest}"


def _grouped(number: str) -> str:
    return f"{number[:3]} {number[3:6]}-{number[6:10]}-{number[10:]}" if number.startswith("+86172") else number


def _full_width(number: str) -> str:
    return _national(number).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


_STYLES: tuple[Callable[[str], str], ...] = (_national, str, _national, _grouped, _national, _full_width)
"""How exports write one number or another."""


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _day(at: int) -> str:
    return (datetime.fromtimestamp(at / 1000, UTC) + _CHINA).strftime("%Y-%m-%d")
