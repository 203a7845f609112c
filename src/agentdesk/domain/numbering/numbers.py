"""Telephone numbers: read once, on write and on look-up, into one form, and shown masked or in groups.

Numbers are kept as E.164 text (`+8618612345678`). A short or service number that can't be dialled from abroad has
no such form and is kept as its digits (`10010`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agentdesk.domain.language.text import clean
from agentdesk.domain.numbering.area_codes import area_of, areas

Kind = Literal["mobile", "fixed", "service", "short", "foreign"]
ProblemCode = Literal[
    "empty",
    "withheld",
    "masked",
    "scientific",
    "several",
    "not_a_number",
    "area_missing",
    "too_short",
    "too_long",
    "invalid",
]

ADVICE: Mapping[ProblemCode, str] = {
    "empty": "no number is given: type one",
    "withheld": "the number is withheld: ask the caller for it",
    "masked": "the number is masked: give all of its digits",
    "scientific": "a spreadsheet has shortened the number: format its column as text and export again",
    "several": "there are several numbers: give one",
    "not_a_number": "this is no telephone number: give digits",
    "area_missing": "the area code is missing: begin with it, for example 010",
    "too_short": "the number is too short: check its digits",
    "too_long": "the number is too long: check its digits",
    "invalid": "no such number exists: check its digits",
}
"""What to do about each problem, one line, in English."""


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number.

    `kind`: `mobile`, `fixed`, `service` (hotlines: 10010, 95588, 12345, 400…), `short` (110, 120…), `foreign`
    (outside the mainland). `extension` are the digits dialled after the answer. `assigned` is False for a mobile
    number of a range that isn't known to be in use: ranges are opened faster than tables learn of them.
    """

    e164: str
    kind: Kind
    extension: str = ""
    assigned: bool = True


@dataclass(frozen=True, slots=True)
class NumberProblem:
    """Why a text isn't a number; nothing is guessed. `text` is what was given, cleaned and shortened."""

    code: ProblemCode
    text: str

    @property
    def advice(self) -> str:
        """What happened and what to do, one line, in English."""
        return ADVICE[self.code]


# Ranges whose every number is assigned; the library knows the few others.
_RANGE = "1(?:[38][0-9]|4[57]|5[0-35-9]|6[25-7]|7[0-35-8]|9[0-35-9])"
_ELEVEN = re.compile(f"{_RANGE}[0-9]{{8}}")
MOBILE = re.compile(rf"(?:(?:\+|00)?86[ -]?|0)?({_RANGE})[ -]?([0-9]{{4}})[ -]?([0-9]{{4}})")
_FIXED = re.compile(r"(?:(?:\+|00)?86[ -]?0?|0)(10|2[0-57-9]|[3-9][0-9]{2})[ -]?([2-8][0-9]{2,3})[ -]?([0-9]{4})")
# 800 is not an exchange in towns where 0 + area code + 800 reaches a free number.
_NO_EXCHANGE = {"10": "800", "21": "800"}


def normalise(text: str, default_region: str = "CN", default_area: str = "") -> Number | NumberProblem:
    """Return the number that a text means, or the problem with it; nothing is guessed.

    A text without country code belongs to `default_region`; `default_area` (`10`, `531`) completes a local number
    without area code. Mainland numbers in their usual forms cost 1-3 µs; any other loads and asks the library.
    """
    if default_region == "CN":
        if _ELEVEN.fullmatch(text):
            return Number("+86" + text, "mobile")
        if (match := MOBILE.fullmatch(text)) is not None:
            return Number("+86" + match[1] + match[2] + match[3], "mobile")
        if (number := fixed_line(text)) is not None:
            return number
    # what few texts need is loaded with the first of them
    from agentdesk.domain.numbering.reading import read

    return read(text, default_region, default_area)


def fixed_line(text: str) -> Number | None:
    """Return the fixed line that a text with an area code means, in one of its usual forms."""
    match = _FIXED.fullmatch(text)
    if match is None:
        return None
    area, exchange, rest = match.groups()
    known = areas().get(area)
    if known is None or len(exchange) + 4 not in known.lengths or exchange[:3] == _NO_EXCHANGE.get(area):
        return None
    return Number(f"+86{area}{exchange}{rest}", "fixed")


# ---------------------------------------------------------------- shown

_ROW = re.compile(r"[0-9](?=[0-9]{4})")
_CALLING_CODE = re.compile(r"\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3})([0-9]{3,14})")


def display(e164: str, masked: bool = True) -> str:
    """Return a number for a screen: `186 1234 5678`, `010-1234 5678`, masked `186****5678` (DOMAIN rule 9).

    Hotlines and short numbers belong to nobody and are never masked. What is no number is shown cleaned, masked
    with no more than the last four of its digits in a row.
    """
    match = _CALLING_CODE.fullmatch(e164)
    if match is None:
        from agentdesk.domain.numbering.reading import SERVICE

        text = clean(e164, 32)
        return _ROW.sub("*", text) if masked and not SERVICE.fullmatch(text) else text
    code, national = match.groups()
    show = _hidden if masked else _groups
    if code != "86":
        return f"+{code} {show(national)}"
    if national.startswith(("400", "800")) and len(national) == 10:
        return f"{national[:3]} {national[3:6]} {national[6:]}"
    if len(national) >= 11 and national[0] == "1" and national[1] > "2":
        if masked:
            return f"{national[:3]}{'*' * (len(national) - 7)}{national[-4:]}"
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    area = area_of(national)
    if area is None:
        hotline = len(national) < 9 or national.startswith("950")
        return national if hotline else show(national)
    local = national[len(area) :]
    return f"0{area}-{local if len(local) < 7 else show(local)}"


def _hidden(digits: str) -> str:
    shown = 4 if len(digits) > 6 else 2
    return "*" * (len(digits) - shown) + digits[-shown:]


def _groups(digits: str) -> str:
    """Put digits in groups of four from the end; the first group takes what is over, never a digit alone."""
    first = len(digits) % 4 or 4
    if first == 1 and len(digits) > 4:
        first = 5
    return " ".join([digits[:first], *(digits[at : at + 4] for at in range(first, len(digits), 4))])
