"""A customer in one line: `周建国 13800002222 金卡 欠费 88.00 停机`, or `周建国 13800002222 gold arrears 88.00`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.qa.cast import customer
from agentdesk.qa.clock import DAY, HOUR, NOW

CARDS = {
    "钻石卡": "diamond",
    "diamond": "diamond",
    "金卡": "gold",
    "gold": "gold",
    "银卡": "silver",
    "silver": "silver",
    "普通": "ordinary",
    "ordinary": "ordinary",
}
GENDERS = {"先生": "male", "mr": "male", "女士": "female", "ms": "female"}
CAST = {
    "Wang Minhui": "王敏慧",
    "Li Qiang": "李强",
    "Zhao Lei": "赵磊",
    "Qian Duoduo": "钱多多",
    "Sun's Trading": "孙氏商贸",
}
"""What the cast is called in English."""
STOPPED = ("停机", "stopped")
ARREARS = re.compile(r"(?:欠费|arrears)\s*([0-9]{1,7}(?:\.[0-9]{1,2})?)(?![0-9.])\s*元?", re.IGNORECASE)
NUMBER = re.compile(r"\b1[0-9]{10}\b")
_BREAK = re.compile(r"[\s,，、]+")


def customer_of(text: str, count: int) -> Document:
    """Return the customer that a line describes; raises ValueError for what it doesn't know."""
    number = NUMBER.search(text)
    if number is None:
        raise ValueError("a customer has a mobile number of eleven digits, such as 13800002222")
    name, rest = text[: number.start()].strip(" ,，、"), text[number.end() :]
    if not name:
        raise ValueError("a customer has a name before his number")
    arrears = ARREARS.search(rest)
    owed = round(float(arrears[1]) * 100) if arrears else 0
    words = [word for word in _BREAK.split(ARREARS.sub(" ", rest)) if word]
    card, gender, line = "ordinary", "male", {}
    for word in words:
        low = word.lower()
        if low in CARDS:
            card = CARDS[low]
        elif low in GENDERS:
            gender = GENDERS[low]
        elif low in STOPPED:
            line = {"status": "stopped", "stop_reason": "arrears" if owed else "lost", "stopped_at": NOW - 6 * HOUR}
        else:
            known = ", ".join([*CARDS, *GENDERS, *STOPPED, "欠费 88.00", "arrears 88.00"])
            raise ValueError(f"{word} means nothing here; of a customer can be said: {known}")
    account: dict[str, Any] = {"balance": 0, "arrears": owed, "arrears_since": NOW - 9 * DAY} if owed else {}
    return customer(
        f"c-scenario-{count}", name, f"+86{number[0]}", card=card, gender=gender, lines=[line], account=account
    )


def plain_names(names: Iterable[str]) -> list[str]:
    """Return the names that can be written in a line of text."""
    return [name for name in names if name.isprintable() and "[" not in name]
