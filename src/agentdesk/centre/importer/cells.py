"""Reading the cells of a row: nothing is guessed, everything that can't be read has a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from agentdesk.centre.importer.columns import CODE_OF, DAYS, MONEY, WHOLE, place_of, plain
from agentdesk.domain.finance.money import AmountError, parse_amount
from agentdesk.domain.language.spreadsheet import unguarded
from agentdesk.domain.language.text import clean, fold_width, mask_id
from agentdesk.domain.numbering.numbers import Number, NumberProblem, normalise

LONGEST_TEXT = 200
REMEMBERED = 2_048
"""Cells of a column that are remembered."""
WITHOUT_NUMBER = ("broadband", "iptv", "convergent")
"""Kinds of lines that need no telephone number."""

_PLAIN = re.compile("[!-~\u4e00-\u9fff]{1,100}")
"""What most texts are: nothing of it is ever cleaned away."""
_IDENTIFIER = re.compile("[!-~]{1,64}")
_YUAN = re.compile(r"([0-9]{1,9})\.([0-9]{2})")
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+")
_CERTIFICATE = re.compile(r"[0-9A-Z()]{6,30}")
_FORMULA = re.compile(r'="(.*)"')
_TIME = "(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
_DAY = re.compile(f"([0-9]{{4}})[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?{_TIME}")
_DAY_DIGITS = re.compile(f"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}}){_TIME}")
_CHINA_MS = 8 * 3_600_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class CellProblem(ValueError):
    """A cell can't be read; `code` names the reason, `field` the column, and the message says what to do."""

    def __init__(self, code: str, field: str, advice: str) -> None:
        super().__init__(advice)
        self.code = code
        self.field = field


@dataclass(slots=True)
class Parsed:
    """A row as it was understood: what it says of the customer, and of his account, line and contact person.

    `keys` are what he is known by, (kind, text) pairs, best first; `secrets` what is to be sealed, by method.
    """

    line_number: int
    cells: Sequence[str]
    own: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    line: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    keys: tuple[tuple[str, str], ...] = ()
    secrets: dict[str, str] = field(default_factory=dict)


class RowReader:
    """Reads the rows of one table; what a column said before is remembered, as exports repeat themselves."""

    def __init__(self, fields: Sequence[str | None]) -> None:
        self._width = len(fields)
        self._columns: list[tuple[int, str, str, str, dict[str, Any]]] = [
            (index, column, *place_of(column), {}) for index, column in enumerate(fields) if column is not None
        ]

    def read(self, line_number: int, cells: Sequence[str]) -> Parsed:
        """Read one row; raises CellProblem for the first cell that can't be read."""
        count = len(cells)
        if count > self._width and any(cells[self._width :]):
            raise CellProblem("too_many_cells", "", "the line has more cells than the header: quote commas in texts")
        parsed = Parsed(line_number, cells)
        places = {"own": parsed.own, "account": parsed.account, "line": parsed.line, "person": parsed.person}
        for index, column, place, name, known in self._columns:
            if index >= count:
                break
            cell = cells[index]
            if not cell:
                continue
            value = known.get(cell)
            if value is None:
                value = _read_cell(column, cell)
                if len(known) >= REMEMBERED:
                    known.clear()
                known[cell] = value
            if value != "":
                places[place][name] = value
        if "name" not in parsed.own:
            raise CellProblem("name_missing", "name", "the name is missing: give it in each line")
        _place_number(parsed.line)
        _read_identity(parsed)
        return parsed


def _read_cell(column: str, cell: str) -> Any:
    """Return the value of a cell, an empty text for none; raises CellProblem."""
    text = unguarded(cell).strip()
    if text[:1] in ("=", "'"):
        text = _unwrapped(text)
    if not text:
        return ""
    reader = _READERS.get(column)
    if reader is not None:
        return reader(column, text)
    return text if _PLAIN.fullmatch(text) else clean(text, LONGEST_TEXT)


def _number(_name: str, text: str) -> Number | NumberProblem:
    return normalise(text)


def _contact_number(name: str, text: str) -> str:
    number = normalise(text)
    if isinstance(number, NumberProblem):
        raise CellProblem(f"contact_number_{number.code}", name, number.advice)
    return number.e164


def _place_number(line: dict[str, Any]) -> None:
    """Put the line's number where it belongs; broadband and television may have the name of an account instead."""
    number = line.pop("number", None)
    if number is None:
        return
    kind = line.get("kind")
    if isinstance(number, Number):
        line["number"] = number.e164
        if kind is None and number.kind in ("mobile", "fixed"):
            line["kind"] = number.kind
    elif kind in WITHOUT_NUMBER and number.code in ("not_a_number", "invalid") and not number.text.isdigit():
        line["login"] = number.text
    else:
        raise CellProblem(f"number_{number.code}", "number", number.advice)


def _read_identity(parsed: Parsed) -> None:
    """Find what the customer is known by: his number at the other system, his certificate, else line and name."""
    own = parsed.own
    keys = []
    external = own.pop("customer_id", None)
    if external is not None:
        own["external_id"] = external
        keys.append(("external", external))
    certificate = own.get("certificate")
    if certificate is not None:
        own["certificate"] = mask_id(certificate)
        if "*" not in certificate:
            keys.append(("certificate", certificate))
            parsed.secrets["certificate_tail"] = certificate[-4:]
    password = own.pop("service_password", None)
    if password is not None:
        parsed.secrets["service_password"] = password
    if not keys:
        number = parsed.line.get("number") or parsed.line.get("login")
        if number is None:
            raise CellProblem(
                "identity_missing", "customer_id", "nothing says who this is: give a customer id, certificate or number"
            )
        keys.append(("line", f"{number}\n{own['name']}"))
    parsed.keys = tuple(keys)


def _unwrapped(text: str) -> str:
    """Return what a spreadsheet wrapped to keep it a text: `="007"`, `'007`."""
    formula = _FORMULA.fullmatch(text)
    return (formula[1] if formula else text.removeprefix("'")).strip()


def _code(name: str, text: str) -> Any:
    code = CODE_OF[name].get(text) or CODE_OF[name].get(plain(text))
    if code is None:
        known = ", ".join(sorted(set(CODE_OF[name].values())))
        raise CellProblem("unknown_value", name, f"{clean(text, 30)!r} is not known as {name}: give one of {known}")
    return code == "yes" if name == "direct_debit" else code


def _money(name: str, text: str) -> int:
    usual = _YUAN.fullmatch(text)
    if usual is not None:
        return int(usual[1]) * 100 + int(usual[2])
    negative = name == "balance" and text.startswith("-") and len(text) > 1
    try:
        amount = parse_amount(text[1:] if negative else text)
    except AmountError as error:
        raise CellProblem("amount", name, f"{name}: {error}") from None
    return -amount if negative else amount


def _day(name: str, text: str) -> int:
    at = _instant(text)
    if at is None:
        raise CellProblem("day", name, f"{name}: {clean(text, 30)!r} is no day: write it as 2024-05-31")
    return at


def _instant(text: str) -> int | None:
    if len(text) == 10 and text[4] == "-":
        try:
            return (date.fromisoformat(text).toordinal() - _EPOCH_DAY) * 86_400_000 - _CHINA_MS
        except ValueError:
            return None
    match = _DAY.fullmatch(text) or _DAY_DIGITS.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups())
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(local.timestamp() * 1000) - _CHINA_MS if 1900 <= year <= 2200 else None


def _whole(name: str, text: str) -> int:
    digits = fold_width(text).replace(",", "").lower().removesuffix("mbps").removesuffix("m").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
        raise CellProblem("whole_number", name, f"{name}: {clean(text, 30)!r} is no whole number")
    return int(digits)


def _certificate(name: str, text: str) -> str:
    plain_text = fold_width(text).replace(" ", "").upper()
    if _SCIENTIFIC.fullmatch(plain_text):
        raise CellProblem(
            "certificate_scientific", name, "a spreadsheet shortened the certificate: format its column as text"
        )
    if not _CERTIFICATE.fullmatch(plain_text.replace("*", "0")):
        raise CellProblem("certificate", name, "this is no certificate number: check its characters")
    return plain_text


def _identifier(name: str, text: str) -> str:
    if _IDENTIFIER.fullmatch(text) and not _SCIENTIFIC.fullmatch(text):
        return text
    folded = fold_width(text).strip()
    if _SCIENTIFIC.fullmatch(folded):
        raise CellProblem("id_scientific", name, f"a spreadsheet shortened the {name}: format its column as text")
    cleaned = clean(folded, LONGEST_TEXT)
    if len(cleaned) > 64 or cleaned != folded:
        raise CellProblem("id", name, f"{name} has at most 64 plain characters")
    return cleaned


def _as_is(_name: str, text: str) -> str:
    return text


def _flags(_name: str, text: str) -> list[str]:
    return [flag for part in re.split(r"[;|,、 ]+", text) if (flag := clean(part, 40))]


_READERS: Mapping[str, Any] = {
    **dict.fromkeys(CODE_OF, _code),
    **dict.fromkeys(MONEY, _money),
    **dict.fromkeys(DAYS, _day),
    **dict.fromkeys(WHOLE, _whole),
    **dict.fromkeys(("customer_id", "account_id", "line_id"), _identifier),
    "number": _number,
    "contact_number": _contact_number,
    "service_password": _as_is,
    "certificate": _certificate,
    "flags": _flags,
}
