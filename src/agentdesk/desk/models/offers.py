"""Offers on the screen: frozen once painted, their keys bound to the offer and never to its rank.

A list is ranked when a caller is first shown. Whatever changes later (verification, the line, the clock) changes a
row where it stands and marks it; nothing moves under the finger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agentdesk.desk import i18n, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.approvals import approved, approver_names
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Column, Row, ends, row, table, whole, wrap
from agentdesk.desk.models.rows import text as text_of
from agentdesk.desk.models.rows import width as cells_of
from agentdesk.desk.models.telling import legend, signed, signed_all, signs_in
from agentdesk.desk.models.warnings import warnings
from agentdesk.domain.offering.offers import Offer, assess, offers, time_limit

KEYS = "123456789"

LEAST = 20
"""Cells that a remark keeps beside long names."""
AIRY = 30
"""Lines from which offers stand apart."""


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One offer with its key; `rank` is where it stood when it was ranked, `changed` since it was painted."""

    key: str
    rank: int
    offer: Offer
    changed: bool = False

    @property
    def code(self) -> str:
        return self.offer.template.code


@dataclass(frozen=True, slots=True)
class Board:
    """The offers of one caller, frozen; `customer` and `line` are whom they were ranked for."""

    customer: str
    line: str | None
    lines: tuple[OfferLine, ...]

    def at(self, key: str) -> OfferLine | None:
        """Return the offer of a key."""
        return next((line for line in self.lines if line.key == key), None)

    def of(self, code: str) -> OfferLine | None:
        """Return the offer of a template."""
        return next((line for line in self.lines if line.code == code), None)


def ranked(facts: Facts) -> Board:
    """Return the offers of a caller, best first, each with its key."""
    case = facts.case
    if case is None:
        return Board("", None, ())
    found = offers(case, facts.catalogue, len(KEYS))
    lines = tuple(OfferLine(KEYS[index], index + 1, approved(offer, facts)) for index, offer in enumerate(found))
    return Board(case.customer.document.id, case.line.id if case.line else None, lines)


def refreshed(board: Board, facts: Facts) -> Board:
    """Return the same board as things are now: same rows, same keys, changes marked.

    Another customer or line is another board.
    """
    case = facts.case
    if case is None or board.customer != case.customer.document.id:
        return ranked(facts)
    if board.line != (case.line.id if case.line else None) or not board.lines:
        return ranked(facts)
    lines = []
    for line in board.lines:
        template = facts.catalogue.templates.get(line.code, line.offer.template)
        now = approved(assess(template, case, facts.catalogue), facts)
        differs = (now.status, now.amount, now.mode) != (line.offer.status, line.offer.amount, line.offer.mode)
        changed = line.changed or differs
        # where it stood and why was said when it was ranked
        now = replace(now, score=line.offer.score, because=line.offer.because)
        lines.append(replace(line, offer=now, changed=changed))
    return replace(board, lines=tuple(lines))


def settled(board: Board) -> Board:
    """Return a board whose marks have been seen."""
    return replace(board, lines=tuple(replace(line, changed=False) for line in board.lines))


def shown(board: Board) -> list[Mapping[str, object]]:
    """Return what is recorded of a painted list: code, rank, status, reason codes, amount in minor units."""
    return [
        {
            "code": line.code,
            "rank": line.rank,
            "status": line.offer.status,
            "reasons": [reason.code for reason in line.offer.reasons],
            "amount": line.offer.amount,
            **({"because": line.offer.because.code} if line.offer.because else {}),
        }
        for line in board.lines
    ]


def when(offer: Offer, facts: Facts) -> str:
    """Return by when an offer would be kept: a short time as a length, a longer one as the moment."""
    limit = time_limit(offer.template, facts.tier, facts.online)
    if limit.unit == "natural" and limit.amount <= 24 * 60:
        return times.span(limit.amount * times.MINUTE_MS) if limit.amount else _("at once")
    return times.moment(offer.due, facts.at)


def remark(offer: Offer, facts: Facts) -> tuple[str, str]:
    """Return what is to be said about an offer, and in which tone."""
    if offer.status == "available":
        if offer.mode == "later":
            return _("offline: {moment}").format(moment=times.moment(offer.due, facts.at)), "strong"
        if offer.because is not None and offer.because.code == "lead_matter":
            return why_offered(offer, facts), "quiet"
        return offer.template.note.say(i18n.language()), "quiet"
    words = signed_all(offer.reasons[:2], facts)
    if offer.status == "approve" and offer.approver:
        words = _("beyond your authority: {role} approves").format(role=approver_names(offer, facts))
    return words, "strong" if offer.status == "verify" else "quiet"


def why_offered(offer: Offer, facts: Facts) -> str:
    """Return why an offer stands on the list at all; nothing where only its own weight speaks for it."""
    return signed(offer.because, facts) if offer.because else ""


@dataclass(frozen=True, slots=True)
class Cut:
    """How a block of offers is set: its columns, or two and more lines for each."""

    columns: tuple[Column, ...]
    double: bool


def cut_of(board: Board, facts: Facts, width: int, most: int) -> Cut:
    """Return how offers are set in so many cells and lines below their heading.

    One line each, where it holds the longest remark whole; else two, where there is height; else the remark gives way.
    """
    names = max((cells_of(row(_name(line))) for line in board.lines), default=0)
    amounts = max((cells_of(_amount(line)) for line in board.lines), default=0)
    limits = max((cells_of(row(_when(line, facts))) for line in board.lines), default=0)
    remarks = max((cells_of(row(remark(line.offer, facts)[0])) for line in board.lines), default=0)
    limits = max(limits, cells_of(row(_("time limit"))))
    room = width - 2 - limits - (amounts + 2 if amounts else 0) - 6
    double = names + remarks > room and most >= 2 * len(board.lines)
    amount = (Column(amounts, True),) if amounts else ()
    if double:
        return Cut((Column(2), Column(0), *amount, Column(limits, True)), True)
    # a remark needs some room to say anything; a name is cut after that
    name = min(names, max(12, room - min(remarks, LEAST)))
    return Cut((Column(2), Column(name), *amount, Column(limits), Column(0)), False)


def offer_rows(board: Board, facts: Facts, width: int, most: int) -> list[Row]:
    """Return the lines of the offers, at most so many; what doesn't fit is counted in the last line."""
    cut = cut_of(board, facts, width, most)
    if cut.double:
        return _stacked(board, facts, cut, width, most)
    lines = board.lines
    hidden = len(lines) - most
    if hidden > 0:
        lines = lines[: most - 1]
    result = [table(cut.columns, (*_parts(line, facts, cut), row(remark(line.offer, facts))), width) for line in lines]
    if hidden > 0:
        result.append(row("    ", (_("{n} more").format(n=hidden + 1), "quiet"), "  ", ("m", "key")))
    return result


def _stacked(board: Board, facts: Facts, cut: Cut, width: int, most: int) -> list[Row]:
    """Return offers with what is to be said about each below it, whole where there is height."""
    blocks = [_block(line, facts, cut, width, 3) for line in board.lines]
    if sum(map(len, blocks)) > most:
        blocks = [_block(line, facts, cut, width, 1) for line in board.lines]
    # air between them, where there is plenty
    airy = sum(map(len, blocks)) + len(blocks) <= most and most >= AIRY
    return [line for block in blocks for line in (*block, *((EMPTY,) if airy else ()))][:most]


def _block(line: OfferLine, facts: Facts, cut: Cut, width: int, most: int) -> list[Row]:
    words, tone = remark(line.offer, facts)
    applies = line.offer.status != "inapplicable"
    said = wrap(words, width - 4, tone if applies else "quiet", most=most)
    why = row((why_offered(line.offer, facts), "quiet"))
    if why and not said:
        said = [why]
    elif why and text_of(why) != words and cells_of(said[-1]) + 6 + cells_of(why) <= width:
        said[-1] = ends(said[-1], why, width - 4)
    return [table(cut.columns, _parts(line, facts, cut), width), *(row("    ", part) for part in said)]


def _parts(line: OfferLine, facts: Facts, cut: Cut) -> tuple[Row, ...]:
    offer = line.offer
    applies, ready = offer.status != "inapplicable", offer.status == "available"
    amount = (row((text_of(_amount(line)), "strong" if ready else "")),)
    return (
        row((line.key, "key" if applies else "quiet"), ("*" if line.changed else " ", "mark")),
        row((_name(line), "strong" if ready else "" if applies else "quiet")),
        *(amount if _has_amount(cut) else ()),
        row((_when(line, facts), "" if ready else "quiet")),
    )


def _has_amount(cut: Cut) -> bool:
    return len(cut.columns) == (4 if cut.double else 5)


def _name(line: OfferLine) -> str:
    return line.offer.template.name.say(i18n.language())


def _amount(line: OfferLine) -> Row:
    offer = line.offer
    return row(wording.money(offer.amount)) if offer.amount and offer.status != "inapplicable" else EMPTY


def _when(line: OfferLine, facts: Facts) -> str:
    return when(line.offer, facts) if line.offer.status != "inapplicable" else "-"


def heading(board: Board, facts: Facts, width: int, most: int) -> Row:
    """Return the line above the offers; `most` are the lines below it."""
    cut = cut_of(board, facts, width, most)
    ready = sum(1 for line in board.lines if line.offer.status == "available")
    head = row((_("can be promised {n}").format(n=ready), "strong"))
    limit = row((_("time limit"), "quiet"))
    signs = _legend(board, facts, cut)
    if cut.double:
        return ends(whole([row("    ", head), signs], width - cells_of(limit) - 2, "   "), limit, width)
    amount = (EMPTY,) if _has_amount(cut) else ()
    room = width - sum(column.cells for column in cut.columns) - 2 * (len(cut.columns) - 1)
    about = whole([row((_("remark"), "quiet")), signs], room, "   ")
    return table(cut.columns, (EMPTY, head, *amount, limit, about), width)


def _legend(board: Board, facts: Facts, cut: Cut) -> Row:
    """Return what the signs beside the offers mean, where the card doesn't say it already."""
    said = [remark(line.offer, facts)[0] for line in board.lines]
    if cut.double:
        said += [why_offered(line.offer, facts) for line in board.lines]
    signs = signs_in(*said)
    return legend(signs, (warned.untold for warned in warnings(facts))) if signs else EMPTY
