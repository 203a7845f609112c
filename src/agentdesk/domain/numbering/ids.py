"""Names for things that are made where the line to the centre may be down: unique without asking anybody.

Documents and operations carry a UUID; what is read aloud to a customer is a number of digits with a check
digit, so that a digit heard wrong or swapped is noticed and not looked up as somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from agentdesk.domain.language.text import fold_width

RANDOM_BYTES = 10
"""How many random bytes a UUID of version 7 takes."""

SITES = 90_000
"""Site numbers are 0 to SITES - 1; 0 is the centre's own."""

# Site numbers are written from 10000 on, so that no number begins with a zero for a spreadsheet to eat.
_SITE_BASE = 10_000
_SITE_DIGITS = 5
_SEQUENCE_DIGITS = 6

# A totally anti-symmetric quasigroup of order ten (Damm, 2004), row after row: the check digit made with it
# catches every wrong digit and every two neighbours swapped.
_DAMM = "0317598642709215486342068713591750983426612304597836742095815869720134894536201794386172052581436790"


class NumberParts(NamedTuple):
    """What a digits-only number says: the site that made it, and its place there."""

    site_no: int
    sequence: int


def uuid7(now_ms: int, random_bytes: bytes) -> str:
    """Return a UUID of version 7 (RFC 9562) in text form; ids of a later ms sort later.

    `random_bytes` are at least RANDOM_BYTES; raises ValueError for fewer, or a time outside 48 bits.
    """
    if not 0 <= now_ms < 1 << 48:
        raise ValueError("the time of an id must be 0 to 2**48 - 1 ms")
    if len(random_bytes) < RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes")
    random = int.from_bytes(random_bytes[:RANDOM_BYTES], "big")
    value = now_ms << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid7_ms(text: str) -> int:
    """Return the time, ms UTC, at which the maker of a UUID of version 7 believed to make it."""
    return int(text[:8] + text[9:13], 16)


def new_id(clock: Callable[[], int], rng: Callable[[int], bytes]) -> str:
    """Return a new id; `clock` gives ms UTC, `rng` as many random bytes as it is asked for."""
    return uuid7(clock(), rng(RANDOM_BYTES))


def digits_number(site_no: int, sequence: int) -> str:
    """Return the number of a ticket or promise in digits: site, sequence, check digit; twelve as a rule.

    Two pairs never give the same number. A sequence must not begin again under one site number: a site that
    was restored or copied gets another one. Raises ValueError for a site number that isn't 0 to SITES - 1, or
    a negative sequence.
    """
    if not 0 <= site_no < SITES:
        raise ValueError(f"a site number is 0 to {SITES - 1}, not {site_no}")
    if sequence < 0:
        raise ValueError("a sequence can't be negative")
    digits = f"{site_no + _SITE_BASE:0{_SITE_DIGITS}d}{sequence:0{_SEQUENCE_DIGITS}d}"
    return f"{digits}{_damm(digits)}"


def plain_digits(text: str) -> str:
    """Return a number as it was typed or pasted without spaces and hyphens, full width folded."""
    return fold_width(text).replace(" ", "").replace("-", "")


def check(number: str) -> bool:
    """Tell whether a number was read, heard and typed right; spaces, hyphens and full width don't matter."""
    return parts_of(number) is not None


def parts_of(number: str) -> NumberParts | None:
    """Return site number and sequence of a digits-only number, or None if it can't be one."""
    digits = plain_digits(number)
    if not (digits.isascii() and digits.isdigit()) or _damm(digits) != 0:
        return None
    site, sequence = digits[:_SITE_DIGITS], digits[_SITE_DIGITS:-1]
    if len(sequence) < _SEQUENCE_DIGITS or (len(sequence) > _SEQUENCE_DIGITS and sequence[0] == "0"):
        return None
    return NumberParts(int(site) - _SITE_BASE, int(sequence)) if site[0] != "0" else None


def spoken(number: str) -> str:
    """Return a number in short groups to read aloud: `1001 2000 1238`; no group is one digit alone."""
    groups = [number[index : index + 4] for index in range(0, len(number), 4)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2][:2], groups[-2][2:] + groups[-1]]
    return " ".join(groups)


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = int(_DAMM[10 * interim + int(digit)])
    return interim
