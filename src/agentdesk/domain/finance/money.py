"""Money in whole minor units (fen): shown, read from what people type, and shared without losing a unit.

DOMAIN rule 4. No float ever holds an amount.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentdesk.domain.language.text import fold_width

MAX_AMOUNT = 99_999_999_999_99
"""The largest amount that is read, minor units; more is a slip of the hand."""

_SIGNS = {"CNY": "¥", "HKD": "HK$", "MOP": "MOP$", "TWD": "NT$", "USD": "US$", "EUR": "€", "GBP": "£"}
_NAMES_ZH = {"HKD": "港元", "MOP": "澳门元", "TWD": "新台币", "USD": "美元", "EUR": "欧元", "GBP": "英镑"}

_YUAN = re.compile(r"(?:[¥￥]|CNY|RMB|人民币)?\s*(?P<number>[^元圆]*?)\s*(?:元整?|圆整?)?", re.IGNORECASE)
_NUMBER = re.compile(r"(?P<units>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<cents>[0-9]+))?")
_EXPONENT = re.compile(r"[0-9.]+e[+-]?[0-9]+", re.IGNORECASE)


class AmountError(ValueError):
    """A typed amount can't be read; `code` names the reason and the message says what to type.

    Codes: `empty`, `exponent`, `negative`, `decimals`, `too_large`, `not_a_number`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def format_minor(amount: int, currency: str = "CNY", lang: str = "zh") -> str:
    """Return an amount of minor units for a screen: `¥1,200.00`.

    Other currencies read `1,200.00 美元` in Chinese, else `US$1,200.00`; all have two decimals.
    """
    sign = "-" if amount < 0 else ""
    units, cents = divmod(abs(amount), 100)
    number = f"{units:,}.{cents:02d}"
    if lang.startswith("zh") and currency in _NAMES_ZH:
        return f"{sign}{number} {_NAMES_ZH[currency]}"
    if currency in _SIGNS:
        return f"{sign}{_SIGNS[currency]}{number}"
    return f"{sign}{number} {currency}"


def parse_amount(text: str) -> int:
    """Return the minor units of an amount in yuan as people type it.

    `36`, `36.5`, `¥36.00`, `1,200` and `３６元` are read. Raises AmountError; nothing is guessed or rounded.
    """
    if len(text) > 64:
        raise AmountError("not_a_number", _IN_DIGITS)
    # An input method writes the full stop of a sentence where a decimal point is meant.
    folded = fold_width(text).replace("。", ".").strip()
    whole = _YUAN.fullmatch(folded)
    number = whole["number"] if whole else folded
    if not number:
        raise AmountError("empty", "type an amount in yuan, for example 36 or 36.50")
    if _EXPONENT.fullmatch(number):
        raise AmountError("exponent", "type the amount in full, for example 1200 instead of 1.2E3")
    if number[0] in "-−–—(":
        raise AmountError("negative", "type an amount without a minus sign, for example 36.50")
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise AmountError("not_a_number", _IN_DIGITS)
    cents = match["cents"] or ""
    if len(cents) > 2:
        raise AmountError("decimals", "type at most two decimals, for example 36.50")
    amount = int(match["units"].replace(",", "")) * 100 + int(cents.ljust(2, "0"))
    if amount > MAX_AMOUNT:
        raise AmountError("too_large", _TOO_LARGE)
    return amount


_IN_DIGITS = "type an amount in yuan in digits, for example 36 or 36.50"
_TOO_LARGE = f"type an amount of at most {format_minor(MAX_AMOUNT)}"


def share(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Return `total` minor units divided by weights, to the last unit.

    The largest remainders get what is over, among equal ones the first. Raises ValueError without a positive weight.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, and one must be above 0")
    if total < 0:
        return tuple(-part for part in share(-total, weights))
    parts = [total * weight // whole for weight in weights]
    over = total - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: -(total * weights[index] % whole))
    for index in by_remainder[:over]:
        parts[index] += 1
    return tuple(parts)


def pro_rata(amount: int, part: int, whole: int) -> int:
    """Return `amount` * `part` / `whole` in minor units, halves rounded to the even unit.

    Raises ValueError unless `whole` is positive.
    """
    if whole <= 0:
        raise ValueError("the whole must be above 0")
    units, rest = divmod(amount * part, whole)
    if 2 * rest > whole or (2 * rest == whole and units % 2):
        units += 1
    return units
