"""Open work (在途): what is to be done with its clocks, where it lies, and whether the centre has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import glyphs, i18n, terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.places import Place
from agentdesk.desk.models.rows import Column, Row, ends, row, safe, table
from agentdesk.desk.models.rows import width as cells
from agentdesk.desk.models.sorts import is_over, state_of, title_of
from agentdesk.desk.terms import money as terms_money
from agentdesk.domain.documents import CREDIT_OUT, Document, Key, due_of, index_of

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

LETTERS = "abcdef"
"""The keys of open work; `g` and `h` are taken by help and hold."""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One ticket or promise as it stands at an instant; `key` is empty where it has none."""

    key: str
    document: Document
    number: str
    title: str
    where: str
    due: int | None
    station_due: int | None
    told: bool
    place: Place
    customer: str = ""


def open_lines(
    documents: Iterable[Document],
    places: Mapping[str, Place],
    catalogue: Catalogue | None,
    agent: str,
    *,
    first: Sequence[str] = (),
    names: Mapping[Key, str] | None = None,
    most: int = len(LETTERS),
    begin: int = 0,
    turned: int = 0,
) -> tuple[WorkLine, ...]:
    """Return the lines of what is open: those of this contact (`first`, ids) in front, then by deadline.

    `turned` lines have moved to the end, so that the letters stand beside those after them.
    """
    order = {document_id: index for index, document_id in enumerate(first)}
    found = [d for d in documents if index_of(d).open or d.id in order]
    found.sort(key=lambda d: (order.get(d.id, len(order)), due_of(d) is None, due_of(d) or 0))
    found = [*found[turned:], *found[:turned]]
    return tuple(
        _line(LETTERS[begin + i] if begin + i < len(LETTERS) else "", document, places, catalogue, agent, names)
        for i, document in enumerate(found[:most])
    )


def where_of(document: Document, catalogue: Catalogue | None, agent: str) -> str:
    """Return with whom it lies: a station, a department, oneself."""
    data = document.data
    if data.get("credit") in CREDIT_OUT and data.get("state") in ("fulfilled", "done"):
        return terms.term(terms_money.CREDITS, data["credit"])
    if document.type == "ticket":
        if data.get("state") == "replied":
            return _("to be followed up")
        if data.get("station") == "department":
            return department(data.get("department"), catalogue)
        if data.get("owner") == agent:
            return _("myself")
        return terms.term(terms.STATIONS, data.get("station"))
    if data.get("department") and data.get("state") in ("made", "open", "ordered"):
        return department(data.get("department"), catalogue)
    return state_of(document)


def department(code: object, catalogue: Catalogue | None) -> str:
    """Return a department's name; its code until the catalogue is loaded."""
    known = catalogue.departments.get(str(code)) if catalogue and code else None
    return known.name.say(i18n.language()) if known else safe(code or "", 24)


def tail(number: object) -> str:
    """Return the last digits of a number: enough to tell the lines of a screen apart."""
    return safe(number or "", 24)[-5:]


def _line(
    key: str,
    document: Document,
    places: Mapping[str, Place],
    catalogue: Catalogue | None,
    agent: str,
    names: Mapping[Key, str] | None,
) -> WorkLine:
    data = document.data
    owner = Key(document.scope, str(data.get("customer") or ""))
    return WorkLine(
        key=key,
        document=document,
        number=tail(data.get("number")),
        title=title_of(document),
        where=where_of(document, catalogue, agent),
        due=due_of(document),
        station_due=data.get("station_due"),
        told=document.type != "commitment" or data.get("spoken_at") is not None or data.get("owner") != agent,
        place=places.get(document.id, Place()),
        customer=(names or {}).get(owner, ""),
    )


def place_words(line: WorkLine, here: bool) -> tuple[str, str]:
    """Return where a document is: here, at the centre, or waiting for a person; `here` for this contact's own."""
    signs = glyphs.current()
    state = line.document.data.get("state")
    if line.place.verdict is not None:
        return signs.person + " " + _("needs you"), "warn"
    if state == "voided":
        return _("voided"), "quiet"
    if line.place.waiting:
        return signs.here + " " + _("here"), "quiet"
    return (signs.centre + " " + _("at the centre"), "good") if here else ("", "")


def work_rows(
    found: Sequence[WorkLine], at: int, width: int, most: int, own: frozenset[str] = frozenset()
) -> list[Row]:
    """Return the lines of open work, at most so many; `own` (ids) was promised in this contact.

    Where one line can't hold the longest whole and there is height for two, each has two.
    """
    needed = [_parts(line, at, line.document.id in own) for line in found]
    widest = _widest(needed)
    if sum(widest) + 2 * (len(widest) - 1) > width and most >= 2 * len(found):
        return [part for line in found for part in work_lines(line, at, width, line.document.id in own)]
    columns = _columns(widest, width)
    rows = [table(columns, parts[: len(columns)], width) for parts in needed[:most]]
    hidden = len(found) - most
    if hidden > 0 and most > 1:
        rows[-1] = row("    ", (_("{n} more").format(n=hidden + 1), "quiet"))
    return rows


def work_row(line: WorkLine, at: int, width: int, own: bool = False) -> Row:
    """Return one line of open work by itself; `own` for what was promised in this contact."""
    parts = _parts(line, at, own)
    columns = _columns(_widest([parts]), width)
    return table(columns, parts[: len(columns)], width)


def _parts(line: WorkLine, at: int, own: bool) -> tuple[Row, ...]:
    words, late = times.left(line.due, at)
    over = is_over(line.document)
    if over:
        # one column says how it ended, the other with whom it was
        words, late = state_of(line.document), False
    title = row((line.title, "quiet" if over else ""))
    lies = "" if over and line.where == words else line.where
    where = row((lies, "quiet")) if line.told or over else row((_("not told yet"), "warn"))
    if line.customer:
        title = row(title, "  ", (line.customer, "quiet"))
    return (
        row((line.key, "key")),
        row((line.number, "quiet")),
        title,
        where,
        row((words, "late" if late else "")),
        row(place_words(line, own)),
    )


def work_lines(line: WorkLine, at: int, width: int, own: bool = False) -> tuple[Row, Row]:
    """Return a line of open work as two: what and until when, then where it is."""
    words, late = times.left(line.due, at)
    if is_over(line.document):
        words, late = state_of(line.document), False
    place, tone = place_words(line, own)
    title = row((line.title, ""))
    if not line.told:
        title = row(title, "  ", (_("not told yet"), "warn"))
    first = ends(row((f"{line.key:<2}", "key"), "  ", title), row((words, "late" if late else "")), width)
    second = ends(row("    ", (f"{line.number}  {line.where}", "quiet")), row((place, tone)), width)
    return first, second


def _widest(lines: Sequence[tuple[Row, ...]]) -> list[int]:
    """Return what each column needs to hold the longest whole."""
    least = (2, 5, 12, 8, 8, 0)
    return [max([least[n], *(cells(line[n]) for line in lines)]) for n in range(len(least))]


def _columns(widest: Sequence[int], width: int) -> tuple[Column, ...]:
    """Return the columns: the clock and the place whole, where it lies gives way, titles take the rest."""
    key, number, title, where, clock, place = widest
    gaps = 2 * (5 if place else 4)
    room = width - key - number - clock - place - gaps
    where = min(where, max(8, room - title, room * 2 // 5))
    last = (Column(place),) if place else ()
    return (Column(key), Column(number), Column(0), Column(where), Column(clock), *last)
