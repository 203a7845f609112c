"""The hall in lines: who is expected and who waits, an appointment in full, the slip that a customer leaves with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.idle import MOST
from agentdesk.desk.models.rows import EMPTY, Column, Row, ends, pad, row, safe, table
from agentdesk.desk.models.sorts import name_of_sort, title_of
from agentdesk.desk.models.work import tail
from agentdesk.desk.terms.hall import APPOINTMENT_MOVES, APPOINTMENTS, BREACHES, PURPOSES
from agentdesk.domain.documents import Document, Key, due_of
from agentdesk.domain.language.text import mask_name
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.outlet.hall import HOME, Slot
from agentdesk.domain.profile.disclosure import may_tell

if TYPE_CHECKING:
    from agentdesk.desk.hall import HallQueue

LABEL = 12
WIDE = 100
SLIP_WIDTH = 48
SLIP_TYPES = ("commitment", "ticket", "service_order", "appointment", "remedy", "callback")


@dataclass(frozen=True, slots=True)
class Expected:
    """An appointment of the day, with the customer's masked name."""

    document: Document
    name: str


def queue_row(queue: HallQueue, now: int, width: int) -> Row:
    """Return who waits and how long, first of all: that is what a hall looks at."""
    waiting = len(queue.waiting)
    words = ngettext("{n} waits", "{n} wait", waiting).format(n=waiting)
    late = queue.longest(now) > 20 * times.MINUTE_MS
    longest = _("longest {span}").format(span=times.span(queue.longest(now))) if waiting else ""
    return ends(
        row((_("branch hall"), "strong")), row((words, ""), "  ", (longest, "late" if late else "quiet")), width
    )


def expected_rows(found: Sequence[Expected], at: int, width: int) -> list[Row]:
    """Return one line for each appointment: when, what for, who, where it stands."""
    wide = width >= WIDE
    columns = (
        Column(14 if wide else 13),
        Column(16 if wide else 14),
        Column(10),
        Column(14 if wide else 11),
        Column(0),
    )
    lines = []
    for each in found:
        data = each.document.data
        slot = int(data.get("slot") or 0)
        late = data.get("state") == "booked" and slot < at
        state = terms.term(APPOINTMENTS, data.get("state"))
        number = spoken(safe(data.get("number"), 20))
        lines.append(
            table(
                columns,
                (
                    row((times.moment(slot, at), "late" if late else "strong")),
                    row(terms.term(PURPOSES, data.get("purpose"))),
                    row(each.name),
                    row((state, "good" if data.get("state") == "arrived" else "quiet")),
                    row((where(each.document), "quiet"), ("  " + number if wide else "", "quiet")),
                ),
                width,
            )
        )
    return lines


def where(appointment: Document) -> str:
    """Return the place of an appointment."""
    data = appointment.data
    return _("at the customer's home") if data.get("where") == HOME else safe(data.get("place"), 30)


def appointment_rows(document: Document, at: int, width: int) -> list[Row]:
    """Return an appointment in full, with what was done about it."""
    data = document.data
    slot = int(data.get("slot") or 0)

    def line(label: str, words: str, tone: str = "") -> Row:
        return row(pad(row((label, "quiet")), LABEL), (words, tone))

    lines = [
        line(_("number"), spoken(safe(data.get("number"), 24)), "strong"),
        line(_("for"), terms.term(PURPOSES, data.get("purpose"))),
        line(_("when"), times.moment(slot, at), "strong"),
        line(_("where"), where(document)),
        line(_("state"), terms.term(APPOINTMENTS, data.get("state"))),
    ]
    if data.get("engineer"):
        lines.append(line(_("engineer"), safe(data["engineer"], 30)))
    if data.get("breach"):
        lines.append(line("", terms.term(BREACHES, data["breach"]), "late"))
    lines += [EMPTY, row((_("what was done"), "strong"))]
    for move in data.get("moves") or ():
        what = terms.term({**terms.MOVES, **APPOINTMENTS, **APPOINTMENT_MOVES}, move.get("what"))
        lines.append(
            row((times.moment(int(move.get("at") or 0), at), "quiet"), "  ", what, "  ", safe(move.get("text"), 40))
        )
    return lines


def slot_row(slot: Slot, at: int) -> Row:
    """Return a slot with what is free in it; a full one stays in sight."""
    words = f"{times.moment(slot.at, at)}-{times.clock(slot.end)}"
    if slot.free <= 0:
        return row((words, "quiet"), "  ", (_("full"), "warn"))
    return row((words, "strong"), "  ", (_("{n} free").format(n=slot.free), "quiet"))


def gathered(facts: Facts, contact: str) -> tuple[Document, ...]:
    """Return what was done in a contact, in the order of its making."""
    found = [d for d in facts.work if d.type in SLIP_TYPES and d.data.get("contact") == contact]
    found = [d for d in found if d.data.get("state") not in ("voided", "withdrawn", "cancelled")]
    return tuple(sorted(found, key=lambda d: d.data.get("at") or 0))


def slip_items(documents: Sequence[Document]) -> list[Mapping[str, str]]:
    """Return what a slip lists, as it is recorded."""
    return [{"type": d.type, "number": str(d.data.get("number") or ""), "title": title_of(d)} for d in documents]


def slip_text(facts: Facts, visit: Document, contact: str, clerk: str, hotline: str) -> str:
    """Return the slip: all that was done in one visit, filled in already; nothing internal stands on it."""
    customer, at = facts.customer, facts.at
    name = customer.name if customer is not None else ""
    known = may_tell("name", facts.level)
    lines = [
        _("receipt of what was done for you"),
        "=" * SLIP_WIDTH,
        _("number {number}").format(number=spoken(str(visit.data.get("number") or ""))),
        _("{moment}, served by {clerk}").format(moment=_dated(at), clerk=clerk),
        _("customer {name}").format(name=safe(name if known else mask_name(name), 30)),
    ]
    if facts.line is not None and facts.line.number:
        lines.append(_("line {line}").format(line=display(facts.line.number, masked=True)))
    lines.append("-" * SLIP_WIDTH)
    documents = gathered(facts, contact)
    for nth, document in enumerate(documents, 1):
        data = document.data
        lines.append(f"{nth}. {name_of_sort(document)}: {title_of(document)}")
        if data.get("number"):
            lines.append("   " + _("number {number}").format(number=spoken(str(data["number"]))))
        if document.type == "appointment":
            # he comes at that time, to that place: it is no limit
            lines.append(f"   {_dated(int(data.get('slot') or 0))}  {safe(data.get('place') or '', 40)}")
        elif data.get("due"):
            lines.append("   " + _("by {moment}").format(moment=_dated(int(data["due"]))))
    if not documents:
        lines.append(_("nothing was ordered or promised"))
    said = _("receipt no. {number} {what}")
    lines += [
        said.format(number=safe(receipt.get("number"), 40), what=safe(receipt.get("for") or "", 30))
        for receipt in visit.data.get("receipts") or ()
    ]
    lines += ["-" * SLIP_WIDTH, _("questions: {hotline}").format(hotline=hotline)]
    return "\n".join(lines)


def _dated(at: int) -> str:
    """Return an instant with its date: a slip is read on other days, too."""
    return f"{times.day(at)} {times.clock(at)}"


def plain(slip: str) -> str:
    """Return a slip as a text message: without the rules that divide paper."""
    return "\n".join(line for line in slip.splitlines() if line.strip("=-"))


def handing_rows(
    documents: Sequence[Document], names: Mapping[Key, str], kept: frozenset[str], at: int, width: int
) -> list[Row]:
    """Return what is due after the shift: what goes over, what stays, what is late."""
    columns = (Column(2), Column(5), Column(14), Column(0), Column(10), Column(16, True))
    width = min(width, MOST)
    lines = []
    for document in documents:
        words, late = times.left(due_of(document), at)
        stays = document.id in kept
        who = names.get(Key(document.scope, str(document.data.get("customer") or "")), "")
        lines.append(
            table(
                columns,
                (
                    row(("-" if stays else ">", "quiet" if stays else "key")),
                    row((tail(document.data.get("number")), "quiet")),
                    row((name_of_sort(document), "quiet")),
                    row((title_of(document), "quiet" if stays else "strong")),
                    row(who),
                    row((words, "late" if late else "quiet")),
                ),
                width,
            )
        )
    return lines
