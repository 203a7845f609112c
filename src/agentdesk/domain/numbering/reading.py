"""Telephone numbers in unusual forms: with access codes, extensions and spreadsheets' accidents, and all the world's.

It is loaded with the first such text; the usual forms are in `numbers`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from agentdesk.domain.language.text import clean, fold_width, strip_invisible
from agentdesk.domain.numbering.numbers import MOBILE, Kind, Number, NumberProblem, ProblemCode, fixed_line

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_COUNTRY = re.compile(r"(?:\+|00)86")
SERVICE = re.compile(
    r"100[0-9]{2}|1010[0-9]{4}|11[0-9]{3}|12[0-9]{3}|95[0-9]{3,6}|96[0-9]{3,4}|106[0-9]{5}|106[0-9]{8,17}"
)
_SHORT = re.compile(r"1[0-2][0-9]")
_ACCESS = re.compile(r"(?:179[0-9]{2}|12593|10193)(?=0[1-9]|1[3-9][0-9]{9}$)")
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")
_UNASSIGNED = re.compile(r"(?:(?:\+|00)?86|0)?(1[3-9][0-9]{9}|14[0-9]{11})")

_WITHHELD = frozenset(
    ("anonymous", "unknown", "<unknown>", "private", "restricted", "withheld", "unavailable", "未知", "隐藏", "保密")
)
_MASKED = re.compile(r"[*•●]|[xX]{2,}")
_SCIENTIFIC = re.compile(r"\+?[0-9]+(?:\.[0-9]*)?[eE]\+?[0-9]+")
_WHOLE_FLOAT = re.compile(r"([0-9]{5,})\.0+")
_EXTENSION = re.compile(
    r"(.{5,}?)[ ,;]*(?:转|分机号?|extension|ext\.?=?|x|#)[ :.]*([0-9]{1,6})#?", re.IGNORECASE | re.DOTALL
)
_THIRD_GROUP = re.compile(r"((?:\(?0[0-9]{2,3}\)?[- ]?[0-9]{7,8})|(?:400[- ]?[0-9]{3}[- ]?[0-9]{4}))-([0-9]{1,6})")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー﹣·", "-"))
_SEPARATED = re.compile(r"[/,;、|\n]")
_ALLOWED = re.compile(r"\(?\+?[0-9()\-. /,;、|\n]*")
_NOT_DIGITS = re.compile(r"[^0-9]")

_LONGEST_TEXT = 64


def read(text: str, region: str, area: str) -> Number | NumberProblem:
    """Return the number that a text in any other form means, or the problem with it (`normalise`)."""

    def problem(code: ProblemCode) -> NumberProblem:
        return NumberProblem(code, clean(text, 40))

    if len(text) > _LONGEST_TEXT:
        return problem("too_long")
    plain = _plain(text)
    if not plain:
        return problem("empty")
    if plain.casefold() in _WITHHELD:
        return problem("withheld")
    if _MASKED.search(plain):
        return problem("masked")
    if _SCIENTIFIC.fullmatch(plain):
        return problem("scientific")
    extension = ""
    if (whole := _WHOLE_FLOAT.fullmatch(plain)) is not None:
        plain = whole[1]
    elif (parts := _EXTENSION.fullmatch(plain) or _THIRD_GROUP.fullmatch(plain)) is not None:
        plain, extension = parts[1].strip(), parts[2]
    if not _ALLOWED.fullmatch(plain):
        return problem("not_a_number")
    if sum(len(_NOT_DIGITS.sub("", part)) >= 7 for part in _SEPARATED.split(plain)) > 1:
        return problem("several")
    digits = _NOT_DIGITS.sub("", plain)
    if not digits:
        return problem("not_a_number")
    if "+" in plain:
        digits = f"+{digits}"
    found = (_chinese(digits, area) if region == "CN" else None) or _ask_library(digits, region)
    if isinstance(found, str):
        return problem(found)
    return Number(found.e164, found.kind, extension, found.assigned) if extension else found


def _plain(text: str) -> str:
    """Return a text with plain digits and hyphens, and without what programs put around numbers."""
    plain = fold_width(strip_invisible(text)).translate(_DASHES).strip().removeprefix("'").strip()
    if plain[:4].casefold() == "tel:":
        plain = plain[4:].strip()
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)
    return plain


def _chinese(digits: str, area: str) -> Number | ProblemCode | None:
    """Read the digits of a mainland number; None if the library has to be asked."""
    if (match := MOBILE.fullmatch(digits)) is not None:
        return Number("+86" + match[1] + match[2] + match[3], "mobile")
    if (number := fixed_line(digits)) is not None:
        return number
    bare = digits[country.end() :] if (country := _COUNTRY.match(digits)) is not None else digits
    if SERVICE.fullmatch(bare):
        return Number(bare, "service")
    if _SHORT.fullmatch(digits):
        return Number(digits, "short")
    if (access := _ACCESS.match(digits)) is not None:
        return _chinese(digits[access.end() :], area)
    if _LOCAL.fullmatch(digits):
        return (fixed_line(f"0{area.lstrip('0')}{digits}") if area else None) or "area_missing"
    return None


def _ask_library(digits: str, region: str) -> Number | ProblemCode:
    """Read digits with `phonenumbers`, whose import takes about a tenth of a second."""
    import phonenumbers as library

    try:
        parsed = library.parse(digits, region)
    except library.NumberParseException as error:
        long = error.error_type == library.NumberParseException.TOO_LONG
        return "too_long" if long else "too_short" if len(digits) < 7 else "invalid"
    if library.is_valid_number(parsed):
        e164 = library.format_number(parsed, library.PhoneNumberFormat.E164)
        return Number(e164, _kind(parsed, region))
    if region == "CN" and (match := _UNASSIGNED.fullmatch(digits)) is not None:
        return Number(f"+86{match[1]}", "mobile", assigned=False)
    reason = library.is_possible_number_with_reason(parsed)
    if reason == library.ValidationResult.TOO_LONG:
        return "too_long"
    return "too_short" if reason == library.ValidationResult.TOO_SHORT else "invalid"


def _kind(parsed: PhoneNumber, region: str) -> Kind:
    import phonenumbers as library

    if library.region_code_for_number(parsed) != region:
        return "foreign"
    sort = library.number_type(parsed)
    if sort == library.PhoneNumberType.MOBILE:
        return "mobile"
    fixed = sort in {library.PhoneNumberType.FIXED_LINE, library.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    # A hotline with an area code before it, such as 010 10010, counts as a fixed line to the library.
    hotline = region == "CN" and len(library.national_significant_number(parsed)) < 9
    return "fixed" if fixed and not hotline else "service"
