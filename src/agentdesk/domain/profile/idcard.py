"""What an ID-card reader types (it types like a keyboard): the certificate's number, and maybe the name.

The number has 18 characters with a check character of its own (GB 11643); older cards had 15 digits without one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agentdesk.domain.language.text import clean, fold_width

_NUMBER = re.compile(r"(?<![0-9])([0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9Xx])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class IdCard:
    """A certificate as a reader gave it; `name` is empty where it only types the number."""

    number: str
    name: str = ""

    @property
    def tail(self) -> str:
        """Return the last four characters, all that a seal is made of."""
        return self.number[-4:]

    @property
    def masked(self) -> str:
        """Return the number as it may be written down: the region and the last four characters."""
        return f"{self.number[:4]}{'*' * (len(self.number) - 8)}{self.tail}"


def valid(number: str) -> bool:
    """Tell whether a number of 18 characters has the right check character; one of 15 has none."""
    if len(number) == 15:
        return number.isdigit()
    if len(number) != 18 or not number[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == number[17].upper()


def read_card(typed: str) -> IdCard | None:
    """Return the card in what a reader typed, None where there is no valid number in it.

    Readers differ: the number alone, name and number, or fields parted by tabs, commas or bars; the name is the first
    part that has a letter or a Chinese character in it and no digit.
    """
    text = clean(fold_width(typed), 400)
    found = _NUMBER.search(text)
    if found is None or not valid(found[1]):
        return None
    parts = (part.strip() for part in re.split(r"[\s,;|]+", text.replace(found[1], " ")))
    name = next((part for part in parts if part and not any(c.isdigit() for c in part) and _named(part)), "")
    return IdCard(found[1].upper(), name[:40])


def _named(part: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" or char.isalpha() for char in part) and len(part) > 1
